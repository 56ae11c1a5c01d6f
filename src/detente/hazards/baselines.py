r"""Baseline hazards: how the intensity of a transition varies with the time on its clock.

A baseline gives, for an interval :math:`(t_0, t_1]` at risk, the log hazard at the exit and the
cumulative hazard, up to the level, which is a coefficient of the design like any other. Its shape
parameters (none for the exponential and the piecewise constant) are fitted with the coefficients,
so both need first and second derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from detente.core.errors import InputError

Floats = NDArray[np.float64]
Scale = float | Literal["estimate"]


def check_scale(name: str, sd: Scale) -> None:
    """Refuse a standard deviation that is neither positive and finite nor ``"estimate"``."""
    if sd == "estimate" or (not isinstance(sd, str) and 0 < sd < float("inf")):
        return
    raise InputError(f'{name} must be a positive number or "estimate", got {sd!r}')


class Shape(NamedTuple):
    """Log hazard at exit and cumulative hazard with derivatives by the shape, each ``(n,)``."""

    log_hazard: Floats
    d_log_hazard: Floats
    d2_log_hazard: Floats
    cumulative: Floats
    d_cumulative: Floats
    d2_cumulative: Floats


class Baseline(Protocol):
    """What the fit asks of a baseline."""

    @property
    def shape_names(self) -> tuple[str, ...]:
        """Names of the shape parameters (at most one)."""
        ...

    @property
    def cuts(self) -> tuple[float, ...]:
        """Times on the clock at which intervals are split and the level may change."""
        ...

    def evaluate(self, start: Floats, stop: Floats, shape: float) -> Shape:
        """Evaluate the baseline of unit level over intervals ``(start, stop]``."""
        ...


def _constant(start: Floats, stop: Floats) -> Shape:
    zero = np.zeros_like(stop)
    return Shape(zero, zero, zero, stop - start, zero, zero)


@dataclass(frozen=True, slots=True)
class Exponential:
    """Constant hazard."""

    @property
    def shape_names(self) -> tuple[str, ...]:
        """No shape parameter."""
        return ()

    @property
    def cuts(self) -> tuple[float, ...]:
        """No cut."""
        return ()

    def evaluate(self, start: Floats, stop: Floats, shape: float) -> Shape:
        """Evaluate over intervals; ``shape`` is not used."""
        return _constant(start, stop)


@dataclass(frozen=True, slots=True)
class Piecewise:
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

    @property
    def shape_names(self) -> tuple[str, ...]:
        """No shape parameter."""
        return ()

    def evaluate(self, start: Floats, stop: Floats, shape: float) -> Shape:
        """Evaluate over intervals that do not cross a cut; ``shape`` is not used."""
        return _constant(start, stop)


@dataclass(frozen=True, slots=True)
class Weibull:
    r"""Weibull hazard :math:`h(t) = a\, t^{a-1} e^{\eta}` with ``shape`` :math:`= \log a`."""

    @property
    def shape_names(self) -> tuple[str, ...]:
        """One shape parameter, on the log scale."""
        return ("log shape",)

    @property
    def cuts(self) -> tuple[float, ...]:
        """No cut."""
        return ()

    def evaluate(self, start: Floats, stop: Floats, shape: float) -> Shape:
        """Evaluate over intervals ``(start, stop]``, ``start >= 0``."""
        a = np.exp(shape)
        log1 = np.log(stop)
        log0 = np.log(np.where(start > 0, start, 1.0))
        power1, power0 = stop**a, np.where(start > 0, start, 0.0) ** a
        first = power1 * log1 - power0 * log0
        second = power1 * log1**2 - power0 * log0**2
        return Shape(
            log_hazard=shape + (a - 1.0) * log1,
            d_log_hazard=1.0 + a * log1,
            d2_log_hazard=a * log1,
            cumulative=power1 - power0,
            d_cumulative=a * first,
            d2_cumulative=a * first + a**2 * second,
        )
