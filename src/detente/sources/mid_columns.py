"""Columns that the files of militarized disputes and incidents share."""

from __future__ import annotations

import polars as pl

DAY_MEANINGS = {
    "start_month": "month of the first day",
    "start_day": "first day, null if unknown",
    "end_year": "year of the last day",
    "end_month": "month of the last day",
    "end_day": "last day, null if unknown",
}
PARTICIPANT_MEANINGS = {
    "dispnum": "dispute number",
    "ccode": "COW country code",
    "side": "A, the side that acted first, or B",
    "start_year": "year of the first day of this episode of taking part",
    **DAY_MEANINGS,
    "orig": "true if in the dispute on its first day",
}
PARTICIPANT_ORDER = ("dispnum", "ccode", "start_year", "start_month", "start_day")


def known(column: str, name: str | None = None) -> pl.Expr:
    """Return a coded integer; the negative codes of missing values become null."""
    coded = pl.when(pl.col(column) >= 0).then(pl.col(column))
    return coded.cast(pl.Int32).alias(name or column)


def days() -> list[pl.Expr]:
    """Return year, month and day of the first and the last day."""
    ends = (("st", "start"), ("end", "end"))
    parts = (("year", "year"), ("mon", "month"), ("day", "day"))
    return [known(f"{end}{part}", f"{to}_{whole}") for end, to in ends for part, whole in parts]


def participant() -> list[pl.Expr]:
    """Return the columns of :data:`PARTICIPANT_MEANINGS` from a file of participants."""
    return [
        pl.col("dispnum", "ccode").cast(pl.Int32),
        pl.when(pl.col("sidea") == 1).then(pl.lit("A")).otherwise(pl.lit("B")).alias("side"),
        *days(),
        (pl.col("orig") == 1).alias("orig"),
    ]
