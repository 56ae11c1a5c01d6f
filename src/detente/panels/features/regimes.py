"""Democracy, product and population of states."""

from __future__ import annotations

from detente.panels.joins import state_years
from detente.panels.registry import Column, Feature, register

register(
    Feature(
        name="democracy",
        title="Democracy: extended Unified Democracy Scores, Polity, V-Dem polyarchy",
        columns=(
            Column("euds", "extended Unified Democracy Score", "latent scale, mean near 0"),
            Column(
                "aeuds",
                "the same, 0 at the mean cut point of dichotomous measures",
                "latent scale, 0 at that point",
            ),
            Column("polity2", "Polity score", "-10 to 10"),
            Column("v2x_polyarchy", "V-Dem electoral democracy index", "0 to 1"),
        ),
        datasets=("democracy",),
        years=(1816, 2025),
        states="members of the COW state system; polity2 lacks several, see the dataset",
        missing="the measure does not cover the state in the year; polity2 also where Polity has "
        "the state under another number, as the Soviet Union (feature polity5 has those)",
        join=state_years(
            "democracy",
            {
                "euds": "euds",
                "aeuds": "aeuds",
                "polity2": "polity2",
                "polyarchy": "v2x_polyarchy",
            },
        ),
    )
)

_PRODUCT = (
    Column("mrgdppc", "real GDP per head", "international dollars a person"),
    Column("sd_mrgdppc", "standard deviation of mrgdppc", "international dollars a person"),
    Column("pwtrgdp", "real GDP", "millions of international dollars"),
    Column("sd_pwtrgdp", "standard deviation of pwtrgdp", "millions of international dollars"),
    Column("pwtpop", "population", "millions"),
    Column("sd_pwtpop", "standard deviation of pwtpop", "millions"),
)
register(
    Feature(
        name="gdp",
        title="GDP per head, GDP and population, latent estimates (Fariss and others 2022)",
        columns=_PRODUCT,
        datasets=("gdp",),
        years=(1816, 2019),
        states="members of the COW state system but 43 that have no estimate",
        missing="no estimate for the state in the year",
        join=state_years("gdp", [column.name for column in _PRODUCT]),
    )
)
