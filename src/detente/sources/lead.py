"""Leaders' experience before office (LEAD) and latent willingness to use force."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import read_r

_EXPERIENCE = PEACESCIENCER.file(
    "data/LEAD.rda",
    sha256="91c91901b7facce4d681fb79bfd9f850baed6d1aa3981fc5291af0b2889e5cfb",
    size=14388,
)
_FORCE = PEACESCIENCER.file(
    "data/lwuf.rda",
    sha256="a24dda4cc561338238eebd51f737c14def7e7a361c1847637affa740e7b698a8",
    size=165736,
)
_FLAGS = {
    "milservice": ("military_service", "true if the leader served in the military"),
    "combat": ("combat", "true if the leader saw combat"),
    "rebel": ("rebel", "true if the leader was a rebel"),
    "warwin": ("war_win", "true if the leader's side won a war the leader fought in"),
    "warloss": ("war_loss", "true if the leader's side lost a war the leader fought in"),
    "rebelwin": ("rebel_win", "true if the rebellion the leader fought in won"),
    "rebelloss": ("rebel_loss", "true if the rebellion the leader fought in lost"),
    "physhealth": ("physical_illness", "true if the leader had a physical illness"),
    "mentalhealth": ("mental_illness", "true if the leader had a mental illness"),
}
_MODELS = (1, 2, 3, 4)


def read_experience(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per time in office; null where the leader is not in LEAD."""
    return (
        read_r(paths[_EXPERIENCE.path])
        .select(
            "obsid",
            pl.col("leveledu").cast(pl.Int32).alias("education"),
            pl.col("yrsexper").cast(pl.Int32).alias("years_experience"),
            *[(pl.col(source) == 1).alias(name) for source, (name, _) in _FLAGS.items()],
        )
        .sort("obsid")
    )


def read_force(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per time in office; null where no estimate exists."""
    measures = [
        pl.col(f"theta{model}_{part}").cast(pl.Float64).alias(f"theta{model}{suffix}")
        for model in _MODELS
        for part, suffix in (("mean", ""), ("sd", "_sd"))
    ]
    return read_r(paths[_FORCE.path]).select("obsid", *measures).sort("obsid")


register(
    Dataset(
        name="lead",
        title="LEAD: leaders' experience and attributes before office",
        version="as in peacesciencer 1.2.9",
        repository=PEACESCIENCER,
        files=(_EXPERIENCE,),
        bibtex="""@article{ellisetal2015lead,
  author = {Ellis, Cali Mortenson and Horowitz, Michael C. and Stam, Allan C.},
  title = {Introducing the {LEAD} Data Set},
  journal = {International Interactions},
  volume = {41},
  number = {4},
  pages = {718--741},
  year = {2015},
}""",
        licence="no licence text or redistribution grant seen; authors to be cited",
        redistribution="restricted",
        years=(1840, 2015),
        states="leaders of Archigos 4.1, 3,409 times in office; 479 are not in LEAD at all",
        missing_codes="NA: null here",
        faults=(
            "LEAD ends before Archigos: leaders who entered office after 2004 are mostly missing",
            "missing where LEAD could not find out, not only where a leader is absent from it",
            "coded by time in office: what happened between two terms changes the second only",
        ),
        official="http://svmiller.com/peacesciencer/reference/LEAD.html",
        checked_against_official=UNCHECKED,
        columns={
            "obsid": "time in office, as in leaders",
            "education": "0 primary, 1 secondary, 2 university, 3 graduate",
            "years_experience": "years of political experience before office",
            **dict(_FLAGS.values()),
        },
        reader=read_experience,
    )
)

register(
    Dataset(
        name="lwuf",
        title="Leaders' latent willingness to use force",
        version="as in peacesciencer 1.2.9",
        repository=PEACESCIENCER,
        files=(_FORCE,),
        bibtex="""@article{cartersmith2020fml,
  author = {Carter, Jeff and Smith, Charles E.},
  title = {A Framework for Measuring Leaders' Willingness to Use Force},
  journal = {American Political Science Review},
  volume = {114},
  number = {4},
  pages = {1352--1358},
  year = {2020},
}""",
        licence="no licence text or redistribution grant seen; authors to be cited",
        redistribution="restricted",
        years=(1840, 2015),
        states="leaders of Archigos 4.1, 3,409 times in office; 479 have no estimate",
        missing_codes="NA: null here",
        faults=(
            "posterior means of a latent variable: carry the standard deviation",
            "four models (theta1 to theta4) on scales of their own: never mix them",
        ),
        official="http://svmiller.com/peacesciencer/reference/lwuf.html",
        checked_against_official=UNCHECKED,
        columns={
            "obsid": "time in office, as in leaders",
            **{
                f"theta{model}{suffix}": f"posterior {part} of model {model}, latent scale"
                for model in _MODELS
                for suffix, part in (("", "mean"), ("_sd", "standard deviation"))
            },
        },
        reader=read_force,
    )
)
