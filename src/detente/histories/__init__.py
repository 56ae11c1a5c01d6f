"""Spells, meetings and risk intervals: from tables to counting-process form."""

from detente.histories.adversaries import adversaries
from detente.histories.audit import Audit, audit
from detente.histories.meetings import Recorded, load_us_meetings, recorded, us_meetings
from detente.histories.rungs import build_spells, dyadic_disputes, load_spells
from detente.histories.system import membership_pairs, politically_relevant_spells

__all__ = [
    "Audit",
    "Recorded",
    "adversaries",
    "audit",
    "build_spells",
    "dyadic_disputes",
    "load_spells",
    "load_us_meetings",
    "membership_pairs",
    "politically_relevant_spells",
    "recorded",
    "us_meetings",
]
