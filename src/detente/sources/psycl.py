"""Leaders' operational codes and traits, read from their speeches by year (PsyCL)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import UNCHECKED

_REPOSITORY = Repository(
    "JELambert/Psych_Agg", "6a328c348f8031021b84393bc2b00a408b43fdda", section="psycl"
)
_OPCODE = _REPOSITORY.file(
    "data/csv/year_opcode.csv",
    sha256="310572f403043c7d241b0c1c91736ff354f36edaf5bfbd6521ba7e12c385977c",
    size=125395,
)
_TRAITS = _REPOSITORY.file(
    "data/csv/year_lta.csv",
    sha256="cc913452c131d9f5dea8c174701790672c7ce7321a56110b64a955e25819bed0",
    size=70533,
)
MEASURES = {
    "p1": "nature of the political universe, -1 hostile to 1 friendly",
    "p2": "prospects for one's values, -1 pessimist to 1 optimist",
    "p3": "predictability of the future, 0 to 1",
    "p4": "control over history, 0 to 1",
    "p5": "role of chance, 0 to 1",
    "i1": "direction of strategy, -1 conflict to 1 cooperation",
    "i2": "intensity of tactics, -1 to 1",
    "i3": "risk orientation, 0 averse to 1 acceptant",
    "distrust": "distrust of others, 0 to 1",
    "task": "task orientation, 0 to 1",
    "bace": "belief that one can control events, 0 to 1",
    "igb": "in-group bias, 0 to 1",
    "sc": "self-confidence, 0 to 1",
    "cc": "conceptual complexity, 0 to 1",
    "power": "need for power, 0 to 1",
}


def read_traits(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per leader and year."""
    keys = ["lastname", "firstname", "Ccode", "year"]
    codes = pl.read_csv(paths[_OPCODE.path], infer_schema_length=None)
    traits = pl.read_csv(paths[_TRAITS.path], infer_schema_length=None)
    both = codes.join(traits.drop("name", "Word Count"), on=keys, how="full", coalesce=True)
    return both.select(
        pl.col("Ccode").cast(pl.Int32).alias("ccode"),
        pl.col("lastname", "firstname").str.strip_chars(),
        pl.col("year").cast(pl.Int32),
        pl.col("Word Count").cast(pl.Int32).alias("words"),
        *[pl.col(name).cast(pl.Float64) for name in MEASURES],
    ).sort("ccode", "lastname", "firstname", "year")


register(
    Dataset(
        name="psycl",
        title="Psychological Characteristics of Leaders, leader-years",
        version=_REPOSITORY.commit[:7],
        repository=_REPOSITORY,
        files=(_OPCODE, _TRAITS),
        bibtex="""@article{schaferlambert2022,
  author = {Schafer, Mark and Lambert, Joshua E.},
  title = {Psychological Characteristics of Leaders ({PsyCL}): A New Data Set},
  journal = {Foreign Policy Analysis},
  volume = {18},
  number = {2},
  pages = {orac008},
  year = {2022},
  doi = {10.1093/fpa/orac008},
}""",
        licence="MIT",
        redistribution="open",
        years=(1797, 2017),
        states="113 leaders of 27 states with 4,000 words or more in the year; two thirds of the "
        "leader-years are American or British",
        missing_codes="none; a leader-year with fewer words has no row",
        faults=(
            "coded by a machine from public speech: what a leader says, in English",
            "years before and after office are in it, named as the leader, not as the office",
        ),
        official="https://psycldataset.com/",
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "lastname": "leader's last name",
            "firstname": "leader's first name",
            "year": "calendar year",
            "words": "words coded in the year, number",
            **MEASURES,
        },
        reader=read_traits,
    )
)
