"""Against the functions of peacesciencer beyond the panels it printed: pairs and states.

Where a fault there makes a value wrong, a test of its own shows the right one.
"""

from pathlib import Path

import polars as pl
import pytest

from detente import sources
from detente.core.errors import UnknownNameError
from detente.panels import panel
from detente.sources.rfiles import read_r

from .digests import FUNCTIONS, INITIATORS, made_by

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _mirror(mirror: str) -> None:
    del mirror


NAMES = {
    **{"dispnum": "gml_dispnum", "recip": "gml_reciprocated", "stmon": "gml_start_month"},
    **{"mindur": "gml_mindur", "maxdur": "gml_maxdur"},
    **{"fatality": "gml_dispute_fatality", "hostlev": "gml_dispute_hostlev"},
    **{
        f"{there}{side}": f"gml_{here}{side}"
        for side in (1, 2)
        for there, here in {
            **{name: name for name in ("orig", "init", "fatality", "fatalpre", "hiact", "hostlev")},
            "sidea": "side_a",
        }.items()
    },
    **{"warnum": "cowinter_warnum", "tssr_id": "rivalry_number"},
    **{
        f"w_{there}{side}": f"cowinter_{here}{side}"
        for side in (1, 2)
        for there, here in {
            **{"sidea": "side", "initiator": "initiator"},
            **{"outcome": "outcome", "batdeath": "deaths"},
        }.items()
    },
    **{
        name: f"rivalry_{name}"
        for name in ("positional", "spatial", "ideological", "interventionary")
    },
}


def test_directed_relevant_pairs_with_everything():
    table = (
        panel("dyad-year", years=(1816, 2010), dyads="relevant", directed=True)
        .add("contiguity", "majors", "gml_disputes", "gml_dispute_details", "alliances")
        .add("interstate_wars", "interstate_war_details", "rivalries", "capital_distance")
        .add("minimum_distance", "igos", "trade")
        .collect()
    )
    made_by("create_dyadyears(), 1816-2010, filter_prd(), every add_ of pairs", table, names=NAMES)


def test_contiguity_at_the_end_of_the_year():
    frame = panel("dyad-year", years=(1816, 2010), directed=True)
    pairs = frame.add("contiguity", moment="last").collect()
    made_by("create_dyadyears(), 1816-2010, add_contiguity(slice = 'last')", pairs)
    states = panel("state-year", years=(1816, 2016)).add("contiguity", moment="last").collect()
    made_by("create_stateyears(), 1816-2016, add_contiguity(slice = 'last')", states)
    refused = panel("state-year", years=(1900, 1900)).add("contiguity", moment="middle")
    with pytest.raises(UnknownNameError, match="moment of contiguity 'middle'"):
        refused.collect()


def test_a_border_is_one_though_a_row_of_no_border_runs_through_it():
    # Yugoslavia and Greece, the Soviet Union and Afghanistan: 0 in their panels, and so in ours
    # unless any day of the year counts.
    pairs = [(345, 350), (365, 700)]
    frame = panel("dyad-year", years=(1950, 1980), dyads=pairs)
    assert frame.add("contiguity").collect()["conttype"].sum() == 0
    found = frame.add("contiguity", moment="any").collect()
    assert (found["conttype"] == 1).all()
    months = panel("dyad-month", years=(1950, 1980), dyads=pairs).add("contiguity").collect()
    assert (months["conttype"] == 1).all()
    greece = [(345, 350)]
    near = panel("dyad-year", years=(1950, 1980), dyads=greece)
    assert near.add("relevance").collect()["prd"].sum() == 0
    assert near.add("contiguity").add("relevance", moment="any").collect()["prd"].mean() == 1


def test_contiguity_on_any_day_is_that_of_the_months():
    years = panel("dyad-year", years=(1816, 2016)).add("contiguity", moment="any").collect()
    months = sources.load("contiguity").with_columns(
        pl.int_ranges(
            pl.col("start").dt.year(),
            pl.col("stop").dt.offset_by("-1d").dt.year() + 1,
            dtype=pl.Int32,
        ).alias("year")
    )
    nearest = months.explode("year").group_by("ccode1", "ccode2", "year").agg(pl.col("type").min())
    both = years.join(nearest, on=["ccode1", "ccode2", "year"], how="left")
    # In January 1992 the border of Italy ends with Yugoslavia's, and water between them begins.
    apart = both.filter(pl.col("conttype") != pl.col("type").fill_null(0))
    assert apart.select("ccode1", "ccode2", "year", "conttype").rows() == [(325, 345, 1992, 1)]
    first = panel("dyad-year", years=(1816, 2016)).add("contiguity").collect()
    assert ((first["conttype"] == 0) & (years["conttype"] > 0)).sum() == 690


def test_all_directed_pairs():
    table = panel("dyad-year", years=(1816, 2010), directed=True).collect()
    made_by("create_dyadyears(), 1816-2010", table)


def test_disputes_of_pairs_are_of_those_that_met(mirror: str):
    place = Path(mirror) / "peacesciencer" / "cow_mid_ddydisps.rda"
    if not place.is_file():
        pytest.skip("needs a mirror with the package's own table of disputes")
    crossed = (
        read_r(place)
        .select(pl.col("ccode1", "ccode2", "year").cast(pl.Int32))
        .filter(pl.col("ccode1") < pl.col("ccode2"))
    )
    frame = panel("dyad-year", years=(1816, 2014)).add("cow_disputes")
    met = frame.collect().filter(pl.col("cowmidongoing") == 1)
    keys = ["ccode1", "ccode2", "year"]
    never = crossed.join(met, on=keys, how="anti")
    assert (crossed.height, met.height) == (5_117, 4_641)
    assert (never.height, met.join(crossed, on=keys, how="anti").height) == (544, 68)
    # Bulgaria and Japan, on two sides of both world wars.
    years = never.filter(ccode1=355, ccode2=740)["year"].to_list()
    assert years == [1915, 1916, 1917, 1918, 1944, 1945]


