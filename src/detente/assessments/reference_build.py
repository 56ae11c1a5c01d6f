"""Build the two tables of the reference class: meetings of adversaries, and days without one.

``python -m detente.assessments.reference_build`` writes the tables that the package ships.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from detente.assessments.reference_contacts import anybody_met, leaders_met, not_called_off
from detente.assessments.reference_features import (
    HORIZONS,
    KEY,
    OUTCOMES,
    RECORD_STOP,
    known_before,
    state_name,
    what_followed,
)
from detente.histories import adversaries, load_spells, load_us_meetings, recorded
from detente.histories.chronology import load_offices, meeting_pairs
from detente.histories.features import FeatureTables
from detente.sources import load
from detente.sources.chronology import load_meetings, recorded_windows

USA = 2
SHIPPED = Path(__file__).parent / "shipped"
US_FILE, CHRONOLOGY_FILE = "reference_us_adversaries.csv", "reference_chronology.csv"
APART_YEARS = 1
"""A control has no meeting of heads on record within this many years on either side."""

_FOLLOWED = (
    *(f"{o}_{h}" for o in OUTCOMES for h in HORIZONS),
    "dispute_before",
    *(f"first_{o}_year" for o in OUTCOMES),
    *(f"years_to_{o}" for o in OUTCOMES),
)
_FLAGS = ("rivalry", "both_nuclear", "both_major", "dispute_now", "war_now")


@dataclass(frozen=True, slots=True)
class ReferenceTables:
    """What the reference class is built from.

    ``meetings`` are those of the United States in the State Department's record; ``pairs`` the
    pairs of the chronology, with the level of each (:func:`detente.histories.chronology`).
    """

    meetings: pl.DataFrame
    pairs: pl.DataFrame
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
    chronology = load_meetings()
    return ReferenceTables(
        load_us_meetings(),
        meeting_pairs(chronology, load_offices(chronology)),
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
        1 July without a meeting of heads within a year (``kind`` ``control``; see
        :func:`detente.assessments.reference_contacts.anybody_met`): who, where, the record's
        entries; days of travel as recorded, not of the talks; no entry whose meeting the
        chronology has as not held; features known the day before; ``dispute_1`` ... ``war_10`` with
        ``yes``, ``no``, ``censored`` or ``under way`` (not at risk of an onset that day);
        ``dispute_before`` (an onset in the year before); years, not days, of what followed.
    """
    record = not_called_off(tables.meetings, tables.pairs)
    rows = pl.concat([_meetings(tables, record), _controls(tables, _us_window())], how="diagonal")
    rows = known_before(rows, tables.features, tables.spells)
    rows = rows.join(
        _meetings_before(rows, record), on=KEY, how="left", maintain_order="left"
    ).with_columns(pl.col("meetings_5y").fill_null(0.0))
    rows = what_followed(rows, tables.spells)
    table = _columns(rows.with_columns(state_name(tables.states, 2).alias("state")))
    if to is not None:
        table.write_csv(to)
    return table


def build_chronology_reference(tables: ReferenceTables, *, to: Path | None = None) -> pl.DataFrame:
    """Return leaders' meetings of adversaries in the whole chronology, 1816 to 2014, and controls.

    Meetings are the held ones of leaders of tiers A and B, pair by pair, and those of the State
    Department's record that the chronology does not hold (days of travel) nor has as not held.
    Controls (1 July without a meeting of heads within a year) are of pairs and years for which
    meetings are on record only (:func:`detente.sources.chronology.recorded_windows`, and the
    United States with any state): elsewhere no meeting listed means unknown.

    Parameters
    ----------
    tables
        See :func:`load_reference_tables`.
    to
        Where to write the table as CSV (the package ships it), or nowhere.

    Returns
    -------
    pl.DataFrame
        As of :func:`build_reference`, with the names of both states, ``tier`` and ``source``;
        ``third_war`` (either at war with a third state) in place of its two sides; no count of
        earlier meetings, which is known for few pairs.
    """
    ours = recorded_windows().filter(pl.col("needs").is_null())
    windows = pl.concat([_us_window(), ours.select(_us_window().columns)])
    held = leaders_met(not_called_off(tables.meetings, tables.pairs), tables.pairs)
    met = _adverse(held, tables).with_columns(pl.lit("meeting").alias("kind"))
    rows = pl.concat([met, _controls(tables, windows)], how="diagonal")
    rows = known_before(rows, tables.features, tables.spells)
    rows = what_followed(rows, tables.spells)
    table = _chronology_columns(
        rows.with_columns(
            *(state_name(tables.states, side).alias(f"state{side}") for side in (1, 2)),
            pl.max_horizontal("third_war_1", "third_war_2").alias("third_war"),
        )
    )
    if to is not None:
        table.write_csv(to)
    return table


