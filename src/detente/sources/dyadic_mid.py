"""Dyadic Militarized Interstate Disputes 4.02: who opposed whom, and how far it went."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import COW_TERMS, UNCHECKED

_REPOSITORY = Repository(
    "ECE-143-FA-2022/Militarized_interstate_disputes",
    "5866b597d3670846f449046466db1cc7f2ea83a8",
    section="cow_mid_dyadic",
)
_FILE = _REPOSITORY.file(
    "dyadic_mid_4.02.csv",
    sha256="bad6c6f81231f5ae32ec95a2d8bcbb4f5a356c596db9a4fc256c9a9ffdd8dcbf",
    size=1715328,
)


_KEY = ("dispnum", "dyindex", "ccode1", "ccode2")
_RENAME = {
    "disno": "dispnum",
    "statea": "ccode1",
    "stateb": "ccode2",
    "strtyr": "start_year",
    "strtmnth": "start_month",
    "strtday": "start_day",
    "endyear": "end_year",
    "endmnth": "end_month",
    "endday": "end_day",
    "settlmnt": "settlement",
    "rolea": "role1",
    "roleb": "role2",
    "orignata": "orig1",
    "orignatb": "orig2",
    "hihosta": "hihost1",
    "hihostb": "hihost2",
    "highact": "hiact",
    "ongo2014": "ongoing",
}


def read_dyadic(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per dispute, dyad and dyadic episode, the lower country code first.

    The file holds each dispute twice (once per direction) and once a year: the directions
    are mirror images, so one is kept, and the years are collapsed.
    """
    raw = pl.read_csv(paths[_FILE.path], infer_schema_length=None).rename(_RENAME)
    years = raw.filter(
        (pl.col("ccode1") < pl.col("ccode2")) & (pl.col("year") <= pl.col("end_year"))
    ).sort(*_KEY, "year")
    last = pl.col("settlement", "outcome", "end_year", "end_month", "end_day").last()
    table = years.group_by(_KEY, maintain_order=True).agg(
        pl.col("start_year", "start_month", "start_day").first(),
        last,
        pl.col("war", "hihost", "hiact", "hihost1", "hihost2").max(),
        pl.col("year").filter(pl.col("war") == 1).min().alias("war_first_year"),
        pl.col("year").filter(pl.col("war") == 1).max().alias("war_last_year"),
        pl.col("role1", "role2", "orig1", "orig2").first(),
        pl.col("ongoing").max(),
    )
    number = pl.col("dyindex").rank("ordinal").over("dispnum", "ccode1", "ccode2")
    by_time = table.sort("dispnum", "ccode1", "ccode2", "start_year", "start_month", "start_day")
    return by_time.select(
        pl.col("dispnum", "ccode1", "ccode2").cast(pl.Int32),
        number.cast(pl.Int32).alias("part"),
        pl.col("^(start|end)_(year|month|day)$").cast(pl.Int32),
        pl.col("war", "ongoing", "orig1", "orig2").cast(pl.Boolean),
        pl.col("war_first_year", "war_last_year").cast(pl.Int32),
        pl.col("hihost", "hihost1", "hihost2", "hiact", "role1", "role2").cast(pl.Int32),
        _coded("settlement"),
        _coded("outcome"),
    )


def _coded(column: str) -> pl.Expr:
    """0 is what a year before the last holds: no code, so null."""
    return pl.when(pl.col(column) > 0).then(pl.col(column)).cast(pl.Int32).alias(column)


DATASET = register(
    Dataset(
        name="dyadic_mid",
        title="Dyadic Militarized Interstate Disputes",
        version="4.02",
        repository=_REPOSITORY,
        files=(_FILE,),
        bibtex="""@article{maozetal2019,
  author = {Maoz, Zeev and Johnson, Paul L. and Kaplan, Jasper and Ogunkoya, Fiona and
    Shreve, Aaron P.},
  title = {The Dyadic Militarized Interstate Disputes ({MIDs}) Dataset Version 3.0: Logic,
    Characteristics, and Comparisons to Alternative Datasets},
  journal = {Journal of Conflict Resolution},
  volume = {63},
  number = {3},
  pages = {811--835},
  year = {2019},
}""",
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1816, 2014),
        states="all pairs of members of the COW state system that met in a dispute",
        missing_codes="settlement and outcome 0 (years before the last) become null",
        faults=(
            "missing days are imputed with no mark: an unknown first day is written 1, an "
            "unknown last day the end of the month",
            "one row per direction and year: duplicates for anyone who counts disputes",
            "21 disputes end in December 2010 because the record it was made from (MID 4) does; "
            "MID 5 has some of them end earlier and some go on to 2014",
            "dispute 4182 repeats three years after the end of one of its parts, and codes "
            "Israel-Syria twice in 1994-2001",
            "dispute 4182 flags a war of Israel and Lebanon in 2006 whose hostility is 4; "
            "dispute 4339 codes Chad-Rwanda hostility 5 without a war",
        ),
        official="https://correlatesofwar.org/data-sets/mids/",
        checked_against_official=UNCHECKED,
        columns={
            "dispnum": "dispute number of COW MID",
            "ccode1": "COW code, the lower of the dyad",
            "ccode2": "COW code, the higher of the dyad",
            "part": "running number of the dyad's separate parts within the dispute",
            "start_year": "year of the first day",
            "start_month": "month of the first day",
            "start_day": "first day as given: 1 where unknown, without a mark",
            "end_year": "year of the last day",
            "end_month": "month of the last day",
            "end_day": "last day as given: end of the month where unknown, without a mark",
            "war": "true if the two fought a war in any year of this part",
            "ongoing": "true if under way at the end of the record, 2014-12-31",
            "orig1": "true if ccode1 was in the dispute on its first day",
            "orig2": "true if ccode2 was in the dispute on its first day",
            "war_first_year": "first year flagged as war, null without war",
            "war_last_year": "last year flagged as war, null without war",
            "hihost": "highest hostility of the dyad: 2 threat, 3 display, 4 use of force, 5 war",
            "hihost1": "highest hostility of ccode1 (1 none)",
            "hihost2": "highest hostility of ccode2 (1 none)",
            "hiact": "highest action of the dyad (MID codes 1-23)",
            "role1": "1 primary initiator, 2 joins its side, 3 primary target, 4 joins its side",
            "role2": "as role1, for ccode2",
            "settlement": "1 negotiated, 2 imposed, 3 none, 4 unclear",
            "outcome": "MID outcome: 1-2 victory, 3-4 yield, 5 stalemate, 6 compromise, "
            "7 released, 8 unclear",
        },
        reader=read_dyadic,
    )
)
