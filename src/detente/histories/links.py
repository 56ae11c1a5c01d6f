"""What ties a dyad to conflicts of others: disputes and wars that share one of its members."""

from __future__ import annotations

import polars as pl

from detente.histories.splitting import grid_cuts, split_at

LINKS: dict[str, str] = {
    "linked": "a member is in a dispute or war with a third state",
    "linked_war": "a member is in a war with a third state",
    "ally": "a member is in a dispute or war with a defence-pact ally of the other",
    "ally_war": "a member is in a war with a defence-pact ally of the other",
}
"""Name and meaning of the couplings between dyads."""


def link_changes(stays: pl.DataFrame, conflicts: pl.DataFrame, atop: pl.DataFrame) -> pl.DataFrame:
    """Days inside stays on which a linked conflict begins or ends.

    Parameters
    ----------
    stays
        ``sid``, ``ccode1``, ``ccode2``, ``start``, ``stop`` (days).
    conflicts
        Spells of dispute and war of all dyads: ``ccode1``, ``ccode2``, ``rung``, ``start``,
        ``stop`` (days).
    atop
        Alliances by dyad-year; those of the year before are used.

    Returns
    -------
    polars.DataFrame
        ``sid``, ``day`` and, for each of :data:`LINKS`, how many begin less how many end.
    """
    members = _both(stays.select("sid", "ccode1", "ccode2", "start", "stop"), "other")
    enemies = _both(_by_year(conflicts), "enemy").rename({"start": "from", "stop": "until"})
    pairs = (
        members.join(enemies, on="member")
        .filter(
            (pl.col("enemy") != pl.col("other"))
            & (pl.col("from") < pl.col("stop"))
            & (pl.col("until") > pl.col("start"))
        )
        .with_columns(
            pl.max_horizontal("from", "start").alias("from"),
            pl.min_horizontal("until", "stop").alias("until"),
        )
    )
    pairs = _with_allies(pairs, atop)
    war, ally = pl.col("rung") == "war", pl.col("allied")
    kinds = {"linked": pl.lit(value=True), "linked_war": war, "ally": ally, "ally_war": war & ally}
    flags = [k.cast(pl.Int64).alias(n) for n, k in kinds.items()]
    up = pairs.select("sid", pl.col("from").alias("day"), *flags)
    down = pairs.select("sid", pl.col("until").alias("day"), *(-f for f in flags))
    return pl.concat([up, down]).group_by("sid", "day").agg(pl.col(*LINKS).sum()).sort("sid", "day")


def with_links(parts: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """State of the links over parts of stays (0 or 1), from the changes at or before their start.

    Parts must be split wherever a link that is asked of them changes. ``linked_end`` is
    ``linked`` on the last day of the part: what was under way just before it ended, though the
    part be split more coarsely.
    """
    state = changes.sort("sid", "day").with_columns(pl.col(*LINKS).cum_sum().over("sid"))
    ends = state.select("sid", "day", pl.col("linked").alias("linked_end"))
    last_day = parts.with_columns((pl.col("stop") - 1).alias("last_day"))
    joined = _as_of(_as_of(last_day, state, "start"), ends, "last_day").drop("last_day")
    return joined.with_columns(
        *((pl.col(n).fill_null(0) > 0).cast(pl.Float64).alias(n) for n in (*LINKS, "linked_end"))
    ).sort("sid", "start")


def _as_of(parts: pl.DataFrame, state: pl.DataFrame, on: str) -> pl.DataFrame:
    return (
        parts.sort(on)
        .join_asof(state.sort("day"), left_on=on, right_on="day", by="sid", check_sortedness=False)
        .drop("day", strict=False)
    )


def _both(dyads: pl.DataFrame, second: str) -> pl.DataFrame:
    """One row for each member, the other one beside it."""
    rest = [c for c in dyads.columns if c not in ("ccode1", "ccode2")]
    return pl.concat(
        [
            dyads.select(pl.col("ccode1").alias("member"), pl.col("ccode2").alias(second), *rest),
            dyads.select(pl.col("ccode2").alias("member"), pl.col("ccode1").alias(second), *rest),
        ]
    )


def _by_year(conflicts: pl.DataFrame) -> pl.DataFrame:
    spells = conflicts.with_row_index("sid").with_columns(pl.col("sid").cast(pl.Int64))
    keep = spells.select("sid", "ccode1", "ccode2", "rung")
    span = spells.select("sid", "start", "stop")
    parts = split_at(span, grid_cuts(span, 12)).join(keep, on="sid")
    year = pl.from_epoch(pl.col("start"), time_unit="d").dt.year().cast(pl.Int64)
    return parts.select("ccode1", "ccode2", "rung", "start", "stop", year.alias("year"))


def _with_allies(pairs: pl.DataFrame, atop: pl.DataFrame) -> pl.DataFrame:
    pacts = atop.filter(pl.col("defense")).select(
        pl.col("ccode1").alias("a"),
        pl.col("ccode2").alias("b"),
        (pl.col("year") + 1).cast(pl.Int64).alias("year"),
        pl.lit(value=True).alias("allied"),
    )
    return (
        pairs.with_columns(
            pl.min_horizontal("enemy", "other").alias("a"),
            pl.max_horizontal("enemy", "other").alias("b"),
        )
        .join(pacts.unique(), on=["a", "b", "year"], how="left")
        .with_columns(pl.col("allied").fill_null(value=False))
    )
