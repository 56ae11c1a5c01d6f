"""Every inter-state war of a great power has a settlement on file or a coded ending."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from detente.histories.settled_wars import great_power_wars, settled_wars
from detente.sources import load
from detente.sources.chronology import load_settlements, load_unsettled_wars

DAY = dt.date
PAGE = Path(__file__).parents[2] / "docs" / "chronology.md"


def wars() -> pl.DataFrame:
    return pl.DataFrame(
        [
            (1, "ended in the year of the rise", 2, DAY(1898, 4, 1), DAY(1898, 8, 1)),
            (1, "ended in the year of the rise", 230, DAY(1898, 4, 1), DAY(1898, 8, 1)),
            (2, "before it", 2, DAY(1846, 4, 25), DAY(1847, 9, 15)),
            (3, "a war of others", 90, DAY(1906, 5, 27), DAY(1906, 7, 21)),
            (4, "with a text", 2, DAY(1950, 6, 27), DAY(1953, 7, 28)),
            (5, "with a candidate only", 2, DAY(1968, 1, 13), DAY(1973, 4, 18)),
        ],
        schema={
            "warnum": pl.Int32,
            "name": pl.String,
            "ccode": pl.Int32,
            "start": pl.Date,
            "stop": pl.Date,
        },
        orient="row",
    )


def majors() -> pl.DataFrame:
    return pl.DataFrame(
        {"ccode": [2], "start": [DAY(1898, 8, 13)], "stop": [DAY(2017, 1, 1)]},
        schema_overrides={"ccode": pl.Int32},
    )


def test_a_war_counts_by_the_years_of_the_fighting_and_of_the_rank():
    table = great_power_wars(wars(), majors())
    assert table["warnum"].to_list() == [1, 4, 5]
    assert table["end"].to_list() == [DAY(1898, 7, 31), DAY(1953, 7, 27), DAY(1973, 4, 17)]


def test_a_text_or_a_coded_ending_explains_a_war_and_a_candidate_does_not():
    settlements = pl.DataFrame(
        {"id": ["b", "a", "c"], "cow_war": [4, 4, 5], "tier": ["B", "A", "C"]}
    )
    unsettled = pl.DataFrame(
        {"cow_war": [1], "ended": ["faded"], "reason": ["it stopped"]},
        schema_overrides={"cow_war": pl.Int32},
    )
    table = settled_wars(wars(), majors(), settlements, unsettled)
    assert table["settlements"].to_list() == [[], ["a", "b"], []]
    assert table["ended"].to_list() == ["faded", None, None]
    assert table["explained"].to_list() == [True, True, False]


@pytest.mark.data
@pytest.mark.usefixtures("mirror")
def test_every_war_of_a_great_power_is_settled_or_explained():
    record = load("cow_interstate_wars")
    unsettled = load_unsettled_wars()
    table = settled_wars(record, load("cow_majors"), load_settlements(), unsettled)
    assert table.height == 52
    # The page cannot count them: without the two datasets the package does not know them.
    assert f"Each of the {table.height} inter-state wars of COW" in PAGE.read_text(encoding="utf-8")
    assert table.filter(~pl.col("explained"))["name"].to_list() == []
    # No ending is coded of a war that is not on the list.
    assert set(unsettled["cow_war"]) <= set(table["warnum"])
