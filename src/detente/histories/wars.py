"""Days of war inside the dyadic disputes that Dyadic MID flags as wars."""

from __future__ import annotations

import polars as pl

from detente.histories.days import KEY

BATTLE, WAR_LEVEL = 22, 5
"""MIE's action code for a battle of a war, and the MID hostility level of a war."""


def opposing_spells(wars: pl.DataFrame) -> pl.DataFrame:
    """Return the days on which two states fought on opposite sides of a COW inter-state war.

    Parameters
    ----------
    wars
        The table ``cow_interstate_wars``.

    Returns
    -------
    pl.DataFrame
        ``warnum, name, ccode1, ccode2, war_start, war_stop``, one row per overlap of spells.
    """
    spells = wars.select("warnum", "name", "ccode", "side", "start", "stop")
    pairs = spells.join(spells.drop("name"), on="warnum", suffix="_2").filter(
        (pl.col("ccode") < pl.col("ccode_2")) & (pl.col("side") != pl.col("side_2"))
    )
    overlap = pairs.select(
        "warnum",
        "name",
        pl.col("ccode").alias("ccode1"),
        pl.col("ccode_2").alias("ccode2"),
        pl.max_horizontal("start", "start_2").alias("war_start"),
        pl.min_horizontal("stop", "stop_2").alias("war_stop"),
    )
    return overlap.filter(pl.col("war_start") < pl.col("war_stop")).sort(
        "ccode1", "ccode2", "war_start", "war_stop"
    )


def settle_days(disputes: pl.DataFrame, wars: pl.DataFrame) -> pl.DataFrame:
    """Let the COW war date the end of a dispute that stops in the month the war stops.

    The war list knows these days better than the dispute record, and a dispute of a few days
    left over by two datings of one armistice would be no return to a dispute. The first day of
    a dispute is moved only where it was imputed, or fell after the war in the same month.
    """
    met = (
        disputes.filter("war")
        .join(opposing_spells(wars), on=["ccode1", "ccode2"])
        .filter((pl.col("war_start") < _month_end("stop")) & (pl.col("war_stop") > _first("start")))
        .group_by(KEY)
        .agg(pl.col("war_start").min(), pl.col("war_stop").max())
    )
    same_stop = _first_of_last("stop") == _first_of_last("war_stop")
    same_start = _first("start") == _first("war_start")
    late = (pl.col("start_source") == "imputed") | (pl.col("start") > pl.col("war_start"))
    from_war = same_start & late
    return (
        disputes.join(met, on=KEY, how="left")
        .with_columns(
            pl.when(same_stop).then("war_stop").otherwise("stop").alias("stop"),
            pl.when(same_stop).then(pl.lit("cow")).otherwise("stop_source").alias("stop_source"),
            pl.when(from_war).then("war_start").otherwise("start").alias("start"),
            pl.when(from_war).then(pl.lit("cow")).otherwise("start_source").alias("start_source"),
        )
        .drop("war_start", "war_stop")
    )


def _first(day: str) -> pl.Expr:
    return pl.col(day).dt.month_start()


def _first_of_last(stop: str) -> pl.Expr:
    """Return the first of the month of the last day, the one before ``stop``."""
    return pl.col(stop).dt.offset_by("-1d").dt.month_start()


def _month_end(stop: str) -> pl.Expr:
    return pl.col(stop).dt.offset_by("-1d").dt.month_end().dt.offset_by("1d")


def war_spells(disputes: pl.DataFrame, wars: pl.DataFrame, mie: pl.DataFrame) -> pl.DataFrame:
    """Return the days of war inside each flagged dispute, with where they come from.

    Parameters
    ----------
    disputes
        Dated disputes; those with ``war`` set are used.
    wars, mie
        The tables ``cow_interstate_wars`` and ``mie``.

    Returns
    -------
    pl.DataFrame
        The key of the dispute, ``start``, ``stop``, ``start_source`` and ``stop_source``:
        ``cow`` (both in the same war, opposite sides), ``mie`` (first incident at war level),
        ``flagged`` (no day known: the first flagged year, or the dispute's own day), or the
        source of the dispute's day where that bounds the war. ``warnums`` lists the COW wars.
    """
    flagged = disputes.filter("war")
    listed = _listed(flagged, wars)
    rest = flagged.join(listed, on=KEY, how="anti")
    return pl.concat([listed, _unlisted(rest, mie)]).sort(*KEY, "start")


_COLUMNS = (*KEY, "start", "stop", "start_source", "stop_source", "warnums")


def _listed(flagged: pl.DataFrame, wars: pl.DataFrame) -> pl.DataFrame:
    met = flagged.join(opposing_spells(wars), on=["ccode1", "ccode2"]).filter(
        (pl.col("war_start") < pl.col("stop")) & (pl.col("war_stop") > pl.col("start"))
    )
    begins_later = pl.col("war_start") >= pl.col("start")
    ends_sooner = pl.col("war_stop") <= pl.col("stop")
    cow = pl.lit("cow")
    return met.select(
        *KEY,
        pl.when(begins_later).then("war_start").otherwise("start").alias("start"),
        pl.when(ends_sooner).then("war_stop").otherwise("stop").alias("stop"),
        pl.when(begins_later).then(cow).otherwise("start_source").alias("start_source"),
        pl.when(ends_sooner).then(cow).otherwise("stop_source").alias("stop_source"),
        pl.concat_list("warnum").alias("warnums"),
    ).select(_COLUMNS)


def _unlisted(rest: pl.DataFrame, mie: pl.DataFrame) -> pl.DataFrame:
    """Date the wars that the COW list does not hold: by incident, else by flagged year."""
    battles = mie.filter(
        ((pl.col("action") == BATTLE) | (pl.col("hostlev") == WAR_LEVEL))
        & pl.col("start_day").is_not_null()
    ).select(
        pl.col("micnum").alias("dispnum"),
        pl.min_horizontal("ccode1", "ccode2").alias("ccode1"),
        pl.max_horizontal("ccode1", "ccode2").alias("ccode2"),
        pl.date("start_year", "start_month", "start_day").alias("battle"),
    )
    first = (
        rest.join(battles, on=["dispnum", "ccode1", "ccode2"])
        .filter(pl.col("battle").is_between(pl.col("start"), pl.col("stop"), closed="left"))
        .group_by(KEY)
        .agg(pl.col("battle").min())
    )
    year_start = pl.max_horizontal("start", pl.date("war_first_year", 1, 1))
    year_stop = pl.date(pl.col("war_last_year") + 1, 1, 1)
    known = pl.col("battle").is_not_null()
    cut = year_stop < pl.col("stop")
    return (
        rest.join(first, on=KEY, how="left")
        .select(
            *KEY,
            pl.coalesce("battle", year_start).alias("start"),
            pl.when(cut).then(year_stop).otherwise("stop").alias("stop"),
            pl.when(known).then(pl.lit("mie")).otherwise(pl.lit("flagged")).alias("start_source"),
            pl.when(cut).then(pl.lit("flagged")).otherwise("stop_source").alias("stop_source"),
            pl.lit([], dtype=pl.List(pl.Int32)).alias("warnums"),
        )
        .select(_COLUMNS)
    )
