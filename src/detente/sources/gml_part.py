"""Participants of the Gibler-Miller-Little revision of the dispute data (2.2.1)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.mid_columns import PARTICIPANT_MEANINGS, PARTICIPANT_ORDER, participant
from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import read_r

_FILE = PEACESCIENCER.file(
    "data/gml_part.rda",
    sha256="dd190b9e2f132f3a20cd35f1f7c6b860f62fb4af0d799de5318a50685b98caf7",
    size=35600,
)


_WAR, _FORCE, _DISPLAY, _THREAT = 20, 13, 7, 1


def read_participants(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per dispute, state and episode of taking part."""
    raw = read_r(paths[_FILE.path])
    return raw.select(
        *participant(),
        _hostility().cast(pl.Int32).alias("hostlev"),
        (pl.col("allmiss_leader_start") == 0).alias("leaders_known"),
    ).sort(PARTICIPANT_ORDER)


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
        repository=PEACESCIENCER,
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
        checked_against_official=UNCHECKED,
        columns={
            **PARTICIPANT_MEANINGS,
            "hostlev": "level of the highest action: 1 none, 2 threat, 3 display, 4 force, 5 war",
            "leaders_known": "true if the source names a leader of any side at its start",
        },
        reader=read_participants,
    )
)
