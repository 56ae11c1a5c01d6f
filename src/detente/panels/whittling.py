"""Rules that choose one dispute of a dyad-year where there were several."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

RULES = ("onset", "fatality", "hostility", "duration", "reciprocation", "start_month")
"""The rules in their usual order.

``onset``: a dispute that begins in the year before one that goes on. ``fatality``, ``hostility``:
the higher level of the dispute; deaths that are not known stand between none and 1 to 25.
``duration``: the longer, by the shortest then the longest possible length. ``reciprocation``: one
in which side B acted. ``start_month``: the earlier.
"""

_UNKNOWN_DEATHS = 0.5

_ORDERS: dict[str, tuple[pl.Expr, ...]] = {
    "onset": (pl.col("onset"),),
    "fatality": (pl.col("fatality").cast(pl.Float64).fill_null(_UNKNOWN_DEATHS),),
    "hostility": (pl.col("hostlev"),),
    "duration": (pl.col("mindur"), pl.col("maxdur")),
    "reciprocation": (pl.col("reciprocated"),),
    "start_month": (-pl.col("start_month"),),
}


def whittle(
    disputes: pl.DataFrame,
    rules: Sequence[str] = RULES,
    *,
    by: Sequence[str] = ("ccode1", "ccode2", "year"),
) -> pl.DataFrame:
    """Keep one dispute of each directed dyad-year, by rules applied in order.

    Parameters
    ----------
    disputes
        The table ``gml_dyadic``: ``by``, ``dispnum`` and what the rules read.
    rules
        Of :data:`RULES`, in the order in which they decide. What they leave tied goes to the
        lowest dispute number.
    by
        Columns that tell the dyad-years apart.

    Returns
    -------
    pl.DataFrame
        The rows kept, sorted by dyad and year.

    References
    ----------
    The rules are those that Miller (2022) describes for directed dyad-year disputes.
    """
    orders = [order for rule in rules for order in _ORDERS[rule]]
    ranked = disputes.sort(
        *by,
        *orders,
        "dispnum",
        descending=[False] * len(by) + [True] * len(orders) + [False],
        nulls_last=True,
    )
    return ranked.unique(list(by), keep="first", maintain_order=True)
