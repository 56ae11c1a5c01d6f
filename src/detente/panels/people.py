"""Rows of leaders: who held office in a member of the state system, by day, year and pair."""

from __future__ import annotations

import datetime as dt

import polars as pl

from detente.panels.ranges import merged, overlaps, periods
from detente.panels.systems import Tables, last_day, members
from detente.panels.units import Frame


def leader_ranges(frame: Frame, table: Tables) -> pl.DataFrame:
    """Return the periods with a day on which a leader held office in a member of the system."""
    actors = ("obsid", frame.code)
    return merged(periods(leader_days(frame, table), frame.unit.period), actors)


def leader_days(frame: Frame, table: Tables) -> pl.DataFrame:
    """Return times in office inside spells of membership: ``first`` and ``last`` day, inside.

    Archigos has Gleditsch-Ward codes; for the other system they are bridged by year, and by day
    where states were united.
    """
    office = table("leaders").select(
        "obsid", "gwcode", pl.col("start").alias("first"), last_day("stop").alias("last")
    )
    if frame.system == "cow":
        office = _bridged(office, table)
    if frame.members_only:
        return overlaps(office, members(frame, table), (frame.code,)).sort("obsid", "first")
    years = pl.DataFrame(
        {"first": [dt.date(frame.years[0], 1, 1)], "last": [dt.date(frame.years[1], 12, 31)]}
    )
    inside = overlaps(
        office.with_columns(pl.lit(0).alias("all")),
        years.with_columns(pl.lit(0).alias("all")),
        ("all",),
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


# Gleditsch-Ward code, COW code, first and last day.
_BY_DAY = (
    # Unions of 1990: new states to COW, the larger of the two to Gleditsch and Ward.
    (678, 678, dt.date(1990, 1, 1), dt.date(1990, 5, 21)),
    (678, 679, dt.date(1990, 5, 22), dt.date(1990, 12, 31)),
    (260, 260, dt.date(1990, 1, 1), dt.date(1990, 10, 2)),
    (260, 255, dt.date(1990, 10, 3), dt.date(1990, 12, 31)),
    # Members of the COW system alone whose leaders Archigos has: Morocco, Saudi Arabia.
    (600, 600, dt.date(1905, 1, 1), dt.date(1912, 12, 31)),
    (670, 670, dt.date(1927, 1, 1), dt.date(1931, 12, 31)),
)
"""What stands for the bridge of years in the years it covers: a bridge of days."""


def _bridged(office: pl.DataFrame, table: Tables) -> pl.DataFrame:
    """Give times in office the COW codes of their states, cut where the code changes."""
    exact = pl.DataFrame(
        _BY_DAY,
        schema={"gwcode": pl.Int32, "ccode": pl.Int32, "first": pl.Date, "last": pl.Date},
        orient="row",
    )
    covered = exact.select(
        "gwcode",
        pl.int_ranges(
            pl.col("first").dt.year(), pl.col("last").dt.year() + 1, dtype=pl.Int32
        ).alias("year"),
    ).explode("year")
    years = (
        table("gw_cow")
        .drop_nulls()
        .join(covered, on=["gwcode", "year"], how="anti")
        .select(
            "gwcode",
            "ccode",
            pl.date("year", 1, 1).alias("first"),
            pl.date("year", 12, 31).alias("last"),
        )
    )
    bridge = merged(periods(pl.concat([years, exact]), "day"), ("gwcode", "ccode"))
    days = bridge.with_columns(pl.col("first", "last").cast(pl.Date))
    return overlaps(office, days, ("gwcode",)).drop("gwcode")
