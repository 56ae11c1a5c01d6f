"""How peaceful or hostile a pair of states was in a year (Peace Data)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import UNCHECKED

_REPOSITORY = Repository(
    "hilangoe/CyberCrises", "21c047a73a403d806dc25a0eaa5b52f7f6dd93e0", section="peace_data"
)
_FILE = _REPOSITORY.file(
    "_data/_raw/peacedatav30dyadyrmean.csv",
    sha256="c2a2d53d0d70bd1e2cce5dd7ad58a553eabe6bc198e2a27ba410d576770b0e22",
    size=1961681,
)
_FIRST_CODE = 1000
_LAST_YEAR = 2020
_MISCODED = {936: 946, 937: 947}
"""Kiribati and Tuvalu."""


def read_scale(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per undirected dyad and year."""
    halves = (pl.col("dyad") // _FIRST_CODE, pl.col("dyad") % _FIRST_CODE)
    codes = [half.cast(pl.Int32).replace(_MISCODED) for half in halves]
    return (
        pl.read_csv(
            paths[_FILE.path],
            has_header=False,
            null_values=["."],
            new_columns=["dyad", "year", "peace"],
        )
        # One dyad is expanded to the year 20202: some 18,000 rows past the record.
        .filter(pl.col("year") <= _LAST_YEAR)
        .select(
            pl.min_horizontal(codes).alias("ccode1"),
            pl.max_horizontal(codes).alias("ccode2"),
            pl.col("year").cast(pl.Int32),
            pl.col("peace").cast(pl.Float64),
        )
        .sort("ccode1", "ccode2", "year")
    )


register(
    Dataset(
        name="peace_scale",
        title="Peace Data: the peace scale, dyad-year mean",
        version="3.0",
        repository=_REPOSITORY,
        files=(_FILE,),
        bibtex="""@article{diehletal2021,
  author = {Diehl, Paul F. and Goertz, Gary and Gallegos, Yahve},
  title = {Peace Data: Concept, Measurement, Patterns, and Research Agenda},
  journal = {Conflict Management and Peace Science},
  volume = {38},
  number = {5},
  year = {2021},
}""",
        licence="no licence in the repository, which is not the authors'; authors to be cited",
        redistribution="restricted",
        years=(1900, 2020),
        states="undirected dyads with a relationship in the authors' sense, dyad-years",
        missing_codes=". becomes null (82 rows)",
        faults=(
            "the file has no header",
            "dyad 520530 is expanded to the year 20202: years after 2020 are left out",
            "Kiribati and Tuvalu carry 936 and 937: given here as 946 and 947",
            "a dyad-year that the file lacks was not coded; it is not peace",
        ),
        official="the authors' own page was not found; the article is cited",
        checked_against_official=UNCHECKED,
        columns={
            "ccode1": "COW code of the first state, the smaller",
            "ccode2": "COW code of the second state",
            "year": "calendar year",
            "peace": "mean of the scale in the year: 0 severe rivalry, 0.25 lesser rivalry, 0.5 "
            "negative peace, 0.75 warm peace, 1 security community",
        },
        reader=read_scale,
    )
)
