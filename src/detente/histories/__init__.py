"""Spells, meetings and risk intervals: from tables to counting-process form."""

from detente.histories.audit import Audit, audit
from detente.histories.rungs import build_spells, dyadic_disputes, load_spells
from detente.histories.system import membership_pairs, politically_relevant_spells

__all__ = [
    "Audit",
    "audit",
    "build_spells",
    "dyadic_disputes",
    "load_spells",
    "membership_pairs",
    "politically_relevant_spells",
]
