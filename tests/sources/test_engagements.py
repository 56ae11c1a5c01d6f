"""Rows made from China Vitae: which entries are meetings, whose level, which days."""

import datetime as dt

import polars as pl
import pytest

from detente.sources import load
from detente.sources.chronology import load_meetings
from detente.sources.chronology.engagements import LOCATOR, engagement_rows

PUTIN, MEDVEDEV = "Vladimir Putin (Russian President)", "Dmitry Medvedev (Russian President)"
SINGH = "Manmohan Singh (Indian Prime Minister)"


def entries(*rows: tuple[str, str, str, str | None]) -> pl.DataFrame:
    data = [(dt.date.fromisoformat(d), who, where, "x", met) for d, who, where, met in rows]
    names = ("date", "person", "place", "country", "met")
    kinds = (pl.Date, pl.String, pl.String, pl.String, pl.String)
    return pl.DataFrame(data, schema=dict(zip(names, kinds, strict=True)), orient="row")


def shipped(locator: str = "") -> pl.DataFrame:
    return pl.DataFrame({"source_locator": [locator]})


def made(*rows: tuple[str, str, str, str | None], locator: str = "") -> list[dict[str, str]]:
    return engagement_rows(entries(*rows), shipped(locator))


def test_days_that_follow_each_other_at_one_place_are_one_meeting():
    (row,) = made(
        ("2005-07-01", "Hu Jintao", "Russia, Moscow", PUTIN),
        ("2005-07-02", "Hu Jintao", "Russia, Moscow", PUTIN),
    )
    assert (row["id"], row["start"], row["end"]) == (
        "2005-07-moscow-chn-rus",
        "2005-07-01",
        "2005-07-02",
    )
    assert (row["level"], row["precision"], row["place_ccode"]) == ("leader", "within", "365")
    assert row["persons"] == "Hu Jintao (710); Vladimir Putin (365)"


def test_the_effective_leader_decides_the_level():
    rows = made(
        ("2009-03-01", "Hu Jintao", "Beijing Municipality", MEDVEDEV),
        ("2009-05-01", "Hu Jintao", "Beijing Municipality", PUTIN),
        ("2009-07-01", "Wen Jiabao", "Beijing Municipality", PUTIN),
        ("2012-01-01", "Xi Jinping", "Beijing Municipality", PUTIN),
    )
    assert [row["level"] for row in rows] == ["ceremonial", "leader", "ceremonial", "ceremonial"]


def test_a_list_of_heads_is_no_meeting():
    listed = f"{PUTIN} {SINGH} Luiz Lula da Silva (Brazilian President)"
    assert made(("2009-06-16", "Hu Jintao", "Russia, Yekaterinburg", listed)) == []


def test_families_deputies_and_those_out_of_office_do_not_count():
    rows = made(
        ("2005-07-01", "Hu Jintao", "USA, Washington", "Laura Bush (First Lady)"),
        ("2005-07-03", "Hu Jintao", "USA, Washington", "Jeb Bush (Governor of Florida)"),
        ("2015-07-01", "Xi Jinping", "Beijing Municipality", SINGH),
        ("2005-07-05", "Hu Jintao", "Russia, Moscow", None),
        ("2005-07-05", "Wang Yi", "Russia, Moscow", PUTIN),
    )
    assert rows == []


def test_what_a_row_of_ours_cites_is_not_told_twice():
    bush = "George W. Bush (US President)"
    entry = ("2006-04-20", "Hu Jintao", "USA, Washington", bush)
    assert len(made(entry)) == 1
    assert made(entry, locator=f"visits/1; {LOCATOR}: 2006-04-20, Hu Jintao, USA") == []
    moscow = ("2006-04-20", "Hu Jintao", "Russia, Moscow", PUTIN)
    assert len(made(moscow, locator=f"{LOCATOR}: 2006-04-20, Hu Jintao, USA")) == 1
    assert made(moscow, locator=f"{LOCATOR}: 2006-04-20, Hu Jintao, Vladimir Putin") == []


def test_two_meetings_in_one_month_and_place_have_two_ids():
    rows = made(
        ("2005-07-01", "Hu Jintao", "Russia, Moscow", PUTIN),
        ("2005-07-20", "Hu Jintao", "Russia, Moscow", PUTIN),
    )
    assert [row["id"] for row in rows] == ["2005-07-moscow-chn-rus", "2005-07-moscow-chn-rus-2"]


@pytest.mark.data
@pytest.mark.usefixtures("mirror")
def test_the_dataset_adds_rows_that_keep_the_codebook():
    table = load_meetings(engagements=load("china_vitae"))
    added = table.filter(table["origin"] == "china_vitae")
    # About ten a year with five powers in sixteen years; far fewer or more is a broken reading.
    assert 100 < added.height < 250
    assert set(added["tier"]) == {"A"}
    assert added["start"].min() >= dt.date(2003, 3, 23)
    assert table["id"].is_unique().all()
