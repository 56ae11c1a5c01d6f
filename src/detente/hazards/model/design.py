"""From intervals and a specification to the arrays that the likelihood sums over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError, FitError, InputError
from detente.hazards.data.intervals import Intervals
from detente.hazards.model.baselines import Cox, Piecewise
from detente.hazards.model.blocks import Block
from detente.hazards.model.penalties import Penalty, penalties_of
from detente.hazards.model.rows import Rows
from detente.hazards.model.spec import Frailty, HazardSpec, Transition, Walk
from detente.hazards.model.strata import Stratum, build_stratum, strata_of
from detente.hazards.model.terms import Terms, fit_terms, plain_names

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Blocks, strata of Cox baselines, names of the coefficients, levels of the effects, penalties.

    Frailties are ``joint``, a part of the dense parameter, where a Cox baseline ties them together.
    ``terms`` are those of each transition, its own and then the shared ones.
    """

    spec: HazardSpec
    blocks: tuple[Block, ...]
    strata: tuple[Stratum, ...]
    names: tuple[str, ...]
    walk_levels: tuple[int, ...]
    frailty_levels: tuple[Any, ...]
    joint: bool
    penalties: tuple[Penalty, ...]
    terms: dict[str, tuple[Terms, ...]]

    @property
    def dense(self) -> int:
        """Length of the dense part: coefficients, levels of the walk, joint frailties."""
        joint = len(self.frailty_levels) if self.joint else 0
        return len(self.names) + len(self.walk_levels) + joint

    @property
    def eliminated(self) -> int:
        """Frailties that are eliminated one by one."""
        return 0 if self.joint else len(self.frailty_levels)

    @property
    def dense_names(self) -> tuple[str, ...]:
        """Names of the dense part, ``(a,)``."""
        walk = self.spec.walk.name if self.spec.walk is not None else ""
        frailty = self.spec.frailty.name if self.spec.frailty is not None else ""
        joint = self.frailty_levels if self.joint else ()
        levels = (*(f"{walk}[{i}]" for i in self.walk_levels), *(f"{frailty}[{i}]" for i in joint))
        return (*self.names, *levels)


def build_design(intervals: Intervals, spec: HazardSpec) -> Design:
    """Build the arrays of a fit.

    What a baseline takes from the data, such as the span of a spline, is in the design's ``spec``.

    Raises
    ------
    DataError
        A transition without rows, a formula that the table cannot answer, a missing value.
    FitError
        A transition, or an unsmoothed piece of a baseline, without events.
    """
    rows = _rows(intervals, spec)
    spec = replace(spec, transitions=tuple(_resolved(rows[t.name], t) for t in spec.transitions))
    walk = _levels(rows, spec.walk)
    walk_levels = tuple(range(min(walk), max(walk) + 1)) if walk else ()
    frailty_levels = tuple(_levels(rows, spec.frailty))
    terms, covariates = _covariates(intervals, spec, rows)
    places: dict[str, int] = {}
    labels = {name: [n for t in terms[name] for n in t.labels] for name in terms}
    blocks = [
        _block(rows[t.name], t, covariates.pop(t.name), labels[t.name], places)
        for t in spec.transitions
    ]
    names = tuple(places)
    groups = strata_of(spec)
    joint = spec.frailty is not None and any(
        spec.transitions[b].name in spec.frailty.transitions for g in groups.values() for b in g
    )
    for b, block in enumerate(blocks):
        walk_index = _index(rows[block.name], spec.walk, block.name, walk_levels, block.rows)
        frailty = _index(rows[block.name], spec.frailty, block.name, frailty_levels, block.rows)
        effects = [] if walk_index is None else [len(names) + walk_index]
        if joint and frailty is not None:
            effects.append(len(names) + len(walk_levels) + frailty)
        blocks[b] = replace(block, effects=tuple(effects), frailty=None if joint else frailty)
    strata = tuple(
        build_stratum(name, group, blocks, [rows[blocks[b].name] for b in group])
        for name, group in groups.items()
    )
    penalties = penalties_of(spec, names, len(walk_levels), joint * len(frailty_levels))
    if spec.firth and (penalties or frailty_levels):
        raise InputError("firth goes with no ridge, walk, frailty or smooth baseline: choose one")
    return Design(
        spec, tuple(blocks), strata, names, walk_levels, frailty_levels, joint, penalties, terms
    )


