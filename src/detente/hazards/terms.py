"""Covariates of a model: from a formula and a table to a finite matrix with names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from formulaic import Formula
from formulaic.errors import FormulaicError
from numpy.typing import NDArray

from detente.core.errors import DataError

Floats = NDArray[np.float64]


def formula_columns(table: pl.DataFrame, formula: str, group: str) -> tuple[Floats, list[str]]:
    """Columns ``(n, p)`` of a formula, named ``group:term``; the intercept is left out.

    Raises
    ------
    DataError
        A formula that cannot be read, has more than one side, or needs a column that the table
        lacks; a missing or infinite value.
    """
    try:
        parsed: Any = Formula.from_spec(formula)
        frame = _frame(table, formula)
        with np.errstate(all="ignore"):
            matrix = parsed.get_model_matrix(frame, output="numpy", na_action="raise")
        names = [str(n) for n in matrix.model_spec.column_names]
    except AttributeError:
        raise DataError(f"{group!r}: the formula {formula!r} must have one side only") from None
    except (FormulaicError, ValueError, TypeError, ArithmeticError) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise DataError(f"{group!r}: the formula {formula!r} cannot be built: {reason}") from error
    keep = [i for i, n in enumerate(names) if n != "Intercept"]
    x = np.asarray(matrix, dtype=np.float64)[:, keep]
    finite = np.isfinite(x)
    if not finite.all():
        row, column = (int(i) for i in np.argwhere(~finite)[0])
        raise DataError(
            f"the covariate '{group}:{names[keep[column]]}' is missing or infinite in row {row} "
            f"of those at risk, {int((~finite[:, column]).sum())} in all"
        )
    return x, [f"{group}:{names[i]}" for i in keep]


def _frame(table: pl.DataFrame, formula: str) -> pd.DataFrame:
    # Formulaic reads text from polars only by way of pyarrow, which is not a dependency.
    names = [n for n in table.columns if n in formula]
    data = {n: _values(table[n]) for n in names}
    return pd.DataFrame(data, index=pd.RangeIndex(table.height))


def _values(column: pl.Series) -> NDArray[np.generic]:
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return column.cast(pl.Float64).to_numpy()
    return np.array(column.to_list(), dtype=object)
