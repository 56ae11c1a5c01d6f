"""Ethnic and religious fractionalisation of states (CREG): from files that the user brings."""

from __future__ import annotations

from detente.panels.joins import each_of, state_years
from detente.panels.registry import Column, Feature, register
from detente.sources.creg import YEARS


def _columns(prefix: str, kind: str) -> tuple[Column, Column]:
    dataset = f"creg_{kind}"
    frac = f"fractionalisation by {kind} groups with shares s: 1 - sum s^2"
    pol = f"polarisation by {kind} groups: 1 - sum ((1/2 - s) / (1/2))^2 s, 1 for two halves"
    return (
        Column(f"{prefix}frac", frac, "0 to 1", dataset=dataset),
        Column(f"{prefix}pol", pol, "0 to 1", dataset=dataset),
    )


register(
    Feature(
        name="creg",
        title="Ethnic and religious fractionalisation and polarisation (CREG 1.02)",
        columns=(*_columns("eth", "ethnic"), *_columns("rel", "religious")),
        datasets=("creg_ethnic", "creg_religious"),
        years=YEARS,
        states="countries of more than 500,000 people in 2004, and their predecessors; you bring "
        "the files",
        missing="the source does not estimate the groups of the state in the year",
        join=each_of(
            {
                "creg_ethnic": state_years("creg_ethnic", ["ethfrac", "ethpol"], system="gw"),
                "creg_religious": state_years("creg_religious", ["relfrac", "relpol"], system="gw"),
            }
        ),
    )
)
