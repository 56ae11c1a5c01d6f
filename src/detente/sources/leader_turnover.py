"""Leaders and their turnover by state and year (Archigos)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import ARCHIGOS_BIBTEX, PEACESCIENCER
from detente.sources.rfiles import read_r

_FILE = PEACESCIENCER.file(
    "data/archigossums.rda",
    sha256="a9c1176199f8f3b393815a60048e36257bfb8c7706c6ff3a4c9a5259b7b26754",
    size=14092,
)


def read_turnover(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per Gleditsch-Ward state and year."""
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.col("gwcode", "year").cast(pl.Int32),
            (pl.col("leadertransition") == 1).alias("transition"),
            (pl.col("irregular") == 1).alias("irregular"),
            pl.col("n_leaders").cast(pl.Int32).alias("leaders"),
            pl.col("jan1obsid").alias("first_obsid"),
            pl.col("dec31obsid").alias("last_obsid"),
        )
        .sort("gwcode", "year")
    )


register(
    Dataset(
        name="leader_turnover",
        title="Leaders and their turnover by state and year (Archigos)",
        version="4.1",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex=ARCHIGOS_BIBTEX,
        licence="no licence text or redistribution grant seen; authors to be cited",
        redistribution="restricted",
        years=(1870, 2015),
        states="Gleditsch-Ward states with a leader in Archigos, state-years",
        missing_codes="none",
        faults=(
            "derived by the package that carries it from Archigos; begins in 1870 although "
            "Archigos holds leaders from 1840",
            "irregular is true in a year of transition if any leader of the year left office "
            "irregularly in whatever year: 206 of the 723 had no irregular exit (so the United "
            "States in 1897 and 1961), and 8 years with one are false: see leaders for the days",
            "transition compares the first and the last leader: 188 years in which a leader left "
            "have none, as nobody followed in the year or the same leader came back",
        ),
        official="http://svmiller.com/peacesciencer/reference/archigossums.html",
        checked_against_official="no: a derived table; only this copy's bytes are checked",
        columns={
            "gwcode": "Gleditsch-Ward country code",
            "year": "calendar year",
            "transition": "true if the first and the last time in office of the year differ",
            "irregular": "true if so and a leader of the year left irregularly, then or later",
            "leaders": "leaders in office in the year, number",
            "first_obsid": "time in office (see leaders) of the year's first leader",
            "last_obsid": "time in office (see leaders) of the year's last leader",
        },
        reader=read_turnover,
    )
)
