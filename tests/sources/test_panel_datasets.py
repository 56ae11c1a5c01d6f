"""The readers of the datasets that panels join: keys, coverage, ranges, and facts to look up."""

import datetime as dt

import polars as pl
import pytest

from detente import sources

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
}
RANGES = {
    ("igo_memberships", "full"): (0, 150),
    ("igo_joint", "joint"): (0, 150),
    ("ucdp_conflicts", "intensity"): (1, 2),
    ("ucdp_conflicts", "start_precision"): (1, 7),
    ("leader_turnover", "leaders"): (1, 12),
}


@pytest.fixture(autouse=True)
def _data(mirror: str) -> None:
    """Every test here reads the datasets."""


def value(name: str, column: str, **where: int) -> object:
    found = sources.load(name).filter(**where)
    assert found.height == 1, where
    return found[column][0]


@pytest.mark.parametrize("name", KEYS)
def test_rows_and_keys(name: str) -> None:
    table = sources.load(name)
    assert table.height == ROWS[name]
    assert not table.select(KEYS[name]).is_duplicated().any()
    assert table.equals(table.sort(KEYS[name]))


@pytest.mark.parametrize("name", KEYS)
def test_years_lie_in_the_stated_coverage(name: str) -> None:
    table, (first, last) = sources.load(name), sources.dataset(name).years
    if "year" in table.columns:
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
