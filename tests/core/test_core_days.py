import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.core import DataError, Interval, Spans, day_at, model_time, year_bounds

# Whole days are 1/365.25 of a year; doubles near 2000 carry them to far better than this.
YEARS_TOLERANCE = 1e-9

spans = st.lists(
    st.tuples(st.integers(-60, 60), st.integers(1, 30)).map(lambda p: (p[0], p[0] + p[1])),
    max_size=8,
).map(lambda rows: Spans.of([a for a, _ in rows], [b for _, b in rows]))


def day_set(these: Spans) -> set[int]:
    return {d for a, b in zip(these.start, these.stop, strict=True) for d in range(a, b)}


def test_model_time_by_hand() -> None:
    assert model_time(dt.date(1970, 1, 1)) == 1970.0
    # 2025-08-15 is day 20315: 55 years of 365 days, 14 leap days, 226 days into the year.
    expected = 1970 + (55 * 365 + 14 + 226) / 365.25
    assert model_time(dt.date(2025, 8, 15)) == pytest.approx(expected, abs=YEARS_TOLERANCE)


def test_model_time_of_columns_equals_that_of_days() -> None:
    days = [dt.date(1816, 1, 1), dt.date(1914, 7, 28), None]
    times = model_time(pl.Series("day", days, dtype=pl.Date))
    assert times[:2].tolist() == [model_time(days[0]), model_time(days[1])]
    assert np.isnan(times[2])
    counts = np.array([(day - dt.date(1970, 1, 1)).days for day in days[:2]])
    assert model_time(counts).tolist() == times[:2].tolist()


def test_model_time_refuses_text() -> None:
    with pytest.raises(DataError, match="'day' is String, expected dates"):
        model_time(pl.Series("day", ["2000-01-01"]))


@given(st.dates())
def test_day_at_inverts_model_time(day: dt.date) -> None:
    assert day_at(model_time(day)) == day


@pytest.mark.parametrize("time", [float("nan"), float("inf"), 1e9, -1e5])
def test_day_at_refuses_what_is_no_day(time: float) -> None:
    with pytest.raises(DataError, match="model time"):
        day_at(time)


def test_year_bounds_are_half_open() -> None:
    assert year_bounds(2014) == (dt.date(2014, 1, 1), dt.date(2015, 1, 1))


def test_interval() -> None:
    july = Interval(dt.date(1914, 7, 1), dt.date(1914, 8, 1))
    assert july.days == 31
    assert dt.date(1914, 7, 31) in july
    assert dt.date(1914, 8, 1) not in july
    war = Interval(dt.date(1914, 7, 28), dt.date(1918, 11, 11))
    assert july.overlap(war) == Interval(dt.date(1914, 7, 28), dt.date(1914, 8, 1))
    assert july.overlap(Interval(dt.date(1914, 8, 1), dt.date(1914, 8, 2))) is None
    cuts = [dt.date(1914, 8, 1), dt.date(1914, 7, 28), dt.date(1914, 7, 28), dt.date(1914, 7, 1)]
    assert [piece.days for piece in july.split(cuts)] == [27, 4]


def test_interval_refuses_emptiness() -> None:
    with pytest.raises(DataError, match="first day outside"):
        Interval(dt.date(2000, 1, 1), dt.date(2000, 1, 1))


def test_spans_refuse_emptiness_and_name_the_row() -> None:
    with pytest.raises(DataError, match=r"row 1: interval \[5, 5\)"):
        Spans.of([1, 5], [2, 5])
    with pytest.raises(DataError, match="two flat arrays of equal length"):
        Spans.of([1, 5], [2])


def test_spans_of_dates_name_the_missing_row() -> None:
    start = pl.Series("start", [dt.date(2000, 1, 1), None])
    with pytest.raises(DataError, match="row 1: column 'start' has no date"):
        Spans.of_dates(start, start)


def test_union_by_hand() -> None:
    merged = Spans.of([20, 0, 5, 10], [30, 6, 10, 12]).union()
    assert (merged.start.tolist(), merged.stop.tolist()) == ([0, 20], [12, 30])
    wide = Spans.of([0, 14], [10, 20]).union(gap=4)
    assert (wide.start.tolist(), wide.stop.tolist()) == ([0], [20])
    apart = Spans.of([0, 15], [10, 20]).union(gap=4)
    assert len(apart) == 2


@given(spans)
def test_union_keeps_the_days_and_leaves_gaps(these: Spans) -> None:
    merged = these.union()
    assert day_set(merged) == day_set(these)
    assert (merged.start[1:] > merged.stop[:-1]).all()


@given(spans, spans)
def test_overlap_is_the_intersection_of_days(one: Spans, other: Spans) -> None:
    assert day_set(one.overlap(other)) == day_set(one) & day_set(other)


@given(spans, st.lists(st.integers(-80, 110), max_size=10))
def test_split_keeps_every_span(these: Spans, cuts: list[int]) -> None:
    pieces, row = these.split(cuts)
    assert pieces.days == these.days
    for at in range(len(these)):
        mine = row == at
        assert pieces.start[mine][0] == these.start[at]
        assert pieces.stop[mine][-1] == these.stop[at]
        assert (pieces.start[mine][1:] == pieces.stop[mine][:-1]).all()
        inner = {c for c in cuts if these.start[at] < c < these.stop[at]}
        assert set(pieces.start[mine][1:].tolist()) == inner
