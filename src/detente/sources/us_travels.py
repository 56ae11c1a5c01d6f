"""Foreign travels of the US President and Secretary of State (Office of the Historian)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.chronology.xml import elements, record_files, record_table, required, text
from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import OWN_REPOSITORY, US_RECORD_TERMS

_REPOSITORY = Repository(
    "HistoryAtState/travels", "3170c773f22c99dadc8ec93da070f8ff6259d6d8", section="us_travels"
)

FILES = record_files(_REPOSITORY)


def read_travels(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per country leg of a journey, ``stop`` exclusive."""
    rows: list[dict[str, str | None]] = []
    for path in paths.values():
        for trip in elements(path, "trip"):
            rows.append(
                {
                    "record_id": f"travels/{required(trip, 'id', path)}",
                    "role": required(trip, "role", path),
                    "traveller": required(trip, "name", path),
                    "start": required(trip, "start-date", path),
                    "stop": required(trip, "end-date", path),
                    "country_id": trip.find("country").get("id"),
                    "country": required(trip, "country", path),
                    "locale": text(trip, "locale"),
                    "remarks": text(trip, "remarks"),
                }
            )
    return record_table(rows)


DATASET = register(
    Dataset(
        name="us_travels",
        title="Foreign travels of the US President and Secretary of State",
        version=_REPOSITORY.commit[:7],
        repository=_REPOSITORY,
        files=FILES,
        bibtex="""@misc{ustravels,
  author = {{Office of the Historian, US Department of State}},
  title = {Travels Abroad of the President; Travels Abroad of the Secretary of State},
  year = {2026},
  url = {https://history.state.gov/departmenthistory/travels},
}""",
        licence=US_RECORD_TERMS,
        redistribution="open",
        years=(1866, 2025),
        states="the United States with every country travelled to",
        missing_codes="54 legs have no locale; remarks may be empty",
        faults=(
            "complete for travel, not for meetings: talks on the margins of other summits are "
            "often not named, and foreign ministers received in Washington are not listed",
            "one country leg a row: legs of a journey share boundary days",
            "'russia' stands for the Soviet Union too, 'germany' for the Federal Republic, "
            "'vietnam' for the Republic of Vietnam before 1975, and both 'taiwan' and 'china' "
            "for the Republic of China; 'somoa', 'korea' and 'congo-kinshasa' double others",
            "president to 2024-12-02, secretary to 2025-02-19, although the commit is of 2026",
            "calls and video meetings are out",
        ),
        official="https://history.state.gov/departmenthistory/travels",
        checked_against_official=OWN_REPOSITORY,
        columns={
            "record_id": "'travels/' and the office's number",
            "role": "president or secretary",
            "traveller": "name of the traveller",
            "start": "first day of the leg",
            "stop": "day after the last day of the leg",
            "country_id": "the office's identifier of the country",
            "country": "the office's name of the country",
            "locale": "places visited",
            "remarks": "free text of the office, spaces squeezed",
        },
        reader=read_travels,
    )
)
