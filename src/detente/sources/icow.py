"""Territorial claims between states (ICOW, provisional release)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import UNCHECKED

_REPOSITORY = Repository(
    "dennisflangley/DiCE", "dd9762f4b95be51afcd9358e3c5a1ee57aff9247", section="icow"
)
_FILE = _REPOSITORY.file(
    "Data/Predictors/Dyad%20Features/ICOWprov101.csv",
    sha256="5a020f4b1561a74126a1e3ad43e91cd8e69b8c0bc08a701cae48c5ded1ec46ae",
    size=79126,
)
_YEAR = 100
_MONTHS = 12
_ONGOING = -9
_WORTH = {
    "icowsal": ("salience", "salience of the territory, 0 to 12"),
    "salint": ("intangible_salience", "its intangible part, 0 to 6"),
    "saltan": ("tangible_salience", "its tangible part, 0 to 6"),
    "midsiss": ("disputes", "militarised disputes over the claim, number"),
    "midsfat": ("fatal_disputes", "of them with fatalities, number"),
    "warsiss": ("wars", "of them wars, number"),
}


def read_claims(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per claim of a challenger on a target; both years are inside it."""
    raw = pl.read_csv(paths[_FILE.path], infer_schema_length=None, encoding="utf8-lossy")
    return raw.select(
        pl.col("claimdy").cast(pl.Int32).alias("claim_id"),
        pl.col("name").str.strip_chars(),
        pl.col("chal").cast(pl.Int32).alias("challenger"),
        pl.col("tgt").cast(pl.Int32).alias("target"),
        *[
            expression
            for source, name in (("begclaim", "start"), ("endclaim", "end"))
            for expression in _when(source, name)
        ],
        (pl.col("resolved") == _ONGOING).alias("censored"),
        *[pl.col(source).cast(pl.Int32).alias(name) for source, (name, _) in _WORTH.items()],
    ).sort("claim_id")


def _when(source: str, name: str) -> tuple[pl.Expr, pl.Expr]:
    month = pl.col(source) % _YEAR
    return (
        (pl.col(source) // _YEAR).cast(pl.Int32).alias(f"{name}_year"),
        pl.when(month.is_between(1, _MONTHS)).then(month).cast(pl.Int32).alias(f"{name}_month"),
    )


register(
    Dataset(
        name="icow_claims",
        title="ICOW territorial claims, provisional",
        version="1.01",
        repository=_REPOSITORY,
        files=(_FILE,),
        bibtex="""@article{henseletal2008,
  author = {Hensel, Paul R. and Mitchell, Sara McLaughlin and Sowers, Thomas E. and
    Thyne, Clayton L.},
  title = {Bones of Contention: Comparing Territorial, Maritime, and River Issues},
  journal = {Journal of Conflict Resolution},
  volume = {52},
  number = {1},
  pages = {117--143},
  year = {2008},
}

@article{fredericketal2017,
  author = {Frederick, Bryan A. and Hensel, Paul R. and Macaulay, Christopher},
  title = {The {Issue Correlates of War} Territorial Claims Data, 1816-2001},
  journal = {Journal of Peace Research},
  volume = {54},
  number = {1},
  pages = {99--108},
  year = {2017},
}""",
        licence="no licence in the repository, which is not the project's; authors to be cited",
        redistribution="restricted",
        years=(1816, 2001),
        states="837 claims of a state on another's territory",
        missing_codes="-9 (not resolved) and the months 00 and 99: null, or said in a column",
        faults=(
            "a provisional release, older than the project's current one",
            "months only; five claims begin in an unknown month",
            "claims under way at the end of 2001 are cut off there",
        ),
        official="https://www.paulhensel.org/icowterr.html",
        checked_against_official=UNCHECKED,
        columns={
            "claim_id": "number of the claim of this pair",
            "name": "name of the claim in the source",
            "challenger": "COW code of the state that claims",
            "target": "COW code of the state that holds the territory",
            "start_year": "first calendar year",
            "start_month": "first month, null where unknown",
            "end_year": "last calendar year, inside the claim",
            "end_month": "last month, null where unknown or under way",
            "censored": "true where the claim was under way at the end of 2001",
            **dict(_WORTH.values()),
        },
        reader=read_claims,
    )
)
