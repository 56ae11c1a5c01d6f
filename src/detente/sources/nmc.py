"""National Material Capabilities of the Correlates of War (COW) project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import (
    COW_TERMS,
    PEACESCIENCER,
)
from detente.sources.rfiles import read_r

_FILE = PEACESCIENCER.file(
    "data/cow_nmc.rda",
    sha256="c265ab4ffa73c87ddc565ce08a12963e8a6aa5020a56e3658108add14b24e82d",
    size=347751,
)
_MEASURES = ("milex", "milper", "irst", "pec", "tpop", "upop", "cinc")


def read_capabilities(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state and year."""
    measures = pl.col(_MEASURES).cast(pl.Float64)
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.col("ccode", "year").cast(pl.Int32),
            # COW writes -9 for missing; this copy holds NA, the guard costs nothing.
            pl.when(measures >= 0).then(measures),
        )
        .sort("ccode", "year")
    )


register(
    Dataset(
        name="nmc",
        title="Correlates of War National Material Capabilities",
        version="7.0",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex="""@incollection{singeretal1972cdu,
  author = {Singer, J. David and Bremer, Stuart A. and Stuckey, John},
  title = {Capability Distribution, Uncertainty, and Major Power War, 1820-1965},
  booktitle = {Peace, War, and Numbers},
  editor = {Russett, Bruce},
  publisher = {Sage Publications},
  address = {Beverly Hills, CA},
  pages = {19--48},
  year = {1972},
}

@article{singer1987rcwd,
  author = {Singer, J. David},
  title = {Reconstructing the {Correlates of War} Dataset on Material Capabilities of States,
    1816-1985},
  journal = {International Interactions},
  volume = {14},
  number = {1},
  pages = {115--132},
  year = {1987},
}""",
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1816, 2022),
        states="members of the COW state system, state-years",
        missing_codes="-9 in the release, NA in this copy: null here",
        faults=(
            "milex changes its unit: thousands of pounds sterling to 1913, of US dollars from "
            "1914, at current prices",
            "cinc is a share of the system's total, so one state's value moves with the others'; "
            "the shares of some years sum to more than 1 (up to 1.07)",
            "the copy's own table of versions still says 6",
        ),
        official="https://correlatesofwar.org/wp-content/uploads/NMCv7.zip",
        checked_against_official="no: the archive of version 7 could not be reached; only this "
        "copy's bytes are checked",
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "milex": "military expenditure, thousands, current: pounds to 1913, US dollars after",
            "milper": "military personnel, thousands",
            "irst": "iron and steel production, thousands of tons",
            "pec": "primary energy consumption, thousands of coal-ton equivalents",
            "tpop": "total population, thousands",
            "upop": "urban population (cities of 100,000 and more), thousands",
            "cinc": "composite index of national capability, share of the system, 0 to 1",
        },
        reader=read_capabilities,
    )
)
