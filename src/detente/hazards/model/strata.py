"""Who is at risk at each time of an event, for transitions without a parametric baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError, FitError
from detente.hazards.model.baselines import Cox, Ties
from detente.hazards.model.blocks import Block
from detente.hazards.model.spec import HazardSpec

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]

# Times on a clock are differences, so equal ones may differ by rounding: those closer than this
# share of their mean are one time (survival's `timefix` takes the same).
_SAME_TIME = float(np.sqrt(np.finfo(np.float64).eps))
# Numbers in the table of means over the risk sets, 8 bytes each.
_LARGEST = 1_000_000_000
# A column that varies by less than this share of its mean is constant.
_CONSTANT = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class Stratum:
    """Transitions with one baseline: times of their events, and the rows at risk at each.

    Parameters
    ----------
    name
        The stratum's name; of a lone transition, its own.
    ties
        How events at the same time are taken.
    blocks
        Places of its transitions among the blocks of the design.
    levels
        Values of the column that divides it further, ``(None,)`` if there is none.
    edges
        Times of level ``l`` are ``times[edges[l]:edges[l + 1]]``, ``(levels + 1,)``.
    times
        Distinct times of events, increasing within a level, ``(m,)``.
    closes, opens
        The last and the first time of each level, ``(m,)``.
    happened
        Rows of each block that end with the event.
    first, last
        For each block: a row is at risk at ``times[first:last]``, ``(n,)`` each.
    columns, centre
        Places in the dense part that its covariates and effects have, in order, ``(q,)``, and
        what was taken off each covariate, ``(q,)``.
    local
        For each block, the places of its covariates in ``columns``, ``(p,)``.
    time_of, share, weight
        Terms of the likelihood, ``(s,)``: the time, the share of those who have an event there
        that is left out of the risk set, the weight. Breslow: one for each time, share 0.
    """

    name: str
    ties: Ties
    blocks: tuple[int, ...]
    levels: tuple[Any, ...]
    edges: Ints
    times: Floats
    closes: NDArray[np.bool_]
    opens: NDArray[np.bool_]
    happened: tuple[Ints, ...]
    first: tuple[Places, ...]
    last: tuple[Places, ...]
    columns: Ints
    centre: Floats
    local: tuple[Ints, ...]
    time_of: Ints
    share: Floats
    weight: Floats


@dataclass(frozen=True, slots=True, eq=False)
class AtRisk:
    """Rows of one transition: times at risk, event, weight and level, each ``(n,)``."""

    start: Floats
    stop: Floats
    event: Floats
    weight: Floats
    level: Ints


def _distinct(stop: Floats) -> tuple[Floats, float]:
    """Distinct times in order, and how far apart two may be and yet be the same."""
    if not len(stop):
        return np.zeros(0), 0.0
    times = np.unique(stop)
    near = _SAME_TIME * float(np.abs(times).mean())
    return times[np.diff(times, prepend=-np.inf) > near], near


def risk_sets(
    rows: Sequence[AtRisk], levels: int
) -> tuple[Floats, Ints, tuple[Places, ...], tuple[Places, ...]]:
    """Distinct event times with the edges of their levels, and for each block first and last."""
    found = [np.empty(len(r.stop), dtype=np.int32) for r in rows]
    until = [np.empty(len(r.stop), dtype=np.int32) for r in rows]
    parts: list[Floats] = []
    edges = np.zeros(levels + 1, dtype=np.int64)
    members = [_by_level(r.level, levels) for r in rows]
    for level in range(levels):
        mine = [m[level] for m in members]
        happened = [r.stop[i][r.event[i] > 0] for r, i in zip(rows, mine, strict=True)]
        times, near = _distinct(np.concatenate(happened))
        for r, i, f, u in zip(rows, mine, found, until, strict=True):
            f[i] = edges[level] + np.searchsorted(times, r.start[i] + near, side="right")
            u[i] = edges[level] + np.searchsorted(times, r.stop[i] + near, side="right")
        parts.append(times)
        edges[level + 1] = edges[level] + len(times)
    return np.concatenate(parts), edges, tuple(found), tuple(until)


def _by_level(level: Ints, levels: int) -> list[Any]:
    if levels == 1:
        return [slice(None)]
    order = np.argsort(level, kind="stable")
    return np.split(order, np.searchsorted(level[order], np.arange(1, levels)))


def tie_terms(
    ties: Ties, rows: Sequence[AtRisk], last: Sequence[Places], m: int
) -> tuple[Ints, Floats, Floats]:
    """Time, share and weight of the terms of the likelihood."""
    at = np.concatenate([u[r.event > 0] for r, u in zip(rows, last, strict=True)]).astype(np.int64)
    weight = np.concatenate([r.weight[r.event > 0] for r in rows])
    total, count = np.bincount(at - 1, weight, m), np.bincount(at - 1, minlength=m)
    total = total.astype(np.float64, copy=False)
    if ties == "breslow":
        return np.arange(m), np.zeros(m), total
    time_of = np.repeat(np.arange(m), count)
    turn = np.arange(len(time_of)) - np.repeat(np.cumsum(count) - count, count)
    return time_of, turn / count[time_of], (total / count)[time_of]


def check_memory(name: str, times: int, columns: int) -> None:
    """Refuse a table of means over risk sets that no machine holds."""
    if times * columns > _LARGEST:
        raise FitError(
            f"the stratum {name!r} has {times} times of events and {columns} coefficients with the "
            "levels of its effects: too many to hold at once; use a piecewise baseline"
        )


def strata_of(spec: HazardSpec) -> dict[str, list[int]]:
    """Transitions with a Cox baseline by the stratum that they share, by number."""
    groups: dict[str, list[int]] = {}
    for b, transition in enumerate(spec.transitions):
        if isinstance(transition.baseline, Cox):
            groups.setdefault(transition.baseline.stratum or transition.name, []).append(b)
    return groups


def build_stratum(
    name: str, group: list[int], blocks: list[Block], tables: list[pl.DataFrame]
) -> Stratum:
    """Risk sets of the transitions of a stratum; puts their rows in order and centres them."""
    baseline = blocks[group[0]].baseline
    assert isinstance(baseline, Cox)
    levels, level = _strata_levels(name, baseline, tables)
    rows = [
        AtRisk(b.start, b.stop, b.event, b.weight, v)
        for b, v in zip((blocks[g] for g in group), level, strict=True)
    ]
    times, edges, first, last = risk_sets(rows, len(levels))
    time_of, share, weight = tie_terms(baseline.ties, rows, last, len(times))
    opens, closes = np.zeros((2, len(times)), dtype=np.bool_)
    some = np.flatnonzero(np.diff(edges))
    opens[edges[some]], closes[edges[some + 1] - 1] = True, True
    used = [np.concatenate([blocks[b].columns, *blocks[b].effects]) for b in group]
    columns = np.unique(np.concatenate(used))
    check_memory(name, len(times), len(columns))
    order = [np.argsort(u, kind="stable") for u in last]
    for b, o in zip(group, order, strict=True):
        blocks[b] = _reordered(blocks[b], o)
    return Stratum(
        name=name,
        ties=baseline.ties,
        blocks=tuple(group),
        levels=levels,
        edges=edges,
        times=times,
        closes=closes,
        opens=opens,
        happened=tuple(np.flatnonzero(blocks[b].event) for b in group),
        first=tuple(f[o] for f, o in zip(first, order, strict=True)),
        last=tuple(u[o] for u, o in zip(last, order, strict=True)),
        columns=columns,
        centre=_centre(blocks, group, columns),
        local=tuple(np.searchsorted(columns, blocks[b].columns) for b in group),
        time_of=time_of,
        share=share,
        weight=weight,
    )


def _strata_levels(
    name: str, baseline: Cox, tables: list[pl.DataFrame]
) -> tuple[tuple[Any, ...], list[Ints]]:
    if baseline.by is None:
        return (None,), [np.zeros(t.height, dtype=np.int64) for t in tables]
    if any(baseline.by not in t.columns or t[baseline.by].null_count() for t in tables):
        raise DataError(f"{name!r}: {baseline.by!r} is missing or has nulls")
    values = pl.concat([t[baseline.by] for t in tables])
    levels, index = values.unique().sort(), values.rank("dense").to_numpy().astype(np.int64) - 1
    ends = np.cumsum([t.height for t in tables])[:-1]
    return tuple(levels.to_list()), list(np.split(index, ends))


def _reordered(block: Block, order: Ints) -> Block:
    x = block.x[order]
    fields = ("start", "stop", "event", "weight", "offset", "rows")
    moved = {f: getattr(block, f)[order] for f in fields}
    return replace(block, x=x, effects=tuple(e[order] for e in block.effects), **moved)


def _centre(blocks: list[Block], group: list[int], columns: Ints) -> Floats:
    """Centre columns that all rows of a stratum have: it changes nothing but the rounding."""
    mine = [blocks[b] for b in group]
    local = [np.searchsorted(columns, b.columns) for b in mine]
    total, owners = np.zeros(len(columns)), np.zeros(len(columns))
    for block, places in zip(mine, local, strict=True):
        total[places] += block.x.sum(axis=0)
        owners[places] += 1
    mean = np.where(owners == len(mine), total / sum(len(b.event) for b in mine), 0.0)
    span = np.zeros(len(columns))
    for block, places in zip(mine, local, strict=True):
        np.subtract(block.x, mean[places], out=block.x)
        ends = np.maximum(block.x.max(axis=0), -block.x.min(axis=0))
        span[places] = np.maximum(span[places], ends)
    for block, places in zip(mine, local, strict=True):
        # What rounding leaves of a constant column is no information.
        block.x[:, span[places] <= _CONSTANT * np.abs(mean[places])] = 0.0
    return mean
