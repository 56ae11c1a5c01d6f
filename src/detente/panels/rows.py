"""The rows of a panel: who is there in which year, month or day.

Rows are kept as ranges of periods until the last moment, so that a subset is cut before a row
exists.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from detente.panels.events import event_rows
from detente.panels.people import leader_pairs, leader_ranges
from detente.panels.ranges import expand, merged, periods
from detente.panels.subsets import chosen_ranges
from detente.panels.systems import Tables, members
from detente.panels.units import UNITS, Frame

_BATCH = 500_000


def rows(frame: Frame, table: Tables) -> pl.DataFrame:
    """Return the key columns of a frame, one row per unit and period, sorted."""
    if frame.unit.event:
        subset = None if frame.dyads == "all" else _pairs(frame, table)
        return event_rows(frame, subset, table)
    if frame.unit.actors == "leader-dyad":
        return leader_pairs(frame, _pairs(frame, table), table)
    return expand(row_ranges(frame, table), frame.unit.period).select(frame.keys)


def streamed_rows(frame: Frame, table: Tables) -> pl.LazyFrame:
    """Return the rows of :func:`rows` as a stream of batches that are made when they are read."""
    if frame.unit.event or frame.unit.actors == "leader-dyad":
        return rows(frame, table).lazy()
    ranges = row_ranges(frame, table)
    schema = expand(ranges.head(1), frame.unit.period).select(frame.keys).schema

    def batches(
        columns: list[str] | None, predicate: pl.Expr | None, most: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        del size
        for part in _parts(ranges):
            batch = expand(part, frame.unit.period).select(columns or frame.keys)
            batch = batch if predicate is None else batch.filter(predicate)
            if most is not None:
                batch = batch.head(most)
                most -= batch.height
            yield batch
            if most == 0:
                return

    return register_io_source(batches, schema=schema)


def _parts(ranges: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cut ranges into runs of about :data:`_BATCH` rows."""
    total = (ranges["last"] - ranges["first"] + 1).cast(pl.Int64).cum_sum()
    run = ((total - 1) // _BATCH).to_numpy()
    cuts = np.flatnonzero(np.diff(run)) + 1
    edges = [0, *cuts.tolist(), ranges.height]
    for start, stop in itertools.pairwise(edges):
        yield ranges[start:stop]


def row_ranges(frame: Frame, table: Tables) -> pl.DataFrame:
    """Return the rows as disjoint ranges: actors, ``first`` and ``last`` period, both inside."""
    if frame.unit.actors == "leader":
        return leader_ranges(frame, table)
    spells = members(frame, table)
    if frame.unit.actors == "state":
        return merged(periods(spells, frame.unit.period), (frame.code,))
    ranges = chosen_ranges(frame, pair_ranges(spells, frame), table)
    if not frame.directed:
        return ranges
    one, other = f"{frame.code}1", f"{frame.code}2"
    turned = ranges.select(pl.col(other).alias(one), pl.col(one).alias(other), "first", "last")
    return pl.concat([ranges, turned]).sort(one, other, "first")


def _pairs(frame: Frame, table: Tables) -> pl.DataFrame:
    """Return the rows of the pairs of states behind a frame of leaders or events."""
    return rows(dataclasses.replace(frame, unit=UNITS["dyad-year"]), table)


def pair_ranges(spells: pl.DataFrame, frame: Frame) -> pl.DataFrame:
    """Return the periods with a day on which both states of a pair are members."""
    one, other = f"{frame.code}1", f"{frame.code}2"
    left = spells.rename({frame.code: one})
    right = spells.rename({frame.code: other})
    pairs = left.join(right, how="cross", suffix="_").filter(pl.col(one) < pl.col(other))
    both = pairs.select(
        one,
        other,
        pl.max_horizontal("first", "first_").alias("first"),
        pl.min_horizontal("last", "last_").alias("last"),
    ).filter(pl.col("first") <= pl.col("last"))
    return merged(periods(both, frame.unit.period), (one, other))
