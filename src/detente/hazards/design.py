"""From intervals and a specification to the arrays that the likelihood sums over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError, FitError, InputError
from detente.hazards.baselines import Baseline, Piecewise, Scale
from detente.hazards.intervals import Intervals
from detente.hazards.spec import Frailty, HazardSpec, Transition, Walk
from detente.hazards.terms import formula_columns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows of one transition, split at the cuts of its baseline.

    ``x`` is ``(n, p)`` with ``columns`` its places in the coefficient vector; ``shapes`` ``(k,)``
    are those of the baseline's shape parameters; ``walk`` and ``frailty`` are levels or ``None``.
    """

    name: str
    baseline: Baseline
    x: Floats
    columns: Ints
    shapes: Ints
    start: Floats
    stop: Floats
    event: Floats
    weight: Floats
    offset: Floats
    walk: Ints | None
    frailty: Ints | None
    rows: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Penalty:
    """A quadratic penalty: precision times ``matrix`` on the coefficients at ``columns``."""

    name: str
    columns: Ints
    matrix: Floats
    rank: int
    scale: Scale


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Blocks, names of the coefficients, levels of the effects, penalties."""

    spec: HazardSpec
    blocks: tuple[Block, ...]
    names: tuple[str, ...]
    walk_levels: tuple[int, ...]
    frailty_levels: tuple[Any, ...]
    penalties: tuple[Penalty, ...]

    @property
    def dense(self) -> int:
        """Length of the dense part: coefficients, then levels of the walk."""
        return len(self.names) + len(self.walk_levels)

    @property
    def dense_names(self) -> tuple[str, ...]:
        """Names of the dense part, ``(a,)``."""
        walk = self.spec.walk.name if self.spec.walk is not None else ""
        return (*self.names, *(f"{walk}[{level}]" for level in self.walk_levels))


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
    for transition in spec.transitions:
        rows = intervals.of(transition.name)
        if not rows.height:
            raise DataError(f"no interval is at risk of the transition {transition.name!r}")
        if not rows["event"].sum():
            raise FitError(f"the transition {transition.name!r} has no event: leave it out")
    spec = replace(spec, transitions=tuple(_resolved(intervals, t) for t in spec.transitions))
    walk = _levels(intervals, spec.walk)
    walk_levels = tuple(range(min(walk), max(walk) + 1)) if walk else ()
    frailty_levels = tuple(_levels(intervals, spec.frailty))
    terms = _terms(intervals, spec)
    places: dict[str, int] = {}
    blocks = tuple(
        _block(intervals, spec, t, terms[t.name], places, walk_levels, frailty_levels)
        for t in spec.transitions
    )
    names = tuple(places)
    penalties = (*_smoothing(spec, names), *_ridges(spec, names), *_walk(spec, names, walk_levels))
    if spec.firth and (penalties or frailty_levels):
        raise InputError("firth goes with no ridge, walk, frailty or smooth baseline: choose one")
    return Design(spec, blocks, names, walk_levels, frailty_levels, penalties)


def _levels(intervals: Intervals, effect: Walk | Frailty | None) -> list[Any]:
    if effect is None:
        return []
    rows = intervals.table.filter(pl.col("transition").is_in(list(effect.transitions)))
    if effect.column not in rows.columns or rows[effect.column].null_count():
        raise DataError(f"the column {effect.column!r} of {effect.name!r} is missing or has nulls")
    if isinstance(effect, Walk) and not rows[effect.column].dtype.is_integer():
        raise DataError(f"the column {effect.column!r} of {effect.name!r} must hold integers")
    return rows[effect.column].unique().sort().to_list()


def _resolved(intervals: Intervals, transition: Transition) -> Transition:
    _, start, stop, event = _split(intervals.of(transition.name), transition)
    return replace(transition, baseline=transition.baseline.resolved(start, stop, event))


_Terms = tuple[Floats, list[str]]


def _terms(intervals: Intervals, spec: HazardSpec) -> dict[str, _Terms]:
    """Covariates of every transition, its own and then the shared ones, before splitting."""
    terms = {
        t.name: formula_columns(intervals.of(t.name), t.formula, t.name) for t in spec.transitions
    }
    for shared in spec.shared:
        # Built over all its rows at once, so that a coefficient means the same everywhere.
        rows = intervals.table.filter(pl.col("transition").is_in(list(shared.transitions)))
        x, labels = formula_columns(rows, shared.formula, shared.name)
        of_row = rows["transition"].to_numpy()
        for name in dict.fromkeys(shared.transitions):
            own, own_labels = terms[name]
            terms[name] = (np.hstack([own, x[of_row == name]]), [*own_labels, *labels])
    return terms


def _block(
    intervals: Intervals,
    spec: HazardSpec,
    transition: Transition,
    terms: _Terms,
    places: dict[str, int],
    walk_levels: tuple[int, ...],
    frailty_levels: tuple[Any, ...],
) -> Block:
    table = intervals.of(transition.name)
    source, start, stop, event = _split(table, transition)
    x, labels = terms
    level, level_names = _baseline_columns(table, transition, source, start, event)
    columns = np.array([_place(places, n) for n in (*level_names, *labels)], dtype=np.int64)
    shape_names = [f"{transition.name}:{n}" for n in transition.baseline.shape_names]
    return Block(
        name=transition.name,
        baseline=transition.baseline,
        x=np.hstack([level, x[source]]),
        columns=columns,
        shapes=np.array([_place(places, n) for n in shape_names], dtype=np.int64),
        start=start,
        stop=stop,
        event=event,
        weight=_optional(table, "weight", 1.0)[source],
        offset=_optional(table, "offset", 0.0)[source],
        walk=_index(table, spec.walk, transition.name, walk_levels, source),
        frailty=_index(table, spec.frailty, transition.name, frailty_levels, source),
        rows=source,
    )


def _place(places: dict[str, int], name: str) -> int:
    return places.setdefault(name, len(places))


def _optional(table: pl.DataFrame, column: str, default: float) -> Floats:
    if column not in table.columns:
        return np.full(table.height, default)
    return table[column].cast(pl.Float64).to_numpy()


def _split(table: pl.DataFrame, transition: Transition) -> tuple[Ints, Floats, Floats, Floats]:
    """Split rows at the cuts; the event stays with the last part."""
    start, stop = table["start"].to_numpy(), table["stop"].to_numpy()
    if transition.clock == "reset":
        entry = table["entry"].to_numpy()
        start, stop = start - entry, stop - entry
    elif (start < transition.baseline.earliest).any():
        raise DataError(
            f"{transition.name!r}: its baseline needs times from {transition.baseline.earliest:g}, "
            f"and the forward clock has {float(start.min()):g}: shift the axis or use the reset "
            "clock"
        )
    if not (start < stop).all():
        raise DataError(f"{transition.name!r}: a row is too short beside its time of entry")
    cuts = np.array(transition.baseline.cuts, dtype=np.float64)
    first = np.searchsorted(cuts, start, side="right")
    count = np.searchsorted(cuts, stop, side="left") - first + 1
    source = np.repeat(np.arange(len(start)), count)
    step = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    piece = first[source] + step
    event = table["event"].to_numpy().astype(np.float64)[source]
    event[step < count[source] - 1] = 0.0
    return (
        source,
        np.maximum(start[source], edges[piece]),
        np.minimum(stop[source], edges[piece + 1]),
        event,
    )


def _baseline_columns(
    table: pl.DataFrame, transition: Transition, source: Ints, start: Floats, event: Floats
) -> tuple[Floats, list[str]]:
    """One indicator column for each piece and stratum."""
    baseline = transition.baseline
    cuts = np.array(baseline.cuts, dtype=np.float64)
    piece = np.searchsorted(cuts, start, side="right")
    edges = ["0", *(f"{c:g}" for c in baseline.cuts), "inf"]
    labels = [f"baseline[{a},{b})" for a, b in pairwise(edges)]
    index, strata = piece, [""]
    if isinstance(baseline, Piecewise) and baseline.by is not None:
        if baseline.by not in table.columns or table[baseline.by].null_count():
            raise DataError(f"{transition.name!r}: {baseline.by!r} is missing or has nulls")
        values = table[baseline.by]
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
    table: pl.DataFrame,
    effect: Walk | Frailty | None,
    transition: str,
    levels: tuple[Any, ...],
    source: Ints,
) -> Ints | None:
    if effect is None or transition not in effect.transitions:
        return None
    place = {v: i for i, v in enumerate(levels)}
    return np.array([place[v] for v in table[effect.column].to_list()], dtype=np.int64)[source]


def _difference(n: int) -> Floats:
    d = np.diff(np.eye(n), axis=0)
    return np.asarray(d.T @ d, dtype=np.float64)


def _smoothing(spec: HazardSpec, names: tuple[str, ...]) -> list[Penalty]:
    """Penalise bends of splines, and differences of neighbouring pieces, stratum by stratum."""
    penalties: list[Penalty] = []
    for t in spec.transitions:
        if t.baseline.bends is not None:
            n, sd = t.baseline.bends
            bent = [names.index(f"{t.name}:{shape}") for shape in t.baseline.shape_names[-n:]]
            penalties.append(Penalty(f"{t.name}:smooth", np.array(bent), np.eye(n), n, sd))
        if not isinstance(t.baseline, Piecewise) or t.baseline.smooth is None:
            continue
        prefix, pieces = f"{t.name}:baseline[", len(t.baseline.cuts) + 1
        columns = [i for i, n in enumerate(names) if n.startswith(prefix)]
        if pieces < 2:
            continue
        strata = len(columns) // pieces
        matrix = np.asarray(np.kron(np.eye(strata), _difference(pieces)), dtype=np.float64)
        penalties.append(
            Penalty(
                f"{t.name}:smooth",
                np.array(columns, dtype=np.int64),
                matrix,
                strata * (pieces - 1),
                t.baseline.smooth,
            )
        )
    return penalties


def _ridges(spec: HazardSpec, names: tuple[str, ...]) -> list[Penalty]:
    """One penalty for each ridge; a coefficient takes the first that matches."""
    shapes = {f"{t.name}:{n}" for t in spec.transitions for n in t.baseline.shape_names}
    free = [i for i, n in enumerate(names) if ":baseline[" not in n and n not in shapes]
    penalties: list[Penalty] = []
    for ridge in spec.ridges:
        columns = [i for i in free if _matches(names[i], ridge.patterns)]
        if not columns:
            raise InputError(f"no coefficient is left that matches the ridge {ridge.patterns}")
        free = [i for i in free if i not in columns]
        name, n = "|".join(ridge.patterns), len(columns)
        penalties.append(Penalty(name, np.array(columns, dtype=np.int64), np.eye(n), n, ridge.sd))
    return penalties


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    # A name such as "C(g)[T.b]" is a character class to fnmatch, so it is compared as it is too.
    return any(name == p or fnmatchcase(name, p) for p in patterns)


# The level of a walk is not identified beside an intercept: this precision on its mean pins it
# at zero without touching its shape.
_LEVEL_PRECISION = 1e6


def _walk(spec: HazardSpec, names: tuple[str, ...], levels: tuple[int, ...]) -> list[Penalty]:
    if spec.walk is None:
        return []
    n = len(levels)
    columns = np.arange(len(names), len(names) + n)
    mean = np.full((n, n), _LEVEL_PRECISION / n**2)
    return [
        Penalty(spec.walk.name, columns, _difference(n), n - 1, spec.walk.sd),
        Penalty(f"{spec.walk.name}:level", columns, mean, 1, 1.0),
    ]
