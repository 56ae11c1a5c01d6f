"""Read R data files (``.rda``, ``.rds``) into polars tables."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path
from typing import Any

import polars as pl

from detente.core.errors import FormatError

EPOCH = dt.date(1970, 1, 1)


def read_r(path: Path, *, encoding: str | None = None) -> pl.DataFrame:
    """Return the one data frame that an R data file holds; NA and NaN become null.

    Columns of R class ``Date`` arrive as float days since 1970-01-01: see :func:`r_date`.

    Parameters
    ----------
    path
        An ``.rda`` or ``.rds`` file.
    encoding
        Encoding of strings that do not declare one, for files older than UTF-8.

    Raises
    ------
    FormatError
        If the file does not hold exactly one data frame.
    """
    import rdata

    options: dict[str, Any] = (
        {} if encoding is None else {"default_encoding": encoding, "force_default_encoding": True}
    )
    alone = path.suffix.lower() == ".rds"
    reader: Any = rdata.read_rds if alone else rdata.read_rda
    with warnings.catch_warnings():
        # rdata has no constructor for tibbles and column specifications; their content is read.
        warnings.simplefilter("ignore")
        content: Any = reader(str(path), **options)
    frames = [content] if alone else list(content.values())
    if len(frames) != 1 or not hasattr(frames[0], "columns"):
        raise FormatError(f"{path} holds {len(frames)} R objects, expected one data frame")
    return pl.DataFrame([_series(str(name), frames[0][name]) for name in frames[0].columns])


def r_date(column: str) -> pl.Expr:
    """Return an expression that turns an R ``Date`` (days since 1970-01-01) into a date."""
    return pl.col(column).cast(pl.Int32).cast(pl.Date).alias(column)


def _series(name: str, column: Any) -> pl.Series:
    kind: str = column.dtype.kind
    if kind in "fiub":
        values = column.to_numpy()
        if values.dtype.kind == "O":
            return pl.Series(name, [None if column.isna()[i] else v for i, v in enumerate(values)])
        return pl.Series(name, values, nan_to_null=True)
    missing = column.isna().to_numpy()
    texts = [None if gone else str(v) for v, gone in zip(column.tolist(), missing, strict=True)]
    return pl.Series(name, texts, dtype=pl.String)
