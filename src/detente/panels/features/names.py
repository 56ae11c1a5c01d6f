"""Names of states, and which of them are microstates."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_states
from detente.panels.registry import OPEN, Column, Context, Feature, register
from detente.panels.systems import MEMBERSHIPS


def _names(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    spells = context.table(MEMBERSHIPS[context.system].dataset).sort(context.code, "start")
    kind = pl.Enum(spells["name"].unique(maintain_order=True))
    first = spells.lazy().unique(context.code, keep="first", maintain_order=True)
    names = first.select(context.code, pl.col("name").cast(kind).alias("state_name"))
    changed = spells.filter(pl.col("name") != pl.col("name").shift(1).over(context.code)).select(
        context.code, pl.col("start").dt.year(), "name"
    )
    for side in context.sides:
        code, name = f"{context.code}{side}", f"state_name{side}"
        own = names.rename({context.code: code, "state_name": name})
        panel = panel.join(own, on=code, how="left", maintain_order="left")
        for state, year, later in changed.iter_rows():
            there = (pl.col(code) == state) & (pl.col("year") >= year)
            new = pl.lit(later).cast(kind)
            panel = panel.with_columns(pl.when(there).then(new).otherwise(name).alias(name))
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
        columns=(Column("state_name", "name of the state in the year"),),
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
