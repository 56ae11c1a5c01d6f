"""The schema of a scenario, loading, and the library of scenarios."""

from detente.scenarios.load import load_scenario, parse_scenario, scenario_names
from detente.scenarios.schema import Scenario

__all__ = ["Scenario", "load_scenario", "parse_scenario", "scenario_names"]
