"""Build the table of US meetings with adversaries, and of adversaries who did not meet.

``python -m detente.assessments.reference_build`` writes the table that the package ships.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from detente.histories import adversaries, load_spells, load_us_meetings, recorded
from detente.histories.features import FeatureTables, dyad_features
from detente.sources import load

USA = 2
RECORD_STOP = dt.date(2015, 1, 1)
"""First day after the record of disputes and wars."""

HORIZONS = (1, 5, 10)
OUTCOMES = ("dispute", "war")
APART_YEARS = 1
"""A control has no leaders' meeting within this many years on either side."""

MEMORY_YEARS = 10
"""Disputes this far back are counted; the last one is not looked for beyond it."""

_KEY = ("ccode1", "ccode2", "date")


@dataclass(frozen=True, slots=True)
class ReferenceTables:
    """What the reference class is built from."""

    meetings: pl.DataFrame
    spells: pl.DataFrame
    states: pl.DataFrame
    features: FeatureTables


def load_reference_tables() -> ReferenceTables:
    """Load every table that :func:`build_reference` needs (``detente data pull`` first)."""
    names = (
        "nmc",
        "cow_majors",
        "contiguity",
        "atop",
        "democracy",
        "rivalries",
        "nuclear_status",
    )
    return ReferenceTables(
        load_us_meetings(),
        load_spells(),
        load("cow_states"),
        FeatureTables(**{name: load(name) for name in names}),
    )


def build_reference(tables: ReferenceTables, *, to: Path | None = None) -> pl.DataFrame:
    """Return meetings of US leaders with adversaries to 2014, and controls, with what followed.

    Parameters
    ----------
    tables
        See :func:`load_reference_tables`.
    to
        Where to write the table as CSV (the package ships it), or nowhere.

    Returns
    -------
    pl.DataFrame
        One row per meeting and counterpart (``kind`` ``meeting``) and per adversary and
        1 July without a leaders' meeting within a year (``kind`` ``control``): who, where, the
        record's entries; features known the day before; ``dispute_1`` ... ``war_10`` with
        ``yes``, ``no``, ``censored`` or ``under way`` (not at risk of an onset that day);
        ``dispute_before`` (an onset in the year before); years, not days, of what followed.
    """
    met = _meetings(tables)
    rows = pl.concat([met, _controls(tables)], how="diagonal")
    rows = _features(rows, tables)
    rows = _outcomes(rows, tables.spells)
    table = _columns(_named(rows, tables.states))
    if to is not None:
        table.write_csv(to)
    return table


def _meetings(tables: ReferenceTables) -> pl.DataFrame:
    window = recorded("leader")
    held = tables.meetings.filter(
        (pl.col("level") == "leader")
        & pl.col("ccode2").is_not_null()
        & (pl.col("start") >= window.start)
        & (pl.col("start") < RECORD_STOP)
    ).with_columns(pl.col("start").alias("date"))
    return _adverse(held, tables).select(
        pl.lit("meeting").alias("kind"),
        pl.col("meeting_id").alias("id"),
        *_KEY,
        pl.col("stop").dt.offset_by("-1d").alias("last_day"),
        "counterpart",
        "place",
        "persons",
        pl.col("source_record_ids").list.join(";").alias("source_record_ids"),
        "named",
        "multilateral",
        "occasion",
    )


def _adverse(rows: pl.DataFrame, tables: ReferenceTables) -> pl.DataFrame:
    flags = adversaries(rows, tables.features.rivalries, tables.spells, tables.features.atop)
    return flags.filter("adversaries").drop("rival", "disputed", "allied", "occupied")


