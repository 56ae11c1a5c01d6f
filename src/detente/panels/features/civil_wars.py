"""Intra-state and extra-state wars of states (COW)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detente.core.errors import UnknownNameError
from detente.panels.joins import filled_within, join_states, years_of
from detente.panels.registry import Column, Context, Feature, Join, register

_YEARS = (1816, 2007)
KINDS = ("all", "central control", "local issues", "regional", "intercommunal")
EXTRA_KINDS = ("all", "colonial", "imperial")
_FLAG = "0 or 1"


def _joined(dataset: str, stem: str, kinds: tuple[str, ...]) -> Join:
    def join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        kind = context.options["kind"]
        if kind not in kinds:
            raise UnknownNameError("kind of war", str(kind), kinds)
        table = _war_years(context.table(dataset).lazy(), stem, context.options)
        joined = join_states(panel, context, table)
        absent = {
            f"{name}{side}": 0
            for name in (f"{stem}ongoing", f"{stem}onset")
            for side in context.sides
        }
        return filled_within(joined, absent, _YEARS)

    return join


def _war_years(table: pl.LazyFrame, stem: str, options: Mapping[str, object]) -> pl.LazyFrame:
    """Return one row per state and year of war.

    The state fights on side A against side B: a row without a side B is of a state that only
    intervenes.
    """
    sides = [
        table.with_columns(pl.col("ccode_a").alias("ccode"), pl.col("side_b").alias("against"))
    ]
    if options["interveners"]:
        sides.append(
            table.with_columns(pl.col("ccode_b").alias("ccode"), pl.col("side_a").alias("against"))
        )
    fighting = pl.concat(sides).filter(pl.col("ccode").is_not_null())
    if not options["interveners"]:
        fighting = fighting.filter(pl.col("against").is_not_null())
    if options["kind"] != "all":
        fighting = fighting.filter(pl.col("type") == options["kind"])
    own = ("warnum", "ccode", "spell") if options["resumed"] else ("warnum", "ccode")
    spells = fighting.with_columns(
        pl.col("start").dt.year().alias("first"),
        pl.col("stop").dt.offset_by("-1d").dt.year().alias("last"),
        pl.col("start").dt.year().min().over(own).alias("began"),
    )
    return (
        years_of(spells, "first", "last", ("ccode", "warnum", "began"))
        .filter(pl.col("year").is_between(*_YEARS))
        .group_by("ccode", "year")
        .agg(
            pl.lit(1, dtype=pl.Int32).alias(f"{stem}ongoing"),
            (pl.col("began") == pl.col("year")).any().cast(pl.Int32).alias(f"{stem}onset"),
            pl.col("warnum").unique().sort().cast(pl.String).str.join("; ").alias(f"{stem}warnums"),
        )
    )


def _columns(stem: str, kind: str) -> tuple[Column, ...]:
    return (
        Column(f"{stem}ongoing", f"1 if the state fights an {kind} war in the year", _FLAG),
        Column(
            f"{stem}onset",
            f"1 if an {kind} war of the state begins or is resumed (resumed=False: begins)",
            _FLAG,
        ),
        Column(f"{stem}warnums", "COW war numbers, separated by '; '"),
    )


register(
    Feature(
        name="intrastate_wars",
        title="Intra-state wars of the state (COW)",
        columns=_columns("cowintra", "intra-state"),
        datasets=("cow_intrastate_wars",),
        years=_YEARS,
        states="members of the COW state system",
        missing="no war in the year, for cowintrawarnums",
        join=_joined("cow_intrastate_wars", "cowintra", KINDS),
        options={"kind": "all", "interveners": False, "resumed": True},
    )
)

register(
    Feature(
        name="extrastate_wars",
        title="Extra-state wars of the state (COW)",
        columns=_columns("cowextra", "extra-state"),
        datasets=("cow_extrastate_wars",),
        years=_YEARS,
        states="members of the COW state system",
        missing="no war in the year, for cowextrawarnums",
        join=_joined("cow_extrastate_wars", "cowextra", EXTRA_KINDS),
        options={"kind": "all", "interveners": True, "resumed": True},
    )
)
