"""Exact simulation of coupled multi-state histories, arms that share their noise, and summaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from detente.futures.fitted import FittedSystem, fitted_system

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


def __getattr__(name: str) -> Any:
    """Import what needs the engine of hazards when it is first asked for: simulating does not."""
    if name not in ("FittedSystem", "fitted_system"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from detente.futures import fitted

    return getattr(fitted, name)