def _controls(tables: ReferenceTables) -> pl.DataFrame:
    window = recorded("leader")
    first = dt.date(window.start.year + 1, 7, 1)
    days = pl.DataFrame(
        {"date": pl.date_range(first, RECORD_STOP, "1y", closed="left", eager=True)}
    ).filter(pl.col("date").dt.offset_by(f"-{APART_YEARS}y") >= window.start)
    states = tables.states.filter(pl.col("ccode") != USA)
    pairs = (
        days.join(states, how="cross")
        .filter(
            (pl.col("start") <= pl.col("date"))
            & ((pl.col("date") < pl.col("stop")) | pl.col("censored"))
        )
        .select(
            pl.lit(USA, dtype=pl.Int32).alias("ccode1"), pl.col("ccode").alias("ccode2"), "date"
        )
    )
    pairs = _adverse(pairs, tables)
    held = tables.meetings.filter(pl.col("level") == "leader").select("ccode2", "start", "stop")
    near = pairs.join(held, on="ccode2").filter(
        (pl.col("start") < pl.col("date").dt.offset_by(f"{APART_YEARS}y"))
        & (pl.col("stop") > pl.col("date").dt.offset_by(f"-{APART_YEARS}y"))
    )
    alone = pairs.join(near.select(_KEY).unique(), on=_KEY, how="anti")
    name = pl.format("none-{}-{}", "ccode2", "date")
    return alone.select(pl.lit("control").alias("kind"), name.alias("id"), *_KEY)


def _features(rows: pl.DataFrame, tables: ReferenceTables) -> pl.DataFrame:
    """Join what was known the day before."""
    table = dyad_features(
        rows.with_columns(pl.col("date").dt.year().alias("year")), tables.features
    )
    now = _under_way(table, tables.spells)
    table = table.join(now, on=_KEY, how="left", maintain_order="left")
    table = table.join(_past(table, tables.spells), on=_KEY, how="left", maintain_order="left")
    table = table.join(
        _meetings_before(table, tables.meetings), on=_KEY, how="left", maintain_order="left"
    )
    for side, name in ((1, "us_war"), (2, "other_war")):
        hits = _third_war(table, tables.spells, side).with_columns(pl.lit(1.0).alias(name))
        table = table.join(hits, on=_KEY, how="left", maintain_order="left")
    zero = ("dispute_now", "war_now", "disputes_10y", "meetings_5y", "us_war", "other_war")
    return table.with_columns(pl.col(c).fill_null(0.0) for c in zero)


def _under_way(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.select(_KEY)
        .unique()
        .join(spells.select("ccode1", "ccode2", "start", "stop", "rung"), on=["ccode1", "ccode2"])
        .filter((pl.col("start") < pl.col("date")) & (pl.col("stop") >= pl.col("date")))
        .group_by(_KEY)
        .agg(
            pl.lit(1.0).alias("dispute_now"),
            (pl.col("rung") == "war").any().cast(pl.Float64).alias("war_now"),
        )
    )


