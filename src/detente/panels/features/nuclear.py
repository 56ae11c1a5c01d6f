"""Nuclear weapons: status and stockpiles."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_states, state_years
from detente.panels.registry import Column, Context, Feature, register

_WARHEAD_YEARS = (1945, 2023)


def _warheads(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    table = context.table("warheads").lazy().select("ccode", "year", "warheads")
    return join_states(panel, context, table, absent={"warheads": 0}, years=_WARHEAD_YEARS)


register(
    Feature(
        name="nuclear_status",
        title="Exploration, pursuit and possession of nuclear weapons",
        columns=(Column("nuclear_status", "0 none, 1 considers, 2 pursues, 3 possesses"),),
        datasets=("nuclear_status",),
        years=(1938, 2022),
        states="members of the COW state system",
        missing="the source does not list the state in the year",
        join=state_years("nuclear_status", {"status": "nuclear_status"}),
    )
)
register(
    Feature(
        name="warheads",
        title="Nuclear warheads in the military stockpile",
        columns=(Column("warheads", "warheads, estimated; 0 for states never listed", "number"),),
        datasets=("warheads",),
        years=_WARHEAD_YEARS,
        states="the ten states that ever had warheads; no other state had any",
        missing="the state has no COW code in the year",
        join=_warheads,
    )
)
