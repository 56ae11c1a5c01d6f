"""How each inter-state war of a great power ended: by a settlement on file, or as coded."""

from __future__ import annotations

import polars as pl

_FIRST = pl.col("start").dt.year()
_LAST = pl.col("stop").dt.offset_by("-1d").dt.year()


def great_power_wars(wars: pl.DataFrame, majors: pl.DataFrame) -> pl.DataFrame:
    """Return the wars in which a state that fought was a major power in a year of its fighting.

    Parameters
    ----------
    wars
        The dataset ``cow_interstate_wars``, one row per state and spell.
    majors
        The dataset ``cow_majors``, one row per spell as a major power.

    Returns
    -------
    pl.DataFrame
        ``warnum``, ``name``, ``start``, ``end`` (last day, itself included), by number.
    """
    spells = majors.select("ccode", _FIRST.alias("major_first"), _LAST.alias("major_last"))
    fought = wars.with_columns(_FIRST.alias("first"), _LAST.alias("last")).join(spells, on="ccode")
    both = (pl.col("first") <= pl.col("major_last")) & (pl.col("major_first") <= pl.col("last"))
    return (
        wars.join(fought.filter(both).select("warnum").unique(), on="warnum", how="semi")
        .group_by("warnum")
        .agg(
            pl.col("name").first(),
            pl.col("start").min(),
            pl.col("stop").max().dt.offset_by("-1d").alias("end"),
        )
        .sort("warnum")
    )


def settled_wars(
    wars: pl.DataFrame,
    majors: pl.DataFrame,
    settlements: pl.DataFrame,
    unsettled: pl.DataFrame,
) -> pl.DataFrame:
    """Return for each war of a great power its settlements, or how it ended without one.

    Settlements of tier C do not count.

    Parameters
    ----------
    wars, majors
        As for :func:`great_power_wars`.
    settlements, unsettled
        ``load_settlements`` and ``load_unsettled_wars`` of the chronology.

    Returns
    -------
    pl.DataFrame
        The columns of :func:`great_power_wars`; ``settlements``, the ids on file; ``ended`` and
        ``reason`` where there are none; ``explained``, whether one of the two is known.
    """
    texts = (
        settlements.filter((pl.col("tier") != "C") & pl.col("cow_war").is_not_null())
        .group_by(pl.col("cow_war").cast(pl.Int32).alias("warnum"))
        .agg(pl.col("id").sort().alias("settlements"))
    )
    coded = unsettled.select(pl.col("cow_war").alias("warnum"), "ended", "reason")
    none = pl.lit([], dtype=pl.List(pl.String))
    return (
        great_power_wars(wars, majors)
        .join(texts, on="warnum", how="left", maintain_order="left")
        .join(coded, on="warnum", how="left", maintain_order="left")
        .with_columns(pl.col("settlements").fill_null(none))
        .with_columns(
            ((pl.col("settlements").list.len() > 0) | pl.col("ended").is_not_null()).alias(
                "explained"
            )
        )
    )
