"""Strategic rivalries: the list of 2021 (Thompson, Sakuwa and Suhas) and the handbook's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from detente.panels.joins import join_pairs, join_states
from detente.panels.registry import Column, Context, Feature, Join, register
from detente.panels.rivals import rivalry_years
from detente.sources.rivalries import TYPES


def _joined(
    dataset: str,
    ongoing: str,
    kinds: Mapping[str, str],
    counts: Mapping[str, pl.Expr],
    years: tuple[int, int],
    *,
    number: str | None = None,
) -> Join:
    """Return the join of a list of rivalries.

    Parameters
    ----------
    ongoing, kinds, number
        Names of a pair's columns: whether rivals, by kind of rivalry, the rivalry's number.
    counts
        What is counted of a state's rivalries, by column.
    """

    def join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        kept = TYPES if number is None else (*TYPES, "number")
        spread = rivalry_years(context.table(dataset).lazy(), kept)
        if context.sides == ("1", "2"):
            pairs = spread.group_by("ccode1", "ccode2", "year").agg(
                pl.lit(1, pl.Int32).alias(ongoing),
                *(pl.col(kind).any().cast(pl.Int32).alias(name) for kind, name in kinds.items()),
                *([] if number is None else [pl.col("number").min().alias(number)]),
            )
            absent = dict.fromkeys((ongoing, *kinds.values()), 0)
            return join_pairs(
                panel, context, pairs, source="undirected", absent=absent, years=years
            )
        sides = [
            spread.select(pl.col(code).alias("ccode"), "year", *TYPES)
            for code in ("ccode1", "ccode2")
        ]
        counted = (
            pl.concat(sides)
            .group_by("ccode", "year")
            .agg(count.cast(pl.Int32).alias(name) for name, count in counts.items())
        )
        return join_states(panel, context, counted, absent=dict.fromkeys(counts, 0), years=years)

    return join


_FLAG = "0 or 1"
# Rivalries go back to 1494; panels begin with 1816.
_YEARS, _HANDBOOK_YEARS = (1816, 2020), (1816, 2010)
_KINDS = MappingProxyType({kind: f"rivalry_{kind}" for kind in TYPES})
_HANDBOOK_KINDS = MappingProxyType({kind: f"td{kind}" for kind in TYPES})

register(
    Feature(
        name="rivalries",
        title="Strategic rivalries: ongoing, and what they are about",
        columns=(
            Column("ongoingrivalry", "1 if rivals in the year, else 0", level="dyad"),
            *(
                Column(name, f"1 if the rivalry is {kind}, else 0", level="dyad")
                for kind, name in _KINDS.items()
            ),
            Column("rivalry_number", "number of the rivalry, null where there is none", "", "dyad"),
            *(Column(f"n_{kind}", f"{kind} rivalries", "number", "state-only") for kind in TYPES),
        ),
        datasets=("rivalries",),
        years=_YEARS,
        states="members of the COW state system; codes are the source's, see the dataset, but for "
        "Austria from 1919",
        missing="a state of the row has no COW code in the year",
        join=_joined(
            "rivalries",
            "ongoingrivalry",
            _KINDS,
            {f"n_{kind}": pl.col(kind).sum() for kind in TYPES},
            _YEARS,
            number="rivalry_number",
        ),
    )
)
register(
    Feature(
        name="td_rivalries",
        title="Strategic rivalries of the handbook (Thompson and Dreyer)",
        columns=(
            Column("tdrivalry", "1 if the two are rivals in the year", _FLAG, "dyad"),
            *(
                Column(name, f"1 if the rivalry is {kind}", _FLAG, "dyad")
                for kind, name in _HANDBOOK_KINDS.items()
            ),
            Column("n_tdrivalries", "rivalries of the state in the year", "number", "state-only"),
        ),
        datasets=("td_rivalries",),
        years=_HANDBOOK_YEARS,
        states="pairs of states, and states; codes are the source's, but for Austria from 1919",
        missing="a state of the row has no COW code in the year",
        join=_joined(
            "td_rivalries",
            "tdrivalry",
            _HANDBOOK_KINDS,
            {"n_tdrivalries": pl.len()},
            _HANDBOOK_YEARS,
        ),
    )
)
