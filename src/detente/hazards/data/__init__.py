"""Histories as intervals at risk: states and moves, tables in several forms, their rules."""
