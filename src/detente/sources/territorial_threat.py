"""Latent external territorial threat by state and year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import read_r

_FILE = PEACESCIENCER.file(
    "data/terrthreat.rda",
    sha256="67394b4056144f377dc9aba832a6e0aacc46b6ec9e338f78635f793ddf00770d",
    size=836076,
)
_PARTS = {"sd": "sd", "lwr": "lower", "upr": "upper"}


def read_threat(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state and year."""
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.col("ccode", "year").cast(pl.Int32),
            pl.col("lterrthreat").cast(pl.Float64).alias("threat"),
            *[pl.col(a).cast(pl.Float64).alias(f"threat_{b}") for a, b in _PARTS.items()],
            pl.col("m_lterrthreat").cast(pl.Float64).alias("nearness"),
            *[pl.col(f"m_{a}").cast(pl.Float64).alias(f"nearness_{b}") for a, b in _PARTS.items()],
        )
        .sort("ccode", "year")
    )


register(
    Dataset(
        name="territorial_threat",
        title="Latent external territorial threat",
        version="as in peacesciencer 1.2.9",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex="""@article{miller2022threat,
  author = {Miller, Steven V.},
  title = {A Random Item Response Model of External Territorial Threat, 1816-2010},
  journal = {Journal of Global Security Studies},
  volume = {7},
  number = {4},
  pages = {ogac012},
  year = {2022},
}""",
        licence="made by the package's author; no terms seen",
        redistribution="restricted",
        years=(1816, 2010),
        states="members of the COW state system, state-years",
        missing_codes="NA (nearness before 1885 and where no distance is known): null here",
        faults=(
            "simulated estimates of a latent variable model: carry the standard deviation",
            "threat and nearness have scales of their own: never mix them",
        ),
        official="http://svmiller.com/peacesciencer/",
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "threat": "latent threat, dyads weighted by the distance of capitals (the author's "
            "standard)",
            "threat_sd": "standard deviation of threat",
            "threat_lower": "lower bound of threat, 90% interval",
            "threat_upper": "upper bound of threat, 90% interval",
            "nearness": "latent threat, dyads weighted by their minimum distance",
            "nearness_sd": "standard deviation of nearness",
            "nearness_lower": "lower bound of nearness, 90% interval",
            "nearness_upper": "upper bound of nearness, 90% interval",
        },
        reader=read_threat,
    )
)
