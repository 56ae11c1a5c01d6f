"""Armed conflicts and their onsets (Uppsala Conflict Data Program)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import r_date, read_r

_CONFLICTS = PEACESCIENCER.file(
    "data/ucdp_acd.rda",
    sha256="e040581fa00a27a21544c5cc8d012fb841d64f2bb99d1a483c6ae68c465e6bdc",
    size=13684,
)
_ONSETS = PEACESCIENCER.file(
    "data/ucdp_onsets.rda",
    sha256="90d86e1e1c68e0217cf89c5c9ece3d311deb1512f34c93925f2c4ca7f2a70908",
    size=3317,
)
_BIBTEX = r"""@article{gleditschetal2002ac,
  author = {Gleditsch, Nils Petter and Wallensteen, Peter and Eriksson, Mikael and
    Sollenberg, Margareta and Strand, H{\aa}vard},
  title = {Armed Conflict 1946-2001: A New Dataset},
  journal = {Journal of Peace Research},
  volume = {39},
  number = {5},
  pages = {615--637},
  year = {2002},
}

@article{pettersson2019ov,
  author = {Pettersson, Ther{\'e}se and H{\"o}gbladh, Stina and {\"O}berg, Magnus},
  title = {Organized Violence, 1989-2018 and Peace Agreements},
  journal = {Journal of Peace Research},
  volume = {56},
  number = {4},
  pages = {589--603},
  year = {2019},
  doi = {10.1177/0022343319856046},
}"""
_LICENCE = (
    "no licence in the repository; the program's current downloads are said to be CC BY 4.0, not "
    "checked"
)
_OFFICIAL = "https://ucdp.uu.se/downloads/"
_TYPES = {"II": "internationalised"}
_GAPS = (1, 2, 3, 5, 10)


def read_conflicts(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per conflict, year and combination of the states on its two sides."""
    order = ("conflict_id", "year", "gwcode_a", "gwcode_a_2nd", "gwcode_b", "gwcode_b_2nd")
    return (
        read_r(paths[_CONFLICTS.path])
        .select(
            pl.col("conflict_id", "year").cast(pl.Int32),
            *[
                pl.col(f"gwno_{side}").cast(pl.Int32).alias(f"gwcode_{side}")
                for side in ("a", "a_2nd", "b", "b_2nd")
            ],
            pl.col("type_of_conflict").replace(_TYPES).alias("type"),
            pl.col("incompatibility"),
            pl.col("intensity_level").cast(pl.Int32).alias("intensity"),
            r_date("start_date").alias("start"),
            pl.col("start_prec").cast(pl.Int32).alias("start_precision"),
            r_date("start_date2").alias("episode_start"),
            pl.col("start_prec2").cast(pl.Int32).alias("episode_start_precision"),
            (pl.col("ep_end") == 1).alias("episode_ends"),
            r_date("ep_end_date").alias("episode_end"),
        )
        .sort(order)
    )


def read_onsets(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per Gleditsch-Ward state and year."""
    return (
        read_r(paths[_ONSETS.path])
        .select(
            pl.col("gwcode", "year").cast(pl.Int32),
            pl.col("sumnewconf").cast(pl.Int32).alias("new"),
            *[pl.col(f"sumonset{gap}").cast(pl.Int32).alias(f"onsets_{gap}") for gap in _GAPS],
        )
        .sort("gwcode", "year")
    )


register(
    Dataset(
        name="ucdp_conflicts",
        title="UCDP/PRIO armed conflicts, conflict-years",
        version="25.1",
        repository=PEACESCIENCER,
        files=(_CONFLICTS,),
        bibtex=_BIBTEX,
        licence=_LICENCE,
        redistribution="restricted",
        years=(1946, 2024),
        states="conflict-years with at least 25 battle deaths; Gleditsch-Ward codes",
        missing_codes="NA: null here (no second state, or a side that is no state)",
        faults=(
            "the lists of states on each side are crossed: a conflict-year with two supporters "
            "stands in two rows; count conflicts by conflict_id",
            "the side of a rebel group has no code: gwcode_b is null",
            "dates come with a precision code: 1 the day is known, larger is coarser",
            "an episode's end is given only in its last year",
            "Hyderabad (751, 1947 and 1948) is no Gleditsch-Ward state",
            "the articles are those that the package names; the release has one of its own",
        ),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "conflict_id": "UCDP conflict",
            "year": "calendar year",
            "gwcode_a": "Gleditsch-Ward code of a state of side A, the government's",
            "gwcode_a_2nd": "code of a state that supports side A with troops",
            "gwcode_b": "code of a state of side B, null where it is a rebel group",
            "gwcode_b_2nd": "code of a state that supports side B with troops",
            "type": "extrasystemic, interstate, intrastate or internationalised (intrastate)",
            "incompatibility": "territory, government or both",
            "intensity": "1 from 25 to 999 battle deaths in the year, 2 from 1,000",
            "start": "day of the conflict's first battle death",
            "start_precision": "1 (day known) to 7",
            "episode_start": "day the episode passed 25 deaths in a year",
            "episode_start_precision": "1 (day known) to 7",
            "episode_ends": "true in the last year of an episode",
            "episode_end": "day of the episode's end, in its last year",
        },
        reader=read_conflicts,
    )
)

register(
    Dataset(
        name="ucdp_onsets",
        title="UCDP onsets of intrastate armed conflict by state and year",
        version="19.1",
        repository=PEACESCIENCER,
        files=(_ONSETS,),
        bibtex=_BIBTEX,
        licence=_LICENCE,
        redistribution="restricted",
        years=(1946, 2017),
        states="Gleditsch-Ward states, state-years",
        missing_codes="none",
        faults=("older than ucdp_conflicts: onsets of the two differ",),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "gwcode": "Gleditsch-Ward country code",
            "year": "calendar year",
            "new": "conflicts that began for the first time, number",
            **{
                f"onsets_{gap}": f"onsets after at least {gap} year{'s' * (gap > 1)} without the "
                "conflict (or new), number"
                for gap in _GAPS
            },
        },
        reader=read_onsets,
    )
)
