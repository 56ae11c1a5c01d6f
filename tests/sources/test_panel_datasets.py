"""The readers of the datasets that panels join: keys, coverage, ranges, and facts to look up."""

import datetime as dt

import polars as pl
import pytest

from detente import sources
from detente.core import states

from .cells import value

pytestmark = pytest.mark.data

# Rows in the files, less those that the readers say they leave out.
ROWS = {
    "gw_states": 239,
    "leader_turnover": 14407,
    "igo_memberships": 15557,
    "igo_joint": 917695,
    "ucdp_conflicts": 5652,
    "ucdp_onsets": 10142,
    "td_rivalries": 197,
    "polity5": 17574 - 76 - 7,
    "lead": 3409,
    "lwuf": 3409,
    "capitals": 242,
    "minimum_distance": 952244,
    "trade_national": 14410,
    "trade": 1347308 // 2,
    "arms_races": 71,
    "territorial_threat": 14781,
    "cow_extrastate_wars": 198 + 3,
    "cow_intrastate_wars": 442 + 12,
    "ideal_points": 10469,
    "ideal_points_2025": 11440,
    "icb_actors": 1100,
    "icb_dyads": 1363,
    "icow_claims": 837,
    "peace_scale": 99387,
    "psycl": 561,
    "sanctions": 766 - 35,
    "sanctions_china": 127 - 5,
}
KEYS = {
    "gw_states": ("gwcode", "start"),
    "leader_turnover": ("gwcode", "year"),
    "igo_memberships": ("ccode", "year"),
    "igo_joint": ("ccode1", "ccode2", "year"),
    "ucdp_conflicts": (
        *("conflict_id", "year", "gwcode_a", "gwcode_a_2nd", "gwcode_b", "gwcode_b_2nd"),
    ),
    "ucdp_onsets": ("gwcode", "year"),
    "td_rivalries": ("ccode1", "ccode2", "start_year"),
    "polity5": ("ccode", "year"),
    "lead": ("obsid",),
    "lwuf": ("obsid",),
    "capitals": ("ccode", "start"),
    "minimum_distance": ("ccode1", "ccode2", "year"),
    "trade_national": ("ccode", "year"),
    "trade": ("ccode1", "ccode2", "year"),
    "arms_races": ("ccode1", "ccode2", "start_year"),
    "territorial_threat": ("ccode", "year"),
    "cow_extrastate_wars": ("warnum", "ccode_a", "ccode_b", "side_a", "side_b", "start"),
    "cow_intrastate_wars": ("warnum", "ccode_a", "ccode_b", "side_a", "side_b", "start"),
    "ideal_points": ("ccode", "year"),
    "ideal_points_2025": ("ccode", "year"),
    "icb_actors": ("crisno", "cracno"),
    "icb_dyads": ("crisno", "crdynum", "year"),
    "icow_claims": ("claim_id",),
    "peace_scale": ("ccode1", "ccode2", "year"),
    "psycl": ("ccode", "lastname", "firstname", "year"),
    "sanctions": ("case_id", "sender", "target"),
    "sanctions_china": ("start_year", "target", "name"),
}
# Claims and episodes whose years say when they began, not what the table covers.
OPEN_ENDED = ("cow_extrastate_wars", "cow_intrastate_wars", "icb_actors", "sanctions")
# Leaders have no years of their own; their times in office are those of Archigos. China's first
# episode is of 1967, although the authors looked from 1949 on.
BY_LEADER = ("lead", "lwuf", "sanctions_china")
RANGES = {
    ("igo_memberships", "full"): (0, 150),
    ("igo_joint", "joint"): (0, 150),
    ("ucdp_conflicts", "intensity"): (1, 2),
    ("ucdp_conflicts", "start_precision"): (1, 7),
    ("leader_turnover", "leaders"): (1, 12),
    ("polity5", "polity"): (-10, 10),
    ("polity5", "polity2"): (-10, 10),
    ("polity5", "xconst"): (1, 7),
    ("lead", "education"): (0, 3),
    ("lead", "years_experience"): (0, 80),
    ("capitals", "latitude"): (-90, 90),
    ("capitals", "longitude"): (-180, 180),
    ("minimum_distance", "kilometres"): (0, 20_038),
    ("trade", "imports1"): (0, 1_000_000),
    ("trade_national", "exports"): (0, 10_000_000),
    ("ideal_points", "ideal_point"): (-4, 4),
    ("ideal_points_2025", "final"): (-4, 4),
    ("icb_actors", "gravity"): (0, 7),
    ("icow_claims", "start_month"): (1, 12),
    ("icow_claims", "salience"): (0, 12),
    ("peace_scale", "peace"): (0, 1),
    ("psycl", "p1"): (-1, 1),
    ("psycl", "distrust"): (0, 1),
}


