"""International crises of states, and between them (ICB)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import filled_within, join_pairs, join_states, years_of
from detente.panels.registry import Column, Context, Feature, register

_YEARS = (1918, 2019)
_FLAG = "0 or 1"


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    joined = join_states(panel, context, _actors(context.table("icb_actors").lazy()))
    zero = dict.fromkeys(("icbongoing", "icbonset", "icbcrises"), 0)
    absent = {f"{name}{side}": value for name, value in zero.items() for side in context.sides}
    joined = filled_within(joined, absent, _YEARS)
    if context.sides == ("",):
        return joined
    table = _pairs(context.table("icb_dyads").lazy())
    between: dict[str, int] = dict.fromkeys(("icbdyongoing", "icbdyonset"), 0)
    return join_pairs(joined, context, table, source="undirected", absent=between, years=_YEARS)


def _actors(table: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row per state and year of crisis; one without an end counts in its first year."""
    first = pl.col("start").dt.year()
    spells = table.with_columns(
        first.alias("first"), pl.col("stop").dt.offset_by("-1d").dt.year().fill_null(first)
    )
    kept = ("ccode", "crisno", "first", "violence")
    return (
        years_of(spells, "first", "stop", kept)
        .filter(pl.col("year").is_between(*_YEARS))
        .group_by("ccode", "year")
        .agg(
            pl.lit(1, dtype=pl.Int32).alias("icbongoing"),
            (pl.col("first") == pl.col("year")).any().cast(pl.Int32).alias("icbonset"),
            pl.col("crisno").n_unique().cast(pl.Int32).alias("icbcrises"),
            pl.col("violence").max().alias("icbviolence"),
        )
    )


def _pairs(table: pl.LazyFrame) -> pl.LazyFrame:
    # Crises that begin in 2020 are not in the release; those that go on into it are.
    inside = table.filter(pl.col("year").is_between(*_YEARS))
    return inside.group_by("ccode1", "ccode2", "year").agg(
        pl.lit(1, dtype=pl.Int32).alias("icbdyongoing"),
        pl.col("onset").any().cast(pl.Int32).alias("icbdyonset"),
        pl.col("crisno").min().alias("icbcrisno"),
    )


register(
    Feature(
        name="icb_crises",
        title="International crises (ICB)",
        columns=(
            Column("icbongoing", "1 if the state is an actor in a crisis in the year", _FLAG),
            Column("icbonset", "1 if a crisis begins for the state in the year", _FLAG),
            Column("icbcrises", "crises in which the state is an actor in the year", "number"),
            Column(
                "icbviolence",
                "gravest violence the state used in them: 1 none, 2 minor, 3 serious clashes, "
                "4 war",
                "1 to 4",
            ),
            Column("icbdyongoing", "1 if the pair is in a crisis in the year", _FLAG, "dyad"),
            Column("icbdyonset", "1 if a crisis between the pair begins", _FLAG, "dyad"),
            Column(
                "icbcrisno",
                "ICB's number of the pair's crisis, the first of the year's",
                level="dyad",
            ),
        ),
        datasets=("icb_actors", "icb_dyads"),
        years=_YEARS,
        states="every state; crises of one actor are in no pair",
        missing="no crisis in the year, for icbviolence and icbcrisno",
        join=_join,
    )
)
