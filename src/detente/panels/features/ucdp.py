"""Armed conflicts and their onsets by state and year (UCDP)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from detente.core.errors import InputError, UnknownNameError
from detente.panels.joins import filled_within, join_states, state_years
from detente.panels.registry import Column, Context, Feature, register

TYPES = ("extrasystemic", "interstate", "intrastate", "internationalised")
ISSUES = ("territory", "government", "both")
_YEARS = (1946, 2024)
_GAPS = (1, 2, 3, 5, 10)


def _join_conflicts(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    table = _conflicts(context.table("ucdp_conflicts").lazy(), **context.options)
    joined = join_states(panel, context, table, system="gw")
    zero = dict.fromkeys(("ucdpongoing", "ucdponset", "ucdpepisode"), 0)
    absent = {f"{name}{side}": value for name, value in zero.items() for side in context.sides}
    return filled_within(joined, absent, _YEARS)


def _conflicts(
    table: pl.LazyFrame, types: Sequence[str] | str, issues: Sequence[str] | str, wars: bool
) -> pl.LazyFrame:
    chosen = _chosen(types, TYPES, "type of conflict"), _chosen(issues, ISSUES, "issue")
    rows = table.filter(
        pl.col("type").is_in(chosen[0]),
        pl.col("incompatibility").is_in(chosen[1]),
        pl.col("intensity") >= (2 if wars else 1),
    )
    # The lists of supporters are crossed in the source: a conflict counts once for its state.
    ofstate = (
        rows.sort("conflict_id", "gwcode_a", "year")
        .unique(["conflict_id", "gwcode_a", "year"], keep="first", maintain_order=True)
        .with_columns(
            (pl.col("year") == pl.col("year").min().over("conflict_id", "gwcode_a")).alias("first"),
            (pl.col("episode_start").dt.year() == pl.col("year")).alias("episode"),
        )
    )
    return (
        ofstate.group_by("gwcode_a", "year")
        .agg(
            pl.lit(1, dtype=pl.Int32).alias("ucdpongoing"),
            pl.col("first").any().cast(pl.Int32).alias("ucdponset"),
            pl.col("episode").any().cast(pl.Int32).alias("ucdpepisode"),
            pl.col("intensity").max().alias("maxintensity"),
            pl.col("conflict_id").sort().cast(pl.String).str.join("; ").alias("conflict_ids"),
        )
        .rename({"gwcode_a": "gwcode"})
    )


def _chosen(names: Sequence[str] | str, known: Sequence[str], what: str) -> list[str]:
    if names == "all":
        return list(known)
    if not names:
        raise InputError(f"ucdp_conflicts: no {what} is named; give one of {', '.join(known)}")
    wanted: list[Any] = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in known:
            raise UnknownNameError(what, str(name), known)
    return wanted


register(
    Feature(
        name="ucdp_conflicts",
        title="Armed conflicts of the state's government (UCDP/PRIO)",
        columns=(
            Column("ucdpongoing", "1 if a conflict of the government is under way", "0 or 1"),
            Column(
                "ucdponset", "1 in the first year on record of a conflict of the state", "0 or 1"
            ),
            Column("ucdpepisode", "1 if an episode of a conflict begins (again)", "0 or 1"),
            Column("maxintensity", "greatest intensity: 1 from 25 deaths, 2 from 1,000", "1 or 2"),
            Column("conflict_ids", "UCDP conflicts, separated by '; '"),
        ),
        datasets=("ucdp_conflicts",),
        years=_YEARS,
        states="Gleditsch-Ward states as side A (the government's)",
        missing="no conflict in the year, for maxintensity and conflict_ids",
        join=_join_conflicts,
        options={"types": "all", "issues": "all", "wars": False},
    )
)

register(
    Feature(
        name="ucdp_onsets",
        title="Onsets of armed conflict, by years without it before (UCDP)",
        columns=(
            Column("sumnewconf", "conflicts that begin for the first time", "number"),
            *[
                Column(
                    f"sumonset{gap}",
                    f"onsets after {gap} or more years without the conflict",
                    "number",
                )
                for gap in _GAPS
            ],
        ),
        datasets=("ucdp_onsets",),
        years=(1946, 2017),
        states="Gleditsch-Ward states that the source lists; no microstates",
        missing="the source does not list the state in the year",
        join=state_years(
            "ucdp_onsets",
            {"new": "sumnewconf", **{f"onsets_{gap}": f"sumonset{gap}" for gap in _GAPS}},
            system="gw",
        ),
    )
)
