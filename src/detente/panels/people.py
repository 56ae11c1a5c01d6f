"""Rows of leaders: who held office in a member of the state system, by day, year and pair."""

from __future__ import annotations

import datetime as dt

import polars as pl

from detente.panels.ranges import merged, periods
from detente.panels.systems import Tables, last_day, members
from detente.panels.units import Frame


def leader_ranges(frame: Frame, table: Tables) -> pl.DataFrame:
    """Return the periods with a day on which a leader held office in a member of the system."""
    actors = ("obsid", frame.code)
    return merged(periods(leader_days(frame, table), frame.unit.period), actors)


def leader_days(frame: Frame, table: Tables) -> pl.DataFrame:
    """Return times in office inside spells of membership: ``first`` and ``last`` day, inside.

    Archigos has Gleditsch-Ward codes; for the other system they are bridged by year.
    """
    office = table("leaders").select(
        "obsid", "gwcode", pl.col("start").alias("first"), last_day("stop").alias("last")
    )
    if frame.system == "cow":
        office = _bridged(office, table)
    if frame.members_only:
        return _shared(office, members(frame, table), frame.code).sort("obsid", "first")
    years = pl.DataFrame(
        {"first": [dt.date(frame.years[0], 1, 1)], "last": [dt.date(frame.years[1], 12, 31)]}
    )
    inside = _shared(
        office.with_columns(pl.lit(0).alias("all")),
        years.with_columns(pl.lit(0).alias("all")),
        "all",
    )
    if frame.states is not None:
        inside = inside.filter(pl.col(frame.code).is_in(list(frame.states)))
    return inside.drop("all").sort("obsid", "first")


def leader_pairs(frame: Frame, pairs: pl.DataFrame, table: Tables) -> pl.DataFrame:
    """Return the rows of pairs of leaders of two states who were in office on a shared day.

    ``pairs`` holds the panel's rows of pairs of states and years.
    """
    code, sides = frame.code, ("1", "2")
    days = leader_days(frame, table)
    years = days.with_columns(
        pl.int_ranges(pl.col("first").dt.year(), pl.col("last").dt.year() + 1).alias("year")
    ).explode("year")
    years = years.with_columns(pl.col("year").cast(pl.Int32))
    opens, ends = pl.date("year", 1, 1), pl.date("year", 12, 31)
    inside = years.with_columns(
        pl.max_horizontal("first", opens).alias("first"),
        pl.min_horizontal("last", ends).alias("last"),
    )
    joined = pairs.lazy()
    for side in sides:
        own = inside.lazy().rename(
            {name: f"{name}{side}" for name in ("obsid", code, "first", "last")}
        )
        joined = joined.join(own, on=[f"{code}{side}", "year"])
    met = pl.max_horizontal("first1", "first2") <= pl.min_horizontal("last1", "last2")
    return joined.filter(met).select(frame.keys).unique().sort(frame.keys).collect()


def _bridged(office: pl.DataFrame, table: Tables) -> pl.DataFrame:
    """Give times in office the COW codes of their states, cut where the code changes."""
    years = (
        table("gw_cow")
        .drop_nulls()
        .select("gwcode", "ccode", pl.col("year").alias("first"), pl.col("year").alias("last"))
    )
    bridge = merged(years, ("gwcode", "ccode")).with_columns(
        pl.date("first", 1, 1).alias("first"), pl.date("last", 12, 31).alias("last")
    )
    return _shared(office, bridge, "gwcode").drop("gwcode")


def _shared(left: pl.DataFrame, right: pl.DataFrame, on: str) -> pl.DataFrame:
    joined = left.join(right, on=on, suffix="_other")
    return (
        joined.with_columns(
            pl.max_horizontal("first", "first_other").alias("first"),
            pl.min_horizontal("last", "last_other").alias("last"),
        )
        .filter(pl.col("first") <= pl.col("last"))
        .drop("first_other", "last_other")
    )
