"""Adversaries by day."""

import datetime as dt

import polars as pl

from detente.histories.adversaries import adversaries, occupations

day = dt.date.fromisoformat
PAIR = {"ccode1": pl.Int32, "ccode2": pl.Int32}

RIVALRIES = pl.DataFrame(
    [(2, 365, 1946, 1989, False)],
    schema=PAIR | {"start_year": pl.Int32, "end_year": pl.Int32, "censored": pl.Boolean},
    orient="row",
)
SPELLS = pl.DataFrame(
    [(2, 666, day("1976-08-31"), day("1976-09-08")), (2, 20, day("1979-01-01"), day("1980-01-01"))],
    schema=PAIR | {"start": pl.Date, "stop": pl.Date},
    orient="row",
)
ATOP = pl.DataFrame(
    [(2, 20, 1979, True), (2, 20, 1980, True), (2, 666, 1980, False)],
    schema=PAIR | {"year": pl.Int32, "defense": pl.Boolean},
    orient="row",
)
NONE = occupations().clear()


def flag(ccode2: int, date: str, occupied: pl.DataFrame = NONE) -> bool:
    dyads = pl.DataFrame([(2, ccode2, day(date))], schema=PAIR | {"date": pl.Date}, orient="row")
    return adversaries(dyads, RIVALRIES, SPELLS, ATOP, occupied=occupied)["adversaries"].item()


def test_a_rivalry_counts_in_its_years() -> None:
    assert [flag(365, d) for d in ("1945-12-31", "1946-01-01", "1989-12-31", "1990-01-01")] == [
        False,
        True,
        True,
        False,
    ]


def test_a_dispute_counts_for_ten_years_and_not_on_its_first_day() -> None:
    assert [flag(666, d) for d in ("1976-08-31", "1976-09-01", "1986-09-07", "1986-09-08")] == [
        False,
        True,
        True,
        False,
    ]


def test_defence_pact_allies_are_no_adversaries_and_the_last_pact_is_carried_on() -> None:
    assert not flag(20, "1979-06-01")
    assert not flag(20, "1985-06-01")


def test_occupied_governments_are_no_adversaries_while_occupied() -> None:
    rows = pl.DataFrame(
        [(666, 2, day("1978-01-01"), day("1979-01-01"), "s", "high")],
        schema=NONE.schema,
        orient="row",
    )
    assert [
        flag(666, d, rows) for d in ("1977-12-31", "1978-01-01", "1978-12-31", "1979-01-01")
    ] == [True, False, False, True]


def test_rows_keep_their_order_and_columns() -> None:
    dyads = pl.DataFrame(
        [(2, 666, day("1980-01-01"), "b"), (2, 365, day("1980-01-01"), "a")] * 2,
        schema=PAIR | {"date": pl.Date, "tag": pl.String},
        orient="row",
    )
    table = adversaries(dyads, RIVALRIES, SPELLS, ATOP, occupied=NONE)
    assert table["tag"].to_list() == ["b", "a", "b", "a"]
    assert table["adversaries"].to_list() == [True] * 4
    assert table["rival"].to_list() == [False, True] * 2


def test_what_comes_after_the_day_changes_nothing() -> None:
    later = pl.DataFrame(
        [(2, 710, day("1999-01-01"), day("2000-01-01"))], schema=SPELLS.schema, orient="row"
    )
    dyads = pl.DataFrame(
        [(2, 710, day("1998-01-01"))], schema=PAIR | {"date": pl.Date}, orient="row"
    )
    table = adversaries(dyads, RIVALRIES, pl.concat([SPELLS, later]), ATOP, occupied=NONE)
    assert not table["adversaries"].item()


def test_hand_coded_occupations_have_sources() -> None:
    table = occupations()
    assert (table["start"] < table["stop"]).all()
    assert table.select("source", "confidence").null_count().sum_horizontal().item() == 0