@pytest.fixture(autouse=True)
def _data(mirror: str) -> None:
    """Every test here reads the datasets."""


@pytest.mark.parametrize("name", KEYS)
def test_rows_and_keys(name: str) -> None:
    table = sources.load(name)
    assert table.height == ROWS[name]
    assert not table.select(KEYS[name]).is_duplicated().any()
    assert table.equals(table.sort(KEYS[name]))


@pytest.mark.parametrize("name", [name for name in KEYS if name not in BY_LEADER])
def test_years_lie_in_the_stated_coverage(name: str) -> None:
    table, (first, last) = sources.load(name), sources.dataset(name).years
    if name in OPEN_ENDED:
        years = table["start_year"] if "start_year" in table.columns else table["start"].dt.year()
        assert years.min() == first
        assert last - 15 < years.max() <= last + 1
    elif "year" in table.columns:
        assert (table["year"].min(), table["year"].max()) == (first, last)
    elif "start" in table.columns:
        assert table["start"].dt.year().min() == first
        assert table["stop"].dt.offset_by("-1d").dt.year().max() == last
        assert (table["start"] < table["stop"]).all()
    else:
        assert (table["start_year"].min(), table["end_year"].max()) == (first, last)
        assert (table["start_year"] <= table["end_year"]).all()


@pytest.mark.parametrize(("name", "column"), RANGES)
def test_values_lie_in_their_range(name: str, column: str) -> None:
    low, high = RANGES[name, column]
    values = sources.load(name)[column].drop_nulls()
    assert low <= values.min() <= values.max() <= high


@pytest.mark.parametrize("name", KEYS)
def test_no_number_is_a_missing_code(name: str) -> None:
    table = sources.load(name)
    for column in table.select(pl.selectors.numeric()).columns:
        assert table[column].min() not in (-9, -8, -7, -66, -77, -88, -99, -999), column
        if table[column].dtype.is_float():
            assert not table[column].is_nan().any(), column


def test_gw_states() -> None:
    germany = sources.load("gw_states").filter(pl.col("gwcode").is_in([255, 260]))
    assert germany.select("gwcode", "start", "stop").rows() == [
        (255, dt.date(1816, 1, 1), dt.date(1945, 5, 8)),
        (260, dt.date(1949, 9, 21), dt.date(2021, 1, 1)),
    ]
    states = sources.load("gw_states")
    assert states.filter("microstate", name="Grenada").height == 1
    assert not states.filter(gwcode=2)["microstate"][0]


def test_leader_turnover() -> None:
    year = sources.load("leader_turnover").filter(gwcode=2, year=1963)
    assert year.select("transition", "leaders", "first_obsid", "last_obsid").rows() == [
        (True, 2, "USA-1961", "USA-1963")
    ]


def test_igo() -> None:
    assert value("igo_memberships", "full", ccode=2, year=1816) == 0
    assert value("igo_joint", "joint", ccode1=2, ccode2=20, year=1920) == 7
    table = sources.load("igo_memberships")
    parts = table["full"] + table["associate"] + table["observer"]
    assert (parts == table["anytype"]).all()
    joint = sources.load("igo_joint")
    assert (joint["ccode1"] < joint["ccode2"]).all()


def test_ucdp_conflicts() -> None:
    six_days = sources.load("ucdp_conflicts").filter(year=1967, gwcode_b=666, conflict_id=11343)
    assert six_days.select("gwcode_a", "type", "intensity").rows() == [(651, "interstate", 2)]
    assert six_days["start"].to_list() == [dt.date(1967, 6, 5)]
    ongoing = sources.load("ucdp_conflicts").filter("episode_ends")
    assert ongoing["episode_end"].null_count() == 0


