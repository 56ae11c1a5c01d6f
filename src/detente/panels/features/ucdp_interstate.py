"""Armed conflicts between states (UCDP)."""

from __future__ import annotations

import itertools

import polars as pl

from detente.panels.joins import code, filled_within, with_codes, without_codes
from detente.panels.registry import Column, Context, Feature, register

_YEARS = (1946, 2024)
_KEYS = ("__low", "__high")
_SIDES = (("gwcode_a", "gwcode_a_2nd"), ("gwcode_b", "gwcode_b_2nd"))


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    conflicts = context.table("ucdp_conflicts").lazy().filter(pl.col("type") == "interstate")
    table = _pairs(conflicts, supporters=bool(context.options["supporters"]))
    coded = with_codes(panel, context, "gw")
    codes = [code(context, "gw", side) for side in context.sides]
    keyed = coded.with_columns(
        pl.min_horizontal(codes).alias(_KEYS[0]), pl.max_horizontal(codes).alias(_KEYS[1])
    )
    joined = keyed.join(table, on=[*_KEYS, "year"], how="left", maintain_order="left").drop(_KEYS)
    absent = {"ucdpinterongoing": 0, "ucdpinteronset": 0}
    return without_codes(filled_within(joined, absent, _YEARS), context, "gw")


def _pairs(conflicts: pl.LazyFrame, *, supporters: bool) -> pl.LazyFrame:
    """Return one row per pair of states on opposite sides and year."""
    kept = 2 if supporters else 1
    opposed = [
        conflicts.drop_nulls([one, other]).select(
            pl.min_horizontal(one, other).alias(_KEYS[0]),
            pl.max_horizontal(one, other).alias(_KEYS[1]),
            "year",
            "conflict_id",
            "intensity",
        )
        for one, other in itertools.product(_SIDES[0][:kept], _SIDES[1][:kept])
    ]
    first = pl.col("year").min().over(*_KEYS, "conflict_id")
    return (
        pl.concat(opposed)
        .with_columns((pl.col("year") == first).alias("first"))
        .group_by(*_KEYS, "year")
        .agg(
            pl.lit(1, dtype=pl.Int32).alias("ucdpinterongoing"),
            pl.col("first").any().cast(pl.Int32).alias("ucdpinteronset"),
            pl.col("intensity").max().alias("ucdpinterintensity"),
        )
    )


register(
    Feature(
        name="ucdp_interstate",
        title="Armed conflict between the two (UCDP/PRIO)",
        columns=(
            Column("ucdpinterongoing", "1 if the two fight each other", "0 or 1", "dyad"),
            Column(
                "ucdpinteronset",
                "1 in the first year on record of their conflict",
                "0 or 1",
                "dyad",
            ),
            Column("ucdpinterintensity", "1 from 25 battle deaths, 2 from 1,000", "1 or 2", "dyad"),
        ),
        datasets=("ucdp_conflicts",),
        years=_YEARS,
        states="pairs of Gleditsch-Ward states on opposite sides; with supporters=True those that "
        "send troops to a side too, although two of them may never have met",
        missing="no conflict in the year, for ucdpinterintensity",
        join=_join,
        options={"supporters": False},
    )
)
