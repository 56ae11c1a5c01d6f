"""Checks of the chronology against the State Department, Archigos and COW, and against itself.

Every table has a column ``reason`` (why a row differs, where that is known) and ``explained``.
Reasons coded by hand are in ``sources/chronology/exceptions.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from detente.histories.chronology import IN_POWER, load_chronology, load_offices, meeting_pairs
from detente.histories.meetings import USA, recorded, us_meetings
from detente.histories.settled_wars import settled_wars
from detente.histories.wars import opposing_spells
from detente.sources import load
from detente.sources.chronology import (
    exceptions,
    load_meetings,
    load_settlements,
    load_unsettled_wars,
    recorded_windows,
    with_ccode,
)

RECORD_ID = r"(?:travels|visits)/\d+"


@dataclass(frozen=True, slots=True)
class UsRecord:
    """The State Department's record: its entries, and the meetings read from them."""

    travels: pl.DataFrame
    visits: pl.DataFrame
    meetings: pl.DataFrame
    states: pl.DataFrame


def load_us_record() -> UsRecord:
    """Load the record and what is needed to read it."""
    travels, visits, states = load("us_travels"), load("us_visits"), load("cow_states")
    meetings = us_meetings(
        travels, visits, leaders=load("leaders"), gw_cow=load("gw_cow"), states=states
    )
    return UsRecord(travels, visits, meetings, states)


def chronology_tables() -> dict[str, pl.DataFrame]:
    """Return the tables of the chronology for ``detente data audit``.

    Raises
    ------
    UnavailableError
        If a dataset is in neither the mirror nor the cache.
    """
    meetings, settlements = load_chronology(), load_settlements()
    standings, record, wars = load_offices(meetings), load_us_record(), load("cow_interstate_wars")
    tables = {
        "chronology_us": against_record(meetings, standings, record),
        "chronology_us_missing": not_in_chronology(meetings, record),
        "chronology_persons": against_leaders(meetings, standings),
        "chronology_wars": against_wars(meetings, settlements, wars),
        "chronology_overlaps": overlaps(meetings),
        "chronology_settled": settled_wars(
            wars, load("cow_majors"), settlements, load_unsettled_wars()
        ),
    }
    return {"chronology": _overview(meetings, settlements, tables), **tables}


def against_record(
    meetings: pl.DataFrame, standings: pl.DataFrame, record: UsRecord
) -> pl.DataFrame:
    """Hold every row of the United States (tiers A and B) against the State Department's record.

    Returns
    -------
    pl.DataFrame
        One row per meeting and counterpart with a code: the entries cited, those the record
        has for the days (``seen``), our level of the pair and the record's, ``matched`` (cited
        entries exist, hold the days and agree on the level), ``reason``, ``explained``.
    """
    pairs = meeting_pairs(meetings, standings).filter(
        (pl.col("ccode1") == USA) & (pl.col("tier") != "C")
    )
    cited = pl.col("source_locator").str.extract_all(RECORD_ID).alias("cited")
    rows = pairs.select(
        "id", pl.col("ccode2").alias("ccode"), "start", "end", "level", "status", "tier", cited
    )
    rows = rows.join(_entry_days(rows, record), on="id", how="left")
    rows = rows.join(_read_levels(rows, record), on=["id", "ccode"], how="left")
    rows = rows.join(_journeys(rows, record), on=["id", "ccode"], how="left")
    agrees = pl.col("level") == pl.col("record_level")
    matched = (_held_days() & agrees).fill_null(False)
    return _explained(
        rows.with_columns(matched.alias("matched"), _why_unmatched().alias("reason")),
        "record",
        ok=pl.col("matched"),
    ).drop("status", "from", "to", "entries")


def _held_days() -> pl.Expr:
    """Tell whether every cited entry exists and the days lie inside theirs."""
    found = pl.col("entries") == pl.col("cited").list.len()
    return found & (pl.col("from") <= pl.col("start")) & (pl.col("end") <= pl.col("to"))


