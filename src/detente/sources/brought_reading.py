"""Read a file that the user brings: by the ending of its name, held to the columns of its forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from detente.core.errors import DetenteError, FormatError
from detente.sources.registry import BroughtFile
from detente.sources.rfiles import read_r

_MISSING = ["", "NA", "."]
_SHOWN = 12


def read_brought(path: Path, forms: Sequence[BroughtFile]) -> tuple[BroughtFile, pl.DataFrame]:
    """Return the first form whose columns a file has, and these columns of it.

    Capitals, blanks and underscores in the names of columns make no difference.

    Raises
    ------
    FormatError
        If the file cannot be read, or has the columns of none of the forms.
    """
    table = _table(path)
    names = {_plain(name): name for name in table.columns}
    for form in forms:
        found = {column: names.get(_plain(column)) for column in form.columns}
        if None not in found.values():
            return form, table.select(
                pl.col(there).alias(to) for to, there in found.items() if there
            )
    known = ", ".join(table.columns[:_SHOWN]) + (", ..." if table.width > _SHOWN else "")
    needed = " or ".join(f"{', '.join(form.columns)} ({form.name})" for form in forms)
    raise FormatError(f"{path} has the columns {known}: needed are {needed}")


def numbers(
    table: pl.DataFrame, columns: Sequence[str], path: Path, *, low: float, high: float
) -> pl.DataFrame:
    """Return a table with some columns as numbers, each from ``low`` to ``high`` or null.

    Raises
    ------
    FormatError
        Naming the file, the column, and the first row and value that are neither.
    """
    for column in columns:
        value = pl.col(column).cast(pl.Float64, strict=False)
        wrong = pl.col(column).is_not_null() & ~value.is_between(low, high).fill_null(False)
        bad = table.with_row_index("__row", offset=1).filter(wrong)
        if bad.height:
            row, found = bad.select("__row", column).row(0)
            raise FormatError(
                f"{path}, column {column}, row {row} of its data: {found!r} is not a number from "
                f"{low:g} to {high:g} ({bad.height} such rows): check that it is the file and the "
                f"unit that `detente data info` describes"
            )
        table = table.with_columns(value.alias(column))
    return table


def whole(
    table: pl.DataFrame, columns: Sequence[str], path: Path, *, low: int, high: int
) -> pl.DataFrame:
    """Return a table with some columns as whole numbers from ``low`` to ``high``, null nowhere.

    Raises
    ------
    FormatError
        Naming the file, the column and the first row that breaks this.
    """
    table = numbers(table, columns, path, low=low, high=high)
    for column in columns:
        broken = pl.col(column).is_null() | (pl.col(column) % 1 != 0)
        bad = table.with_row_index("__row", offset=1).filter(broken)
        if bad.height:
            row, found = bad.select("__row", column).row(0)
            raise FormatError(
                f"{path}, column {column}, row {row} of its data: {found} is not a whole number"
            )
    return table.with_columns(pl.col(columns).cast(pl.Int32))


def one_row_each(table: pl.DataFrame, keys: Sequence[str], path: Path) -> pl.DataFrame:
    """Return a table without rows that repeat another whole, after a check of its keys.

    Raises
    ------
    FormatError
        If the table is empty, or two rows with other values share the keys.
    """
    rows = table.unique(maintain_order=True).sort(*keys)
    if rows.is_empty():
        raise FormatError(f"{path} has no row of a state that is known by its code")
    twice = rows.filter(pl.struct(list(keys)).is_duplicated())
    if twice.height:
        row = twice.select(keys).row(0, named=True)
        where = ", ".join(f"{key} {value}" for key, value in row.items())
        raise FormatError(f"{path} has several values at {where}: one is needed")
    return rows


def _table(path: Path) -> pl.DataFrame:
    try:
        match path.suffix.lower():
            case ".csv":
                return pl.read_csv(
                    path, infer_schema=False, null_values=_MISSING, encoding="utf8-lossy"
                )
            case ".dta":
                return _stata(path)
            case ".rda" | ".rds":
                return read_r(path)
            case ending:
                reason = f"it ends in {ending or 'nothing'}, expected .csv, .dta, .rda or .rds"
    except DetenteError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    raise FormatError(f"{path} cannot be read as a table: {reason}")


def _stata(path: Path) -> pl.DataFrame:
    import pandas

    loaded: Any = pandas.read_stata(path, convert_categoricals=False)
    series = [pl.Series(str(n), loaded[n].to_numpy(), nan_to_null=True) for n in loaded.columns]
    return pl.DataFrame(series)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("_", "")
