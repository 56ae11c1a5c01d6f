"""The rungs of the public record: wars whose days are well known."""

import datetime as dt

import polars as pl
import pytest

from detente.histories import load_spells
from detente.histories.rungs import RECORD_START, RECORD_STOP

from .conflict_tables import date

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def spells(mirror: str) -> pl.DataFrame:
    assert mirror
    return load_spells()


def of(spells: pl.DataFrame, one: int, two: int, rung: str | None = None) -> pl.DataFrame:
    pair = spells.filter((pl.col("ccode1") == one) & (pl.col("ccode2") == two))
    return pair if rung is None else pair.filter(pl.col("rung") == rung)


def wars_of(spells: pl.DataFrame, one: int, two: int) -> list[tuple[dt.date, dt.date]]:
    """First and last day of the wars of a dyad."""
    rows = of(spells, one, two, "war").select("start", pl.col("stop").dt.offset_by("-1d")).rows()
    return [(a, b) for a, b in rows]


# Days of COW Inter-State War 4.0 (Sarkees & Wayman 2010), the last day inclusive.
KNOWN = {
    "Russo-Japanese": (365, 740, "1904-02-08", "1905-09-15"),
    "Korea, United States and China": (2, 710, "1950-10-27", "1953-07-27"),
    "Pacific, United States and Japan": (2, 740, "1941-12-07", "1945-08-14"),
    "Franco-Prussian": (220, 255, "1870-07-19", "1871-02-26"),
    "Falkland Islands": (160, 200, "1982-03-25", "1982-06-15"),
    "Invasion of Iraq": (2, 645, "2003-03-19", "2003-05-02"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_wars_have_the_days_of_the_war_list(spells: pl.DataFrame, name: str):
    one, two, first, last = KNOWN[name]
    assert (date(first), date(last)) in wars_of(spells, one, two)


def test_the_gulf_war_begins_with_the_us_entry_and_ends_with_the_dispute(spells: pl.DataFrame):
    # COW: the US enters on 1991-01-16, the war ends on 1991-04-11; the dispute of the two
    # (MID 3957) ends in March, which bounds it.
    first, last = wars_of(spells, 2, 645)[0]
    assert first == date("1991-01-16")
    assert (last.year, last.month) == (1991, 3)


def test_a_war_that_outlasts_its_dispute_ends_in_the_dispute_s_last_month(spells: pl.DataFrame):
    # Iran and Iraq: the war list runs to 1988-08-20, Dyadic MID to an unknown day of July.
    war = of(spells, 630, 645, "war").row(0, named=True)
    assert (war["start"], war["stop"]) == (date("1980-09-22"), date("1988-08-01"))
    assert war["stop_imputed"]


def test_the_united_states_and_russia_never_fought_a_war(spells: pl.DataFrame):
    assert of(spells, 2, 365).height > 0
    assert of(spells, 2, 365, "war").height == 0


@pytest.mark.parametrize("pair", [(2, 20), (200, 710), (2, 750), (200, 2)])
def test_pairs_that_never_fought_since_1816_have_no_war(
    spells: pl.DataFrame, pair: tuple[int, int]
):
    late = of(spells, *sorted(pair), "war").filter(pl.col("start") > dt.date(1954, 1, 1))
    assert late.height == 0


def test_world_war_pairs_that_never_met_have_no_war(spells: pl.DataFrame):
    # Brazil and Japan, Romania and the United States stood on opposite sides in COW's list.
    for one, two in ((140, 740), (2, 360)):
        assert of(spells, one, two, "war").height == 0


def test_spells_keep_to_the_record(spells: pl.DataFrame):
    assert (spells["start"] >= RECORD_START).all()
    assert (spells["stop"] <= RECORD_STOP).all()
    assert (spells["start"] < spells["stop"]).all()
    assert (spells["ccode1"] < spells["ccode2"]).all()
    assert spells.filter(pl.col("stop") == RECORD_STOP)["censored"].all()
    assert not spells.filter(pl.col("stop") < RECORD_STOP)["censored"].any()


def test_russia_and_ukraine_are_in_dispute_at_the_end_of_the_record(spells: pl.DataFrame):
    last = of(spells, 365, 369).row(-1, named=True)
    assert (last["rung"], last["censored"], last["start"].year) == ("dispute", True, 2014)
    assert last["settlement"] is None


def test_disputes_under_way_when_mid_4_ended_go_on(spells: pl.DataFrame):
    # China and Japan over the islands from September 2010: MID 5 follows it to the end of 2014.
    summer = dt.date(2012, 6, 1)
    open_then = (pl.col("start") <= summer) & (pl.col("stop") > summer)
    assert of(spells, 710, 740).filter(open_then)["dispnums"].to_list()[0].count(4491) == 1


def test_settlement_marks_of_known_ends(spells: pl.DataFrame):
    # Imposed on Germany and Japan in 1945, negotiated at Portsmouth in 1905.
    assert of(spells, 2, 740, "war")["settlement"].to_list() == ["imposed"]
    assert of(spells, 2, 255, "war")["settlement"].to_list()[-1] == "imposed"
    portsmouth = of(spells, 365, 740).filter(pl.col("stop") == date("1905-09-16"))
    assert portsmouth["settlement"].to_list() == ["negotiated"]


def test_joiners_of_the_korean_war_join(spells: pl.DataFrame):
    # North Korea (731) against South Korea (732) began it; the United States came in.
    began = of(spells, 731, 732).filter(pl.col("dispnums").list.contains(51))
    came = of(spells, 2, 731).filter(pl.col("dispnums").list.contains(51))
    assert began["onset"].drop_nulls().to_list() == ["initiation"]
    assert came["onset"].drop_nulls().to_list() == ["joining"]


def test_onset_stands_on_first_spells_and_settlement_on_last_ones(spells: pl.DataFrame):
    key = ["ccode1", "ccode2", "episode"]
    first = pl.col("start") == pl.col("start").min().over(key)
    last = pl.col("start") == pl.col("start").max().over(key)
    assert (spells.select(first).to_series() == spells["onset"].is_not_null()).all()
    assert spells.filter(~last)["settlement"].null_count() == spells.filter(~last).height
