"""Trade of states and between states (COW)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import state_years
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.turning import join_turned

_FLOWS = {
    "flow1": ("imports1", "imports of the first from the second"),
    "flow2": ("imports2", "imports of the second from the first"),
    "smoothflow1": ("smooth_imports1", "flow1, smoothed by the source"),
    "smoothflow2": ("smooth_imports2", "flow2, smoothed by the source"),
}
_MILLIONS = "millions of current US dollars"
_of_states = state_years("trade_national", ("imports", "exports"))


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    if context.sides == ("",):
        return _of_states(panel, context)
    table = context.unique("trade", ("ccode1", "ccode2", "year")).lazy()
    flows = table.select(
        *("ccode1", "ccode2", "year"),
        *[pl.col(source).alias(name) for name, (source, _) in _FLOWS.items()],
    )
    return join_turned(panel, context, flows, {"flow1": "flow2", "smoothflow1": "smoothflow2"})


register(
    Feature(
        name="trade",
        title="Trade, national and between the two (COW)",
        columns=(
            Column("imports", "imports", _MILLIONS, "state-only"),
            Column("exports", "exports", _MILLIONS, "state-only"),
            *[Column(name, what, _MILLIONS, "dyad") for name, (_, what) in _FLOWS.items()],
        ),
        datasets=("trade_national", "trade"),
        years=(1870, 2014),
        states="members of the COW state system, and pairs of them",
        missing="nobody reported the flow, or the source has no row for it",
        join=_join,
    )
)
