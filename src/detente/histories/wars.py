"""Days of war inside the dyadic disputes that Dyadic MID flags as wars."""

from __future__ import annotations

import polars as pl

from detente.histories.days import KEY

BATTLE, WAR_LEVEL = 22, 5
"""MIE's action code for a battle of a war, and the MID hostility level of a war."""

ARMISTICE_DAYS = 7
"""Two sources that date the end of one war differ by up to this many days."""


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
    """Let the COW war date a dispute's ends within their month.

    A dispute that begins in the month of its war begins no later than the war. Its last day
    is that of the war if it was imputed in the same month, or differs by at most
    :data:`ARMISTICE_DAYS` there: two datings of one armistice are no return to a dispute.
    An imputed end that the war runs across moves to the edge of its month, still imputed.
    """
    met = (
        disputes.filter("war")
        .join(opposing_spells(wars), on=["ccode1", "ccode2"])
        .filter(_meets())
        .group_by(KEY)
        .agg(pl.col("war_start").min(), pl.col("war_stop").max())
    )
    gap = (pl.col("stop") - pl.col("war_stop")).dt.total_days().abs()
    near = (pl.col("stop_source") == "imputed") | (gap <= ARMISTICE_DAYS)
    ends = near & (_last_month("stop") == _last_month("war_stop"))
    late = (pl.col("start_source") == "imputed") | (pl.col("start") > pl.col("war_start"))
    begins = late & (_month("start") == _month("war_start"))
    cow, month_stop = pl.lit("cow"), _last_month("stop").dt.offset_by("1mo")
    beyond = (pl.col("stop_source") == "imputed") & (pl.col("war_stop") > month_stop)
    before = (pl.col("start_source") == "imputed") & (pl.col("war_start") < _month("start"))
    stop = pl.when(beyond).then(month_stop).otherwise("stop")
    start = pl.when(before).then(_month("start")).otherwise("start")
    return (
        disputes.join(met, on=KEY, how="left")
        .with_columns(
            pl.when(ends).then("war_stop").otherwise(stop).alias("stop"),
            pl.when(ends).then(cow).otherwise("stop_source").alias("stop_source"),
            pl.when(begins).then("war_start").otherwise(start).alias("start"),
            pl.when(begins).then(cow).otherwise("start_source").alias("start_source"),
        )
        .drop("war_start", "war_stop")
    )


def _meets() -> pl.Expr:
    """Return whether dispute and war share a day, or could within a month whose day is unknown."""
    late = (pl.col("start_source") == "imputed") & (_month("start") < pl.col("war_stop"))
    month_end = pl.col("stop").dt.offset_by("-1d").dt.month_end()
    early = (pl.col("stop_source") == "imputed") & (month_end >= pl.col("war_start"))
    return ((pl.col("war_start") < pl.col("stop")) | early) & (
        (pl.col("war_stop") > pl.col("start")) | late
    )


def _month(day: str) -> pl.Expr:
    return pl.col(day).dt.month_start()


def _last_month(stop: str) -> pl.Expr:
    """Return the first of the month of the last day, the one before ``stop``."""
    return pl.col(stop).dt.offset_by("-1d").dt.month_start()


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
        ``flagged`` (no day known: the first deadly incident of the first flagged year, else
        that year or the dispute from its first day), or the source of the dispute's day where
        that bounds the war. ``warnums`` lists the COW wars.
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
    level = (pl.col("action") == BATTLE) | (pl.col("hostlev") == WAR_LEVEL)
    first = _first_incident(rest, mie.filter(level), "battle")
    deadly = mie.filter((pl.col("fatalmax1") > 0) | (pl.col("fatalmax2") > 0))
    deadly = _first_incident(rest, deadly, "deaths", year="war_first_year")
    year_start = pl.max_horizontal("start", pl.date("war_first_year", 1, 1))
    year_stop = pl.date(pl.col("war_last_year") + 1, 1, 1)
    known = pl.col("battle").is_not_null()
    cut = year_stop < pl.col("stop")
    return (
        rest.join(first, on=KEY, how="left")
        .join(deadly, on=KEY, how="left")
        .select(
            *KEY,
            pl.coalesce("battle", "deaths", year_start).alias("start"),
            pl.when(cut).then(year_stop).otherwise("stop").alias("stop"),
            pl.when(known).then(pl.lit("mie")).otherwise(pl.lit("flagged")).alias("start_source"),
            pl.when(cut).then(pl.lit("flagged")).otherwise("stop_source").alias("stop_source"),
            pl.lit([], dtype=pl.List(pl.Int32)).alias("warnums"),
        )
        .select(_COLUMNS)
    )


def _first_incident(
    rest: pl.DataFrame, events: pl.DataFrame, name: str, *, year: str | None = None
) -> pl.DataFrame:
    """Return the first dated incident of each dispute (in a year of it, if given)."""
    dated = events.filter(pl.col("start_day").is_not_null()).select(
        pl.col("micnum").alias("dispnum"),
        pl.min_horizontal("ccode1", "ccode2").alias("ccode1"),
        pl.max_horizontal("ccode1", "ccode2").alias("ccode2"),
        pl.date("start_year", "start_month", "start_day").alias(name),
    )
    inside = pl.col(name).is_between(pl.col("start"), pl.col("stop"), closed="left")
    if year is not None:
        inside = inside & (pl.col(name).dt.year() == pl.col(year))
    joined = rest.join(dated, on=["dispnum", "ccode1", "ccode2"]).filter(inside)
    return joined.group_by(KEY).agg(pl.col(name).min())
