"""Authority of regimes by state and year, with the parts of the score (Polity5)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import UNCHECKED
from detente.sources.rfiles import read_r

_REPOSITORY = Repository(
    "xmarquez/democracyData", "29ea0a242c296aec4ce5d5a57261420c48e527c0", section="democracy"
)
_FILE = _REPOSITORY.file(
    "data/polity5.rda",
    sha256="66bccde97c593ac359bcbc4347be0a1886639ba862e697357a6e35e1bc526221",
    size=105281,
)
_INTERRUPTIONS = {-66: "foreign", -77: "interregnum", -88: "transition"}
_SCORES = {
    "democ": "institutionalised democracy, 0 to 10",
    "autoc": "institutionalised autocracy, 0 to 10",
    "xrcomp": "competitiveness of executive recruitment, 0 (unregulated) to 3",
    "xropen": "openness of executive recruitment, 0 (unregulated) to 4",
    "xconst": "constraints on the chief executive, 1 to 7",
    "parreg": "regulation of participation, 1 to 5",
    "parcomp": "competitiveness of participation, 0 (unregulated) to 5",
}


def read_polity(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state and year, that of the polity in place at the year's end."""
    began = pl.col("byear") == pl.col("year")
    return (
        read_r(paths[_FILE.path])
        .drop_nulls("cown")
        .select(
            pl.col("cown").cast(pl.Int32).alias("ccode"),
            pl.col("year").cast(pl.Int32),
            pl.col("polity_annual_ccode").cast(pl.Int32).alias("polity_code"),
            _score("polity"),
            pl.col("polity2").cast(pl.Int32),
            *[_score(name) for name in _SCORES],
            pl.col("durable").cast(pl.Int32),
            pl.col("polity")
            .cast(pl.Int32)
            .replace_strict(_INTERRUPTIONS, default=None, return_dtype=pl.String)
            .alias("interruption"),
            began.fill_null(value=False).alias("began"),
        )
        .sort("ccode", "year", "began")
        # In a year in which a polity gave way to another both have a row.
        .unique(["ccode", "year"], keep="last", maintain_order=True)
        .drop("began")
    )


def _score(name: str) -> pl.Expr:
    value = pl.col(name).cast(pl.Int32)
    return pl.when(value > max(_INTERRUPTIONS)).then(value).alias(name)


register(
    Dataset(
        name="polity5",
        title="Polity5: regime authority characteristics, state-years",
        version="5 (2020), as in democracyData",
        repository=_REPOSITORY,
        files=(_FILE,),
        bibtex="""@misc{marshallgurr2020,
  author = {Marshall, Monty G. and Gurr, Ted Robert},
  title = {{Polity5}: Political Regime Characteristics and Transitions, 1800-2018},
  howpublished = {Center for Systemic Peace},
  year = {2020},
}""",
        licence="the package that carries it is GPL-3, which cannot speak for the data inside; "
        "authors to be cited",
        redistribution="restricted",
        years=(1776, 2020),
        states="states of 500,000 people or more in 2018, and earlier ones, state-years",
        missing_codes="-66 (foreign interruption), -77 (interregnum) and -88 (transition) become "
        "null, and are said in interruption; polity2 fills the last two as Polity does",
        faults=(
            "Polity numbers some states in its own way (the Soviet Union 364, Pakistan to 1971 "
            "769, Vietnam 818, Ethiopia since 1993 529, and others): given here by the COW codes "
            "of the package, Polity's in polity_code",
            "in seven years a polity and its successor both have a row: the successor's is kept",
            "76 rows of Great Colombia, the Orange Free State and the United Provinces of Central "
            "America have no COW code and are left out",
            "ends in 2018 for all states but the United States",
            "rows stand also for years in which the state was no member of the COW system",
        ),
        official="https://www.systemicpeace.org/polityproject.html",
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "polity_code": "Polity's own country code",
            "polity": "democ less autoc, -10 to 10, null where interrupted",
            "polity2": "the same, with interregna 0 and transitions interpolated",
            **_SCORES,
            "durable": "years since the last change of regime",
            "interruption": "foreign, interregnum or transition, null where there is none",
        },
        reader=read_polity,
    )
)
