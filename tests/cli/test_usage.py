"""Calls that the command line refuses: one line, exit code 2, nothing on standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner, Result

from detente.cli import app

GROUPS = ((), ("data",), ("scenarios",))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), prog_name="detente")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("asses",), "no such command 'asses'. Did you mean 'assess'?; see `detente --help`"),
        (("--bogus",), "no such option: --bogus; see `detente --help`"),
        (("assess",), "missing argument 'SCENARIO'; see `detente assess --help`"),
        (("assess", "alaska-2025", "--future", "9"), "no such option: --future"),
        (("assess", "alaska-2025", "--futures"), "option '--futures' requires an argument"),
        (("assess", "alaska-2025", "--futures", "many"), "invalid value for '--futures'"),
        (("assess", "alaska-2025", "--workers", "0"), "invalid value for '--workers'"),
        (("assess", "one", "two"), "unexpected extra argument"),
        (("data", "bogus"), "no such command 'bogus'; see `detente data --help`"),
        (("data", "info"), "missing argument 'NAME'; see `detente data info --help`"),
        (("data", "info", "nmc", "--jsn"), "no such option: --jsn"),
        (("scenarios", "validate"), "missing argument 'FILE'"),
        (("scenarios", "show", "alaska-2026"), "did you mean 'alaska-2025'?"),
        (("fit", "--check=yes"), "does not take a value"),
    ],
)
def test_a_refused_call(arguments: tuple[str, ...], told: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert told in result.stderr


@pytest.mark.parametrize("group", GROUPS)
def test_no_command_shows_the_help(group: tuple[str, ...]) -> None:
    result = run(*group)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == run(*group, "--help").stdout


def test_flags_take_no_value_in_the_help() -> None:
    text = run("assess", "--help").stdout
    assert "--json  " in text
    assert "<bool>" not in text


@pytest.mark.parametrize("group", GROUPS)
def test_no_line_of_the_help_is_cut(group: tuple[str, ...]) -> None:
    assert "...\n" not in run(*group, "--help").stdout.split("Commands:")[1]


@pytest.mark.parametrize(("arguments", "code"), [(("--version",), 0), (("data", "info"), 2)])
def test_the_process_ends_with_the_code(arguments: tuple[str, ...], code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "detente", *arguments], capture_output=True, check=False
    )
    assert done.returncode == code


@pytest.mark.parametrize(
    ("encoding", "told"), [("latin-1", "H\xe5vard 3-4 \xd7 ?"), ("cp437", "H\xe5vard 3-4 x ?")]
)
def test_no_encoding_ends_a_command(encoding: str, told: str) -> None:
    code = (
        "import typer; from rich.console import Console; from detente.cli import output\n"
        "output.accept_any_encoding()\n"
        "text = 'H\\xe5vard 3\\u20134 \\xd7 \\u6c49'\n"
        "typer.echo(text); Console().print(text); typer.echo(text, err=True)\n"
    )
    done = _in_encoding(encoding, "-c", code)
    assert done.stdout.decode(encoding).splitlines() == [told, told]
    assert done.stderr.decode(encoding).splitlines() == [told]


def test_json_loses_no_character_to_an_encoding() -> None:
    code = (
        "from detente.cli import output; output.accept_any_encoding()\n"
        "output.print_json({'name': 'H\\xe5vard 3\\u20134 \\U0001f30d'})\n"
    )
    for encoding in ("ascii", "latin-1", "utf-8"):
        done = _in_encoding(encoding, "-c", code)
        assert json.loads(done.stdout.decode(encoding)) == {"name": "H\xe5vard 3\u20134 \U0001f30d"}


def test_the_command_line_accepts_any_encoding() -> None:
    done = _in_encoding("latin-1", "-m", "detente", "assess", "H\u2013")
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: unknown scenario 'H-'")


def _in_encoding(encoding: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, check=False
    )