def test_ucdp_onsets() -> None:
    table = sources.load("ucdp_onsets")
    assert (table["onsets_1"] >= table["onsets_10"]).all()
    assert (table["onsets_10"] >= table["new"]).all()


@pytest.mark.parametrize(
    ("name", "spans"),
    [
        ("td_rivalries", [(1945, 1989), (2007, 2010)]),
        ("rivalries", [(1918, 1920), (1945, 1989), (2007, 2020)]),
    ],
)
def test_rivalry_of_the_united_states_and_the_soviet_union(name: str, spans: list[object]) -> None:
    pair = sources.load(name).filter(ccode1=2, ccode2=365)
    assert pair.select("start_year", "end_year").rows() == spans
    assert pair["ideological"].any()


def test_leaders_say_who_they_are() -> None:
    thatcher = sources.load("leaders").filter(leader="Thatcher")
    assert thatcher.select("gender", "birth_year", "entry", "exit").rows() == [
        ("F", 1925, "Regular", "Regular")
    ]
    assert sources.load("leaders")["birth_year"].null_count() == 19


CODES = {state.ccode for state in states()}
# Codes of no member that the sources use; the datasets' faults name them.
STRANGE = {"td_rivalries": {324}, "icb_actors": {219, 671, 672}}


@pytest.mark.parametrize("name", KEYS)
def test_codes_are_those_of_states(name: str) -> None:
    table = sources.load(name)
    states_of = ("ccode", "challenger", "target", "sender")
    cow = {v for c in table.columns if c.startswith(states_of) for v in table[c].drop_nulls()}
    assert cow - CODES == STRANGE.get(name, set())
    gw = {v for c in table.columns if c.startswith("gwcode") for v in table[c].drop_nulls()}
    known = set(sources.load("gw_states")["gwcode"])
    assert gw - known == ({751} if name == "ucdp_conflicts" else set())


@pytest.mark.parametrize(
    "name", ["igo_joint", "trade", "minimum_distance", "arms_races", "peace_scale", "icb_dyads"]
)
def test_dyads_are_undirected(name: str) -> None:
    table = sources.load(name)
    assert (table["ccode1"] < table["ccode2"]).all()


def test_leaders_of_lead_and_lwuf_are_those_of_archigos() -> None:
    known = sources.load("leaders")["obsid"].sort()
    assert sources.load("lead")["obsid"].equals(known)
    assert sources.load("lwuf")["obsid"].equals(known)


@pytest.mark.parametrize(
    ("ccode", "year", "own", "score"),
    [(365, 1950, 364, -9), (770, 1960, 769, -7), (816, 1980, 818, -7), (345, 2006, 342, 8)],
)
def test_polity_numbers_states_in_its_own_way(ccode: int, year: int, own: int, score: int) -> None:
    assert value("polity5", "polity_code", ccode=ccode, year=year) == own
    assert value("polity5", "polity2", ccode=ccode, year=year) == score


def test_polity_says_why_a_score_is_missing() -> None:
    table = sources.load("polity5")
    assert table["polity"].is_null().equals(table["interruption"].is_not_null())
    assert value("polity5", "interruption", ccode=220, year=1942) == "foreign"


def test_lead() -> None:
    grant = sources.load("lead").filter(obsid="USA-1869")
    assert grant.select("military_service", "combat", "war_win", "rebel").rows() == [
        (True, True, True, False)
    ]


def test_capitals() -> None:
    on = dt.date(1914, 7, 28)
    serving = sources.load("capitals").filter(pl.col("start") <= on, pl.col("stop") > on)
    assert serving.filter(ccode=365)["capital"].to_list() == ["Saint Petersburg"]
    brasilia = sources.load("capitals").filter(capital="Brasilia").row(0, named=True)
    assert (round(brasilia["latitude"]), round(brasilia["longitude"])) == (-10, -53)


def test_minimum_distance() -> None:
    assert value("minimum_distance", "kilometres", ccode1=2, ccode2=70, year=1900) == 0
    assert 900 < value("minimum_distance", "kilometres", ccode1=2, ccode2=41, year=1900) < 1000


