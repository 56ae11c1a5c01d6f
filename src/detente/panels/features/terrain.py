"""Ruggedness and mountains of states: from files that the user brings."""

from __future__ import annotations

from detente.panels.joins import each_of, state_constants
from detente.panels.registry import OPEN, Column, Feature, register

register(
    Feature(
        name="terrain",
        title="Terrain: ruggedness (Nunn and Puga) and mountains (Gibler and Miller)",
        columns=(
            Column(
                "rugged",
                "terrain ruggedness index, mean of the territory",
                "hundreds of metres",
                dataset="ruggedness",
            ),
            Column(
                "newlmtnest",
                "natural logarithm of the percentage of the territory that is mountainous",
                "log percent",
                dataset="mountains",
            ),
        ),
        datasets=("ruggedness", "mountains"),
        years=(1816, OPEN),
        states="states of around 2000, and those of other years that share their code; you bring "
        "the files",
        missing="the source measured no territory under the state's code",
        join=each_of(
            {
                "ruggedness": state_constants("ruggedness", ["rugged"]),
                "mountains": state_constants("mountains", ["newlmtnest"]),
            }
        ),
    )
)
