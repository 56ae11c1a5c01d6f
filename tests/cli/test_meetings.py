"""``detente meetings``: what is chosen, what is printed, what is refused."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente.cli import app
from detente.sources.chronology import load_meetings
from detente.sources.chronology.codebook import MEETING_COLUMNS

NARROW = {"COLUMNS": "80"}


@pytest.fixture(autouse=True)
def nothing_beside_what_ships(monkeypatch: pytest.MonkeyPatch):
    """Take the rows that ship only, whatever data the machine has."""
    monkeypatch.setattr("detente.cli.meetings._engagements", lambda: None)


def run(*args: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["meetings", *args], env=NARROW)
    assert result.exit_code == code, result.output
    return result.output


def rows(*args: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, ["meetings", *args, "--json"], env=NARROW)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_summary_fits_eighty_columns_and_shows_source_and_tier():
    text = run("--between", "USA", "Russia", "--from", "1961", "--to", "1972")
    assert max(map(len, text.splitlines())) <= 80
    assert "1961-06-03/04  Vienna: Soviet Union; United States" in text
    assert "[A, high] Office of the Historian" in text
    assert "on record     ====" in text


def test_many_pairs_are_drawn_one_a_row():
    text = run("--from", "1801", "--to", "1914", "--limit", "1")
    assert "GMY RUS" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "on record" not in text


def test_a_pair_of_which_nothing_is_complete_says_so():
    assert "no year is known to be complete" in run("--between", "FRN", "RUS")


def test_filters_choose():
    every = load_meetings().height
    assert len(rows()) == every
    refused = rows("--status", "refused")
    assert 0 < len(refused) < every
    assert {row["status"] for row in refused} == {"refused"}
    envoys = rows("--level", "envoy", "--tier", "B")
    assert {(row["level"], row["tier"]) for row in envoys} == {("envoy", "B")}
    pair = rows("--between", "RUS", "CHN")
    assert all({365, 710} <= set(row["party_codes"]) for row in pair)  # pyright: ignore


def test_an_empty_level_names_the_levels_that_are_not():
    given = ("--level", "congress", "--from", "1814", "--to", "1823")
    text = run(*given)
    held = sum(row["level"] == "leader" for row in rows("--from", "1814", "--to", "1823"))
    assert held > 0
    assert f"note: none of level congress; the rest of the question holds {held} of level" in text
    assert "a congress where leaders sat is of level leader" in text
    result = CliRunner().invoke(app, ["meetings", *given, "--json"], env=NARROW)
    assert json.loads(result.stdout) == []
    assert "none of level" not in run("--level", "leader", "--from", "1814", "--to", "1823")


def test_days_at_the_edge_are_inside():
    days = ("--between", "USA", "RUS", "--from", "1961-06-04", "--to", "1961-06-04")
    assert [row["id"] for row in rows(*days)] == ["1961-06-vienna-rus-usa"]
    assert rows(*days[:4], "1961-06-05", "--to", "1961-06-06") == []


def test_csv_can_be_given_back(tmp_path: Path):
    text = run("--between", "USA", "CUB", "--csv")
    table = list(csv.DictReader(io.StringIO(text)))
    assert list(table[0]) == [column.name for column in MEETING_COLUMNS]
    own = [row | {"id": row["id"] + "-again"} for row in table]
    path = tmp_path / "own.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(own[0]))
        writer.writeheader()
        writer.writerows(own)
    assert len(rows("--between", "USA", "CUB", "--chronology", str(path))) == 2 * len(table)


def test_rows_that_do_not_ship_are_named():
    assert "detente data pull china_vitae" in " ".join(run("--between", "CHN", "JPN").split())


def test_a_bound_that_is_a_year_is_not_shown_as_a_day():
    text = run("--from", "1643", "--to", "1645")
    assert "1643/1648-10-24  Muenster" in text
    assert "1643-01-01" not in text


def test_nothing_found_is_not_called_none():
    assert "unknown, not none" in " ".join(run("--to", "900").split())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--between", "USA", "Mordor"), "unknown state 'Mordor'"),
        (("--between", "USA", "usa"), "names one state twice"),
        (("--from", "May"), "'May' is not a day: write YYYY-MM-DD, or a year"),
        (("--from", "2000", "--to", "1999"), "after --to"),
        (("--level", "boss"), "'boss' is not one of"),
        (("--csv", "--json"), "exclude each other"),
        (("--chronology", "absent.csv"), "absent.csv cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused(args: tuple[str, ...], message: str):
    output = run(*args, code=2)
    assert output.startswith("error: ")
    assert message in output


def test_states_answer_to_the_names_of_their_time():
    named = rows("--between", "Prussia", "Austrian Empire", "--to", "1866")
    assert named
    assert named == rows("--between", "255", "300", "--to", "1866")


def told(*args: str) -> str:
    result = CliRunner().invoke(app, ["meetings", *args], env=NARROW)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "for other years" not in result.stdout
    return result.stderr


def test_where_nothing_matches_the_code_of_other_years_is_named():
    note = told("--between", "Austria", "Germany", "--to", "1900")
    assert note.startswith("note: Austria is AUS: for other years ask for Austria-Hungary, AUH (")
    germany = "Germany is GMY: for other years ask for German Federal Republic, GFR or German "
    assert f"; {germany}Democratic Republic, GDR\n" in note
    assert note.count("\n") == 1
    assert told("--between", "AUH", "GMY", "--to", "1900") == ""


def test_where_a_name_covers_some_of_the_years_the_others_are_named():
    federal = len(rows("--between", "GFR", "RUS"))
    note = told("--between", "Germany", "USSR")
    assert note.startswith("note: Germany is GMY: for other years ask for German Federal Republic")
    assert f"GFR ({federal} meetings) or German Democratic Republic, GDR" in note
    assert note.count("\n") == 1
    assert told("--between", "Germany", "USSR", "--to", "1940") == ""
    assert told("--between", "USA", "RUS") == ""


def test_a_choice_that_is_none_is_refused_in_plain_words():
    refused = CliRunner().invoke(app, ["meetings", "--status", "postponed"], env=NARROW)
    assert refused.exit_code == 2
    assert "'--status': 'postponed' is not one of 'held', 'cancelled', 'refused'" in refused.stderr
