"""Travels and visits of the State Department's record, and its table of countries."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from detente.core.errors import DataError, FormatError
from detente.sources import dataset, load
from detente.sources.chronology import (
    demonyms,
    record_additions,
    record_countries,
    with_ccode,
)
from detente.sources.us_travels import read_travels
from detente.sources.us_visits import read_visits

TRIP = """<?xml version="1.0"?>
<trips><trip role="president" who="kennedy-john-f"><id>2778</id><role>president</role>
<name>John F. Kennedy</name><start-date>1961-06-03</start-date><end-date>1961-06-04</end-date>
<country id="austria">Austria</country><locale>Vienna</locale>
<remarks>Held   talks with <em>Soviet</em>
   Premier Khrushchev.</remarks></trip></trips>"""

VISIT = """<?xml version="1.0"?>
<visits><visit><id>28</id><start-date>1967-06-23</start-date><end-date>1967-06-25</end-date>
<visitor>Chairman Aleksei N. Kosygin</visitor><from id="russia">U.S.S.R.</from>
<description/></visit></visits>"""


def written(folder: Path, text: str) -> dict[str, Path]:
    path = folder / "file.xml"
    path.write_text(text, encoding="utf-8")
    return {"us/file.xml": path}


def states(*rows: tuple[int, str, str, bool]) -> pl.DataFrame:
    day = dt.date.fromisoformat
    return pl.DataFrame(
        [(c, day(a), day(b), z) for c, a, b, z in rows],
        schema={"ccode": pl.Int32, "start": pl.Date, "stop": pl.Date, "censored": pl.Boolean},
        orient="row",
    )


def days(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(c, dt.date.fromisoformat(d)) for c, d in rows],
        schema={"country_id": pl.String, "start": pl.Date},
        orient="row",
    )


def test_a_trip_is_read_with_squeezed_text_and_an_exclusive_stop(tmp_path: Path) -> None:
    row = read_travels(written(tmp_path, TRIP)).row(0, named=True)
    assert row["record_id"] == "travels/2778"
    assert (row["start"], row["stop"]) == (dt.date(1961, 6, 3), dt.date(1961, 6, 5))
    assert row["remarks"] == "Held talks with Soviet Premier Khrushchev."
    assert (row["role"], row["country_id"]) == ("president", "austria")


def test_a_visit_without_description_has_a_null(tmp_path: Path) -> None:
    row = read_visits(written(tmp_path, VISIT)).row(0, named=True)
    assert row["description"] is None
    assert row["stop"] == dt.date(1967, 6, 26)


def test_entities_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret text", encoding="utf-8")
    text = VISIT.replace(
        "<visits>", f'<!DOCTYPE visits [<!ENTITY e SYSTEM "{secret.as_uri()}">]><visits>', 1
    ).replace("<description/>", "<description>&e;</description>")
    assert "secret text" not in str(read_visits(written(tmp_path, text)).rows())


def test_a_trip_without_a_date_names_the_tag(tmp_path: Path) -> None:
    text = TRIP.replace("<start-date>1961-06-03</start-date>", "")
    with pytest.raises(FormatError, match=r"<trip> without <start-date>"):
        read_travels(written(tmp_path, text))


def test_broken_xml_is_a_format_error(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="not well-formed"):
        read_travels(written(tmp_path, TRIP[:200]))


def test_germany_changes_its_code_with_its_history() -> None:
    members = states(
        (255, "1816-01-01", "1945-05-09", False),
        (260, "1955-05-05", "1990-10-03", False),
        (255, "1990-10-03", "2017-01-01", True),
    )
    table = with_ccode(
        days(
            ("germany", "1938-01-01"),
            ("germany", "1945-07-16"),
            ("germany", "1953-04-07"),
            ("germany", "1990-10-02"),
            ("germany", "1990-10-03"),
            ("germany", "2024-01-01"),
        ),
        members,
    )
    assert table["ccode"].to_list() == [255, None, None, 260, 255, 255]
    # The Federal Republic had a government, and a code, before it joined the system.
    assert table["code"].to_list() == [255, None, 260, 260, 255, 255]


def test_places_that_are_no_states_stay_with_a_null() -> None:
    table = with_ccode(
        days(("holy-see", "1959-12-06")), states((2, "1816-01-01", "2017-01-01", True))
    )
    assert table.select("country_id", "ccode", "code").row(0) == ("holy-see", None, None)


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(DataError, match="'atlantis' on 1960-01-01 has no single entry"):
        with_ccode(days(("atlantis", "1960-01-01")), states())


def test_the_table_of_countries_is_consistent() -> None:
    table = record_countries()
    assert set(table["status"]) == {"state", "not a state of the system"}
    assert (table["ccode"].is_null() == (table["status"] != "state")).all()
    ends = table.sort("country_id", "from", nulls_last=False)
    nexts = ends.with_columns(pl.col("from").shift(-1).over("country_id").alias("next"))
    gaps = nexts.filter(pl.col("next").is_not_null() & (pl.col("next") != pl.col("until")))
    assert gaps.is_empty()
    codes = dict(table.filter(pl.col("from").is_null()).select("country_id", "ccode").iter_rows())
    assert (codes["russia"], codes["china"], codes["korea"]) == (365, 710, 732)


def test_demonyms_point_to_known_countries() -> None:
    assert set(demonyms()["country_id"]) <= set(record_countries()["country_id"])


def test_hand_coded_additions_carry_source_and_confidence() -> None:
    table = record_additions()
    assert table.select("source", "confidence", "note").null_count().sum_horizontal().item() == 0


def test_both_datasets_are_open() -> None:
    for name in ("us_travels", "us_visits"):
        assert dataset(name).redistribution == "open"
        assert "CC0" in dataset(name).licence


@pytest.mark.data
def test_the_record_has_the_counted_rows(mirror: str) -> None:
    # Counts of the staged copy, made independently when it was staged (SOURCES.md).
    travels, visits = load("us_travels"), load("us_visits")
    assert (travels.height, visits.height) == (4271, 3264)
    role = dict(travels["role"].value_counts().iter_rows())
    assert role == {"president": 832, "secretary": 3439}
    assert travels["locale"].null_count() == 54
    assert visits["description"].null_count() == 6
    for table in (travels, visits):
        assert table["record_id"].n_unique() == table.height
        assert (table["start"] < table["stop"]).all()


@pytest.mark.data
def test_every_country_of_the_record_is_in_the_table(mirror: str) -> None:
    members = load("cow_states")
    for name in ("us_travels", "us_visits"):
        table = with_ccode(load(name), members)
        assert table.height == load(name).height
