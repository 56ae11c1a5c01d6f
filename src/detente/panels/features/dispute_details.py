"""What is known of a dispute: of the one that stands for a dyad-year, or of a row (GML)."""

from __future__ import annotations

import polars as pl

from detente.core.errors import UnknownNameError
from detente.panels.features.leader_disputes import pair_disputes, pair_keys
from detente.panels.initiators import INITIATORS, with_initiators
from detente.panels.joins import join_pairs
from detente.panels.lookup import looked_up
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.whittling import RULES, whittle

_YEARS = (1816, 2010)
_KEYS = ("ccode1", "ccode2", "year")


def _details(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    rules = tuple(context.options["rules"])
    for rule in rules:
        if rule not in RULES:
            raise UnknownNameError("rule", str(rule), RULES)
    names = _DETAILS.names_in(context.unit)
    if context.unit.actors == "leader-dyad":
        own = pair_keys(context)
        kept = whittle(_of_leaders(context), rules, by=own)
        chosen = kept.lazy().select(*own, *_named(names))
        return panel.join(chosen, on=own, how="left", maintain_order="left")
    kept = whittle(_disputes(context).collect(), rules)
    chosen = kept.lazy().select(*_KEYS, *_named(names))
    return join_pairs(panel, context, chosen, source="directed")


def _disputes(context: Context) -> pl.LazyFrame:
    return with_initiators(context.table("gml_dyadic").lazy(), str(context.options["initiators"]))


def _of_leaders(context: Context) -> pl.DataFrame:
    """Return the disputes of pairs of leaders with what is known of their states' dispute."""
    disputes = pair_disputes(context).collect()
    keys = ["dispnum", *_KEYS]
    known = context.table("gml_dyadic").drop("onset", "side_a1", "side_a2", "orig1", "orig2")
    return disputes.join(known, on=keys, how="left")


def _named(names: tuple[str, ...]) -> list[pl.Expr]:
    """Return the columns of a panel from those of the table; truths become 0 and 1."""
    flags = ("onset", "side_a1", "side_a2", "orig1", "orig2", "init1", "init2", "reciprocated")
    made: list[pl.Expr] = []
    for name in names:
        source = name.removeprefix("gml_").removeprefix("dispute_")
        column = pl.col(source)
        made.append((column.cast(pl.Int32) if source in flags else column).alias(name))
    return made


def _dispute(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    keys = ("dispnum", *_KEYS)
    chosen = _disputes(context).select(*keys, *_named(_DISPUTE.names_in(context.unit)))
    return looked_up(panel, chosen, left=keys, right=keys)


_WHOLE_DISPUTE = (
    Column("gml_side_a", "1 if the state is on side A"),
    Column("gml_orig", "1 if in the dispute on its first day"),
    Column("gml_init", "1 if the state began the dispute, or joined it (option initiators)"),
    Column("gml_fatality", "level of deaths, 0 (none) to 6 (more than 999)"),
    Column("gml_fatalpre", "deaths", "persons"),
    Column("gml_hiact", "highest action, MID code"),
    Column("gml_hostlev", "highest hostility: 1 none to 5 war"),
    Column("gml_onset", "1 in the first year of the pair's dispute", level="dyad"),
    Column("gml_dispute_fatality", "level of deaths of all sides, 0 to 6", level="dyad"),
    Column("gml_dispute_hostlev", "highest hostility of any side, 1 to 5", level="dyad"),
    Column("gml_mindur", "shortest possible length", "days", "dyad"),
    Column("gml_maxdur", "longest possible length", "days", "dyad"),
    Column("gml_outcome", "MID outcome", level="dyad"),
    Column("gml_settle", "1 negotiated, 2 imposed, 3 none, 4 unclear", level="dyad"),
    Column("gml_reciprocated", "1 if side B acted too", level="dyad"),
    Column("gml_start_month", "month of the dispute's first day", level="dyad"),
)
_DETAILS = register(
    Feature(
        name="gml_dispute_details",
        title="The dispute of a dyad-year, one chosen by rules where there were several (GML)",
        columns=(
            Column("gml_dispnum", "dispute number", level="dyad"),
            *_WHOLE_DISPUTE,
        ),
        datasets=("gml_dyadic", "gml_leader_dyads"),
        years=_YEARS,
        states="pairs on opposite sides of a dispute, whether or not they met",
        missing="no dispute in the year, or the source does not know",
        join=_details,
        options={"rules": RULES, "initiators": INITIATORS[0]},
        units=("dyad-year", "leader-dyad-year"),
    )
)
_DISPUTE = register(
    Feature(
        name="dispute",
        title="What is known of the dispute of a row (GML)",
        columns=_WHOLE_DISPUTE,
        datasets=("gml_dyadic",),
        years=_YEARS,
        states="pairs on opposite sides of a dispute, whether or not they met",
        missing="the source does not know",
        join=_dispute,
        options={"initiators": INITIATORS[0]},
        units=("dispute-year",),
    )
)
