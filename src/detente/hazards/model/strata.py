"""Who is at risk at each time of an event, for transitions without a parametric baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numba as nb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError, FitError
from detente.hazards.model.baselines import Cox, Ties
from detente.hazards.model.blocks import Block
from detente.hazards.model.rows import Rows
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
    """Rows of one transition by level and stop: times at risk, weight and level, each ``(n,)``.

    ``happened`` are the places of those that end with the event.
    """

    start: Floats
    stop: Floats
    weight: Floats
    level: Ints
    happened: Ints


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _distinct(stop: Floats) -> tuple[Floats, float]:
    """Distinct times of those in order, and how far apart two may be and yet be the same."""
    times = np.empty(len(stop))
    total, n = 0.0, 0
    for i in range(len(stop)):
        if i == 0 or stop[i] > stop[i - 1]:
            times[n] = stop[i]
            total += abs(stop[i])
            n += 1
    near = _SAME_TIME * total / max(n, 1)
    kept = 0
    last = -np.inf
    for i in range(n):
        one = times[i]
        if one - last > near:
            times[kept] = one
            kept += 1
        last = one
    return times[:kept], near


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _count_until(times: Floats, at: Floats, near: float, before: int, count: Places) -> None:
    """``before`` and the number of times that are up to ``near`` past each of ``at``, ``(n,)``."""
    m, k = len(times), 0
    for i in range(len(at)):
        end = at[i] + near
        # Rows come in order, or start together: mostly the last answer holds.
        if (k > 0 and end < times[k - 1]) or (k < m and times[k] <= end):
            k = np.searchsorted(times, end, side="right")
        count[i] = before + k


def risk_sets(
    rows: Sequence[AtRisk], levels: int
) -> tuple[Floats, Ints, tuple[Places, ...], tuple[Places, ...]]:
    """Distinct event times with the edges of their levels, and for each block first and last."""
    found = [np.empty(len(r.stop), dtype=np.int32) for r in rows]
    until = [np.empty(len(r.stop), dtype=np.int32) for r in rows]
    parts: list[Floats] = []
    edges = np.zeros(levels + 1, dtype=np.int64)
    bounds = [np.searchsorted(r.level, np.arange(levels + 1)) for r in rows]
    ends = [r.stop[r.happened] for r in rows]
    places = [np.searchsorted(r.level[r.happened], np.arange(levels + 1)) for r in rows]
    for level in range(levels):
        happened = [e[p[level] : p[level + 1]] for e, p in zip(ends, places, strict=True)]
        times, near = _distinct(np.sort(np.concatenate(happened)))
        for r, b, f, u in zip(rows, bounds, found, until, strict=True):
            mine = slice(b[level], b[level + 1])
            _count_until(times, r.start[mine], near, edges[level], f[mine])
            _count_until(times, r.stop[mine], near, edges[level], u[mine])
        parts.append(times)
        edges[level + 1] = edges[level] + len(times)
    return np.concatenate(parts), edges, tuple(found), tuple(until)


def tie_terms(
    ties: Ties, rows: Sequence[AtRisk], last: Sequence[Places], m: int
) -> tuple[Ints, Floats, Floats]:
    """Time, share and weight of the terms of the likelihood."""
    at = np.concatenate([u[r.happened] for r, u in zip(rows, last, strict=True)]).astype(np.int64)
    weight = np.concatenate([r.weight[r.happened] for r in rows])
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


def build_stratum(name: str, group: list[int], blocks: list[Block], tables: list[Rows]) -> Stratum:
    """Risk sets of the transitions of a stratum; puts their rows in order and centres them."""
    baseline = blocks[group[0]].baseline
    assert isinstance(baseline, Cox)
    levels, level = _strata_levels(name, baseline, tables)
    rows: list[AtRisk] = []
    for b, values in zip(group, level, strict=True):
        stop = blocks[b].stop
        order = np.lexsort((stop, values)) if len(levels) > 1 else np.argsort(stop)
        blocks[b] = one = _reordered(blocks[b], order)
        happened = np.flatnonzero(one.event)
        rows.append(AtRisk(one.start, one.stop, one.weight, values[order], happened))
    times, edges, first, last = risk_sets(rows, len(levels))
    time_of, share, weight = tie_terms(baseline.ties, rows, last, len(times))
    opens, closes = np.zeros((2, len(times)), dtype=np.bool_)
    some = np.flatnonzero(np.diff(edges))
    opens[edges[some]], closes[edges[some + 1] - 1] = True, True
    used = [np.concatenate([blocks[b].columns, *blocks[b].effects]) for b in group]
    columns = np.unique(np.concatenate(used))
    check_memory(name, len(times), len(columns))
    return Stratum(
        name=name,
        ties=baseline.ties,
        blocks=tuple(group),
        levels=levels,
        edges=edges,
        times=times,
        closes=closes,
        opens=opens,
        happened=tuple(r.happened for r in rows),
        first=first,
        last=last,
        columns=columns,
        centre=_centre(blocks, group, columns),
        local=tuple(np.searchsorted(columns, blocks[b].columns) for b in group),
        time_of=time_of,
        share=share,
        weight=weight,
    )


def _strata_levels(
    name: str, baseline: Cox, tables: list[Rows]
) -> tuple[tuple[Any, ...], list[Ints]]:
    if baseline.by is None:
        return (None,), [np.zeros(len(t.index), dtype=np.int64) for t in tables]
    parts = [t.full(baseline.by) for t in tables]
    if any(p is None for p in parts):
        raise DataError(f"{name!r}: {baseline.by!r} is missing or has nulls")
    values = pl.concat([p for p in parts if p is not None])
    levels, index = values.unique().sort(), values.rank("dense").to_numpy().astype(np.int64) - 1
    ends = np.cumsum([len(t.index) for t in tables])[:-1]
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
        total[places] += _column_sums(block.x)
        owners[places] += 1
    mean = np.where(owners == len(mine), total / sum(len(b.event) for b in mine), 0.0)
    span = np.zeros(len(columns))
    for block, places in zip(mine, local, strict=True):
        span[places] = np.maximum(span[places], _take_off(block.x, mean[places]))
    for block, places in zip(mine, local, strict=True):
        # What rounding leaves of a constant column is no information.
        block.x[:, span[places] <= _CONSTANT * np.abs(mean[places])] = 0.0
    return mean


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _column_sums(x: Floats) -> Floats:
    """Sums of the columns of ``x`` ``(n, p)``, in one pass over its rows."""
    n, p = x.shape
    total = np.zeros(p)
    for i in range(n):
        for j in range(p):
            total[j] += x[i, j]
    return total


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _take_off(x: Floats, mean: Floats) -> Floats:
    """Take a number off each column of ``x`` ``(n, p)``; the largest size that is left."""
    n, p = x.shape
    span = np.zeros(p)
    for i in range(n):
        for j in range(p):
            x[i, j] -= mean[j]
            span[j] = max(span[j], abs(x[i, j]))
    return span
