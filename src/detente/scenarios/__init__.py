"""The schema of a scenario and of a sourced case, loading, and the library of both."""

from detente.scenarios.case import Case
from detente.scenarios.load import (
    build_case,
    build_scenario,
    load_case,
    load_entry,
    load_scenario,
    parse_scenario,
    scenario_names,
)
from detente.scenarios.schema import Scenario
from detente.scenarios.template import template_text, write_template

__all__ = [
    "Case",
    "Scenario",
    "build_case",
    "build_scenario",
    "load_case",
    "load_entry",
    "load_scenario",
    "parse_scenario",
    "scenario_names",
    "template_text",
    "write_template",
]
