"""Look a table's rows up by codes and moment, for the rows of a panel in their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from detente.core.errors import DataError

# Codes are below 1,000. Days since 1970 may be negative: they are moved by half the radix.
_CODE = 1_000
_RADIX = {"dispnum": 100_000, "crisno": 100_000, "year": 10_000, "month": 100, "date": 2_000_000}
_NOWHERE = -1


def looked_up(
    panel: pl.LazyFrame, table: pl.LazyFrame, *, left: Sequence[str], right: Sequence[str]
) -> pl.LazyFrame:
    """Join a table with one row per codes and moment to the rows of a panel, in their order.

    Codes and moment are packed into one integer and looked up in the sorted table. A join would
    copy every column that the panel has so far; this adds columns beside them, batch by batch.

    Parameters
    ----------
    left, right
        Names of the codes and of the columns of the moment, in panel and table.

    Raises
    ------
    DataError
        If two rows of the table have the same codes and moment.
    """
    known = table.collect()
    packed = _packed(known, right, right)
    order = np.argsort(packed, kind="stable")
    keys, values = packed[order], known.drop(right)[order]
    _refuse_twins(known, keys, order, right)

    def beside(batch: pl.DataFrame) -> pl.DataFrame:
        return batch.hstack(values.select(pl.all().gather(_found(keys, batch, left, right))))

    schema = pl.Schema({**panel.collect_schema(), **values.schema})
    return panel.map_batches(
        beside,
        schema=schema,
        streamable=True,
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
    )


def _found(
    keys: npt.NDArray[np.int64], batch: pl.DataFrame, left: Sequence[str], kinds: Sequence[str]
) -> pl.Series:
    """Return the place of each row of the batch among the keys; null where it is not there."""
    wanted = _packed(batch, left, kinds)
    if keys.size == 0:
        return pl.Series([None] * wanted.size, dtype=pl.UInt32)
    at = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    place = pl.Series(at.astype(np.uint32))
    return place.set(pl.Series(keys[at] != wanted), None)


def _packed(
    table: pl.DataFrame, names: Sequence[str], kinds: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return codes and moment as one integer, -1 where one of them is null."""
    packed = pl.lit(0, dtype=pl.Int64)
    for name, kind in zip(names, kinds, strict=True):
        part = pl.col(name)
        if kind == "date":
            part = part.cast(pl.Int32) + _RADIX["date"] // 2
        packed = packed * _RADIX.get(kind, _CODE) + part.cast(pl.Int64)
    keys = table.select(packed.fill_null(_NOWHERE).alias("key"))["key"]
    return keys.to_numpy()


def _refuse_twins(
    table: pl.DataFrame,
    keys: npt.NDArray[np.int64],
    order: npt.NDArray[np.intp],
    names: Sequence[str],
) -> None:
    twins = np.flatnonzero((keys[1:] == keys[:-1]) & (keys[1:] != _NOWHERE))
    if twins.size:
        row = table.select(names).row(int(order[twins[0]]), named=True)
        where = ", ".join(f"{name} {value}" for name, value in row.items())
        raise DataError(
            f"a table of a panel has {twins.size} rows too many, the first at {where}: it needs "
            f"one row for each {', '.join(names)}; report this with the version of detente"
        )
