"""The schema of a scenario, loading, and the library of scenarios."""
