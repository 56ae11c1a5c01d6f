import datetime as dt

import polars as pl
import pytest

from detente.histories.system import politically_relevant_spells

from .conflict_tables import date, states


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
