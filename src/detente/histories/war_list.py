"""Hold every dyad-war against the COW inter-state war participants, in both directions."""

from __future__ import annotations

import polars as pl

from detente.histories.days import KEY
from detente.histories.wars import opposing_spells


def match_wars(disputes: pl.DataFrame, wars: pl.DataFrame) -> pl.DataFrame:
    """Return every dyad-war with the COW war in which both fought on opposite sides, or why not.

    Parameters
    ----------
    disputes
        Dated dyadic disputes; those flagged ``war`` are listed.
    wars
        The table ``cow_interstate_wars``.
    """
    listed = disputes.filter("war").select(*KEY, "start", "stop")
    opposed = (
        listed.join(opposing_spells(wars), on=["ccode1", "ccode2"])
        .filter((pl.col("war_start") < pl.col("stop")) & (pl.col("war_stop") > pl.col("start")))
        .group_by(KEY)
        .agg(
            pl.col("warnum").unique().sort().alias("warnums"),
            pl.col("name").unique().sort().alias("names"),
            pl.col("war_start").min(),
            pl.col("war_stop").max(),
        )
    )
    joined = listed.join(opposed, on=KEY, how="left")
    for n in (1, 2):
        own = _own_wars(listed, wars, f"ccode{n}").rename({"own": f"wars{n}"})
        joined = joined.join(own, on=KEY, how="left")
    shared = pl.col("wars1").list.set_intersection("wars2").list.len() > 0
    reason = (
        pl.when(pl.col("warnums").is_not_null())
        .then(None)
        .when(pl.col("wars1").is_null() & pl.col("wars2").is_null())
        .then(pl.lit("neither is in a COW inter-state war in these days"))
        .when(pl.col("wars1").is_null())
        .then(pl.lit("ccode1 is in no COW inter-state war in these days"))
        .when(pl.col("wars2").is_null())
        .then(pl.lit("ccode2 is in no COW inter-state war in these days"))
        .when(shared)
        .then(pl.lit("same COW war, but on one side or at different times"))
        .otherwise(pl.lit("in different COW wars"))
        .alias("reason")
    )
    matched = pl.col("warnums").is_not_null().alias("matched")
    return joined.with_columns(matched, reason).sort(*KEY)


def _own_wars(listed: pl.DataFrame, wars: pl.DataFrame, ccode: str) -> pl.DataFrame:
    spells = wars.select(
        pl.col("ccode").alias(ccode),
        "warnum",
        pl.col("start").alias("in"),
        pl.col("stop").alias("out"),
    )
    met = listed.join(spells, on=ccode).filter(
        (pl.col("in") < pl.col("stop")) & (pl.col("out") > pl.col("start"))
    )
    return met.group_by(KEY).agg(pl.col("warnum").unique().sort().alias("own"))


def match_pairs(spells: pl.DataFrame, disputes: pl.DataFrame, wars: pl.DataFrame) -> pl.DataFrame:
    """Return every opposing pair of a COW inter-state war with our days of war, or why none.

    Parameters
    ----------
    spells
        Spells of :func:`detente.histories.build_spells`.
    disputes
        Dated dyadic disputes.
    wars
        The table ``cow_interstate_wars``.
    """
    key = ["warnum", "name", "ccode1", "ccode2"]
    opposed = opposing_spells(wars)
    fought = (
        _overlapping(opposed, spells.filter(pl.col("rung") == "war"))
        .group_by(key)
        .agg(pl.col("start").min().alias("our_start"), pl.col("stop").max().alias("our_stop"))
    )
    met = (
        _overlapping(opposed, disputes)
        .group_by(key)
        .agg(
            pl.col("dispnum").unique().sort().alias("dispnums"),
            pl.col("hihost").max(),
            pl.col("war").any(),
        )
    )
    pairs = opposed.group_by(key).agg(pl.col("war_start").min(), pl.col("war_stop").max())
    found = pl.col("our_start").is_not_null()
    reason = (
        pl.when(found)
        .then(None)
        .when(pl.col("dispnums").is_null())
        .then(pl.lit("Dyadic MID has no dispute of the two in these days"))
        .when(~pl.col("war"))
        .then(pl.lit("Dyadic MID has the two short of war"))
        .otherwise(pl.lit("Dyadic MID's war of the two lies on other days"))
        .alias("reason")
    )
    return (
        pairs.join(fought, on=key, how="left")
        .join(met, on=key, how="left")
        .with_columns(found.alias("matched"), reason)
        .drop("war")
        .sort("warnum", "ccode1", "ccode2")
    )


def _overlapping(opposed: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    return opposed.join(spells, on=["ccode1", "ccode2"]).filter(
        (pl.col("war_start") < pl.col("stop")) & (pl.col("war_stop") > pl.col("start"))
    )
