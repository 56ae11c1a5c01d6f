"""Features joined from tables: null outside coverage, directions, and facts to look up."""

import json
from pathlib import Path

import polars as pl
import pytest

from detente.core.errors import InputError, UnknownNameError
from detente.panels import feature, panel
from detente.panels.features import traits
from detente.panels.features.leader_meetings import listed_meetings, recorded_years
from detente.panels.registry import Context
from detente.panels.tables import table
from detente.panels.units import UNITS, Frame
from detente.sources.chronology import windows_of

pytestmark = pytest.mark.data

ORACLES = Path(__file__).parents[2].parent / "shared" / "oracles" / "panels"
# Sums of real numbers over ten thousand rows depend on the order of addition.
RELATIVE = 1e-9
STATE_FEATURES = (
    *("igos", "ucdp_conflicts", "ucdp_onsets", "leader_turnover", "trade", "capital_distance"),
    *("minimum_distance", "territorial_threat", "ideal_points", "ideal_points_2025", "icb_crises"),
    *("intrastate_wars", "extrastate_wars", "td_rivalries", "polity5"),
)
PAIR_FEATURES = (
    *("igos", "trade", "capital_distance", "minimum_distance", "territorial_threat"),
    *("ideal_points", "ideal_points_2025", "icb_crises", "icow_claims", "peace_scale"),
    *("sanctions", "china_sanctions", "td_rivalries", "arms_races", "leader_meetings"),
    "ucdp_interstate",
)
LEADER_FEATURES = ("lead", "lwuf", "psycl")
# Columns of pairs that hold states that were at peace with everybody may have no value at all.
PAIRS = [(2, 365), (2, 645), (2, 710), (200, 255), (365, 710)]
BEYOND = 3


@pytest.fixture(autouse=True)
def _mirror(mirror: str) -> None:
    del mirror


def around(name: str) -> tuple[int, int]:
    first, last = feature(name).years
    return max(first - BEYOND, 1816), last + BEYOND


def outside(name: str) -> pl.Expr:
    return ~pl.col("year").is_between(*feature(name).years)


@pytest.mark.parametrize("name", STATE_FEATURES)
@pytest.mark.parametrize("system", ["cow", "gw"])
def test_a_state_is_null_outside_coverage_and_the_reason_says_so(name: str, system: str) -> None:
    years = around(name)
    made = panel("state-year", years=years, system=system, extend=True).add(name)
    found = made.collect()
    assert (
        found.height
        == panel("state-year", years=years, system=system, extend=True)
        .lazy()
        .select(pl.len())
        .collect()
        .item()
    )
    columns = feature(name).names_in(UNITS["state-year"])
    beyond = found.filter(outside(name))
    assert beyond.height > 0
    for column in columns:
        assert beyond[column].null_count() == beyond.height, column
        assert found[column].count() > 0, column
    reasons = made.reasons(columns[0]).filter(outside(name))["reason"].unique().to_list()
    assert len(reasons) == 1
    assert str(feature(name).years[1]) in reasons[0]


@pytest.mark.parametrize("name", PAIR_FEATURES)
def test_a_pair_is_null_outside_coverage_and_the_reason_says_so(name: str) -> None:
    made = panel("dyad-year", years=around(name), dyads=PAIRS, extend=True).add(name)
    found = made.collect()
    columns = feature(name).names_in(UNITS["dyad-year"])
    beyond = found.filter(outside(name))
    for column in columns:
        assert beyond[column].null_count() == beyond.height, column
        assert found[column].count() > 0, column
    reasons = made.reasons(columns[0]).filter(outside(name))["reason"].unique().to_list()
    assert len(reasons) == 1
    assert str(feature(name).years[1]) in reasons[0]


@pytest.mark.parametrize("name", sorted({*STATE_FEATURES, *PAIR_FEATURES, *LEADER_FEATURES}))
def test_a_feature_says_what_it_is_and_whom_to_cite(name: str) -> None:
    known = feature(name)
    for text in (known.title, known.states, known.missing):
        assert text.strip()
    assert all(column.meaning.strip() for column in known.columns)
    assert known.cite()


