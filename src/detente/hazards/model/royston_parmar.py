r"""A natural spline of the log cumulative hazard over the logarithm of the clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from detente.core.errors import DataError, InputError
from detente.hazards.model.baselines import Shape, Uncut

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RoystonParmar(Uncut):
    r"""Natural cubic spline of the log cumulative hazard (Royston and Parmar 2002).

    .. math:: \log H(t) = \eta + \gamma_1 x + \sum_j \gamma_{j+1} v_j(x), \qquad x = \log t

    With no inner knot this is the Weibull hazard of shape :math:`\gamma_1`. The basis is that of
    flexsurv's ``flexsurvspline(scale = "hazard")``, whose ``gamma0`` is the level here. It is
    not penalised: a knot for each five events or more is too many. The spline must rise at the
    events; elsewhere nothing holds it, so look at the fitted hazard. (Statistics in Medicine 21:
    2175-2197.)

    Parameters
    ----------
    inner
        How many inner knots, at equally spaced quantiles of the logarithms of the event times.
    knots
        All knots as times, the two outer ones first and last; ``None`` to take ``inner`` from the
        data, with the first and last event outside. A fit holds those it used.
    """

    inner: int = 2
    knots: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse impossible knots."""
        if self.inner < 0:
            raise InputError(f"the inner knots cannot be {self.inner} in number")
        if self.knots is None:
            return
        if len(self.knots) != self.inner + 2:
            raise InputError(f"{self.inner} inner knots and 2 outer ones, got {len(self.knots)}")
        if not all(a < b for a, b in pairwise((0.0, *self.knots, np.inf))):
            raise InputError(f"knots must be positive, finite and increasing, got {self.knots}")

    @property
    def shape_names(self) -> tuple[str, ...]:
        """Names of the slope and of the bend at each inner knot, as in flexsurv."""
        return tuple(f"gamma{j}" for j in range(1, self.inner + 2))

    @property
    def earliest(self) -> float:
        """Zero."""
        return 0.0

    @property
    def first_shape(self) -> Floats:
        """Start from a constant hazard."""
        return np.r_[1.0, np.zeros(self.inner)]

    def resolved(self, start: Floats, stop: Floats, event: Floats) -> RoystonParmar:
        """Baseline with knots: those given, or quantiles of the events."""
        if self.knots is not None:
            return self
        times = np.log(stop[event > 0])
        knots = np.exp(np.quantile(times, np.linspace(0.0, 1.0, self.inner + 2)))
        if not (np.diff(knots) > 0).all():
            raise DataError(f"the events fall at too few times for {self.inner} inner knots")
        return replace(self, knots=tuple(knots.tolist()))

    def evaluate(self, start: Floats, stop: Floats, shape: Floats) -> Shape:
        """Evaluate over intervals ``(start, stop]``, ``start >= 0``."""
        if self.knots is None:
            raise InputError("give the baseline its knots: the table is not at hand here")
        knots = np.log(np.array(self.knots))
        entered = start > 0
        basis0, _ = natural_basis(np.log(np.where(entered, start, 1.0)), knots)
        log_stop = np.log(stop)
        basis1, slopes = natural_basis(log_stop, knots)
        total0 = np.where(entered, np.exp(basis0 @ shape), 0.0)
        total1, rise = np.exp(basis1 @ shape), slopes @ shape

        def curvature(gained: Floats, risk: Floats) -> Floats:
            relative = slopes / rise[:, None]
            bent = basis1.T @ (basis1 * (risk * total1)[:, None])
            bent -= basis0.T @ (basis0 * (risk * total0)[:, None])
            return bent + relative.T @ (relative * gained[:, None])

        # A spline that falls has no hazard: the logarithm is not a number, the fit steps back.
        return Shape(
            basis1 @ shape + np.log(rise) - log_stop,
            basis1 + slopes / rise[:, None],
            total1 - total0,
            basis1 * total1[:, None] - basis0 * total0[:, None],
            curvature,
        )


def natural_basis(x: Floats, knots: Floats) -> tuple[Floats, Floats]:
    """Natural cubic basis at ``x`` without its constant, and its slopes, each ``(n, k)``."""
    share = (knots[-1] - knots[1:-1]) / (knots[-1] - knots[0])
    above = np.clip(x[:, None] - knots, 0.0, None)
    first, inner, last = above[:, :1], above[:, 1:-1], above[:, -1:]
    basis = inner**3 - share * first**3 - (1.0 - share) * last**3
    slope = 3.0 * (inner**2 - share * first**2 - (1.0 - share) * last**2)
    return np.column_stack([x, basis]), np.column_stack([np.ones_like(x), slope])
