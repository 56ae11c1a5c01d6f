"""How disputes are joined to leaders and to pairs of leaders (Gibler, Miller and Little)."""

from __future__ import annotations

import dataclasses

import polars as pl

from detente.panels.initiators import (
    began,
    flags_of,
    names_of,
    pair_flags_of,
    pair_names_of,
    with_initiators,
)
from detente.panels.joins import filled_within
from detente.panels.people import leader_days
from detente.panels.ranges import overlaps
from detente.panels.registry import Context
from detente.panels.systems import LEADER_YEARS, last_day

_STEM = "gmlmid"


def leader_years(panel: pl.LazyFrame, context: Context, years: tuple[int, int]) -> pl.LazyFrame:
    """Add the disputes in which a leader's state took part on a day of the leader's office.

    A dispute is begun by the leader who was in office when the state's part in it began. Leaders
    of states outside the COW system have nulls.
    """
    # All years: a lag asks for years before the panel's.
    everyone = dataclasses.replace(
        context.frame, years=LEADER_YEARS, system="cow", states=None, members_only=True
    )
    office = leader_days(everyone, context.table)
    own = ["obsid", "ccode"] if context.system == "cow" else ["obsid"]
    known = (
        _years(office, own)
        .unique()
        .filter(pl.col("year").is_between(*years))
        .join(_of_leaders(office, own, context), on=[*own, "year"], how="left")
        .with_columns(pl.col(names_of(_STEM)).fill_null(0))
    )
    return panel.join(known.lazy(), on=[*own, "year"], how="left", maintain_order="left")


def _of_leaders(office: pl.DataFrame, own: list[str], context: Context) -> pl.DataFrame:
    initiators = str(context.options["initiators"])
    part = context.table("gml_leader_part").with_columns(
        began(initiators, pl.col("side_a"), pl.col("orig")).alias("began"),
        pl.col("start").alias("first"),
        last_day("stop").alias("last"),
    )
    shared = overlaps(office, part, ("ccode",))
    mine = (pl.col("obsid_start") == pl.col("obsid")).fill_null(value=False)
    marked = shared.with_columns(
        (pl.col("first") == pl.col("start")).alias("opened"),
        pl.col("first").dt.year().alias("opening"),
        (pl.col("began") & mine).alias("init"),
    )
    spread = _years(marked, [*own, "opened", "opening", "init"])
    onset = pl.col("opened") & (pl.col("year") == pl.col("opening"))
    return spread.with_columns(onset.alias("onset")).group_by(*own, "year").agg(flags_of(_STEM))


def _years(ranges: pl.DataFrame, keep: list[str]) -> pl.DataFrame:
    first, last = (pl.col(name).dt.year() for name in ("first", "last"))
    years = pl.int_ranges(first, last + 1, dtype=pl.Int32).alias("year")
    return ranges.select(*keep, years).explode("year")


def leader_pairs(panel: pl.LazyFrame, context: Context, years: tuple[int, int]) -> pl.LazyFrame:
    """Add the disputes with a day on which both leaders were in office, on opposite sides."""
    own = pair_keys(context)
    known = pair_disputes(context).group_by(own).agg(pair_flags_of(_STEM))
    joined = panel.join(known, on=own, how="left", maintain_order="left")
    return filled_within(joined, dict.fromkeys(pair_names_of(_STEM), 0), years)


def pair_disputes(context: Context) -> pl.LazyFrame:
    """Return the disputes of known leaders, with ``init1`` and ``init2``: who of them began it."""
    table = context.table("gml_leader_dyads").lazy().drop_nulls(["obsid1", "obsid2"])
    states = with_initiators(table, str(context.options["initiators"]))
    return states.with_columns(
        pl.col(f"init{side}")
        & (pl.col(f"obsid_start{side}") == pl.col(f"obsid{side}")).fill_null(value=False)
        for side in (1, 2)
    )


def pair_keys(context: Context) -> list[str]:
    """Return the columns that a panel of pairs of leaders shares with :func:`pair_disputes`."""
    codes = ["ccode1", "ccode2"] if context.system == "cow" else []
    return ["obsid1", "obsid2", *codes, "year"]
