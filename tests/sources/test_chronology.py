"""The chronology: shipped rows keep the codebook, a user's own rows are checked by it."""

import csv
import datetime as dt
import doctest
import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from detente.core.errors import DataError, InputError
from detente.sources.chronology import (
    load_checks,
    load_meetings,
    load_settlements,
    load_unsettled_wars,
    rules,
    tables,
)
from detente.sources.chronology.codebook import CHECK_COLUMNS, MEETING_COLUMNS, UNSETTLED_COLUMNS
from detente.sources.chronology.tables import as_rows

NAMES = [column.name for column in MEETING_COLUMNS]
GOOD = dict.fromkeys(NAMES, "") | {
    "id": "1999-05-nowhere-rus-usa",
    "start": "1999-05-02",
    "end": "1999-05-03",
    "precision": "day",
    "place": "Nowhere",
    "level": "leader",
    "parties": "Russia; United States",
    "party_codes": "365; 2",
    "persons": "A. Person (365)",
    "status": "held",
    "source": "a source",
    "source_kind": "page",
    "source_locator": "https://example.org",
    "tier": "B",
    "confidence": "low",
    "note": "what the source says",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*rows: dict[str, str], header: list[str] | None = None) -> Path:
        text = io.StringIO()
        writer = csv.DictWriter(text, header or NAMES, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / "mine.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    return written


def test_the_shipped_meetings_come_back_as_they_stand():
    path = Path(tables.__file__).parent / "meetings.csv"
    with path.open(encoding="utf-8", newline="") as file:
        assert as_rows(load_meetings()) == list(csv.DictReader(file))


def test_rows_of_restricted_data_do_not_ship():
    table = load_meetings()
    assert not table.filter(table["source_kind"] == "dataset").height
    assert set(table["tier"]) == {"A", "B", "C"}


def test_settlements_read():
    table = load_settlements()
    vienna = table.filter(table["id"] == "1815-06-09-vienna").row(0, named=True)
    assert vienna["negotiated_by"] == "both"
    assert vienna["talks_days"] == 252
    assert len(vienna["parties"]) == len(vienna["party_codes"]) == 5


def test_settlements_keep_their_order_and_their_sources():
    for row in load_settlements().iter_rows(named=True):
        signed = row["signed"].isoformat()
        assert row["talks_end"] in (None, signed), row["id"]
        assert (row["talks_start"] or signed) <= signed, row["id"]
        # A breach known by the year or the month may fall in that of the signature.
        breach = row["broken_on"] or signed
        assert breach >= signed[: len(breach)], row["id"]
        told = row["exhaustion_note"] or row["battle_deaths"]
        assert bool(told) == bool(row["exhaustion_source"]), row["id"]


def test_a_war_is_settled_or_coded_as_unsettled_but_not_both():
    settled = load_settlements()["cow_war"].drop_nulls()
    wars = load_unsettled_wars()
    assert not set(wars["cow_war"]) & set(settled)
    addressed = wars["source_locator"].str.contains(r"https?://")
    assert wars.filter(~addressed)["cow_war"].to_list() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ended": "peace"}, "column 'ended': 'peace' is none of 'absorbed'"),
        ({"source": ""}, "column 'source': is empty"),
        ({"cow_war": "one"}, "column 'cow_war': 'one' is not a number"),
        ({"cow_war": "7"}, "line 3, column 'cow_war': '7' stands on line 2 already"),
    ],
)
def test_an_unsettled_war_that_breaks_a_rule_is_refused(change: dict[str, str], message: str):
    good = {column.name: "x" for column in UNSETTLED_COLUMNS} | {
        "cow_war": "7",
        "ended": "faded",
        "confidence": "high",
    }
    with pytest.raises(DataError, match=message):
        rules.check_unsettled([good, good | {"cow_war": "8"} | change], "file", lines=[2, 3])


