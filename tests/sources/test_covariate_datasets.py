"""The readers of the states' and dyads' covariates, against facts that can be looked up."""

import datetime as dt
from collections.abc import Sequence

import polars as pl
import pytest

from detente import sources
from detente.core import is_member_year, states
from detente.sources import nuclear_status

from .cells import value

pytestmark = pytest.mark.data

CODES = {state.ccode for state in states()}
# Rows in the files, less those that the readers say they leave out.
ROWS = {
    "cow_states": 243,
    "cow_majors": 14,
    "nmc": 17121,
    "contiguity": (1874 - 180) // 2,
    "atop": 273296 // 2,
    "democracy": 17706,
    "gdp": 16536,
    "rivalries": 264,
    "warheads": 869 - 79,
    "leaders": 3409,
    "gw_cow": 20990 - 141,
}
KEYS = {
    "cow_states": ("ccode", "start"),
    "cow_majors": ("ccode", "start"),
    "nmc": ("ccode", "year"),
    "contiguity": ("ccode1", "ccode2", "start"),
    "atop": ("ccode1", "ccode2", "year"),
    "democracy": ("ccode", "year"),
    "gdp": ("ccode", "year"),
    "rivalries": ("ccode1", "ccode2", "start_year"),
    "nuclear_status": ("ccode", "year"),
    "warheads": ("ccode", "year"),
    "leaders": ("obsid",),
    "gw_cow": ("gwcode", "year"),
}
RANGES = {
    ("nmc", "cinc"): (0, 1),
    ("contiguity", "type"): (1, 5),
    ("democracy", "polity2"): (-10, 10),
    ("democracy", "polyarchy"): (0, 1),
    ("gdp", "mrgdppc"): (100, 200_000),
    ("nuclear_status", "status"): (0, 3),
    ("warheads", "warheads"): (0, 45_000),
}


@pytest.fixture(autouse=True)
def _data(mirror: str) -> None:
    """Every test here reads the datasets."""


@pytest.mark.parametrize("name", KEYS)
def test_columns_rows_and_keys(name: str) -> None:
    table, known = sources.load(name), sources.dataset(name)
    assert table.columns == list(known.columns)
    if name in ROWS:
        assert table.height == ROWS[name]
    assert not table.select(KEYS[name]).is_duplicated().any()
    for key in KEYS[name]:
        assert table[key].null_count() == 0
    assert table.equals(table.sort(KEYS[name])) or name == "leaders"


@pytest.mark.parametrize("name", KEYS)
def test_years_lie_in_the_stated_coverage(name: str) -> None:
    table, (first, last) = sources.load(name), sources.dataset(name).years
    if "year" in table.columns:
        years = table["year"]
        assert (years.min(), years.max()) == (first, last)
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


@pytest.mark.parametrize("name", [name for name in KEYS if name not in ("leaders", "gw_cow")])
def test_codes_are_those_of_states(name: str) -> None:
    table = sources.load(name)
    columns = [column for column in table.columns if column.startswith("ccode")]
    found = set().union(*(set(table[column].drop_nulls()) for column in columns))
    assert found - CODES == ({324} if name == "rivalries" else set())


@pytest.mark.parametrize("name", ["contiguity", "atop", "rivalries"])
def test_dyads_are_undirected(name: str) -> None:
    table = sources.load(name)
    assert (table["ccode1"] < table["ccode2"]).all()


@pytest.mark.parametrize("name", ["cow_states", "cow_majors", "contiguity"])
def test_spells_of_a_unit_do_not_overlap(name: str) -> None:
    table = sources.load(name)
    unit = [column for column in table.columns if column.startswith("ccode")]
    before = pl.col("stop").shift().over(unit)
    assert table.sort(*unit, "start").filter(pl.col("start") < before).height == 0


def test_no_number_is_a_missing_code() -> None:
    for name in KEYS:
        table = sources.load(name)
        for column in table.columns:
            if table[column].dtype.is_numeric() and column not in ("euds", "aeuds", "polity2"):
                assert (table[column].min() or 0) >= 0, (name, column)
            if table[column].dtype.is_float():
                assert not table[column].is_nan().any(), (name, column)


def test_cow_states() -> None:
    germany = sources.load("cow_states").filter(ccode=255)
    assert germany.select("start", "stop", "censored").rows() == [
        (dt.date(1816, 1, 1), dt.date(1945, 5, 9), False),
        (dt.date(1990, 10, 3), dt.date(2017, 1, 1), True),
    ]


def test_cow_majors() -> None:
    majors = sources.load("cow_majors")
    now = majors.filter("censored")["ccode"].to_list()
    assert now == [2, 200, 220, 255, 365, 710, 740]
    usa = majors.filter(ccode=2)["start"].to_list()
    assert usa == [dt.date(1898, 8, 13)]
    assert majors.filter(ccode=300)["stop"].to_list() == [dt.date(1918, 11, 4)]


def test_nmc() -> None:
    shares = sources.load("nmc").filter(year=2022).sort("cinc", descending=True)
    assert shares["ccode"].head(2).to_list() == [710, 2]
    assert value("nmc", "tpop", ccode=2, year=1816) == 8659
    assert sources.load("nmc")["milex"].null_count() == 2360


