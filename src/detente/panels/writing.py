"""Panels as files and as other libraries' tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.core.errors import InputError, OutputError
from detente.core.writing import draft_of

if TYPE_CHECKING:
    import pandas as pd

    from detente.panels.panel import Panel

FORMATS = (".parquet", ".csv", ".dta", ".rds")
"""Endings of the files that can be written: Parquet, CSV, Stata and R."""


def sink(panel: Panel, path: Path) -> Path:
    """Write a panel under a temporary name and rename it; return its path.

    Raises
    ------
    InputError
        If the ending is none of :data:`FORMATS`.
    OutputError
        If the place cannot be written.
    """
    if path.suffix not in FORMATS:
        raise InputError(
            f"{path}: a panel is written as {', '.join(FORMATS)}, by the ending of the name"
        )
    try:
        with draft_of(path) as draft:
            match path.suffix:
                case ".parquet":
                    panel.lazy().sink_parquet(draft)
                case ".csv":
                    panel.lazy().sink_csv(draft)
                case ".dta":
                    _write_stata(to_pandas(panel.collect()), draft)
                case _:
                    _write_r(to_pandas(panel.collect()), draft)
            draft.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def to_pandas(table: pl.DataFrame) -> pd.DataFrame:
    """Return a pandas table: null numbers are NaN, days are timestamps, text is objects."""
    import pandas as pd

    return pd.DataFrame({name: _plain(table[name]) for name in table.columns})


def to_arrow(table: pl.DataFrame) -> Any:
    """Return an Arrow table.

    Raises
    ------
    InputError
        If ``pyarrow`` is not installed.
    """
    try:
        return table.to_arrow()
    except ModuleNotFoundError:
        raise InputError(
            "an Arrow table needs pyarrow: pip install pyarrow, or pass the polars table itself "
            "to a library that takes the Arrow C interface"
        ) from None


def _plain(series: pl.Series) -> Any:
    if isinstance(series.dtype, pl.String | pl.Categorical | pl.Enum):
        return series.cast(pl.String).to_numpy(allow_copy=True)
    if series.dtype == pl.Date:
        return series.cast(pl.Datetime("ns")).to_numpy()
    return series.to_numpy()


def _write_stata(table: pd.DataFrame, path: Path) -> None:
    text = table.select_dtypes(include="object").columns
    table[text] = table[text].fillna("")
    table.to_stata(path, write_index=False, version=118)


def _write_r(table: pd.DataFrame, path: Path) -> None:
    import rdata

    # rdata knows no dates: a day is text, which R's as.Date() reads.
    for name in table.select_dtypes(include="datetime").columns:
        table[name] = table[name].dt.strftime("%Y-%m-%d").astype(object)
    rdata.write_rds(path, table)
