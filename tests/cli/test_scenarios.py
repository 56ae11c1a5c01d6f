"""``detente scenarios``."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente.cli import app as detente_app
from detente.cli.scenarios import app
from detente.scenarios import scenario_names, template_text

run = CliRunner()


def test_list() -> None:
    result = run.invoke(app, ["list"])
    assert result.exit_code == 0
    assert "alaska-2025" in result.stdout
    rows = json.loads(run.invoke(app, ["list", "--json"]).stdout)
    assert sorted(row["name"] for row in rows) == list(scenario_names())
    days = [row["date"] for row in rows]
    assert days == sorted(days)
    kinds = {row["name"]: row["kind"] for row in rows}
    assert kinds["alaska-2025"] == kinds["geneva-2021"] == "forecast"
    assert kinds["tilsit-1807"] == kinds["coldwar"] == "case"
    assert {row["name"]: row["date"] for row in rows}["alaska-2025"] == "2025-08-15"


def test_a_year_is_not_shown_as_a_day() -> None:
    listed = run.invoke(app, ["list"]).stdout
    (line,) = (line for line in listed.splitlines() if "westphalia-1648" in line)
    assert line.split()[2] == "1643"
    shown = run.invoke(app, ["show", "westphalia-1648"]).stdout
    assert "1618 to 24 October 1648" in shown
    assert "01-01" not in shown
    assert "1 January" not in shown


def test_show() -> None:
    result = run.invoke(app, ["show", "alaska-2025"])
    assert result.exit_code == 0
    assert "RUS-UKR" in result.stdout
    assert "under way" in result.stdout
    whole = json.loads(run.invoke(app, ["show", "alaska-2025", "--json"]).stdout)
    assert len(whole["dyads"]) == 28
    assert whole["date"] == "2025-08-15"


def test_show_and_validate_a_case(tmp_path: Path) -> None:
    result = run.invoke(app, ["show", "tilsit-1807"])
    assert result.exit_code == 0
    assert "no forecast" in result.stdout
    assert "1808-09-erfurt-fra-rus" in result.stdout
    whole = json.loads(run.invoke(app, ["show", "tilsit-1807", "--json"]).stdout)
    assert whole["kind"] == "case"
    path = tmp_path / "case.toml"
    library = resources.files("detente.scenarios") / "library" / "tilsit-1807.toml"
    path.write_text(library.read_text(encoding="utf-8"))
    told = run.invoke(app, ["validate", str(path)])
    assert "valid case: 3 parties, 12 facts, 2 rows of the chronology" in told.stdout
    assert json.loads(run.invoke(app, ["validate", str(path), "--json"]).stdout)["kind"] == "case"


def test_show_prints_markup_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        template_text().replace('title = "A meeting', 'title = "[bold]<b> A meeting', 1)
    )
    assert "[bold]<b> A meeting" in run.invoke(app, ["show", str(path)]).stdout


def test_show_of_an_unknown_name() -> None:
    result = run.invoke(app, ["show", "alaska-2026"])
    assert result.exit_code == 2
    assert result.stderr == "error: unknown scenario 'alaska-2026': did you mean 'alaska-2025'?\n"


def test_new_then_validate(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    assert run.invoke(app, ["new", str(path)]).exit_code == 0
    result = run.invoke(app, ["validate", str(path)])
    assert result.exit_code == 0
    assert "valid: 2 states, 1 pairs, 1 events, 2 arms" in result.stdout
    assert json.loads(run.invoke(app, ["validate", str(path), "--json"]).stdout)["valid"] is True
    again = run.invoke(app, ["new", str(path)])
    assert again.exit_code == 2
    assert again.stderr.startswith(f"error: {path}: ")


def test_a_scenario_of_the_library_is_checked_by_its_name() -> None:
    assert "alaska-2025: valid: " in run.invoke(app, ["validate", "alaska-2025"]).stdout
    assert "valid case: " in run.invoke(app, ["validate", "tilsit-1807"]).stdout


def test_new_says_how_a_case_is_started() -> None:
    told = " ".join(run.invoke(app, ["new", "--help"]).stdout.split())
    assert "inside the record is told as a sourced case: --case" in told


def test_new_case_then_validate(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    assert run.invoke(app, ["new", "--case", str(path)]).exit_code == 0
    told = run.invoke(app, ["validate", str(path)]).stdout
    assert "valid case: 2 parties, 2 facts, 2 rows of the chronology, 2 sources" in told


def test_validate_refuses_a_case_as_assess_does(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    text = template_text(case=True).replace("1808-09-erfurt-fra-rus", "1808-09-nowhere-fra-rus")
    path.write_text(text.replace('settlements = ["1807', 'settlements = ["1907'))
    told = run.invoke(app, ["validate", str(path)])
    refused = run.invoke(detente_app, ["assess", str(path)])
    assert told.exit_code == refused.exit_code == 2
    lines = told.stderr.splitlines()
    assert lines[0].endswith("meetings: '1808-09-nowhere-fra-rus' is no row of the chronology")
    assert lines[1].endswith("settlements: '1907-07-07-tilsit' is no row of the chronology")
    assert refused.stderr.splitlines() == ["; ".join([lines[0], lines[1].removeprefix("error: ")])]
    as_json = json.loads(run.invoke(app, ["validate", str(path), "--json"]).stdout)
    assert as_json["valid"] is False
    assert [f"error: {problem}" for problem in as_json["problems"]] == lines


def test_validate_reads_the_users_chronology(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(template_text(case=True))
    lost = run.invoke(app, ["validate", str(path), "--chronology", str(tmp_path / "no.csv")])
    assert lost.exit_code == 2
    assert "no.csv cannot be read" in lost.stderr
    path.write_text(template_text())
    given = run.invoke(app, ["validate", str(path), "--chronology", "my.csv"])
    assert given.exit_code == 2
    assert "--chronology adds rows to a sourced case" in given.stderr


@pytest.mark.parametrize("as_json", [False, True])
def test_validate_lists_every_problem(tmp_path: Path, as_json: bool) -> None:
    path = tmp_path / "bad.toml"
    text = template_text().replace("horizon_years = 10 ", "horizon_years = 99 ")
    path.write_text(text.replace('code = "USA"', 'cod = "USA"'))
    result = run.invoke(app, ["validate", str(path), *(["--json"] if as_json else [])])
    assert result.exit_code == 2
    told = "\n".join(json.loads(result.stdout)["problems"]) if as_json else result.stderr
    assert "horizon_years" in told
    assert "unknown key 'cod': did you mean 'code'?" in told
    if not as_json:
        lines = result.stderr.splitlines()
        assert len(lines) > 1
        assert all(line.startswith("error: ") for line in lines)


def test_every_command_has_help() -> None:
    for command in ("list", "show", "validate", "new"):
        result = run.invoke(app, [command, "--help"])
        assert result.exit_code == 0
        assert len(result.stdout.split()) > 10
