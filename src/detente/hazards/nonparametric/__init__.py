"""Estimates without a model: Nelson-Aalen, Kaplan-Meier, Aalen-Johansen, incidence, bands."""
