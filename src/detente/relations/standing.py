"""What the record says of dyads on a day: the rung they are in, since when, and their past."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.histories.past import decayed_count
from detente.histories.risk import KERNELS, YEAR, days_table, dyad_code
from detente.relations.record import RecordTables
from detente.relations.situation import day_number


def counts_on(record: RecordTables, dyads: NDArray[np.int64], day: dt.date) -> pl.DataFrame:
    """Decayed counts of what happened to dyads before a day, a column a kernel."""
    spells = days_table(record.spells).with_columns(dyad_code())
    events = {
        "dispute": spells.group_by("dyad", "episode").agg(pl.col("start").min()),
        "war": spells.filter(pl.col("rung") == "war"),
    }
    for level in ("leader", "envoy"):
        held = record.meetings.filter(pl.col("level") == level)
        events[level] = held.select(dyad_code(), pl.col("start").to_physical().cast(pl.Int64))
    known = np.full(len(dyads), day_number(day))
    return pl.DataFrame(
        {
            k: decayed_count(
                (events[kind]["dyad"].to_numpy(), events[kind]["start"].to_numpy()),
                dyads,
                known,
                known.astype(np.float64),
                half_life=half_life * YEAR,
            )
            for k, (kind, half_life) in KERNELS.items()
        }
    )


def rungs_on(record: RecordTables, day: dt.date) -> pl.DataFrame:
    """Rung of every dyad with a dispute or war begun before a day.

    Returns
    -------
    polars.DataFrame
        ``dyad``, ``rung`` (the name), ``since`` (day since 1970 on which it was entered).
    """
    at = day_number(day)
    spells = days_table(record.spells).with_columns(dyad_code()).filter(pl.col("start") < at)
    open_ = spells.filter(pl.col("stop") > at)
    settled = (
        spells.join(open_, on="dyad", how="anti")
        .group_by("dyad")
        .agg(pl.lit("calm").alias("rung"), pl.col("stop").max().alias("since"))
    )
    return pl.concat([open_.select("dyad", "rung", pl.col("start").alias("since")), settled]).sort(
        "dyad"
    )
