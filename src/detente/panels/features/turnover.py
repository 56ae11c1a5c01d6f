"""Leaders of a state in a year, and their turnover (Archigos)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_states
from detente.panels.registry import Column, Context, Feature, register

_FLAG = "0 or 1"
_FLAGS = {"transition": "leadertransition", "irregular": "irregular"}
_NAMES = {"leaders": "n_leaders", "first_obsid": "jan1obsid", "last_obsid": "dec31obsid"}


_EXITS = {
    "leaderexits": pl.len(),
    "irregularexits": (pl.col("exit") == "Irregular").sum(),
    "foreignexits": (pl.col("exit") == "Foreign").sum(),
}


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    table = context.unique("leader_turnover", ("gwcode", "year")).lazy()
    chosen = table.select(
        *("gwcode", "year"),
        *[pl.col(source).cast(pl.Int32).alias(name) for source, name in _FLAGS.items()],
        *[pl.col(source).alias(name) for source, name in _NAMES.items()],
    )
    counted = _exits(context.table("leaders").lazy())
    both = chosen.join(counted, on=["gwcode", "year"], how="left").with_columns(
        pl.col(name).fill_null(0) for name in _EXITS
    )
    return join_states(panel, context, both, system="gw")


def _exits(leaders: pl.LazyFrame) -> pl.LazyFrame:
    """Count the leaders who left office by state and year of their last day."""
    left = leaders.filter(pl.col("exit") != "Still in Office")
    year = pl.col("stop").dt.offset_by("-1d").dt.year().alias("year")
    return left.group_by("gwcode", year).agg(
        count.cast(pl.Int32).alias(name) for name, count in _EXITS.items()
    )


register(
    Feature(
        name="leader_turnover",
        title="Leaders of the state in the year, and their turnover (Archigos)",
        columns=(
            Column("leadertransition", "1 if the year's first and last leaders differ", _FLAG),
            Column(
                "irregular",
                "1 if so and a leader of the year left irregularly, in it or in a later year: see "
                "irregularexits",
                _FLAG,
            ),
            Column("n_leaders", "leaders in office in the year", "number"),
            Column("jan1obsid", "time in office of the year's first leader"),
            Column("dec31obsid", "time in office of the year's last leader"),
            Column("leaderexits", "leaders who left office in the year", "number"),
            Column("irregularexits", "of them irregularly, by their own country's doing", "number"),
            Column("foreignexits", "of them removed by another state", "number"),
        ),
        datasets=("leader_turnover", "leaders"),
        years=(1870, 2015),
        states="Gleditsch-Ward states with a leader in Archigos",
        missing="Archigos has no leader of the state in the year",
        join=_join,
    )
)
