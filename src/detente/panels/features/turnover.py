"""Leaders of a state in a year, and their turnover (Archigos)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_states
from detente.panels.registry import Column, Context, Feature, register

_FLAG = "0 or 1"
_FLAGS = {"transition": "leadertransition", "irregular": "irregular"}
_NAMES = {"leaders": "n_leaders", "first_obsid": "jan1obsid", "last_obsid": "dec31obsid"}


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    table = context.unique("leader_turnover", ("gwcode", "year")).lazy()
    chosen = table.select(
        *("gwcode", "year"),
        *[pl.col(source).cast(pl.Int32).alias(name) for source, name in _FLAGS.items()],
        *[pl.col(source).alias(name) for source, name in _NAMES.items()],
    )
    return join_states(panel, context, chosen, system="gw")


register(
    Feature(
        name="leader_turnover",
        title="Leaders of the state in the year, and their turnover (Archigos)",
        columns=(
            Column("leadertransition", "1 if a leader left office in the year", _FLAG),
            Column("irregular", "1 if a leader left office irregularly in the year", _FLAG),
            Column("n_leaders", "leaders in office in the year", "number"),
            Column("jan1obsid", "time in office of the year's first leader"),
            Column("dec31obsid", "time in office of the year's last leader"),
        ),
        datasets=("leader_turnover",),
        years=(1870, 2015),
        states="Gleditsch-Ward states with a leader in Archigos",
        missing="Archigos has no leader of the state in the year",
        join=_join,
    )
)