def _entry_days(rows: pl.DataFrame, record: UsRecord) -> pl.DataFrame:
    entries = pl.concat(
        [t.select("record_id", "start", "stop") for t in (record.travels, record.visits)]
    )
    cited = rows.select("id", pl.col("cited").alias("record_id")).explode("record_id").unique()
    return (
        cited.join(entries, on="record_id")
        .group_by("id")
        .agg(
            pl.len().alias("entries"),
            pl.col("start").min().alias("from"),
            pl.col("stop").max().dt.offset_by("-1d").alias("to"),
        )
    )


def _read_levels(rows: pl.DataFrame, record: UsRecord) -> pl.DataFrame:
    """Return the highest level that the record's own reading gives the cited entries."""
    read = record.meetings.select(
        pl.col("ccode2").alias("ccode"), "level", pl.col("source_record_ids").alias("record_id")
    )
    order = pl.Enum(["leader", "ceremonial", "congress", "envoy"])
    cited = rows.select("id", "ccode", pl.col("cited").alias("record_id")).explode("record_id")
    return (
        cited.join(read.explode("record_id"), on=["ccode", "record_id"])
        .group_by("id", "ccode")
        .agg(pl.col("level").cast(order).min().cast(pl.String).alias("record_level"))
    )


def _journeys(rows: pl.DataFrame, record: UsRecord) -> pl.DataFrame:
    """Return what the record has of the President's days and the counterpart's visits."""
    trips = record.travels.filter(pl.col("role") == "president")
    away = rows.select("id", "ccode", "start", "end").join_where(
        trips.select("record_id", pl.col("start").alias("on"), "stop"),
        pl.col("on") <= pl.col("end"),
        pl.col("stop") > pl.col("start"),
    )
    came = with_ccode(record.visits, record.states, strict=False).drop_nulls("code")
    guests = rows.select("id", "ccode", "start", "end").join_where(
        came.select("record_id", "code", pl.col("start").alias("on"), "stop"),
        pl.col("code") == pl.col("ccode"),
        pl.col("on") <= pl.col("end"),
        pl.col("stop") > pl.col("start"),
    )
    both = pl.concat(
        [away.select("id", "ccode", "record_id"), guests.select("id", "ccode", "record_id")]
    )
    return both.group_by("id", "ccode").agg(pl.col("record_id").unique().sort().alias("seen"))


def _why_unmatched() -> pl.Expr:
    stop = recorded("leader").stop
    uncited = pl.col("cited").list.len() == 0
    return (
        pl.when(pl.col("status") != "held")
        .then(pl.lit("not held: the record lists journeys made"))
        .when(uncited & (pl.col("start") >= stop))
        .then(pl.lit("after the last entry of the record"))
        .when(uncited & pl.col("level").is_in(["congress", "envoy"]))
        .then(pl.lit("envoys met: the record lists journeys of the President and the Secretary"))
        .when(uncited & pl.col("seen").is_not_null())
        .then(pl.lit("the journey is in the record, the talks are not"))
        .when(pl.col("record_level") == "congress")
        .then(pl.lit("the entry names a gathering; the talks are from another source"))
        .when((pl.col("tier") == "B") & pl.col("record_level").is_null() & _held_days())
        .then(pl.lit("the entry is of the journey; the talks are from another source"))
    )


def not_in_chronology(meetings: pl.DataFrame, record: UsRecord) -> pl.DataFrame:
    """Return leaders' meetings of the record that the chronology claims to hold, but lacks.

    It claims those of the pairs and days of :func:`detente.sources.chronology.recorded_windows`.
    """
    cited = meetings.select(
        pl.col("source_locator").str.extract_all(RECORD_ID).alias("record_id")
    ).explode("record_id")
    windows = recorded_windows().filter((pl.col("ccode1") == USA) & pl.col("needs").is_null())
    claimed = windows.group_by("ccode2").agg(pl.col("start").min().alias("since"))
    read = record.meetings.join(claimed, on="ccode2").filter(
        (pl.col("level") == "leader") & (pl.col("start") >= pl.col("since"))
    )
    have = (
        read.select("meeting_id", "ccode2", pl.col("source_record_ids").alias("record_id"))
        .explode("record_id")
        .join(cited.drop_nulls().unique(), on="record_id")
        .select("meeting_id", "ccode2")
        .unique()
    )
    lacking = read.join(have, on=["meeting_id", "ccode2"], how="anti").select(
        pl.col("meeting_id").alias("id"),
        pl.col("ccode2").alias("ccode"),
        "start",
        "place",
        "persons",
        pl.lit(None, dtype=pl.String).alias("reason"),
    )
    return _explained(lacking, "missing", ok=pl.lit(value=False))


