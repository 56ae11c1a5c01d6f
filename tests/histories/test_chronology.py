"""The chronology beside the other records, on made-up states and on the public datasets."""

import datetime as dt
from collections.abc import Sequence

import polars as pl
import pytest

from detente.histories.chronology import meeting_pairs, offices, with_under_way
from detente.histories.chronology_audit import chronology_tables, overlaps
from detente.sources import load
from detente.sources.chronology import exceptions, load_meetings
from detente.sources.chronology.codebook import MEETING_COLUMNS
from detente.sources.chronology.tables import meetings_table

from .conflict_tables import wars

day = dt.date.fromisoformat


def meeting(
    name: str, start: str, end: str, codes: Sequence[int | str], people: str = "", **more: str
) -> dict[str, str]:
    return (
        dict.fromkeys((c.name for c in MEETING_COLUMNS), "")
        | {
            "id": name,
            "start": start,
            "end": end,
            "precision": "day",
            "level": "leader",
            "parties": "; ".join(f"State {code}" for code in codes),
            "party_codes": "; ".join(map(str, codes)),
            "persons": people,
            "status": "held",
            "tier": "B",
        }
        | more
    )


def table(*rows: dict[str, str]) -> pl.DataFrame:
    return meetings_table(rows, "test")


LEADERS = pl.DataFrame(
    [
        ("1-a", "Anne", 1, day("1900-01-01"), day("1910-01-02"), False),
        ("1-b", "Berta", 1, day("1910-01-01"), day("1920-01-01"), False),
        ("2-a", "Carl of Two", 2, day("1905-01-01"), day("1920-01-01"), False),
        ("3-a", "Dora", 3, day("1900-01-01"), day("1920-01-01"), False),
    ],
    schema={
        "obsid": pl.String,
        "leader": pl.String,
        "gwcode": pl.Int32,
        "start": pl.Date,
        "stop": pl.Date,
        "censored": pl.Boolean,
    },
    orient="row",
)
BRIDGE = pl.DataFrame(
    [(c, c, y) for c in (1, 2, 3) for y in range(1900, 1921)],
    schema={"gwcode": pl.Int32, "ccode": pl.Int32, "year": pl.Int32},
    orient="row",
)


def standings(rows: pl.DataFrame) -> dict[int, str]:
    found = offices(rows, LEADERS, BRIDGE)
    return dict(found.select("ccode", "standing").iter_rows())


def test_who_held_power_is_looked_up_by_the_days():
    people = "Anne (1); King Carl (2); Emil (3)"
    rows = table(meeting("1906-01-x-a-b", "1906-01-05", "1906-01-06", [1, 2, 3], people))
    assert standings(rows) == {1: "effective", 2: "effective", 3: "other"}
    later = table(meeting("1912-01-x-a-b", "1912-01-05", "1912-01-06", [1, 2], "Anne (1)"))
    assert standings(later) == {1: "other", 2: "unnamed"}


def test_before_the_record_of_leaders_nothing_is_held_against_a_person():
    rows = table(meeting("1901-01-x-a-b", "1901-01-05", "1901-01-06", [1, 2], "Anne (1); Z (2)"))
    assert standings(rows) == {1: "effective", 2: "unclear"}


def test_a_pair_is_led_only_if_neither_side_sent_a_deputy():
    people = "Anne (1); Carl (2); Emil (3)"
    rows = table(meeting("1906-01-x-a-b", "1906-01-05", "1906-01-06", [1, 2, 3], people))
    pairs = meeting_pairs(rows, offices(rows, LEADERS, BRIDGE))
    levels = {(a, b): level for a, b, level in pairs.select("ccode1", "ccode2", "level").rows()}
    assert levels == {(1, 2): "leader", (1, 3): "ceremonial", (2, 3): "ceremonial"}
    assert set(meeting_pairs(rows)["level"]) == {"leader"}


def test_parties_without_a_code_make_no_pair():
    rows = table(meeting("1906-01-x-a-b", "1906-01-05", "1906-01-06", [1, "-", 3]))
    assert meeting_pairs(rows).select("ccode1", "ccode2").rows() == [(1, 3)]