def _meetings(tables: ReferenceTables, record: pl.DataFrame) -> pl.DataFrame:
    window = recorded("leader")
    held = record.filter(
        (pl.col("level") == "leader")
        & pl.col("ccode2").is_not_null()
        & (pl.col("start") >= window.start)
        & (pl.col("start") < RECORD_STOP)
    ).with_columns(pl.col("start").alias("date"))
    return _adverse(held, tables).select(
        pl.lit("meeting").alias("kind"),
        pl.col("meeting_id").alias("id"),
        *KEY,
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


def _us_window() -> pl.DataFrame:
    """Return the days on which the journeys of US leaders are recorded, with any state."""
    window = recorded("leader")
    return pl.DataFrame(
        [(USA, None, window.start, window.stop)],
        schema={"ccode1": pl.Int32, "ccode2": pl.Int32, "start": pl.Date, "stop": pl.Date},
        orient="row",
    )


def _controls(tables: ReferenceTables, windows: pl.DataFrame) -> pl.DataFrame:
    """Return adversaries on 1 July of years on record, with no meeting of heads within a year."""
    days = pl.DataFrame(
        {"date": pl.date_range(dt.date(1816, 7, 1), RECORD_STOP, "1y", closed="left", eager=True)}
    )
    members = tables.states.select("ccode", pl.col("start").alias("in"), "stop", "censored")
    there = days.join(members, how="cross").filter(
        (pl.col("in") <= pl.col("date")) & ((pl.col("date") < pl.col("stop")) | pl.col("censored"))
    )
    one, two = (there.select("date", pl.col("ccode").alias(f"ccode{n}")) for n in (1, 2))
    pairs = one.join(two, on="date").filter(pl.col("ccode1") < pl.col("ccode2"))
    known = windows.select(
        pl.col("ccode1").alias("_one"), pl.col("ccode2").alias("_two"), "start", "stop"
    )
    year = f"{APART_YEARS}y"
    on_record = pairs.join_where(
        known,
        pl.col("ccode1") == pl.col("_one"),
        pl.col("_two").is_null() | (pl.col("ccode2") == pl.col("_two")),
        pl.col("start") <= pl.col("date").dt.offset_by(f"-{year}"),
        pl.col("stop") >= pl.col("date").dt.offset_by(year),
    )
    pairs = _adverse(on_record.select(KEY).unique().sort(KEY), tables)
    met = anybody_met(tables.meetings, tables.pairs)
    near = pairs.join(met, on=["ccode1", "ccode2"]).filter(
        (pl.col("start") <= pl.col("date").dt.offset_by(year))
        & (pl.col("last_day") >= pl.col("date").dt.offset_by(f"-{year}"))
    )
    alone = pairs.join(near.select(KEY).unique(), on=KEY, how="anti")
    name = pl.format("none-{}-{}-{}", "ccode1", "ccode2", "date")
    return alone.select(pl.lit("control").alias("kind"), name.alias("id"), *KEY)


def _meetings_before(rows: pl.DataFrame, meetings: pl.DataFrame) -> pl.DataFrame:
    held = meetings.filter(pl.col("level") == "leader").select("ccode2", pl.col("start"))
    return (
        rows.select(KEY)
        .unique()
        .join(held, on="ccode2")
        .filter(
            (pl.col("start") < pl.col("date"))
            & (pl.col("start") >= pl.col("date").dt.offset_by("-5y"))
        )
        .group_by(KEY)
        .agg(pl.len().cast(pl.Float64).alias("meetings_5y"))
    )


def _columns(rows: pl.DataFrame) -> pl.DataFrame:
    sides = {"third_war_1": "us_war", "third_war_2": "other_war"}
    return (
        rows.rename(sides)
        .select(
            "kind",
            "id",
            *KEY,
            "state",
            "last_day",
            "counterpart",
            "place",
            "persons",
            "source_record_ids",
            "named",
            "multilateral",
            "occasion",
            *(pl.col(c).cast(pl.Int8) for c in (*_FLAGS, *sides.values())),
            pl.col("parity").round(2),
            pl.col("democracy").round(2),
            pl.col("years_since_dispute").round(1),
            pl.col("disputes_10y").cast(pl.Int16),
            pl.col("meetings_5y").cast(pl.Int16),
            *_FOLLOWED,
        )
        .sort("kind", "date", "ccode2", "id", descending=[True, False, False, False])
    )


def _chronology_columns(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "kind",
        "id",
        *KEY,
        "state1",
        "state2",
        "last_day",
        "place",
        "persons",
        "tier",
        "source",
        "occasion",
        *(pl.col(c).cast(pl.Int8) for c in (*_FLAGS, "third_war")),
        pl.col("parity").round(2),
        pl.col("years_since_dispute").round(1),
        pl.col("disputes_10y").cast(pl.Int16),
        *_FOLLOWED,
    ).sort("kind", *KEY[::-1], "id", descending=[True, False, False, False, False])


if __name__ == "__main__":
    found = load_reference_tables()
    build_reference(found, to=SHIPPED / US_FILE)
    build_chronology_reference(found, to=SHIPPED / CHRONOLOGY_FILE)
