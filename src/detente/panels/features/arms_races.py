"""Arms races between rivals (Gibler, Rider and Hutchison)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_pairs, years_of
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.rivals import rivalry_years

_RACES = (1854, 1984)


def _join_races(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    races = context.table("arms_races").lazy().with_columns(pl.col("start_year").alias("began"))
    raced = years_of(races, "start_year", "end_year", ("ccode1", "ccode2", "began"))
    rivals = rivalry_years(context.table("td_rivalries").lazy()).filter(
        pl.col("year").is_between(*_RACES)
    )
    # Races were looked for among rivals alone: elsewhere nobody looked.
    keys = ["ccode1", "ccode2", "year"]
    table = (
        rivals.unique()
        .join(raced, on=keys, how="full", coalesce=True)
        .group_by(keys)
        .agg(
            pl.col("began").is_not_null().any().cast(pl.Int32).alias("armsrace"),
            (pl.col("began") == pl.col("year")).any().cast(pl.Int32).alias("armsraceonset"),
        )
    )
    return join_pairs(panel, context, table, source="undirected")


register(
    Feature(
        name="arms_races",
        title="Arms races between rivals (Gibler, Rider and Hutchison)",
        columns=(
            Column("armsrace", "1 if the two race in the year", "0 or 1", "dyad"),
            Column("armsraceonset", "1 if a race begins", "0 or 1", "dyad"),
        ),
        datasets=("arms_races", "td_rivalries"),
        years=_RACES,
        states="pairs that are rivals in the handbook in the year",
        missing="the pair is no rival in the year: races were looked for among rivals alone",
        join=_join_races,
    )
)
