"""Sourced cases: what their files may hold, and what those of the library say."""

from __future__ import annotations

import datetime as dt
from importlib import resources

import pytest

from detente.core.errors import ScenarioError
from detente.scenarios import (
    Case,
    Scenario,
    build_case,
    load_case,
    load_entry,
    load_scenario,
    scenario_names,
)
from detente.sources.chronology import load_meetings, load_settlements

CASES = (
    "coldwar",
    "dorostolon-971",
    "emperors",
    "rome-han",
    "tilsit-1807",
    "vienna-1814",
    "wartime-1943",
    "westphalia-1648",
)

SMALL: dict[str, object] = {
    "kind": "case",
    "name": "small",
    "title": "A small case",
    "summary": "s",
    "date": dt.date(1700, 1, 1),
    "end": dt.date(1700, 1, 2),
    "when": "1700",
    "claim": "c",
    "bearing": "b",
    "parties": [{"name": "A"}, {"name": "B"}],
    "facts": [
        {
            "part": "after",
            "kind": "war",
            "label": "War",
            "start": dt.date(1701, 1, 1),
            "text": "t",
            "sources": ["one"],
            "tier": "B",
        }
    ],
    "no_meeting": "none held",
    "no_settlement": "none made",
    "no_record": "too early",
    "unknown": [{"question": "q", "reason": "r"}],
    "sources": [{"id": "one", "author": "a", "title": "t"}],
}


def test_the_library_has_the_ten_episodes() -> None:
    kinds = {name: type(load_entry(name)) for name in scenario_names()}
    assert [name for name, kind in kinds.items() if kind is Case] == list(CASES)
    assert [name for name, kind in kinds.items() if kind is Scenario] == [
        "alaska-2025",
        "geneva-2021",
    ]


@pytest.mark.parametrize("name", CASES)
def test_every_row_named_is_in_the_chronology_and_checked(name: str) -> None:
    case = load_case(name)
    meetings = dict(load_meetings().select("id", "tier").iter_rows())
    settlements = dict(load_settlements().select("id", "tier").iter_rows())
    assert all(meetings[key] in ("A", "B") for key in case.meetings)
    assert all(settlements[key] in ("A", "B") for key in case.settlements)


@pytest.mark.parametrize("name", CASES)
def test_every_case_says_what_it_cannot_tell(name: str) -> None:
    case = load_case(name)
    assert len(case.unknown) >= 3
    assert all(fact.doubt for fact in case.facts if fact.confidence != "high")


def test_the_corrections_of_the_research_are_told() -> None:
    tilsit = load_case("tilsit-1807")
    assert tilsit.meetings[-1] == "1808-09-erfurt-fra-rus"
    dorostolon = load_case("dorostolon-971")
    killed = next(fact for fact in dorostolon.facts if fact.label.startswith("Pechenegs kill"))
    assert killed.doubt is not None
    assert "disputed" in killed.doubt
    assert "220" in load_case("rome-han").when


def test_the_closed_channel_is_that_of_rulers() -> None:
    for name in ("rome-han", "emperors"):
        closed = [c.name for c in load_case(name).channels if c.state == "closed"]
        assert closed == ["rulers in person"]


