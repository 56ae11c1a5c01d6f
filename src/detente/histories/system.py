"""Which dyads are at risk when: joint membership of the state system, political relevance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from detente.histories.rungs import RECORD_START, RECORD_STOP

RELEVANT_TYPES = (1, 2, 3, 4, 5)
"""Direct contiguity: by land (1), or across at most 12, 24, 150, 400 miles of water (2-5)."""

_DYAD = ("ccode1", "ccode2")


def membership_pairs(
    states: pl.DataFrame, *, start: dt.date = RECORD_START, stop: dt.date = RECORD_STOP
) -> pl.DataFrame:
    """Return the days on which both states of a dyad are members of the system.

    Parameters
    ----------
    states
        The table ``cow_states``: one row per spell of membership.
    start, stop
        The days to cover, ``stop`` exclusive.

    Returns
    -------
    pl.DataFrame
        ``ccode1 < ccode2, start, stop``, one row per spell of joint membership, sorted.
    """
    spells = _clip(states.select("ccode", "start", "stop"), start, stop)
    pairs = spells.join(spells, how="cross", suffix="_2").filter(
        pl.col("ccode") < pl.col("ccode_2")
    )
    return merge_spells(
        pairs.select(
            pl.col("ccode").alias("ccode1"),
            pl.col("ccode_2").alias("ccode2"),
            pl.max_horizontal("start", "start_2").alias("start"),
            pl.min_horizontal("stop", "stop_2").alias("stop"),
        ),
        _DYAD,
    )


def politically_relevant_spells(
    states: pl.DataFrame,
    contiguity: pl.DataFrame,
    majors: pl.DataFrame,
    *,
    start: dt.date = RECORD_START,
    stop: dt.date = RECORD_STOP,
) -> pl.DataFrame:
    """Return the days on which a dyad is politically relevant.

    Both are members of the system, and they are contiguous (by land or across at most 400
    miles of water) or at least one is a COW major power.

    Parameters
    ----------
    states, contiguity, majors
        The tables ``cow_states``, ``contiguity`` (spells of types 1 to 5) and ``cow_majors``.
    start, stop
        The days to cover, ``stop`` exclusive.

    Returns
    -------
    pl.DataFrame
        ``ccode1 < ccode2, start, stop``, disjoint spells sorted by dyad and day. A dyad can
        have several.
    """
    members = membership_pairs(states, start=start, stop=stop)
    near = contiguity.filter(pl.col("type").is_in(RELEVANT_TYPES)).select(*_DYAD, "start", "stop")
    power = majors.select(pl.col("ccode"), "start", "stop")
    parts = [intersect_spells(members, near, _DYAD)]
    for column in _DYAD:
        parts.append(intersect_spells(members, power.rename({"ccode": column}), (column,)))
    return merge_spells(pl.concat(parts), _DYAD)


def intersect_spells(left: pl.DataFrame, right: pl.DataFrame, on: Sequence[str]) -> pl.DataFrame:
    """Return the overlaps of two tables of ``[start, stop)`` that share the columns ``on``.

    Columns of ``left`` are kept; every pair of overlapping rows gives one.
    """
    joined = left.join(right.select(*on, "start", "stop"), on=list(on), suffix="_other")
    cut = joined.with_columns(
        pl.max_horizontal("start", "start_other").alias("start"),
        pl.min_horizontal("stop", "stop_other").alias("stop"),
    )
    return cut.filter(pl.col("start") < pl.col("stop")).drop("start_other", "stop_other")


def merge_spells(spells: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return the union of ``[start, stop)`` within ``by``: overlapping or touching spells merge."""
    ordered = spells.filter(pl.col("start") < pl.col("stop")).sort(*by, "start", "stop")
    reached = pl.col("stop").cum_max().shift(1).over(by)
    fresh = (pl.col("start") > reached).fill_null(True)
    return (
        ordered.with_columns(fresh.cast(pl.Int32).cum_sum().over(by).alias("_run"))
        .group_by(*by, "_run", maintain_order=True)
        .agg(pl.col("start").min(), pl.col("stop").max())
        .drop("_run")
        .sort(*by, "start")
    )


def _clip(spells: pl.DataFrame, start: dt.date, stop: dt.date) -> pl.DataFrame:
    return spells.with_columns(
        pl.max_horizontal("start", pl.lit(start)), pl.min_horizontal("stop", pl.lit(stop))
    ).filter(pl.col("start") < pl.col("stop"))
