"""Ideal points from UN votes, and how far apart two states are on them."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_states
from detente.panels.registry import Column, Context, Feature, Join, register

_SCALE = "latent scale"


def _joined(dataset: str, source: str, name: str, gap: str) -> Join:
    def join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        table = context.unique(dataset, ("ccode", "year")).lazy()
        points = table.select("ccode", "year", pl.col(source).alias(name))
        joined = join_states(panel, context, points)
        if context.sides == ("",):
            return joined
        apart = pl.col(f"{name}1") - pl.col(f"{name}2")
        return joined.with_columns(apart.abs().alias(gap))

    return join


register(
    Feature(
        name="ideal_points",
        title="Ideal points from UN votes, release of 2020, and their distance",
        columns=(
            Column("idealpoint", "posterior mean of the state's ideal point", _SCALE),
            Column("idealpointgap", "distance between the two ideal points", _SCALE, "dyad"),
        ),
        datasets=("ideal_points",),
        years=(1946, 2019),
        states="UN members that voted in the session that opened in the year",
        missing="the state cast no vote in the session; there was none in 1964",
        join=_joined("ideal_points", "ideal_point", "idealpoint", "idealpointgap"),
    )
)

register(
    Feature(
        name="ideal_points_2025",
        title="Ideal points from UN votes on final passage, release of 2025, and their distance",
        columns=(
            Column("idealpointfp", "posterior mean of the state's ideal point", _SCALE),
            Column("idealpointfpgap", "distance between the two ideal points", _SCALE, "dyad"),
        ),
        datasets=("ideal_points_2025",),
        years=(1946, 2024),
        states="UN members that voted in the year",
        missing="the state cast no vote in the year; there was none in 1964",
        join=_joined("ideal_points_2025", "final", "idealpointfp", "idealpointfpgap"),
    )
)
