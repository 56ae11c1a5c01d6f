"""Days of dyads in the record: what was known the day before, and what followed."""

from __future__ import annotations

import datetime as dt

import polars as pl

from detente.histories.features import FeatureTables, dyad_features

RECORD_STOP = dt.date(2015, 1, 1)
"""First day after the record of disputes and wars."""

HORIZONS = (1, 5, 10)
OUTCOMES = ("dispute", "war")
MEMORY_YEARS = 10
"""Disputes this far back are counted; the last one is not looked for beyond it."""

KEY = ("ccode1", "ccode2", "date")


def known_before(rows: pl.DataFrame, features: FeatureTables, spells: pl.DataFrame) -> pl.DataFrame:
    """Join what was known of each dyad the day before ``date``.

    Parameters
    ----------
    rows
        ``ccode1``, ``ccode2``, ``date``; other columns are kept.
    features
        The tables of covariates.
    spells
        Disputes and wars (:func:`detente.histories.load_spells`).

    Returns
    -------
    pl.DataFrame
        The rows with the covariates of their year, ``dispute_now``, ``war_now``,
        ``disputes_10y``, ``years_since_dispute`` (null: none in ten years), ``third_war_1``
        and ``third_war_2`` (that member at war with a third state).
    """
    table = dyad_features(rows.with_columns(pl.col("date").dt.year().alias("year")), features)
    for part in (_under_way(table, spells), _past(table, spells)):
        table = table.join(part, on=KEY, how="left", maintain_order="left")
    for side in (1, 2):
        hits = _third_war(table, spells, side).with_columns(pl.lit(1.0).alias(f"third_war_{side}"))
        table = table.join(hits, on=KEY, how="left", maintain_order="left")
    zero = ("dispute_now", "war_now", "disputes_10y", "third_war_1", "third_war_2")
    return table.with_columns(pl.col(c).fill_null(0.0) for c in zero)


def _under_way(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.select(KEY)
        .unique()
        .join(spells.select("ccode1", "ccode2", "start", "stop", "rung"), on=["ccode1", "ccode2"])
        .filter((pl.col("start") < pl.col("date")) & (pl.col("stop") >= pl.col("date")))
        .group_by(KEY)
        .agg(
            pl.lit(1.0).alias("dispute_now"),
            (pl.col("rung") == "war").any().cast(pl.Float64).alias("war_now"),
        )
    )


def _past(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """Count onsets in ten years and the years since the last spell ended, 0 if under way."""
    memory = pl.col("date").dt.offset_by(f"-{MEMORY_YEARS}y")
    before = (
        rows.select(KEY)
        .unique()
        .join(_episodes(spells), on=["ccode1", "ccode2"])
        .filter((pl.col("start") < pl.col("date")) & (pl.col("stop") > memory))
    )
    since = (pl.col("date") - pl.min_horizontal("stop", "date")).dt.total_days() / 365.25
    return before.group_by(KEY).agg(
        (pl.col("start") >= memory).sum().cast(pl.Float64).alias("disputes_10y"),
        since.min().alias("years_since_dispute"),
    )


def _third_war(rows: pl.DataFrame, spells: pl.DataFrame, side: int) -> pl.DataFrame:
    """Return the rows whose member ``side`` was at war with a third state the day before."""
    wars = spells.filter(pl.col("rung") == "war")
    each = pl.concat(
        [
            wars.select(pl.col(a).alias("_who"), pl.col(b).alias("_foe"), "start", "stop")
            for a, b in (("ccode1", "ccode2"), ("ccode2", "ccode1"))
        ]
    )
    return (
        rows.select(KEY)
        .unique()
        .join(each, left_on=f"ccode{side}", right_on="_who")
        .filter(
            (pl.col("_foe") != pl.col(f"ccode{3 - side}"))
            & (pl.col("start") < pl.col("date"))
            & (pl.col("stop") >= pl.col("date"))
        )
        .select(KEY)
        .unique()
    )


def _episodes(spells: pl.DataFrame) -> pl.DataFrame:
    return spells.group_by("ccode1", "ccode2", "episode").agg(
        pl.col("start").min(), pl.col("stop").max()
    )


def what_followed(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """Join what followed ``date``, to rows of :func:`known_before`.

    Returns
    -------
    pl.DataFrame
        The rows with ``dispute_1`` ... ``war_10``: ``yes``, ``no``, ``censored`` or ``under way``
        (not at risk of an onset that day); ``dispute_before`` (an onset in the year before);
        year of the first onset and years to it.
    """
    onsets = _episodes(spells).select("ccode1", "ccode2", "start")
    wars = spells.filter(pl.col("rung") == "war").select("ccode1", "ccode2", "start")
    for outcome, starts in (("dispute", onsets), ("war", wars)):
        first = (
            rows.select(KEY)
            .unique()
            .join(starts, on=["ccode1", "ccode2"])
            .filter(pl.col("start") >= pl.col("date"))
            .group_by(KEY)
            .agg(pl.col("start").min().alias(f"_{outcome}"))
        )
        rows = rows.join(first, on=KEY, how="left", maintain_order="left")
        rows = rows.with_columns(
            *(_status(outcome, h).alias(f"{outcome}_{h}") for h in HORIZONS),
            pl.col(f"_{outcome}").dt.year().alias(f"first_{outcome}_year"),
            ((pl.col(f"_{outcome}") - pl.col("date")).dt.total_days() / 365.25)
            .round(1)
            .alias(f"years_to_{outcome}"),
        )
    return rows.join(_before(rows, spells), on=KEY, how="left", maintain_order="left")


def _status(outcome: str, horizon: int) -> pl.Expr:
    end = pl.col("date").dt.offset_by(f"{horizon}y")
    return (
        pl.when(pl.col(f"{outcome}_now") > 0)
        .then(pl.lit("under way"))
        .when(pl.col(f"_{outcome}") < end)
        .then(pl.lit("yes"))
        .when(end > RECORD_STOP)
        .then(pl.lit("censored"))
        .otherwise(pl.lit("no"))
    )


def _before(rows: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """Say whether a dispute began in the year before; not at risk if one was under way."""
    year_ago = pl.col("date").dt.offset_by("-1y")
    pairs = rows.select(KEY).unique().join(_episodes(spells), on=["ccode1", "ccode2"], how="left")
    return (
        pairs.group_by(KEY)
        .agg(
            ((pl.col("start") < year_ago) & (pl.col("stop") >= year_ago)).any().alias("_at"),
            pl.col("start").is_between(year_ago, pl.col("date"), closed="left").any().alias("_on"),
        )
        .select(
            *KEY,
            pl.when("_at")
            .then(pl.lit("under way"))
            .when("_on")
            .then(pl.lit("yes"))
            .otherwise(pl.lit("no"))
            .alias("dispute_before"),
        )
    )


def state_name(states: pl.DataFrame, side: int) -> pl.Expr:
    """Return the last name of the members ``side`` of the rows, as a column to add."""
    names = states.unique("ccode", keep="last", maintain_order=True)
    table = dict(names.select("ccode", "name").iter_rows())
    return pl.col(f"ccode{side}").replace_strict(table, default=None, return_dtype=pl.String)