def _rows(intervals: Intervals, spec: HazardSpec) -> dict[str, Rows]:
    """Rows of every transition; a transition must have some, and its stratum an event."""
    table = intervals.table
    names, event = table["transition"], table["event"].to_numpy()
    rows = {
        t.name: Rows(table, np.flatnonzero((names == t.name).to_numpy())) for t in spec.transitions
    }
    partners = {spec.transitions[b].name: g for g in strata_of(spec).values() for b in g}
    for name, mine in rows.items():
        if not len(mine.index):
            raise DataError(f"no interval is at risk of the transition {name!r}")
        stratum = [spec.transitions[b].name for b in partners.get(name, [])] or [name]
        if not any(event[rows[n].index].any() for n in stratum):
            raise FitError(f"the transition {name!r} has no event: leave it out")
    return rows


def _levels(rows: dict[str, Rows], effect: Walk | Frailty | None) -> list[Any]:
    if effect is None:
        return []
    parts = [rows[name].full(effect.column) for name in effect.transitions]
    if any(p is None for p in parts):
        raise DataError(f"the column {effect.column!r} of {effect.name!r} is missing or has nulls")
    values = pl.concat([p.unique() for p in parts if p is not None])
    if isinstance(effect, Walk) and not values.dtype.is_integer():
        raise DataError(f"the column {effect.column!r} of {effect.name!r} must hold integers")
    return values.unique().sort().to_list()


def _resolved(rows: Rows, transition: Transition) -> Transition:
    if isinstance(transition.baseline, Cox):
        return transition
    _, start, stop, event = _split(rows, transition)
    return replace(transition, baseline=transition.baseline.resolved(start, stop, event))


def _covariates(
    intervals: Intervals, spec: HazardSpec, rows: dict[str, Rows]
) -> tuple[dict[str, tuple[Terms, ...]], dict[str, Floats]]:
    """Terms and covariates of every transition, its own and then the shared ones."""
    terms: dict[str, list[Terms]] = {t.name: [] for t in spec.transitions}
    parts: dict[str, list[Floats]] = {t.name: [] for t in spec.transitions}
    owned = [(t.name, t.formula, (t.name,)) for t in spec.transitions]
    for group, formula, transitions in (
        *owned,
        *((s.name, s.formula, tuple(dict.fromkeys(s.transitions))) for s in spec.shared),
    ):
        # Built over all its rows at once, so that a coefficient means the same everywhere; a sum
        # of numbers does so by itself.
        apart = len(transitions) > 1 and plain_names(intervals.table, formula) is not None
        for together in [(n,) for n in transitions] if apart else [transitions]:
            index = [rows[n].index for n in together]
            asked = index[0] if len(index) == 1 else np.concatenate(index)
            made, x = fit_terms(intervals.table, formula, group, asked)
            ends = np.cumsum([len(i) for i in index])[:-1]
            for name, part in zip(together, np.split(x, ends), strict=True):
                terms[name].append(made)
                if len(made.labels):
                    parts[name].append(part)
    return {n: tuple(t) for n, t in terms.items()}, {
        n: p[0] if len(p) == 1 else np.hstack(p) if p else np.zeros((len(rows[n].index), 0))
        for n, p in parts.items()
    }


def _block(
    rows: Rows,
    transition: Transition,
    x: Floats,
    labels: list[str],
    places: dict[str, int],
) -> Block:
    source, start, stop, event = _split(rows, transition)
    free = isinstance(transition.baseline, Cox)
    if not free:
        level, level_names = _baseline_columns(rows, transition, source, start, event)
        x, labels = np.hstack([level, x[source]]), [*level_names, *labels]
    columns = np.array([_place(places, n) for n in labels], dtype=np.int64)
    shapes = [_place(places, n) for n in transition.shapes]
    return Block(
        name=transition.name,
        baseline=transition.baseline,
        x=x,
        columns=columns,
        shapes=np.array(shapes, dtype=np.int64),
        start=start,
        stop=stop,
        event=event,
        weight=_optional(rows, "weight", 1.0)[source],
        offset=_optional(rows, "offset", 0.0)[source],
        effects=(),
        frailty=None,
        rows=source,
    )


