"""The handbook's rivalries (Thompson and Dreyer), and arms races between rivals."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import filled_within, join_pairs, join_states, years_of
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.rivals import rivalry_years

_YEARS = (1816, 2010)
_RACES = (1854, 1984)
_TYPES = ("ideological", "interventionary", "positional", "spatial")


def _join_rivalries(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    years = rivalry_years(context.table("td_rivalries").lazy(), _TYPES)
    if context.sides == ("1", "2"):
        pairs = years.group_by("ccode1", "ccode2", "year").agg(
            pl.lit(1, dtype=pl.Int32).alias("tdrivalry"),
            *[pl.col(kind).any().cast(pl.Int32).alias(f"td{kind}") for kind in _TYPES],
        )
        absent = dict.fromkeys(("tdrivalry", *[f"td{kind}" for kind in _TYPES]), 0)
        return join_pairs(panel, context, pairs, source="undirected", absent=absent, years=_YEARS)
    ends = [years.rename({side: "ccode"}).drop(other) for side, other in _SIDES]
    counted = (
        pl.concat(ends, how="diagonal")
        .group_by("ccode", "year")
        .agg(pl.len().cast(pl.Int32).alias("n_tdrivalries"))
    )
    joined = join_states(panel, context, counted)
    return filled_within(joined, {"n_tdrivalries": 0}, _YEARS)


_SIDES = (("ccode1", "ccode2"), ("ccode2", "ccode1"))


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
        name="td_rivalries",
        title="Strategic rivalries of the handbook (Thompson and Dreyer)",
        columns=(
            Column("tdrivalry", "1 if the two are rivals in the year", "0 or 1", "dyad"),
            *[
                Column(f"td{kind}", f"1 if the rivalry is {kind}", "0 or 1", "dyad")
                for kind in _TYPES
            ],
            Column("n_tdrivalries", "rivalries of the state in the year", "number", "state-only"),
        ),
        datasets=("td_rivalries",),
        years=_YEARS,
        states="pairs of states, and states",
        missing="outside the years",
        join=_join_rivalries,
    )
)

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
