"""The reference class: meetings of adversaries like the case, and what followed.

It reads only the tables that the package ships (made by
:mod:`detente.assessments.reference_build` from the State Department's record, which is CC0, and
our chronology, with outcomes derived from the dispute data as yes or no and a year).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from detente.assessments.reference_intervals import LEVEL, PAIR, Floats, limits, windows_apart
from detente.assessments.reference_populations import (
    NO_DISPUTE_YEARS,
    US_RECORD,
    Population,
    shipped,
)
from detente.core.errors import InputError

Group = Literal["met", "not met", "before"]
HORIZONS = (1, 5, 10)
OUTCOMES = ("dispute", "war")
BINARY_SCALE = 0.5
"""Scale of a 0/1 feature: the standard deviation of an even split, so that a rare one (a war
with a third state) does not outweigh all the others together."""

_BINARY = (
    "rivalry",
    "both_nuclear",
    "both_major",
    "dispute_now",
    "war_now",
    "us_war",
    "other_war",
    "third_war",
)
_LOGGED = ("years_since_dispute", "disputes_10y", "meetings_5y")


@dataclass(frozen=True, slots=True)
class ReferenceFeature:
    """A feature of the distance, its value in the case, and the scale that divides the gap.

    The scale is the standard deviation over the shipped table, of log(1 + x) where ``logged``,
    and :data:`BINARY_SCALE` for a feature that is 0 or 1.
    """

    id: str
    label: str
    scale: float
    logged: bool
    case: float


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """How often an outcome followed.

    ``n`` counts cases at risk whose whole window the record covers; ``censored`` those whose
    window it does not, ``under_way`` those not at risk. ``pairs`` are the COW codes of the cases
    in ``n``, ``apart`` how many of their windows do not overlap. The limits are those of
    :func:`~detente.assessments.reference_intervals.limits`: null with a ``reason`` where the
    cases are of too few pairs.
    """

    horizon: int
    outcome: str
    group: Group
    n: int
    events: int
    pairs: tuple[tuple[int, int], ...]
    apart: int
    estimate: float | None
    lo: float | None
    hi: float | None
    lo_dyads: float | None
    hi_dyads: float | None
    censored: int
    under_way: int
    reason: str | None
    method: str
    level: float = LEVEL

    @property
    def dyads(self) -> int:
        """Number of pairs of the cases in ``n``."""
        return len(self.pairs)


@dataclass(frozen=True, slots=True)
class ReferenceClass:
    """The nearest meetings in the record, the nearest adversaries who did not meet, outcomes.

    ``meetings`` and ``controls`` are rows of the shipped table with their ``distance``, nearest
    first.
    """

    description: str
    distance: str
    features: tuple[ReferenceFeature, ...]
    meetings: pl.DataFrame
    controls: pl.DataFrame
    summary: tuple[ReferenceRow, ...]
    notes: tuple[str, ...]
    seed: int


def shipped_reference(population: Population = US_RECORD) -> pl.DataFrame:
    """Return a shipped table: meetings of leaders with adversaries, and controls."""
    return shipped(population).clone()


def nearest(
    case: Mapping[str, float | None],
    k: int | None = 25,
    *,
    features: Sequence[str] | None = None,
    exact: Sequence[str] = (),
    population: Population = US_RECORD,
    leaving_out: Sequence[str] = (),
    seed: int = 0,
) -> ReferenceClass:
    r"""Return the meetings of adversaries most like a case, and what followed them.

    The distance to the case is the root mean square of the scaled differences,

    .. math:: d = \Big[ \tfrac{1}{p} \sum_j \big((x_j - c_j) / s_j\big)^2 \Big]^{1/2}

    over the features the case states; :math:`s_j` is the standard deviation over the shipped
    table, or one half for a feature that is 0 or 1; counts and years enter as
    :math:`\log(1 + x)`. Adversaries
    who did not meet are taken by the same distance: the same number of days, 1 July of a year,
    with no recorded leaders' meeting of the pair within a year on either side.

    Parameters
    ----------
    case
        Values of the population's features on the day of the case; features left out or null do not
        enter the distance.
    k
        How many of each, or None for all.
    features
        Use only these of the case's features.
    exact
        Take only rows that equal the case in these 0/1 features (say ``both_nuclear``).
    population
        Where to draw from.
    leaving_out
        Ids of meetings not to take: the case itself, where it lies in the record.
    seed
        Of the bootstrap over dyads.

    Returns
    -------
    ReferenceClass
        Rows nearest first, the summary by horizon, outcome and group, and notes.

    Raises
    ------
    InputError
        If a feature is not in the shipped table, a value is not finite, none is given, k is
        not positive, or nothing equals the case in the ``exact`` features.
    """
    whole = shipped(population)
    used = _features(case, features, population, whole)
    if k is not None and k < 1:
        raise InputError(f"k = {k}: the number of nearest meetings must be at least 1")
    alike = _equal(whole, case, exact).filter(~pl.col("id").is_in(list(leaving_out)))
    table = _with_distance(alike, used)
    ranked = table.sort("distance", "date", "id")
    met = ranked.filter(pl.col("kind") == "meeting")
    alone = ranked.filter(pl.col("kind") == "control")
    if met.is_empty() or alone.is_empty():
        raise InputError(
            f"no meeting or no control equals the case in {', '.join(exact)}: ask less"
        )
    if k is not None:
        met, alone = met.head(k), alone.head(k)
    rows = _summary(met, alone, np.random.Generator(np.random.Philox(seed)))
    return ReferenceClass(
        _description(met, alone, population),
        "Root mean square of the differences from the case, each divided by the feature's "
        "standard deviation (one half where it is 0 or 1); counts and years as log(1 + x).",
        used,
        met,
        alone,
        rows,
        _notes(met, alone, rows, population),
        seed,
    )


def _equal(
    table: pl.DataFrame, case: Mapping[str, float | None], exact: Sequence[str]
) -> pl.DataFrame:
    for name in exact:
        if name not in _BINARY or case.get(name) is None:
            raise InputError(f"exact on {name!r}: give one of {_BINARY} that the case states")
        table = table.filter(pl.col(name) == case[name])
    return table


def _features(
    case: Mapping[str, float | None],
    features: Sequence[str] | None,
    population: Population,
    table: pl.DataFrame,
) -> tuple[ReferenceFeature, ...]:
    known = population.features
    asked = [*case, *(features or ())]
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise InputError(
            f"the shipped reference class has no feature {', '.join(map(repr, unknown))} (it has "
            f"{', '.join(known)}); to select by others run `detente data pull` and build the "
            f"table again with detente.assessments.reference_build"
        )
    wanted = [f for f in known if case.get(f) is not None and (not features or f in features)]
    if not wanted:
        raise InputError(f"no feature of the case is given: state at least one of {list(known)}")
    return tuple(_feature(name, known[name], float(case[name] or 0.0), table) for name in wanted)


def _feature(name: str, label: str, value: float, table: pl.DataFrame) -> ReferenceFeature:
    logged = name in _LOGGED
    if not np.isfinite(value) or (logged and value < 0):
        raise InputError(f"feature {name!r} of the case is {value}: give a finite value, not < 0")
    if name == "years_since_dispute":
        value = min(value, NO_DISPUTE_YEARS)
    if name in _BINARY:
        if not 0 <= value <= 1:
            raise InputError(f"feature {name!r} of the case is {value}: give 0 or 1")
        return ReferenceFeature(name, label, BINARY_SCALE, logged, value)
    scale = float(_values(table, name, logged=logged).std())
    return ReferenceFeature(name, label, scale, logged, value)


def _values(table: pl.DataFrame, name: str, *, logged: bool) -> Floats:
    column = pl.col(name).cast(pl.Float64)
    if name == "years_since_dispute":
        column = column.fill_null(NO_DISPUTE_YEARS)
    values = table.select(column).to_series().to_numpy()
    return np.log1p(values) if logged else values


def _with_distance(table: pl.DataFrame, used: Sequence[ReferenceFeature]) -> pl.DataFrame:
    gaps = np.stack(
        [
            (_values(table, f.id, logged=f.logged) - (np.log1p(f.case) if f.logged else f.case))
            / f.scale
            for f in used
        ]
    )
    distance = np.sqrt((gaps**2).mean(axis=0)).round(6)
    return table.with_columns(pl.Series("distance", distance))


def _summary(
    met: pl.DataFrame, alone: pl.DataFrame, rng: np.random.Generator
) -> tuple[ReferenceRow, ...]:
    rows: list[ReferenceRow] = []
    for outcome in OUTCOMES:
        for horizon in HORIZONS:
            rows.append(_row(met, f"{outcome}_{horizon}", outcome, horizon, "met", rng))
            rows.append(_row(alone, f"{outcome}_{horizon}", outcome, horizon, "not met", rng))
    rows.append(_row(met, "dispute_before", "dispute", 1, "before", rng))
    return tuple(rows)


def _row(
    table: pl.DataFrame,
    column: str,
    outcome: str,
    horizon: int,
    group: Group,
    rng: np.random.Generator,
) -> ReferenceRow:
    whole = pl.lit(value=True) if group == "before" else _covered(horizon)
    seen = table.filter(whole & pl.col(column).is_in(["yes", "no"]))
    by_dyad = seen.group_by(PAIR, maintain_order=True).agg(
        (pl.col(column) == "yes").sum().alias("x"), pl.len().alias("n")
    )
    x, n = by_dyad["x"].to_numpy().astype(float), by_dyad["n"].to_numpy().astype(float)
    events, total = int(x.sum()), int(n.sum())
    found = limits(x, n, rng)
    under = int((table[column] == "under way").sum())
    return ReferenceRow(
        horizon,
        outcome,
        group,
        total,
        events,
        tuple(by_dyad.select(PAIR).sort(PAIR).iter_rows()),
        windows_apart(seen, horizon),
        events / total if total else None,
        found.lo,
        found.hi,
        found.lo_dyads,
        found.hi_dyads,
        table.height - total - under,
        under,
        found.reason,
        found.method,
    )


def _covered(horizon: int) -> pl.Expr:
    """Keep cases whose whole window lies in the record: early events alone would mislead."""
    return pl.col("date").dt.offset_by(f"{horizon}y") <= pl.date(2015, 1, 1)


def _description(met: pl.DataFrame, alone: pl.DataFrame, population: Population) -> str:
    first, last = met["date"].dt.year().min(), met["date"].dt.year().max()
    return (
        f"The {met.height} {population.meetings} nearest to the case "
        f"({first} to {last}, {_dyads(met)} dyads) and the {alone.height} nearest "
        f"{population.controls} ({_dyads(alone)} dyads)."
    )


def _dyads(table: pl.DataFrame) -> int:
    return table.select(PAIR).n_unique()


def _notes(
    met: pl.DataFrame, alone: pl.DataFrame, rows: Sequence[ReferenceRow], population: Population
) -> tuple[str, ...]:
    censored = max(row.censored for row in rows if row.group == "met")
    largest = met.group_by(PAIR).len().sort("len", descending=True)["len"][0]
    gap = tuple(round(float(np.mean(t["distance"].to_numpy())), 2) for t in (met, alone))
    return (
        "Meetings of one dyad are not independent, and windows after them overlap: read the "
        f"number of dyads, not of meetings, as the amount of evidence. {largest} of {met.height} "
        "meetings are of one dyad.",
        f"Mean distance to the case: {gap[0]} for those who met, {gap[1]} for those who did not. "
        "They are alike in these features only; who meets is not drawn at random.",
        f"{_before_1945(met)} of {met.height} meetings and {_before_1945(alone)} of "
        f"{alone.height} days without one lie before 1945.",
        "Rates use cases whose whole window lies before 2015, when the record of disputes ends; "
        f"up to {censored} of the meetings are censored at a horizon.",
        population.limits,
        "An onset is a new dispute or war of the pair; a case with one under way is not at risk "
        "of an onset and is left out of that row.",
    )


def _before_1945(table: pl.DataFrame) -> int:
    return table.filter(pl.col("date") < pl.date(1945, 1, 1)).height
