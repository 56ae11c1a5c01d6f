"""Membership of the Correlates of War (COW) state system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import (
    COW_STATES_BIBTEX,
    COW_TERMS,
    PEACESCIENCER,
    UNCHECKED,
)
from detente.sources.rfiles import read_r

RECORD_STOP = dt.date(2017, 1, 1)
"""First day after the record: a spell that stops here is censored, not an exit."""

_FILE = PEACESCIENCER.file(
    "data/cow_states.rda",
    sha256="9248b9fc801124d2bb48c58740bb335a1ee4938c4096e4d5e0bd01c22bf1dc09",
    size=4081,
)


def spell_columns() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Return start, exclusive stop and censored from the columns that COW's spells share."""
    stop = pl.date("endyear", "endmonth", "endday").dt.offset_by("1d")
    return (
        pl.date("styear", "stmonth", "stday").alias("start"),
        stop.alias("stop"),
        (stop == RECORD_STOP).alias("censored"),
    )


def read_states(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per spell of membership, ``stop`` exclusive."""
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.col("ccode").cast(pl.Int32),
            "stateabb",
            pl.col("statenme").alias("name"),
            *spell_columns(),
        )
        .sort("ccode", "start")
    )


register(
    Dataset(
        name="cow_states",
        title="Correlates of War state system membership",
        version="2016",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex=COW_STATES_BIBTEX,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1816, 2016),
        states="217 members of the COW state system, 243 spells, day dates",
        missing_codes="none",
        faults=("an end on 2016-12-31 is the end of the record (censored), not an exit",),
        official="https://correlatesofwar.org/data-sets/state-system-membership/",
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "stateabb": "COW abbreviation, three letters",
            "name": "name of the state in the release",
            "start": "first day of membership",
            "stop": "first day after membership",
            "censored": "true where membership was under way at the end of the record",
        },
        reader=read_states,
        reader_version=1,
    )
)
