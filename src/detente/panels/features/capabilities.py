"""Material capabilities of states (COW)."""

from __future__ import annotations

from detente.panels.joins import state_years
from detente.panels.registry import Column, Feature, register

_COLUMNS = (
    Column(
        "milex",
        "military expenditure, current prices",
        "thousands of pounds sterling to 1913, of US dollars from 1914",
    ),
    Column("milper", "military personnel", "thousands"),
    Column("irst", "iron and steel production", "thousands of tons"),
    Column("pec", "primary energy consumption", "thousands of coal-ton equivalents"),
    Column("tpop", "total population", "thousands"),
    Column("upop", "population of cities of 100,000 and more", "thousands"),
    Column("cinc", "composite index of national capability", "share of the system, 0 to 1"),
)

register(
    Feature(
        name="capabilities",
        title="National material capabilities (COW)",
        columns=_COLUMNS,
        datasets=("nmc",),
        years=(1816, 2022),
        states="members of the COW state system",
        missing="the source has no figure for the state in the year",
        join=state_years("nmc", [column.name for column in _COLUMNS]),
    )
)