def test_what_was_under_way_is_read_from_the_record_where_it_reaches():
    disputes = pl.DataFrame(
        [
            (7, 1, 2, day("1905-06-01"), day("1906-01-05")),
            (8, 1, 3, day("1906-01-05"), day("1907-01-01")),
        ],
        schema={
            "dispnum": pl.Int32,
            "ccode1": pl.Int32,
            "ccode2": pl.Int32,
            "start": pl.Date,
            "stop": pl.Date,
        },
        orient="row",
    )
    war = wars((5, 1, 1, "1906-01-01", "1906-02-01"), (5, 3, 2, "1906-01-01", "1906-02-01"))
    rows = table(
        meeting("1906-01-all-a", "1906-01-05", "1906-01-06", [1, 2, 3]),
        meeting("1906-01-two-a", "1906-01-05", "1906-01-06", [1, 2]),
        meeting("1906-02-none-a", "1906-02-05", "1906-02-06", [1, 2]),
        meeting("1906-01-vague-a", "1906-01-01", "1906-01-31", [1, 3], precision="month"),
        meeting("1815-01-early-a", "1815-01-05", "1815-01-06", [1, 3]),
        meeting("2015-01-late-a", "2015-01-05", "2015-01-06", [1, 3]),
    )
    crises = pl.DataFrame(
        [(9, 2, 1, day("1906-01-01"), day("1906-01-06"))],
        schema=dict(zip(("crisno", *disputes.columns[1:]), disputes.dtypes, strict=True)),
        orient="row",
    )
    found = with_under_way(rows, disputes, war, crises=crises)
    under_way = dict(found.select("id", "under_way_record").iter_rows())
    # The dispute 7 ended the day before; 8 began on the day; the crisis goes on that day.
    assert under_way == {
        "1906-01-all-a": ["icb:9", "mid:8", "war:5"],
        "1906-01-two-a": ["icb:9"],
        "1906-02-none-a": [],
        "1906-01-vague-a": None,
        "1815-01-early-a": None,
        "2015-01-late-a": None,
    }


def test_rows_that_may_be_one_meeting_are_listed():
    rows = table(
        meeting("1906-01-x-a-b", "1906-01-05", "1906-01-08", [1, 2, 3]),
        meeting("1906-01-y-a-b", "1906-01-08", "1906-01-09", [1, 2]),
        meeting("1906-01-z-a-b", "1906-01-08", "1906-01-09", [1, 4]),
        meeting("1906-01-w-a-b", "1906-01-05", "1906-01-05", [1, 2], status="refused"),
    )
    assert overlaps(rows).select("id", "other").rows() == [("1906-01-x-a-b", "1906-01-y-a-b")]
    assert overlaps(rows)["explained"].to_list() == [False]


def test_exceptions_are_of_known_checks_and_stand_once():
    coded = exceptions()
    assert set(coded["check"]) <= {"record", "missing", "persons", "wars", "overlap"}
    assert not coded.select("check", "id").is_duplicated().any()


@pytest.mark.data
@pytest.mark.usefixtures("mirror")
def test_every_exception_is_of_a_row_that_exists():
    table = load_meetings(engagements=load("china_vitae"))
    assert exceptions().join(table, on="id", how="anti").is_empty()


@pytest.mark.data
@pytest.mark.usefixtures("mirror")
def test_the_shipped_chronology_agrees_with_the_records_or_says_why():
    tables = chronology_tables()
    figures = dict(tables["chronology"].rows())
    assert {k: v for k, v in figures.items() if k.startswith("not explained") and v} == {}
    us = tables["chronology_us"]
    # Every row of tier A rests on entries that exist; most need no reason.
    ours = load_meetings()
    assert us.filter(pl.col("tier") == "A").join(ours, on="id")["cited"].list.len().min() >= 1
    assert us["matched"].sum() > us.height / 2
    assert not us.filter(pl.col("matched"))["reason"].drop_nulls().len()
