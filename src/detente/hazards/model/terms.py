"""Covariates of a model: from a formula and a table to a finite matrix with names."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from formulaic import Formula
from formulaic.errors import FormulaicError, FormulaicWarning
from numpy.typing import NDArray

from detente.core.errors import DataError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A sum of names, or a formula of nothing but the level.
_SUM = re.compile(r"\s*[^\W\d]\w*(\s*\+\s*[^\W\d]\w*)*\s*")
# What an array of doubles takes without a copy in between.
_PLAIN: tuple[pl.DataType, ...] = (pl.Float64(), pl.Int64(), pl.Int32(), pl.Int16(), pl.Int8())
# Rows that are copied at once: they stay in the processor's cache.
_CHUNK = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """A formula as it was fitted: its levels, knots and means are those of the fitted table.

    ``group`` is the transition or the shared terms that own it; ``model`` is formulaic's, ``None``
    for a sum of columns of numbers.
    """

    group: str
    formula: str
    names: tuple[str, ...]
    model: Any

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the coefficients, ``group:term``; the intercept is left out."""
        return tuple(f"{self.group}:{n}" for n in self.names if n != "Intercept")

    def columns(self, table: pl.DataFrame) -> Floats:
        """Columns ``(n, p)`` for the rows of a table.

        Raises
        ------
        DataError
            A column that the table lacks, a level that the fit never saw, a missing or infinite
            value.
        """
        if self.model is None:
            absent = [n for n in self.names if n not in table.columns]
            if absent or not all(_is_number(table, n) for n in self.names):
                raise DataError(
                    f"{self.group!r}: {absent or self.names} must be columns of numbers"
                )
            rows = np.arange(table.height)
            x = _numbers(table, self.names, self.group, self.formula, rows)
        else:
            x = _built(self.model, table, self.group, self.formula)[0]
        return _finite(x, self.labels)


def fit_terms(table: pl.DataFrame, formula: str, group: str, rows: Ints) -> tuple[Terms, Floats]:
    """Terms of a formula and their columns ``(n, p)`` over the rows that they are fitted to.

    Raises
    ------
    DataError
        A formula that cannot be read, has more than one side, or needs a column that the table
        lacks; a missing or infinite value.
    """
    taken = sorted({"weight", "offset"} & set(re.findall(r"\w+", formula)) & set(table.columns))
    if taken:
        raise DataError(
            f"{group!r}: the formula {formula!r} takes {taken[0]!r}, the {taken[0]} of the rows, "
            "for a covariate: give the covariate a column of another name"
        )
    names = plain_names(table, formula)
    if names is not None:
        # Formulaic would copy every column twice to do the same.
        terms = Terms(group, formula, names, None)
        return terms, _finite(_numbers(table, names, group, formula, rows), terms.labels)
    try:
        parsed: Any = Formula.from_spec(formula)
    except FormulaicError as error:
        raise _unbuilt(group, formula, error) from error
    named = [c for c in table.columns if c in formula] or table.columns[:1]
    x, model = _built(parsed, table[named][rows], group, formula)
    terms = Terms(group, formula, tuple(str(n) for n in model.column_names), model)
    return terms, _finite(x, terms.labels)


def plain_names(table: pl.DataFrame, formula: str) -> tuple[str, ...] | None:
    """Names of the columns that a formula adds up, ``None`` if it does anything else."""
    if formula.strip() == "1":
        return ()
    names = tuple(re.findall(r"\w+", formula)) if _SUM.fullmatch(formula) else ()
    plain = len(set(names)) == len(names) > 0 and all(_is_number(table, n) for n in names)
    return names if plain else None


def _is_number(table: pl.DataFrame, name: str) -> bool:
    if name not in table.columns:
        return False
    dtype = table[name].dtype
    # A column of nothing but nulls is refused for those.
    return dtype.is_numeric() or dtype == pl.Boolean or dtype == pl.Null


def _numbers(
    table: pl.DataFrame, names: tuple[str, ...], group: str, formula: str, rows: Ints
) -> Floats:
    x = np.empty((len(rows), len(names)))
    columns = [_doubles(table[name]) for name in names]
    for first in range(0, len(x), _CHUNK):
        part = x[first : first + _CHUNK]
        for j, column in enumerate(columns):
            part[:, j] = column[rows[first : first + _CHUNK]]
    if _sound(x):
        return x
    for name, column in zip(names, x.T, strict=True):
        if np.isnan(column).any():
            missing = np.flatnonzero(np.isnan(column))
            raise DataError(
                f"{group!r}: the formula {formula!r} cannot be built: {name!r} is null (or not a "
                f"number) in row {missing[0]} of those at risk, {len(missing)} in all"
            )
    return x


def _doubles(column: pl.Series) -> NDArray[np.generic]:
    """Numbers that an array of doubles takes as they are; null becomes NaN."""
    return (column if column.dtype in _PLAIN else column.cast(pl.Float64)).to_numpy()


def _built(parsed: Any, table: pl.DataFrame, group: str, formula: str) -> tuple[Floats, Any]:
    """Columns of formulaic's formula, or of one that it has fitted, and the fitted one."""
    try:
        frame = _frame(table, formula)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # A level that the fitted table did not have would silently be the reference.
            warnings.simplefilter("error", category=FormulaicWarning)
            matrix = parsed.get_model_matrix(frame, output="numpy", na_action="raise")
        names = [str(n) for n in matrix.model_spec.column_names]
    except AttributeError:
        raise DataError(f"{group!r}: the formula {formula!r} must have one side only") from None
    except (FormulaicError, ValueError, TypeError, ArithmeticError, FormulaicWarning) as error:
        raise _unbuilt(group, formula, error) from error
    keep = [i for i, n in enumerate(names) if n != "Intercept"]
    x = np.asarray(matrix, dtype=np.float64)
    return np.ascontiguousarray(x[:, keep]), matrix.model_spec


def _unbuilt(group: str, formula: str, error: Exception) -> DataError:
    reason = str(error).split("\n", maxsplit=1)[0]
    return DataError(f"{group!r}: the formula {formula!r} cannot be built: {reason}")


def _sound(x: Floats) -> bool:
    """Whether the sum of all numbers is finite, so that each of them is."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(x.sum()))


def _finite(x: Floats, labels: tuple[str, ...]) -> Floats:
    if not _sound(x):
        finite = np.isfinite(x)
        if not finite.all():
            row, column = (int(i) for i in np.argwhere(~finite)[0])
            raise DataError(
                f"the covariate {labels[column]!r} is missing or infinite in row {row} "
                f"of those at risk, {int((~finite[:, column]).sum())} in all"
            )
    return x


def _frame(table: pl.DataFrame, formula: str) -> pd.DataFrame:
    # Formulaic reads text from polars only by way of pyarrow, which is not a dependency.
    names = [n for n in table.columns if n in formula]
    data = {n: _values(table[n]) for n in names}
    return pd.DataFrame(data, index=pd.RangeIndex(table.height))


def _values(column: pl.Series) -> NDArray[np.generic] | pd.Categorical:
    if isinstance(column.dtype, pl.Enum):
        seen = set(column.unique().to_list())
        levels = [c for c in column.dtype.categories.to_list() if c in seen]
        return pd.Categorical(column.to_list(), categories=levels)
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return column.cast(pl.Float64).to_numpy()
    return np.array(column.to_list(), dtype=object)
