"""Measures of democracy by state and year."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import ISARD, ISARD_TERMS, PEACESCIENCER_BIBTEX, UNCHECKED
from detente.sources.rfiles import read_r

_FILE = ISARD.file(
    "data/cw_democracy.rda",
    sha256="63817db0ed4be6d4faafe6a1c363ffe3862897fb1b28d53298099fef576be45a",
    size=214470,
)


def read_democracy(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state and year."""
    polity = pl.col("polity2")
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.col("ccode", "year").cast(pl.Int32),
            pl.col("euds", "aeuds").cast(pl.Float64),
            # Polity writes -66, -77 and -88 for interruption, interregnum and transition.
            pl.when(polity.abs() <= 10).then(polity.cast(pl.Float64)).alias("polity2"),
            pl.col("v2x_polyarchy").cast(pl.Float64).alias("polyarchy"),
        )
        .sort("ccode", "year")
    )


register(
    Dataset(
        name="democracy",
        title="Democracy by state and year: extended UDS, Polity, V-Dem (isard)",
        version="isard 0.2.0 (V-Dem 16, Polity 5)",
        repository=ISARD,
        files=(_FILE,),
        bibtex="""@unpublished{marquez2016qme,
  author = {Marquez, Xavier},
  title = {A Quick Method for Extending the {Unified Democracy Scores}},
  note = {SSRN},
  year = {2016},
  doi = {10.2139/ssrn.2753830},
}

@article{pemsteinetal2010dc,
  author = {Pemstein, Daniel and Meserve, Stephen A. and Melton, James},
  title = {Democratic Compromise: A Latent Variable Analysis of Ten Measures of Regime Type},
  journal = {Political Analysis},
  volume = {18},
  number = {4},
  pages = {426--449},
  year = {2010},
}

@unpublished{marshalletal2017p,
  author = {Marshall, Monty G. and Gurr, Ted Robert and Jaggers, Keith},
  title = {{Polity IV} Project: Political Regime Characteristics and Transitions, 1800-2016},
  note = {University of Maryland, Center for International Development and Conflict Management},
  year = {2017},
}

@unpublished{coppedgeetal2020vdem,
  author = {Coppedge, Michael and Gerring, John and Knutsen, Carl Henrik and
    Lindberg, Staffan I. and Teorell, Jan and others},
  title = {{V-Dem} Codebook v10},
  note = {Varieties of Democracy ({V-Dem}) Project},
  year = {2020},
}

"""
        + PEACESCIENCER_BIBTEX,
        licence=ISARD_TERMS,
        redistribution="restricted",
        years=(1816, 2025),
        states="members of the COW state system, state-years",
        missing_codes="NA; -66, -77 and -88 of Polity: null here",
        faults=(
            "polity2 lacks states that Polity keeps under numbers of its own, among them the "
            "Soviet Union 1923-1991, Austria-Hungary, Italy to 1860, Pakistan to 1971, Vietnam "
            "from 1977 and Serbia since 1992; it also lacks small states: use euds, missing for "
            "55 state-years (52 of them Austria-Hungary to 1867)",
            "polity2 ends in 2018 for all states but one, which ends in 2020",
            "the references are those that the package gives; it names V-Dem 16, whose own "
            "codebook could not be reached",
            "aeuds is euds shifted so that 0 is the mean cut point of the dichotomous measures",
        ),
        official="http://svmiller.com/isard/",
        checked_against_official=UNCHECKED,
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "euds": "extended Unified Democracy Score, latent scale with mean near 0",
            "aeuds": "the same, with 0 at the mean cut point between autocracy and democracy",
            "polity2": "Polity score, -10 to 10",
            "polyarchy": "V-Dem electoral democracy index, 0 to 1",
        },
        reader=read_democracy,
    )
)
