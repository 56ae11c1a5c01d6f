"""Intervals at risk of one transition each, in counting-process form."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from detente.core.errors import DataError


@dataclass(frozen=True, slots=True)
class Intervals:
    """A table with one row for each unit, stretch of time and transition at risk (long form).

    Parameters
    ----------
    table
        Columns ``id`` (unit), ``transition`` (name), ``start`` and ``stop`` (any one unit of
        time, ``start < stop``), ``event`` (1 if this transition happened at ``stop``), and
        covariates, constant over the row. Optional: ``from`` and ``to`` (states; the transition
        is ``from->to`` where no such column is given), ``entry`` (when the state was entered;
        else the start of the unbroken run of rows), ``weight`` (positive) and ``offset``.

    Raises
    ------
    DataError
        Names the first row that breaks a rule.
    """

    table: pl.DataFrame

    def __post_init__(self) -> None:
        """Complete and validate the table."""
        object.__setattr__(self, "table", _validated(_completed(self.table)))

    def of(self, transition: str) -> pl.DataFrame:
        """Rows at risk of one transition."""
        return self.table.filter(pl.col("transition") == transition)

    def events(self) -> pl.DataFrame:
        """Count intervals, events and exposure by transition."""
        return (
            self.table.group_by("transition", maintain_order=True)
            .agg(
                pl.len().alias("intervals"),
                pl.col("event").sum().alias("events"),
                (pl.col("stop") - pl.col("start")).sum().alias("exposure"),
            )
            .sort("transition")
        )


def _completed(table: pl.DataFrame) -> pl.DataFrame:
    if "transition" not in table.columns and {"from", "to"} <= set(table.columns):
        name = pl.concat_str(pl.col("from"), pl.lit("->"), pl.col("to"))
        table = table.with_columns(name.alias("transition"))
    missing = {"id", "transition", "start", "stop", "event"} - set(table.columns)
    if missing:
        raise DataError(f"the intervals table lacks the columns {sorted(missing)}")
    table = table.with_columns(
        pl.col("start", "stop").cast(pl.Float64),
        pl.col("event").cast(pl.Int8),
        pl.col("transition").cast(pl.String),
    )
    if "entry" not in table.columns:
        table = _with_entry(table)
    return table


def _with_entry(table: pl.DataFrame) -> pl.DataFrame:
    """Take the start of the unbroken run of rows as the entry into the state."""
    unit = ["id", "transition"]
    ordered = table.with_row_index("_row").sort(*unit, "start")
    broken = (pl.col("start") != pl.col("stop").shift(1).over(unit)).fill_null(value=True)
    return (
        ordered.with_columns(broken.cum_sum().over(unit).alias("_run"))
        .with_columns(pl.col("start").first().over(*unit, "_run").alias("entry"))
        .sort("_row")
        .drop("_row", "_run")
    )


def _validated(table: pl.DataFrame) -> pl.DataFrame:
    rules = {
        "start and stop must be finite": ~(pl.col("start").is_finite() & pl.col("stop").is_finite())
        | pl.col("start").is_null()
        | pl.col("stop").is_null(),
        "start must be before stop": pl.col("start") >= pl.col("stop"),
        "entry must not be after start": pl.col("entry") > pl.col("start"),
        "event must be 0 or 1": ~pl.col("event").is_in([0, 1]) | pl.col("event").is_null(),
    }
    if "weight" in table.columns:
        rules["weight must be positive"] = ~(pl.col("weight") > 0) | pl.col("weight").is_null()
    indexed = table.with_row_index("row")
    for rule, broken in rules.items():
        bad = indexed.filter(broken.fill_null(value=True))
        if bad.height:
            raise DataError(
                f"{rule}: row {bad['row'][0]} of the intervals table, {bad.height} in all"
            )
    ordered = indexed.sort("id", "transition", "start")
    clash = ordered.filter(
        pl.col("start") < pl.col("stop").shift(1).over("id", "transition").fill_null(float("-inf"))
    )
    if clash.height:
        raise DataError(
            f"intervals of a unit overlap: row {clash['row'][0]} of the intervals table, "
            f"{clash.height} in all"
        )
    return table
