"""Peace years: calendar years without an event, in the panel's own rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from detente.core.errors import InputError, UnknownNameError
from detente.panels.registry import OPEN, Column, Context, Feature, register
from detente.panels.units import Unit


def spell_name(unit: Unit, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the name of the count for an ongoing column: ``gmlmidongoing``, ``gmlmidspell``."""
    del unit
    return (f"{str(options['of']).removesuffix('ongoing')}spell",)


def _peace_years(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    event, since = str(context.options["of"]), context.options["since"]
    if event not in panel.collect_schema().names():
        raise InputError(f"peace_years of {event!r}: add the feature with this column before it")
    if since not in ("peace", "event"):
        raise UnknownNameError("start of peace years (since)", str(since), ("peace", "event"))
    units = [key for key in context.frame.keys if key not in context.unit.moments]
    # Rows are sorted by unit and year, so that the row above is the unit's earlier one.
    changed = pl.any_horizontal(pl.col(key) != pl.col(key).shift(1) for key in units)
    fresh = changed.fill_null(True)
    after = (pl.col(event).shift(1) == 1).fill_null(False)
    begins = pl.col("year") if since == "peace" else pl.col("year").shift(1) + 1
    start = pl.when(fresh).then(pl.col("year")).when(after).then(begins).forward_fill()
    count = pl.when(pl.col(event).is_not_null()).then(pl.col("year") - start)
    return panel.with_columns(count.alias(spell_name(context.unit, context.options)[0]))


register(
    Feature(
        name="peace_years",
        title="Peace years: calendar years since the last event, or since the first row",
        columns=(
            Column(
                "spell",
                "calendar years of peace, 0 in the first; in a year with an event it goes on "
                "counting and starts again after it",
                "years",
                "row",
            ),
        ),
        datasets=(),
        years=(1816, OPEN),
        states="the panel's own rows",
        missing="whether there was an event is not known",
        join=_peace_years,
        options={"of": "gmlmidongoing", "since": "peace"},
        units=("state-year", "dyad-year", "leader-year", "leader-dyad-year"),
        shiftable=False,
        named=spell_name,
    )
)
