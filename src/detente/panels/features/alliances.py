"""Alliance obligations (ATOP)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_pairs, join_states
from detente.panels.registry import Column, Context, Feature, register

_YEARS = (1816, 2018)
_NAMES = {
    "defense": "atop_defense",
    "offense": "atop_offense",
    "neutrality": "atop_neutral",
    "nonaggression": "atop_nonagg",
    "consultation": "atop_consul",
}
_MEANINGS = {
    "defense": "help if attacked",
    "offense": "help in a conflict it starts",
    "neutrality": "neutrality",
    "nonaggression": "not to attack it",
    "consultation": "consultation in a crisis",
}


def _alliances(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    flags = [pl.col(name).cast(pl.Int32).alias(to) for name, to in _NAMES.items()]
    if len(context.sides) > 1:
        chosen = context.options["either"]
        # A pair without order has no first state: what one owes the other is the pair's.
        either = not context.frame.directed if chosen is None else bool(chosen)
        table = context.table("atop" if either else "atop_directed").lazy()
        pairs = table.select("ccode1", "ccode2", "year", *flags)
        return join_pairs(
            panel,
            context,
            pairs,
            source="undirected" if either else "directed",
            absent=dict.fromkeys(_NAMES.values(), 0),
            years=_YEARS,
        )
    table = context.table("atop_directed").lazy()
    counts = table.group_by(pl.col("ccode1").alias("ccode"), "year").agg(
        pl.col(name).sum().cast(pl.Int32).alias(f"n_{to}") for name, to in _NAMES.items()
    )
    absent = {f"n_{to}": 0 for to in _NAMES.values()}
    return join_states(panel, context, counts, absent=absent, years=_YEARS)


register(
    Feature(
        name="alliances",
        title="Alliance obligations (ATOP 5.1)",
        columns=(
            *(
                Column(
                    to,
                    f"1 if the first state owes the second {_MEANINGS[name]}, in a panel of "
                    f"directed pairs; else 1 if one owes the other",
                    level="dyad",
                )
                for name, to in _NAMES.items()
            ),
            *(
                Column(
                    f"n_{to}", f"states to which it owes {_MEANINGS[name]}", "number", "state-only"
                )
                for name, to in _NAMES.items()
            ),
        ),
        datasets=("atop", "atop_directed"),
        years=_YEARS,
        states="members of the COW state system",
        missing="a state of the row has no COW code in the year",
        join=_alliances,
        options={"either": None},
    )
)
