"""Trade of states, national and by dyad (Correlates of War)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import COW_TERMS, PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import read_r

_NATIONAL = PEACESCIENCER.file(
    "data/cow_trade_sy.rda",
    sha256="41ad9d312b6146aa9eaa70d8f5a16a0164b6e27ee4ebe86a928c2ea4de415142",
    size=126652,
)
_SITE = Repository(
    "svmiller/svmiller.github.io",
    "05300716985a2a0997138ea2b459889db6e675eb",
    section="peacesciencer_extdata",
)
_DYADIC = _SITE.file(
    "R/peacesciencer/cow_trade_ddy.rds",
    sha256="b904e5dad332013c1ee68188c099902e18417ef906e9545043db30212420aeb7",
    size=4148977,
)
_BIBTEX = """@article{barbierietal2009td,
  author = {Barbieri, Katherine and Keshk, Omar M. G. and Pollins, Brian M.},
  title = {Trading Data: Evaluating our Assumptions and Coding Rules},
  journal = {Conflict Management and Peace Science},
  volume = {26},
  number = {5},
  pages = {471--491},
  year = {2009},
}"""
_OFFICIAL = "https://correlatesofwar.org/data-sets/bilateral-trade/"
_FLOWS = {
    "flow1": "imports1",
    "flow2": "imports2",
    "smoothflow1": "smooth_imports1",
    "smoothflow2": "smooth_imports2",
}


def read_national(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state and year."""
    return (
        read_r(paths[_NATIONAL.path])
        .select(
            pl.col("ccode", "year").cast(pl.Int32), pl.col("imports", "exports").cast(pl.Float64)
        )
        .sort("ccode", "year")
    )


def read_dyadic(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per undirected dyad and year."""
    return (
        read_r(paths[_DYADIC.path])
        # The file has every dyad in both directions, mirrored.
        .filter(pl.col("ccode1") < pl.col("ccode2"))
        .select(
            pl.col("ccode1", "ccode2", "year").cast(pl.Int32),
            *[pl.col(source).cast(pl.Float64).alias(name) for source, name in _FLOWS.items()],
        )
        .sort("ccode1", "ccode2", "year")
    )


register(
    Dataset(
        name="trade_national",
        title="Correlates of War national trade",
        version="4.0",
        repository=PEACESCIENCER,
        files=(_NATIONAL,),
        bibtex=_BIBTEX,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1870, 2014),
        states="members of the COW state system, state-years; 1,548 without imports, 821 without "
        "exports",
        missing_codes="NA: null here",
        faults=("current prices: not comparable over years without a deflator",),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "imports": "imports, millions of current US dollars",
            "exports": "exports, millions of current US dollars",
        },
        reader=read_national,
    )
)

register(
    Dataset(
        name="trade",
        title="Correlates of War dyadic trade",
        version="4.0",
        repository=_SITE,
        files=(_DYADIC,),
        bibtex=_BIBTEX,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1870, 2014),
        states="undirected dyads of members of the COW state system, dyad-years",
        missing_codes="NA: null here (a flow nobody reported); 0 is a reported or inferred zero",
        faults=(
            "rounded to thousandths of a million by the copy",
            "current prices: not comparable over years without a deflator",
            "the smoothed flows are the project's own interpolation: never mix them with the raw",
        ),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "ccode1": "COW code of the first state, the smaller",
            "ccode2": "COW code of the second state",
            "year": "calendar year",
            "imports1": "imports of the first from the second, millions of current US dollars",
            "imports2": "imports of the second from the first, millions of current US dollars",
            "smooth_imports1": "the same as imports1, smoothed by the project",
            "smooth_imports2": "the same as imports2, smoothed by the project",
        },
        reader=read_dyadic,
    )
)
