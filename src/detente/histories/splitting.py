"""Split spells of days at given days."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def split_at(spells: pl.DataFrame, cuts: pl.DataFrame) -> pl.DataFrame:
    """Split spells at the cuts that fall inside them.

    Parameters
    ----------
    spells
        ``sid`` (unique), ``start`` and ``stop`` (whole days, stop exclusive).
    cuts
        ``sid`` and ``day``; those outside their spell are ignored.

    Returns
    -------
    polars.DataFrame
        ``sid``, ``start``, ``stop``, ``last`` (the part that ends with the spell), in order.
    """
    inside = cuts.join(spells, on="sid").filter(
        (pl.col("day") > pl.col("start")) & (pl.col("day") < pl.col("stop"))
    )
    edges = pl.concat(
        [
            spells.select("sid", pl.col("start").alias("day")),
            spells.select("sid", pl.col("stop").alias("day")),
            inside.select("sid", "day"),
        ]
    ).unique()
    edges = edges.sort("sid", "day").with_columns(pl.col("day").shift(-1).over("sid").alias("stop"))
    parts = edges.rename({"day": "start"}).drop_nulls("stop")
    return parts.with_columns((pl.col("start") == pl.col("start").last().over("sid")).alias("last"))


def grid_cuts(spells: pl.DataFrame, months: int) -> pl.DataFrame:
    """First days of every ``months``-th month (from January) inside the spells."""
    low, high = spells["start"].min(), spells["stop"].max()
    if low is None or high is None:
        return pl.DataFrame(schema={"sid": spells.schema["sid"], "day": pl.Int64})
    days = month_starts(int(low), int(high), months)  # type: ignore[arg-type]
    first = np.searchsorted(days, spells["start"].to_numpy(), side="right")
    count = np.maximum(np.searchsorted(days, spells["stop"].to_numpy(), side="left") - first, 0)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return pl.DataFrame(
        {
            "sid": np.repeat(spells["sid"].to_numpy(), count),
            "day": days[np.repeat(first, count) + step],
        }
    )


def month_starts(low: int, high: int, months: int) -> Ints:
    """Days since 1970 of the first of every ``months``-th month that touch ``[low, high]``."""
    first = np.datetime64(low, "D").astype("datetime64[Y]").astype("datetime64[M]")
    last = np.datetime64(high, "D").astype("datetime64[M]") + 1
    return np.arange(first, last + 1, months).astype("datetime64[D]").astype(np.int64)


def years_of(days: Ints) -> Ints:
    """Calendar year of days since 1970."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
