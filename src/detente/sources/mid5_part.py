"""Participants of Militarized Interstate Disputes 5.0 (MIDB)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.mid_columns import PARTICIPANT_MEANINGS, PARTICIPANT_ORDER, known, participant
from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import COW_TERMS, UNCHECKED

_REPOSITORY = Repository(
    "tbrown122387/r_and_python_book",
    "a676e1c3c7419309660040bcb3ba5ec0a4c6fd13",
    section="cow_mid5",
)
_FILE = _REPOSITORY.file(
    "data/MIDB%205.0.csv",
    sha256="5189071e3b8aa32e1338f3df43fe574f4a0f2a06b2f481a3213c9e8f01211722",
    size=336982,
    name="MIDB_5.0.csv",
)


def read_participants(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per dispute, state and episode of taking part."""
    raw = pl.read_csv(paths[_FILE.path], infer_schema_length=None)
    return raw.select(
        *participant(),
        known("hostlev"),
        known("fatality"),
    ).sort(PARTICIPANT_ORDER)


DATASET = register(
    Dataset(
        name="mid5_part",
        title="Militarized Interstate Disputes, participants (MIDB)",
        version="5.0",
        repository=_REPOSITORY,
        files=(_FILE,),
        bibtex="""@article{palmeretal2022,
  author = {Palmer, Glenn and McManus, Roseanne W. and D'Orazio, Vito and Kenwick, Michael R. and
    Karstens, Mikaela and Bloch, Chase and Dietrich, Nick and Kahn, Kayla and Ritter, Kellan and
    Soules, Michael J.},
  title = {The {MID5} Dataset, 2011-2014: Procedures, Coding Rules, and Description},
  journal = {Conflict Management and Peace Science},
  volume = {39},
  number = {4},
  pages = {470--482},
  year = {2022},
  doi = {10.1177/0738894221995743},
}""",
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1816, 2014),
        states="all members of the COW state system that took part in a dispute",
        missing_codes="-9 (596 first days, 552 last days, 599 fatality levels) become null",
        faults=(
            "23 states enter the same dispute more than once: one row per episode",
            "sides do not say who opposed whom: in large disputes many pairs never met",
        ),
        official="https://correlatesofwar.org/data-sets/mids/",
        checked_against_official=UNCHECKED,
        columns={
            **PARTICIPANT_MEANINGS,
            "hostlev": "highest hostility: 1 none, 2 threat, 3 display, 4 use of force, 5 war",
            "fatality": "level of deaths, 0 (none) to 6 (more than 999)",
        },
        reader=read_participants,
    )
)
