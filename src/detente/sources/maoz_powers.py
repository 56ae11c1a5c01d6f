"""Global and regional powers (Maoz)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import r_date, read_r

_FILE = PEACESCIENCER.file(
    "data/maoz_powers.rda",
    sha256="600899bd98cf2d056c9fbfca57ec1b6587a5fe22cebe56687e4f2f2536a143fd",
    size=424,
)


def read_powers(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per spell as a power, ``stop`` exclusive."""
    raw = read_r(paths[_FILE.path])
    kinds = [
        raw.drop_nulls(f"{short}stdate").select(
            pl.col("ccode").cast(pl.Int32),
            pl.lit(kind).alias("kind"),
            r_date(f"{short}stdate").alias("start"),
            r_date(f"{short}enddate").dt.offset_by("1d").alias("stop"),
        )
        for short, kind in (("reg", "regional"), ("glob", "global"))
    ]
    return pl.concat(kinds).sort("ccode", "start")


register(
    Dataset(
        name="maoz_powers",
        title="Global and regional powers (Maoz)",
        version="peacesciencer 1.2.9",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex="""@book{maoz2010nn,
  author = {Maoz, Zeev},
  title = {Networks of Nations: The Evolution, Structure, and Impact of International Networks,
    1816-2001},
  publisher = {Cambridge University Press},
  year = {2010},
}""",
        licence="no licence text or redistribution grant seen; the author to be cited",
        redistribution="restricted",
        years=(1816, 2019),
        states="global and regional powers, day dates",
        missing_codes="NA: null here",
        faults=("spells that stop on 2020-01-01 were under way at the end of the record",),
        official="http://svmiller.com/peacesciencer/",
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "kind": "regional or global",
            "start": "first day as a power of this kind",
            "stop": "first day after",
        },
        reader=read_powers,
    )
)