def test_trade() -> None:
    canada = sources.load("trade").filter(ccode1=2, ccode2=20, year=1920)
    assert canada.select("imports1", "imports2").rows() == [(612.0, 735.0)]
    missing = sources.load("trade").select(pl.col("^.*imports.*$").null_count())
    assert missing.row(0) == (22937, 27896, 22937, 27896)


def test_arms_races() -> None:
    pair = sources.load("arms_races").filter(ccode1=2, ccode2=365)
    assert pair.select("start_year", "end_year").rows() == [(1978, 1981)]


def test_territorial_threat() -> None:
    table = sources.load("territorial_threat")
    assert (table["threat_lower"] < table["threat"]).all()
    assert table.filter(pl.col("year") < 1885)["nearness"].drop_nulls().is_empty()


def test_extrastate_wars() -> None:
    boer = sources.load("cow_extrastate_wars").filter(name="Third Franco-Vietnamese")
    assert boer.filter(pl.col("ccode_b") == 710)["ccode_a"].to_list() == [None]
    ongoing = sources.load("cow_extrastate_wars").filter("censored")
    assert set(ongoing["name"]) == {"Afghan Resistance", "Iraqi Resistance"}
    assert set(ongoing["stop"]) == {dt.date(2008, 1, 1)}


@pytest.mark.parametrize(
    ("warnum", "start", "stop", "known"),
    [
        (572, dt.date(1861, 4, 10), dt.date(1865, 4, 10), True),
        (585, dt.date(1866, 10, 1), dt.date(1866, 11, 1), False),
        (682, dt.date(1919, 1, 6), dt.date(1919, 6, 1), False),
    ],
)
def test_intrastate_wars(warnum: int, start: dt.date, stop: dt.date, known: bool) -> None:
    found = sources.load("cow_intrastate_wars").filter(warnum=warnum)
    assert found.select("start", "stop", "stop_known").rows() == [(start, stop, known)]


def test_ideal_points() -> None:
    for name, column in (("ideal_points", "ideal_point"), ("ideal_points_2025", "final")):
        table = sources.load(name)
        assert 1964 not in table["year"]
        assert value(name, column, ccode=2, year=1985) > 2
        assert value(name, column, ccode=365, year=1985) < -1


def test_icb_actors() -> None:
    cuba = sources.load("icb_actors").filter(pl.col("name") == "CUBAN MISSILES", ccode=2)
    assert cuba.select("crisno", "start").rows() == [(196, dt.date(1962, 10, 16))]
    assert sources.load("icb_actors")["stop"].null_count() == 7
    assert sources.load("icb_actors")["start_known"].not_().sum() == 33


def test_icb_dyads() -> None:
    cuba = sources.load("icb_dyads").filter(crisno=196, ccode1=2, ccode2=365)
    assert cuba.select("year", "start", "stop", "onset").rows() == [
        (1962, dt.date(1962, 10, 16), dt.date(1962, 11, 21), True)
    ]
    assert sources.load("icb_dyads").filter(ccode1=255, year=1991).height > 0
    spells = sources.load("icb_dyads").filter("onset")
    assert not spells["crdynum"].is_duplicated().any()


def test_icow() -> None:
    claims = sources.load("icow_claims")
    assert claims["censored"].sum() == 109
    assert claims["start_month"].null_count() == 5
    assert (claims["salience"] >= claims["tangible_salience"]).all()


def test_peace_scale() -> None:
    assert value("peace_scale", "peace", ccode1=2, ccode2=20, year=2010) == 1
    assert value("peace_scale", "peace", ccode1=2, ccode2=365, year=1960) == 0


def test_psycl_names_leaders_before_office_too() -> None:
    table = sources.load("psycl")
    assert table.filter(ccode=2, year=1932).select("lastname").to_series().to_list() == [
        "Hoover",
        "Roosevelt",
    ]


def test_sanctions() -> None:
    table = sources.load("sanctions")
    assert (table["start_year"] >= table["threat_year"]).all()
    assert table.filter("censored")["end_year"].null_count() == table["censored"].sum()
    norway = sources.load("sanctions_china").filter(pl.col("target") == 385)
    assert 2010 in norway["start_year"]
