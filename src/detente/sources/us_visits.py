"""Visits by foreign leaders to the United States (Office of the Historian)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.chronology.xml import elements, record_files, record_table, required, text
from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import OWN_REPOSITORY, US_RECORD_TERMS

_REPOSITORY = Repository(
    "HistoryAtState/visits", "869ca4f0e8d15521bc3c094b846e6b1d3c7d8f1d", section="us_visits"
)

FILES = record_files(_REPOSITORY)


def read_visits(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per visit, ``stop`` exclusive."""
    rows: list[dict[str, str | None]] = []
    for path in paths.values():
        for visit in elements(path, "visit"):
            rows.append(
                {
                    "record_id": f"visits/{required(visit, 'id', path)}",
                    "start": required(visit, "start-date", path),
                    "stop": required(visit, "end-date", path),
                    "visitor": required(visit, "visitor", path),
                    "country_id": visit.find("from").get("id"),
                    "country": required(visit, "from", path),
                    "description": text(visit, "description"),
                }
            )
    return record_table(rows)


DATASET = register(
    Dataset(
        name="us_visits",
        title="Visits by foreign leaders to the United States",
        version=_REPOSITORY.commit[:7],
        repository=_REPOSITORY,
        files=FILES,
        bibtex="""@misc{usvisits,
  author = {{Office of the Historian, US Department of State}},
  title = {Visits By Foreign Leaders},
  year = {2026},
  url = {https://history.state.gov/departmenthistory/visits},
}""",
        licence=US_RECORD_TERMS,
        redistribution="open",
        years=(1874, 2024),
        states="the United States with every country visited from",
        missing_codes="6 visits have no description",
        faults=(
            "heads of state and government and a few others; foreign ministers are not listed",
            "a private visit may have included no talks; the text does not always say",
            "the same identifiers of countries as the travels, with the same doubles",
            "calls and video meetings are out; nothing after 2024-11-12",
        ),
        official="https://history.state.gov/departmenthistory/visits",
        checked_against_official=OWN_REPOSITORY,
        columns={
            "record_id": "'visits/' and the office's number",
            "start": "first day of the visit",
            "stop": "day after the last day of the visit",
            "visitor": "title and name of the visitor",
            "country_id": "the office's identifier of the country",
            "country": "the office's name of the country",
            "description": "free text of the office, spaces squeezed",
        },
        reader=read_visits,
    )
)
