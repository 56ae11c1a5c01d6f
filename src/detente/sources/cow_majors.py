"""Major powers of the Correlates of War (COW) state system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.cow_states import spell_columns
from detente.sources.registry import Dataset, register
from detente.sources.repositories import (
    COW_STATES_BIBTEX,
    COW_TERMS,
    PEACESCIENCER,
    UNCHECKED,
)
from detente.sources.rfiles import read_r

_FILE = PEACESCIENCER.file(
    "data/cow_majors.rda",
    sha256="673cb752c2d1af045ea8e2c602b45bc037b84dda9537bfb060142ff255c7f2b6",
    size=394,
)


def read_majors(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per spell as a major power, ``stop`` exclusive."""
    return (
        read_r(paths[_FILE.path])
        .select(pl.col("ccode").cast(pl.Int32), *spell_columns())
        .sort("ccode", "start")
    )


register(
    Dataset(
        name="cow_majors",
        title="Correlates of War major powers",
        version="2016",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex=COW_STATES_BIBTEX,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1816, 2016),
        states="nine major powers, 14 spells, day dates",
        missing_codes="none",
        faults=(
            "an end on 2016-12-31 is the end of the record (censored), not an exit",
            "France, Germany, Japan and Russia have two or three spells; Germany and Japan are "
            "major powers again from 1991-12-11",
        ),
        official="https://correlatesofwar.org/data-sets/state-system-membership/",
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "start": "first day as a major power",
            "stop": "first day after",
            "censored": "true where the spell was under way at the end of the record",
        },
        reader=read_majors,
    )
)
