"""Spells, meetings and risk intervals: from tables to counting-process form."""
