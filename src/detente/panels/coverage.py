"""What a panel covers, column by column, and why a value is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from detente.core.errors import UnknownNameError
from detente.panels.steps import Add, Lag
from detente.panels.units import Frame

if TYPE_CHECKING:
    from detente.panels.panel import Panel

_SUBSET_DATASETS = {
    "relevant": ("contiguity", "cow_majors"),
    "contiguous": ("contiguity",),
    "majors": ("cow_majors",),
    "rivals": ("rivalries",),
}


def subset_datasets(frame: Frame) -> tuple[str, ...]:
    """Return the datasets that a frame's subset of pairs is made of."""
    return _SUBSET_DATASETS.get(frame.dyads, ()) if isinstance(frame.dyads, str) else ()


def coverage(panel: Panel, table: pl.DataFrame) -> pl.DataFrame:
    """Return a row per column added: feature, years, states, share missing, what missing means.

    ``first`` and ``last`` are the years the feature covers, ``first_seen`` and ``last_seen`` those
    of the panel that hold a value, ``missing`` the share of the panel's rows that are null.
    """
    found: list[dict[str, object]] = []
    for step in panel.steps:
        for name in step.names(panel.frame):
            origin, lag = _origin(step)
            feature = None if origin is None else origin.feature
            bounds = None if feature is None or feature.span == "any" else feature.years
            seen = table.filter(pl.col(name).is_not_null()).select(_year(panel.frame))
            found.append(
                {
                    "column": name,
                    "feature": None if feature is None else feature.name,
                    "first": None if bounds is None else bounds[0] + lag,
                    "last": None if bounds is None else bounds[1] + lag,
                    "first_seen": seen["year"].min(),
                    "last_seen": seen["year"].max(),
                    "missing": table[name].null_count() / max(table.height, 1),
                    "states": None if feature is None else feature.states,
                    "missing_means": None if feature is None else feature.missing,
                }
            )
    return pl.DataFrame(found, schema=_SCHEMA)


def reasons(panel: Panel, table: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return the keys, the column and why it is null in a row (null where it is not).

    Raises
    ------
    UnknownNameError
        If the panel has no such column, or it is a key.
    """
    steps = [step for step in panel.steps if column in step.names(panel.frame)]
    if not steps:
        raise UnknownNameError(
            "column", column, [n for step in panel.steps for n in step.names(panel.frame)]
        )
    origin, lag = _origin(steps[0])
    reason = pl.lit("no earlier row in the panel")
    if origin is not None:
        first, last = (year + lag for year in origin.feature.years)
        inside = pl.col("__year").is_between(first, last)
        names = ", ".join(origin.datasets(panel.frame))
        reason = (
            pl.when(inside)
            .then(pl.lit(origin.feature.missing))
            .otherwise(
                pl.lit(f"outside the years of {names or origin.feature.name}: {first}-{last}")
            )
        )
    return (
        table.with_columns(_year(panel.frame).alias("__year"))
        .with_columns(pl.when(pl.col(column).is_null()).then(reason).alias("reason"))
        .select(*panel.frame.keys, column, "reason")
    )


_SCHEMA = {
    "column": pl.String,
    "feature": pl.String,
    "first": pl.Int32,
    "last": pl.Int32,
    "first_seen": pl.Int32,
    "last_seen": pl.Int32,
    "missing": pl.Float64,
    "states": pl.String,
    "missing_means": pl.String,
}


def _origin(step: object) -> tuple[Add | None, int]:
    if isinstance(step, Add):
        return step, 0
    if isinstance(step, Lag):
        return step.source, step.years
    return None, 0


def _year(frame: Frame) -> pl.Expr:
    return pl.col("date").dt.year().alias("year") if frame.unit.period == "day" else pl.col("year")
