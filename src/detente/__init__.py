"""A laboratory for summit diplomacy and great-power conflict.

The main job is :func:`assess`; the folders hold the rest: :mod:`detente.sources` (datasets),
:mod:`detente.panels` (state-years, dyad-years, leader-years and what is joined to them),
:mod:`detente.histories` (spells, meetings, risk intervals), :mod:`detente.hazards` (the engine of
intensity models), :mod:`detente.futures` (the simulator), :mod:`detente.relations` (the fitted
model), :mod:`detente.scenarios`, :mod:`detente.assessments` and :mod:`detente.reports`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.assessments.assess import assess
    from detente.assessments.case import assess_case
    from detente.assessments.case_schema import CaseAssessment
    from detente.assessments.schema import Assessment
    from detente.core.errors import DetenteError
    from detente.panels import Panel, panel
    from detente.relations.model import ModelFile, load_model
    from detente.reports import render_html, write_report
    from detente.scenarios import Case, Scenario, load_case, load_scenario, scenario_names

__version__ = "0.1.0"

__all__ = [
    "Assessment",
    "Case",
    "CaseAssessment",
    "DetenteError",
    "ModelFile",
    "Panel",
    "Scenario",
    "__version__",
    "assess",
    "assess_case",
    "load_case",
    "load_model",
    "load_scenario",
    "panel",
    "render_html",
    "scenario_names",
    "write_report",
]

# Imported when first asked for, so that the command line answers at once.
_HOMES = {
    "Assessment": "detente.assessments.schema",
    "Case": "detente.scenarios",
    "CaseAssessment": "detente.assessments.case_schema",
    "DetenteError": "detente.core.errors",
    "ModelFile": "detente.relations.model",
    "Panel": "detente.panels",
    "Scenario": "detente.scenarios",
    "assess": "detente.assessments.assess",
    "assess_case": "detente.assessments.case",
    "load_case": "detente.scenarios",
    "load_model": "detente.relations.model",
    "load_scenario": "detente.scenarios",
    "panel": "detente.panels",
    "render_html": "detente.reports",
    "scenario_names": "detente.scenarios",
    "write_report": "detente.reports",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'detente' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
