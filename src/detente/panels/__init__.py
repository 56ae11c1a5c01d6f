"""Panels: rows of a unit of analysis and the features a peace scientist joins to them."""

from detente.panels import features as features
from detente.panels.panel import Panel, panel
from detente.panels.recipe import check_result, read_recipe
from detente.panels.registry import Column, Context, Feature, all_features, feature, register
from detente.panels.subsets import SUBSETS
from detente.panels.units import UNITS, Frame, Unit

__all__ = [
    "SUBSETS",
    "UNITS",
    "Column",
    "Context",
    "Feature",
    "Frame",
    "Panel",
    "Unit",
    "all_features",
    "check_result",
    "feature",
    "panel",
    "read_recipe",
    "register",
]
