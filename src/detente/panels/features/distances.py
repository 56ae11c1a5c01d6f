"""Distances between capitals, and the shortest distance between territories."""

from __future__ import annotations

from typing import Literal

import polars as pl

from detente.core.errors import UnknownNameError
from detente.panels.joins import join_states, pair_years
from detente.panels.registry import Column, Context, Feature, register

EARTH_RADIUS = 6378.137
"""Kilometres: the equatorial radius, on a sphere."""

MOMENTS = ("first", "last")
"""Which capital of a year counts where it moved: that of its first, or of its last day."""

_CAPITALS = (1816, 2024)
_PLACE = ("latitude", "longitude")
_near = pair_years("minimum_distance", {"kilometres": "mindist"}, source="undirected")


def _join_capitals(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    moment = context.options["moment"]
    if moment not in MOMENTS:
        raise UnknownNameError("moment of the capital", str(moment), MOMENTS)
    places = _capital_years(context.table("capitals"), moment)
    if context.sides == ("",):
        nearest = _nearest_capital(context.table("cow_states"), places)
        return join_states(panel, context, nearest.lazy())
    joined = join_states(panel, context, places.lazy())
    drop = [f"{name}{side}" for name in _PLACE for side in context.sides]
    return joined.with_columns(_kilometres("1", "2").alias("capdist")).drop(drop)


def _join_territories(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    if context.sides == ("1", "2"):
        return _near(panel, context)
    # A state stands on either side of a pair: both are read.
    table = context.table("minimum_distance").lazy()
    ends = [
        table.select(pl.col(side).alias("ccode"), "year", pl.col("kilometres").alias("minmindist"))
        for side in ("ccode1", "ccode2")
    ]
    nearest = pl.concat(ends).group_by("ccode", "year").agg(pl.col("minmindist").min())
    return join_states(panel, context, nearest)


def _capital_years(capitals: pl.DataFrame, moment: Literal["first", "last"]) -> pl.DataFrame:
    """Return the place of each state's first, or last, capital of each year."""
    years = pl.int_ranges(
        pl.col("start").dt.year(), pl.col("stop").dt.offset_by("-1d").dt.year() + 1
    )
    return (
        capitals.sort("ccode", "start")
        .with_columns(years.cast(pl.List(pl.Int32)).alias("year"))
        .explode("year")
        .unique(["ccode", "year"], keep=moment, maintain_order=True)
        .select("ccode", "year", *_PLACE)
    )


def _nearest_capital(states: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """Return for each state and year the distance to the nearest capital of another member.

    The other must be a member on a day of the year on which the state is one too.
    """
    last = pl.col("stop").dt.offset_by("-1d")
    last = pl.when("censored").then(pl.date(_CAPITALS[1], 12, 31)).otherwise(last)
    years = pl.int_ranges(pl.col("start").dt.year(), last.dt.year() + 1)
    members = (
        states.with_columns(last.alias("last"), years.cast(pl.List(pl.Int32)).alias("year"))
        .explode("year")
        .select("ccode", "year", "start", "last")
        .join(places, on=["ccode", "year"])
    )
    here, there = (
        members.lazy().rename({name: f"{name}{side}" for name in members.columns if name != "year"})
        for side in ("1", "2")
    )
    together = pl.max_horizontal("start1", "start2", pl.date("year", 1, 1)) <= pl.min_horizontal(
        "last1", "last2", pl.date("year", 12, 31)
    )
    return (
        here.join(there, on="year")
        .filter(pl.col("ccode1") != pl.col("ccode2"), together)
        .group_by(pl.col("ccode1").alias("ccode"), "year")
        .agg(_kilometres("1", "2").min().alias("mincapdist"))
        .collect()
    )


def _kilometres(one: str, two: str) -> pl.Expr:
    """Return the great-circle distance of two places on a sphere (haversine formula)."""
    lat1, lng1 = (pl.col(f"{name}{one}").radians() for name in _PLACE)
    lat2, lng2 = (pl.col(f"{name}{two}").radians() for name in _PLACE)
    half = ((lat2 - lat1) / 2).sin() ** 2 + lat1.cos() * lat2.cos() * ((lng2 - lng1) / 2).sin() ** 2
    return 2 * EARTH_RADIUS * half.sqrt().clip(0, 1).arcsin()


register(
    Feature(
        name="capital_distance",
        title="Distance between the capitals",
        columns=(
            Column("capdist", "distance between the capitals", "kilometres", "dyad"),
            Column(
                "mincapdist",
                "distance to the nearest capital of another member of the COW system",
                "kilometres",
                "state-only",
            ),
        ),
        datasets=("capitals", "cow_states"),
        years=_CAPITALS,
        states="states of the COW state system",
        missing="the table has no capital for a state in the year",
        join=_join_capitals,
        options={"moment": "first"},
    )
)

register(
    Feature(
        name="minimum_distance",
        title="Shortest distance between territories (CShapes 2.0)",
        columns=(
            Column("mindist", "shortest distance between the two", "kilometres", "dyad"),
            Column("minmindist", "shortest distance to another state", "kilometres", "state-only"),
        ),
        datasets=("minimum_distance",),
        years=(1886, 2019),
        states="states with a shape, and pairs of them",
        missing="the source has no shape for a state in the year",
        join=_join_territories,
    )
)
