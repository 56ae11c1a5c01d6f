"""Militarized Interstate Events 1.0: dated incidents inside confrontations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.mid_columns import DAY_MEANINGS, days, known
from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import UNCHECKED

_REPOSITORY = Repository(
    "milesdwilliams15/foreign-figures",
    "0419d52f82f924d11f17b96c493339b77ea5aa99",
    section="mie",
)
_FILE = _REPOSITORY.file(
    "_data/mie-1.0.csv",
    sha256="d47197c413684200915ba6623711c8636f9e95947d782f825f887b22fee7bb0d",
    size=1663523,
)


def read_events(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per event, actor first."""
    raw = pl.read_csv(paths[_FILE.path], infer_schema_length=None)
    return raw.select(
        pl.col("micnum", "eventnum", "ccode1", "ccode2").cast(pl.Int32),
        *days(),
        (pl.col("sidea1") == 1).alias("side_a"),
        known("action"),
        known("hostlev"),
        *(known(f"fatal{end}{n}") for n in (1, 2) for end in ("min", "max")),
    ).sort("micnum", "eventnum", "ccode1", "ccode2")


DATASET = register(
    Dataset(
        name="mie",
        title="Militarized Interstate Events",
        version="1.0",
        repository=_REPOSITORY,
        files=(_FILE,),
        bibtex="""@article{giblermiller2023,
  author = {Gibler, Douglas M. and Miller, Steven V.},
  title = {The Militarized Interstate Events ({MIE}) Dataset, 1816-2014},
  journal = {Conflict Management and Peace Science},
  year = {2023},
}""",
        licence="no licence file; the codebook asks for citation and version number",
        redistribution="restricted",
        years=(1816, 2014),
        states="members of the COW state system in 1,881 confrontations",
        missing_codes="-9 (1,987 first days, 2,164 last days) become null",
        faults=(
            "eventnum orders events at the first and the last of a confrontation only",
            "a clash (action 17) has no direction: the lower code stands first",
            "micnum is the COW dispute number where both have it, 9000 and above are new",
        ),
        official="https://internationalconflict.ua.edu/data-download/",
        checked_against_official=UNCHECKED,
        columns={
            "micnum": "confrontation number (COW dispute number below 9000)",
            "eventnum": "number of the event in the confrontation",
            "ccode1": "COW code of the state that acts (the lower one for a clash)",
            "ccode2": "COW code of its target",
            "start_year": "year of the first day",
            **DAY_MEANINGS,
            "side_a": "true if the actor is on the side that acted first",
            "action": "MID action 1-19; 22 is a battle of a war",
            "hostlev": "2 threat, 3 display, 4 use of force, 5 war",
            "fatalmin1": "least deaths of the actor",
            "fatalmax1": "most deaths of the actor",
            "fatalmin2": "least deaths of the target",
            "fatalmax2": "most deaths of the target",
        },
        reader=read_events,
    )
)