def test_every_row_that_was_checked_stands_in_its_table():
    table = load_checks()
    for name, rows in (("meetings", load_meetings()), ("settlements", load_settlements())):
        ids = table.filter(table["table"] == name)["id"]
        assert ids.len() > 0
        assert set(ids) <= set(rows["id"])
    assert table["id"].is_unique().all()
    assert (table["source"].is_null() == (table["result"] == "not found")).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"table": "wars"}, "column 'table': 'wars' is none of 'meetings'"),
        ({"id": "c"}, "column 'id': 'c' is no row of meetings.csv"),
        ({"table": "settlements"}, "column 'id': 'b' is no row of settlements.csv"),
        ({"id": "a"}, "column 'id': 'a' stands on line 2 already"),
        ({"draw": "chosen"}, "column 'draw': 'chosen' is none of 'random'"),
        ({"result": "right"}, "column 'result': 'right' is none of 'agrees'"),
        ({"result": ""}, "column 'result': is empty"),
        ({"source": ""}, "column 'source': '': a source is named unless"),
        ({"result": "not found"}, "column 'source': 'x': a source is named unless"),
        ({"result": "not found", "source": "", "source_locator": "x"}, "without a source"),
        ({"result": "corrected"}, "column 'wrong': '': filled if and only if"),
        ({"wrong": "end"}, "column 'wrong': 'end': filled if and only if"),
        ({"result": "corrected", "wrong": "day"}, "'day' is no column of meetings.csv"),
        ({"result": "corrected", "wrong": "end"}, "column 'days_off': '': a number of days"),
        ({"result": "corrected", "wrong": "end", "days_off": "0"}, "column 'days_off': '0'"),
        ({"result": "corrected", "wrong": "place", "days_off": "1"}, "column 'days_off': '1'"),
    ],
)
def test_a_check_that_breaks_a_rule_is_refused(change: dict[str, str], message: str):
    good = dict.fromkeys((column.name for column in CHECK_COLUMNS), "") | {
        "table": "meetings",
        "id": "a",
        "draw": "random",
        "result": "agrees",
        "source": "x",
    }
    ids = {"meetings": {"a", "b"}, "settlements": {"s"}}
    rows = [good, good | {"id": "b"} | change]
    with pytest.raises(DataError, match=rf"file, line 3, .*{message}"):
        rules.check_checks(rows, "file", lines=[2, 3], ids=ids)


def test_a_row_wrong_in_several_columns_is_read():
    table = load_checks().filter(pl.col("id") == "1960-03-paris-frn-rus")
    assert table.select("wrong", "days_off").row(0) == (["end", "place"], 3)


