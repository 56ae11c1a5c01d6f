"""Covariates of a dyad in a year, from values known before the year starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

FEATURES: dict[str, str] = {
    "parity": "log of the weaker's share of capabilities over the stronger's (0 = equals)",
    "concentration": "concentration of capabilities among the major powers, 0 to 1",
    "contiguous": "direct contiguity by land or across at most 400 miles of water",
    "land": "contiguity by land",
    "one_major": "exactly one is a major power",
    "both_major": "both are major powers",
    "alliance": "defence pact between the two",
    "democracy": "electoral democracy of the less democratic of the two, 0 to 1",
    "rivalry": "strategic rivalry between the two",
    "both_nuclear": "both possess nuclear weapons",
}
"""Name and meaning of every covariate; all are taken at the end of the year before."""

FIRST_DAY = date(1816, 1, 1)
"""Day on which the spells of powers and of contiguity begin: what held before, they open with."""

MISSABLE = ("parity", "concentration", "democracy")
"""Covariates that a source may not have; each comes with a ``no_...`` indicator."""


@dataclass(frozen=True, slots=True)
class FeatureTables:
    """The tables of :func:`detente.sources.load` that the covariates come from."""

    nmc: pl.DataFrame
    cow_majors: pl.DataFrame
    contiguity: pl.DataFrame
    atop: pl.DataFrame
    democracy: pl.DataFrame
    rivalries: pl.DataFrame
    nuclear_status: pl.DataFrame


def concentration(nmc: pl.DataFrame, cow_majors: pl.DataFrame) -> pl.DataFrame:
    r"""Concentration of capabilities among the major powers by year.

    :math:`CON = \sqrt{(\sum_i s_i^2 - 1/N) / (1 - 1/N)}` with :math:`s_i` the shares of the
    :math:`N` powers among themselves (Ray and Singer 1973, Sociological Methods and Research
    1: 403-437).

    Returns
    -------
    polars.DataFrame
        ``year``, ``concentration`` (0 equal shares, 1 all with one), ``powers`` (count).
    """
    at_end = pl.date(pl.col("year"), 12, 31)
    shares = (
        nmc.drop_nulls("cinc")
        .join(cow_majors, on="ccode")
        .filter((pl.col("start") <= at_end) & ((pl.col("stop") > at_end) | pl.col("censored")))
        .with_columns((pl.col("cinc") / pl.col("cinc").sum().over("year")).alias("share"))
    )
    n, square = pl.len(), (pl.col("share") ** 2).sum()
    return (
        shares.group_by("year")
        .agg(n.alias("powers"), ((square - 1 / n) / (1 - 1 / n)).sqrt().alias("concentration"))
        .select("year", "concentration", pl.col("powers").cast(pl.Int64))
        .sort("year")
    )


def dyad_features(dyads: pl.DataFrame, tables: FeatureTables) -> pl.DataFrame:
    """Join the covariates to dyad-years, each as known at the end of the year before.

    Parameters
    ----------
    dyads
        ``ccode1``, ``ccode2``, ``year``; other columns are kept.

    Returns
    -------
    polars.DataFrame
        The rows in their order with the columns of :data:`FEATURES`. A value that a source does
        not have is null. No pact, rivalry, contiguity or weapon on the list is 0, so the years
        asked for must lie inside the sources' (all reach from 1816 to 2014). In 1816 powers and
        contiguity are those of its first day, on which their spells open.
    """
    known = (
        dyads.select("ccode1", "ccode2", (pl.col("year") - 1).alias("known"))
        .unique()
        .with_columns(pl.max_horizontal(pl.date(pl.col("known"), 12, 31), FIRST_DAY).alias("day"))
    )
    known = _states(known, tables)
    known = _pairs(known, tables)
    con = concentration(tables.nmc, tables.cow_majors).select(
        pl.col("year").alias("known"), "concentration"
    )
    known = known.join(con, on="known", how="left")
    return (
        dyads.with_columns((pl.col("year") - 1).alias("known"))
        .join(
            known.select("ccode1", "ccode2", "known", *FEATURES),
            on=["ccode1", "ccode2", "known"],
            how="left",
            maintain_order="left",
        )
        .drop("known")
    )


def _each(known: pl.DataFrame, table: pl.DataFrame, value: str) -> pl.DataFrame:
    """Join a state-year value for both members as ``value1`` and ``value2``."""
    column = table.select("ccode", pl.col("year").alias("known"), value)
    for i in (1, 2):
        side = column.rename({"ccode": f"ccode{i}", value: f"{value}{i}"})
        known = known.join(side, on=[f"ccode{i}", "known"], how="left")
    return known


def _states(known: pl.DataFrame, tables: FeatureTables) -> pl.DataFrame:
    known = _each(known, tables.nmc, "cinc")
    known = _each(known, tables.democracy, "polyarchy")
    known = _each(known, tables.nuclear_status, "status")
    for i in (1, 2):
        spells = tables.cow_majors.rename({"ccode": f"ccode{i}"})
        held = (
            known.join(spells, on=f"ccode{i}")
            .filter(
                (pl.col("start") <= pl.col("day"))
                & ((pl.col("stop") > pl.col("day")) | pl.col("censored"))
            )
            .select("ccode1", "ccode2", "known", pl.lit(1.0).alias(f"major{i}"))
            .unique()
        )
        known = known.join(held, on=["ccode1", "ccode2", "known"], how="left").with_columns(
            pl.col(f"major{i}").fill_null(0.0)
        )
    low, high = pl.min_horizontal("cinc1", "cinc2"), pl.max_horizontal("cinc1", "cinc2")
    both = pl.col("cinc1").is_not_null() & pl.col("cinc2").is_not_null() & (low > 0)
    democracy = pl.min_horizontal("polyarchy1", "polyarchy2")
    two = pl.col("polyarchy1").is_not_null() & pl.col("polyarchy2").is_not_null()
    majors = pl.col("major1") + pl.col("major2")
    # Nobody had nuclear weapons before the source begins.
    nuclear = (pl.col("status1").fill_null(0) == 3) & (pl.col("status2").fill_null(0) == 3)
    return known.with_columns(
        pl.when(both).then((low / high).log()).alias("parity"),
        pl.when(two).then(democracy).alias("democracy"),
        (majors == 1).cast(pl.Float64).alias("one_major"),
        (majors == 2).cast(pl.Float64).alias("both_major"),
        nuclear.cast(pl.Float64).alias("both_nuclear"),
    )


def _pairs(known: pl.DataFrame, tables: FeatureTables) -> pl.DataFrame:
    key = ["ccode1", "ccode2", "known"]
    touching = (
        known.join(tables.contiguity, on=["ccode1", "ccode2"])
        .filter((pl.col("start") <= pl.col("day")) & (pl.col("stop") > pl.col("day")))
        .group_by(key)
        .agg(pl.col("type").min())
    )
    rivals = (
        known.join(tables.rivalries, on=["ccode1", "ccode2"])
        .filter(
            (pl.col("start_year") <= pl.col("known"))
            & ((pl.col("end_year") >= pl.col("known")) | pl.col("censored"))
        )
        .select(*key, pl.lit(1.0).alias("rivalry"))
        .unique()
    )
    pacts = tables.atop.select(
        "ccode1", "ccode2", pl.col("year").alias("known"), pl.col("defense").cast(pl.Float64)
    )
    return (
        known.join(touching, on=key, how="left")
        .join(rivals, on=key, how="left")
        .join(pacts, on=key, how="left")
        .with_columns(
            pl.col("type").is_not_null().cast(pl.Float64).alias("contiguous"),
            (pl.col("type") == 1).fill_null(value=False).cast(pl.Float64).alias("land"),
            pl.col("rivalry").fill_null(0.0),
            pl.col("defense").fill_null(0.0).alias("alliance"),
        )
    )


def filled(table: pl.DataFrame, centre: dict[str, float]) -> pl.DataFrame:
    """Centre the covariates that may be missing, put 0 where they are, and say where."""
    return table.with_columns(
        *((pl.col(c) - centre[c]).fill_null(0.0).alias(c) for c in MISSABLE),
        *(pl.col(c).is_null().cast(pl.Float64).alias(f"no_{c}") for c in MISSABLE),
    )


def centres(table: pl.DataFrame) -> dict[str, float]:
    """Means of the covariates that may be missing, over the rows that have them."""
    return {c: float(np.asarray(table[c].mean())) for c in MISSABLE}
