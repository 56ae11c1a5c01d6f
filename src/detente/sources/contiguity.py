"""Direct contiguity of states, by land or water, of the Correlates of War (COW) project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import (
    COW_TERMS,
    PEACESCIENCER,
    UNCHECKED,
)
from detente.sources.rfiles import r_date, read_r

_FILE = PEACESCIENCER.file(
    "data/cow_contdir.rda",
    sha256="779062fb96238a7c55dbb3436a0925f67d8f0b5bd8e522731c0c3c55f492dd70",
    size=5990,
)


def read_contiguity(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return the undirected spells of contiguity, whole months, ``stop`` exclusive.

    The month of the end is inside a spell, unless the next spell of the dyad starts in it: then
    the earlier one stops where the next begins, so that a dyad has one type at a time.
    """
    spells = (
        read_r(paths[_FILE.path])
        .filter(pl.col("conttype") > 0, pl.col("ccode1") < pl.col("ccode2"))
        .select(
            pl.col("ccode1", "ccode2").cast(pl.Int32),
            pl.col("conttype").cast(pl.Int32).alias("type"),
            r_date("stdate").dt.truncate("1mo").alias("start"),
            r_date("enddate").dt.truncate("1mo").dt.offset_by("1mo").alias("stop"),
        )
        .sort("ccode1", "ccode2", "start")
    )
    following = pl.col("start").shift(-1).over("ccode1", "ccode2")
    return spells.with_columns(pl.min_horizontal("stop", following).alias("stop"))


def read_contiguity_years(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per undirected pair and year of a spell, those of type 0 included.

    Where several spells touch a year, the one that holds when the year begins, or is the first to
    hold in it, gives the type, and the one that is the last to hold in it the last type; of two
    that hold together, the first and the last of the file. The nearest type leaves type 0 out.
    """
    spells = read_r(paths[_FILE.path]).select(
        pl.col("ccode1", "ccode2", "conttype").cast(pl.Int32),
        r_date("stdate").alias("start"),
        r_date("enddate").alias("end"),
    )
    years = (
        spells.filter(pl.col("ccode1") < pl.col("ccode2"))
        .with_row_index("place")
        .with_columns(
            pl.int_ranges(
                pl.col("start").dt.year(), pl.col("end").dt.year() + 1, dtype=pl.Int32
            ).alias("year")
        )
        .explode("year")
    )
    begins = pl.max_horizontal("start", pl.date("year", 1, 1))
    ends = pl.min_horizontal("end", pl.date("year", 12, 1))
    kind = pl.col("conttype")
    return (
        years.group_by("ccode1", "ccode2", "year")
        .agg(
            kind.sort_by(begins, "place").first().alias("type"),
            kind.sort_by(ends, "place").last().alias("last_type"),
            kind.filter(kind > 0).min().fill_null(0).alias("nearest_type"),
        )
        .sort("ccode1", "ccode2", "year")
    )


SPELLS = register(
    Dataset(
        name="contiguity",
        title="Correlates of War direct contiguity",
        version="3.2",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex="""@article{stinnettetal2002cow,
  author = {Stinnett, Douglas M. and Tir, Jaroslav and Schafer, Philip and Diehl, Paul F. and
    Gochman, Charles S.},
  title = {The {Correlates of War} Project Direct Contiguity Data, Version 3},
  journal = {Conflict Management and Peace Science},
  volume = {19},
  number = {2},
  pages = {58--66},
  year = {2002},
}""",
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1816, 2016),
        states="dyads of the COW state system with at most 400 miles of water between them",
        missing_codes="none",
        faults=(
            "month precision: the days in the file were added by the package that carries it",
            "the package added rows of type 0 (not contiguous) for some dyads: dropped here, so "
            "no row means not contiguous",
            "27 spells begin in the month in which the one before ends: that one stops there",
            "spells that stop on 2017-01-01 were under way at the end of the record",
        ),
        official="https://correlatesofwar.org/",
        checked_against_official=UNCHECKED,
        columns={
            "ccode1": "COW code of the first state, the smaller",
            "ccode2": "COW code of the second state",
            "type": "1 land or river border; by water: 2 up to 12 miles, 3 up to 24, 4 up to 150, "
            "5 up to 400 (an order of names, not a scale)",
            "start": "first day of the first month",
            "stop": "first day after the last month",
        },
        reader=read_contiguity,
    )
)

register(
    Dataset(
        name="contiguity_years",
        title="Correlates of War direct contiguity, by year",
        version=SPELLS.version,
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex=SPELLS.bibtex,
        licence=COW_TERMS,
        redistribution="restricted",
        years=SPELLS.years,
        states=SPELLS.states,
        missing_codes="none",
        faults=(
            "the package that carries the file added spells of type 0 for 90 pairs; those of 19 "
            "run on through spells of contiguity and stand before them: 636 dyad-years of 20 pairs "
            "that are contiguous on 1 January have type 0, among them Yugoslavia and Greece "
            "1914-1993 and Russia and Afghanistan 1920-1991 (nearest_type has them right)",
            "where they are there, the year in which a pair becomes contiguous has type 0, else "
            "the new type",
            "no row means not contiguous, as type 0 does",
        ),
        official=SPELLS.official,
        checked_against_official=UNCHECKED,
        columns={
            "ccode1": "COW code of the first state, the smaller",
            "ccode2": "COW code of the second state",
            "year": "calendar year",
            "type": "0 not contiguous; 1 land or river border; by water: 2 up to 12 miles, 3 up "
            "to 24, 4 up to 150, 5 up to 400",
            "last_type": "as type, of the year's last spell",
            "nearest_type": "as type, the lowest above 0 of a spell in the year",
        },
        reader=read_contiguity_years,
    )
)