def against_leaders(meetings: pl.DataFrame, standings: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose level, or a person named, differs from the leaders in office.

    A row is listed if its level is ``leader`` with fewer than two parties in power, or another
    although the effective leaders of two parties took part; and each party of a ``leader`` row
    whose persons did not hold power.
    """
    able = standings.group_by("id").agg(
        pl.col("standing").is_in(IN_POWER).sum().alias("in_power"),
        (pl.col("standing") == "effective").sum().alias("effective"),
    )
    no_code = pl.col("party_codes").list.count_matches(pl.lit(None)).alias("no_code")
    rows = standings.join(able, on="id").join(
        meetings.select("id", "start", "level", "tier", no_code), on="id"
    )
    led = pl.col("level") == "leader"
    few = led & (pl.col("in_power") + pl.col("no_code") < 2)
    many = ~led & (pl.col("effective") >= 2)
    stranger = led & (pl.col("standing") == "other")
    reason = (
        pl.when(few | many)
        .then(None)
        .when(stranger)
        .then(pl.lit("the leaders of two other parties met; this side sent a deputy"))
    )
    listed = rows.filter(few | many | stranger).with_columns(reason.alias("reason"))
    columns = ("id", "ccode", "start", "level", "tier", "persons", "incumbents", "reason")
    return _explained(listed.select(columns), "persons", ok=pl.lit(value=False)).sort("start", "id")


def against_wars(
    meetings: pl.DataFrame, settlements: pl.DataFrame, wars: pl.DataFrame
) -> pl.DataFrame:
    """Hold the wars that rows name against the COW list.

    A war named in ``under_way`` must have been fought on the first day, and by the parties
    against each other unless the cell says ``allies``; a crisis named must be under way between
    parties in the record of crises; ``none`` must not meet a dispute, war or crisis of the
    record. A settlement's war must exist, and its days and deaths agree.
    """
    named = meetings.filter(pl.col("under_way").is_not_null()).with_columns(
        pl.col("under_way").str.extract(r"^war:(\d+)", 1).cast(pl.Int32).alias("warnum")
    )
    fought = (
        opposing_spells(wars)
        .group_by("warnum")
        .agg(pl.col("war_start").min(), pl.col("war_stop").max())
    )
    rows = named.join(fought, on="warnum", how="left")
    on = (pl.col("war_start") <= pl.col("start")) & (pl.col("start") < pl.col("war_stop"))
    opposed = pl.concat_str(pl.lit("war:"), pl.col("warnum").cast(pl.String))
    against = pl.col("under_way").str.contains("allies") | pl.col("under_way_record").list.contains(
        opposed
    )
    wrong_war = pl.col("warnum").is_not_null() & ~(on & against.fill_null(True)).fill_null(False)
    crisis = pl.col("under_way").str.extract(r"^(icb:\d+)$", 1)
    wrong_crisis = crisis.is_not_null() & ~pl.col("under_way_record").list.contains(
        crisis
    ).fill_null(value=False)
    wrong_none = (pl.col("under_way") == "none") & (
        pl.col("under_way_record").list.len() > 0
    ).fill_null(False)
    listed = rows.filter(wrong_war | wrong_crisis | wrong_none).select(
        "id",
        pl.col("under_way").alias("says"),
        pl.col("under_way_record").list.join(", ").alias("record"),
    )
    listed = pl.concat([listed, _settled(settlements, wars)])
    return _explained(
        listed.with_columns(pl.lit(None, dtype=pl.String).alias("reason")),
        "wars",
        ok=pl.lit(value=False),
    )


def _settled(settlements: pl.DataFrame, wars: pl.DataFrame) -> pl.DataFrame:
    # COW repeats a state's deaths where it fought in two spells.
    once = wars.unique(["warnum", "ccode", "side", "deaths"])
    dead = once.group_by("warnum").agg(
        pl.col("deaths").filter(pl.col("deaths") > 0).sum().alias("dead")
    )
    cow = (
        wars.group_by("warnum")
        .agg(
            pl.col("start").min().alias("first"),
            pl.col("stop").max().dt.offset_by("-1d").alias("last"),
        )
        .join(dead, on="warnum")
    )
    rows = settlements.filter(pl.col("cow_war").is_not_null()).join(
        cow.with_columns(pl.col("warnum").cast(pl.Int64)),
        left_on="cow_war",
        right_on="warnum",
        how="left",
    )
    ours = pl.concat_str("start", "end", pl.col("battle_deaths").cast(pl.String), separator=" ")
    theirs = pl.concat_str("first", "last", pl.col("dead").cast(pl.String), separator=" ")
    rows = rows.select("id", ours.alias("says"), theirs.alias("record"))
    return rows.filter(pl.col("says").ne_missing(pl.col("record")))


def overlaps(meetings: pl.DataFrame) -> pl.DataFrame:
    """Return held rows whose days overlap with the same parties, or one set inside the other.

    Rows known by the month or the year only are left out.
    """
    dated = meetings.filter(
        (pl.col("status") == "held") & pl.col("precision").is_in(["day", "within"])
    ).select("id", "start", "end", "parties")
    both = dated.join_where(
        dated.rename({name: f"{name}_2" for name in dated.columns}),
        pl.col("start") <= pl.col("end_2"),
        pl.col("start_2") <= pl.col("end"),
        pl.col("id") < pl.col("id_2"),
    )
    shared = pl.col("parties").list.set_intersection("parties_2").list.len()
    smaller = pl.min_horizontal(pl.col("parties").list.len(), pl.col("parties_2").list.len())
    listed = both.filter((shared >= 2) & (shared == smaller)).select(
        "id", pl.col("id_2").alias("other"), "start", pl.lit(None, dtype=pl.String).alias("reason")
    )
    return _explained(listed, "overlap", ok=pl.lit(value=False)).sort("start", "id")


def _explained(rows: pl.DataFrame, check: str, *, ok: pl.Expr) -> pl.DataFrame:
    """Fill ``reason`` from the table of exceptions, which goes before ours, and say if one is."""
    coded = (
        exceptions().filter(pl.col("check") == check).select("id", pl.col("reason").alias("_why"))
    )
    rows = rows.join(coded, on="id", how="left", maintain_order="left")
    reason = pl.when(ok).then(None).otherwise(pl.coalesce("_why", "reason"))
    return (
        rows.with_columns(reason.alias("reason"))
        .with_columns((ok | pl.col("reason").is_not_null()).alias("explained"))
        .drop("_why")
    )


def _overview(
    meetings: pl.DataFrame, settlements: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    rows: list[tuple[str, int]] = [
        (f"meetings of tier {tier}", meetings.filter(pl.col("tier") == tier).height)
        for tier in "ABC"
    ]
    kept = meetings.join(load_meetings(), on="id", how="anti").height
    rows.insert(1, ("of these from China Vitae, which do not ship", kept))
    rows += [
        (f"settlements of tier {tier}", settlements.filter(pl.col("tier") == tier).height)
        for tier in "ABC"
    ]
    us = tables["chronology_us"]
    rows.append(("US meetings of tiers A and B, each counterpart counted", us.height))
    rows.append(("of these matched to the State Department's record", int(us["matched"].sum())))
    for name, table in tables.items():
        rows.append((f"without an explanation in {name}", int((~table["explained"]).sum())))
    return pl.DataFrame(rows, schema={"figure": pl.String, "value": pl.Int64}, orient="row")