@pytest.mark.parametrize("name", [*PAIR_FEATURES, "ucdp_conflicts", "intrastate_wars"])
def test_a_pair_is_the_same_in_both_orders_but_for_its_sides(name: str) -> None:
    both = panel("dyad-year", years=(1970, 1990), dyads=PAIRS, directed=True).add(name).collect()
    back = {"ccode1": "ccode2", "ccode2": "ccode1"}
    for column in feature(name).names_in(UNITS["dyad-year"]):
        if column[-1] in "12" and column[:-1] + "1" in both.columns:
            back[column] = column[:-1] + ("2" if column[-1] == "1" else "1")
    turned = both.rename(back).select(both.columns).sort("ccode1", "ccode2", "year")
    assert turned.equals(both)


@pytest.mark.parametrize("name", ["igos", "trade", "capital_distance", "icow_claims"])
def test_the_other_system_reads_the_same_pair(name: str) -> None:
    cow = panel("dyad-year", years=(1960, 1980), dyads=[(2, 365)]).add(name).collect()
    gw = panel("dyad-year", years=(1960, 1980), dyads=[(2, 365)], system="gw").add(name).collect()
    assert gw.drop("gwcode1", "gwcode2").equals(cow.drop("ccode1", "ccode2"))


def test_germany_is_one_state_in_the_other_system() -> None:
    gw = panel("dyad-year", years=(1995, 1995), dyads=[(220, 260)], system="gw").add("igos")
    cow = panel("dyad-year", years=(1995, 1995), dyads=[(220, 255)]).add("igos")
    assert gw.collect()["dyadigos"].to_list() == cow.collect()["dyadigos"].to_list() != [None]


def digest(name: str) -> dict[str, dict[str, float]]:
    path = ORACLES / f"{name}.json"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    return json.loads(path.read_text())["columns"]


def held(found: pl.DataFrame, known: dict[str, dict[str, float]], columns: tuple[str, ...]) -> None:
    for column in columns:
        assert found[column].count() == known[column]["n"], column
        if "sum" in known[column]:
            assert found[column].sum() == pytest.approx(known[column]["sum"], rel=RELATIVE), column
            assert found[column].min() == known[column]["min"]
            assert found[column].max() == known[column]["max"]
        else:
            assert found[column].drop_nulls().n_unique() == known[column]["distinct"], column


def test_state_years_of_the_oracle_d3() -> None:
    # create_stateyears(); add_archigos(); add_igos()
    known = digest("d3_stateyears_cow_pipeline")
    made = panel("state-year", years=(1816, 2016)).add("leader_turnover", "igos")
    own = ("leaderexits", "irregularexits", "foreignexits")
    held(made.collect(), known, tuple(name for name in made.columns[2:] if name not in own))


def test_an_irregular_exit_counts_in_its_own_year() -> None:
    # peacesciencer calls a year irregular if a leader in it left irregularly later: here Kennedy.
    found = panel("state-year", years=(1961, 1963), states=[2]).add("leader_turnover").collect()
    assert found["irregular"].to_list() == [1, 0, 1]
    assert found["irregularexits"].to_list() == [0, 0, 1]
    # Estrada Palma of Cuba left in 1906 and nobody followed him: no transition, but an exit.
    cuba = panel("state-year", years=(1906, 1906), states=[40]).add("leader_turnover").collect()
    assert cuba.select("leadertransition", "leaderexits", "irregularexits").rows() == [(0, 1, 1)]


def test_state_years_of_the_oracle_d7() -> None:
    # create_stateyears(system = "gw"); add_ucdp_acd(type = "intrastate"); add_spells()
    known = digest("d7_stateyears_gw_civil")
    made = panel("state-year", years=(1946, 2019), system="gw")
    made = made.add("ucdp_conflicts", types="intrastate")
    found = made.add("peace_years", of="ucdpongoing", since="peace").collect()
    names = ("gwcode", "year", "ucdpongoing", "ucdponset", "maxintensity", "conflict_ids")
    held(found, known, (*names, "ucdpspell"))


def test_flows_turn_with_the_pair() -> None:
    both = panel("dyad-year", years=(1920, 1920), dyads=[(2, 20)], directed=True).add("trade")
    assert both.collect().select("ccode1", "flow1", "flow2").rows() == [
        (2, 612.0, 735.0),
        (20, 735.0, 612.0),
    ]


