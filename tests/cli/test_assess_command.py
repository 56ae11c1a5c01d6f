"""``detente assess`` as a user runs it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import polars as pl
import pytest
from typer.testing import CliRunner, Result

from detente.assessments import assess as work
from detente.cli import app
from detente.scenarios import template_text
from detente.sources.chronology import load_meetings
from detente.sources.chronology.tables import as_rows

SCHEMA = Path(__file__).parents[2] / "docs" / "assessment.schema.json"
SMALL = ("--futures", "4", "--draws", "3", "--horizon", "2")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["assess", *arguments])


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.toml"
    path.write_text(template_text())
    return path


def test_summary(two: Path):
    result = run(str(two), *SMALL)
    assert result.exit_code == 0, result.stderr
    for heading in ("What the record says", "The nuclear tail", "What this cannot tell"):
        assert heading in result.stdout
    assert "Written" not in result.stdout


def test_json_is_all_of_the_output_and_fits_the_schema(two: Path):
    result = run(str(two), *SMALL, "--json")
    jsonschema.validate(json.loads(result.stdout), json.loads(SCHEMA.read_text()))
    assert result.stderr == ""


def test_same_seed_same_bytes_whatever_the_workers(tmp_path: Path, two: Path):
    for workers in ("1", "2"):
        assert (
            run(str(two), *SMALL, "--workers", workers, "--out", str(tmp_path / workers)).exit_code
            == 0
        )
    for name in ("assessment.json", "report.html"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    assert sorted(p.name for p in (tmp_path / "1").iterdir()) == ["assessment.json", "report.html"]


def test_markup_is_shown_as_text(tmp_path: Path, two: Path):
    planted = "</title><script>alert(1)</script>"
    two.write_text(
        two.read_text().replace('title = "A meeting', f'title = "{planted}[red] A meeting', 1)
    )
    result = run(str(two), *SMALL, "--out", str(tmp_path / "out"))
    assert "[red] A meeting" in " ".join(result.stdout.split())
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_case_is_told_and_fits_the_schema(tmp_path: Path):
    out = tmp_path / "out"
    result = run("tilsit-1807", "--out", str(out))
    assert result.exit_code == 0, result.stderr
    for heading in ("What is recorded", "What followed", "What this cannot tell"):
        assert heading in result.stdout
    document = json.loads((out / "assessment.json").read_text())
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert document["kind"] == "case"
    assert "<script" not in (out / "report.html").read_text()
    assert json.loads(run("tilsit-1807", "--json").stdout) == document


def test_a_case_may_name_rows_of_the_users_chronology(tmp_path: Path):
    rows = as_rows(load_meetings().filter(pl.col("id") == "1808-09-erfurt-fra-rus"))
    mine = tmp_path / "mine.csv"
    with mine.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerow({**rows[0], "id": "1808-09-erfurt-own-row"})
    case = tmp_path / "case.toml"
    text = template_text(case=True).replace("1808-09-erfurt-fra-rus", "1808-09-erfurt-own-row")
    case.write_text(text)
    assert "is no row of the chronology" in run(str(case)).stderr
    result = run(str(case), "--chronology", str(mine), "--json")
    ids = [m["id"] for m in json.loads(result.stdout)["meetings"]]
    assert ids == ["1807-06-tilsit-fra-rus", "1808-09-erfurt-own-row"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("alaska-2025", "--chronology", "x.csv"), "adds rows to a sourced case"),
        (("tilsit-1807", "--chronology", "nosuch.csv"), "nosuch.csv cannot be read"),
        (("tilsit-1807", "--draws", "5", "--seed", "1"), "leave out --draws, --seed"),
        (("nosuch",), "unknown scenario 'nosuch'"),
        (("alaska-2024",), "did you mean 'alaska-2025'"),
        (("nosuch.toml",), "no such file"),
        (("alaska-2025", "--futures", "0"), "futures = 0"),
        (("alaska-2025", "--futures", "1000000000"), "futures = 1000000000"),
        (("alaska-2025", "--draws", "1"), "draws = 1"),
        (("alaska-2025", "--horizon", "nan"), "horizon = nan"),
        (("alaska-2025", "--horizon", "1e9"), "at most 50 years"),
        (("alaska-2025", "--seed", "-1"), "seed = -1"),
        (("alaska-2025", "--out", "/dev/null/x"), "/dev/null/x"),
        (("alaska-2025", "--model", "nosuch.json"), "`detente fit` writes one"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    arguments: tuple[str, ...],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(tmp_path)
    given = arguments if "--out" in arguments else (*arguments, "--out", "out")
    result = run(*given)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert told in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("horizon_years", "horizon_year", "did you mean 'horizon_years'"),
        ("date = 2025-08-15  ", "date = 2010-08-15  ", "inside the record"),
        ("0.123566", "1.2", "states[0].cinc.value"),
        ('year = 2022, source = "nmc" }     #', "year = 2022 }  #", "cinc.source: is missing"),
        ('code = "RUS"', 'code = "GDR"', "not in the state system"),
    ],
)
def test_a_faulty_scenario(two: Path, old: str, new: str, told: str):
    text = two.read_text()
    assert old in text
    two.write_text(text.replace(old, new, 1))
    result = run(str(two), *SMALL)
    assert result.exit_code == 2
    assert told in result.stderr
    assert "Tuple" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_interruption_leaves_nothing(tmp_path: Path, two: Path, monkeypatch: pytest.MonkeyPatch):
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "run_futures", stop)
    result = run(str(two), *SMALL, "--out", str(tmp_path / "out"))
    assert result.exit_code == 130
    assert result.stderr == "interrupted\n"
    assert not (tmp_path / "out").exists()
