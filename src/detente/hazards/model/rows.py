"""The rows of one transition in a table of intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Places ``(n,)`` in a table, of which a column is copied only when it is asked for."""

    table: pl.DataFrame
    index: Ints

    def numbers(self, column: str) -> Floats:
        """Values of a column of numbers, NaN where they are missing, ``(n,)``."""
        values = self.table[column].to_numpy()[self.index]
        return values.astype(np.float64, copy=False)

    def values(self, column: str) -> pl.Series:
        """Values of a column of any kind."""
        return self.table[column][self.index]

    def full(self, column: str) -> pl.Series | None:
        """The same, ``None`` where the table lacks the column or one of them is missing."""
        values = self.values(column) if column in self.table.columns else None
        return None if values is None or values.null_count() else values
