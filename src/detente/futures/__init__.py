"""Exact simulation of coupled event histories under interventions."""
