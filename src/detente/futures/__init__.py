"""Exact simulation of coupled multi-state histories, arms that share their noise, and summaries."""

from detente.futures.fitted import FittedSystem, fitted_system
from detente.futures.interventions import Cancel, Hold, Intervention, Offset, Scale
from detente.futures.outcomes import Enter, Leave, Outcome
from detente.futures.result import Estimate, Futures, Paths
from detente.futures.simulate import simulate
from detente.futures.system import (
    Channel,
    Coupling,
    Kernel,
    LazyParameters,
    Parameters,
    Start,
    System,
)

__all__ = [
    "Cancel",
    "Channel",
    "Coupling",
    "Enter",
    "Estimate",
    "FittedSystem",
    "Futures",
    "Hold",
    "Intervention",
    "Kernel",
    "LazyParameters",
    "Leave",
    "Offset",
    "Outcome",
    "Parameters",
    "Paths",
    "Scale",
    "Start",
    "System",
    "fitted_system",
    "simulate",
]