def test_capitals_are_those_of_the_first_of_january() -> None:
    # Russia's capital moves to Moscow in March 1918: the year is still Saint Petersburg's.
    pair = panel("dyad-year", years=(1917, 1919), dyads=[(200, 365)]).add("capital_distance")
    far = pair.collect()["capdist"].to_list()
    assert far[0] == far[1]
    assert far[0] == pytest.approx(2100, abs=20)
    assert far[2] == pytest.approx(2500, abs=20)
    pair = panel("dyad-year", years=(1918, 1918), dyads=[(200, 365)])
    last = pair.add("capital_distance", moment="last").collect()
    assert last["capdist"].to_list() == far[2:]
    with pytest.raises(UnknownNameError, match="moment"):
        pair.add("capital_distance", moment="noon").collect()


def test_the_nearest_capital_is_of_a_state_that_is_there_on_the_same_day() -> None:
    # East Germany ends on the day before Germany begins: Berlin is not 0 km from Berlin.
    one = panel("state-year", years=(1990, 1990), states=[255, 265]).add("capital_distance")
    assert min(one.collect()["mincapdist"]) > 100


def test_the_shortest_distance_is_read_from_either_side_of_a_pair() -> None:
    # New Zealand (920) stands second in almost every pair.
    one = panel("state-year", years=(1930, 1930), states=[920]).add("minimum_distance").collect()
    pairs = table("minimum_distance").filter(year=1930)
    own = pairs.filter((pl.col("ccode1") == 920) | (pl.col("ccode2") == 920))["kilometres"]
    assert one["minmindist"].to_list() == [own.min()]


def test_a_conflict_begins_once_and_its_episodes_begin_again() -> None:
    peru = panel("state-year", years=(1946, 2020), system="gw", states=[135])
    found = peru.add("ucdp_conflicts", types=["intrastate", "internationalised"]).collect()
    assert found["ucdponset"].sum() < found["ucdpepisode"].sum() < found["ucdpongoing"].sum()


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"types": "civil"}, UnknownNameError, "type of conflict"),
        ({"types": []}, InputError, "no type of conflict"),
        ({"issues": ["land"]}, UnknownNameError, "issue"),
    ],
)
def test_conflicts_of_an_unknown_type_are_refused(
    options: dict[str, object], error: type[Exception], match: str
) -> None:
    made = panel("state-year", years=(1990, 1991), system="gw").add("ucdp_conflicts", **options)
    with pytest.raises(error, match=match):
        made.collect()


def test_a_kind_of_war_must_be_one_of_the_list() -> None:
    made = panel("state-year", years=(1990, 1991)).add("intrastate_wars", kind="civil")
    with pytest.raises(UnknownNameError, match="kind of war"):
        made.collect()


def test_an_intrastate_war_begins_with_the_state_it_is_fought_in() -> None:
    # peacesciencer gives the onset of 29 wars to the state that intervenes: here the US in 1965.
    found = panel("state-year", years=(1965, 1965), states=[2, 42]).add("intrastate_wars")
    assert found.collect().select("ccode", "cowintraongoing", "cowintraonset").rows() == [
        (2, 0, 0),
        (42, 1, 1),
    ]


def test_a_war_taken_up_again_begins_again_if_asked() -> None:
    frame = panel("state-year", years=(1944, 1950), states=[350])
    found = frame.add("intrastate_wars").collect()
    assert found["cowintraongoing"].to_list() == [1, 1, 1, 1, 1, 1, 0]
    # Fighting stopped in January 1945 and was resumed in February 1946.
    assert found["cowintraonset"].to_list() == [1, 0, 1, 0, 0, 0, 0]
    once = frame.add("intrastate_wars", resumed=False).collect()
    assert once["cowintraonset"].to_list() == [1, 0, 0, 0, 0, 0, 0]


def test_crises() -> None:
    pair = panel("dyad-year", years=(1961, 1963), dyads=[(2, 365)]).add("icb_crises").collect()
    assert pair["icbdyonset"].to_list() == [1, 1, 0]
    assert pair["icbcrisno"].to_list()[1] == 196


def test_claims_say_who_claims() -> None:
    pair = panel("dyad-year", years=(1985, 1985), dyads=[(160, 200)], directed=True)
    found = pair.add("icow_claims").collect()
    assert found.select("ccode1", "icowclaim", "icowclaims1", "icowclaims2").rows() == [
        (160, 1, found["icowclaims1"][0], 0),
        (200, 1, 0, found["icowclaims1"][0]),
    ]
    assert found["icowclaims1"][0] >= 1


