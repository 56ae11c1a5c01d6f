import math

import polars as pl
import pytest

from detente.histories.features import FEATURES, centres, concentration, dyad_features, filled

from .conflict_tables import date
from .small_worlds import DYAD, features

END = date("2017-01-01")


def one(a: int, b: int, year: int, **tables: list[tuple]) -> dict:
    dyads = pl.DataFrame([(a, b, year)], schema={**DYAD, "year": pl.Int64}, orient="row")
    return dyad_features(dyads, features(**tables)).row(0, named=True)


def test_values_are_those_of_the_year_before():
    row = one(
        10,
        11,
        1950,
        nmc=[(10, 1949, 0.02), (11, 1949, 0.08), (10, 1950, 0.9), (11, 1950, 0.9)],
        democracy=[(10, 1949, 0.7), (11, 1949, 0.3), (11, 1950, 0.99)],
        atop=[(10, 11, 1949, True), (10, 11, 1950, False)],
        nuclear_status=[(10, 1949, 3), (11, 1949, 2), (11, 1950, 3)],
    )
    assert row["parity"] == pytest.approx(math.log(0.25))
    assert row["democracy"] == 0.3
    assert row["alliance"] == 1
    assert row["both_nuclear"] == 0


def test_what_is_missing_is_null_and_what_is_absent_is_zero():
    row = one(10, 11, 1950, nmc=[(10, 1949, 0.02)], democracy=[(10, 1949, 0.7), (11, 1949, None)])
    assert [row[c] for c in ("parity", "democracy", "concentration")] == [None] * 3
    zero = ("contiguous", "land", "one_major", "both_major", "alliance", "rivalry", "both_nuclear")
    assert [row[c] for c in zero] == [0.0] * 7
    # No share of capabilities at all has no logarithm.
    assert one(10, 11, 1950, nmc=[(10, 1949, 0.0), (11, 1949, 0.1)])["parity"] is None


def test_contiguity_on_the_last_day_of_the_year_before():
    sea, land = (10, 11, date("1900-05-01"), date("1949-12-31"), 4), 1
    near = [sea, (10, 11, date("1949-12-31"), date("1960-01-01"), land)]
    rows = [one(10, 11, y, contiguity=near) for y in (1900, 1901, 1949, 1950, 1960, 1961)]
    assert [r["contiguous"] for r in rows] == [0, 1, 1, 1, 1, 0]
    assert [r["land"] for r in rows] == [0, 0, 0, 1, 1, 0]


def test_major_powers():
    powers = [
        (10, date("1898-08-13"), END, True),
        (11, date("1900-01-01"), date("1918-11-12"), False),
    ]
    rows = [one(10, 11, y, cow_majors=powers) for y in (1898, 1899, 1901, 1918, 1919)]
    assert [r["one_major"] for r in rows] == [0, 1, 0, 0, 1]
    assert [r["both_major"] for r in rows] == [0, 0, 1, 1, 0]


def test_rivalry_lasts_through_its_last_year():
    over = [(10, 11, 1946, 1949, False)]
    assert [one(10, 11, y, rivalries=over)["rivalry"] for y in (1946, 1947, 1950, 1951)] == [
        0,
        1,
        1,
        0,
    ]
    assert one(10, 11, 2014, rivalries=[(10, 11, 1946, 1990, True)])["rivalry"] == 1


def test_the_first_year_has_its_powers_and_neighbours():
    row = one(
        10,
        11,
        1816,
        contiguity=[(10, 11, date("1816-01-01"), END, 1)],
        cow_majors=[(10, date("1816-01-01"), END, True)],
    )
    assert (row["contiguous"], row["one_major"]) == (1, 1)


def test_concentration_by_hand():
    # Shares 1/2, 1/4, 1/4: squares sum to 3/8, so CON = sqrt((3/8 - 1/3) / (2/3)) = 1/4.
    powers = [(c, date("1816-01-01"), END, True) for c in (10, 11, 12)]
    powers.append((13, date("1816-01-01"), date("1850-06-01"), False))
    capability = [(10, 1900, 0.2), (11, 1900, 0.1), (12, 1900, 0.1), (13, 1900, 0.6)]
    tables = features(nmc=capability, cow_majors=powers)
    table = concentration(tables.nmc, tables.cow_majors)
    assert table["powers"].to_list() == [3]
    assert table["concentration"].item() == pytest.approx(0.25)


def test_rows_keep_their_order_and_columns():
    dyads = pl.DataFrame(
        [(10, 11, 1951, "a"), (10, 12, 1950, "b"), (10, 11, 1950, "c"), (10, 11, 1951, "d")],
        schema={**DYAD, "year": pl.Int64, "mark": pl.String},
        orient="row",
    )
    table = dyad_features(dyads, features(atop=[(10, 11, 1950, True)]))
    assert table.columns == [*dyads.columns, *FEATURES]
    assert table["mark"].to_list() == ["a", "b", "c", "d"]
    assert table["alliance"].to_list() == [1, 0, 0, 1]


def test_missing_values_are_marked_and_the_rest_centred():
    columns = {"parity": [-1.0, None, -3.0], "concentration": [0.2, 0.4, None]}
    table = pl.DataFrame({**columns, "democracy": [0.5, 0.5, None]})
    centre = centres(table)
    assert centre == pytest.approx({"parity": -2.0, "concentration": 0.3, "democracy": 0.5})
    out = filled(table, centre)
    assert out["parity"].to_list() == [1.0, 0.0, -1.0]
    assert out["no_parity"].to_list() == [0.0, 1.0, 0.0]
    assert out["no_democracy"].to_list() == [0.0, 0.0, 1.0]
