"""State identifiers, days and intervals, errors, random streams, provenance."""
