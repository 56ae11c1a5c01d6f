"""Meetings of leaders, from the chronology, where it can be taken as complete."""

from __future__ import annotations

import itertools

import polars as pl

from detente.core.errors import UnknownNameError
from detente.panels.joins import join_pairs
from detente.panels.registry import Column, Context, Feature, register
from detente.sources.chronology import load_meetings, recorded_windows

_YEARS = (1816, 2025)
SCOPES = ("journeys", "all")


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    keys = ["ccode1", "ccode2", "year"]
    scope = context.options["scope"]
    if scope not in SCOPES:
        raise UnknownNameError("scope of the record of meetings", str(scope), SCOPES)
    table = recorded_years(scope).join(listed_meetings(), on=keys, how="full", coalesce=True)
    recorded = pl.col("meetingsrecorded").fill_null(0)
    joined = join_pairs(panel, context, table.lazy(), source="undirected")
    return joined.with_columns(
        pl.when(pl.col("year").is_between(*_YEARS)).then(recorded).alias("meetingsrecorded"),
        pl.when(recorded == 1).then(pl.col("meetingslisted").fill_null(0)).alias("leadermeetings"),
    )


def recorded_years(scope: str = "journeys") -> pl.DataFrame:
    """Return the pairs and calendar years in which every held leaders' meeting is listed.

    ``scope`` ``journeys`` takes in those where talks on the margins of gatherings may be missing.
    """
    windows = recorded_windows().filter(pl.col("needs").is_null()).drop_nulls("ccode2")
    if scope == "all":
        windows = windows.filter(pl.col("scope") == "all")
    # A window that opens or closes within a year does not record the year.
    first = pl.col("start").dt.offset_by("-1d").dt.year() + 1
    years = pl.int_ranges(first, pl.col("stop").dt.year()).cast(pl.List(pl.Int32))
    return (
        windows.select("ccode1", "ccode2", years.alias("year"))
        .explode("year")
        .drop_nulls()
        .unique()
        .sort("ccode1", "ccode2", "year")
        .with_columns(pl.lit(1, dtype=pl.Int32).alias("meetingsrecorded"))
    )


def listed_meetings() -> pl.DataFrame:
    """Return the number of held leaders' meetings by pair and year, those of tiers A and B."""
    held = load_meetings().filter(
        pl.col("level") == "leader",
        pl.col("status") == "held",
        pl.col("tier").is_in(["A", "B"]),
        pl.col("start").is_not_null(),
    )
    rows = [
        (low, high, row["start"].year)
        for row in held.iter_rows(named=True)
        for low, high in itertools.combinations(
            sorted({code for code in row["party_codes"] if code is not None}), 2
        )
    ]
    schema = {"ccode1": pl.Int32, "ccode2": pl.Int32, "year": pl.Int32}
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .group_by("ccode1", "ccode2", "year")
        .agg(pl.len().cast(pl.Int32).alias("meetingslisted"))
        .filter(pl.col("year").is_between(*_YEARS))
    )


register(
    Feature(
        name="leader_meetings",
        title="Meetings of leaders (the chronology of this package)",
        columns=(
            Column(
                "meetingslisted",
                "meetings of the two effective leaders that the chronology lists in the year",
                "number",
                "dyad",
            ),
            Column(
                "meetingsrecorded",
                "1 if the pair and year are on record: journeys and visits for which the record "
                "names talks of the two, or with scope `all` every meeting",
                "0 or 1",
                "dyad",
            ),
            Column(
                "leadermeetings",
                "meetings of the two effective leaders in the year, where they are recorded; other "
                "heads do not count",
                "number",
                "dyad",
            ),
        ),
        datasets=("us_travels", "us_visits"),
        years=_YEARS,
        states="recorded: the United States with Russia, China, North Korea, Syria and, from 2015, "
        "Cuba; North and South Korea from 1949 to 2018. Elsewhere only what is listed",
        missing="no meeting is listed, and the pair and year are not recorded: unknown, not none",
        join=_join,
        options={"scope": "journeys"},
    )
)
