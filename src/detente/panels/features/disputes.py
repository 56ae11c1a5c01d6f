"""Militarised disputes by dyad and state (Gibler, Miller and Little; Dyadic MID)."""

from __future__ import annotations

import polars as pl

from detente.core.errors import UnknownNameError
from detente.panels.joins import join_pairs, join_states, years_of
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.whittling import RULES, whittle

_YEARLY = ("state-year", "dyad-year", "leader-year", "leader-dyad-year")
_PAIRED = ("dyad-year", "leader-dyad-year")
_GML_YEARS = (1816, 2010)
_MID_YEARS = (1816, 2014)
_KEYS = ("ccode1", "ccode2", "year")


def _gml(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    if len(context.sides) > 1:
        disputes = context.table("gml_dyadic").lazy()
        years = disputes.group_by(_KEYS).agg(
            pl.col("onset").any().cast(pl.Int32).alias("gmlmidonset"),
            pl.lit(1, pl.Int32).alias("gmlmidongoing"),
        )
        absent = {"gmlmidonset": 0, "gmlmidongoing": 0}
        return join_pairs(panel, context, years, source="directed", absent=absent, years=_GML_YEARS)
    people = context.table("gml_part").lazy()
    if context.options["leaders_known"]:
        people = people.filter("leaders_known")
    names = [column.name for column in _GML_COLUMNS]
    years = _state_years(people)
    return join_states(panel, context, years, absent=dict.fromkeys(names, 0), years=_GML_YEARS)


def _state_years(people: pl.LazyFrame) -> pl.LazyFrame:
    """Return what participants' episodes say of each of their years."""
    # A state initiates on side A, or by joining either side.
    began = (pl.col("side") == "A") | ~pl.col("orig")
    marked = people.with_columns(began.alias("began"))
    spread = years_of(marked, "start_year", "end_year", ("ccode", "start_year", "began"))
    onset = pl.col("year") == pl.col("start_year")
    return spread.group_by("ccode", "year").agg(
        onset.any().cast(pl.Int32).alias("gmlmidonset"),
        pl.lit(1, pl.Int32).alias("gmlmidongoing"),
        (onset & pl.col("began")).any().cast(pl.Int32).alias("gmlmidonset_init"),
        pl.col("began").any().cast(pl.Int32).alias("gmlmidongoing_init"),
    )


def _details(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    rules = tuple(context.options["rules"])
    for rule in rules:
        if rule not in RULES:
            raise UnknownNameError("rule", str(rule), RULES)
    kept = whittle(context.table("gml_dyadic"), rules).lazy()
    flags = pl.col("onset", "side_a1", "side_a2", "orig1", "orig2", "reciprocated").cast(pl.Int32)
    names = [column.removeprefix("gml_") for column in _DETAILS.names_in(context.unit)]
    chosen = kept.with_columns(flags).select(*_KEYS, *(pl.col(n).alias(f"gml_{n}") for n in names))
    return join_pairs(panel, context, chosen, source="directed")


def _mid(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    keep = ("ccode1", "ccode2", "start_year", "war_first_year", "war_last_year", "hihost")
    disputes = context.table("dyadic_mid").lazy()
    spread = years_of(disputes, "start_year", "end_year", keep)
    war = pl.col("year").is_between("war_first_year", "war_last_year")
    years = spread.group_by(_KEYS).agg(
        (pl.col("year") == pl.col("start_year")).any().cast(pl.Int32).alias("midonset"),
        pl.lit(1, pl.Int32).alias("midongoing"),
        (pl.col("year") == pl.col("war_first_year")).any().cast(pl.Int32).alias("midwaronset"),
        war.any().cast(pl.Int32).alias("midwarongoing"),
        pl.col("hihost").max().alias("midhost"),
    )
    absent = {
        "midonset": 0,
        "midongoing": 0,
        "midwaronset": 0,
        "midwarongoing": 0,
        "midhost": 0,
    }
    return join_pairs(panel, context, years, source="undirected", absent=absent, years=_MID_YEARS)


_GML_COLUMNS = (
    Column("gmlmidonset", "1 if a dispute began in the year, else 0", level="row"),
    Column("gmlmidongoing", "1 if a dispute was under way in the year, else 0", level="row"),
    Column(
        "gmlmidonset_init",
        "1 if the state began a dispute, or joined one, in the year, else 0",
        level="state-only",
    ),
    Column(
        "gmlmidongoing_init",
        "1 if in a dispute that the state began, or joined, else 0",
        level="state-only",
    ),
)
register(
    Feature(
        name="gml_disputes",
        title="Militarised disputes: onset and ongoing (GML 2.2.1)",
        columns=_GML_COLUMNS,
        datasets=("gml_dyadic", "gml_part"),
        years=_GML_YEARS,
        states="members of the COW state system; pairs that opposed each other in a dispute",
        missing="a state of the row has no COW code in the year",
        join=_gml,
        options={"leaders_known": False},
        units=_YEARLY,
    )
)
_DETAILS = register(
    Feature(
        name="gml_dispute_details",
        title="The dispute of a dyad-year, one chosen by rules where there were several (GML)",
        columns=(
            Column("gml_dispnum", "dispute number", level="dyad"),
            Column("gml_onset", "1 in the first year of the pair's dispute", level="dyad"),
            Column("gml_side_a", "1 if the state is on side A"),
            Column("gml_orig", "1 if in the dispute on its first day"),
            Column("gml_fatality", "level of deaths, 0 (none) to 6 (more than 999)"),
            Column("gml_fatalpre", "deaths", "persons"),
            Column("gml_hiact", "highest action, MID code"),
            Column("gml_hostlev", "highest hostility: 1 none to 5 war"),
            Column("gml_mindur", "shortest possible length", "days", "dyad"),
            Column("gml_maxdur", "longest possible length", "days", "dyad"),
            Column("gml_outcome", "MID outcome", level="dyad"),
            Column("gml_settle", "1 negotiated, 2 imposed, 3 none, 4 unclear", level="dyad"),
            Column("gml_reciprocated", "1 if side B acted too", level="dyad"),
            Column("gml_start_month", "month of the dispute's first day", level="dyad"),
        ),
        datasets=("gml_dyadic",),
        years=_GML_YEARS,
        states="pairs that opposed each other in a dispute",
        missing="no dispute in the year, or the source does not know",
        join=_details,
        options={"rules": RULES},
        units=_PAIRED,
    )
)
register(
    Feature(
        name="mid_disputes",
        title="Militarised disputes and wars of true opponents (Dyadic MID 4.02)",
        columns=(
            Column("midonset", "1 if a dispute of the pair began in the year", level="dyad"),
            Column("midongoing", "1 if a dispute of the pair was under way", level="dyad"),
            Column("midwaronset", "1 if a war of the pair began in the year", level="dyad"),
            Column("midwarongoing", "1 if a war of the pair was under way", level="dyad"),
            Column(
                "midhost",
                "highest hostility of the year's disputes, over their whole length: 0 no dispute, "
                "2 threat, 3 display, 4 use of force, 5 war",
                level="dyad",
            ),
        ),
        datasets=("dyadic_mid",),
        years=_MID_YEARS,
        states="pairs that opposed each other in a dispute, as Dyadic MID says",
        missing="a state of the row has no COW code in the year",
        join=_mid,
        units=_PAIRED,
    )
)
