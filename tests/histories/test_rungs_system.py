import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.histories.system import (
    intersect_spells,
    membership_pairs,
    merge_spells,
    politically_relevant_spells,
)

from .conflict_tables import date, states

DAY0 = dt.date(1900, 1, 1)


def contiguity(*rows: tuple[int, int, int, str, str]) -> pl.DataFrame:
    data = [(a, b, kind, date(x), date(y)) for a, b, kind, x, y in rows]
    schema = {"ccode1": pl.Int32, "ccode2": pl.Int32, "type": pl.Int32}
    return pl.DataFrame(data, schema=schema | {"start": pl.Date, "stop": pl.Date}, orient="row")


def majors(*rows: tuple[int, str, str]) -> pl.DataFrame:
    return states(*rows).drop("name")


def listed(table: pl.DataFrame) -> list[tuple[int, int, str, str]]:
    return [(a, b, x.isoformat(), y.isoformat()) for a, b, x, y in table.rows()]


MEMBERS = states(
    (1, "1816-01-01", "2017-01-01"),
    (2, "1850-01-01", "1940-06-15"),
    (2, "1945-01-01", "2017-01-01"),
    (3, "1920-01-01", "2017-01-01"),
)


def test_membership_is_joint_and_clipped_to_the_record():
    assert listed(membership_pairs(MEMBERS)) == [
        (1, 2, "1850-01-01", "1940-06-15"),
        (1, 2, "1945-01-01", "2015-01-01"),
        (1, 3, "1920-01-01", "2015-01-01"),
        (2, 3, "1920-01-01", "1940-06-15"),
        (2, 3, "1945-01-01", "2015-01-01"),
    ]


def test_relevance_is_contiguity_or_a_major_power_among_members():
    near = contiguity((2, 3, 5, "1930-01-01", "1960-01-01"))
    powers = majors((1, "1900-01-01", "1921-01-01"))
    assert listed(politically_relevant_spells(MEMBERS, near, powers)) == [
        (1, 2, "1900-01-01", "1921-01-01"),
        (1, 3, "1920-01-01", "1921-01-01"),
        (2, 3, "1930-01-01", "1940-06-15"),
        (2, 3, "1945-01-01", "1960-01-01"),
    ]


def test_relevant_for_two_reasons_in_turn_is_one_spell():
    near = contiguity((1, 3, 1, "1921-01-01", "1960-01-01"))
    powers = majors((3, "1920-06-01", "1921-01-01"))
    spells = politically_relevant_spells(MEMBERS, near, powers)
    assert (1, 3, "1920-06-01", "1960-01-01") in listed(spells)


def test_intersection_keeps_the_columns_of_the_left_table():
    left = contiguity((1, 2, 4, "1900-01-01", "1910-01-01"))
    right = contiguity((1, 2, 1, "1905-01-01", "1920-01-01"), (1, 2, 1, "1910-01-01", "1911-01-01"))
    both = intersect_spells(left, right, ("ccode1", "ccode2"))
    assert both.rows() == [(1, 2, 4, date("1905-01-01"), date("1910-01-01"))]


spans = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 40), st.integers(1, 9)), max_size=12)


@settings(max_examples=80, deadline=None)
@given(spans)
def test_merging_is_the_union_of_days(pieces: list[tuple[int, int, int]]):
    schema = {"ccode1": pl.Int32, "start": pl.Date, "stop": pl.Date}
    rows = [
        (who, DAY0 + dt.timedelta(a), DAY0 + dt.timedelta(a + length)) for who, a, length in pieces
    ]
    merged = merge_spells(pl.DataFrame(rows, schema=schema, orient="row"), ("ccode1",))

    def days(table: list[tuple[int, dt.date, dt.date]]) -> set[tuple[int, dt.date]]:
        return {(who, a + dt.timedelta(i)) for who, a, b in table for i in range((b - a).days)}

    assert days(merged.rows()) == days(rows)
    # Disjoint and apart: no two spells of one dyad touch.
    gaps = merged.with_columns(pl.col("stop").shift(1).over("ccode1").alias("last"))
    assert (gaps["start"] > gaps["last"]).all(ignore_nulls=True)


@pytest.mark.data
def test_relevance_of_the_record(mirror: str):
    from detente.sources import load

    assert mirror
    spells = politically_relevant_spells(load("cow_states"), load("contiguity"), load("cow_majors"))
    pairs = {(a, b): (x, y) for a, b, x, y in spells.rows()}
    # A major power throughout: the United Kingdom with Spain.
    assert pairs[200, 230] == (dt.date(1816, 1, 1), dt.date(2015, 1, 1))
    # Bolivia (145) and Chad (483) are neither near nor major.
    assert (145, 483) not in pairs
    # Ukraine is a member since December 1991.
    assert pairs[365, 369][0].year == 1991
    assert spells["start"].min() == dt.date(1816, 1, 1)
    assert spells["stop"].max() == dt.date(2015, 1, 1)
