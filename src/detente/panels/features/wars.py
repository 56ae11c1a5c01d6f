"""Inter-state wars (COW) and dated incidents between states (MIE)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import join_pairs, join_states, years_of
from detente.panels.registry import Column, Context, Feature, register
from detente.panels.systems import last_day

_YEARLY = ("state-year", "dyad-year", "leader-year", "leader-dyad-year")
_PAIRED = ("dyad-year", "leader-dyad-year")
_DYAD_YEARS = (1816, 2007)
_INCIDENT_YEARS = (1816, 2014)
_FLAGS: tuple[str, ...] = ("cowinteronset", "cowinterongoing")


def _wars(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    absent: dict[str, int] = dict.fromkeys(_FLAGS, 0)
    if len(context.sides) > 1:
        wars = context.table("cow_war_dyads").lazy()
        years = wars.group_by("ccode1", "ccode2", "year").agg(
            pl.col("onset").any().cast(pl.Int32).alias("cowinteronset"),
            pl.lit(1, pl.Int32).alias("cowinterongoing"),
        )
        return join_pairs(
            panel, context, years, source="directed", absent=absent, years=_DYAD_YEARS
        )
    people = context.table("cow_interstate_wars").lazy()
    spells = people.with_columns(
        pl.col("start").dt.year().alias("first"), last_day("stop").dt.year().alias("last")
    )
    years = (
        years_of(spells, "first", "last", ("ccode", "first"))
        .group_by("ccode", "year")
        .agg(
            (pl.col("year") == pl.col("first")).any().cast(pl.Int32).alias("cowinteronset"),
            pl.lit(1, pl.Int32).alias("cowinterongoing"),
        )
    )
    return join_states(panel, context, years, absent=absent, years=_DYAD_YEARS)


def _incidents(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    events = context.table("mie").lazy().rename({"start_year": "year"})
    low, high = pl.min_horizontal("ccode1", "ccode2"), pl.max_horizontal("ccode1", "ccode2")
    directed = context.frame.directed
    pair = (
        [pl.col("ccode1"), pl.col("ccode2")]
        if directed
        else [low.alias("ccode1"), high.alias("ccode2")]
    )
    counts = (
        events.select(*pair, "year", "hostlev")
        .group_by("ccode1", "ccode2", "year")
        .agg(
            pl.len().cast(pl.Int32).alias("mie_incidents"),
            pl.col("hostlev").max().alias("mie_hostlev"),
        )
    )
    absent = {"mie_incidents": 0, "mie_hostlev": 0}
    source = "directed" if directed else "undirected"
    return join_pairs(panel, context, counts, source=source, absent=absent, years=_INCIDENT_YEARS)


register(
    Feature(
        name="interstate_wars",
        title="Inter-state wars: onset and ongoing (COW 4.0)",
        columns=(
            Column("cowinteronset", "1 if a war began, or was resumed, in the year", level="row"),
            Column("cowinterongoing", "1 if at war in the year, else 0", level="row"),
        ),
        datasets=("cow_war_dyads", "cow_interstate_wars"),
        years=_DYAD_YEARS,
        states="members of the COW state system; pairs on opposite sides, whether or not they "
        "fought each other (cow_disputes has the wars of true opponents)",
        missing="a state of the row has no COW code in the year",
        join=_wars,
        units=_YEARLY,
    )
)
register(
    Feature(
        name="incidents",
        title="Militarised incidents that began in the year (MIE 1.0)",
        columns=(
            Column(
                "mie_incidents",
                "incidents of the pair; in a directed panel those in which the first state acts",
                "number",
                "dyad",
            ),
            Column(
                "mie_hostlev",
                "highest hostility of an incident: 0 no incident, 2 threat, 3 display, 4 use of "
                "force, 5 war",
                level="dyad",
            ),
        ),
        datasets=("mie",),
        years=_INCIDENT_YEARS,
        states="members of the COW state system",
        missing="a state of the row has no COW code in the year",
        join=_incidents,
        units=_PAIRED,
    )
)
