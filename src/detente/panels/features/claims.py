"""Territorial claims between states (ICOW)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import years_of
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.turning import join_turned

_YEARS = (1816, 2001)


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    table = _claim_years(context.table("icow_claims").lazy())
    counted = ("icowclaim", "icowonset", "icowclaims1", "icowclaims2")
    absent: dict[str, int] = dict.fromkeys(counted, 0)
    couples = {"icowclaims1": "icowclaims2"}
    return join_turned(panel, context, table, couples, absent=absent, years=_YEARS)


def _claim_years(claims: pl.LazyFrame) -> pl.LazyFrame:
    one, other = (
        pl.min_horizontal("challenger", "target"),
        pl.max_horizontal("challenger", "target"),
    )
    spells = claims.with_columns(
        one.alias("ccode1"),
        other.alias("ccode2"),
        (pl.col("challenger") == one).alias("lower"),
        pl.col("start_year").alias("began"),
    )
    kept = ("ccode1", "ccode2", "lower", "began", "salience")
    return (
        years_of(spells, "start_year", "end_year", kept)
        .group_by("ccode1", "ccode2", "year")
        .agg(
            pl.lit(1, dtype=pl.Int32).alias("icowclaim"),
            (pl.col("began") == pl.col("year")).any().cast(pl.Int32).alias("icowonset"),
            pl.col("lower").sum().cast(pl.Int32).alias("icowclaims1"),
            pl.col("lower").not_().sum().cast(pl.Int32).alias("icowclaims2"),
            pl.col("salience").max().alias("icowsalience"),
        )
    )


register(
    Feature(
        name="icow_claims",
        title="Territorial claims between the two (ICOW)",
        columns=(
            Column("icowclaim", "1 if either claims territory of the other", "0 or 1", "dyad"),
            Column("icowonset", "1 if a claim between the two begins", "0 or 1", "dyad"),
            Column("icowclaims1", "claims of the first on the second", "number", "dyad"),
            Column("icowclaims2", "claims of the second on the first", "number", "dyad"),
            Column("icowsalience", "greatest salience of their claims", "0 to 12", "dyad"),
        ),
        datasets=("icow_claims",),
        years=_YEARS,
        states="pairs of states, worldwide",
        missing="no claim in the year, for icowsalience",
        join=_join,
    )
)
