"""What is known of the inter-state war of a dyad-year (COW)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_pairs
from detente.panels.registry import Column, Context, Feature, register

_KEYS = ("ccode1", "ccode2", "year")
_NAMES = {
    "warnum": "cowinter_warnum",
    "resumed": "cowinter_resumed",
    **{f"side{i}": f"cowinter_side{i}" for i in (1, 2)},
    **{f"initiator{i}": f"cowinter_initiator{i}" for i in (1, 2)},
    **{f"outcome{i}": f"cowinter_outcome{i}" for i in (1, 2)},
    **{f"batdeath{i}": f"cowinter_deaths{i}" for i in (1, 2)},
}


def _details(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    wars = context.table("cow_war_dyads").lazy()
    sides = pl.col("batdeath1"), pl.col("batdeath2")
    deaths = pl.when(sides[0].is_not_null() | sides[1].is_not_null()).then(pl.sum_horizontal(sides))
    kept = (
        wars.with_columns(deaths.alias("deaths"), pl.col("resumed").cast(pl.Int32))
        .sort(
            *_KEYS,
            *("onset", "deaths", "warnum"),
            descending=[False, False, False, True, True, False],
            nulls_last=True,
        )
        .unique(list(_KEYS), keep="first", maintain_order=True)
        .select(*_KEYS, *(pl.col(source).alias(name) for source, name in _NAMES.items()))
    )
    return join_pairs(panel, context, kept, source="directed")


register(
    Feature(
        name="interstate_war_details",
        title="The inter-state war of a dyad-year: one that begins before one that goes on, then "
        "the deadliest (COW 4.0)",
        columns=(
            Column("cowinter_warnum", "COW war number", level="dyad"),
            Column(
                "cowinter_resumed",
                "1 if the war had stopped and was fought again in the year",
                level="dyad",
            ),
            Column("cowinter_side", "side of the state in it", "1 or 2"),
            Column("cowinter_initiator", "1 if the state began the war"),
            Column(
                "cowinter_outcome",
                "for the state: 1 winner, 2 loser, 3 tie, 4 transformed, 5 ongoing, 6 stalemate, "
                "7 below war level, 8 changed sides",
            ),
            Column("cowinter_deaths", "battle deaths of the state in the whole war", "persons"),
        ),
        datasets=("cow_war_dyads",),
        years=(1816, 2007),
        states="pairs on opposite sides, whether or not they fought each other",
        missing="no war in the year, or the source does not know",
        join=_details,
        units=("dyad-year", "leader-dyad-year"),
    )
)
