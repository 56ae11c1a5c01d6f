"""Effective leaders of states and their time in office (Archigos)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import ARCHIGOS_BIBTEX, PEACESCIENCER
from detente.sources.rfiles import r_date, read_r

RECORD_STOP = dt.date(2016, 1, 1)
"""First day after the record."""

_FILE = PEACESCIENCER.file(
    "data/archigos.rda",
    sha256="b58bb675856a11923b3906adf4360b61fe1be4cc30f29fda4c36ee38e69c991b",
    size=48092,
)


def read_leaders(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per time in office, ``stop`` exclusive.

    The day a leader leaves is inside the spell, so that it overlaps the successor's first day
    where both are the same day.
    """
    stop = r_date("enddate").dt.offset_by("1d")
    in_office = pl.col("exit") == "Still in Office"
    return (
        read_r(paths[_FILE.path])
        .select(
            "obsid",
            "leader",
            pl.col("gwcode").cast(pl.Int32),
            "gender",
            pl.col("yrborn").cast(pl.Int32).alias("birth_year"),
            "entry",
            "exit",
            r_date("startdate").alias("start"),
            stop.alias("stop"),
            (in_office & (stop == RECORD_STOP)).alias("censored"),
        )
        .sort("gwcode", "start", "obsid")
    )


register(
    Dataset(
        name="leaders",
        title="Archigos: effective leaders, by day",
        version="4.1",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex=ARCHIGOS_BIBTEX,
        licence="no licence text or redistribution grant seen; authors to be cited",
        redistribution="restricted",
        years=(1840, 2015),
        states="leaders of Gleditsch-Ward states, 3,409 times in office",
        missing_codes="NA (19 years of birth): null here",
        faults=(
            "states carry Gleditsch-Ward codes, not COW's: join by gw_cow",
            "ends on 2015-12-31; 168 rows say still in office, three of them with an earlier end: "
            "only those that run to the last day are censored here",
            "a leader's last day is often the successor's first",
            "the package that carries it spelt 14 names without accents",
        ),
        official="http://svmiller.com/peacesciencer/reference/archigos.html",
        checked_against_official="no: the authors' page could not be reached; the address is that "
        "of the copy's documentation",
        columns={
            "obsid": "identifier of the time in office",
            "leader": "name of the leader",
            "gwcode": "Gleditsch-Ward country code",
            "gender": "M or F",
            "birth_year": "year of birth, null for 19",
            "entry": "Regular, Irregular, Foreign Imposition or Unknown: how office was reached",
            "exit": "how the leader left it, as the source says; Still in Office at its end",
            "start": "first day in office",
            "stop": "first day after the last day in office",
            "censored": "true where in office at the end of the record",
        },
        reader=read_leaders,
    )
)
