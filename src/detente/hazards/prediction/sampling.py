r"""Exact sampling of paths of a fitted model, whatever its clocks, along a path of covariates.

From each state every transition out of it gets a time at which its cumulative hazard since then has
grown by a standard exponential variable; the first happens (Gill and Johansen 1990, Annals of
Statistics 18: 1501-1555, for the product integral it is drawn from). A jump :math:`dA` of a Cox
baseline happens with probability :math:`dA`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import InputError, UnknownNameError
from detente.hazards.data.moves import Moves
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.model.baselines import Baseline, Exponential, Piecewise, Weibull
from detente.hazards.prediction.covariate_paths import At, Profile, check_reach, profiles_of
from detente.hazards.prediction.cumulative import draw_profiles

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_T = TypeVar("_T", np.float64, np.int64)

# Halvings of an interval of time: a double has no more digits.
_HALVINGS = 60
# A jump of a hazard this close to one, or above it, takes everybody.
_SURE = 1.0 - 1e-15
_MOST_MOVES = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class SampledPaths:
    """Paths of a multi-state process.

    ``when`` and ``state`` ``(N, K)`` are the times at which states are entered (the first is
    ``start``) and their places in ``states``; unused places hold infinity and -1. ``draw``
    ``(N,)`` is the draw of the parameters, 0 for the estimates themselves.
    """

    states: tuple[str, ...]
    start: float
    end: float
    when: Floats
    state: Ints
    draw: Ints

    def occupancy(self, times: Sequence[float] | Floats) -> Floats:
        """Share of the paths in each state at given times, ``(len(times), S)``."""
        return self.occupancy_by_draw(times).mean(axis=0)

    def occupancy_by_draw(self, times: Sequence[float] | Floats) -> Floats:
        """Share of the paths of each draw in each state, ``(D, len(times), S)``."""
        asked = np.asarray(times, dtype=np.float64).ravel()
        if not ((asked >= self.start) & (asked <= self.end)).all():
            raise InputError(f"the paths reach from {self.start:g} to {self.end:g}")
        draws = int(self.draw.max()) + 1
        size = np.bincount(self.draw, minlength=draws)[:, None]
        out = np.empty((draws, len(asked), len(self.states)))
        for t, time in enumerate(asked):
            now = self.state[np.arange(len(self.state)), (self.when <= time).sum(axis=1) - 1]
            place = self.draw * len(self.states) + now
            counts = np.bincount(place, minlength=draws * len(self.states))
            out[:, t] = counts.reshape(draws, -1) / size
        return out

    def first_passage(self, state: str) -> Floats:
        """Time at which each path first enters a state, infinity if it does not, ``(N,)``."""
        if state not in self.states:
            raise UnknownNameError("state", state, self.states)
        there = self.state == self.states.index(state)
        return np.where(there, self.when, np.inf).min(axis=1)

    def stays(self, until: float | None = None) -> Floats:
        """Time that each path spends in each state up to a time (default: the end), ``(N, S)``."""
        end = self.end if until is None else min(until, self.end)
        left = np.minimum(np.c_[self.when[:, 1:], np.full(len(self.when), np.inf)], end)
        spent = np.where(self.state >= 0, left - np.minimum(self.when, end), 0.0)
        out = np.zeros((len(self.when), len(self.states)))
        for s in range(len(self.states)):
            out[:, s] = np.where(self.state == s, spent, 0.0).sum(axis=1)
        return out

    def table(self) -> pl.DataFrame:
        """Long table: path, draw, time, state entered."""
        path, place = np.nonzero(self.state >= 0)
        return pl.DataFrame(
            {
                "path": path,
                "draw": self.draw[path],
                "time": self.when[path, place],
                "state": np.array(self.states)[self.state[path, place]],
            }
        )


def sample_paths(
    fit: HazardFit,
    moves: Moves,
    at: At,
    *,
    paths: int,
    seed: int,
    end: float,
    from_state: str,
    start: float = 0.0,
    entry: float | None = None,
    draws: int | None = None,
) -> SampledPaths:
    """Sample paths of a fitted model exactly, event by event.

    The quick way for units that do not touch each other; `detente.futures.fitted_system` is the
    one for several units at once, paired arms and interventions.

    Parameters
    ----------
    fit, moves
        A fit with a hazard for every move.
    at
        Covariates, constant or along a path, as in :func:`cumulative_hazards`.
    paths
        How many (for each draw).
    seed
        From 0 to 2**64 - 1; the same seed gives the same paths.
    end
        Until when; a path of covariates must reach so far.
    from_state, start, entry
        The state at ``start``, and since when it has been held (default: since ``start``).
    draws
        Draws of the posterior of the parameters, as in :func:`drawn_hazards`; the estimates if
        left out.

    Raises
    ------
    InputError
        A path of covariates that does not reach from ``start`` to ``end``, impossible numbers.

    Notes
    -----
    Two transitions of Cox type whose hazards jump at the same time jump independently.
    """
    entry = start if entry is None else float(entry)
    if from_state not in moves.states:
        raise UnknownNameError("state", from_state, moves.states)
    if not (np.isfinite([start, end, entry]).all() and entry <= start < end) or paths < 1:
        raise InputError("paths must be positive and entry <= start < end, all finite")
    if not 0 <= seed < 2**64:
        raise InputError(f"the seed must be in [0, 2**64), got {seed}")
    profiles = profiles_of(fit, at, moves.names)
    check_reach(profiles, start, end)
    several = [(fit.dense, profiles)]
    if draws is not None:
        several = list(draw_profiles(fit, profiles, draws=draws, seed=seed))
    made: list[tuple[Floats, Ints]] = []
    for i, (dense, own) in enumerate(several):
        key = np.array([seed ^ 0x9A7F, i], dtype=np.uint64)
        rng = np.random.Generator(np.random.Philox(key=key))
        first = (moves.states.index(from_state), start, entry)
        made.append(_sample(own, moves, dense, rng, paths, first, end))
    width = max(when.shape[1] for when, _ in made)
    return SampledPaths(
        states=moves.states,
        start=float(start),
        end=float(end),
        when=_together([when for when, _ in made], width, np.inf),
        state=_together([state for _, state in made], width, -1),
        draw=np.repeat(np.arange(len(made)), paths),
    )


def _together(parts: list[NDArray[_T]], width: int, fill: float) -> NDArray[_T]:
    """Rows of all parts, filled up to a width."""
    if len(parts) == 1:
        return parts[0]
    out = np.full((sum(map(len, parts)), width), fill, dtype=parts[0].dtype)
    place = 0
    for part in parts:
        out[place : place + len(part), : part.shape[1]] = part
        place += len(part)
    return out


def _sample(
    profiles: tuple[Profile, ...],
    moves: Moves,
    dense: Floats,
    rng: np.random.Generator,
    paths: int,
    first: tuple[int, float, float],
    end: float,
) -> tuple[Floats, Ints]:
    """Times and states entered, ``(paths, K)``."""
    state = np.full(paths, first[0], dtype=np.int64)
    now, since = np.full(paths, first[1]), np.full(paths, first[2])
    when, entered = [now.copy()], [state.copy()]
    active = np.arange(paths)
    place = {s: i for i, s in enumerate(moves.states)}
    for _ in range(_MOST_MOVES):
        best, target = np.full(len(active), np.inf), np.full(len(active), -1, dtype=np.int64)
        for profile, (origin, to) in zip(profiles, moves.arrows, strict=True):
            own = np.flatnonzero(state[active] == place[origin])
            if not len(own):
                continue
            rows = active[own]
            wait = rng.standard_exponential(len(rows))
            since_own = since[rows] if profile.clock == "reset" else np.zeros(len(rows))
            time = _first_event(profile, dense, now[rows], since_own, wait, end)
            # Jumps at the same time: either may be the first.
            tied = (time == best[own]) & np.isfinite(time)
            wins = (time < best[own]) | (tied & (rng.random(len(rows)) < 0.5))
            best[own[wins]], target[own[wins]] = time[wins], place[to]
        moved = np.isfinite(best)
        active = active[moved]
        if not len(active):
            return np.stack(when, axis=1), np.stack(entered, axis=1)
        now[active] = since[active] = best[moved]
        state[active] = target[moved]
        when.append(np.full(paths, np.inf))
        entered.append(np.full(paths, -1, dtype=np.int64))
        when[-1][active], entered[-1][active] = best[moved], target[moved]
    raise InputError(f"a path moves more than {_MOST_MOVES} times before {end:g}")


def _first_event(
    profile: Profile, dense: Floats, now: Floats, since: Floats, wait: Floats, end: float
) -> Floats:
    """Time at which the cumulative hazard since ``now`` reaches ``wait``; infinity if not."""
    out = np.full(len(now), np.inf)
    left = wait.copy()
    ratio = np.exp(profile.eta(dense))
    for s in range(len(ratio)):
        low, high = max(float(profile.edges[s]), -np.inf), min(float(profile.edges[s + 1]), end)
        if high <= now.min() or low >= end:
            continue
        a, b = np.maximum(now, low), np.full(len(now), high)
        if profile.cox:
            _jumps(profile, s, float(ratio[s]), a, b, since, left, out)
            continue
        cuts = np.r_[-np.inf, profile.baseline.cuts, np.inf]
        for p in range(len(cuts) - 1):
            level = float(ratio[s] * np.exp(dense[profile.levels[s, p]]))
            from_, until = np.maximum(a - since, cuts[p]), np.minimum(b - since, cuts[p + 1])
            _flows(profile.baseline, dense[profile.shapes], level, from_, until, since, left, out)
    return out


def _jumps(
    profile: Profile, s: int, ratio: float, a: Floats, b: Floats, since: Floats, left: Floats,
    out: Floats,
) -> None:  # fmt: skip
    """Use up ``left`` over the jumps in ``(a, b]``; write the times of those that fire."""
    base = profile.cox[s]
    total = np.r_[0.0, np.cumsum(-np.log1p(-np.minimum(ratio * base.hazard, _SURE)))]
    open_ = np.isinf(out) & (a < b)
    first = np.searchsorted(base.times, a - since, side="right")
    last = np.searchsorted(base.times, b - since, side="right")
    reach = total[first] + left
    at = np.searchsorted(total[1:], reach, side="left")
    fires = open_ & (at < last)
    out[fires] = base.times[at[fires]] + since[fires]
    left[open_] -= (total[np.maximum(last, first)] - total[first])[open_]


def _flows(
    baseline: Baseline, shape: Floats, level: float, a: Floats, b: Floats, since: Floats,
    left: Floats, out: Floats,
) -> None:  # fmt: skip
    """Use up ``left`` over times on the clock in ``(a, b]``; write the times that are reached."""
    rows = np.flatnonzero(np.isinf(out) & (a < b))
    if not len(rows):
        return
    grown = level * baseline.evaluate(a[rows], b[rows], shape).cumulative
    fires = grown >= left[rows]
    hit = rows[fires]
    if len(hit):
        out[hit] = since[hit] + _inverse(baseline, shape, a[hit], b[hit], left[hit] / level)
    left[rows] -= grown


def _inverse(baseline: Baseline, shape: Floats, a: Floats, b: Floats, rise: Floats) -> Floats:
    """Time on the clock at which the baseline of unit level has risen so much since ``a``."""
    if isinstance(baseline, Exponential | Piecewise):
        return np.minimum(a + rise, b)
    if isinstance(baseline, Weibull):
        power = np.exp(shape[0])
        return np.minimum((np.maximum(a, 0.0) ** power + rise) ** (1.0 / power), b)
    low, high = a.copy(), b.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        above = baseline.evaluate(a, middle, shape).cumulative >= rise
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    return high
