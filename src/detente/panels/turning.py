"""Joins of undirected pairs whose columns say something of one state towards the other."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detente.panels.joins import code, filled_within, join_pairs, with_codes, without_codes
from detente.panels.registry import Context

_TURNED = "__turned"


def join_turned(
    panel: pl.LazyFrame,
    context: Context,
    table: pl.LazyFrame,
    couples: Mapping[str, str],
    *,
    absent: Mapping[str, int] | None = None,
    years: tuple[int, int] | None = None,
) -> pl.LazyFrame:
    """Join a table of undirected pairs; in rows of the other order, couples of columns swap.

    Parameters
    ----------
    table
        ``ccode1`` (the smaller), ``ccode2``, ``year`` and the columns to join.
    couples
        Columns of the first state towards the second, and those of the second towards the first.
    absent, years
        Values where the table has no row in the years it covers, by column.
    """
    coded = with_codes(panel, context, "cow")
    turned = pl.col(code(context, "cow", "1")) > pl.col(code(context, "cow", "2"))
    marked = without_codes(coded.with_columns(turned.alias(_TURNED)), context, "cow")
    joined = join_pairs(marked, context, table, source="undirected")
    swapped = {**couples, **{there: here for here, there in couples.items()}}
    joined = joined.with_columns(
        pl.when(_TURNED).then(there).otherwise(here).alias(here) for here, there in swapped.items()
    ).drop(_TURNED)
    return filled_within(joined, absent, years) if absent else joined
