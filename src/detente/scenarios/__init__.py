"""The schema of a scenario, loading, and the library of scenarios."""

from detente.scenarios.load import (
    build_scenario,
    load_scenario,
    parse_scenario,
    scenario_names,
)
from detente.scenarios.schema import Scenario
from detente.scenarios.template import template_text, write_template

__all__ = [
    "Scenario",
    "build_scenario",
    "load_scenario",
    "parse_scenario",
    "scenario_names",
    "template_text",
    "write_template",
]
