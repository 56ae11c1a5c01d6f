"""What the record holds of meetings: by country and level, and the events they could explain."""

from __future__ import annotations

import polars as pl

from detente import histories
from detente.histories.audit import Audit
from detente.histories.chronology_audit import chronology_tables
from detente.histories.meetings import load_us_meetings
from detente.relations.record import exposed_events, fitting_record, load_record, war_exposure

LEVELS = ("leader", "envoy", "congress", "ceremonial")


def audit() -> Audit:
    """Return the audit of the histories, with the tables of meetings and of the chronology."""
    return histories.audit(extra=meeting_tables() | chronology_tables())


def meeting_tables() -> dict[str, pl.DataFrame]:
    """Return the tables ``meetings``, ``exposed_events`` and ``exposed_wars`` of the audit.

    Raises
    ------
    UnavailableError
        If a dataset is in neither the mirror nor the cache.
    """
    table = fitting_record(load_record()).intervals.table
    return {
        "meetings": by_country(load_us_meetings()),
        "exposed_events": exposed_events(table),
        "exposed_wars": pl.DataFrame(war_exposure(table)),
    }


def by_country(meetings: pl.DataFrame) -> pl.DataFrame:
    """Count meetings of the United States by counterpart and level.

    Returns
    -------
    polars.DataFrame
        ``ccode`` (null for those that are no state of the system, counted under their name),
        ``counterpart`` (the name used last), one column a level, first and last year.
    """
    key = pl.coalesce(pl.col("ccode2").cast(pl.String), pl.col("counterpart"))
    counts = [(pl.col("level") == level).sum().cast(pl.Int64).alias(level) for level in LEVELS]
    return (
        meetings.sort("start")
        .group_by(key.alias("key"), maintain_order=True)
        .agg(
            pl.col("ccode2").first().alias("ccode"),
            pl.col("counterpart").last(),
            *counts,
            pl.col("start").min().dt.year().alias("first_year"),
            pl.col("start").max().dt.year().alias("last_year"),
        )
        .drop("key")
        .sort("leader", "envoy", "counterpart", descending=[True, True, False])
    )