def test_a_war_resumed_in_the_year_it_stopped_is_marked():
    # The war over Palestine stops and is resumed in 1948 (they mark 1949 alone), that over Cyprus
    # in 1974.
    frame = panel("dyad-year", years=(1948, 1974), dyads=[(651, 666), (352, 640)])
    table = frame.add("interstate_war_details").collect()
    resumed = table.filter(pl.col("cowinter_resumed") == 1).select("ccode1", "ccode2", "year")
    assert resumed.rows() == [(352, 640, 1974), (651, 666, 1948), (651, 666, 1949)]


def test_a_pact_of_either_counts_for_a_pair_without_order():
    # France owes Belgium defence in 1832, Belgium France nothing.
    years = {"years": (1832, 1832), "dyads": [(211, 220)]}
    directed = panel("dyad-year", **years, directed=True).add("alliances").collect()
    assert directed.select("ccode1", "atop_defense").rows() == [(211, 0), (220, 1)]
    alone = panel("dyad-year", **years)
    assert alone.add("alliances").collect()["atop_defense"].item() == 1
    assert alone.add("alliances", either=False).collect()["atop_defense"].item() == 0


@pytest.mark.parametrize(("call", "either"), [("", None), ("ndir = FALSE", False)])
def test_pacts_of_pairs_without_order(call: str, either: bool | None):
    table = panel("dyad-year", years=(1816, 2010)).add("alliances", either=either).collect()
    made_by(f"create_dyadyears(directed = FALSE), 1816-2010, add_atop_alliance({call})", table)


def test_the_last_years_of_austria_hungarys_rivalry_are_austrias():
    frame = panel("dyad-year", years=(1917, 1922), dyads=[(300, 345), (305, 345)])
    table = frame.add("rivalries", "td_rivalries").collect()
    for name in ("ongoingrivalry", "tdrivalry"):
        found = table.filter(pl.col(name) == 1).select("ccode1", "year").rows()
        assert found == [(300, 1917), (300, 1918), (305, 1919), (305, 1920)], name
    rivals = panel("dyad-year", years=(1919, 1922), dyads="rivals").collect()
    assert rivals.filter(pl.col("ccode1") == 305)["year"].to_list() == [1919, 1920]


def test_state_years_of_the_cow_system():
    table = (
        panel("state-year", years=(1816, 2016))
        .add("trade", "igos", "capital_distance", "minimum_distance")
        .collect()
    )
    made_by("create_stateyears(), 1816-2016, every add_ of states", table)


@pytest.mark.parametrize("initiators", ["side_a_joiners", "originators"])
def test_who_began_the_disputes_of_a_state(initiators: str):
    options = {"leaders_known": True, "initiators": initiators}
    table = panel("state-year", years=(1816, 2010)).add("gml_disputes", **options).collect()
    call = "create_stateyears(), 1816-2010, add_gml_mids(init = 'sidea-{}')"
    made_by(call.format(INITIATORS[initiators]), table)


def test_an_unknown_way_to_begin_is_refused():
    made = panel("state-year", years=(1900, 1900)).add("gml_disputes", initiators="attackers")
    with pytest.raises(UnknownNameError, match="initiators 'attackers'"):
        made.collect()


@pytest.mark.parametrize(
    ("kind", "begun", "extra"),
    [("all", 30, 1), ("central control", 20, 0), ("local issues", 10, 0)],
)
def test_civil_wars_begin_in_their_first_year(kind: str, begun: int, extra: int):
    # They give the onset of an internationalised war to the state that intervenes, and leave the
    # row out. "all" has here the war of groups in Lebanon, 1975-1976.
    table = panel("state-year", years=(1816, 2007)).add("intrastate_wars", kind=kind).collect()
    call = f"create_stateyears(), 1816-2007, add_cow_wars(type = 'intra', intratype = '{kind}')"
    wanted = FUNCTIONS[call]["columns"]
    assert table["cowintraonset"].sum() - wanted["cowintraonset"]["sum"] == begun + extra
    assert table["cowintraongoing"].sum() - wanted["cowintraongoing"]["sum"] == 2 * extra


@pytest.mark.parametrize(
    ("call", "options"),
    [
        ("add_ucdp_acd()", {}),
        (
            "add_ucdp_acd(type = c('intrastate', 'II'))",
            {"types": ["intrastate", "internationalised"]},
        ),
        (
            "add_ucdp_acd(type = 'intrastate', issue = 'government')",
            {"types": "intrastate", "issues": "government"},
        ),
        ("add_ucdp_acd(only_wars = TRUE)", {"wars": True}),
    ],
)
def test_armed_conflicts(call: str, options: dict[str, object]):
    frame = panel("state-year", years=(1946, 2019), system="gw")
    table = frame.add("ucdp_conflicts", **options).collect()
    made_by(f"create_stateyears(system = 'gw'), 1946-2019, {call}", table)


def test_state_days_of_the_gleditsch_ward_system():
    table = panel("state-day", years=(1816, 2020), system="gw").add("names", "microstate").collect()
    names = {"gw_name": "state_name"}
    made_by("create_statedays(system = 'gw', mry = FALSE)", table, names=names)


def test_a_state_has_the_name_of_its_spell():
    frame = panel("state-year", years=(1896, 1960), system="gw", states=[580]).add("names")
    assert frame.collect().select("year", pl.col("state_name").cast(pl.String)).rows() == [
        (1896, "Madagascar (Malagasy)"),
        (1960, "Madagascar"),
    ]
