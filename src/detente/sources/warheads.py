"""Stockpiles of nuclear warheads by state and year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.core.errors import FormatError
from detente.sources.registry import Dataset, Repository, register

_REPOSITORY = Repository(
    "ahasoplakus/nuclearweapons",
    "123f3aa1ace23cc4edb8c8445908024978e6e8b9",
    section="nuclear_warheads",
)
_FILE = _REPOSITORY.file(
    "stockpiles.csv",
    sha256="5c9b980391187a8ba0a254d1206443f0fb3d6d8e9812fc8ce852d151caa7bd5c",
    size=19346,
)
_WORLD = "OWID_WRL"
_CCODES = {
    "USA": 2,
    "GBR": 200,
    "FRA": 220,
    "RUS": 365,
    "ZAF": 560,
    "ISR": 666,
    "CHN": 710,
    "PRK": 731,
    "IND": 750,
    "PAK": 770,
}


def read_warheads(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state that ever had warheads and year, zeros included."""
    raw = pl.read_csv(paths[_FILE.path]).filter(pl.col("Code") != _WORLD)
    strange = sorted(set(raw["Code"]) - set(_CCODES))
    if strange:
        raise FormatError(f"{paths[_FILE.path]}: no COW code is coded for {', '.join(strange)}")
    return raw.select(
        pl.col("Code").replace_strict(_CCODES, return_dtype=pl.Int32).alias("ccode"),
        pl.col("Year").cast(pl.Int32).alias("year"),
        pl.col("Number of nuclear warheads").cast(pl.Int32).alias("warheads"),
    ).sort("ccode", "year")


register(
    Dataset(
        name="warheads",
        title="Nuclear warhead stockpiles (Federation of American Scientists)",
        version="2023",
        repository=_REPOSITORY,
        files=(_FILE,),
        bibtex="""@misc{kristensenetal2023,
  author = {Kristensen, Hans M. and Korda, Matt and Reynolds, Eliana and Norris, Robert},
  title = {Status of World Nuclear Forces},
  howpublished = {Federation of American Scientists, by way of Our World in Data},
  year = {2023},
}""",
        licence="the repository is Apache-2.0 for its program; the numbers are the Federation of "
        "American Scientists' and Our World in Data's",
        redistribution="restricted",
        years=(1945, 2023),
        states="the ten states that ever had warheads",
        missing_codes="none",
        faults=(
            "estimates, rounded for most states",
            "stockpiles without retired warheads that await dismantling",
            "years before a state had warheads, or was a state, are zeros",
            "the row World is left out",
        ),
        official="https://github.com/ahasoplakus/nuclearweapons",
        checked_against_official="no: neither the Federation's pages nor Our World in Data's could "
        "be reached; the address is that of the copy",
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "warheads": "warheads in the military stockpile",
        },
        reader=read_warheads,
    )
)
