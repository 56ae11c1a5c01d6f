"""Which dyads are at risk when: joint membership of the state system, political relevance."""

from __future__ import annotations

import polars as pl

from detente.histories.rungs import RECORD_START, RECORD_STOP


def politically_relevant_spells(
    states: pl.DataFrame, contiguity: pl.DataFrame, majors: pl.DataFrame
) -> pl.DataFrame:
    """Return the days of the record on which a dyad is politically relevant.

    Both are members of the system, and they are contiguous (by land or across at most 400
    miles of water) or at least one is a COW major power: the pairs of a panel of
    ``dyads="relevant"``, by day.

    Parameters
    ----------
    states, contiguity, majors
        The tables ``cow_states``, ``contiguity`` (spells of types 1 to 5) and ``cow_majors``.

    Returns
    -------
    pl.DataFrame
        ``ccode1 < ccode2, start, stop``, disjoint spells sorted by dyad and day. A dyad can
        have several.
    """
    tables = {"cow_states": states, "contiguity": contiguity, "cow_majors": majors}
    # Imported here: panels bring every feature and dataset, which an assessment does without.
    from detente.panels.rows import row_ranges
    from detente.panels.units import UNITS, Frame

    # The record stops with the first day of a year.
    years = (RECORD_START.year, RECORD_STOP.year - 1)
    days = row_ranges(Frame(UNITS["dyad-day"], years, dyads="relevant"), tables.__getitem__)
    return days.select(
        "ccode1",
        "ccode2",
        pl.col("first").cast(pl.Date).alias("start"),
        (pl.col("last") + 1).cast(pl.Date).alias("stop"),
    )
