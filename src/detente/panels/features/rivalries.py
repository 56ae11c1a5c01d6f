"""Strategic rivalries (Thompson, Sakuwa and Suhas)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_pairs, join_states
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.rivals import rivalry_years

# Rivalries go back to 1494; panels begin with 1816. In 2020 the book ends.
_YEARS = (1816, 2020)
_KINDS = ("ideological", "interventionary", "positional", "spatial")


def _rivalries(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    years = rivalry_years(context.table("rivalries").lazy(), _KINDS)
    flags = [pl.col(kind).any().cast(pl.Int32) for kind in _KINDS]
    if len(context.sides) > 1:
        pairs = years.group_by("ccode1", "ccode2", "year").agg(
            pl.lit(1, pl.Int32).alias("ongoingrivalry"),
            *(flag.alias(f"rivalry_{kind}") for flag, kind in zip(flags, _KINDS, strict=True)),
        )
        names = ["ongoingrivalry", *(f"rivalry_{kind}" for kind in _KINDS)]
        absent = dict.fromkeys(names, 0)
        return join_pairs(panel, context, pairs, source="undirected", absent=absent, years=_YEARS)
    each = [
        years.select(pl.col(side).alias("ccode"), "year", *_KINDS) for side in ("ccode1", "ccode2")
    ]
    counts = (
        pl.concat(each)
        .group_by("ccode", "year")
        .agg(pl.col(kind).sum().cast(pl.Int32).alias(f"n_{kind}") for kind in _KINDS)
    )
    absent = dict.fromkeys((f"n_{kind}" for kind in _KINDS), 0)
    return join_states(panel, context, counts, absent=absent, years=_YEARS)


register(
    Feature(
        name="rivalries",
        title="Strategic rivalries: ongoing, and what they are about",
        columns=(
            Column("ongoingrivalry", "1 if rivals in the year, else 0", level="dyad"),
            *(
                Column(f"rivalry_{kind}", f"1 if the rivalry is {kind}, else 0", level="dyad")
                for kind in _KINDS
            ),
            *(Column(f"n_{kind}", f"{kind} rivalries", "number", "state-only") for kind in _KINDS),
        ),
        datasets=("rivalries",),
        years=_YEARS,
        states="members of the COW state system; codes are the source's, see the dataset",
        missing="a state of the row has no COW code in the year",
        join=_rivalries,
    )
)
