"""The page and the summary of a sourced case."""

from __future__ import annotations

import io
import json
from pathlib import Path

import lxml.html
import pytest
from rich.console import Console

from detente.assessments.case import assess_case
from detente.assessments.case_schema import CaseAssessment
from detente.reports import case_figures, render_case, render_case_terminal, write_report
from detente.reports.case_page import CONTENTS
from detente.scenarios import load_case

WIDTHS = (80, 100)


@pytest.fixture(scope="module")
def case() -> CaseAssessment:
    return assess_case(load_case("tilsit-1807"))


@pytest.fixture(scope="module")
def page(case: CaseAssessment) -> str:
    return render_case(case)


@pytest.fixture(scope="module")
def tree(page: str) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(page)


def test_every_section_is_there_and_linked(tree: lxml.html.HtmlElement) -> None:
    ids = set(tree.xpath("//@id"))
    assert {name for name, _ in CONTENTS} <= ids
    assert {link[1:] for link in tree.xpath("//a/@href") if link.startswith("#")} <= ids


def test_every_fact_stands_with_its_sources(
    case: CaseAssessment, tree: lxml.html.HtmlElement
) -> None:
    shown = tree.xpath("//ol[@class='facts']/li")
    assert len(shown) == len(case.facts)
    for fact, item in zip(case.facts, shown, strict=True):
        text = " ".join(item.text_content().split())
        assert fact.label in text
        assert f"Tier {fact.tier}" in text
        assert item.xpath(".//a/@href") == [f"#source-{key}" for key in fact.source_ids]
        assert (fact.doubt is None) == ("In doubt" not in text)


def test_channels_are_told_with_their_state() -> None:
    a = assess_case(load_case("rome-han"))
    tree = lxml.html.fromstring(render_case(a))
    shown = tree.xpath("//ol[contains(@class, 'channels')]/li/p[@class='when']/text()")
    assert shown == [channel.state for channel in a.channels]


def test_each_settlement_is_a_column(case: CaseAssessment, tree: lxml.html.HtmlElement) -> None:
    (heads,) = tree.xpath("//section[@id='settlement']/div[@class='scroll']//thead/tr")
    assert [th.text_content() for th in heads][1:] == [s.treaty for s in case.settlements]


def test_the_page_is_self_contained(page: str) -> None:
    assert "<script" not in page
    assert "http-equiv" in page
    assert " src=" not in page


def test_markup_of_a_case_is_text(case: CaseAssessment) -> None:
    scenario = case.meta.scenario.model_copy(update={"title": "<script>alert(1)</script>"})
    meta = case.meta.model_copy(update={"scenario": scenario})
    page = render_case(case.model_copy(update={"meta": meta}))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_dated_facts_are_drawn(case: CaseAssessment) -> None:
    figure = case_figures.facts(case)
    ((panel,),) = figure.panels
    assert panel.wide is not None
    for fact in case.facts:
        assert fact.start is None or fact.label in panel.wide
        assert fact.start is None or fact.label in panel.narrow


def test_ticks_are_whole_years() -> None:
    for name in ("rome-han", "coldwar", "dorostolon-971", "westphalia-1648", "emperors"):
        figure = case_figures.facts(assess_case(load_case(name)))
        assert figure.panels


def test_the_record_of_a_pair_is_drawn() -> None:
    coldwar = assess_case(load_case("coldwar"))
    tree = lxml.html.fromstring(render_case(coldwar))
    assert tree.xpath("//figure[@id='series']//svg")
    assert "after a meeting" in tree.text_content().lower()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_summary_keeps_to_its_width(case: CaseAssessment, width: int) -> None:
    stream = io.StringIO()
    render_case_terminal(case, Console(file=stream, width=width, force_terminal=False))
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "What this cannot tell" in stream.getvalue()
    words = " ".join(stream.getvalue().split())
    assert words.index(case.meta.scenario.claim) < words.index(case.meta.scenario.bearing)


def test_a_case_is_written_whole(case: CaseAssessment, tmp_path: Path) -> None:
    written = write_report(case, tmp_path)
    assert json.loads(written.json.read_text("utf-8"))["kind"] == "case"
    assert CaseAssessment.model_validate_json(written.json.read_text("utf-8")) == case
    assert written.html.read_text("utf-8") == render_case(case)
