"""Where the chronology is complete: never by default, never without the rows it needs."""

import datetime as dt

import polars as pl
import pytest

from detente.sources.chronology import load_meetings, recorded_windows, windows_of

DAY = dt.date(2010, 7, 1)


def on_record(windows: pl.DataFrame, day: dt.date) -> bool:
    return not windows.filter((pl.col("start") <= day) & (pl.col("stop") > day)).is_empty()


def test_windows_are_ordered_and_sourced():
    table = recorded_windows()
    assert (table["start"] < table["stop"]).all()
    assert (table["ccode1"] < table["ccode2"]).all()
    assert set(table["scope"]) == {"all", "journeys"}
    assert not table.select("source", "note").null_count().row(0)[0]


@pytest.mark.parametrize(
    ("one", "two", "day", "known"),
    [
        (365, 2, dt.date(1943, 1, 1), True),
        (365, 2, dt.date(1906, 11, 13), False),
        (2, 365, dt.date(2024, 12, 2), True),
        (2, 365, dt.date(2024, 12, 3), False),
        (731, 732, DAY, True),
        (220, 365, DAY, False),
        (2, 220, DAY, False),
        (2, 40, DAY, False),
        (710, 740, DAY, False),
    ],
)
def test_a_day_is_on_record_or_not(one: int, two: int, day: dt.date, known: bool):
    assert on_record(windows_of(one, two), day) is known


def test_rows_that_do_not_ship_open_their_window():
    having = frozenset({"china_vitae"})
    assert on_record(windows_of(740, 710, having=having), DAY)
    assert windows_of(220, 365, having=having).is_empty()


def test_the_korean_meetings_are_those_of_the_list():
    pair = load_meetings().filter(
        pl.col("party_codes").list.contains(731)
        & pl.col("party_codes").list.contains(732)
        & (pl.col("status") == "held")
    )
    assert pair.height == 5
    assert windows_of(732, 731).height == 1
