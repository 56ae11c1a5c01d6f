"""Memberships of intergovernmental organisations, by state-year and by dyad-year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import COW_TERMS, PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import read_r

_STATES = PEACESCIENCER.file(
    "data/cow_igo_sy.rda",
    sha256="0102eb9d48f34791ddb1a17aa0b312df23117ebafb3d707cee03ab64463e3bc7",
    size=13416,
)
_DYADS = PEACESCIENCER.file(
    "data/cow_igo_ndy.rda",
    sha256="e663531dab70d1d46419fdf0d2d29d51b5b314eab055ea1f691d824e4d15af26",
    size=311260,
)
_BIBTEX = """@article{pevehouseetal2020tow,
  author = {Pevehouse, Jon C. W. and Nordstrom, Timothy and McManus, Roseanne W. and
    Jamison, Anne Spencer},
  title = {Tracking Organizations in the World: The {Correlates of War} {IGO} Version 3.0 Datasets},
  journal = {Journal of Peace Research},
  volume = {57},
  number = {3},
  pages = {492--503},
  year = {2020},
}

@article{wallacesinger1970igo,
  author = {Wallace, Michael and Singer, J. David},
  title = {International Governmental Organization in the Global System, 1815-1964},
  journal = {International Organization},
  volume = {24},
  number = {2},
  pages = {239--287},
  year = {1970},
}"""
_OFFICIAL = "https://correlatesofwar.org/data-sets/igos/"
_KINDS = ("full", "associate", "observer", "anytype")


def read_memberships(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state and year."""
    return (
        read_r(paths[_STATES.path])
        .select(
            pl.col("ccode", "year").cast(pl.Int32),
            *[pl.col(f"sum_igo_{kind}").cast(pl.Int32).alias(kind) for kind in _KINDS],
        )
        .sort("ccode", "year")
    )


def read_joint(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per undirected dyad and year."""
    return (
        read_r(paths[_DYADS.path])
        .select(
            pl.col("ccode1", "ccode2", "year").cast(pl.Int32),
            pl.col("dyadigos").cast(pl.Int32).alias("joint"),
        )
        .sort("ccode1", "ccode2", "year")
    )


register(
    Dataset(
        name="igo_memberships",
        title="Correlates of War intergovernmental organisations, memberships by state-year",
        version="3.0",
        repository=PEACESCIENCER,
        files=(_STATES,),
        bibtex=_BIBTEX,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1816, 2014),
        states="members of the COW state system, state-years",
        missing_codes="none: counts as summed by the package that carries them",
        faults=(
            "counts, not lists: which organisations they are is not in this copy",
            "the package that carries it names no rule for membership spells that are missing",
        ),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "full": "full memberships, number",
            "associate": "associate memberships, number",
            "observer": "observer seats, number",
            "anytype": "the three together, number",
        },
        reader=read_memberships,
    )
)

register(
    Dataset(
        name="igo_joint",
        title="Correlates of War intergovernmental organisations, joint memberships by dyad-year",
        version="3.0",
        repository=PEACESCIENCER,
        files=(_DYADS,),
        bibtex=_BIBTEX,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1816, 2014),
        states="undirected dyads of members of the COW state system, dyad-years",
        missing_codes="none: a dyad-year that the table lacks is unknown, not zero",
        faults=("counts of joint full memberships only",),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "ccode1": "COW code of the first state, the smaller",
            "ccode2": "COW code of the second state",
            "year": "calendar year",
            "joint": "organisations of which both are full members, number",
        },
        reader=read_joint,
    )
)
