"""Rows of events: pairs of opponents in a dispute or a crisis, by year."""

from __future__ import annotations

import polars as pl

from detente.core.errors import InputError
from detente.panels.systems import Tables
from detente.panels.units import Frame

DATASETS = {"dispnum": "gml_dyadic", "crisno": "icb_dyads"}
"""The dataset of each kind of event, by its identifier."""


def event_rows(frame: Frame, pairs: pl.DataFrame | None, table: Tables) -> pl.DataFrame:
    """Return a row for each event, pair and year; ``pairs`` are those of a subset, else None."""
    keys = list(frame.keys)
    rows = table(DATASETS[frame.unit.event]).select(keys).unique()
    one, other = pl.col("ccode1"), pl.col("ccode2")
    undirected = rows.filter(one < other)
    turned = undirected.select(frame.unit.event, other.alias("ccode1"), one.alias("ccode2"), "year")
    rows = pl.concat([undirected, turned]) if frame.directed else undirected
    rows = rows.filter(pl.col("year").is_between(*frame.years))
    if frame.states is not None:
        rows = rows.filter(one.is_in(list(frame.states)) & other.is_in(list(frame.states)))
    if pairs is not None:
        rows = rows.join(pairs, on=["ccode1", "ccode2", "year"], how="semi")
    return rows.sort(keys)


def check_events(frame: Frame) -> None:
    """Refuse a panel of events in a system that their sources do not use."""
    if frame.unit.event and frame.system != "cow":
        raise InputError(
            f"{frame.unit.name} panels have the codes of the COW system: leave system= out"
        )
