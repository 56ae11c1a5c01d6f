"""The nuclear tail by arm: a difference in crises, times a rate that the arms share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaincinv

from detente.assessments.nuclear import NuclearPosterior, require


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean over draws and their central interval, outside which a skewed mean may lie."""

    mean: float
    lo: float
    hi: float


@dataclass(frozen=True, slots=True)
class NuclearDifference:
    """Difference in expected events between two arms: in crises, times the common rate.

    ``crises`` is the difference in crises with its central interval over the draws, and
    ``crises_reference`` the crises in the reference.
    """

    prior: str
    arm: str
    reference: str
    crises: Spread
    crises_reference: Spread
    value: float
    lo: float
    hi: float
    level: float
    statement: str


def compare_arms(
    per_crisis: NuclearPosterior,
    *,
    arm: str,
    reference: str,
    crises: npt.ArrayLike,
    crises_reference: npt.ArrayLike,
    level: float = 0.9,
    within: str = "within the horizon",
) -> NuclearDifference:
    """Return the difference in expected events between two arms.

    The arms share the rate per crisis: nothing here says that a meeting changes it.

    Parameters
    ----------
    per_crisis
        Posterior in the unit "crises between nuclear states".
    arm, reference
        Names of the arms.
    crises, crises_reference
        Expected crises between nuclear states within the horizon: one number each, or one for
        each posterior draw of the model, shape (D,), draw by draw the same parameters.
    level
        Level of the interval, over draws and rate, taken as independent.
    within
        How the statement names the horizon.

    Raises
    ------
    DataError
        If the posterior is in another unit, or the two arrays do not match.
    """
    unit = per_crisis.exposure.unit
    require(
        unit == "crises between nuclear states", f"compare_arms wants a rate per crisis, not {unit}"
    )
    one = np.atleast_1d(np.asarray(crises, dtype=float))
    other = np.atleast_1d(np.asarray(crises_reference, dtype=float))
    require(one.shape == other.shape and one.ndim == 1, "crises: expected two arrays of shape (D,)")
    finite = bool(np.isfinite(one).all() and np.isfinite(other).all())
    require(finite, "crises: expected finite numbers")
    require(0 < level < 1, f"level = {level}: expected between 0 and 1")
    difference = one - other
    lo, hi = _product_interval(per_crisis, difference, level)
    apart, base = _spread(difference, level), _spread(other, level)
    told = _in_words(apart, level)
    return NuclearDifference(
        prior=per_crisis.prior.id,
        arm=arm,
        reference=reference,
        crises=apart,
        crises_reference=base,
        value=apart.mean * per_crisis.mean,
        lo=lo,
        hi=hi,
        level=level,
        statement=(
            f"The arms share one rate per crisis: with {arm} the model expects, {within}, {told} "
            f"than the {_short(base.mean)} with {reference}, and the difference in the tail is "
            f"that number times a rate of which {per_crisis.prior.name} sets the scale; no event "
            "was ever seen to estimate it from."
        ),
    )


_RATE_POINTS = 400
"""Equal-probability points of the rate: the interval's ends move by under 1% beyond that."""


def _product_interval(
    rate: NuclearPosterior, difference: npt.NDArray[np.float64], level: float
) -> tuple[float, float]:
    """Return the central interval of (difference in crises) x (rate), taken as independent."""
    tail = (1 - level) / 2
    if difference.size == 1:
        ends = [float(difference[0]) * rate.quantile(q) for q in (tail, 1 - tail)]
        return min(ends), max(ends)
    levels = (np.arange(_RATE_POINTS) + 0.5) / _RATE_POINTS
    rates = np.asarray(gammaincinv(rate.a, levels), dtype=float) / rate.b
    products = np.outer(difference, rates).ravel()
    lo, hi = np.quantile(products, [tail, 1 - tail])
    return float(lo), float(hi)


def _spread(values: npt.NDArray[np.float64], level: float) -> Spread:
    lo, hi = (float(q) for q in np.quantile(values, [(1 - level) / 2, (1 + level) / 2]))
    return Spread(float(values.mean()), lo, hi)


def _in_words(crises: Spread, level: float) -> str:
    """Write a difference in crises with its interval, where the draws differ."""
    told = f"{_side(crises.mean)} crises between nuclear states"
    if crises.lo == crises.hi:
        return told
    holds = "includes" if crises.lo <= 0.0 <= crises.hi else "excludes"
    return (
        f"{told} ({100 * level:.6g}% interval: {_side(crises.lo)} to {_side(crises.hi)}, which "
        f"{holds} zero)"
    )


def _side(value: float) -> str:
    if value == 0.0:
        return "no fewer and no more"
    return f"{_short(abs(value))} {'more' if value > 0 else 'fewer'}"


def _short(value: float) -> str:
    return f"{value:.2g}" if value < 100 else f"{value:,.0f}"
