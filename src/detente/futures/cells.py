r"""Cells of time on which a fitted hazard is held constant.

A cell has the hazard that gives its rise of the cumulative hazard, so at the edges of the cells
every cumulative hazard, and every probability of staying, is that of the fit. Inside a cell of
width :math:`w` the cumulative hazard is off by at most :math:`w^2 \max |h'| / 8`, beside a Cox
baseline by what rises in the cell. On the calendar a jump has a narrow cell of its own, which a
change of time makes as wide as any; on a clock it is spread to halfway to its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from detente.core.errors import InputError
from detente.hazards.model.baselines import Exponential, Piecewise
from detente.hazards.prediction.covariate_paths import Profile
from detente.hazards.prediction.cumulative import hazard_steps

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A jump of one or more takes all but this share of those at risk.
_LEFT = 1e-4
# Points of the grid on which a hazard is looked at, for each cell; half of them crowd at the start.
_FINE, _CROWD = 4, 4
# A step whose hazard rises by more is divided: the simulator proposes events at the highest rate
# that is still to come.
_STEEP = 0.05
# For the same reason cells of a clock are not so narrow that more events than this are proposed.
_MOST_PROPOSED = 250.0
# A jump of the calendar is spread over this share of the time since the last.
_NARROW = 1e-3
# Times within this share of a step are on its edge.
_ON_EDGE = 1e-7


def constant(profile: Profile) -> bool:
    """Whether the hazard depends on no clock."""
    return isinstance(profile.baseline, Exponential) or profile.baseline == Piecewise()


def rises(profile: Profile, edges: Floats, dense: Floats) -> Floats:
    """Rise of the cumulative hazard in each cell; a jump dA counts as -log(1 - dA)."""
    jumps = [b.times + profile.shift for b in profile.cox]
    cuts = np.array([] if profile.cox else profile.baseline.cuts) + profile.shift
    inner = np.concatenate([*jumps, cuts, profile.edges])
    axis = np.unique(np.r_[edges, inner[(inner > edges[0]) & (inner < edges[-1])]])
    steps = np.maximum(hazard_steps(profile, axis, dense), 0.0)
    if profile.cox:
        steps = -np.log1p(-np.minimum(steps, 1.0 - _LEFT))
    return np.add.reduceat(steps, np.searchsorted(axis, edges[:-1]))


def breaks(profiles: Sequence[Profile], start: float, end: float) -> Floats:
    """Times after the start at which covariates or the levels of a calendar step, ``(n,)``."""
    parts = [p.edges for p in profiles]
    parts += [
        np.array(p.baseline.cuts)
        for p in profiles
        if p.clock == "forward" and isinstance(p.baseline, Piecewise)
    ]
    every = np.unique(np.concatenate(parts))
    return every[(every > start) & (every < end)]


def calendar_cells(
    profiles: Sequence[Profile], dense: Floats, start: float, end: float, steps: int
) -> tuple[Floats, Ints]:
    """Edges of cells of any width, and into how many steps each is divided.

    They fall at breaks, at every jump where there are few, else at quantiles: half by the
    chances of the event that the fit sees pass, half by time.
    """
    edges = np.unique(np.r_[start, breaks(profiles, start, end), end])
    bent = [p for p in profiles if not (constant(p) or isinstance(p.baseline, Piecewise))]
    if not bent:
        return edges, np.ones(len(edges) - 1, dtype=np.int64)
    jumps = _jumps(bent, start, end)
    edges = np.union1d(edges, _quantiles(bent, dense, start, end, steps, jumps))
    narrow = edges[1:] - _NARROW * np.diff(edges)
    edges = np.union1d(edges, narrow[np.isin(edges[1:], jumps)])
    rise = np.max([rises(p, edges, dense) for p in profiles], axis=0)
    steep = max(_STEEP, 2.0 * float(rise.mean()))
    parts = np.maximum(np.ceil(rise / steep), 1.0).astype(np.int64)
    # The cell of a jump rises evenly in its steps; others become as many cells.
    alone = np.isin(edges[1:], jumps)
    split = np.where(alone, 1, parts)
    return divided(edges, split), np.repeat(np.where(alone, parts, 1), split)


def divided(edges: Floats, parts: Ints) -> Floats:
    """Edges with every cell divided into equal parts."""
    pieces = zip(edges[:-1], edges[1:], parts, strict=True)
    inner = [a + (b - a) * np.arange(n) / n for a, b, n in pieces]
    return np.concatenate([*inner, edges[-1:]], dtype=np.float64)


def even_cells(
    profiles: Sequence[Profile], start: float, end: float, steps: int, *, fill: bool
) -> Floats:
    """Edges of the fewest cells of one width that meet every break; ``steps`` of them to fill.

    Raises
    ------
    InputError
        No such cells.
    """
    places = breaks(profiles, start, end) - start
    widest = end - start if not len(places) else float(np.diff(places, prepend=0.0).min())
    for parts in range(1, steps + 1):
        width = widest / parts
        number = int(np.ceil((end - start) / width - _ON_EDGE))
        if number > steps:
            break
        if np.abs(places / width - np.round(places / width)).max(initial=0.0) < _ON_EDGE:
            finer = max(1, int(steps * width / (end - start) + _ON_EDGE)) if fill else 1
            number = int(np.ceil((end - start) / (width / finer) - _ON_EDGE))
            return start + (width / finer) * np.arange(number + 1, dtype=np.float64)
    raise InputError(
        "beside a reset clock, or with `even`, steps have one length, covariates change at their "
        f"edges, and {steps} steps do not meet the {len(places)} times at which they change: round "
        "those times, raise `steps`, or use `sample_paths`"
    )


def clock_cells(profile: Profile, dense: Floats, ratio: float, oldest: float, steps: int) -> Floats:
    """Edges from 0 to the oldest age; ``ratio`` is the highest of the covariates to the profile."""
    cuts = np.array([] if profile.cox else profile.baseline.cuts)
    edges = np.r_[0.0, cuts[cuts < oldest], oldest]
    if isinstance(profile.baseline, Piecewise):
        return edges
    jumps = _jumps([profile], 0.0, oldest)
    made = _quantiles([profile], dense, 0.0, oldest, steps, jumps)
    later = np.r_[jumps, 2.0 * jumps[-1:] - np.r_[0.0, jumps][-2:-1]][1:]
    halfway = np.minimum((jumps + later) / 2.0, oldest)
    at = np.flatnonzero(np.isin(made, jumps))
    made[at] = halfway[np.searchsorted(jumps, made[at])]
    edges = np.union1d(edges, made)
    rise = ratio * rises(profile, edges, dense)
    highest = max(_MOST_PROPOSED, 4.0 * float(rise.sum())) / oldest
    kept: list[tuple[float, float]] = []  # where a cell ends, what rises in it
    for right, own in zip(edges[1:].tolist(), rise.tolist(), strict=True):
        kept.append((right, own))
        while len(kept) > 1 and _too_high(kept, highest):
            (_, before), (end, last) = kept[-2:]
            kept[-2:] = [(end, before + last)]
    return np.array([0.0, *(right for right, _ in kept)])


def _too_high(kept: list[tuple[float, float]], highest: float) -> bool:
    """Whether one of the last two cells has too high a rate."""
    left = kept[-3][0] if len(kept) > 2 else 0.0
    (middle, before), (right, last) = kept[-2:]
    return before > highest * (middle - left) or last > highest * (right - middle)


def _jumps(profiles: Sequence[Profile], low: float, high: float) -> Floats:
    """Times between two at which hazards jump."""
    every = np.concatenate([b.times + p.shift for p in profiles for b in p.cox] or [np.empty(0)])
    return np.unique(every[(every > low) & (every < high)])


def _quantiles(
    profiles: Sequence[Profile],
    dense: Floats,
    low: float,
    high: float,
    steps: int,
    jumps: Floats,
) -> Floats:
    """Quantiles of chances of the event and of time, half and half; at jumps if there are any."""
    even = np.linspace(0.0, 1.0, _FINE * steps + 1)
    spread = [low + (high - low) * part for part in (even, even**_CROWD)]
    axis = np.unique(np.concatenate([*spread, jumps, [low, high]]))
    axis = axis[(axis >= low) & (axis <= high)]
    share = np.zeros(len(axis))
    for profile in profiles:
        gone = np.cumsum(-np.expm1(-rises(profile, axis, dense)))
        if gone[-1] > 0:
            share[1:] += gone / gone[-1]
    share /= max(share[-1], 1.0)
    both = (share + (axis - low) / (high - low)) / 2.0
    edges = np.interp(np.linspace(0.0, both[-1], steps + 1), both, axis)
    if len(jumps) > steps:
        edges = jumps[np.minimum(np.searchsorted(jumps, edges), len(jumps) - 1)]
    elif len(jumps):
        edges = np.r_[edges, jumps] if any(p.smooth for p in profiles) else jumps
    return np.unique(np.r_[low, edges, high])
