"""What a fit says of one transition for given covariates, constant or along a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import FitError, InputError, UnknownNameError
from detente.hazards.fitting.cox_baseline import CoxBaseline
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.model.baselines import Baseline, Cox

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
At = pl.DataFrame | Mapping[str, Any]

# A log hazard ratio past this is one that doubles cannot hold.
_LARGEST = 700.0


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """One transition and the covariates of its stretches of time.

    ``edges`` ``(s + 1,)`` bound the stretches on the axis, ``x`` ``(s, q)`` are the covariates at
    the places ``columns`` of the dense part, ``offset`` ``(s,)`` is added to the log hazard.
    Either ``cox`` has the baseline, or ``baseline`` with the places of its levels by stretch and
    piece ``(s, pieces)`` and of its shape. With the reset clock, the state was entered at
    ``entry`` on the axis.
    """

    name: str
    clock: str
    entry: float
    edges: Floats
    x: Floats
    columns: Ints
    offset: Floats
    baseline: Baseline
    levels: Ints
    shapes: Ints
    cox: tuple[CoxBaseline, ...]

    @property
    def smooth(self) -> bool:
        """Whether the hazard is continuous between jumps of the covariates."""
        return not self.cox

    @property
    def shift(self) -> float:
        """What is taken off the axis to have the clock."""
        return self.entry if self.clock == "reset" else 0.0

    def eta(self, dense: Floats) -> Floats:
        """Log of the ratio to the baseline, by stretch, ``(s,)``.

        Raises
        ------
        InputError
            A ratio past the largest number.
        """
        eta = self.x @ dense[self.columns] + self.offset
        if eta.max(initial=0.0) > _LARGEST:
            raise InputError(
                "the hazard is past the largest number at these covariates: they lie far outside "
                "those of the fit, look at their units"
            )
        return eta


def table_of(at: At) -> pl.DataFrame:
    """The table of covariates: as it is, or one row of a mapping."""
    if isinstance(at, pl.DataFrame):
        table = at
    else:
        lists = any(isinstance(v, list | tuple | np.ndarray | pl.Series) for v in at.values())
        table = pl.DataFrame(dict(at) if lists else {k: [v] for k, v in at.items()})
    if not table.width:
        table = pl.DataFrame({"nothing": [0]})
    if not table.height:
        raise InputError("the table of covariates has no row")
    return table


def profiles_of(
    fit: HazardFit,
    at: At,
    transitions: Sequence[str] | None = None,
    *,
    entry: float = 0.0,
) -> tuple[Profile, ...]:
    """Profiles of the transitions of a fit at covariates.

    Raises
    ------
    InputError
        Covariates that are missing, or a path with a gap, an overlap or no end.
    FitError
        A fit that did not converge.
    """
    if fit.status != "converged":
        raise FitError(f"the fit did not converge ({fit.status}): there is nothing to predict from")
    table = table_of(at)
    known = [t.name for t in fit.spec.transitions]
    names = known if transitions is None else list(transitions)
    for name in names:
        if name not in known:
            raise UnknownNameError("transition", name, known)
    return tuple(_profile(fit, _rows(table, name), name, entry) for name in names)


def check_reach(profiles: Sequence[Profile], start: float, end: float) -> None:
    """Refuse paths of covariates that do not reach from one time to another."""
    for profile in profiles:
        if profile.edges[0] > start or profile.edges[-1] < end:
            raise InputError(
                f"the path of covariates of {profile.name!r} must reach from {start:g} to {end:g}"
            )


def _rows(table: pl.DataFrame, name: str) -> pl.DataFrame:
    if "transition" in table.columns:
        table = table.filter(pl.col("transition").cast(pl.String) == name)
        if not table.height:
            raise InputError(f"the covariates have no row for the transition {name!r}")
    path = {"start", "stop"} & set(table.columns)
    if not path:
        if table.height > 1:
            raise InputError(
                f"{table.height} rows of covariates for {name!r}: give one (a column `transition` "
                "tells them apart), or a path with `start` and `stop`"
            )
        return table.with_columns(start=pl.lit(-np.inf), stop=pl.lit(np.inf))
    if len(path) == 1:
        raise InputError("a path of covariates needs both `start` and `stop`")
    table = table.with_columns(pl.col("start", "stop").cast(pl.Float64)).sort("start")
    start, stop = table["start"].to_numpy(), table["stop"].to_numpy()
    if np.isnan(start).any() or np.isnan(stop).any() or not (start < stop).all():
        raise InputError("in a path of covariates start must be before stop in every row")
    if (start[1:] != stop[:-1]).any():
        bad = int(np.flatnonzero(start[1:] != stop[:-1])[0])
        raise InputError(
            f"the path of covariates for {name!r} has a gap or an overlap between {stop[bad]:g} "
            f"and {start[bad + 1]:g}"
        )
    return table


def _profile(fit: HazardFit, rows: pl.DataFrame, name: str, entry: float) -> Profile:
    transition = next(t for t in fit.spec.transitions if t.name == name)
    place = {n: i for i, n in enumerate(fit.names)}
    parts = [t.columns(rows) for t in fit.terms[name]]
    labels = [label for t in fit.terms[name] for label in t.labels]
    x = np.hstack([p for p in parts if p.shape[1]] or [np.zeros((rows.height, 0))])
    columns = np.array([place[label] for label in labels], dtype=np.int64)
    walk = fit.spec.walk
    if walk is not None and name in walk.transitions:
        levels = _walk_levels(fit, rows)
        fresh = np.unique(levels)
        x = np.hstack([x, (levels[:, None] == fresh[None, :]).astype(np.float64)])
        columns = np.r_[columns, fresh]
    offset = rows["offset"].cast(pl.Float64).to_numpy() if "offset" in rows.columns else 0.0
    baseline = transition.baseline
    free = isinstance(baseline, Cox)
    return Profile(
        name=name,
        clock=transition.clock,
        entry=entry,
        edges=np.r_[rows["start"].to_numpy(), rows["stop"].to_numpy()[-1:]],
        x=x,
        columns=columns,
        offset=np.zeros(rows.height) + offset,
        baseline=baseline,
        levels=np.zeros((rows.height, 0), dtype=np.int64)
        if free
        else _levels(place, name, baseline, rows),
        shapes=np.array([place[s] for s in transition.shapes], dtype=np.int64),
        cox=_cox_baselines(fit, name, baseline, rows) if free else (),
    )


def _walk_levels(fit: HazardFit, rows: pl.DataFrame) -> Ints:
    walk = fit.spec.walk
    assert walk is not None
    if walk.column not in rows.columns:
        raise InputError(f"the covariates need {walk.column!r}, the level of {walk.name!r}")
    place = {level: len(fit.names) + i for i, level in enumerate(fit.walk_levels)}
    values = rows[walk.column].to_list()
    unknown = [v for v in values if v not in place]
    if unknown:
        low, high = fit.walk_levels[0], fit.walk_levels[-1]
        raise InputError(f"{walk.column!r} was fitted from {low} to {high}, not at {unknown[0]}")
    return np.array([place[v] for v in values], dtype=np.int64)


def _strata(baseline: Baseline, rows: pl.DataFrame, name: str) -> list[str]:
    """Suffix of the names of what belongs to a value of the baseline's ``by``, by row."""
    by = getattr(baseline, "by", None)
    if by is None:
        return [""] * rows.height
    if by not in rows.columns or rows[by].null_count():
        raise InputError(f"{name!r} needs {by!r} among the covariates: its baseline depends on it")
    return [f"|{by}={value}" for value in rows[by].to_list()]


def _levels(place: dict[str, int], name: str, baseline: Baseline, rows: pl.DataFrame) -> Ints:
    edges = ["0", *(f"{c:g}" for c in baseline.cuts), "inf"]
    labels = [f"{name}:baseline[{a},{b})" for a, b in pairwise(edges)]
    found: list[list[int]] = []
    for suffix in _strata(baseline, rows, name):
        if f"{labels[0]}{suffix}" not in place:
            raise InputError(f"{name!r} was not fitted for {suffix.lstrip('|')}")
        found.append([place[f"{label}{suffix}"] for label in labels])
    return np.array(found, dtype=np.int64)


def _cox_baselines(
    fit: HazardFit, name: str, baseline: Baseline, rows: pl.DataFrame
) -> tuple[CoxBaseline, ...]:
    keys = [f"{name}{suffix}" for suffix in _strata(baseline, rows, name)]
    for key in keys:
        if key not in fit.cox:
            raise InputError(f"no baseline was fitted for {key!r}")
    return tuple(fit.cox[key] for key in keys)