def test_a_small_case_is_read() -> None:
    assert build_case(SMALL, "small.toml").facts[0].precision == "day"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"horizon_years": 3}, "unknown key 'horizon_years'"),
        ({"end": dt.date(1699, 1, 1)}, "end: 1699-01-01 is before the date"),
        ({"no_meeting": None}, "meetings: is missing"),
        ({"meetings": ["1700-01-x-y"]}, "no_meeting: is given although meetings is"),
        ({"meetings": ["Erfurt"]}, r"meetings\[0\]"),
        ({"unknown": []}, "unknown"),
        ({"sources": [{"id": "two", "author": "a", "title": "t"}]}, "unknown source 'one'"),
        (
            {"sources": [*SMALL["sources"], {"id": "two", "author": "a", "title": "t"}]},  # type: ignore[misc]
            "'two' is cited by no fact",
        ),
    ],
)
def test_a_faulty_case_names_the_key(changes: dict[str, object], told: str) -> None:
    data = {key: value for key, value in {**SMALL, **changes}.items() if value is not None}
    with pytest.raises(ScenarioError, match=told):
        build_case(data, "small.toml")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"tier": "C"}, r"facts\[0\].tier"),
        ({"start": dt.date(1699, 1, 1)}, "not 'after'"),
        ({"confidence": "low"}, "needs a doubt"),
        ({"precision": "year"}, "needs start and end"),
        ({"start_precision": "year"}, "needs a start on 1 January, an end, and precision 'day'"),
        ({"start": None, "end": dt.date(1702, 1, 1)}, "given without start"),
        ({"end": dt.date(1700, 1, 1)}, "is before start"),
        ({"kind": "meeting", "between": True}, "between belongs to wars"),
        ({"sources": []}, r"facts\[0\].sources"),
    ],
)
def test_a_faulty_fact_is_refused(changes: dict[str, object], told: str) -> None:
    (fact,) = SMALL["facts"]  # type: ignore[misc]
    wrong = {key: value for key, value in {**fact, **changes}.items() if value is not None}
    with pytest.raises(ScenarioError, match=told):
        build_case({**SMALL, "facts": [wrong]}, "small.toml")


def test_each_loader_refuses_the_other_kind() -> None:
    with pytest.raises(ScenarioError, match="load it with load_case"):
        load_scenario("tilsit-1807")
    with pytest.raises(ScenarioError, match="load it with load_scenario"):
        load_case("alaska-2025")


def test_the_fingerprint_follows_the_values() -> None:
    one, two = build_case(SMALL, "a"), build_case({**SMALL, "title": "Another"}, "a")
    assert one.fingerprint() != two.fingerprint()


def test_no_case_gives_a_probability() -> None:
    """A per cent in a case's file would be a number that no model made."""
    folder = resources.files("detente.scenarios") / "library"
    for name in CASES:
        text = (folder / f"{name}.toml").read_text(encoding="utf-8")
        prose = "\n".join(line for line in text.splitlines() if not line.startswith("url"))
        assert "%" not in prose
        assert "per cent" not in prose


@pytest.mark.data
def test_facts_of_the_dispute_record_are_the_record(mirror: str) -> None:
    import polars as pl

    from detente import sources

    five = (200, 220, 255, 300, 365)
    disputes = sources.load("dyadic_mid").filter(
        pl.col("ccode1").is_in(five), pl.col("ccode2").is_in(five)
    )
    first = disputes.sort("start_year", "start_month").row(0, named=True)
    assert (first["dispnum"], first["start_year"]) == (370, 1830)
    pair = sources.load("dyadic_mid").filter(ccode1=2, ccode2=365)
    later = pair.filter(pl.col("start_year") > 1991).sort("start_year", "start_month")
    assert later.row(0, named=True)["dispnum"] == 4174
    after_war = pair.filter(pl.col("start_year").is_between(1945, 1955)).sort("start_year")
    assert after_war["dispnum"].to_list() == [252, 26, 1286, 208, 50]
    assert not after_war["war"].any()
    british = sources.load("dyadic_mid").filter(
        pl.col("start_year").is_between(1945, 1955), ccode1=200, ccode2=365
    )
    assert british.sort("start_year")["dispnum"].to_list() == [603, 26, 3196, 3195, 208]
    wars = sources.load("cow_interstate_wars").filter(pl.col("ccode").is_in(five))
    crimea = wars.filter(warnum=22, ccode=200)["start"].item()
    assert crimea == dt.date(1854, 3, 31)


def test_the_code_of_a_party_is_one_of_a_state():
    with pytest.raises(ScenarioError, match=r"parties\[0\].ccode: unknown state code '999'"):
        build_case(SMALL | {"parties": [{"name": "A", "ccode": 999}, {"name": "B"}]}, "small.toml")
    days = {"first": dt.date(1816, 1, 1), "last": dt.date(1900, 1, 1)}
    pair = {"record": {"ccode1": 2, "ccode2": 999, **days}}
    with pytest.raises(ScenarioError, match=r"small.toml: record.ccode2: unknown state code '999'"):
        build_case({k: v for k, v in SMALL.items() if k != "no_record"} | pair, "small.toml")
