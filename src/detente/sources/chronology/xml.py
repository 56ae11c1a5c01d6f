"""Files of the State Department's record, and safe reading of their XML."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - lxml ships no stubs

from detente.core.errors import FormatError
from detente.sources.registry import RemoteFile, Repository


def record_files(repository: Repository) -> tuple[RemoteFile, ...]:
    """Return the registered files of a repository of the record."""
    table = resources.files("detente.sources.chronology") / "us_record_files.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return tuple(
        RemoteFile(
            path=row["path"],
            url=repository.raw(row["repository_path"]),
            sha256=row["sha256"],
            size=int(row["size"]),
        )
        for row in rows
        if row["path"].startswith(f"{repository.section}/")
    )


def elements(path: Path, tag: str) -> Iterator[Any]:
    """Yield the elements of a file; entities and the network are off."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.parse(path, parser).getroot()
    except etree.XMLSyntaxError as error:
        raise FormatError(f"{path}: not well-formed XML ({error}); pull the file again") from error
    yield from root.iter(tag)


def text(element: Any, tag: str) -> str | None:
    """Return the squeezed text of a child, its inline tags included, or None if empty."""
    child = element.find(tag)
    if child is None:
        return None
    return " ".join("".join(child.itertext()).split()) or None


def required(element: Any, tag: str, path: Path) -> str:
    """Return the text of a child that must be there."""
    value = text(element, tag)
    if value is None:
        raise FormatError(f"{path}: <{element.tag}> without <{tag}> (line {element.sourceline})")
    return value


def record_table(rows: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
    """Return entries of the record as a table in the order of their days, ``stop`` exclusive."""
    table = pl.DataFrame(rows, schema=dict.fromkeys(rows[0], pl.String))
    start, stop = pl.col("start").str.to_date(), pl.col("stop").str.to_date()
    return table.with_columns(start, stop.dt.offset_by("1d")).sort("start", "record_id")
