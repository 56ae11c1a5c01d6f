"""Days, model time and half-open intervals of days.

A spell is ``[start, stop)``: the day ``stop`` is the first day that is outside. Model time is
``1970 + d / 365.25`` years, where ``d`` counts days since 1970-01-01; its whole part can differ
from the calendar year within a day of New Year.

Intervals are pairs of sorted integer arrays (days since 1970-01-01) or of ``pl.Date`` columns.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, overload

import numpy as np
import numpy.typing as npt
import polars as pl

from detente.core.errors import DataError

DAYS_PER_YEAR = 365.25
EPOCH = dt.date(1970, 1, 1)
EPOCH_YEAR = 1970

Days: TypeAlias = npt.NDArray[np.int64]
Times: TypeAlias = npt.NDArray[np.float64]


@overload
def model_time(day: dt.date) -> float: ...
@overload
def model_time(day: pl.Series) -> Times: ...
@overload
def model_time(day: npt.NDArray[np.integer]) -> Times: ...
def model_time(day: dt.date | pl.Series | npt.NDArray[np.integer]) -> float | Times:
    """Return the model time, in years, at which a day begins.

    Parameters
    ----------
    day
        A date, a ``pl.Date`` series (null becomes NaN) or integer days since 1970-01-01.

    Returns
    -------
    float or array of shape (n,)
        ``1970 + d / 365.25``.
    """
    if isinstance(day, dt.date):
        return EPOCH_YEAR + (day - EPOCH).days / DAYS_PER_YEAR
    if isinstance(day, pl.Series):
        counts = _counts(day).cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return np.asarray(EPOCH_YEAR + counts / DAYS_PER_YEAR, dtype=np.float64)
    return np.asarray(EPOCH_YEAR + day / DAYS_PER_YEAR, dtype=np.float64)


def day_at(time: float) -> dt.date:
    """Return the day nearest to a model time; the inverse of :func:`model_time`.

    Raises
    ------
    DataError
        If the time is not finite or outside the calendar (years 1 to 9999).
    """
    if not np.isfinite(time):
        raise DataError(f"model time {time!r} is not a day: give a finite number of years")
    try:
        return EPOCH + dt.timedelta(days=round((time - EPOCH_YEAR) * DAYS_PER_YEAR))
    except OverflowError:
        raise DataError(f"model time {time!r} is outside the calendar (years 1 to 9999)") from None


def year_bounds(year: int) -> tuple[dt.date, dt.date]:
    """Return the half-open interval of a calendar year: 1 January of it and of the next."""
    return dt.date(year, 1, 1), dt.date(year + 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Interval:
    """A non-empty half-open interval of days."""

    start: dt.date
    stop: dt.date

    def __post_init__(self) -> None:
        if not self.start < self.stop:
            raise DataError(
                f"interval [{self.start}, {self.stop}) is empty: stop is the first day outside "
                f"and must be later than start"
            )

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.stop - self.start).days

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.stop

    def overlap(self, other: Interval) -> Interval | None:
        """Return the days in both intervals, or None where they share none."""
        start, stop = max(self.start, other.start), min(self.stop, other.stop)
        return Interval(start, stop) if start < stop else None

    def split(self, cuts: Sequence[dt.date]) -> tuple[Interval, ...]:
        """Cut the interval at days; cuts on or outside its ends change nothing."""
        inner = sorted({cut for cut in cuts if self.start < cut < self.stop})
        ends = [self.start, *inner, self.stop]
        return tuple(Interval(a, b) for a, b in itertools.pairwise(ends))


@dataclass(frozen=True, slots=True)
class Spans:
    """Half-open intervals as two integer arrays of equal length."""

    start: Days
    stop: Days

    def __post_init__(self) -> None:
        if self.start.shape != self.stop.shape or self.start.ndim != 1:
            raise DataError(
                f"starts and stops have shapes {self.start.shape} and {self.stop.shape}: "
                f"give two flat arrays of equal length"
            )
        empty = np.flatnonzero(self.start >= self.stop)
        if empty.size:
            row = int(empty[0])
            raise DataError(
                f"row {row}: interval [{self.start[row]}, {self.stop[row]}) is empty: stop is "
                f"the first day outside and must be later than start"
            )

    @classmethod
    def of(cls, start: npt.ArrayLike, stop: npt.ArrayLike) -> Spans:
        """Make spans of anything that holds whole days."""
        return cls(np.asarray(start, dtype=np.int64), np.asarray(stop, dtype=np.int64))

    @classmethod
    def of_dates(cls, start: pl.Series, stop: pl.Series) -> Spans:
        """Make spans of two ``pl.Date`` series without nulls."""
        for series in (start, stop):
            if series.null_count():
                row = int(series.is_null().arg_true()[0])
                raise DataError(f"row {row}: column {series.name!r} has no date")
        return cls.of(_counts(start).to_numpy(), _counts(stop).to_numpy())

    def __len__(self) -> int:
        return int(self.start.size)

    @property
    def days(self) -> int:
        """Sum of the lengths, in days; days in two spans count twice."""
        return int((self.stop - self.start).sum())

    def union(self, *, gap: int = 0) -> Spans:
        """Return the merged spans, sorted: those that overlap, touch or lie ``gap`` days apart."""
        if len(self) == 0:
            return self
        order = np.lexsort((self.stop, self.start))
        start, stop = self.start[order], np.maximum.accumulate(self.stop[order])
        first = np.concatenate(([True], start[1:] > stop[:-1] + gap))
        last = np.concatenate((first[1:], [True]))
        return Spans(start[first], stop[last])

    def overlap(self, other: Spans) -> Spans:
        """Return the days that lie in the union of both, sorted."""
        if len(self) == 0 or len(other) == 0:
            return Spans.of([], [])
        a, b = self.union(), other.union()
        start = np.maximum(a.start[:, None], b.start[None, :]).ravel()
        stop = np.minimum(a.stop[:, None], b.stop[None, :]).ravel()
        keep = start < stop
        order = np.argsort(start[keep], kind="stable")
        return Spans(start[keep][order], stop[keep][order])

    def split(self, cuts: npt.ArrayLike) -> tuple[Spans, Days]:
        """Cut every span at days.

        Returns
        -------
        spans
            The pieces, in the order of the spans.
        row
            For each piece the index of the span it comes from.
        """
        edges = np.unique(np.asarray(cuts, dtype=np.int64))
        low = np.searchsorted(edges, self.start, side="right")
        high = np.searchsorted(edges, self.stop, side="left")
        pieces = np.maximum(high - low, 0) + 1
        row = np.repeat(np.arange(len(self)), pieces)
        within = np.arange(row.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        inner = edges if edges.size else np.zeros(1, dtype=np.int64)
        last = inner.size - 1
        before = inner[np.clip(low[row] + within - 1, 0, last)]
        after = inner[np.clip(low[row] + within, 0, last)]
        start = np.where(within == 0, self.start[row], before)
        stop = np.where(within == pieces[row] - 1, self.stop[row], after)
        return Spans(start, stop), row.astype(np.int64)


def _counts(series: pl.Series) -> pl.Series:
    if series.dtype != pl.Date:
        raise DataError(f"column {series.name!r} is {series.dtype}, expected dates")
    return series.cast(pl.Int32)
