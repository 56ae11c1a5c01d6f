"""A feature of panels: meetings of the United States, from the State Department's record."""

from __future__ import annotations

import functools

import polars as pl

from detente.histories.meetings import recorded, us_meetings
from detente.panels.joins import code, join_pairs, with_codes, without_codes
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.tables import table
from detente.sources import cache, dataset

USA = 2
SOURCES = ("us_travels", "us_visits", "leaders", "gw_cow", "cow_states")
LEVELS = {"leader": "usleadermeetings", "envoy": "usenvoymeetings"}
"""Levels of meetings, and the columns that count them."""

HEADS, GATHERINGS = "usheadmeetings", "usgatherings"
COUNTED = {
    LEVELS["leader"]: "leader",
    HEADS: "leader",
    GATHERINGS: "leader",
    LEVELS["envoy"]: "envoy",
}
"""Columns, and the level whose days on record they have: those of the President or of the
Secretary of State."""

YEARS = {
    level: (recorded(level).start.year + 1, recorded(level).stop.year - 1)
    for level in ("leader", "envoy")
}
"""First and last calendar year that the record covers whole, by level."""

_RECORDED = "usmeetingsrecorded"


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    counted = _counts(tuple(cache.key(dataset(name)) for name in SOURCES))
    joined = join_pairs(panel, context, counted.lazy(), source="undirected")
    coded = with_codes(joined, context, "cow")
    american = pl.any_horizontal(pl.col(code(context, "cow", side)) == USA for side in "12")
    marked = without_codes(coded.with_columns(american.alias(_RECORDED)), context, "cow")
    inside = {level: pl.col("year").is_between(*years) for level, years in YEARS.items()}
    return marked.with_columns(
        *[
            pl.when(pl.col(_RECORDED) & inside[level]).then(pl.col(name).fill_null(0)).alias(name)
            for name, level in COUNTED.items()
        ],
        pl.when(inside["leader"] | inside["envoy"])
        .then(pl.col(_RECORDED).cast(pl.Int32))
        .alias(_RECORDED),
    )


@functools.cache
def _counts(_keys: tuple[str, ...]) -> pl.DataFrame:
    """Count the meetings of each counterpart by year and level, once for the keys of the tables."""
    travels, visits, leaders, gw_cow, states = (table(name) for name in SOURCES)
    met = us_meetings(travels, visits, leaders=leaders, gw_cow=gw_cow, states=states)
    return (
        met.drop_nulls("ccode2")
        .group_by(
            pl.min_horizontal("ccode1", "ccode2").alias("ccode1"),
            pl.max_horizontal("ccode1", "ccode2").alias("ccode2"),
            pl.col("start").dt.year().alias("year"),
        )
        .agg(marks.sum().cast(pl.Int32).alias(name) for name, marks in _marks().items())
    )


def _marks() -> dict[str, pl.Expr]:
    """Return what each column counts.

    A head of the ceremonial level held the office; the others there are those elected, deputies,
    and whom a President-elect of the United States met.
    """
    level = pl.col("level")
    head = (level == "ceremonial") & (pl.col("standing") == "head")
    return {
        **{name: level == of for of, name in LEVELS.items()},
        HEADS: (level == "leader") | head,
        GATHERINGS: (level == "congress") & (pl.col("principal") == "president"),
    }


register(
    Feature(
        name="us_meetings",
        title="Meetings of the United States, of leaders and of envoys (its own record)",
        columns=(
            Column(
                "usleadermeetings",
                "meetings of the President with the effective leader only: whom Archigos names (of "
                "Russia in 2008-12 Putin, not Medvedev; of China before 19 February 1997 Deng, not "
                "Jiang), after 2015 the holder of that office; by their first day",
                "number",
                "dyad",
            ),
            Column(
                HEADS,
                "meetings of the President with any head of state or government in office, the "
                "effective leader or not, by their first day",
                "number",
                "dyad",
            ),
            Column(
                GATHERINGS,
                "gatherings of several powers to which the President went there or their head "
                "came, for which the record names no talks of the two; in no other column",
                "number",
                "dyad",
            ),
            Column(
                "usenvoymeetings",
                "meetings of the Secretary of State, or of the President with a minister, with "
                "none of the leaders within a week",
                "number",
                "dyad",
            ),
            Column(_RECORDED, "1 if the pair is in the record: the US is in it", "0 or 1", "dyad"),
        ),
        datasets=SOURCES,
        years=(YEARS["leader"][0], YEARS["envoy"][1]),
        states="pairs of the United States and another member of the COW system",
        missing="the US is not in the pair, or the record does not cover the year whole: unknown, "
        "not none. It lists journeys and visits: talks on the margins of gatherings are often not "
        "named (Prague 2010 names nobody of Russia, Beijing 2014 only the gathering), and a 0 does "
        "not rule them out: `leader_meetings` has some",
        join=_join,
    )
)