def test_own_rows_join_ours(write: Write):
    table = load_meetings(write(GOOD))
    mine = table.filter(table["origin"] == "mine.csv").row(0, named=True)
    assert table.height == load_meetings().height + 1
    assert mine["persons"] == ["A. Person"]
    assert mine["person_codes"] == [365]
    assert mine["agenda"] == []
    assert mine["outcome"] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "1999-5-2"}, r"line 3, column 'start': '1999-5-2' is not a day"),
        ({"start": "1999-02-30"}, r"column 'start': '1999-02-30' is not a day"),
        ({"end": "1999-05-01"}, r"column 'end': 1999-05-01 is before the first day"),
        ({"precision": "month"}, r"column 'precision': .* is not one whole month"),
        ({"precision": "year"}, r"column 'precision': .* is not one whole year"),
        ({"precision": "unknown"}, r"column 'start': .*leave both days empty"),
        ({"precision": ""}, r"column 'precision': is empty"),
        ({"level": "boss"}, r"column 'level': 'boss' is none of 'leader'"),
        ({"outcome": "success"}, r"column 'outcome': 'success' is none of 'none'"),
        ({"parties": "United States; Russia"}, r"column 'parties': .*alphabetical order"),
        ({"parties": "Russia"}, r"column 'parties': .*fewer than two"),
        ({"party_codes": "365"}, r"column 'party_codes': 1 codes for 2 parties"),
        ({"party_codes": "RUS; 2"}, r"column 'party_codes': 'RUS' is neither"),
        ({"place_ccode": "x"}, r"column 'place_ccode': 'x' is not a COW code"),
        ({"party_codes": "365; 999"}, r"column 'party_codes': '999' is neither a COW code"),
        ({"place_ccode": "999"}, r"column 'place_ccode': '999' is not a COW code of a state"),
        ({"initiator": "third: Russia"}, r"column 'initiator': 'third: Russia' names a party"),
        ({"initiator": "third: "}, r"column 'initiator': blanks at an end"),
        ({"initiator": "Russia; Mars"}, r"column 'initiator': 'Mars' is no party"),
        ({"initiator": "Mars"}, r"column 'initiator': 'Mars' is no party: expected .* or 'third: "),
        ({"persons": "A. Person"}, r"column 'persons': 'A. Person' is not 'Name \(code\)'"),
        ({"persons": "A. Person (200)"}, r"column 'persons': .*200 is not among"),
        ({"status": "refused"}, r"column 'reason': the meeting was refused: say why"),
        ({"reason": "rain"}, r"column 'reason': the meeting was held"),
        ({"start": "2999-05-02", "end": "2999-05-03"}, r"column 'status': 'held' on 2999"),
        ({"announced": "1999-06-01"}, r"column 'announced': 1999-06-01 is after the last day"),
        ({"note": ""}, r"column 'note': is empty; a row of tier B"),
        ({"tier": "A"}, r"column 'source_kind': 'page': a row of tier A"),
        ({"source_kind": "memory"}, r"column 'source_kind': 'memory' is for tier C"),
        ({"id": "May 1999"}, r"column 'id': 'May 1999' is not of the form"),
        ({"place": " Nowhere"}, r"column 'place': blanks"),
        ({"id": "1999-05-there-rus-usa"}, r"column 'id': .* stands on line 2 already"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused(write: Write, change: dict[str, str], message: str):
    first = GOOD | {"id": "1999-05-there-rus-usa"}
    with pytest.raises(DataError, match=rf"mine\.csv, (line 3, )?.*{message}"):
        load_meetings(write(first, GOOD | change))


def test_an_id_of_ours_is_refused(write: Write):
    with pytest.raises(DataError, match="is a meeting of the chronology already"):
        load_meetings(write(GOOD | {"id": "1961-06-vienna-rus-usa"}))


def test_a_header_that_differs_is_refused(write: Write):
    header = [name for name in NAMES if name != "tier"] + ["colour"]
    with pytest.raises(DataError, match="missing: tier; not known: colour"):
        load_meetings(write(GOOD, header=header))


def test_columns_parted_by_semicolons_are_refused(write: Write):
    path = write(GOOD)
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    with pytest.raises(DataError, match=r"mine\.csv, line 1: .* semicolons; save .* commas"):
        load_meetings(path)


def test_a_row_too_short_or_too_long_is_refused(write: Write):
    path = write(GOOD)
    text = path.read_text(encoding="utf-8")
    for bad in ("a,b\n", text.splitlines()[1] + ",more\n"):
        path.write_text(text + bad, encoding="utf-8")
        with pytest.raises(DataError, match=r"mine\.csv, line 3: more or fewer cells"):
            load_meetings(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        load_meetings(tmp_path / "absent.csv")
    latin = tmp_path / "latin.csv"
    latin.write_bytes("é".encode("latin-1"))
    with pytest.raises(InputError, match="is not UTF-8"):
        load_meetings(latin)


def test_the_examples_run():
    assert doctest.testmod(tables).failed == 0


def us_russian(start: int, stop: str) -> pl.DataFrame:
    table = load_meetings()
    return table.filter(
        pl.col("party_codes").list.contains(2)
        & pl.col("party_codes").list.contains(365)
        & (pl.col("tier") != "C")
        & (pl.col("start").dt.year() >= start)
        & (pl.col("start") < dt.date.fromisoformat(stop))
    )


def test_us_soviet_and_us_russian_meetings_are_as_many_as_a_published_list_has():
    """US Department of State, Office of the Historian, "U.S.-Russian Summits, 1992-2000".

    It counts 26 of 1943-1991 and 23 with Yeltsin or Putin as presidents to its date, July 2000.
    """
    led = (pl.col("level") == "leader") & (pl.col("status") == "held")
    # The list counts Glassboro, Madrid (by Archigos no leaders' meetings) and Paris 1960 too.
    others = [
        "1960-05-paris-frn-rus-ukg-usa",
        "1967-06-glassboro-rus-usa",
        "1991-10-madrid-rus-usa",
    ]
    assert us_russian(1943, "1992-01-01").filter(led | pl.col("id").is_in(others)).height == 26
    assert us_russian(1992, "2000-07-21").filter(led).height == 23


def test_every_read_source_has_an_address_or_a_work():
    read = load_meetings().filter(pl.col("tier") == "B")
    addressed = pl.col("source_locator").str.contains(r"https?://|\w+/[\w.-]+:|article \d+ ")
    assert read.filter(~addressed)["id"].to_list() == []


def test_a_byte_order_mark_is_no_part_of_the_header(write: Write):
    path = write(GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_meetings(path).height == load_meetings(write(GOOD)).height
