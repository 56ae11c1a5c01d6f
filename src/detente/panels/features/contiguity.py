"""Direct contiguity, major powers, and political relevance (COW; Maoz)."""

from __future__ import annotations

import polars as pl

from detente.core.errors import UnknownNameError
from detente.panels.joins import join_pairs, join_states, moments_of
from detente.panels.registry import Column, Context, Feature, register

_YEARS = (1816, 2016)
_MAOZ_YEARS = (1816, 2019)
_LAND = 1


_MOMENTS = {"first": "type", "last": "last_type", "any": "nearest_type"}
"""Column of the yearly table by the moment of the year that counts."""


def contiguity_type(
    panel: pl.LazyFrame, context: Context, name: str, moment: str = "first"
) -> pl.LazyFrame:
    """Add the type of a pair's contiguity, 0 where it is not contiguous.

    ``moment`` says whether a year has the type of its first or last spell, or the nearest by
    which the two are contiguous on any day of it.
    """
    if context.unit.period == "year":
        table = context.table("contiguity_years").lazy()
        types = table.select("ccode1", "ccode2", "year", pl.col(_MOMENTS[moment]).alias(name))
        return join_pairs(
            panel, context, types, source="undirected", absent={name: 0}, years=_YEARS
        )
    # Spells are whole months, so that a day has the type of its month.
    spells = context.table("contiguity")
    months = spells.with_columns(
        pl.date_ranges("start", "stop", interval="1mo", closed="left").alias("day")
    ).explode("day")
    types = months.lazy().select(
        "ccode1",
        "ccode2",
        pl.col("day").dt.year().alias("year"),
        pl.col("day").dt.month().alias("month"),
        pl.col("type").alias(name),
    )
    daily = context.unit.period == "day"
    if daily:
        panel = panel.with_columns(pl.col("date").dt.month().alias("month"))
    joined = join_pairs(
        panel,
        context,
        types,
        source="undirected",
        on=("year", "month"),
        absent={name: 0},
        years=_YEARS,
    )
    return joined.drop("month") if daily else joined


def major_powers(panel: pl.LazyFrame, context: Context, name: str) -> pl.LazyFrame:
    """Add whether each state is a COW major power on a day of the moment."""
    majors = moments_of(context.table("cow_majors"), context, ("ccode",))
    return join_states(
        panel,
        context,
        majors.with_columns(pl.lit(1, pl.Int32).alias(name)),
        on=context.unit.moments,
        absent={name: 0},
        years=_YEARS,
    )


def _moment(context: Context) -> str:
    moment = str(context.options["moment"])
    if moment not in _MOMENTS:
        raise UnknownNameError("moment of contiguity", moment, _MOMENTS)
    return moment


def _contiguity(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    moment = _moment(context)
    if len(context.sides) > 1:
        return contiguity_type(panel, context, "conttype", moment)
    table = context.table("contiguity_years").lazy()
    pairs = table.with_columns(pl.col(_MOMENTS[moment]).alias("type")).filter(pl.col("type") > 0)
    each = [pairs.select(pl.col(side).alias("ccode"), "year", "type") for side in _PAIR]
    counts = (
        pl.concat(each)
        .group_by("ccode", "year")
        .agg(
            (pl.col("type") == _LAND).sum().cast(pl.Int32).alias("land"),
            (pl.col("type") > _LAND).sum().cast(pl.Int32).alias("sea"),
        )
    )
    return join_states(panel, context, counts, absent={"land": 0, "sea": 0}, years=_YEARS)


_PAIR = ("ccode1", "ccode2")


def _majors(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    return major_powers(panel, context, "cowmaj")


def _maoz(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    spells = context.table("maoz_powers")
    for kind, name in (("global", "maozglobal"), ("regional", "maozregional")):
        powers = moments_of(spells.filter(pl.col("kind") == kind), context, ("ccode",))
        panel = join_states(
            panel,
            context,
            powers.with_columns(pl.lit(1, pl.Int32).alias(name)),
            on=context.unit.moments,
            absent={name: 0},
            years=_MAOZ_YEARS,
        )
    return panel


def _relevance(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    made: list[str] = []
    here = panel.collect_schema().names()
    asked = context.options["moment"] is not None
    near = "__conttype" if asked or "conttype" not in here else "conttype"
    if near == "__conttype":
        moment = _moment(context) if asked else "first"
        panel = contiguity_type(panel, context, near, moment)
        made.append(near)
    if "cowmaj1" not in here or "cowmaj2" not in here:
        panel = major_powers(panel, context, "__cowmaj")
        made += ["__cowmaj1", "__cowmaj2"]
    powers = ("__cowmaj1", "__cowmaj2") if "__cowmaj1" in made else ("cowmaj1", "cowmaj2")
    relevant = (pl.col(near) > 0) | (pl.max_horizontal(powers) > 0)
    return panel.with_columns(relevant.cast(pl.Int32).alias("prd")).drop(made)


register(
    Feature(
        name="contiguity",
        title="Direct contiguity (COW 3.2)",
        columns=(
            Column(
                "conttype",
                "direct contiguity: 0 none; 1 land or river border; by water: 2 up to 12 miles, "
                "3 up to 24, 4 up to 150, 5 up to 400 (an order of names, not a scale); in years, "
                "of their first spell, of the last (moment='last'), or the nearest on any day "
                "(moment='any', which leaves the package's added zeros out: see the dataset)",
                level="dyad",
            ),
            Column("land", "states with a land or river border", "number", "state-only"),
            Column("sea", "states across up to 400 miles of water", "number", "state-only"),
        ),
        datasets=("contiguity", "contiguity_years"),
        years=_YEARS,
        states="members of the COW state system",
        missing="a state of the row has no COW code in the year",
        join=_contiguity,
        options={"moment": "first"},
    )
)
register(
    Feature(
        name="majors",
        title="Major powers (COW)",
        columns=(Column("cowmaj", "1 if a COW major power on a day of the moment, else 0"),),
        datasets=("cow_majors",),
        years=_YEARS,
        states="members of the COW state system",
        missing="the state has no COW code in the year",
        join=_majors,
    )
)
register(
    Feature(
        name="maoz_majors",
        title="Global and regional powers (Maoz)",
        columns=(
            Column("maozglobal", "1 if a global power on a day of the moment, else 0"),
            Column("maozregional", "1 if a regional power on a day of the moment, else 0"),
        ),
        datasets=("maoz_powers",),
        years=_MAOZ_YEARS,
        states="members of the COW state system",
        missing="the state has no COW code in the year",
        join=_maoz,
    )
)
register(
    Feature(
        name="relevance",
        title="Political relevance: contiguous, or at least one a COW major power",
        columns=(Column("prd", "1 if politically relevant, else 0", level="dyad"),),
        datasets=("contiguity", "contiguity_years", "cow_majors"),
        years=_YEARS,
        states="pairs of members of the COW state system",
        missing="a state of the row has no COW code in the year",
        join=_relevance,
        options={"moment": None},
    )
)
