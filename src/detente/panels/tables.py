"""Tables of datasets, loaded once in a process."""

from __future__ import annotations

import functools

import polars as pl

from detente import sources
from detente.core.errors import DataError
from detente.sources import cache, fetch


def table(name: str) -> pl.DataFrame:
    """Return a dataset's table; it is read, and its bytes are checked, once in a process.

    Another mirror, other registered bytes or another reader make it be read again.
    """
    return _table(name, cache.key(sources.dataset(name)), str(fetch.mirror() or ""))


@functools.cache
def _table(name: str, _key: str, _mirror: str) -> pl.DataFrame:
    return sources.load(name)


_checked: dict[tuple[str, tuple[str, ...]], pl.DataFrame] = {}


def check_unique(data: pl.DataFrame, keys: tuple[str, ...], dataset: str) -> None:
    """Refuse a table in which two rows have the same keys: joined, they would double rows.

    Raises
    ------
    DataError
        Naming the dataset and the first such row.
    """
    if _checked.get((dataset, keys)) is data:
        return
    twice = data.select(pl.struct(list(keys)).is_duplicated()).to_series()
    if twice.any():
        row = data.filter(twice).select(keys).row(0, named=True)
        where = ", ".join(f"{key} {value}" for key, value in row.items())
        raise DataError(
            f"dataset {dataset!r} has {twice.sum()} rows that share {', '.join(keys)}, the first "
            f"at {where}: a panel needs one row for each; report this with the version of detente"
        )
    _checked[dataset, keys] = data
