"""Read a file that the user brings: by the ending of its name, held to the columns of its forms."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from detente.core.errors import DetenteError, FormatError
from detente.sources.registry import BroughtFile
from detente.sources.rfiles import read_r

ROW = "row"
"""Column with the number of a row in its file, from 1, that errors name."""
_MISSING = ("", "NA", ".")
_SHOWN = 12


def read_brought(path: Path, forms: Sequence[BroughtFile]) -> tuple[BroughtFile, pl.DataFrame]:
    """Return the first form whose columns a file has, and these columns of it after ``ROW``.

    Capitals, blanks and underscores in the names of columns make no difference, nor do blanks
    around values and rows without any.

    Raises
    ------
    FormatError
        If the file cannot be read, or has the columns of none of the forms, or one of them twice.
    """
    table = _table(path)
    for form in forms:
        found = [(column, _column(table, column, path)) for column in form.columns]
        known = [pl.col(there).alias(column) for column, there in found if there]
        if len(known) == len(found):
            rows = table.select(known).with_row_index(ROW, offset=1)
            return form, rows.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    columns = ", ".join(table.columns[:_SHOWN]) + (", ..." if table.width > _SHOWN else "")
    needed = " or ".join(f"{', '.join(form.columns)} ({form.name})" for form in forms)
    raise FormatError(
        f"{path} has the columns {columns}: needed are {needed}: give the file as it is published, "
        f"a .csv with commas between its columns"
    )


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
        _refuse(table, wrong, column, path, f"a number from {low:g} to {high:g}")
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
        _refuse(table, broken, column, path, "a whole number")
    return table.with_columns(pl.col(columns).cast(pl.Int32))


def one_row_each(table: pl.DataFrame, keys: Sequence[str], path: Path) -> pl.DataFrame:
    """Return a table without ``ROW`` and repeated rows, after a check of its keys.

    Raises
    ------
    FormatError
        If the table is empty, or two rows with other values share the keys.
    """
    rows = table.select(pl.exclude(ROW)).unique(maintain_order=True).sort(*keys)
    if rows.is_empty():
        raise FormatError(
            f"{path} has no row of a state that is known by its code: give the file as it is "
            f"published"
        )
    twice = rows.filter(pl.struct(list(keys)).is_duplicated())
    if twice.height:
        row = twice.select(keys).row(0, named=True)
        where = ", ".join(f"{key} {value}" for key, value in row.items())
        raise FormatError(f"{path} has several values at {where}: leave one of them")
    return rows


def _refuse(table: pl.DataFrame, wrong: pl.Expr, column: str, path: Path, expected: str) -> None:
    bad = table.filter(wrong)
    if bad.is_empty():
        return
    row, value = bad.select(ROW, column).row(0)
    found = "an empty cell" if value is None else repr(value)
    raise FormatError(
        f"{path}, column {column}, row {row} of its data: {found} is not {expected} (in "
        f"{bad.height} of {table.height} rows): check that it is the file and the unit that "
        f"`detente data info NAME` describes"
    )


def _column(table: pl.DataFrame, name: str, path: Path) -> str | None:
    found = [there for there in table.columns if _plain(there) == _plain(name)]
    if len(found) > 1:
        raise FormatError(f"{path} has {len(found)} columns {name!r}: leave one of them")
    return found[0] if found else None


def _plain(name: str) -> str:
    # polars gives the second of two columns of a name this ending.
    once = re.sub(r"_duplicated_\d+$", "", name)
    return once.strip().lower().replace(" ", "").replace("_", "")


def _table(path: Path) -> pl.DataFrame:
    try:
        match path.suffix.lower():
            case ".csv":
                table = pl.read_csv(io.BytesIO(_utf8(path.read_bytes())), infer_schema=False)
            case ".dta":
                table = _stata(path)
            case ".rda" | ".rds":
                table = read_r(path)
            case ending:
                raise FormatError(
                    f"{path} cannot be read as a table: it ends in {ending or 'nothing'}, expected "
                    f".csv, .dta, .rda or .rds: unpack an archive first"
                )
    except DetenteError:
        raise
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise FormatError(
            f"{path} cannot be read as a table ({type(error).__name__}: {first}): give the file as "
            f"it is published"
        ) from error
    text = pl.col(pl.String).str.strip_chars()
    return table.with_columns(pl.when(~text.is_in(_MISSING)).then(text))


def _utf8(data: bytes) -> bytes:
    """Take for Latin-1 what is not UTF-8: no two names may become one."""
    try:
        return data.decode("utf-8-sig").encode()
    except UnicodeDecodeError:
        return data.decode("latin-1").encode()


def _stata(path: Path) -> pl.DataFrame:
    import pandas

    loaded: Any = pandas.read_stata(path, convert_categoricals=False)
    series = [pl.Series(str(n), loaded[n].to_numpy(), nan_to_null=True) for n in loaded.columns]
    return pl.DataFrame(series)