@pytest.mark.parametrize(
    ("one", "other", "day", "kind"),
    [
        (2, 365, dt.date(1958, 12, 31), None),
        (2, 365, dt.date(1959, 1, 1), 2),
        (2, 70, dt.date(1900, 1, 1), 1),
        (365, 369, dt.date(1991, 11, 30), None),
        (365, 369, dt.date(1991, 12, 1), 1),
        (365, 385, dt.date(1947, 1, 31), 4),
        (365, 385, dt.date(1947, 2, 1), 1),
        (200, 220, dt.date(2016, 12, 31), 3),
    ],
)
def test_contiguity(one: int, other: int, day: dt.date, kind: int | None) -> None:
    at = sources.load("contiguity").filter(
        pl.col("start") <= day, pl.col("stop") > day, ccode1=one, ccode2=other
    )
    assert at["type"].to_list() == ([] if kind is None else [kind])


@pytest.mark.parametrize(
    ("one", "other", "years"),
    [
        (2, 200, (1942, 2018)),
        (2, 260, (1954, 1990)),
        (2, 366, (2003, 2018)),
    ],
)
def test_atop_first_and_last_year_of_a_defence_pact(
    one: int, other: int, years: tuple[int, int]
) -> None:
    pact = sources.load("atop").filter("defense", ccode1=one, ccode2=other)["year"]
    assert (pact.min(), pact.max()) == years


def test_atop_has_no_defence_pact_of_the_rivals_after_1945() -> None:
    pact = sources.load("atop").filter("defense", pl.col("year") > 1945, ccode1=2, ccode2=365)
    assert pact.height == 0


def test_atop_of_the_molotov_ribbentrop_pact() -> None:
    pact = sources.load("atop").filter(ccode1=255, ccode2=365, year=1940)
    assert pact["nonaggression"].to_list() == [True]
    assert pact["defense"].to_list() == [False]


def test_democracy() -> None:
    assert value("democracy", "polity2", ccode=365, year=1950) is None
    assert value("democracy", "aeuds", ccode=365, year=1950) < -1
    assert value("democracy", "polity2", ccode=365, year=1910) < 0
    assert value("democracy", "polity2", ccode=380, year=2010) == 10
    assert value("democracy", "polity2", ccode=2, year=2024) is None
    assert value("democracy", "polyarchy", ccode=2, year=2024) == 0.843


def test_gdp() -> None:
    assert value("gdp", "pwtpop", ccode=710, year=2019) > 1300
    assert sources.load("gdp")["mrgdppc"].null_count() == 43


def rivalry_years(one: int, other: int) -> Sequence[tuple[int, int, bool]]:
    found = sources.load("rivalries").filter(ccode1=one, ccode2=other)
    return found.select("start_year", "end_year", "censored").rows()


def test_rivalries() -> None:
    assert rivalry_years(2, 365) == [
        (1918, 1920, False),
        (1945, 1989, False),
        (2007, 2020, True),
    ]
    assert rivalry_years(365, 369) == [(2014, 2020, True)]
    assert rivalry_years(2, 20) == []


def test_rivalries_that_name_a_state_while_it_was_no_member() -> None:
    held = [
        row
        for row in sources.load("rivalries").iter_rows(named=True)
        if row["end_year"] >= 1816
        and not all(
            is_member_year(row["ccode1"], year) and is_member_year(row["ccode2"], year)
            for year in range(max(row["start_year"], 1816), row["end_year"] + 1)
        )
    ]
    assert len(held) == 52
    assert {"Austria-Prussia", "Oman-S. Yemen"} <= {row["name"] for row in held}


def test_nuclear_status() -> None:
    status = sources.load("nuclear_status")
    possess = status.filter(pl.col("status") == 3, year=2022)["ccode"].to_list()
    assert possess == [2, 200, 220, 365, 666, 710, 731, 750, 770]
    first = status.filter(pl.col("status") == 3).group_by("ccode").agg(pl.col("year").min())
    years = dict(first.rows())
    assert (years[2], years[365], years[200], years[220], years[710]) == (
        1945,
        1949,
        1952,
        1960,
        1964,
    )
    assert all(is_member_year(ccode, year) for ccode, year in status.select("ccode", "year").rows())


def test_nuclear_status_names() -> None:
    names = nuclear_status.names()
    unmatched = names.filter(pl.col("ccode").is_null())["name"].to_list()
    assert unmatched == ["Abkhazia", "South Ossetia", "Tibet"]
    coded = set(names["ccode"].drop_nulls())
    members = {s.ccode for s in states() if any(s.member_in(y) for y in range(1938, 2023))}
    missing = sorted(members - coded)
    assert missing == []


def test_warheads() -> None:
    assert value("warheads", "warheads", ccode=2, year=1967) == 31255
    assert value("warheads", "warheads", ccode=365, year=1986) == 40159
    assert value("warheads", "warheads", ccode=560, year=2023) == 0
    assert value("warheads", "warheads", ccode=2, year=1945) == 2


def test_leaders() -> None:
    on = dt.date(1985, 11, 19)
    serving = sources.load("leaders").filter(pl.col("start") <= on, pl.col("stop") > on)
    found = dict(serving.filter(pl.col("gwcode").is_in([2, 365])).select("gwcode", "leader").rows())
    assert found == {2: "Reagan", 365: "Gorbachev"}
    assert sources.load("leaders")["censored"].sum() == 165


@pytest.mark.parametrize(
    ("gwcode", "year", "ccode"),
    [
        (255, 1939, 255),
        (260, 1955, 260),
        (260, 1991, 255),
        (678, 1989, 678),
        (678, 1990, 679),
        (260, 1990, 260),
        (340, 2006, 345),
        (345, 2006, 345),
        (42, 1900, 42),
        (42, 1860, None),
    ],
)
def test_gw_cow(gwcode: int, year: int, ccode: int | None) -> None:
    assert value("gw_cow", "ccode", gwcode=gwcode, year=year) == ccode