def test_an_arms_race_is_null_where_nobody_looked() -> None:
    found = panel("dyad-year", years=(1975, 1983), dyads=[(2, 20), (2, 365)]).add("arms_races")
    rows = found.collect()
    assert rows.filter(ccode2=20)["armsrace"].null_count() == 9
    assert rows.filter(ccode2=365)["armsrace"].to_list() == [0, 0, 0, 1, 1, 1, 1, 0, 0]
    assert rows.filter(ccode2=365)["armsraceonset"].sum() == 1


def test_sanctions_of_china_are_known_for_its_pairs_alone() -> None:
    found = panel("dyad-year", years=(2010, 2010), dyads=[(2, 365), (385, 710)])
    rows = found.add("china_sanctions").collect()
    assert rows["chinasanctions"].to_list()[0] is None
    assert rows["chinasanctions"].to_list()[1] >= 1


def test_a_meeting_that_is_not_listed_is_none_only_where_all_are_recorded() -> None:
    found = panel("dyad-year", years=(1961, 1962), dyads=[(2, 365), (220, 365)])
    rows = found.add("leader_meetings").collect()
    known = rows.filter(ccode1=2).select("meetingslisted", "meetingsrecorded", "leadermeetings")
    assert known.rows() == [(1, 1, 1), (None, 1, 0)]
    assert rows.filter(ccode1=220)["leadermeetings"].null_count() == 2
    assert rows.filter(ccode1=220)["meetingsrecorded"].to_list() == [0, 0]


def test_recorded_years_are_those_of_the_windows_of_the_chronology() -> None:
    for low, high, year, _ in recorded_years().iter_rows():
        windows = windows_of(low, high)
        first, last = pl.date(year, 1, 1), pl.date(year, 12, 31)
        assert windows.filter((pl.col("start") <= first) & (pl.col("stop") > last)).height > 0
    margins = recorded_years("all").select("ccode1", "ccode2").unique().sort("ccode1").rows()
    assert margins == [(2, 365), (731, 732)]
    assert listed_meetings()["meetingslisted"].min() == 1


def context() -> Context:
    return Context(Frame(UNITS["leader-year"], (1870, 2015)), {}, table)


def test_leaders_carry_their_experience() -> None:
    rows = pl.LazyFrame({"obsid": ["USA-1869", "no-such"], "year": [1870, 1870]})
    found = feature("lead").join(rows, context()).collect()
    assert found["combat"].to_list() == [1, None]
    force = feature("lwuf").join(rows, context()).collect()
    assert force["theta2_mean"].to_list() == [pytest.approx(1.0389, abs=1e-4), None]


def test_traits_find_their_leader_in_office() -> None:
    found = traits._by_office(context()).collect()
    assert not found.select("obsid", "year").is_duplicated().any()
    kennedy = found.filter(pl.col("obsid") == "USA-1961")["year"].to_list()
    assert sorted(kennedy) == [1961, 1962, 1963]
    # Roosevelt's speeches of 1932 are a candidate's.
    roosevelt = found.filter(pl.col("obsid") == "USA-1933")["year"]
    assert roosevelt.min() == 1933


def test_states_that_fight_each_other() -> None:
    pairs = [(651, 666), (2, 645), (200, 645)]
    plain = panel("dyad-year", years=(1945, 2003), dyads=pairs)
    found = plain.add("ucdp_interstate").collect()
    egypt = found.filter(pl.col("ucdpinterongoing") == 1, ccode1=651)
    assert {1967, 1973} <= set(egypt["year"])
    assert found.filter(year=1945)["ucdpinterongoing"].null_count() == 2
    # The United States fought Iraq in 1991 at the side of Kuwait, and in 2003 by itself.
    wider = plain.add("ucdp_interstate", supporters=True).collect()
    for rows, fought in ((found, [0, 1]), (wider, [1, 1])):
        iraq = rows.filter(pl.col("year").is_in([1991, 2003]), ccode1=2)
        assert iraq["ucdpinterongoing"].to_list() == fought


def test_states_that_fight_are_found_in_either_system() -> None:
    gw = panel("dyad-year", years=(1980, 1988), dyads=[(630, 645)], system="gw")
    cow = panel("dyad-year", years=(1980, 1988), dyads=[(630, 645)])
    column = "ucdpinterongoing"
    assert gw.add("ucdp_interstate").collect()[column].to_list() == [1] * 9
    assert cow.add("ucdp_interstate").collect()[column].to_list() == [1] * 9
