"""Panels held to what another package printed: rows, counts, sums, extremes, distinct values."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

# Sums are taken in another order than R's, over a million rows of 16 digits.
SUM_TOLERANCE = 1e-11


def agrees(
    table: pl.DataFrame,
    digest: Mapping[str, Any],
    *,
    apart: tuple[str, ...] = (),
    names: Mapping[str, str] | None = None,
    near: float = 0.0,
) -> None:
    """Hold a panel to a digest but for the columns ``apart``; ``names`` are ours by theirs.

    ``near`` is the relative tolerance of the least and the greatest value.
    """
    assert table.height == digest["rows"]
    for column, wanted in digest["columns"].items():
        if column in apart:
            continue
        values = table[(names or {}).get(column, column)].drop_nulls()
        assert values.len() == wanted["n"], column
        if "distinct" in wanted:
            assert values.n_unique() == wanted["distinct"], column
            continue
        # A sum of 32-bit integers stays one in polars.
        total = values.cast(pl.Float64).sum()
        assert total == pytest.approx(wanted["sum"], rel=SUM_TOLERANCE), column
        extremes = (values.min(), values.max())
        wished = (wanted["min"], wanted["max"])
        assert extremes == (pytest.approx(wished, rel=near) if near else wished), column


FUNCTIONS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "oracles" / "panels.json").read_text(encoding="utf-8")
)
"""What functions of peacesciencer make of its files, by call; see ``tests/oracles``."""

# Distances are computed by another formula: 13 digits agree.
NEAR = 1e-11
INITIATORS = {"all_joiners": "all-joiners", "side_a_joiners": "with-joiners", "originators": "orig"}
"""Ways to begin a dispute: ours, and theirs."""


def made_by(call: str, table: pl.DataFrame, *, names: Mapping[str, str] | None = None) -> None:
    """Hold a panel to what a call of :data:`FUNCTIONS` makes."""
    agrees(table, FUNCTIONS[call], names=names, near=NEAR)
