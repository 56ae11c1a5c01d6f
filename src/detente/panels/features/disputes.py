"""Militarised disputes by dyad and state (Gibler, Miller and Little; COW)."""

from __future__ import annotations

import polars as pl

from detente.panels.features.leader_disputes import leader_pairs, leader_years
from detente.panels.initiators import (
    INITIATORS,
    began,
    flags_of,
    names_of,
    pair_flags_of,
    pair_names_of,
    with_initiators,
)
from detente.panels.joins import join_pairs, join_states, years_of
from detente.panels.registry import Column, Context, Feature, Level, register

_YEARLY = ("state-year", "dyad-year", "leader-year", "leader-dyad-year")
_GML_YEARS = (1816, 2010)
_MID_YEARS = (1816, 2014)
_KEYS = ("ccode1", "ccode2", "year")


def _gml(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    match context.unit.actors:
        case "leader":
            return leader_years(panel, context, _GML_YEARS)
        case "leader-dyad":
            return leader_pairs(panel, context, _GML_YEARS)
        case "dyad":
            return _gml_pairs(panel, context)
        case "state":
            people = context.table("gml_part").lazy()
            if context.options["leaders_known"]:
                people = people.filter("leaders_known")
            return _of_states(panel, context, people, "gmlmid", _GML_YEARS)


def _gml_pairs(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    table = context.table("gml_dyadic").lazy()
    disputes = with_initiators(table, str(context.options["initiators"]))
    years = disputes.group_by(_KEYS).agg(pair_flags_of("gmlmid"))
    absent = dict.fromkeys(pair_names_of("gmlmid"), 0)
    return join_pairs(panel, context, years, source="directed", absent=absent, years=_GML_YEARS)


def _of_states(
    panel: pl.LazyFrame,
    context: Context,
    people: pl.LazyFrame,
    stem: str,
    covered: tuple[int, int],
) -> pl.LazyFrame:
    """Add what participants' episodes say of each of their years."""
    initiators = str(context.options["initiators"])
    marked = people.with_columns(
        began(initiators, pl.col("side") == "A", pl.col("orig")).alias("init")
    )
    spread = years_of(marked, "start_year", "end_year", ("ccode", "start_year", "init"))
    onset = (pl.col("year") == pl.col("start_year")).alias("onset")
    years = spread.with_columns(onset).group_by("ccode", "year").agg(flags_of(stem))
    absent = dict.fromkeys(names_of(stem), 0)
    return join_states(panel, context, years, absent=absent, years=covered)


def _cow(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    if len(context.sides) == 1:
        people = context.table("mid5_part").lazy()
        return _of_states(panel, context, people, "cowmid", _MID_YEARS)
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


def _columns_of(stem: str, whose: Level) -> tuple[Column, ...]:
    onset, ongoing, onset_init, ongoing_init = names_of(stem)
    return (
        Column(onset, "1 if a dispute began in the year, else 0", level="row"),
        Column(ongoing, "1 if a dispute was under way in the year, else 0", level="row"),
        Column(
            onset_init,
            "1 if the state began a dispute, or joined one, in the year, else 0 (for a leader: "
            "one that began under the leader)",
            level=whose,
        ),
        Column(
            ongoing_init,
            "1 if in a dispute that the state began, or joined, else 0 (for a leader: likewise)",
            level=whose,
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
register(
    Feature(
        name="gml_disputes",
        title="Militarised disputes: onset and ongoing (GML 2.2.1)",
        columns=_columns_of("gmlmid", "state"),
        datasets=("gml_dyadic", "gml_part", "gml_leader_part", "gml_leader_dyads"),
        years=_GML_YEARS,
        states="members of the COW state system; pairs on opposite sides, whether or not they met; "
        "leaders in office on a day of it",
        missing="a state of the row has no COW code in the year",
        join=_gml,
        options={"leaders_known": False, "initiators": INITIATORS[0]},
        units=_YEARLY,
    )
)
register(
    Feature(
        name="cow_disputes",
        title="Militarised disputes of states (MID 5.0), and of true opponents with their wars "
        "(Dyadic MID 4.02)",
        columns=(
            *_COW_PAIRS,
            *(
                column
                for column in _columns_of("cowmid", "state-only")
                if column.level == "state-only"
            ),
        ),
        datasets=("mid5_part", "dyadic_mid"),
        years=_MID_YEARS,
        states="members of the COW state system; pairs that opposed each other in a dispute, as "
        "Dyadic MID says",
        missing="a state of the row has no COW code in the year",
        join=_cow,
        options={"initiators": INITIATORS[0]},
        units=_YEARLY,
    )
)
