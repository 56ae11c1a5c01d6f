"""Recipes: a panel as a TOML text with the hashes of its data, and back."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from detente import __version__, sources
from detente.core.errors import ChecksumError, InputError, UnavailableError, UnknownNameError
from detente.panels.steps import Add, Lag, Step
from detente.sources import brought

if TYPE_CHECKING:
    from detente.panels.panel import Panel

_PANEL = ("unit", "years", "system", "directed", "dyads", "states", "extend", "members_only")
_TABLES = ("detente", "panel", "step", "data", "brought", "result")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_recipe(panel: Panel, table: pl.DataFrame | None = None) -> str:
    """Return the recipe of a panel; with its table, the rows and the digest that it gave."""
    frame = panel.frame
    head: dict[str, Any] = {
        "unit": frame.unit.name,
        "years": list(frame.years),
        "system": frame.system,
        "directed": frame.directed,
        "dyads": frame.dyads if isinstance(frame.dyads, str) else [list(p) for p in frame.dyads],
        "states": None if frame.states is None else list(frame.states),
        "extend": frame.extend,
        "members_only": frame.members_only,
    }
    parts = [f"detente = {_toml(__version__)}", _section("[panel]", head)]
    parts += [_section("[[step]]", _step(step)) for step in panel.steps]
    hashes = {name: sources.provenance(name).fingerprint() for name in panel.datasets}
    parts.append(_section("[data]", hashes))
    own = {name: _digest_brought(name) for name in panel.datasets if sources.dataset(name).brought}
    if own:
        parts.append(_section("[brought]", own))
    if table is not None:
        parts.append(_section("[result]", {"rows": table.height, "sha256": digest(table)}))
    return "\n\n".join(parts) + "\n"


def read_recipe(path: str | Path) -> Panel:
    """Return the panel of a recipe, after a check that its data are those registered here.

    Raises
    ------
    InputError
        If the file cannot be read or says something that a recipe does not have.
    UnavailableError
        If the user brings one of its datasets, and no file of it was imported here.
    ChecksumError
        If a dataset had other bytes, or another reader, when the recipe was written.
    """
    place = Path(path)
    return panel_of(_parsed(place), place)


def check_result(path: str | Path, table: pl.DataFrame) -> None:
    """Refuse a table that is not the one a recipe gave when it was written.

    Raises
    ------
    ChecksumError
        If rows or digest differ.
    """
    wanted = _parsed(Path(path)).get("result")
    if wanted and (wanted.get("rows"), wanted.get("sha256")) != (table.height, digest(table)):
        raise ChecksumError(
            f"{path}: the panel has {table.height} rows and digest {digest(table)[:16]}, the "
            f"recipe gave {wanted.get('rows')} and {str(wanted.get('sha256'))[:16]}: the features "
            f"or the recipe were changed since; write it anew if this is what you want"
        )


def digest(table: pl.DataFrame) -> str:
    """Return the sha256 of a table's names, nulls and values."""
    state = hashlib.sha256()
    for name in table.columns:
        series = table[name]
        state.update(f"{name} {series.len()} ".encode())
        state.update(series.is_null().to_numpy().tobytes())
        if series.dtype.is_numeric() or series.dtype == pl.Date:
            filled = series.to_physical().fill_null(0)
            state.update(filled.to_numpy().tobytes())
        else:
            text = series.cast(pl.String).fill_null("")
            state.update("\x1f".join(text.to_list()).encode())
    return state.hexdigest()


def panel_of(recipe: Mapping[str, Any], place: Path) -> Panel:
    """Return the panel that a parsed recipe describes."""
    from detente.panels.panel import panel

    for name in recipe:
        if name not in _TABLES:
            raise UnknownNameError(f"key of recipe {place}:", name, _TABLES)
    for title in ("panel", "data", "brought"):
        if not isinstance(recipe.get(title, {}), Mapping):
            raise InputError(f"{place}: {title} must be a table, [{title}]")
    head = dict(recipe.get("panel", {}))
    for name in head:
        if name not in _PANEL:
            raise UnknownNameError(f"key of [panel] in {place}:", name, _PANEL)
    if "unit" not in head or "years" not in head:
        raise InputError(f"{place}: [panel] needs unit and years")
    if not isinstance(head.get("dyads", "all"), str):
        head["dyads"] = [tuple(pair) for pair in head["dyads"]]
    made = panel(head.pop("unit"), **head)
    for step in recipe.get("step", []):
        made = _applied(made, dict(step), place)
    _check_data(recipe, place)
    return made


def _check_data(recipe: Mapping[str, Any], place: Path) -> None:
    for name, known in recipe.get("data", {}).items():
        own = recipe.get("brought", {}).get(name)
        if own and brought.record(sources.dataset(name)) is None:
            raise UnavailableError(
                f"{place}: the recipe was written with a file for {name!r} (sha256 "
                f"{str(own)[:16]}...), and none was imported here: get "
                f"{brought.wanted(sources.dataset(name))}, then run `detente data import {name} "
                f"FILE`"
            )
        if sources.provenance(name).fingerprint() == known:
            continue
        if own and own != _digest_brought(name):
            raise ChecksumError(
                f"{place}: the recipe was written with another file for {name!r} (sha256 "
                f"{str(own)[:16]}...) than the one imported here "
                f"({_digest_brought(name)[:16]}...): import that file with `detente data import "
                f"{name} FILE`, or write the recipe anew"
            )
        raise ChecksumError(
            f"{place}: dataset {name!r} is not the one the recipe was written with (its "
            f"fingerprint was {known[:16]}): use that version of detente, or write the recipe anew"
        )


def _digest_brought(name: str) -> str:
    return sources.provenance(name).sha256[0][1]


def _applied(made: Panel, step: dict[str, Any], place: Path) -> Panel:
    match step.pop("do", None):
        case "add":
            return made.add(
                step["feature"],
                fill=step.get("fill"),
                only=step.get("only"),
                **step.get("options", {}),
            )
        case "lag":
            return made.lag(*step["columns"], years=step["years"])
        case "at_risk":
            return made.at_risk(step["onset"], step["ongoing"])
        case other:
            raise InputError(f"{place}: a step does {other!r}, expected add, lag or at_risk")


def _step(step: Step) -> dict[str, Any]:
    if isinstance(step, Add):
        return {
            "do": "add",
            "feature": step.feature.name,
            "only": list(step.only) if step.only else None,
            "options": {k: v for k, v in step.options.items() if v is not None} or None,
            "fill": dict(step.fill) or None,
        }
    if isinstance(step, Lag):
        return {"do": "lag", "columns": list(step.columns), "years": step.years}
    return {"do": "at_risk", "onset": step.onset, "ongoing": step.ongoing}


def _parsed(place: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"recipe {place} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"recipe {place} is not TOML: {error}") from error


def _section(title: str, values: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]
    return "\n".join([title, *lines])


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(str(k))} = {_toml(v)}" for k, v in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, bool | int | float | str):
        return json.dumps(value)
    raise InputError(f"{value!r} ({type(value).__name__}) has no place in a recipe")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name)
