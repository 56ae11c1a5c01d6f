"""Estimates of domestic product and population by state and year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import ISARD, ISARD_TERMS, UNCHECKED
from detente.sources.rfiles import read_r

_FILE = ISARD.file(
    "data/cw_gdppop.rda",
    sha256="205017f75f9d65b1b01c48d594a018e6ef7de285891dfea15b2dfb95a5174b97",
    size=679708,
)
_MEASURES = ("mrgdppc", "sd_mrgdppc", "pwtrgdp", "sd_pwtrgdp", "pwtpop", "sd_pwtpop")


def read_product(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state and year."""
    return (
        read_r(paths[_FILE.path])
        .select(pl.col("ccode", "year").cast(pl.Int32), pl.col(_MEASURES).cast(pl.Float64))
        .sort("ccode", "year")
    )


register(
    Dataset(
        name="gdp",
        title="GDP, GDP per head and population, latent estimates (isard)",
        version="isard 0.2.0 (Fariss et al. 2022)",
        repository=ISARD,
        files=(_FILE,),
        bibtex="""@article{farissetal2022,
  author = {Fariss, Christopher J. and Anders, Therese and Markowitz, Jonathan N. and
    Barnum, Miriam},
  title = {New Estimates of Over 500 Years of Historic {GDP} and Population Data},
  journal = {Journal of Conflict Resolution},
  volume = {66},
  number = {3},
  pages = {553--591},
  year = {2022},
  doi = {10.1177/00220027211054432},
}""",
        licence=ISARD_TERMS,
        redistribution="restricted",
        years=(1816, 2019),
        states="members of the COW state system, state-years; 43 have no estimate",
        missing_codes="NA: null here",
        faults=(
            "simulated estimates of a latent variable model: carry the standard deviation",
            "made for Gleditsch-Ward states: Serbia 1916-1917, Morocco 1905-1912, Egypt "
            "1856-1882, Saudi Arabia 1927-1931 and Laos 1953 have none; Germany, Yemen and "
            "Yugoslavia rest on a mapping of codes",
        ),
        official="http://svmiller.com/isard/reference/cw_gdppop.html",
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "mrgdppc": "real GDP per head, Maddison's scale, international dollars a person",
            "sd_mrgdppc": "standard deviation of mrgdppc",
            "pwtrgdp": "real GDP, Penn World Table's scale, millions of international dollars",
            "sd_pwtrgdp": "standard deviation of pwtrgdp",
            "pwtpop": "population, Penn World Table's scale, millions",
            "sd_pwtpop": "standard deviation of pwtpop",
        },
        reader=read_product,
    )
)
