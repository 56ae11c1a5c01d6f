"""The record of meetings against what is known of it."""

import datetime as dt

import polars as pl
import pytest

from detente.histories import load_us_meetings

pytestmark = pytest.mark.data

SUMMITS = {
    "Tehran": "1943-11-28",
    "Yalta": "1945-02-04",
    "Potsdam": "1945-07-17",
    "Geneva 1955": "1955-07-18",
    "Camp David": "1959-09-25",
    "Paris 1960": "1960-05-16",
    "Vienna 1961": "1961-06-03",
    "Glassboro": "1967-06-23",
    "Moscow 1972": "1972-05-22",
    "Washington 1973": "1973-06-18",
    "Moscow 1974": "1974-06-27",
    "Vladivostok": "1974-11-23",
    "Helsinki 1975": "1975-07-30",
    "Vienna 1979": "1979-06-16",
    "Geneva 1985": "1985-11-19",
    "Reykjavik": "1986-10-11",
    "Washington 1987": "1987-12-08",
    "Moscow 1988": "1988-05-29",
    "New York 1988": "1988-12-07",
    "Malta": "1989-12-02",
    "Washington 1990": "1990-05-31",
    "Helsinki 1990": "1990-09-09",
    "Paris 1990": "1990-11-19",
    "London 1991": "1991-07-17",
    "Moscow 1991": "1991-07-30",
    "Madrid": "1991-10-29",
}
"""First day of talks of the two, as commonly dated."""

NOT_LEADERS = {
    # The entry has the first days of the visit (15-16 September) and dates Camp David in words.
    "Camp David": set(),
    # Kosygin was Premier; the effective leader in Archigos is Brezhnev.
    "Glassboro": {"ceremonial"},
    # Archigos has Yeltsin as effective leader from August 1991.
    "Madrid": {"ceremonial", "envoy"},
}
"""Summits that the record, read by the rules, does not give as a leaders' meeting that day."""


@pytest.fixture(scope="module")
def meetings(mirror: str) -> pl.DataFrame:
    return load_us_meetings()


def on(meetings: pl.DataFrame, ccode: int, date: str) -> pl.DataFrame:
    day = dt.date.fromisoformat(date)
    return meetings.filter(
        (pl.col("ccode2") == ccode) & (pl.col("start") <= day) & (pl.col("stop") > day)
    )


def test_known_soviet_summits_are_in_the_record_or_listed_as_missing(
    meetings: pl.DataFrame,
) -> None:
    missing = {}
    for name, date in SUMMITS.items():
        found = set(on(meetings, 365, date)["level"])
        if "leader" not in found:
            missing[name] = found
    assert missing == NOT_LEADERS


def test_the_visit_that_led_to_camp_david_is_a_leaders_meeting(meetings: pl.DataFrame) -> None:
    assert on(meetings, 365, "1959-09-15")["level"].to_list() == ["leader"]


def test_counterparts_and_levels_are_consistent(meetings: pl.DataFrame) -> None:
    assert set(meetings["level"]) == {"leader", "envoy", "congress", "ceremonial"}
    assert (meetings["ccode1"] == 2).all()
    assert not (meetings["ccode2"] == 2).any()
    assert (meetings["start"] < meetings["stop"]).all()
    assert meetings.select("meeting_id", "counterpart", "level").is_duplicated().sum() == 0
    assert set(meetings["status"]) == {"held"}


def test_no_envoys_meeting_lies_within_a_week_of_a_leaders_meeting(meetings: pl.DataFrame) -> None:
    last = pl.col("stop").dt.offset_by("-1d")
    pick = ("counterpart", "start", last.alias("last"))
    leader = meetings.filter(pl.col("level") == "leader").select(*pick)
    envoy = meetings.filter(pl.col("level") == "envoy").select(*pick)
    near = envoy.join(leader, on="counterpart", suffix="_leader").filter(
        (pl.col("start") <= pl.col("last_leader").dt.offset_by("7d"))
        & (pl.col("start_leader") <= pl.col("last").dt.offset_by("7d"))
    )
    assert near.is_empty()


def test_named_soviet_and_chinese_entries_reach_the_counted_floors(meetings: pl.DataFrame) -> None:
    # SOURCES.md counts entries by a regular expression on surnames: 31 visits from the USSR and
    # Russia, 50 presidential legs there or naming its leader; 157 legs of the Secretary.
    entries = meetings.explode("source_record_ids")
    soviet = entries.filter(pl.col("ccode2") == 365)
    visits = soviet.filter(pl.col("source_record_ids").str.starts_with("visits/"))
    assert visits["source_record_ids"].n_unique() == 31
    president = soviet.filter(
        (pl.col("principal") == "president")
        & pl.col("source_record_ids").str.starts_with("travels/")
    )
    assert president["source_record_ids"].n_unique() >= 50
    china = entries.filter(
        (pl.col("ccode2") == 710) & pl.col("source_record_ids").str.starts_with("visits/")
    )
    assert china["source_record_ids"].n_unique() == 31


def test_places_that_are_no_states_are_kept(meetings: pl.DataFrame) -> None:
    none = meetings.filter(pl.col("ccode2").is_null())
    assert {"holy-see", "palestinian-authority"} <= set(none["counterpart"])
    assert not meetings.filter(pl.col("counterpart") == "holy-see")["ccode2"].is_not_null().any()


def test_germany_is_two_states(meetings: pl.DataFrame) -> None:
    codes = (
        meetings.filter(pl.col("counterpart") == "germany")
        .group_by("ccode2")
        .agg(pl.col("start").min().alias("first"), pl.col("start").max().alias("last"))
    )
    by = {row["ccode2"]: row for row in codes.iter_rows(named=True)}
    assert by[260]["first"] >= dt.date(1955, 5, 5)
    assert by[260]["last"] < dt.date(1990, 10, 3)
    assert by[255]["last"] > dt.date(2020, 1, 1)
