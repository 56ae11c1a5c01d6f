"""Economic sanctions of one state on another (TIES, China TIES)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import code, with_codes, without_codes
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.turning import join_turned

_TIES = (1946, 2005)
_CHINA_YEARS = (1949, 2020)
_CHINA = 710
_EITHER = "__china"


def _join_ties(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    table = _onsets(context.table("sanctions").lazy(), "sanctions")
    couples = {"sanctions1": "sanctions2"}
    absent: dict[str, int] = dict.fromkeys(("sanctions1", "sanctions2"), 0)
    return join_turned(panel, context, table, couples, absent=absent, years=_TIES)


def _join_china(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    imposed = context.table("sanctions_china").lazy().filter("imposed")
    table = _onsets(imposed.drop_nulls("start_year"), "chinasanctions").select(
        "ccode1", "ccode2", "year", pl.sum_horizontal("^chinasanctions.$").alias("chinasanctions")
    )
    joined = join_turned(panel, context, table, {})
    coded = with_codes(joined, context, "cow")
    china = pl.any_horizontal(pl.col(code(context, "cow", side)) == _CHINA for side in "12")
    marked = without_codes(coded.with_columns(china.alias(_EITHER)), context, "cow")
    return marked.with_columns(
        pl.when(pl.col(_EITHER) & pl.col("year").is_between(*_CHINA_YEARS))
        .then(pl.col("chinasanctions").fill_null(0))
        .alias("chinasanctions")
    ).drop(_EITHER)


def _onsets(episodes: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """Count the sanctions that each of a pair imposed on the other, by the year they began."""
    lower = pl.col("sender") < pl.col("target")
    return episodes.group_by(
        pl.min_horizontal("sender", "target").alias("ccode1"),
        pl.max_horizontal("sender", "target").alias("ccode2"),
        pl.col("start_year").alias("year"),
    ).agg(
        lower.sum().cast(pl.Int32).alias(f"{name}1"),
        lower.not_().sum().cast(pl.Int32).alias(f"{name}2"),
    )


register(
    Feature(
        name="sanctions",
        title="Economic sanctions imposed in the year (TIES, an extract)",
        columns=(
            Column("sanctions1", "sanctions the first imposes on the second", "number", "dyad"),
            Column("sanctions2", "sanctions the second imposes on the first", "number", "dyad"),
        ),
        datasets=("sanctions",),
        years=_TIES,
        states="pairs of states; sanctions of institutions are not counted",
        missing="outside the years; how long a sanction lasts is not known for two in five, so "
        "that only its beginning is counted",
        join=_join_ties,
    )
)

register(
    Feature(
        name="china_sanctions",
        title="Economic sanctions that China imposes in the year (China TIES)",
        columns=(
            Column("chinasanctions", "sanctions China imposes on the other", "number", "dyad"),
        ),
        datasets=("sanctions_china",),
        years=_CHINA_YEARS,
        states="pairs of China and another state",
        missing="China is not in the pair",
        join=_join_china,
    )
)
