"""Intervals at risk of one transition each, in counting-process form."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from detente.core.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """A table with one row for each unit, stretch of time and transition at risk (long form).

    Parameters
    ----------
    table
        Columns ``id`` (unit), ``transition`` (name), ``start`` and ``stop`` (any one unit of
        time, ``start < stop``), ``event`` (1 if this transition happened at ``stop``), and
        covariates, constant over the row. Optional: ``from`` and ``to`` (states; the transition
        is ``from->to`` where no such column is given), ``entry`` (when the state was entered;
        else the start of the unbroken run of rows with no event before the last), ``weight``
        (positive; a row counts that often) and ``offset`` (added to the log hazard).

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


_REQUIRED = ("id", "transition", "start", "stop", "event")
_NUMBERS = ("start", "stop", "event", "entry", "weight", "offset")


def _completed(table: pl.DataFrame) -> pl.DataFrame:
    if "transition" not in table.columns and {"from", "to"} <= set(table.columns):
        name = pl.concat_str(pl.col("from"), pl.lit("->"), pl.col("to"))
        table = table.with_columns(name.alias("transition"))
    missing = set(_REQUIRED) - set(table.columns)
    if missing:
        raise DataError(f"the intervals table lacks the columns {sorted(missing)}")
    for column in _NUMBERS:
        dtype = table.schema.get(column, pl.Float64())
        if not (dtype.is_numeric() or dtype == pl.Boolean or dtype == pl.Null):
            raise DataError(f"the column {column!r} of the intervals table must hold numbers")
    present = [c for c in _NUMBERS if c in table.columns]
    table = table.with_columns(
        pl.col(present).cast(pl.Float64), pl.col("transition").cast(pl.String)
    )
    return table if "entry" in table.columns else _with_entry(table)


def _with_entry(table: pl.DataFrame) -> pl.DataFrame:
    """Take the start of the unbroken run of rows as the entry; an event ends a run."""
    unit = ["id", "transition"]
    first = (pl.col("start") != pl.col("stop").shift(1)).fill_null(value=True)
    broken = (first | (pl.col("event").shift(1) == 1)).fill_null(value=True)
    run = broken.cast(pl.Int64).cum_sum().over(unit, order_by="start")
    return table.with_columns(pl.col("start").min().over(*unit, run).alias("entry"))


def _validated(table: pl.DataFrame) -> pl.DataFrame:
    rules = {
        "id and transition must not be missing": pl.col("id").is_not_null()
        & pl.col("transition").is_not_null(),
        "start and stop must be finite": pl.col("start").is_finite() & pl.col("stop").is_finite(),
        "start must be before stop": pl.col("start") < pl.col("stop"),
        "entry must be finite, and not after start": pl.col("entry").is_finite()
        & (pl.col("entry") <= pl.col("start")),
        "event must be 0 or 1": pl.col("event").is_in([0.0, 1.0]),
    }
    if "weight" in table.columns:
        rules["weight must be positive and finite"] = (pl.col("weight") > 0) & pl.col(
            "weight"
        ).is_finite()
    if "offset" in table.columns:
        rules["offset must be finite"] = pl.col("offset").is_finite()
    for rule, held in rules.items():
        _refuse(rule, table.select((~held).fill_null(value=True)).to_series())
    before = pl.col("stop").shift(1).over("id", "transition", order_by="start")
    overlap = (pl.col("start") < before).fill_null(value=False)
    _refuse("intervals of a unit must not overlap", table.select(overlap).to_series())
    return table.with_columns(pl.col("event").cast(pl.Int8))


def _refuse(rule: str, bad: pl.Series) -> None:
    if bad.any():
        row = int(bad.arg_true()[0])
        raise DataError(
            f"{rule}: row {row} of the intervals table (from 0), {int(bad.sum())} in all"
        )
