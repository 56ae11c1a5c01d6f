"""Gleditsch-Ward and Correlates of War (COW) country codes, by year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import (
    GW_BIBTEX,
    ISARD,
    ISARD_TERMS,
    PEACESCIENCER_BIBTEX,
    UNCHECKED,
)
from detente.sources.rfiles import read_r

_FILE = ISARD.file(
    "data/gw_cw_panel.rda",
    sha256="6f12e11d4137fe9255b50dee9d2e42542f576aed077adb393f53d0f272557540",
    size=15673,
)


def read_codes(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per Gleditsch-Ward state and year; ``ccode`` is null where COW has none."""
    return (
        read_r(paths[_FILE.path])
        .filter(pl.col("gwcode").is_not_null())
        .select(pl.col("gwcode", "ccode", "year").cast(pl.Int32))
        .sort("gwcode", "year")
    )


register(
    Dataset(
        name="gw_cow",
        title="Gleditsch-Ward to Correlates of War codes, by year (isard)",
        version="isard 0.2.0",
        repository=ISARD,
        files=(_FILE,),
        bibtex=GW_BIBTEX + "\n\n" + PEACESCIENCER_BIBTEX,
        licence=ISARD_TERMS,
        redistribution="restricted",
        years=(1816, 2025),
        states="Gleditsch-Ward states with microstates, state-years",
        missing_codes="NA: null here",
        faults=(
            "codes differ for Germany from 1991 (260 and 255), Yemen from 1990 (678 and 679), "
            "Serbia (340 and 345), Kiribati, Nauru, Tonga and Tuvalu",
            "Germany in 1990 is joined to 260, although COW's 255 begins on 3 October of that year",
            "both 340 and 345 are joined to COW's 345 in 2006",
            "rows without a Gleditsch-Ward code (141) are left out",
        ),
        official="http://svmiller.com/isard/",
        checked_against_official=UNCHECKED,
        columns={
            "gwcode": "Gleditsch-Ward country code",
            "ccode": "COW country code, null where COW has no member",
            "year": "calendar year",
        },
        reader=read_codes,
    )
)
