"""Capitals with coordinates, and the shortest distance between states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER, PEACESCIENCER_BIBTEX, UNCHECKED
from detente.sources.rfiles import r_date, read_r

LAST_DAY = dt.date(2024, 12, 31)
"""The last day the table of capitals covers."""

_CAPITALS = PEACESCIENCER.file(
    "data/cow_capitals.rda",
    sha256="8659cd333a0cade601fd66f8de7e610962904c9562db5d07eaf4ccec862a6a0d",
    size=8604,
)
_DISTANCE = PEACESCIENCER.file(
    "data/cow_mindist.rda",
    sha256="9fa13d911c454d463044bf13a711c64b90a6131246e2d239dcdf4d01f2f263b4",
    size=227864,
)


def read_capitals(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per capital of a state, ``stop`` exclusive."""
    return (
        read_r(paths[_CAPITALS.path])
        .select(
            pl.col("ccode").cast(pl.Int32),
            "capital",
            r_date("stdate").alias("start"),
            r_date("enddate").dt.offset_by("1d").alias("stop"),
            (r_date("enddate") == LAST_DAY).alias("censored"),
            pl.col("lat").cast(pl.Float64).alias("latitude"),
            pl.col("lng").cast(pl.Float64).alias("longitude"),
        )
        .sort("ccode", "start")
    )


def read_distance(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per undirected dyad and year."""
    return (
        read_r(paths[_DISTANCE.path])
        .select(
            pl.col("ccode1", "ccode2", "year").cast(pl.Int32),
            pl.col("mindist").cast(pl.Float64).alias("kilometres"),
        )
        .sort("ccode1", "ccode2", "year")
    )


register(
    Dataset(
        name="capitals",
        title="Capitals of states, with coordinates",
        version="as in peacesciencer 1.2.9",
        repository=PEACESCIENCER,
        files=(_CAPITALS,),
        bibtex=PEACESCIENCER_BIBTEX,
        licence="made by the package that carries it (GPL-2); no terms of its own seen",
        redistribution="restricted",
        years=(1816, 2024),
        states="every state of the COW state system, 242 capitals",
        missing_codes="none",
        faults=(
            "first days are generous: a city can stand before its state was a member, and Berlin "
            "runs through the years in which Germany (255) was none",
            "Brasilia stands at 10.33 S, 53.20 W, the middle of Brazil, hundreds of kilometres "
            "from the city",
            "Lisbon gives way to Rio de Janeiro to 1821, where Portugal's court was",
        ),
        official="http://svmiller.com/peacesciencer/",
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "capital": "name of the capital",
            "start": "first day as the capital",
            "stop": "first day after the last day as the capital",
            "censored": "true where the city was the capital at the end of the table",
            "latitude": "degrees north",
            "longitude": "degrees east",
        },
        reader=read_capitals,
    )
)

register(
    Dataset(
        name="minimum_distance",
        title="Minimum distance between states by dyad-year (CShapes 2.0)",
        version="CShapes 2.0, as in peacesciencer 1.2.9",
        repository=PEACESCIENCER,
        files=(_DISTANCE,),
        bibtex=r"""@article{schvitz2022mis,
  author = {Schvitz, Guy and R{\"u}egger, Seraina and Girardin, Luc and Cederman, Lars-Erik and
    Weidmann, Nils and Gleditsch, Kristian Skrede},
  title = {Mapping the International System, 1886-2017: The {CShapes} 2.0 Dataset},
  journal = {Journal of Conflict Resolution},
  volume = {66},
  number = {1},
  pages = {144--161},
  year = {2022},
  doi = {10.1177/00220027211013563},
}

@article{weidmanngleditsch2010mmcs,
  author = {Weidmann, Nils B. and Gleditsch, Kristian Skrede},
  title = {Mapping and Measuring Country Shapes: The cshapes Package},
  journal = {The R Journal},
  volume = {2},
  number = {1},
  pages = {18--24},
  year = {2010},
}""",
        licence="no licence text or redistribution grant seen; authors to be cited",
        redistribution="restricted",
        years=(1886, 2019),
        states="undirected dyads of states with a shape, dyad-years",
        missing_codes="none: a dyad-year without a shape has no row",
        faults=(
            "nothing before 1886: a distance there is unknown, not zero",
            "shapes of 1 January, so that a state has none in its first year unless it was there "
            "on that day",
        ),
        official="https://icr.ethz.ch/data/cshapes/",
        checked_against_official=UNCHECKED,
        columns={
            "ccode1": "COW code of the first state, the smaller",
            "ccode2": "COW code of the second state",
            "year": "calendar year",
            "kilometres": "shortest distance between the two shapes, kilometres; 0 if they touch",
        },
        reader=read_distance,
    )
)
