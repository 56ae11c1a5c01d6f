"""Spells, meetings and risk intervals: from tables to counting-process form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.histories.adversaries import adversaries
from detente.histories.audit import Audit, audit
from detente.histories.rungs import build_spells, dyadic_disputes, load_spells
from detente.histories.system import politically_relevant_spells

if TYPE_CHECKING:
    from detente.histories.meetings import Recorded, load_us_meetings, recorded, us_meetings

__all__ = [
    "Audit",
    "Recorded",
    "adversaries",
    "audit",
    "build_spells",
    "dyadic_disputes",
    "load_spells",
    "load_us_meetings",
    "politically_relevant_spells",
    "recorded",
    "us_meetings",
]


def __getattr__(name: str) -> Any:
    """Import what needs every dataset's module when it is first asked for: assessing does not."""
    if name not in ("Recorded", "load_us_meetings", "recorded", "us_meetings"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from detente.histories import meetings

    return getattr(meetings, name)
