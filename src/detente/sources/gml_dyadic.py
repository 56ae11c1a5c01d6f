"""Dyadic years of the Gibler-Miller-Little revision of the dispute data: opposite sides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.gml_part import DATASET as PARTICIPANTS
from detente.sources.mid_columns import known
from detente.sources.registry import Dataset, register
from detente.sources.repositories import PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import read_r

_FILE = PEACESCIENCER.file(
    "data/gml_dirdisp.rda",
    sha256="862dd4c70ffe5b400ef9db9e136e35798f561c2aae9f00e212d1baf3b18bae4a",
    size=70064,
)
_SIDED = ("fatality", "fatalpre", "hiact", "hostlev")
_WHOLE = ("fatality", "fatalpre", "hiact", "hostlev", "mindur", "maxdur", "outcome", "settle")
_LAST_MONTH = 12


def read_dyadic(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per dispute, directed dyad and year."""
    raw = read_r(paths[_FILE.path])
    return raw.select(
        pl.col("dispnum", "ccode1", "ccode2", "year").cast(pl.Int32),
        (pl.col("midonset") == 1).alias("onset"),
        *[(pl.col(f"sidea{i}") == 1).alias(f"side_a{i}") for i in (1, 2)],
        *[(pl.col(f"orig{i}") == 1).alias(f"orig{i}") for i in (1, 2)],
        *[known(f"{name}{i}") for name in _SIDED for i in (1, 2)],
        *[known(name) for name in _WHOLE],
        (pl.col("recip") == 1).alias("reciprocated"),
        *[_month(f"{end}mon", f"{to}_month") for end, to in (("st", "start"), ("end", "end"))],
    ).sort("ccode1", "ccode2", "year", "dispnum")


def _month(column: str, name: str) -> pl.Expr:
    month = pl.col(column)
    return pl.when(month.is_between(1, _LAST_MONTH)).then(month).cast(pl.Int32).alias(name)


DATASET = register(
    Dataset(
        name="gml_dyadic",
        title="Gibler-Miller-Little Militarized Interstate Disputes, directed dyad-years",
        version="2.2.1",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex=PARTICIPANTS.bibtex,
        licence=PARTICIPANTS.licence,
        redistribution="restricted",
        years=(1816, 2010),
        states="pairs of members of the COW state system on opposite sides of a dispute",
        missing_codes="-9 (fatalities, outcome, settlement), months after December: null",
        faults=(
            "every state of one side is paired with every state of the other in the years in which "
            "both took part: pairs that never met in the dispute are in it (Dyadic MID says who "
            "met in COW's disputes; for this revision no source does)",
            "both directions are in the file, mirror images of each other",
            "the documentation of the copy says 2.1.1, its column of versions 2.2.1",
            "some months are 13 or more: null here",
            "measures without 1 or 2 are the whole dispute's, not the pair's",
            "the columns on revisionism are not read: the copy calls them not informative",
        ),
        official=PARTICIPANTS.official,
        checked_against_official=UNCHECKED,
        columns={
            "dispnum": "dispute number",
            "ccode1": "COW code of one state",
            "ccode2": "COW code of a state of the other side",
            "year": "calendar year with a day of the dispute",
            "onset": "true in the first year of the pair's dispute",
            "side_a1": "true if ccode1 is on side A, which acted first",
            "side_a2": "as side_a1, for ccode2",
            "orig1": "true if ccode1 was in the dispute on its first day",
            "orig2": "as orig1, for ccode2",
            "fatality1": "level of ccode1's deaths, 0 (none) to 6 (more than 999)",
            "fatality2": "as fatality1, for ccode2",
            "fatalpre1": "deaths of ccode1, number",
            "fatalpre2": "as fatalpre1, for ccode2",
            "hiact1": "highest action of ccode1, MID code",
            "hiact2": "as hiact1, for ccode2",
            "hostlev1": "highest hostility of ccode1: 1 none, 2 threat, 3 display, 4 force, 5 war",
            "hostlev2": "as hostlev1, for ccode2",
            "fatality": "level of the dispute's deaths, 0 to 6",
            "fatalpre": "deaths of the dispute, number",
            "hiact": "highest action of the dispute, MID code",
            "hostlev": "highest hostility of the dispute",
            "mindur": "shortest possible length of the dispute, days",
            "maxdur": "longest possible length of the dispute, days",
            "outcome": "MID outcome: 1-2 victory, 3-4 yield, 5 stalemate, 6 compromise, "
            "7 released, 8 unclear, 9 joins a war",
            "settle": "1 negotiated, 2 imposed, 3 none, 4 unclear",
            "reciprocated": "true if side B acted too",
            "start_month": "month of the dispute's first day",
            "end_month": "month of the dispute's last day",
        },
        reader=read_dyadic,
    )
)
