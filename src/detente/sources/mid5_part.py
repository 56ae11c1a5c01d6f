"""Participants of Militarized Interstate Disputes 5.0 (MIDB)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, RemoteFile, register

_COMMIT = "a676e1c3c7419309660040bcb3ba5ec0a4c6fd13"
_FILE = RemoteFile(
    path="cow_mid5/MIDB_5.0.csv",
    url=f"https://raw.githubusercontent.com/tbrown122387/r_and_python_book/{_COMMIT}/data/MIDB%205.0.csv",
    sha256="5189071e3b8aa32e1338f3df43fe574f4a0f2a06b2f481a3213c9e8f01211722",
    size=336982,
)


def read_participants(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per dispute, state and episode of taking part."""
    raw = pl.read_csv(paths[_FILE.path], infer_schema_length=None)
    return raw.select(
        pl.col("dispnum", "ccode").cast(pl.Int32),
        pl.when(pl.col("sidea") == 1).then(pl.lit("A")).otherwise(pl.lit("B")).alias("side"),
        _known("styear", "start_year"),
        _known("stmon", "start_month"),
        _known("stday", "start_day"),
        _known("endyear", "end_year"),
        _known("endmon", "end_month"),
        _known("endday", "end_day"),
        (pl.col("orig") == 1).alias("orig"),
        _known("hostlev", "hostlev"),
        _known("fatality", "fatality"),
    ).sort("dispnum", "ccode", "start_year", "start_month", "start_day")


def _known(column: str, name: str) -> pl.Expr:
    return pl.when(pl.col(column) >= 0).then(pl.col(column)).cast(pl.Int32).alias(name)


DATASET = register(
    Dataset(
        name="mid5_part",
        title="Militarized Interstate Disputes, participants (MIDB)",
        version="5.0",
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
        licence="Correlates of War: free to download, the version and article of record to be "
        "cited; no licence text or redistribution grant seen",
        redistribution="restricted",
        years=(1816, 2014),
        states="all members of the COW state system that took part in a dispute",
        missing_codes="-9 (596 first days, 552 last days, 599 fatality levels) become null",
        faults=(
            "23 states enter the same dispute more than once: one row per episode",
            "sides do not say who opposed whom: in large disputes many pairs never met",
        ),
        official="https://correlatesofwar.org/data-sets/mids/",
        checked_against_official="no: the official file could not be reached",
        columns={
            "dispnum": "dispute number",
            "ccode": "COW country code",
            "side": "A, the side that acted first, or B",
            "start_year": "year of the first day of this episode of taking part",
            "start_month": "month of the first day",
            "start_day": "first day, null if unknown",
            "end_year": "year of the last day",
            "end_month": "month of the last day",
            "end_day": "last day, null if unknown",
            "orig": "true if in the dispute on its first day",
            "hostlev": "highest hostility: 1 none, 2 threat, 3 display, 4 use of force, 5 war",
            "fatality": "level of deaths, 0 (none) to 6 (more than 999)",
        },
        reader=read_participants,
        repository="https://github.com/tbrown122387/r_and_python_book",
        commit=_COMMIT,
    )
)
