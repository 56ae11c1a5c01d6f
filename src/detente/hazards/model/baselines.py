r"""Baseline hazards: how the intensity of a transition varies with the time on its clock.

A baseline gives, for an interval :math:`(t_0, t_1]` at risk, the log hazard at the exit and the
cumulative hazard, up to the level, which is a coefficient of the design like any other. Its shape
parameters (none for the exponential and the piecewise constant) are fitted with the coefficients,
so both need first and second derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import factorial
from typing import Literal, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from detente.core.errors import InputError

Floats = NDArray[np.float64]
Scale = float | Literal["estimate"]
Ties = Literal["breslow", "efron"]


def check_scale(name: str, sd: Scale) -> None:
    """Refuse a standard deviation that is neither positive and finite nor ``"estimate"``."""
    if sd == "estimate" or (not isinstance(sd, str) and 0 < sd < float("inf")):
        return
    raise InputError(f'{name} must be a positive number or "estimate", got {sd!r}')


class Shape(NamedTuple):
    """Log hazard at exit and cumulative hazard ``(n,)``, derivatives by the shape ``(n, k)``.

    ``curvature`` takes weights of the log hazards and of the cumulative hazards, each ``(n,)``,
    and gives the second derivatives of the second sum less those of the first, ``(k, k)``.
    """

    log_hazard: Floats
    d_log_hazard: Floats
    cumulative: Floats
    d_cumulative: Floats
    curvature: Callable[[Floats, Floats], Floats]


class Bends(NamedTuple):
    """How many of the last shape parameters have a prior, and its standard deviation."""

    number: int
    sd: Scale


class Baseline(Protocol):
    """What the fit asks of a baseline."""

    @property
    def shape_names(self) -> tuple[str, ...]:
        """Names of the ``k`` shape parameters."""
        ...

    @property
    def cuts(self) -> tuple[float, ...]:
        """Times on the clock at which intervals are split and the level may change."""
        ...

    @property
    def earliest(self) -> float:
        """Earliest time on the clock that the baseline knows."""
        ...

    @property
    def first_shape(self) -> Floats:
        """Shape ``(k,)`` to start from."""
        ...

    @property
    def bends(self) -> Bends | None:
        """Shape parameters with a normal prior of mean zero, if any."""
        ...

    def resolved(self, start: Floats, stop: Floats, event: Floats) -> Baseline:
        """Baseline with whatever it takes from the data: knots, a span."""
        ...

    def evaluate(self, start: Floats, stop: Floats, shape: Floats) -> Shape:
        """Evaluate the baseline of unit level and shape ``(k,)`` over ``(start, stop]``."""
        ...


class Plain:
    """What most baselines answer: no shape, any time, nothing from the data."""

    __slots__ = ()

    @property
    def shape_names(self) -> tuple[str, ...]:
        """No shape parameter."""
        return ()

    @property
    def earliest(self) -> float:
        """Any time."""
        return -np.inf

    @property
    def first_shape(self) -> Floats:
        """Zero."""
        return np.zeros(len(self.shape_names))

    @property
    def bends(self) -> Bends | None:
        """No prior."""
        return None

    def resolved(self, start: Floats, stop: Floats, event: Floats) -> Self:
        """Nothing to take from the data."""
        return self


class Uncut(Plain):
    """A baseline of one piece."""

    __slots__ = ()

    @property
    def cuts(self) -> tuple[float, ...]:
        """No cut."""
        return ()


def _constant(start: Floats, stop: Floats) -> Shape:
    none = np.zeros((len(stop), 0))
    return Shape(np.zeros_like(stop), none, stop - start, none, lambda _, __: np.zeros((0, 0)))


def _one_shape(
    log_hazard: Floats,
    first: tuple[Floats, Floats],
    cumulative: Floats,
    second: tuple[Floats, Floats],
) -> Shape:
    """Shape of one parameter; ``first`` and ``second`` are of log and of cumulative hazard."""

    def curvature(gained: Floats, risk: Floats) -> Floats:
        return np.array([[risk @ second[1] - gained @ second[0]]])

    return Shape(log_hazard, first[0][:, None], cumulative, first[1][:, None], curvature)


@dataclass(frozen=True, slots=True)
class Exponential(Uncut):
    """Constant hazard."""

    def evaluate(self, start: Floats, stop: Floats, shape: Floats) -> Shape:
        """Evaluate over intervals; ``shape`` is not used."""
        return _constant(start, stop)


@dataclass(frozen=True, slots=True)
class Piecewise(Plain):
    r"""Piecewise constant hazard, levels of neighbouring pieces pulled together if ``smooth``.

    The penalty is a Gaussian random walk on the log levels,
    :math:`\alpha_{j+1} - \alpha_j \sim N(0, \sigma^2)`.

    Parameters
    ----------
    cuts
        Increasing times on the clock, all above zero; ``len(cuts) + 1`` pieces. An event at a cut
        belongs to the piece that ends there.
    smooth
        The standard deviation of the walk, ``"estimate"`` to fit it, ``None`` for no penalty.
    by
        A column of the table with few values; each value has levels of its own.
    """

    cuts: tuple[float, ...] = ()
    smooth: Scale | None = None
    by: str | None = None

    def __post_init__(self) -> None:
        """Refuse cuts out of order and an impossible standard deviation."""
        edges = (0.0, *self.cuts, float("inf"))
        if not all(a < b for a, b in pairwise(edges)):
            raise InputError(f"cuts must be positive, finite and increasing, got {self.cuts}")
        if self.smooth is not None:
            check_scale("Piecewise.smooth", self.smooth)

    def evaluate(self, start: Floats, stop: Floats, shape: Floats) -> Shape:
        """Evaluate over intervals that do not cross a cut; ``shape`` is not used."""
        return _constant(start, stop)


@dataclass(frozen=True, slots=True)
class Weibull(Uncut):
    r"""Weibull hazard :math:`h(t) = a\, t^{a-1} e^{\eta}` with ``log shape`` :math:`= \log a`.

    Transitions whose baselines name the same ``common`` have one shape, so that their hazards are
    proportional; with none, a transition has one of its own.
    """

    common: str | None = None

    @property
    def shape_names(self) -> tuple[str, ...]:
        """One shape parameter, on the log scale."""
        return ("log shape",)

    @property
    def earliest(self) -> float:
        """Zero."""
        return 0.0

    def evaluate(self, start: Floats, stop: Floats, shape: Floats) -> Shape:
        """Evaluate over intervals ``(start, stop]``, ``start >= 0``."""
        a = np.exp(shape[0])
        log1 = np.log(stop)
        log0 = np.log(np.where(start > 0, start, 1.0))
        power1, power0 = stop**a, np.where(start > 0, start, 0.0) ** a
        first = power1 * log1 - power0 * log0
        second = power1 * log1**2 - power0 * log0**2
        return _one_shape(
            shape[0] + (a - 1.0) * log1,
            (1.0 + a * log1, a * first),
            power1 - power0,
            (a * log1, a * first + a**2 * second),
        )


@dataclass(frozen=True, slots=True)
class Gompertz(Uncut):
    r"""Gompertz hazard :math:`h(t) = e^{bt} e^{\eta}`, ``shape`` :math:`= b` of either sign.

    The parametrisation is flexsurv's: ``rate`` there is :math:`e^{\eta}`. With a negative shape
    the cumulative hazard is bounded and some units never make the transition. ``common`` is as for
    the Weibull.
    """

    common: str | None = None

    @property
    def shape_names(self) -> tuple[str, ...]:
        """One shape parameter, per unit of time."""
        return ("shape",)

    def evaluate(self, start: Floats, stop: Floats, shape: Floats) -> Shape:
        r"""Evaluate over intervals, by the moments :math:`\int t^j e^{bt} dt` over each."""
        b, width, zero = float(shape[0]), stop - start, np.zeros_like(stop)
        flat, lean, bend = _exponential_moments(b * width)
        at_start = np.exp(b * start) * width
        first = at_start * (start * flat + width * lean)
        second = at_start * (start**2 * flat + 2.0 * start * width * lean + width**2 * bend)
        return _one_shape(b * stop, (stop, first), at_start * flat, (zero, second))


# Below this the recursion between the moments cancels; the series has converged by its end.
_SERIES_BELOW, _SERIES_TERMS = 1.0, 20


def _exponential_moments(z: Floats) -> tuple[Floats, Floats, Floats]:
    r"""Moments :math:`\int_0^1 s^j e^{zs} ds` for ``j`` of 0, 1, 2, each ``(n,)``."""
    small = np.abs(z) < _SERIES_BELOW
    series = np.zeros((3, len(z)))
    near = np.where(small, z, 0.0)
    for k in range(_SERIES_TERMS, -1, -1):
        series *= near
        for j in range(3):
            series[j] += 1.0 / (factorial(k) * (k + j + 1))
    if small.all():
        return series[0], series[1], series[2]
    far = np.where(small, 1.0, z)
    top = np.exp(far)
    flat = np.expm1(far) / far
    lean = (top - flat) / far
    bend = (top - 2.0 * lean) / far
    flat, lean, bend = (
        np.where(small, s, m) for s, m in zip(series, (flat, lean, bend), strict=True)
    )
    return flat, lean, bend


@dataclass(frozen=True, slots=True)
class Cox(Uncut):
    r"""No assumption on the hazard: Cox's partial likelihood.

    Parameters
    ----------
    ties
        Events at the same time: ``"breslow"`` or ``"efron"``.
    stratum
        Transitions that name the same stratum share one baseline hazard, so that their ratio is a
        covariate like any other; with none, a transition has one of its own.
    by
        A column; each of its values has a baseline of its own.
    """

    ties: Ties = "breslow"
    stratum: str | None = None
    by: str | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown treatment of ties."""
        if self.ties not in ("breslow", "efron"):
            raise InputError(f'ties are taken as "breslow" or "efron", not {self.ties!r}')

    def evaluate(self, start: Floats, stop: Floats, shape: Floats) -> Shape:
        """Refuse: there is no form to evaluate before it is fitted."""
        raise InputError("a Cox baseline has no parametric form: see `HazardFit.cox`")
