"""Loading scenarios and sourced cases: from the library by name, or from a file."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from detente.core.errors import ScenarioError, UnknownNameError
from detente.scenarios.case import Case
from detente.scenarios.checks import ScenarioProblems
from detente.scenarios.fields import as_tuples
from detente.scenarios.schema import Scenario

MAX_BYTES = 2_000_000
"""A scenario is written by hand: a larger file is something else."""
_SHOWN = 10
_EXPECTED = {
    "missing": "is missing: add it",
    "string_pattern_mismatch": "does not have the expected form",
    "float_type": "expected a number",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
    "string_type": "expected text in quotes",
    "date_type": "expected a day, unquoted, as 2025-08-15",
    "tuple_type": "expected an array",
    "model_type": "expected a table",
}


def scenario_names() -> tuple[str, ...]:
    """Names of the scenarios in the library, sorted."""
    folder = resources.files("detente.scenarios") / "library"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


def load_entry(name_or_path: str | Path) -> Scenario | Case:
    """Load what the library has under a name, or any TOML file by path.

    A file with ``kind = "case"`` is a sourced case, every other one a scenario to forecast.
    A ``Path``, a text that ends in ``.toml`` and one that holds a separator are paths.

    Raises
    ------
    UnknownNameError
        If the library has no entry of that name.
    ScenarioError
        If the file cannot be read, is not TOML or breaks its schema; the message gives the
        file, the key and what was expected.
    """
    text, where = _text(name_or_path)
    data = _parsed(text, where)
    return build_case(data, where) if "kind" in data else build_scenario(data, where)


def load_scenario(name_or_path: str | Path) -> Scenario:
    """Load a scenario to forecast, as :func:`load_entry` does.

    Raises
    ------
    UnknownNameError
        If the library has no scenario of that name.
    ScenarioError
        If the file cannot be read, is not TOML, breaks the schema, or is a sourced case.
    """
    found = load_entry(name_or_path)
    if isinstance(found, Case):
        raise ScenarioError(
            f"{found.name}: is a sourced case, which no model forecasts: load it with load_case"
        )
    return found


def load_case(name_or_path: str | Path) -> Case:
    """Load a sourced case, as :func:`load_entry` does.

    Raises
    ------
    UnknownNameError
        If the library has no case of that name.
    ScenarioError
        If the file cannot be read, is not TOML, breaks the schema, or is a scenario.
    """
    found = load_entry(name_or_path)
    if isinstance(found, Scenario):
        raise ScenarioError(
            f"{found.name}: is a scenario to forecast, not a case: load it with load_scenario"
        )
    return found


def _text(name_or_path: str | Path) -> tuple[str, str]:
    """Return the text of a file or of an entry of the library, and its name for messages."""
    if isinstance(name_or_path, Path) or name_or_path.endswith(".toml") or "/" in name_or_path:
        path = Path(name_or_path)
        return _read(path), str(path)
    known = scenario_names()
    if name_or_path not in known:
        raise UnknownNameError("scenario", name_or_path, known)
    entry = resources.files("detente.scenarios") / "library" / f"{name_or_path}.toml"
    return entry.read_text(encoding="utf-8"), f"{name_or_path}.toml"


def parse_scenario(text: str, where: str) -> Scenario:
    """Return the scenario that a TOML text holds; ``where`` names it in messages.

    Raises
    ------
    ScenarioError
        If the text is not TOML or breaks the schema.
    """
    return build_scenario(_parsed(text, where), where)


def _parsed(text: str, where: str) -> dict[str, Any]:
    """Return what a TOML text holds, or say that it is not TOML."""
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and numbers too long to read
        raise ScenarioError(f"{where}: not valid TOML: {error}") from None
    except RecursionError:
        raise ScenarioError(f"{where}: not valid TOML: nested too deeply") from None


def build_scenario(data: Mapping[str, Any], where: str) -> Scenario:
    """Return the scenario that parsed TOML holds; ``where`` names it in messages.

    Raises
    ------
    ScenarioError
        If the data break the schema: one line for each problem, ten at most.
    """
    try:
        return Scenario.model_validate(as_tuples(dict(data)))
    except ValidationError as error:
        raise ScenarioError(_report(where, error)) from None


def build_case(data: Mapping[str, Any], where: str) -> Case:
    """Return the sourced case that parsed TOML holds; ``where`` names it in messages.

    Raises
    ------
    ScenarioError
        If the data break the schema: one line for each problem, ten at most.
    """
    try:
        return Case.model_validate(as_tuples(dict(data)))
    except ValidationError as error:
        raise ScenarioError(_report(where, error)) from None


def _read(path: Path) -> str:
    """Return the text of a file, or say why there is none."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ScenarioError(f"{path}: not a file: expected a scenario file")
        if status.st_size > MAX_BYTES:
            raise ScenarioError(f"{path}: larger than {MAX_BYTES} bytes: expected a scenario file")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(scenario_names())
        raise ScenarioError(
            f"{path}: no such file: give a path, or a name of the library ({known})"
        ) from None
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: not UTF-8 text ({error.reason}): save it as UTF-8") from None
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror}") from None


def _report(where: str, error: ValidationError) -> str:
    """Return one line for each problem: file, key, what was expected."""
    lines: list[str] = []
    for detail in _told(error):
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, ScenarioProblems):
            lines += [f"{where}: {problem.key}: {problem.message}" for problem in cause.found]
        else:
            lines.append(f"{where}: {_key(detail)}: {_message(detail)}")
    more = len(lines) - _SHOWN
    return ";\n".join(lines[:_SHOWN] + ([f"and {more} more problems"] if more > 0 else []))


def _told(error: ValidationError) -> list[ErrorDetails]:
    """Leave out that a table has too few entries where only a faulty entry makes it so."""
    details = error.errors(include_url=False)
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(
            other["loc"][: len(detail["loc"])] == detail["loc"] and other is not detail
            for other in details
        )
    ]


def _key(detail: ErrorDetails) -> str:
    """Return the path of the key, as ``states[0].cinc.year``; union tags are left out."""
    path = ""
    for part in detail["loc"]:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part not in ("hold", "cancel", "scale", "offset"):
            path += f".{part}" if path else part
    return path or "(top level)"


def _message(detail: ErrorDetails) -> str:
    """Return what was expected and what was given, in the file's terms."""
    told = _EXPECTED.get(detail["type"], detail["msg"].removeprefix("Value error, "))
    if detail["type"] == "string_pattern_mismatch":
        told += f" {detail.get('ctx', {}).get('pattern')}"
    given: Any = detail["input"]
    if detail["type"] == "missing" or isinstance(given, dict | tuple):
        return told
    return f"{told}; got {str(given)[:60]!r}"
