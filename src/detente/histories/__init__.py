"""Spells, meetings and risk intervals: from tables to counting-process form."""

from detente.histories.rungs import build_spells, load_spells

__all__ = ["build_spells", "load_spells"]
