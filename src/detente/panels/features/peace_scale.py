"""The peace scale of pairs of states (Peace Data)."""

from __future__ import annotations

from detente.panels.joins import pair_years
from detente.panels.registry import Column, Feature, register

register(
    Feature(
        name="peace_scale",
        title="Peace scale (Diehl, Goertz and Gallegos)",
        columns=(
            Column(
                "peacescale",
                "mean of the year: 0 severe rivalry, 0.25 lesser rivalry, 0.5 negative peace, "
                "0.75 warm peace, 1 security community",
                "0 to 1",
                "dyad",
            ),
        ),
        datasets=("peace_scale",),
        years=(1900, 2020),
        states="pairs with a relationship in the authors' sense",
        missing="the authors coded no relationship of the pair in the year",
        join=pair_years("peace_scale", {"peace": "peacescale"}, source="undirected"),
    )
)
