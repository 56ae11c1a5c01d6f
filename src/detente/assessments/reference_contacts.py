"""Who met on record: leaders for the reference class, and anybody whom a control must not meet."""

from __future__ import annotations

import polars as pl

from detente.assessments.reference_features import KEY, RECORD_STOP
from detente.histories.rungs import RECORD_START

RECORD = "Office of the Historian, US Department of State, Travels Abroad of the President; Visits"
DATED = ("day", "within", "month")
"""Precisions of the meetings taken: a year does not say what was known the day before."""

PLACED = ("day", "within")
"""Precisions that tie a meeting of the chronology to an entry of the record: a month may hold a
meeting called off and another one held."""

_PAIR = ["ccode1", "ccode2"]


def not_called_off(record: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Drop meetings of the record that the chronology has as cancelled, refused or broken off.

    The record lists journeys, and has the journey although the talks were not held.

    Parameters
    ----------
    record
        Meetings of the United States (:func:`detente.histories.load_us_meetings`).
    pairs
        Pairs of the chronology (:func:`detente.histories.chronology.meeting_pairs`).

    Returns
    -------
    pl.DataFrame
        The record without the rows whose days are those of a meeting of the same pair that was
        not held (:data:`PLACED`), unless the days also hold one that was.
    """
    placed = pairs.filter((pl.col("tier") != "C") & pl.col("precision").is_in(PLACED)).select(
        *_PAIR, "status", pl.col("start").alias("_start"), pl.col("end").alias("_end")
    )
    rows = record.with_row_index("_row")
    same = rows.join(placed, on=_PAIR, suffix="_ours").filter(
        (pl.col("start") <= pl.col("_end")) & (pl.col("_start") < pl.col("stop"))
    )
    off = same.group_by("_row").agg((pl.col("status_ours") != "held").all().alias("_off"))
    return rows.join(off.filter("_off"), on="_row", how="anti").drop("_row")


def leaders_met(record: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return every known leaders' meeting to 2014, pair by pair.

    Parameters
    ----------
    record
        As of :func:`not_called_off`.
    pairs
        With the level of each pair.

    Returns
    -------
    pl.DataFrame
        Held ones of the chronology, tiers A and B, and those of the record that it has not.
    """
    ours = pairs.filter(
        (pl.col("level") == "leader")
        & (pl.col("status") == "held")
        & (pl.col("tier") != "C")
        & pl.col("precision").is_in(DATED)
    ).select(
        "id",
        "ccode1",
        "ccode2",
        pl.col("start").alias("date"),
        pl.col("end").alias("last_day"),
        "place",
        pl.col("persons").list.join("; "),
        "tier",
        "source",
        "occasion",
    )
    theirs = record.filter((pl.col("level") == "leader") & pl.col("ccode2").is_not_null()).select(
        pl.col("meeting_id").alias("id"),
        "ccode1",
        "ccode2",
        pl.col("start").alias("date"),
        pl.col("stop").dt.offset_by("-1d").alias("last_day"),
        "place",
        "persons",
        pl.lit("A").alias("tier"),
        pl.lit(RECORD).alias("source"),
        "occasion",
    )
    twice = theirs.join(ours, on=_PAIR, suffix="_2").filter(
        (pl.col("date") <= pl.col("last_day_2")) & (pl.col("date_2") <= pl.col("last_day"))
    )
    alone = theirs.join(twice.select("id", *KEY), on=["id", *KEY], how="anti")
    both = pl.concat([ours, alone])
    return both.filter((pl.col("date") >= RECORD_START) & (pl.col("date") < RECORD_STOP))


def anybody_met(record: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the days on which somebody at the head of one state may have met the other's.

    A control must be far from all of them, so doubtful ones count: heads who were not the
    effective leader, those elected, deputies, gatherings that both attended with no talks named,
    meetings known to the month or year only, and journeys to a meeting that broke off.

    Parameters
    ----------
    record, pairs
        As of :func:`leaders_met`; the record whole.

    Returns
    -------
    pl.DataFrame
        ``ccode1``, ``ccode2``, ``start``, ``last_day``.
    """
    ours = pairs.filter(
        pl.col("level").is_in(["leader", "ceremonial"])
        & (pl.col("status") == "held")
        & (pl.col("tier") != "C")
        & pl.col("start").is_not_null()
    ).select(*_PAIR, "start", pl.col("end").alias("last_day"))
    theirs = record.filter(
        pl.col("level").is_in(["leader", "ceremonial", "congress"])
        & (pl.col("principal") == "president")
        & pl.col("ccode2").is_not_null()
    ).select(*_PAIR, "start", pl.col("stop").dt.offset_by("-1d").alias("last_day"))
    return pl.concat([ours, theirs])
