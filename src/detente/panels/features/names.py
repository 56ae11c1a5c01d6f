"""Names of states, and which of them are microstates."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_states
from detente.panels.registry import OPEN, Column, Context, Feature, register
from detente.panels.systems import MEMBERSHIPS


def _names(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    table = context.table(MEMBERSHIPS[context.system].dataset)
    last = table.sort(context.code, "start").unique(context.code, keep="last", maintain_order=True)
    kind = pl.Enum(last["name"].unique(maintain_order=True))
    names = last.lazy().select(context.code, pl.col("name").cast(kind).alias("state_name"))
    for side in context.sides:
        own = names.rename(
            {context.code: f"{context.code}{side}", "state_name": f"state_name{side}"}
        )
        panel = panel.join(own, on=f"{context.code}{side}", how="left", maintain_order="left")
    return panel


def _microstates(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    small = (
        context.table("gw_states")
        .lazy()
        .unique("gwcode")
        .select("gwcode", pl.col("microstate").cast(pl.Int32))
    )
    years = small.join(
        context.table("gw_cow").lazy().select("gwcode", "year").unique(), on="gwcode"
    )
    return join_states(panel, context, years, system="gw")


register(
    Feature(
        name="names",
        title="Names of states, in the words of the panel's state system",
        columns=(Column("state_name", "name of the state; the latest where it changed"),),
        datasets=(),
        years=(1816, OPEN),
        states="members of the panel's state system",
        missing="the state is not in the list",
        join=_names,
    )
)
register(
    Feature(
        name="microstate",
        title="Microstates (Gleditsch-Ward)",
        columns=(Column("microstate", "1 if on the list of microstates, else 0"),),
        datasets=("gw_states", "gw_cow"),
        years=(1816, 2025),
        states="Gleditsch-Ward states",
        missing="the state has no Gleditsch-Ward code in the year",
        join=_microstates,
    )
)
