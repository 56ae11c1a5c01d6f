"""Leaders: name, gender, age and years in office (Archigos)."""

from __future__ import annotations

import polars as pl

from detente.panels.registry import Column, Context, Feature, register


def _leaders(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    people = context.unique("leaders", ("obsid",)).lazy()
    sides = context.sides if context.unit.actors == "leader-dyad" else ("",)
    for side in sides:
        own = people.select(
            pl.col("obsid").alias(f"obsid{side}"),
            pl.col("leader").alias(f"leader{side}"),
            pl.col("gender").alias(f"gender{side}"),
            pl.col("birth_year").alias("__born"),
            pl.col("start").dt.year().alias("__began"),
        )
        joined = panel.join(own, on=f"obsid{side}", how="left", maintain_order="left")
        panel = joined.with_columns(
            (pl.col("year") - pl.col("__born")).cast(pl.Int32).alias(f"leaderage{side}"),
            (pl.col("year") - pl.col("__began") + 1).cast(pl.Int32).alias(f"yrinoffice{side}"),
        ).drop("__born", "__began")
    return panel


register(
    Feature(
        name="leaders",
        title="Leaders: name, gender, age, years in office (Archigos 4.1)",
        columns=(
            Column("leader", "name of the leader", level="leader"),
            Column("gender", "M or F", level="leader"),
            Column("leaderage", "calendar year less year of birth", "years", "leader"),
            Column("yrinoffice", "calendar years in office, the first is 1", "years", "leader"),
        ),
        datasets=("leaders",),
        years=(1840, 2015),
        states="leaders of Gleditsch-Ward states",
        missing="the source has no year of birth",
        join=_leaders,
    )
)
