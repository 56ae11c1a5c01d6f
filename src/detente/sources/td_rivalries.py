"""Strategic rivalries between states, the handbook's list (Thompson and Dreyer)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER
from detente.sources.rfiles import read_r
from detente.sources.rivalries import COLUMNS, TYPES

LAST_YEAR = 2010
"""The last year the book covers: a rivalry that ends in it is censored."""

_FILE = PEACESCIENCER.file(
    "data/td_rivalries.rda",
    sha256="06875a5100a9aaf83a073d6b78078722be7a0ef1c8a851ee31ad36914553c68b",
    size=3798,
)


_PLACE = ("ccode1", "ccode2", "name", "start_year", "end_year")


def read_rivalries(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per rivalry; both years are inside it."""
    about = pl.concat_list("type1", "type2", "type3")
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.min_horizontal("ccode1", "ccode2").cast(pl.Int32).alias("ccode1"),
            pl.max_horizontal("ccode1", "ccode2").cast(pl.Int32).alias("ccode2"),
            pl.col("rivalryname").alias("name"),
            pl.col("styear").cast(pl.Int32).alias("start_year"),
            pl.col("endyear").cast(pl.Int32).alias("end_year"),
            (pl.col("endyear") == LAST_YEAR).alias("censored"),
            "region",
            *[about.list.contains(kind).fill_null(value=False).alias(kind) for kind in TYPES],
        )
        .sort("ccode1", "ccode2", "start_year")
    )


register(
    Dataset(
        name="td_rivalries",
        title="Handbook of International Rivalries 1494-2010",
        version="2012",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex="""@book{thompsondreyer2012hir,
  author = {Thompson, William R. and Dreyer, David R.},
  title = {Handbook of International Rivalries, 1494-2010},
  publisher = {CQ Press},
  address = {Washington, DC},
  year = {2012},
}""",
        licence="typed from the book's tables by the package that carries it; no terms seen",
        redistribution="restricted",
        years=(1494, 2010),
        states="dyads, 197 rivalries",
        missing_codes="none; a rivalry with fewer than three types has the others empty",
        faults=(
            "superseded by the list of 2021 (rivalries), which runs to 2020",
            "years only: the first and the last year are inside the rivalry",
            "rivalries under way carry 2010 as their end (censored)",
        ),
        official="http://svmiller.com/peacesciencer/reference/td_rivalries.html",
        checked_against_official="no: the book was not at hand; only this copy's bytes are checked",
        columns={
            **{name: COLUMNS[name] for name in _PLACE},
            "censored": "true where the rivalry was under way in 2010",
            "region": "region of the rivalry in the source",
            **{name: COLUMNS[name] for name in TYPES},
        },
        reader=read_rivalries,
    )
)
