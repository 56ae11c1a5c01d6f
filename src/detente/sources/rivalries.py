"""Strategic rivalries between states."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER
from detente.sources.rfiles import read_r

LAST_YEAR = 2020
"""The last year the book covers: a rivalry that ends in it is censored."""

_FILE = PEACESCIENCER.file(
    "data/tss_rivalries.rda",
    sha256="7d4aabe829ed3f3d32cc16cb1cf4c4fa11588e6823a2c19d73678e29c6879f6f",
    size=3604,
)
TYPES = ("ideological", "interventionary", "positional", "spatial")
"""What a rivalry is about; one can be about several of them."""

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "ccode1": "COW code of the first state, the smaller",
        "ccode2": "COW code of the second state",
        "name": "name of the rivalry in the source",
        "start_year": "first calendar year",
        "end_year": "last calendar year, inside the rivalry",
        "censored": "true where the rivalry was under way in 2020",
        "ideological": "true if about ideology",
        "interventionary": "true if about intervention in the other's affairs",
        "positional": "true if about rank and influence",
        "spatial": "true if about territory",
        "principal": "true if a principal rivalry",
        "asymmetric_principal": "true if an asymmetric principal rivalry",
        "number": "number of the rivalry in the copy",
    }
)
"""Meaning of the columns, most of which the older list shares."""


def read_rivalries(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per rivalry; both years are inside it."""
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.col("ccode1", "ccode2").cast(pl.Int32),
            pl.col("rivalry").alias("name"),
            pl.col("start").cast(pl.Int32).alias("start_year"),
            pl.col("end").cast(pl.Int32).alias("end_year"),
            (pl.col("end") == LAST_YEAR).alias("censored"),
            # The tables tick what applies: an empty cell is a no.
            *[(pl.col(kind) == 1).fill_null(value=False) for kind in (*TYPES, "principal")],
            (pl.col("aprin") == 1).fill_null(value=False).alias("asymmetric_principal"),
            pl.col("tssr_id").cast(pl.Int32).alias("number"),
        )
        .sort("ccode1", "ccode2", "start_year")
    )


register(
    Dataset(
        name="rivalries",
        title="Strategic rivalries 1494-2020",
        version="2021",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex="""@book{thompsonetal2021,
  author = {Thompson, William R. and Sakuwa, Kentaro and Suhas, Prashant Hosur},
  title = {Analyzing Strategic Rivalries in World Politics: Types of Rivalry, Regional Variation,
    and Escalation/De-escalation},
  publisher = {Springer},
  year = {2021},
  isbn = {9789811666711},
}""",
        licence="typed from the book's tables by the package that carries it; no terms seen",
        redistribution="restricted",
        years=(1494, 2020),
        states="dyads, 264 rivalries; Venice (324) is no member of the COW state system",
        missing_codes="none",
        faults=(
            "years only: the first and the last year are inside the rivalry",
            "rivalries under way carry 2020 as their end (censored)",
            "a P that the book puts after first years of 1494 and 1816, for rivalries older than "
            "that, is not in the copy",
            "three years that the copy takes for misprints of the book are corrected in it: "
            "Italy and Turkey to 1943, Mauritania and Morocco from 1960, Bulgaria and Yugoslavia "
            "to 1955",
            "India and Pakistan alone are both a principal and an asymmetric principal rivalry",
            "codes are the source's, also where the COW state of that code was no member: Austria "
            "and Prussia 1740-1870 stand as 255 and 305 (Austria-Hungary is 300), Austria-Hungary "
            "and Yugoslavia run to 1920, France and Germany (255) to 1955, and North and South "
            "Yemen stand as 679; 52 rivalries hold such years, which match no dyad of members",
        ),
        official="http://svmiller.com/peacesciencer/",
        checked_against_official="no: the book was not at hand; only this copy's bytes are checked",
        columns=COLUMNS,
        reader=read_rivalries,
    )
)
