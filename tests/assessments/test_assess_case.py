"""A sourced case becomes a document: counts, spans and sentences, and no estimate."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from detente.assessments import reference
from detente.assessments.case import assess_case
from detente.assessments.case_days import partial_name, when, window, years_after, years_between
from detente.assessments.case_prose import compose_case, span_name
from detente.assessments.case_schema import CaseAssessment, Span
from detente.core.errors import ScenarioError
from detente.scenarios import load_case, scenario_names
from detente.scenarios.load import load_entry
from detente.sources.chronology import load_meetings

DAY = dt.date


@pytest.fixture(scope="module")
def tilsit() -> CaseAssessment:
    return assess_case(load_case("tilsit-1807"))


@pytest.fixture(scope="module")
def coldwar() -> CaseAssessment:
    return assess_case(load_case("coldwar"))


@pytest.mark.parametrize(
    ("start", "end", "precision", "told"),
    [
        (None, None, "day", "undated"),
        (DAY(971, 7, 28), None, "day", "28 July 971"),
        (DAY(1807, 6, 25), DAY(1807, 6, 25), "day", "25 June 1807"),
        (DAY(1807, 7, 7), DAY(1807, 7, 9), "day", "7 to 9 July 1807"),
        (DAY(1807, 6, 25), DAY(1807, 7, 9), "day", "25 June to 9 July 1807"),
        (DAY(1814, 9, 30), DAY(1815, 6, 9), "day", "30 September 1814 to 9 June 1815"),
        (DAY(1809, 4, 1), DAY(1809, 4, 30), "month", "April 1809"),
        (DAY(1810, 1, 1), DAY(1810, 12, 31), "year", "1810"),
        (DAY(1808, 1, 1), DAY(1809, 12, 31), "within", "between 1808 and 1809"),
        (DAY(972, 2, 1), DAY(972, 5, 31), "within", "between 1 February and 31 May 972"),
        (DAY(1981, 2, 1), DAY(1981, 5, 31), "month", "between 1 February and 31 May 1981"),
        (DAY(607, 1, 1), DAY(608, 4, 9), "within", "between 607 and 9 April 608"),
        (DAY(1881, 10, 31), DAY(1900, 12, 31), "within", "between 31 October 1881 and 1900"),
        (DAY(971, 1, 1), DAY(971, 8, 5), "within", "971, by 5 August"),
        (DAY(1919, 1, 1), DAY(1919, 1, 6), "within", "between 1 and 6 January 1919"),
    ],
)
def test_days_in_words(
    start: dt.date | None, end: dt.date | None, precision: str, told: str
) -> None:
    assert when(start, end, precision) == told


def test_a_year_is_not_written_as_its_first_day() -> None:
    days = (DAY(1618, 1, 1), DAY(1648, 10, 24), "day", "year")
    assert when(*days) == "1618 to 24 October 1648"
    span = years_after(DAY(1617, 1, 1), *days)
    assert span == Span(lo=1.0, hi=2.0)
    told = assess_case(load_case("westphalia-1648"))
    (war,) = (f for f in told.facts if f.label == "Thirty Years War")
    assert (war.start_precision, war.when) == ("year", "1618 to 24 October 1648")
    assert not any("1 January" in f.when for f in told.facts)


def test_years_are_days_over_a_year() -> None:
    assert years_between(DAY(1808, 10, 14), DAY(1812, 6, 24)) == round(1349 / 365.25, 2)
    exact = years_after(DAY(1807, 7, 9), DAY(1812, 6, 24), None, "day")
    assert exact == Span(lo=4.96, hi=4.96)
    assert window(exact) == 5
    loose = years_after(DAY(1807, 7, 9), DAY(1812, 1, 1), DAY(1812, 12, 31), "year")
    assert loose is not None
    assert loose.lo < 5 < loose.hi
    assert window(loose) == 10
    assert window(None) is None
    assert window(Span(lo=12, hi=12)) is None
    assert span_name(Span(lo=0.3, hi=0.3)) == "4 months"
    assert span_name(Span(lo=0.0, hi=0.0)) == "less than a month"
    assert span_name(Span(lo=0.48, hi=2.48)) == "0.5 to 2.5 years"
    assert span_name(Span(lo=342.0, hi=342.99)) == "342 to 343 years"


def test_a_span_is_not_upside_down() -> None:
    with pytest.raises(ValueError, match="upside down"):
        Span(lo=2, hi=1)


def test_the_last_talk_before_1812_is_erfurt(tilsit: CaseAssessment) -> None:
    (text,) = [t for t in tilsit.prose["headline"] if "first recorded war" in t]
    assert "24 June 1812" in text
    assert "5.0 years" in text
    assert "3.7 years after the last meeting before it in these rows, Erfurt" in text
    assert tilsit.meetings[0].years_to_next == years_between(DAY(1807, 7, 9), DAY(1808, 9, 27))


def test_sentences_follow_the_facts(tilsit: CaseAssessment) -> None:
    war = next(f for f in tilsit.facts if f.between)
    moved = war.model_copy(
        update={
            "start": DAY(1820, 1, 1),
            "years_after": Span(lo=12.5, hi=12.5),
            "within": None,
            "when": "1 January 1820",
        }
    )
    facts = [moved if f.id == war.id else f for f in tilsit.facts]
    told = compose_case(tilsit.model_copy(update={"facts": facts}))
    assert "12.5 years after the end of the case" in " ".join(told["headline"])
    assert "France invades Russia (1 January 1820)" in told["followed"][-1]
    none = [f.model_copy(update={"between": False}) for f in tilsit.facts]
    bare = compose_case(tilsit.model_copy(update={"facts": none}))
    assert "war of the parties" not in " ".join(bare["headline"])


@pytest.mark.parametrize("name", [n for n in scenario_names() if n not in ("alaska-2025",)])
def test_every_case_of_the_library_is_told(name: str) -> None:
    case = load_entry(name)
    if not hasattr(case, "facts"):
        return
    a = assess_case(load_case(name))
    assert ([m.id for m in a.meetings] and a.no_meeting is None) or a.no_meeting
    assert {m.tier for m in a.meetings} | {f.tier for f in a.facts} <= {"A", "B"}
    assert all(m.tier in ("A", "B") for m in a.reference.listed)
    assert not {m.id for m in a.reference.listed} & {m.id for m in a.meetings}
    assert a.reference.reached == (name == "coldwar")
    assert all(text.strip() for texts in a.prose.values() for text in texts)
    assert CaseAssessment.model_validate_json(a.model_dump_json()) == a


def test_a_closed_channel_has_no_meeting_and_no_difference() -> None:
    for name in ("rome-han", "emperors"):
        a = assess_case(load_case(name))
        assert a.meetings == []
        assert a.no_meeting
        assert not a.reference.summary
        assert any("closed: rulers in person" in text for text in a.prose["headline"])
        assert any("no difference is computed" in x.reason for x in a.not_estimated)


def test_counts_are_the_tables(coldwar: CaseAssessment) -> None:
    table = reference.shipped_reference().filter(
        pl.col("ccode2") == 365, pl.col("date").is_between(DAY(1955, 7, 16), DAY(1991, 12, 31))
    )
    for kind, group in (("meeting", "met"), ("control", "not met")):
        rows = table.filter(pl.col("kind") == kind)
        for row in coldwar.reference.summary:
            if row.group != group:
                continue
            status = rows[f"{row.outcome}_{row.horizon}"].to_list()
            assert row.events == status.count("yes")
            assert row.n == status.count("yes") + status.count("no")
            assert (row.estimate.value, row.estimate.lo, row.estimate.level) == (
                row.events / row.n,
                None,
                None,
            )
            assert row.estimate.reason == "cases of 1 pair: too few for an interval"
            assert (row.dyads, row.pairs) == (1, ["USA-RUS"])
    assert (
        "All are of 1 pair (USA-RUS), and no share rests on more than 3 windows of 10 years that "
        "do not overlap: too few for an interval." in coldwar.prose["reference"]
    )
    assert not any("Jeffreys" in text for text in coldwar.reference.notes)
    assert len(coldwar.reference.series) == table.filter(pl.col("kind") == "meeting").height
    assert any("two times apart" in text for text in coldwar.prose["reference"])


def test_the_two_times_are_told_only_where_they_part(coldwar: CaseAssessment) -> None:
    series = [
        m.model_copy(update={"date": DAY(1950, 1, 1)}) if m.date.year == 1990 else m
        for m in coldwar.reference.series
    ]
    mixed = coldwar.reference.model_copy(update={"series": series})
    told = compose_case(coldwar.model_copy(update={"reference": mixed}))
    assert not any("two times apart" in text for text in told["reference"])


def test_a_row_that_nobody_checked_is_refused() -> None:
    case = load_case("tilsit-1807")
    table = load_meetings()
    worse = table.with_columns(
        tier=pl.when(pl.col("id") == case.meetings[0]).then(pl.lit("C")).otherwise(pl.col("tier"))
    )
    with pytest.raises(ScenarioError, match="of tier C, which nobody has checked"):
        assess_case(case, meetings=worse)
    without = table.filter(pl.col("id") != case.meetings[1])
    with pytest.raises(ScenarioError, match="'1808-09-erfurt-fra-rus' is no row"):
        assess_case(case, meetings=without)


def test_candidates_do_not_count_among_settlements(tilsit: CaseAssessment) -> None:
    from detente.sources.chronology import load_settlements

    table = load_settlements()
    sourced = table.filter(pl.col("tier") != "C", pl.col("signed") >= DAY(1648, 1, 1)).height
    assert sourced < table.height
    assert sum(c.settlements for c in tilsit.settlement_counts) == sourced


def test_days_of_which_only_a_part_is_known_are_written_in_words():
    texts = ("0972", "1815-03", "1854-03-31", "soon")
    written = [partial_name(text) for text in texts]
    assert written == ["972", "March 1815", "31 March 1854", "soon"]


def test_a_settlement_broken_by_a_war_names_it_and_none_is_said_to_break_without_a_source():
    told = assess_case(load_case("wartime-1943")).prose["settlement"]
    assert told[2].endswith("afterwards, 4 November 1956: war 156 of the COW record.")
    assert told[0].endswith("nothing that broke it was read.")
