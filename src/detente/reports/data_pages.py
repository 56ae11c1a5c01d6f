"""The pages of the documentation that the code writes: the datasets, and the features of panels."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from detente import sources
from detente.panels import UNITS, Feature, all_features
from detente.relations.markdown import listed, reflowed, table
from detente.sources import Dataset
from detente.sources.citations import citations

MEASURED = "## What the tables hold"
"""Heading of the part of the page that is counted on the tables; before it all is metadata."""

_FILES_SHOWN = 3
_DIGEST = 16
_GENERATED = "Written by `detente data document` (`make docs`); a test keeps it current."
_NOT_HERE = (
    (
        "Democracy, GDP and population in Gleditsch-Ward codes",
        "in isard as `gw_democracy.rda` and `gw_gdppop.rda`; the features bridge the COW tables by "
        "year, so that states COW does not count have none",
    ),
    (
        "Capitals and minimum distances in Gleditsch-Ward codes",
        "in peacesciencer as `gw_capitals.rda` and `gw_mindist.rda`; bridged as above",
    ),
    (
        "Formal alliances 4.1 (COW)",
        "its maintainer asked software not to serve it; ATOP is here instead",
    ),
    ("Similarity of foreign policies (FPSIM)", "Häge (2011); no copy was found"),
    ("Threats of sanctions (TIES 4.1 whole), GSDB", "only an extract of imposed sanctions is here"),
    ("COLT, COW Diplomatic Exchange, Diplometrics", "no copy was found"),
)


def data_page() -> str:
    """Return the page of the datasets; it reads every table.

    Raises
    ------
    UnavailableError
        If a dataset is not here.
    """
    return f"{described_datasets()}\n\n{measured_datasets()}\n"


def described_datasets() -> str:
    """Return the page of the datasets up to what is counted on the tables."""
    known = [sources.dataset(name) for name in sources.names()]
    terms = [item.terms for item in known]
    intro = (
        f"The {len(known)} public datasets this package reads into tidy tables with the columns "
        "below; what a source codes as missing is null. No file of them ships with the package. "
        f"{terms.count('open') + terms.count('restricted')} are fetched from a fixed commit of a "
        "public repository and held to the digest of its bytes: "
        f"{terms.count('open')} may be passed on freely, the others are fetched only when you ask "
        f"(`detente data pull NAME`). {terms.count('brought')} are brought by you: no copy with a "
        "fixed address and known bytes could be named. `detente data import NAME FILE` checks the "
        "columns and values of your file, keeps a copy in the cache, and holds it and every recipe "
        "to its digest."
    )
    rows = [
        (
            f"[{item.name}](#{item.name})",
            item.title,
            item.version,
            _years(item.years),
            item.terms,
        )
        for item in known
    ]
    parts = [
        f"# Data\n\n{reflowed(intro)}\n\n{_GENERATED}",
        table(("name", "what", "version", "years", "terms"), rows),
        *(_dataset(item) for item in known),
        "## What is not here",
        reflowed("Wanted by peace scientists, and not among the copies that this package reads:"),
        "\n".join(f"- **{name}**: {why}." for name, why in _NOT_HERE),
    ]
    return "\n\n".join(parts)


def measured_datasets() -> str:
    """Return the rows, years and missing values of every table."""
    fetched = [name for name in sources.names() if not sources.dataset(name).brought]
    rows = [_measured(sources.load(name), name) for name in fetched]
    head = ("name", "rows", "columns", "years seen", "cells missing", "most often missing")
    note = "Counted on the tables. `years seen` are those of the rows, where a row has a year."
    return f"{MEASURED}\n\n{reflowed(note)}\n\n{table(head, rows)}"


def features_page() -> str:
    """Return the page of the features of panels."""
    known = all_features()
    intro = (
        f"The {len(known)} features that `detente.panel(...).add(...)` and `detente panel --add` "
        "join. Outside the years of a feature every value is null, and `Panel.reasons` says why. A "
        "column of a state stands twice in panels of pairs, with 1 and 2 after its name."
    )
    rows = [(f"[{item.name}](#{item.name})", item.title, item.span, _units(item)) for item in known]
    parts = [
        f"# Features\n\n{reflowed(intro)}\n\n{_GENERATED}",
        table(("name", "what", "years", "units"), rows),
        *(_feature(item) for item in known),
    ]
    return "\n\n".join(parts) + "\n"


def _dataset(item: Dataset) -> str:
    facts = [
        f"- version: {item.version}; years {_years(item.years)}; {item.states}",
        f"- terms: {item.licence} ({item.terms})",
        f"- missing: {item.missing_codes}",
        *_copy(item),
        f"- official release: {item.official}; checked against it: {item.checked_against_official}",
        *([f"- note: {item.notes}"] if item.notes else []),
        *(f"- fault: {fault}" for fault in item.faults),
        *(f"- cite: {entry.text()}" for entry in citations([item.name])),
    ]
    columns = table(("column", "meaning"), item.columns.items())
    return (
        f"### {item.name}\n\n{item.title}.\n\n"
        + "\n".join(facts)
        + f"\n{_files(item)}\n\n{columns}"
    )


def _copy(item: Dataset) -> list[str]:
    if item.repository is None:
        return []
    at = f"{item.repository.address}/tree/{item.repository.commit}"
    return [f"- copy: [{item.repository.name}]({at}) at `{item.repository.commit[:12]}`"]


def _files(item: Dataset) -> str:
    if item.brought:
        forms = [f"`{f.name}` with columns {', '.join(f.columns)}" for f in item.brought]
        return f"- you bring: {' or '.join(forms)} (`detente data import {item.name} FILE`)"
    shown = [
        f"`{file.path}` ({file.size:,} bytes, sha256 `{file.sha256[:_DIGEST]}`)"
        for file in item.files[:_FILES_SHOWN]
    ]
    more = len(item.files) - len(shown)
    return f"- files: {', '.join(shown)}" + (f" and {more} more" if more else "")


def _feature(item: Feature) -> str:
    options = [f"`{name}={value!r}`" for name, value in item.options.items()]
    used = [f"[{name}](data.md#{name})" for name in item.datasets]
    facts = [
        f"- years {item.span}; {item.states}",
        f"- null: {item.missing}",
        f"- units: {_units(item)}",
        *([f"- options: {', '.join(options)}"] if options else []),
        *([f"- data: {listed(used)}"] if used else []),
    ]
    rows = [(c.name, c.meaning, c.unit or "", c.level) for c in item.columns]
    columns = table(("column", "meaning", "unit", "of"), rows)
    return f"## {item.name}\n\n{item.title}.\n\n" + "\n".join(facts) + f"\n\n{columns}"


def _units(item: Feature) -> str:
    return "all" if len(item.fits) == len(UNITS) else ", ".join(item.fits)


def _measured(data: pl.DataFrame, name: str) -> Sequence[object]:
    cells = data.height * data.width
    gone = {column: data[column].null_count() for column in data.columns}
    worst = max(gone, key=gone.__getitem__)
    often = f"{worst} ({gone[worst] / data.height:.1%})" if gone[worst] else "none"
    share = f"{sum(gone.values()) / cells:.1%}"
    return (name, f"{data.height:,}", data.width, _seen(data), share, often)


def _seen(data: pl.DataFrame) -> str:
    for first, last in (("year", "year"), ("start_year", "end_year"), ("start", "stop")):
        if first in data.columns and last in data.columns:
            low, high = data[first].min(), data[last].max()
            if first == "start":
                low = data["start"].dt.year().min()
                high = data["stop"].dt.offset_by("-1d").dt.year().max()
            return f"{low}-{high}"
    return ""


def _years(years: tuple[int, int]) -> str:
    return f"{years[0]}-{years[1]}"
