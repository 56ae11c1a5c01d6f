"""Inter-state wars by directed dyad and year: all pairs of opposite sides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.mid_columns import known
from detente.sources.registry import Dataset, dataset, register
from detente.sources.repositories import COW_TERMS, PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import read_r

_FILE = PEACESCIENCER.file(
    "data/cow_war_inter.rda",
    sha256="d727523be3ab6f35653adc62a9b893101c8342e152af084d96f1297bb9a56131",
    size=6333,
)
_SIDED = ("initiator", "outcome", "batdeath")


def read_wars(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per war, directed dyad and year; a resumption in the year is merged in."""
    raw = read_r(paths[_FILE.path])
    table = raw.select(
        pl.col("warnum", "ccode1", "ccode2", "year").cast(pl.Int32),
        (pl.col("cowinteronset") == 1).alias("onset"),
        *[known(f"sidea{i}", f"side{i}") for i in (1, 2)],
        *[known(f"{name}{i}") for name in _SIDED for i in (1, 2)],
        (pl.col("resume") == 1).alias("resumed"),
    )
    keys = ["ccode1", "ccode2", "year", "warnum"]
    order = table.sort(*keys, "resumed")
    return (
        order.group_by(keys, maintain_order=True)
        .agg(pl.col("onset").any(), pl.exclude("onset", "resumed").first(), pl.col("resumed").any())
        .select(table.columns)
        .sort("ccode1", "ccode2", "year", "warnum")
    )


register(
    Dataset(
        name="cow_war_dyads",
        title="Correlates of War inter-state wars, directed dyad-years",
        version="4.0",
        repository=PEACESCIENCER,
        files=(_FILE,),
        bibtex=dataset("cow_interstate_wars").bibtex,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1823, 2003),
        states="pairs of members of the COW state system on opposite sides of a war",
        missing_codes="-9 of battle deaths: null here",
        faults=(
            "every state of one side is paired with every state of the other in the years both "
            "took part: pairs that never fought each other are in it (Dyadic MID says who did)",
            "a war that stopped and was resumed in one year stands twice in the file: one row here",
            "22 rows have no outcome",
        ),
        official="https://correlatesofwar.org/data-sets/cow-war/",
        checked_against_official=UNCHECKED,
        columns={
            "warnum": "COW war number",
            "ccode1": "COW code of one state",
            "ccode2": "COW code of a state of the other side",
            "year": "calendar year",
            "onset": "true in the first year of the pair's war, and where it is resumed",
            "side1": "1 or 2",
            "side2": "1 or 2",
            "initiator1": "1 if ccode1 began the war",
            "initiator2": "as initiator1, for ccode2",
            "outcome1": "1 winner, 2 loser, 3 tie, 4 transformed, 5 ongoing, 6 stalemate, "
            "7 below war level, 8 changed sides",
            "outcome2": "as outcome1, for ccode2",
            "batdeath1": "battle deaths of ccode1 in the whole war",
            "batdeath2": "as batdeath1, for ccode2",
            "resumed": "true if the war was resumed in the year",
        },
        reader=read_wars,
    )
)
