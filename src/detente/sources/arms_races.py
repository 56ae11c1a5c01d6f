"""Arms races between strategic rivals (Gibler, Rider and Hutchison)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import read_r

_FILE = PEACESCIENCER.file(
    "data/grh_arms_races.rda",
    sha256="48360d7bf065295545b0bdc015d2dec11110a2381bd4e1f342a57a1294224bae",
    size=827,
)


def read_races(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per arms race; both years are inside it."""
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.col("race_id").cast(pl.Int32),
            pl.col("ccode1", "ccode2").cast(pl.Int32),
            pl.col("styear").cast(pl.Int32).alias("start_year"),
            pl.col("endyear").cast(pl.Int32).alias("end_year"),
        )
        .sort("ccode1", "ccode2", "start_year")
    )


register(
    Dataset(
        name="arms_races",
        title="Arms races between rivals",
        version="as in peacesciencer 1.2.9",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex="""@article{gibleretal2005,
  author = {Gibler, Douglas M. and Rider, Toby J. and Hutchison, Marc L.},
  title = {Taking Arms Against a Sea of Troubles: Conventional Arms Races During Periods of
    Rivalry},
  journal = {Journal of Peace Research},
  volume = {42},
  number = {2},
  pages = {131--147},
  year = {2005},
}""",
        licence="no licence text or redistribution grant seen; authors to be cited",
        redistribution="restricted",
        years=(1854, 1984),
        states="dyads of rivals, 71 races",
        missing_codes="none",
        faults=(
            "years only: the first and the last year are inside the race",
            "looked for among rivals only: a dyad that is no rival was not examined",
            "the years examined are not in this copy: the stated coverage is that of the races",
        ),
        official="http://svmiller.com/peacesciencer/",
        checked_against_official=UNCHECKED,
        columns={
            "race_id": "number of the race in the source",
            "ccode1": "COW code of the first state, the smaller",
            "ccode2": "COW code of the second state",
            "start_year": "first calendar year",
            "end_year": "last calendar year, inside the race",
        },
        reader=read_races,
    )
)
