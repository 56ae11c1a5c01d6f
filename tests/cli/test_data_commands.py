import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from detente import __version__, sources
from detente.cli import app
from detente.relations import audit as relations_audit

COMMANDS = ("list", "info", "pull", "import", "status", "cite", "audit", "document")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and no mirror."""
    monkeypatch.setenv("DETENTE_CACHE", str(tmp_path))
    monkeypatch.delenv("DETENTE_MIRROR", raising=False)
    return tmp_path


@pytest.mark.parametrize("command", [(), ("data",), *(("data", name) for name in COMMANDS)])
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_the_help_of_data_names_its_commands() -> None:
    text = run("data", "--help").stdout
    assert all(name in text for name in COMMANDS)
    assert "scenarios" in run("--help").stdout


def test_version() -> None:
    assert run("--version").stdout == f"detente {__version__}\n"


def test_python_runs_the_package() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "detente", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"detente {__version__}\n"


def test_help_imports_no_heavy_library() -> None:
    program = (
        "import sys, detente.cli\n"
        "heavy = {'polars', 'numpy', 'numba', 'altair', 'scipy', 'pydantic', 'pooch'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_list() -> None:
    text = run("data", "list").stdout
    assert all(name in text for name in sources.names())
    found = json.loads(run("data", "list", "--json").stdout)
    assert [item["name"] for item in found] == list(sources.names())
    assert {item["redistribution"] for item in found} == {"open", "restricted"}


def test_info() -> None:
    text = " ".join(run("data", "info", "contiguity").stdout.split())
    assert "Correlates of War direct contiguity" in text
    assert "month precision" in text
    assert "Stinnett" in text
    found = json.loads(run("data", "info", "contiguity", "--json").stdout)
    assert found["columns"].keys() == {"ccode1", "ccode2", "type", "start", "stop"}
    assert found["files"][0]["sha256"].startswith("779062fb")
    assert found["years"] == [1816, 2016]


def test_an_error_is_one_line_and_exit_code_2() -> None:
    result = run("data", "info", "nnc")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == "error: unknown dataset 'nnc': did you mean 'nmc'?\n"


@pytest.mark.parametrize("arguments", [(), ("nmc", "--all")])
def test_pull_wants_names_or_all(arguments: tuple[str, ...]) -> None:
    result = run("data", "pull", *arguments)
    assert result.exit_code == 2
    assert "name the datasets to pull, or give --all" in result.stderr


def test_pull_reports_each_failure(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import requests

    def refuse(*args: object, **kwargs: object) -> None:
        raise requests.exceptions.ConnectionError("no route to host")

    monkeypatch.setattr(requests.sessions.Session, "request", refuse)
    result = run("data", "pull", "nmc", "atop")
    assert result.exit_code == 2
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 2
    assert result.stdout == ""
    assert all(line.startswith("error: dataset '") for line in lines)
    assert all("no route to host" in line for line in lines)


@pytest.mark.data
def test_pull_from_the_mirror(mirror: str) -> None:
    found = json.loads(run("data", "pull", "cow_majors", "warheads", "--json").stdout)
    assert [(item["name"], item["rows"]) for item in found] == [
        ("cow_majors", 14),
        ("warheads", 790),
    ]
    assert "cow_majors" in run("data", "pull", "cow_majors").stdout


def test_status_of_an_empty_cache(nowhere: Path) -> None:
    found = json.loads(run("data", "status", "--json").stdout)
    assert found["cache"] == str(nowhere)
    assert found["mirror"] is None
    assert {item["ready"] for item in found["datasets"]} == {0}
    text = run("data", "status").stdout
    assert "DETENTE_MIRROR is not set" in text
    assert "detente data pull NAME" in text


def test_cite() -> None:
    assert "Archigos" in run("data", "cite", "leaders").stdout
    bibtex = run("data", "cite", "leaders", "--bibtex").stdout
    assert bibtex.startswith("@article{goemansetal2009ia,")
    found = json.loads(run("data", "cite", "--json").stdout)
    assert len(found) == len({item["key"] for item in found}) > 10


class Audit:
    """An audit of two tables, one longer than is shown."""

    tables: ClassVar = {
        "eras": pl.DataFrame({"era": ["1816-1913"], "wars": [7], "share": [0.25], "ok": [None]}),
        "wars [all]": pl.DataFrame({"war": range(1000, 1100), "deaths": [2500.0] * 100}),
    }

    def to_dict(self) -> dict[str, object]:
        return {name: frame.to_dicts() for name, frame in self.tables.items()}


@pytest.fixture
def audited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relations_audit, "audit", Audit)


@pytest.mark.usefixtures("audited")
def test_audit_shows_the_first_rows_of_each_table() -> None:
    text = run("data", "audit").stdout
    assert "1816-1913      7    0.25" in text
    assert "1029    2,500" in text
    assert "1030" not in text
    assert "and 70 more rows: see --table wars [all]" in text
    assert len(json.loads(run("data", "audit", "--json").stdout)["wars [all]"]) == 100


@pytest.mark.usefixtures("audited")
def test_audit_shows_one_table_whole() -> None:
    text = run("data", "audit", "--table", "wars [all]").stdout
    assert "1099" in text
    assert "more rows" not in text
    assert len(json.loads(run("data", "audit", "--table", "eras", "--json").stdout)) == 1
    result = run("data", "audit", "--table", "era")
    assert result.exit_code == 2
    assert "did you mean 'eras'" in result.stderr


def test_an_interrupt_ends_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sources, "names", interrupt)
    result = run("data", "list")
    assert result.exit_code == 130
    assert result.stderr == "interrupted\n"


def test_a_defect_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(sources, "names", fail)
    assert isinstance(run("data", "list").exception, RuntimeError)


def test_the_console_script_ends_with_code_2() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import detente.cli; detente.cli.main()", "data", "info", "nnc"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: unknown dataset 'nnc'")


@pytest.fixture
def rugged(nowhere: Path) -> Path:
    path = nowhere / "rugged_data.csv"
    path.write_text("isocode,rugged\nUSA,1.5\n")
    return path


def test_import_keeps_a_file_that_you_bring(rugged: Path) -> None:
    found = json.loads(run("data", "import", "ruggedness", str(rugged), "--json").stdout)
    assert (found["name"], found["file"], found["rows"]) == ("ruggedness", "rugged_data.csv", 1)
    assert found["sha256"] == hashlib.sha256(rugged.read_bytes()).hexdigest()
    assert found["sha256"] in run("data", "import", "ruggedness", str(rugged)).stdout
    told = json.loads(run("data", "info", "ruggedness", "--json").stdout)
    assert told["repository"] is None
    assert told["files"][0]["sha256"] == found["sha256"]
    assert str(rugged) in "".join(run("data", "info", "ruggedness").stdout.split())
    rows = {item["name"]: item for item in status()["datasets"]}
    assert (rows["ruggedness"]["place"], rows["ruggedness"]["ready"]) == ("brought", 1)
    assert (rows["mountains"]["place"], rows["mountains"]["absent"]) == ("brought", 1)
    assert json.loads(run("data", "pull", "ruggedness", "--json").stdout)[0]["place"] == "brought"


def test_import_refuses_in_one_line(rugged: Path) -> None:
    result = run("data", "import", "mountains", str(rugged))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert "has the columns isocode, rugged: needed are ccode, newlmtnest" in result.stderr
    assert status()["datasets"][0]["ready"] == 0


def status() -> dict:
    return json.loads(run("data", "status", "--json").stdout)


def test_what_is_brought_is_shown_as_such(nowhere: Path) -> None:
    listed = run("data", "list").stdout
    assert "`detente data import NAME FILE`" in listed
    brought = {
        item["name"] for item in json.loads(run("data", "list", "--json").stdout) if item["brought"]
    }
    assert brought == {"ruggedness", "mountains", "creg_ethnic", "creg_religious"}
    text = " ".join(run("data", "info", "creg_ethnic").stdout.split())
    assert "EthnicGroupsLong_v1.02.csv (columns cowcode, year, group name, group estimate)" in text
    assert "`detente data import creg_ethnic FILE`" in text
    assert "imported no file" in text
    assert "import what you bring" in run("data", "status").stdout
    assert "Nunn" in run("data", "cite", "ruggedness").stdout
    result = run("data", "pull", "ruggedness")
    assert result.exit_code == 2
    assert "`detente data import ruggedness FILE`" in result.stderr
