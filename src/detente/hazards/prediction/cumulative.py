r"""Cumulative hazards that a fit predicts for given covariates, constant or along a path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from detente.core.errors import InputError
from detente.hazards.fitting.cox_baseline import CoxBaseline
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.inference.posterior import draw_posterior
from detente.hazards.model.baselines import Exponential
from detente.hazards.prediction.covariate_paths import At, Profile, profiles_of
from detente.hazards.prediction.steps import CumulativeHazards

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Derivatives of the hazards by the parameters take no more room than this many doubles.
_MOST_SLOPES = 2 * 10**8
_CROWD = 4


def cumulative_hazards(
    fit: HazardFit,
    at: At,
    *,
    times: Sequence[float] | Floats | None = None,
    transitions: Sequence[str] | None = None,
    entry: float = 0.0,
    variance: bool = True,
    grid: int = 400,
) -> CumulativeHazards:
    r"""Cumulative hazards of every transition at given covariates or along a path of them.

    Parametric: :math:`A_k(t) = \int_0^t h_k(u)\,e^{x_k(u)'b}\,du`, covariance by the delta method.
    Cox: :math:`A_k(t) = \int_0^t e^{x_k(u)'b}\,d\hat H_k(u)` with the covariance that survival's
    ``survfit.coxph`` and mstate's ``msfit`` print, that between transitions included.

    Parameters
    ----------
    fit
        A fit that converged.
    at
        Covariates: a mapping of values or a table of one row, for all transitions; a table with
        a column ``transition`` for one row each (mstate's ``newdata``); with ``start`` and
        ``stop`` a path, rows that follow each other without a gap, on the table's axis.
    times
        Times to include; nothing is computed after the last. Without Cox baselines it is needed
        unless a path ends.
    transitions
        Which, in this order; those of the fit if left out.
    entry
        When the state was entered, for transitions on the reset clock.
    variance
        Whether to keep what standard errors need.
    grid
        Steps of equal length to which continuous hazards are cut, at least.

    Returns
    -------
    CumulativeHazards
        Zero at 0 (at the start of the path; at ``entry`` with the reset clock alone).

    Raises
    ------
    InputError, DataError, FitError
        Covariates that are missing or were not fitted, a path with a gap, no end, a fit that did
        not converge.

    Notes
    -----
    Log frailties are zero: the prediction is for a cluster with frailty one.

    Examples
    --------
    >>> import polars as pl
    >>> from detente.hazards import (HazardSpec, Intervals, Transition, cumulative_hazards,
    ...     fit_hazards)
    >>> rows = pl.DataFrame({"id": [1, 2, 3, 4], "transition": ["a->b"] * 4,
    ...     "start": [0.0] * 4, "stop": [2.0, 3.0, 4.0, 1.0], "event": [1, 0, 1, 0]})
    >>> fit = fit_hazards(Intervals(rows), HazardSpec((Transition("a->b"),)))
    >>> made = cumulative_hazards(fit, {}, times=[5.0])  # 2 events in 10 units of time
    >>> made.at(5.0).round(3).tolist(), made.standard_errors[-1].round(3).tolist()
    ([[1.0]], [0.707])
    """
    profiles = profiles_of(fit, at, transitions, entry=entry)
    axis = _axis(profiles, times, grid, entry)
    used = _used(profiles)
    if variance and len(axis) * len(profiles) * len(used) > _MOST_SLOPES:
        raise InputError(
            f"standard errors at {len(axis)} times need the derivatives of {len(profiles)} hazards "
            f"by {len(used)} parameters: ask for fewer times with `times`, or variance=False"
        )
    made = [_evaluate(p, axis, fit.dense, used if variance else None) for p in profiles]
    return CumulativeHazards(
        times=axis[1:],
        transitions=tuple(p.name for p in profiles),
        values=np.cumsum(np.stack([m[0] for m in made], axis=1), axis=0),
        noise=_noise(profiles, axis, fit.dense) if variance else None,
        slopes=np.cumsum(np.stack([m[1] for m in made], axis=1), axis=0) if variance else None,
        parameters=fit.covariance[np.ix_(used, used)] if variance else None,
        smooth=np.array([p.smooth for p in profiles]),
        clocks=tuple(_clock(p) for p in profiles),
        origin=float(axis[0]),
    )


def drawn_hazards(
    fit: HazardFit,
    at: At,
    *,
    draws: int,
    seed: int,
    times: Sequence[float] | Floats | None = None,
    transitions: Sequence[str] | None = None,
    entry: float = 0.0,
    grid: int = 400,
) -> Iterator[CumulativeHazards]:
    r"""Cumulative hazards at draws of the posterior, one after the other.

    Coefficients and shapes come from :func:`draw_posterior`. A jump of a Cox baseline is drawn as
    :math:`dH^* = dH\, e^{-(b^* - b)'\bar x}\, G` with a gamma variable :math:`G` of mean 1 and
    variance :math:`d\mathrm{Var}(H)/dH^2`: the posterior under a gamma process prior that says
    nothing (Kalbfleisch 1978, JRSS B 40: 214-221), which never jumps down, and whose variance is,
    to first order, the one that :func:`cumulative_hazards` gives.

    Parameters
    ----------
    fit, at, times, transitions, entry, grid
        As in :func:`cumulative_hazards`.
    draws, seed
        How many, and the seed; draw ``i`` depends on no other.
    """
    profiles = profiles_of(fit, at, transitions, entry=entry)
    axis = _axis(profiles, times, grid, entry)
    for drawn in draw_profiles(fit, profiles, draws=draws, seed=seed):
        steps = [hazard_steps(p, axis, drawn[0]) for p in drawn[1]]
        yield CumulativeHazards(
            times=axis[1:],
            transitions=tuple(p.name for p in profiles),
            values=np.cumsum(np.stack(steps, axis=1), axis=0),
            noise=None,
            slopes=None,
            parameters=None,
            smooth=np.array([p.smooth for p in profiles]),
            clocks=tuple(_clock(p) for p in profiles),
            origin=float(axis[0]),
        )


def draw_profiles(
    fit: HazardFit, profiles: tuple[Profile, ...], *, draws: int, seed: int
) -> Iterator[tuple[Floats, tuple[Profile, ...]]]:
    """Dense parts of the posterior, with profiles whose Cox baselines are drawn to match."""
    for i, draw in enumerate(draw_posterior(fit, draws, seed=seed)):
        # A stream of its own: the first key of the posterior's is the seed, its second the draw.
        key = np.array([seed ^ 0xC0C5, i], dtype=np.uint64)
        rng = np.random.Generator(np.random.Philox(key=key))
        fresh: dict[int, CoxBaseline] = {}
        for profile in profiles:
            for base in profile.cox:
                if id(base) not in fresh:
                    fresh[id(base)] = _drawn(base, draw.dense - fit.dense, rng)
        yield (
            draw.dense,
            tuple(replace(p, cox=tuple(fresh[id(b)] for b in p.cox)) for p in profiles),
        )


def _drawn(base: CoxBaseline, moved: Floats, rng: np.random.Generator) -> CoxBaseline:
    shape = base.hazard**2 / base.variance
    centre = base.drift @ moved[base.columns] / base.hazard
    return replace(base, hazard=base.hazard * np.exp(-centre) * rng.gamma(shape) / shape)


def _clock(profile: Profile) -> str:
    """The clock; a constant hazard has none."""
    return "forward" if isinstance(profile.baseline, Exponential) else profile.clock


def _used(profiles: tuple[Profile, ...]) -> Ints:
    """Places of the dense part on which the hazards depend."""
    parts = [np.r_[p.columns, p.levels.ravel(), p.shapes] for p in profiles]
    parts += [base.columns for p in profiles for base in p.cox]
    return np.unique(np.concatenate(parts)).astype(np.int64)


def _axis(
    profiles: tuple[Profile, ...], times: Sequence[float] | Floats | None, grid: int, entry: float
) -> Floats:
    """Start and times at which hazards are evaluated."""
    asked = np.array([] if times is None else times, dtype=np.float64).ravel()
    if not np.isfinite(asked).all():
        raise InputError("the times must be finite")
    first = [float(p.edges[0]) for p in profiles if np.isfinite(p.edges[0])]
    jumps = [b.times + p.shift for p in profiles for b in p.cox]
    resets = all(p.clock == "reset" for p in profiles)
    low = min([entry if resets else 0.0, *(float(j.min()) for j in jumps if len(j))])
    if first and max(first) != min(first):
        raise InputError("the paths of the transitions must start at the same time")
    origin = first[0] if first else (entry if resets else low)
    end = min(float(p.edges[-1]) for p in profiles)
    smooth = any(p.smooth for p in profiles)
    if len(asked):
        if asked.max() > end:
            raise InputError(f"the path of covariates ends at {end:g}, before {asked.max():g}")
        end = float(asked.max())
    elif not np.isfinite(end):
        last = max((float(j.max()) for j in jumps if len(j)), default=np.nan)
        if smooth:
            raise InputError("continuous hazards have no last time: say how far with `times`")
        end = last
    if len(asked) and asked.min() < origin:
        raise InputError(f"the hazards start at {origin:g}, after the time {asked.min():g}")
    inner = [asked, *jumps, *(p.edges for p in profiles)]
    if smooth:
        even = np.linspace(0.0, 1.0, grid + 1)
        # Half of the points crowd at the start, where hazards may start from zero or infinity.
        inner += [origin + (end - origin) * part for part in (even[::2], even[::2] ** _CROWD)]
        inner += [np.array(p.baseline.cuts) + p.shift for p in profiles if p.smooth]
    points = np.unique(np.concatenate(inner))
    return np.r_[origin, points[(points > origin) & (points <= end)]]


def hazard_steps(profile: Profile, axis: Floats, dense: Floats) -> Floats:
    """Steps of a cumulative hazard over an axis that has its cuts, edges and jumps, ``(T,)``."""
    return _evaluate(profile, axis, dense, None)[0]


_Made = tuple[Floats, Floats]


def _evaluate(profile: Profile, axis: Floats, dense: Floats, used: Ints | None) -> _Made:
    """Steps of the hazard ``(T,)`` and of its derivatives by the used parameters ``(T, p)``."""
    if profile.smooth:
        return _smooth_steps(profile, axis, dense, used)
    return _jump_steps(profile, axis, dense, used)


def _stretch(profile: Profile, times: Floats) -> Ints:
    """Stretch that each time falls in; a time on an edge ends the stretch before it."""
    return np.searchsorted(profile.edges[1:-1], times, side="left").astype(np.int64)


def _cox_steps(profile: Profile, times: Floats) -> Iterator[tuple[Ints, Ints, int]]:
    """For each stretch: places among the times, places among the baseline's, the stretch."""
    within = _stretch(profile, times)
    for s, base in enumerate(profile.cox):
        mine = np.flatnonzero(within == s)
        at = np.searchsorted(base.times + profile.shift, times[mine])
        hit = at < len(base.times)
        hit[hit] = (base.times + profile.shift)[at[hit]] == times[mine][hit]
        yield mine[hit], at[hit].astype(np.int64), s


def _jump_steps(profile: Profile, axis: Floats, dense: Floats, used: Ints | None) -> _Made:
    times = axis[1:]
    steps = np.zeros(len(times))
    slopes = np.zeros((len(times), 0 if used is None else len(used)))
    ratio = np.exp(profile.eta(dense))
    for here, at, s in _cox_steps(profile, times):
        base = profile.cox[s]
        steps[here] = ratio[s] * base.hazard[at]
        if used is not None:
            slopes[np.ix_(here, np.searchsorted(used, base.columns))] -= ratio[s] * base.drift[at]
            slopes[np.ix_(here, np.searchsorted(used, profile.columns))] += (
                steps[here, None] * profile.x[s]
            )
    return steps, slopes


def _smooth_steps(profile: Profile, axis: Floats, dense: Floats, used: Ints | None) -> _Made:
    times = axis[1:]
    start, stop = axis[:-1] - profile.shift, times - profile.shift
    shape = profile.baseline.evaluate(
        np.maximum(start, profile.baseline.earliest), stop, dense[profile.shapes]
    )
    within = _stretch(profile, times)
    middle = (start + stop) / 2.0
    piece = np.searchsorted(np.array(profile.baseline.cuts), middle, side="right")
    level = profile.levels[within, piece]
    ratio = np.exp(profile.eta(dense)[within] + dense[level])
    steps = ratio * shape.cumulative
    if used is None:
        return steps, np.zeros((len(times), 0))
    slopes = np.zeros((len(times), len(used)))
    slopes[:, np.searchsorted(used, profile.columns)] += steps[:, None] * profile.x[within]
    slopes[np.arange(len(times)), np.searchsorted(used, level)] += steps
    slopes[:, np.searchsorted(used, profile.shapes)] += ratio[:, None] * shape.d_cumulative
    return steps, slopes


def _noise(profiles: tuple[Profile, ...], axis: Floats, dense: Floats) -> Floats | None:
    """Steps of the covariance that the events bring, shared by transitions of one stratum."""
    if all(p.smooth for p in profiles):
        return None
    times, m = axis[1:], len(profiles)
    noise = np.zeros((len(times), m, m))
    scale = np.zeros((len(times), m))
    owner = np.full((len(times), m), -1)
    strata: dict[tuple[str, object], int] = {}
    spread = np.zeros((len(times), m))
    for k, profile in enumerate(profiles):
        ratio = np.exp(profile.eta(dense))
        for here, at, s in _cox_steps(profile, times):
            base = profile.cox[s]
            scale[here, k], spread[here, k] = ratio[s], base.variance[at]
            owner[here, k] = strata.setdefault((base.stratum, base.level), len(strata))
    for k in range(m):
        for j in range(m):
            shared = (owner[:, k] == owner[:, j]) & (owner[:, k] >= 0)
            noise[:, k, j] = np.where(shared, scale[:, k] * scale[:, j] * spread[:, k], 0.0)
    return noise
