"""Membership of the Gleditsch-Ward state system, with microstates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import GW_BIBTEX, ISARD, ISARD_TERMS, UNCHECKED
from detente.sources.rfiles import r_date, read_r

LAST_DAY = dt.date(2020, 12, 31)
"""The last day the list covers: a spell that ends on it is censored."""

_FILE = ISARD.file(
    "data/gw_system.rda",
    sha256="53c434467bd592fc62b33522d26eec9401478aed30376b49fb0abedcb74d86ce",
    size=4434,
)


def read_states(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per spell of membership, ``stop`` exclusive."""
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.col("gwcode").cast(pl.Int32),
            pl.col("gw_abb").alias("abb"),
            pl.col("gw_name").alias("name"),
            (pl.col("microstate") == 1).alias("microstate"),
            r_date("start"),
            r_date("end").dt.offset_by("1d").alias("stop"),
            (r_date("end") == LAST_DAY).alias("censored"),
        )
        .sort("gwcode", "start")
    )


register(
    Dataset(
        name="gw_states",
        title="Gleditsch-Ward state system membership, with microstates (isard)",
        version="isard 0.2.0",
        repository=ISARD,
        files=(_FILE,),
        bibtex=GW_BIBTEX,
        licence=ISARD_TERMS,
        redistribution="restricted",
        years=(1816, 2020),
        states="Gleditsch-Ward states and microstates, 239 spells",
        missing_codes="none",
        faults=(
            "spells that run to 2020-12-31 are cut off by the list, not ended",
            "1816-01-01 is the start of the list, not of the states that were there",
            "microstates (Gleditsch's tentative list) are members here: leave them out by "
            "microstate where a study wants the list of 1999",
        ),
        official="http://svmiller.com/isard/reference/gw_system.html",
        checked_against_official=UNCHECKED,
        columns={
            "gwcode": "Gleditsch-Ward country code",
            "abb": "abbreviation of the state",
            "name": "name of the state",
            "microstate": "true for a microstate (population under 250,000)",
            "start": "first day of membership",
            "stop": "first day after the last day of membership",
            "censored": "true where membership runs to the end of the list",
        },
        reader=read_states,
    )
)
