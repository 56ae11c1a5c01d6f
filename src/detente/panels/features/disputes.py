"""Militarised disputes by dyad and state (Gibler, Miller and Little; COW)."""

from __future__ import annotations

import polars as pl

from detente.core.errors import UnknownNameError
from detente.panels.joins import join_pairs, join_states, years_of
from detente.panels.lookup import looked_up
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
    years = _state_years(people, "gmlmid")
    absent = dict.fromkeys(_names_of("gmlmid"), 0)
    return join_states(panel, context, years, absent=absent, years=_GML_YEARS)


def _state_years(people: pl.LazyFrame, stem: str) -> pl.LazyFrame:
    """Return what participants' episodes say of each of their years."""
    # A state initiates on side A, or by joining either side.
    began = (pl.col("side") == "A") | ~pl.col("orig")
    marked = people.with_columns(began.alias("began"))
    spread = years_of(marked, "start_year", "end_year", ("ccode", "start_year", "began"))
    first, own = pl.col("year") == pl.col("start_year"), pl.col("began")
    flags = (first.any(), pl.lit(True), (first & own).any(), own.any())
    return spread.group_by("ccode", "year").agg(
        flag.cast(pl.Int32).alias(name) for flag, name in zip(flags, _names_of(stem), strict=True)
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


def _cow(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    if len(context.sides) == 1:
        years = _state_years(context.table("mid5_part").lazy(), "cowmid")
        absent = dict.fromkeys(_names_of("cowmid"), 0)
        return join_states(panel, context, years, absent=absent, years=_MID_YEARS)
    keep = ("ccode1", "ccode2", "start_year", "war_first_year", "war_last_year", "hihost")
    spread = years_of(context.table("dyadic_mid").lazy(), "start_year", "end_year", keep)
    war = pl.col("year").is_between("war_first_year", "war_last_year")
    years = spread.group_by(_KEYS).agg(
        (pl.col("year") == pl.col("start_year")).any().cast(pl.Int32).alias("cowmidonset"),
        pl.lit(1, pl.Int32).alias("cowmidongoing"),
        (pl.col("year") == pl.col("war_first_year")).any().cast(pl.Int32).alias("cowmidwaronset"),
        war.any().cast(pl.Int32).alias("cowmidwarongoing"),
        pl.col("hihost").max().alias("cowmidhost"),
    )
    absent = dict.fromkeys((column.name for column in _COW_PAIRS), 0)
    return join_pairs(panel, context, years, source="undirected", absent=absent, years=_MID_YEARS)


def _dispute(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    flags = pl.col("onset", "side_a1", "side_a2", "orig1", "orig2", "reciprocated").cast(pl.Int32)
    names = _DISPUTE.names_in(context.unit)
    keys = ("dispnum", *_KEYS)
    own = context.table("gml_dyadic").lazy().with_columns(flags)
    chosen = own.select(*keys, *(pl.col(n.removeprefix("gml_")).alias(n) for n in names))
    return looked_up(panel, chosen, left=keys, right=keys)


def _names_of(stem: str) -> tuple[str, ...]:
    return (f"{stem}onset", f"{stem}ongoing", f"{stem}onset_init", f"{stem}ongoing_init")


def _columns_of(stem: str) -> tuple[Column, ...]:
    onset, ongoing, onset_init, ongoing_init = _names_of(stem)
    return (
        Column(onset, "1 if a dispute began in the year, else 0", level="row"),
        Column(ongoing, "1 if a dispute was under way in the year, else 0", level="row"),
        Column(
            onset_init,
            "1 if the state began a dispute, or joined one, in the year, else 0",
            level="state-only",
        ),
        Column(
            ongoing_init,
            "1 if in a dispute that the state began, or joined, else 0",
            level="state-only",
        ),
    )


_COW_PAIRS = (
    Column("cowmidonset", "1 if a dispute began in the year, else 0", level="row"),
    Column("cowmidongoing", "1 if a dispute was under way in the year, else 0", level="row"),
    Column("cowmidwaronset", "1 if a war of the pair began in the year", level="dyad"),
    Column("cowmidwarongoing", "1 if a war of the pair was under way", level="dyad"),
    Column(
        "cowmidhost",
        "highest hostility of the year's disputes, over their whole length: 0 no dispute, "
        "2 threat, 3 display, 4 use of force, 5 war",
        level="dyad",
    ),
)
_WHOLE_DISPUTE = (
    Column("gml_side_a", "1 if the state is on side A"),
    Column("gml_orig", "1 if in the dispute on its first day"),
    Column("gml_fatality", "level of deaths, 0 (none) to 6 (more than 999)"),
    Column("gml_fatalpre", "deaths", "persons"),
    Column("gml_hiact", "highest action, MID code"),
    Column("gml_hostlev", "highest hostility: 1 none to 5 war"),
    Column("gml_onset", "1 in the first year of the pair's dispute", level="dyad"),
    Column("gml_mindur", "shortest possible length", "days", "dyad"),
    Column("gml_maxdur", "longest possible length", "days", "dyad"),
    Column("gml_outcome", "MID outcome", level="dyad"),
    Column("gml_settle", "1 negotiated, 2 imposed, 3 none, 4 unclear", level="dyad"),
    Column("gml_reciprocated", "1 if side B acted too", level="dyad"),
    Column("gml_start_month", "month of the dispute's first day", level="dyad"),
)
register(
    Feature(
        name="gml_disputes",
        title="Militarised disputes: onset and ongoing (GML 2.2.1)",
        columns=_columns_of("gmlmid"),
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
            *_WHOLE_DISPUTE,
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
_DISPUTE = register(
    Feature(
        name="dispute",
        title="What is known of the dispute of a row (GML)",
        columns=_WHOLE_DISPUTE,
        datasets=("gml_dyadic",),
        years=_GML_YEARS,
        states="pairs that opposed each other in a dispute",
        missing="the source does not know",
        join=_dispute,
        units=("dispute-year",),
    )
)
register(
    Feature(
        name="cow_disputes",
        title="Militarised disputes of states (MID 5.0), and of true opponents with their wars "
        "(Dyadic MID 4.02)",
        columns=(
            *_COW_PAIRS,
            *(column for column in _columns_of("cowmid") if column.level == "state-only"),
        ),
        datasets=("mid5_part", "dyadic_mid"),
        years=_MID_YEARS,
        states="members of the COW state system; pairs that opposed each other in a dispute, as "
        "Dyadic MID says",
        missing="a state of the row has no COW code in the year",
        join=_cow,
        units=_YEARLY,
    )
)