def _past(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """Count onsets in ten years and the years since the last spell ended, 0 if under way."""
    memory = pl.col("date").dt.offset_by(f"-{MEMORY_YEARS}y")
    before = (
        rows.select(_KEY)
        .unique()
        .join(_episodes(spells), on=["ccode1", "ccode2"])
        .filter((pl.col("start") < pl.col("date")) & (pl.col("stop") > memory))
    )
    since = (pl.col("date") - pl.min_horizontal("stop", "date")).dt.total_days() / 365.25
    return before.group_by(_KEY).agg(
        (pl.col("start") >= memory).sum().cast(pl.Float64).alias("disputes_10y"),
        since.min().alias("years_since_dispute"),
    )


def _episodes(spells: pl.DataFrame) -> pl.DataFrame:
    return spells.group_by("ccode1", "ccode2", "episode").agg(
        pl.col("start").min(), pl.col("stop").max()
    )


def _meetings_before(rows: pl.DataFrame, meetings: pl.DataFrame) -> pl.DataFrame:
    held = meetings.filter(pl.col("level") == "leader").select("ccode2", pl.col("start"))
    return (
        rows.select(_KEY)
        .unique()
        .join(held, on="ccode2")
        .filter(
            (pl.col("start") < pl.col("date"))
            & (pl.col("start") >= pl.col("date").dt.offset_by("-5y"))
        )
        .group_by(_KEY)
        .agg(pl.len().cast(pl.Float64).alias("meetings_5y"))
    )


def _third_war(rows: pl.DataFrame, spells: pl.DataFrame, side: int) -> pl.DataFrame:
    """Return the rows whose member ``side`` was at war with a third state the day before."""
    wars = spells.filter(pl.col("rung") == "war")
    each = pl.concat(
        [
            wars.select(pl.col(a).alias("_who"), pl.col(b).alias("_foe"), "start", "stop")
            for a, b in (("ccode1", "ccode2"), ("ccode2", "ccode1"))
        ]
    )
    return (
        rows.select(_KEY)
        .unique()
        .join(each, left_on=f"ccode{side}", right_on="_who")
        .filter(
            (pl.col("_foe") != pl.col(f"ccode{3 - side}"))
            & (pl.col("start") < pl.col("date"))
            & (pl.col("stop") >= pl.col("date"))
        )
        .select(_KEY)
        .unique()
    )


def _outcomes(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    onsets = _episodes(spells).select("ccode1", "ccode2", "start")
    wars = spells.filter(pl.col("rung") == "war").select("ccode1", "ccode2", "start")
    for outcome, starts in (("dispute", onsets), ("war", wars)):
        first = (
            rows.select(_KEY)
            .unique()
            .join(starts, on=["ccode1", "ccode2"])
            .filter(pl.col("start") >= pl.col("date"))
            .group_by(_KEY)
            .agg(pl.col("start").min().alias(f"_{outcome}"))
        )
        rows = rows.join(first, on=_KEY, how="left", maintain_order="left")
        rows = rows.with_columns(
            *(_status(outcome, h).alias(f"{outcome}_{h}") for h in HORIZONS),
            pl.col(f"_{outcome}").dt.year().alias(f"first_{outcome}_year"),
            ((pl.col(f"_{outcome}") - pl.col("date")).dt.total_days() / 365.25)
            .round(1)
            .alias(f"years_to_{outcome}"),
        )
    return rows.join(_before(rows, spells), on=_KEY, how="left", maintain_order="left")


def _status(outcome: str, horizon: int) -> pl.Expr:
    end = pl.col("date").dt.offset_by(f"{horizon}y")
    return (
        pl.when(pl.col(f"{outcome}_now") > 0)
        .then(pl.lit("under way"))
        .when(pl.col(f"_{outcome}") < end)
        .then(pl.lit("yes"))
        .when(end > RECORD_STOP)
        .then(pl.lit("censored"))
        .otherwise(pl.lit("no"))
    )


def _before(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """Say whether a dispute began in the year before; not at risk if one was under way."""
    year_ago = pl.col("date").dt.offset_by("-1y")
    pairs = rows.select(_KEY).unique().join(_episodes(spells), on=["ccode1", "ccode2"], how="left")
    return (
        pairs.group_by(_KEY)
        .agg(
            ((pl.col("start") < year_ago) & (pl.col("stop") >= year_ago)).any().alias("_at"),
            pl.col("start").is_between(year_ago, pl.col("date"), closed="left").any().alias("_on"),
        )
        .select(
            *_KEY,
            pl.when("_at")
            .then(pl.lit("under way"))
            .when("_on")
            .then(pl.lit("yes"))
            .otherwise(pl.lit("no"))
            .alias("dispute_before"),
        )
    )


def _named(rows: pl.DataFrame, states: pl.DataFrame) -> pl.DataFrame:
    names = states.unique("ccode", keep="last", maintain_order=True)
    names = names.select(pl.col("ccode").alias("ccode2"), pl.col("name").alias("state"))
    return rows.join(names, on="ccode2", how="left", maintain_order="left")


def _columns(rows: pl.DataFrame) -> pl.DataFrame:
    flags = ("rivalry", "both_nuclear", "both_major", "dispute_now", "war_now", "us_war")
    return rows.select(
        "kind",
        "id",
        *_KEY,
        "state",
        "last_day",
        "counterpart",
        "place",
        "persons",
        "source_record_ids",
        "named",
        "multilateral",
        "occasion",
        *(pl.col(c).cast(pl.Int8) for c in (*flags, "other_war")),
        pl.col("parity").round(2),
        pl.col("democracy").round(2),
        pl.col("years_since_dispute").round(1),
        pl.col("disputes_10y").cast(pl.Int16),
        pl.col("meetings_5y").cast(pl.Int16),
        *(f"{o}_{h}" for o in OUTCOMES for h in HORIZONS),
        "dispute_before",
        *(f"first_{o}_year" for o in OUTCOMES),
        *(f"years_to_{o}" for o in OUTCOMES),
    ).sort("kind", "date", "ccode2", "id", descending=[True, False, False, False])


if __name__ == "__main__":
    build_reference(
        load_reference_tables(),
        to=Path(__file__).parent / "shipped" / "reference_us_adversaries.csv",
    )