def _place(places: dict[str, int], name: str) -> int:
    return places.setdefault(name, len(places))


def _optional(rows: Rows, column: str, default: float) -> Floats:
    if column not in rows.table.columns:
        return np.full(len(rows.index), default)
    return rows.numbers(column)


def _split(rows: Rows, transition: Transition) -> tuple[Ints, Floats, Floats, Floats]:
    """Split rows at the cuts; the event stays with the last part."""
    start, stop, event = (rows.numbers(c) for c in ("start", "stop", "event"))
    if transition.clock == "reset":
        entry = rows.numbers("entry")
        start, stop = start - entry, stop - entry
    elif (start < transition.baseline.earliest).any():
        raise DataError(
            f"{transition.name!r}: its baseline needs times from {transition.baseline.earliest:g}, "
            f"and the forward clock has {float(start.min()):g}: shift the axis or use the reset "
            "clock"
        )
    if not (start < stop).all():
        raise DataError(f"{transition.name!r}: a row is too short beside its time of entry")
    if not transition.baseline.cuts:
        return np.arange(len(start)), start, stop, event
    cuts = np.array(transition.baseline.cuts, dtype=np.float64)
    first = np.searchsorted(cuts, start, side="right")
    count = np.searchsorted(cuts, stop, side="left") - first + 1
    source = np.repeat(np.arange(len(start)), count)
    step = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    piece = first[source] + step
    event = event[source]
    event[step < count[source] - 1] = 0.0
    return (
        source,
        np.maximum(start[source], edges[piece]),
        np.minimum(stop[source], edges[piece + 1]),
        event,
    )


def _baseline_columns(
    rows: Rows, transition: Transition, source: Ints, start: Floats, event: Floats
) -> tuple[Floats, list[str]]:
    """One indicator column for each piece and stratum."""
    baseline = transition.baseline
    cuts = np.array(baseline.cuts, dtype=np.float64)
    piece = np.searchsorted(cuts, start, side="right")
    edges = ["0", *(f"{c:g}" for c in baseline.cuts), "inf"]
    labels = [f"baseline[{a},{b})" for a, b in pairwise(edges)]
    index, strata = piece, [""]
    if isinstance(baseline, Piecewise) and baseline.by is not None:
        values = rows.full(baseline.by)
        if values is None:
            raise DataError(f"{transition.name!r}: {baseline.by!r} is missing or has nulls")
        strata_values = values.unique().sort().to_list()
        place = {v: i for i, v in enumerate(strata_values)}
        stratum = np.array([place[v] for v in values.to_list()], dtype=np.int64)[source]
        index = stratum * len(labels) + piece
        strata = [f"|{baseline.by}={v}" for v in strata_values]
    names = [f"{transition.name}:{label}{s}" for s in strata for label in labels]
    smooth = isinstance(baseline, Piecewise) and baseline.smooth is not None
    events = np.bincount(index, weights=event, minlength=len(names))
    if not smooth and (events == 0).any():
        empty = names[int(np.flatnonzero(events == 0)[0])]
        raise FitError(f"{empty!r} has no event: merge its cuts, or give the baseline `smooth`")
    by_stratum = events.reshape(len(strata), len(labels)).sum(axis=1)
    if (by_stratum == 0).any():
        lone = strata[int(np.flatnonzero(by_stratum == 0)[0])]
        raise FitError(f"'{transition.name}{lone}' has no event: merge its strata")
    columns = np.zeros((len(source), len(names)))
    columns[np.arange(len(source)), index] = 1.0
    return columns, names


def _index(
    rows: Rows,
    effect: Walk | Frailty | None,
    transition: str,
    levels: tuple[Any, ...],
    source: Ints,
) -> Ints | None:
    if effect is None or transition not in effect.transitions:
        return None
    place = {v: i for i, v in enumerate(levels)}
    level = [place[v] for v in rows.values(effect.column).to_list()]
    return np.array(level, dtype=np.int64)[source]
