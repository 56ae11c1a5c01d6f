"""Alliance obligations by dyad and year (ATOP)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, register
from detente.sources.repositories import (
    PEACESCIENCER,
    UNCHECKED,
)
from detente.sources.rfiles import read_r

_FILE = PEACESCIENCER.file(
    "data/atop_alliance.rda",
    sha256="1449ca0369aed33ccf3ac66e959d1d7429c981a3840981facc84fcb2c2bc0441",
    size=32646,
)
_OBLIGATIONS = {
    "atop_defense": "defense",
    "atop_offense": "offense",
    "atop_neutral": "neutrality",
    "atop_nonagg": "nonaggression",
    "atop_consul": "consultation",
}


def read_alliances(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per undirected dyad and year; an obligation of either state counts."""
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.min_horizontal("ccode1", "ccode2").cast(pl.Int32).alias("ccode1"),
            pl.max_horizontal("ccode1", "ccode2").cast(pl.Int32).alias("ccode2"),
            pl.col("year").cast(pl.Int32),
            *[(pl.col(source) == 1).alias(name) for source, name in _OBLIGATIONS.items()],
        )
        .group_by("ccode1", "ccode2", "year")
        .agg(pl.col(name).any() for name in _OBLIGATIONS.values())
        .sort("ccode1", "ccode2", "year")
    )


def read_directed(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per directed dyad and year: what ``ccode1`` owes ``ccode2``."""
    return (
        read_r(paths[_FILE.path])
        .select(
            pl.col("ccode1", "ccode2", "year").cast(pl.Int32),
            *[(pl.col(source) == 1).alias(name) for source, name in _OBLIGATIONS.items()],
        )
        .sort("ccode1", "ccode2", "year")
    )


UNDIRECTED = register(
    Dataset(
        name="atop",
        title="Alliance Treaty Obligations and Provisions, dyad-years",
        version="5.1",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex="""@article{leedsetal2002atop,
  author = {Leeds, Brett Ashley and Ritter, Jeffrey M. and Mitchell, Sara McLaughlin and
    Long, Andrew G.},
  title = {Alliance Treaty Obligations and Provisions, 1815-1944},
  journal = {International Interactions},
  volume = {28},
  pages = {237--260},
  year = {2002},
}""",
        licence="ATOP asks for citation; no licence text or redistribution grant seen",
        redistribution="restricted",
        years=(1815, 2018),
        states="dyads with a treaty in the year; no row means no obligation from 1815 to 2018",
        missing_codes="none",
        faults=(
            "obligations by calendar year: no treaty, no day; a pact signed or ended within the "
            "year counts for the whole of it",
            "a treaty counts from its signature: Poland's defence pact with the members of the "
            "North Atlantic Treaty begins in 1997, two years before accession",
            "obligations are directed in the source; 650 dyad-years have one that only one state "
            "owes",
            "85 dyad-years carry a treaty without any of the five obligations",
        ),
        official="http://atopdata.org",
        checked_against_official=UNCHECKED,
        columns={
            "ccode1": "COW code of the first state, the smaller",
            "ccode2": "COW code of the second state",
            "year": "calendar year",
            "defense": "one owes the other help if attacked",
            "offense": "one owes the other help in a conflict it starts",
            "neutrality": "one owes the other neutrality",
            "nonaggression": "one promised not to attack the other",
            "consultation": "one owes the other consultation in a crisis",
        },
        reader=read_alliances,
    )
)

register(
    Dataset(
        name="atop_directed",
        title="Alliance Treaty Obligations and Provisions, directed dyad-years",
        version=UNDIRECTED.version,
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex=UNDIRECTED.bibtex,
        licence=UNDIRECTED.licence,
        redistribution="restricted",
        years=UNDIRECTED.years,
        states=UNDIRECTED.states,
        missing_codes="none",
        faults=UNDIRECTED.faults,
        official=UNDIRECTED.official,
        checked_against_official=UNCHECKED,
        columns={
            "ccode1": "COW code of the state that owes",
            "ccode2": "COW code of the state it owes to",
            "year": "calendar year",
            "defense": "ccode1 owes ccode2 help if attacked",
            "offense": "ccode1 owes ccode2 help in a conflict it starts",
            "neutrality": "ccode1 owes ccode2 neutrality",
            "nonaggression": "ccode1 promised not to attack ccode2",
            "consultation": "ccode1 owes ccode2 consultation in a crisis",
        },
        reader=read_directed,
    )
)
