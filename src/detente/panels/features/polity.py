"""Regime authority and its parts (Polity5)."""

from __future__ import annotations

from detente.panels.joins import state_years
from detente.panels.registry import Column, Feature, register

_COLUMNS = {
    "polity5": ("polity2", "Polity score, interregna 0, transitions interpolated", "-10 to 10"),
    "democ": ("democ", "institutionalised democracy", "0 to 10"),
    "autoc": ("autoc", "institutionalised autocracy", "0 to 10"),
    "xconst": ("xconst", "constraints on the chief executive", "1 to 7"),
    "parcomp": ("parcomp", "competitiveness of participation", "0 to 5"),
    "durable": ("durable", "time since the last change of regime", "years"),
    "interruption": ("interruption", "foreign, interregnum or transition", ""),
}

register(
    Feature(
        name="polity5",
        title="Regime authority and its parts (Polity5)",
        columns=tuple(Column(name, meaning, unit) for name, (_, meaning, unit) in _COLUMNS.items()),
        datasets=("polity5",),
        years=(1776, 2020),
        states="states of 500,000 people or more in 2018, and earlier ones",
        missing="Polity does not cover the state, or its polity was interrupted; no interruption, "
        "for interruption",
        join=state_years("polity5", {source: name for name, (source, *_) in _COLUMNS.items()}),
    )
)
