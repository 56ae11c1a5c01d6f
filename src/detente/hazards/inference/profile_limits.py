"""Intervals from the likelihood itself: values that a likelihood-ratio test does not refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import root_scalar
from scipy.stats import chi2

from detente.core.errors import FitError, InputError, UnknownNameError
from detente.hazards.data.intervals import Intervals
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.fitting.gamma_frailty import best_log_sd, log_sd_slope, marginal_gain
from detente.hazards.fitting.newton import Point, Prior
from detente.hazards.fitting.scales import (
    SD_RANGE,
    Scales,
    cumulative_by_frailty,
    events_by_frailty,
    prior_of,
)
from detente.hazards.fitting.settle import VARIANCE_UPDATES, settled_mode
from detente.hazards.inference.posterior import design_of
from detente.hazards.model.design import Design

Floats = NDArray[np.float64]

# Newton's steps, and the gain below which a maximum is sharp enough, as in the fit.
_LIMIT, _GAIN = 200, 1e-13
# Updates of the log scale of a gamma frailty: the likelihood is flat there to its square.
_SCALE_UPDATES, _SCALE_TOLERANCE = 60, 1e-5
# An end is sought up to this many standard errors away; further out it is infinite.
_FURTHEST = 1e4
# How sharp an end is, in standard errors.
_END_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class ProfileInterval:
    """Estimate and likelihood-ratio interval of one coefficient; an open end is infinite."""

    name: str
    estimate: float
    low: float
    high: float
    level: float


def profile_interval(
    fit: HazardFit, intervals: Intervals, name: str, *, level: float = 0.95
) -> ProfileInterval:
    r"""Profile-likelihood interval of one coefficient.

    It holds the values :math:`\theta_j` with
    :math:`2 \{\max \ell - \max_{\theta_{-j}} \ell\} < \chi^2_1(\mathrm{level})`, the penalised
    log-likelihood where the model has priors (Firth's among them: Heinze and Schemper 2001) and
    the one integrated over frailties. An estimated gamma frailty is estimated anew at every value,
    but beside a Cox baseline; other scales are held.

    Parameters
    ----------
    fit, intervals
        A fit that converged and the intervals it was made from.
    name
        A coefficient of ``fit.names``; levels and shapes of baselines too.
    level
        Between 0 and 1.

    Raises
    ------
    InputError, UnknownNameError, DataError, FitError
        An impossible level; an unknown coefficient; other intervals than those of the fit; a fit
        that did not converge, or does not with the coefficient held.

    Examples
    --------
    >>> import polars as pl
    >>> from detente.hazards import HazardSpec, Transition, fit_hazards
    >>> rows = pl.DataFrame({"id": [1, 2, 3, 4], "transition": ["a->b"] * 4,
    ...     "start": [0.0] * 4, "stop": [2.0, 3.0, 4.0, 1.0], "event": [1, 0, 1, 0]})
    >>> fit = fit_hazards(Intervals(rows), HazardSpec((Transition("a->b"),)))
    >>> found = profile_interval(fit, Intervals(rows), fit.names[0])
    >>> [round(float(np.exp(x)), 3) for x in (found.low, found.estimate, found.high)]
    [0.033, 0.2, 0.618]
    """
    if not 0 < level < 1:
        raise InputError(f"the level is between 0 and 1, got {level}")
    if name not in fit.names:
        raise UnknownNameError("coefficient", name, fit.names)
    if fit.status != "converged":
        raise FitError(f"no profile of a fit that did not converge: its status is {fit.status!r}")
    place, (estimate, error) = fit.names.index(name), fit[name]
    lost = _profile(fit, design_of(fit, intervals), place)
    allowed = float(np.sqrt(chi2.ppf(level, 1)))
    low, high = (end_of(lost, estimate, side * error, allowed) for side in (-1.0, 1.0))
    return ProfileInterval(name, estimate, low, high, level)


def _profile(fit: HazardFit, design: Design, place: int) -> Callable[[float], float]:
    """Root of twice the log-likelihood lost by holding a coefficient at a value."""
    prior, frailty = prior_of(design, fit.scales), design.spec.frailty
    shift = 0.5 * fit.frailty_variance if prior.gamma else 0.0
    still = np.zeros_like(fit.frailty) if prior.gamma else fit.frailty_variance
    apart = slice(design.eliminated)  # joint frailties are in the dense part
    point, scales = Point(fit.dense, (fit.frailty + shift)[apart], still[apart]), fit.scales
    again = None
    if frailty is not None and frailty.name in fit.scale_errors and not design.joint:
        again = frailty.name
    # The mode itself by the same path, so that its rounding and that of the rest agree.
    top, point, scales = _best_scale(design, point, scales, place, again)

    def lost(value: float) -> float:
        nonlocal point, scales
        dense = point.dense.copy()
        dense[place] = value
        there = replace(point, dense=dense)
        here, point, scales = _best_scale(design, there, scales, place, again)
        return float(np.sqrt(max(2.0 * (top - here), 0.0)))

    return lost


def _best_scale(
    design: Design, start: Point, scales: Scales, place: int, again: str | None
) -> tuple[float, Point, Scales]:
    """Maximum with a coefficient held, over the scale of a gamma frailty too if it is named."""
    point, tried = start, list[tuple[float, float]]()
    while True:
        prior = replace(prior_of(design, scales), held=(place,))
        value, point = _maximum(design, point, prior)
        if again is None:
            return value, point, scales
        events, log_sd = events_by_frailty(design), float(np.log(scales[again]))
        cumulative = cumulative_by_frailty(design, point, scales)
        tried.append((log_sd, log_sd_slope(events, cumulative, log_sd)))
        low, high = (float(b) for b in np.log(SD_RANGE))
        fresh = _secant(tried)
        if fresh is None:
            fresh = best_log_sd(events, cumulative, (low, high))
        fresh = min(max(fresh, low), high)
        if abs(fresh - log_sd) < _SCALE_TOLERANCE:
            return value + marginal_gain(events, prior.frailty), point, scales
        if len(tried) == _SCALE_UPDATES:
            raise FitError(
                f"the profile did not converge (scales not settled): the sd of {again!r} still "
                f"moves at {scales[again]:.3g}; fix it"
            )
        scales = scales | {again: float(np.exp(fresh))}


def _secant(tried: list[tuple[float, float]]) -> float | None:
    """Where the slope vanishes by the last two, if it falls from one to the other."""
    if len(tried) < 2:
        return None
    (x0, y0), (x1, y1) = tried[-2:]
    bend = (y1 - y0) / (x1 - x0)
    return x1 - y1 / bend if bend < 0 else None


def _maximum(design: Design, start: Point, prior: Prior) -> tuple[float, Point]:
    """Largest penalised log-likelihood, and where it is, with the coefficient held."""
    ended, _, settled, _ = settled_mode(
        design, start, prior, gain=_GAIN, limit=_LIMIT, updates=VARIANCE_UPDATES
    )
    if ended.status != "converged":
        raise FitError(
            f"the profile did not converge ({ended.status}): the other coefficients have no "
            "maximum; drop some, add a ridge or set firth"
        )
    if not settled:
        raise FitError(
            "the profile did not converge (variances not settled): the frailties have too little "
            "to hold them; fix a smaller sd"
        )
    return ended.penalised + _spread_gain(ended.point.variance, prior), ended.point


def _spread_gain(variance: Floats, prior: Prior) -> float:
    """What the spread of normal frailties adds to the bound on the integrated log-likelihood."""
    if prior.gamma or not len(variance):
        return 0.0
    relative = prior.frailty * variance
    return 0.5 * float(np.sum(np.log(relative) + 1.0 - relative))


def end_of(lost: Callable[[float], float], estimate: float, step: float, allowed: float) -> float:
    """Where the root of the loss passes what is allowed, away from the estimate."""
    near, far = 0.0, allowed
    while lost(estimate + far * step) < allowed:
        near, far = far, 2.0 * far
        if far > _FURTHEST:
            return float(np.copysign(np.inf, step))

    def excess(share: float) -> float:
        return lost(estimate + share * step) - allowed

    found = root_scalar(excess, bracket=(near, far), method="brentq", xtol=_END_TOLERANCE)
    return estimate + float(found.root) * step
