"""States' ideal points from votes in the United Nations General Assembly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import UNCHECKED

FIRST_SESSION_YEAR = 1945
"""The calendar year of session n is taken as 1945 + n: sessions open in September."""

_AUTHORS = Repository(
    "evoeten/United-Nations-General-Assembly-Votes-and-Ideal-Points",
    "a6dce7ec687f73a738593319a57b91333b7a3cab",
    section="un_ideal_points_2020",
)
_RELEASE_2020 = _AUTHORS.file(
    "Output/IdealpointestimatesAll_Apr2020.csv",
    sha256="9757b73a770355f4be8fa306afc15fb552dd9338ac14022436d9f198307596de",
    size=1160621,
)
_COPY = Repository(
    "lucasbuildsapps/Masterthesis",
    "5298218d5b57e5b09223b124b25c03dc37ed646e",
    section="un_ideal_points_2025",
)
_RELEASE_2025 = _COPY.file(
    "IdealpointsJuly2025.dta",
    sha256="fea7fa9414e3643586dbdf95baa1100ceb418e56684d79d801a146cad79443ce",
    size=1331515,
)
_BIBTEX = """@article{baileyetal2017edsp,
  author = {Bailey, Michael A. and Strezhnev, Anton and Voeten, Erik},
  title = {Estimating Dynamic State Preferences from {United Nations} Voting Data},
  journal = {Journal of Conflict Resolution},
  volume = {61},
  number = {2},
  pages = {430--456},
  year = {2017},
}"""
_OFFICIAL = "https://doi.org/10.7910/DVN/LEJUQZ"
_SERIES = {"fp": "final", "all": "every", "legacy": "legacy"}
_MEANING = "final passage votes"


def read_2020(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state and session."""
    return (
        pl.read_csv(paths[_RELEASE_2020.path], encoding="latin1", null_values=["NA"])
        .select(
            pl.col("ccode").cast(pl.Int32),
            (pl.col("session") + FIRST_SESSION_YEAR).cast(pl.Int32).alias("year"),
            pl.col("session").cast(pl.Int32),
            pl.col("IdealPoint").alias("ideal_point"),
            pl.col("Q5%").alias("lower"),
            pl.col("Q95%").alias("upper"),
            pl.col("NVotes").cast(pl.Int32).alias("votes"),
        )
        .sort("ccode", "year")
    )


def read_2025(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state and year."""
    import pandas

    loaded: Any = pandas.read_stata(paths[_RELEASE_2025.path], convert_categoricals=False)
    names = ["ccode", "year", "q5fp", "q95fp", "nvotesfp"]
    names += [f"idealpoint{series}" for series in _SERIES]
    raw = pl.DataFrame({name: loaded[name].to_numpy() for name in names}, nan_to_null=True)
    return raw.select(
        pl.col("ccode", "year").cast(pl.Int32),
        *[
            pl.col(f"idealpoint{series}").cast(pl.Float64).alias(name)
            for series, name in _SERIES.items()
        ],
        pl.col("q5fp").cast(pl.Float64).alias("final_lower"),
        pl.col("q95fp").cast(pl.Float64).alias("final_upper"),
        pl.col("nvotesfp").cast(pl.Int32).alias("final_votes"),
    ).sort("ccode", "year")


register(
    Dataset(
        name="ideal_points",
        title="Ideal points of states from votes in the UN General Assembly, authors' release",
        version="April 2020",
        repository=_AUTHORS,
        files=(_RELEASE_2020,),
        bibtex=_BIBTEX,
        licence="MIT (the author's own repository)",
        redistribution="open",
        years=(1946, 2019),
        states="UN members that voted, state-sessions",
        missing_codes="none; a state-session without votes has no row",
        faults=(
            "session 19 (1964) held no votes",
            "the calendar year is the session's number plus 1945; its last votes fall in the year "
            "after",
            "estimates on a latent scale: not comparable with the release of 2025",
        ),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "year": "calendar year in which the session opened",
            "session": "session of the General Assembly",
            "ideal_point": "posterior mean, latent scale",
            "lower": "5% quantile of the posterior",
            "upper": "95% quantile of the posterior",
            "votes": "votes of the state in the session, number",
        },
        reader=read_2020,
    )
)

register(
    Dataset(
        name="ideal_points_2025",
        title="Ideal points of states from votes in the UN General Assembly, release of 2025",
        version="July 2025",
        repository=_COPY,
        files=(_RELEASE_2025,),
        bibtex=_BIBTEX,
        licence="no licence in the repository, which is not the authors'; authors to be cited",
        redistribution="restricted",
        years=(1946, 2024),
        states="UN members that voted, state-years",
        missing_codes="empty cells: null here",
        faults=(
            "a student's copy of the authors' file",
            "1964 has no votes",
            "three series on scales of their own, none of them that of the release of 2020",
        ),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "final": f"posterior mean from {_MEANING}, latent scale",
            "every": "posterior mean from all votes, latent scale",
            "legacy": "posterior mean from the selection of earlier releases, latent scale",
            "final_lower": "5% quantile of the posterior of final",
            "final_upper": "95% quantile of the posterior of final",
            "final_votes": "final passage votes of the state, number",
        },
        reader=read_2025,
    )
)
