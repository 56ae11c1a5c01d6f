"""Ranges of whole periods: the years, months or days from ``first`` to ``last``, both inside.

Years are calendar years, months count from the year 0, days from 1970-01-01.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from detente.panels.units import Period

_MONTHS = 12
# More than the number of days, months or years in any calendar.
_APART = 10_000_000


def periods(spells: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Turn the days ``first`` and ``last`` into the periods they lie in, as integers."""
    return spells.with_columns(_index(name, period) for name in ("first", "last"))


def merged(ranges: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Merge the ranges of a group that overlap or touch; sorted by group and period."""
    if ranges.is_empty():
        return ranges.select(*by, "first", "last")
    ordered = ranges.select(*by, "first", "last").sort(*by, "first")
    first, last = (ordered[name].to_numpy().astype(np.int64) for name in ("first", "last"))
    keys = ordered.select(by)
    changed = np.ones(ordered.height, dtype=bool)
    changed[1:] = False
    for name in by:
        changed[1:] |= (keys[name][1:] != keys[name][:-1]).to_numpy()
    # A running maximum that starts again with each group: groups lie further apart than periods.
    offset = np.cumsum(changed) * _APART
    reach = np.maximum.accumulate(last + offset) - offset
    changed[1:] |= first[1:] > reach[:-1] + 1
    starts = np.flatnonzero(changed)
    return keys[starts].with_columns(
        pl.Series("first", first[starts].astype(np.int32)),
        pl.Series("last", np.maximum.reduceat(last, starts).astype(np.int32)),
    )


def expand(ranges: pl.DataFrame, period: Period) -> pl.DataFrame:
    """Return one row per period of each range, with the columns of its moment."""
    first = ranges["first"].to_numpy()
    lengths = ranges["last"].to_numpy() - first + 1
    total = int(lengths.sum())
    starts = np.cumsum(lengths) - lengths
    at = np.arange(total, dtype=np.int32)
    at += np.repeat((first - starts).astype(np.int32), lengths)
    actors = ranges.drop("first", "last")
    columns = [
        pl.Series(name, np.repeat(actors[name].to_numpy(), lengths), dtype=actors[name].dtype)
        if actors[name].dtype.is_numeric()
        else actors[name].gather(np.repeat(np.arange(ranges.height), lengths))
        for name in actors.columns
    ]
    return pl.DataFrame([*columns, *_moments(at, period)])


def _moments(at: npt.NDArray[np.int32], period: Period) -> list[pl.Series]:
    if period == "day":
        return [pl.Series("date", at).cast(pl.Date)]
    if period == "year":
        return [pl.Series("year", at)]
    year, month = np.divmod(at, _MONTHS)
    return [
        pl.Series("year", year.astype(np.int32)),
        pl.Series("month", (month + 1).astype(np.int8)),
    ]


def _index(name: str, period: Period) -> pl.Expr:
    day = pl.col(name)
    if period == "day":
        return day.cast(pl.Int32)
    if period == "year":
        return day.dt.year().alias(name)
    return (day.dt.year() * _MONTHS + day.dt.month().cast(pl.Int32) - 1).alias(name)


def overlaps(left: pl.DataFrame, right: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """Return what a range of each table shares, for equal values of ``on``, as a row of both."""
    joined = left.join(right, on=list(on), suffix="_other")
    return (
        joined.with_columns(
            pl.max_horizontal("first", "first_other").alias("first"),
            pl.min_horizontal("last", "last_other").alias("last"),
        )
        .filter(pl.col("first") <= pl.col("last"))
        .drop("first_other", "last_other")
    )
