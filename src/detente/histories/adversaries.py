"""Adversaries: which dyads are adversaries on a day, computed from the sources.

A dyad is adverse on a day if a strategic rivalry is coded for that year or a dispute or war was
under way at some time in the ten years before, unless the two have a defence pact that year or
one of the governments stood under the other's occupation.
"""

from __future__ import annotations

from importlib import resources

import polars as pl

YEARS_BEFORE = 10
"""A dispute this many years back still makes adversaries (design)."""


def occupations() -> pl.DataFrame:
    """Return governments that stood under another state's occupation, coded by hand.

    No source read here codes occupation by day. The table holds what the record of meetings
    needs: governments set up or held by the forces of the other state after a war between the
    two. States taken out of the COW system while occupied (Japan 1945-1952, Germany 1945-1955,
    Austria 1945-1955) need no row: they are not members then.

    Returns
    -------
    pl.DataFrame
        ``ccode``, ``occupier``, ``start``, ``stop`` (exclusive), ``source``, ``confidence``.
    """
    path = resources.files("detente.sources.chronology") / "occupations.csv"
    with resources.as_file(path) as file:
        return pl.read_csv(
            file,
            schema={
                "ccode": pl.Int32,
                "occupier": pl.Int32,
                "start": pl.Date,
                "stop": pl.Date,
                "source": pl.String,
                "confidence": pl.String,
            },
        )


def adversaries(
    dyads: pl.DataFrame,
    rivalries: pl.DataFrame,
    spells: pl.DataFrame,
    atop: pl.DataFrame,
    *,
    occupied: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Say of each dyad and day whether the two are adversaries.

    Only what began before the day counts: a dispute that starts on it does not.

    Parameters
    ----------
    dyads
        ``ccode1``, ``ccode2`` (``ccode1 < ccode2``), ``date``; other columns are kept.
    rivalries
        ``ccode1``, ``ccode2``, ``start_year``, ``end_year`` (inclusive), ``censored``.
    spells
        Disputes and wars: ``ccode1``, ``ccode2``, ``start``, ``stop`` (exclusive).
    atop
        Dyad-years with ``defense``. Past its last year the last year's pacts are carried on.
    occupied
        As :func:`occupations`, which is the default.

    Returns
    -------
    pl.DataFrame
        The rows in their order with ``rival``, ``disputed`` (within ten years), ``allied``,
        ``occupied`` and ``adversaries``, all booleans. ``rival`` and ``disputed`` reach as far
        as the sources: rivalries to 2020, spells to the end of their record.
    """
    rows = dyads.with_row_index("_row")
    key = rows.select("_row", "ccode1", "ccode2", "date")
    found = {
        "rival": _rival(key, rivalries),
        "disputed": _disputed(key, spells),
        "allied": _allied(key, atop),
        "occupied": _occupied(key, occupations() if occupied is None else occupied),
    }
    for name, hits in found.items():
        flag = hits.select("_row").unique().with_columns(pl.lit(value=True).alias(name))
        rows = rows.join(flag, on="_row", how="left", maintain_order="left").with_columns(
            pl.col(name).fill_null(value=False)
        )
    return rows.drop("_row").with_columns(
        ((pl.col("rival") | pl.col("disputed")) & ~pl.col("allied") & ~pl.col("occupied")).alias(
            "adversaries"
        )
    )


def _rival(key: pl.DataFrame, rivalries: pl.DataFrame) -> pl.DataFrame:
    year = pl.col("date").dt.year()
    table = rivalries.select("ccode1", "ccode2", "start_year", "end_year")
    return key.join(table, on=["ccode1", "ccode2"]).filter(
        (pl.col("start_year") <= year) & (year <= pl.col("end_year"))
    )


def _disputed(key: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    table = spells.select("ccode1", "ccode2", "start", "stop")
    return key.join(table, on=["ccode1", "ccode2"]).filter(
        (pl.col("start") < pl.col("date"))
        & (pl.col("stop") > pl.col("date").dt.offset_by(f"-{YEARS_BEFORE}y"))
    )


def _allied(key: pl.DataFrame, atop: pl.DataFrame) -> pl.DataFrame:
    pacts = atop.filter(pl.col("defense")).select("ccode1", "ccode2", pl.col("year").alias("_year"))
    last = atop.select(pl.col("year").max().alias("_last"))
    return (
        key.join(last, how="cross")
        .with_columns(pl.min_horizontal(pl.col("date").dt.year(), "_last").alias("_year"))
        .join(pacts.cast({"_year": pl.Int32}), on=["ccode1", "ccode2", "_year"])
    )


def _occupied(key: pl.DataFrame, occupied: pl.DataFrame) -> pl.DataFrame:
    pairs = occupied.select(
        pl.min_horizontal("ccode", "occupier").alias("ccode1"),
        pl.max_horizontal("ccode", "occupier").alias("ccode2"),
        "start",
        "stop",
    )
    return key.join(pairs, on=["ccode1", "ccode2"]).filter(
        (pl.col("start") <= pl.col("date")) & (pl.col("date") < pl.col("stop"))
    )
