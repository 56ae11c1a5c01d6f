"""The page: self-contained, escaped, accessible, and made of the assessment's numbers."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import lxml.html
import pytest

from detente.assessments import rounding as say
from detente.assessments import schema as s
from detente.assessments.prose import compose
from detente.assessments.schema import Assessment
from detente.reports import reference_tables, render_html, tables
from reports.factory import make

LARGEST_PAGE = 3_000_000
"""Bytes; what a phone loads from a message without complaint."""

ATTACK = '<script>alert("x")</script><img src=x onerror=alert(1)> & </p>'


def test_no_script_and_nothing_loaded(tree: lxml.html.HtmlElement, page: str) -> None:
    for tag in ("script", "link", "img", "iframe", "object", "embed", "video", "audio", "base"):
        assert not tree.xpath(f"//{tag}"), tag
    assert not tree.xpath(
        "//@src | //@srcset | //@onload | //@onclick | //@style[contains(.,'url')]"
    )
    css = tree.xpath("string(//style)")
    assert "@import" not in css
    assert "url(" not in css
    assert "default-src 'none'" in page


def test_only_citations_and_anchors_are_linked(
    tree: lxml.html.HtmlElement, assessment: Assessment
) -> None:
    cited = {x.url for x in assessment.meta.sources}
    ids = set(tree.xpath("//@id"))
    for href in tree.xpath("//@href"):
        assert href in cited or (href.startswith("#") and href[1:] in ids), href


def test_page_is_small(page: str) -> None:
    assert len(page.encode()) < LARGEST_PAGE


def test_same_assessment_same_page(page: str, assessment: Assessment) -> None:
    assert render_html(assessment) == page


def test_markup_in_free_text_is_text() -> None:
    a = make(summary=ATTACK)
    arms = [x.model_copy(update={"label": f"{x.label} {ATTACK}"}) for x in a.arms]
    outcomes = [x.model_copy(update={"label": f"{x.label} {ATTACK}"}) for x in a.outcomes]
    page = render_html(a.model_copy(update={"arms": arms, "outcomes": outcomes}))
    tree = lxml.html.fromstring(page)
    assert not tree.xpath("//script | //img")
    assert not tree.xpath("//@onerror")
    assert ATTACK in tree.xpath("string(//p[@class='summary'])")


def test_the_days_of_an_event_are_its_first_and_last(tree: lxml.html.HtmlElement) -> None:
    rows = tree.xpath("//table[starts-with(caption, 'Disputes, wars and meetings')]/tbody/tr")
    cells = [[cell.text_content() for cell in row] for row in rows]
    assert [row[0] for row in cells] == [
        "2022-02-24, under way",
        "2023-03-31 to 2023-04-01",
        "2024-05-02",
    ]
    assert [row[-1] for row in cells] == [
        "yes",
        "no: its confidence is low",
        "no: it was not held",
    ]
    assert cells[2][1] == "leader (cancelled)"


def test_notes_of_the_scenario_are_shown_as_text() -> None:
    a = make()
    scenario = a.meta.scenario.model_copy(update={"notes": [ATTACK]})
    meta = a.meta.model_copy(update={"scenario": scenario})
    tree = lxml.html.fromstring(render_html(a.model_copy(update={"meta": meta})))
    assert ATTACK in tree.xpath("string(//section[@id='setting'])")
    assert not tree.xpath("//script | //img")


def test_markup_in_a_chart_label_is_text() -> None:
    a = make()
    contributions = [c.model_copy(update={"label": ATTACK}) for c in a.drivers[0].contributions]
    drivers = [a.drivers[0].model_copy(update={"contributions": contributions})]
    tree = lxml.html.fromstring(render_html(a.model_copy(update={"drivers": drivers})))
    assert not tree.xpath("//script | //img")


def test_only_web_addresses_become_links() -> None:
    a = make()
    source = a.meta.sources[0].model_copy(update={"url": "javascript:alert(1)"})
    meta = a.meta.model_copy(update={"sources": [source]})
    assert "javascript:" not in render_html(a.model_copy(update={"meta": meta}))


def test_every_chart_has_a_description_and_every_figure_its_data(
    tree: lxml.html.HtmlElement,
) -> None:
    charts = tree.xpath("//*[local-name()='svg']")
    assert charts
    for chart in charts:
        assert chart.get("role") == "img"
        assert len(chart.get("aria-label")) > len("the numbers are in the table below")
    for figure in tree.xpath("//figure"):
        assert figure.xpath(".//details//table//td"), figure.get("id")
        assert figure.xpath(".//figcaption//h3")


def test_every_figure_says_what_it_shows(tree: lxml.html.HtmlElement) -> None:
    for figure in tree.xpath("//figure"):
        said = figure.xpath(".//figcaption/p")
        assert said or figure.get("id") == "differences", figure.get("id")
    assert tree.xpath("//section[@id='answer']//div[@class='words']/p")


def test_ids_are_unique(tree: lxml.html.HtmlElement) -> None:
    repeated = [k for k, n in Counter(tree.xpath("//@id")).items() if n > 1]
    assert repeated == []


def test_headings_do_not_skip_a_level(tree: lxml.html.HtmlElement) -> None:
    levels = [int(h.tag[1]) for h in tree.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_a_reader_can_skip_to_the_answer(tree: lxml.html.HtmlElement) -> None:
    skip = tree.xpath("//a[@class='skip']")[0]
    assert tree.get_element_by_id(skip.get("href")[1:]).tag == "section"
    assert tree.get("lang") == "en"


def test_tables_have_captions_and_heads(tree: lxml.html.HtmlElement) -> None:
    for table in tree.xpath("//table"):
        assert table.xpath("./caption/text()")
        heads = table.xpath("./thead/tr/th[@scope='col']")
        for row in table.xpath("./tbody/tr"):
            assert len(row.xpath("./th | ./td")) == len(heads)


def test_every_pair_is_named_with_its_chances(
    tree: lxml.html.HtmlElement, assessment: Assessment
) -> None:
    rows = " ".join(tree.xpath("//figure[@id='overview']//tbody//th/text()"))
    for dyad in assessment.setting.dyads:
        assert " – ".join(dyad.names) in rows  # noqa: RUF001


def test_sentences_of_the_page_are_those_of_the_document(
    tree: lxml.html.HtmlElement, assessment: Assessment
) -> None:
    said = {" ".join(p.text_content().split()) for p in tree.xpath("//p | //li")}
    prose = compose(assessment)
    for section in ("headline", "setting", "overview", "reference", "evidence", "nuclear"):
        for sentence in prose[section]:
            assert sentence in said, section


def test_stale_prose_is_not_shown(assessment: Assessment) -> None:
    stale = assessment.model_copy(update={"prose": {"headline": ["Peace is certain."]}})
    assert "Peace is certain" not in render_html(stale)


def _numbers(node: Any) -> Iterator[float]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _numbers(value)
    elif isinstance(node, list):
        for value in node:
            yield from _numbers(value)
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield float(node)


_TOKEN = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w])")


def _written(value: float) -> set[str]:
    """Every way in which the page may write a number of the document."""
    size = abs(value)
    forms = {say.digits(size * f) for f in (1.0, 1e2, 1e3, 1e5, 1e7)}
    forms |= {say.percentage(size * 1e2), say.count(size), f"{size:,.4g}", f"{size:.6g}"}
    forms.add(f"{size:.10g}")
    if 0 < size < 1e6:
        forms |= {say.ratio(size), f"{size:.1e}".replace("e-0", "e-")}
    return {token for form in forms for token in _TOKEN.findall(form)}


def test_every_number_in_a_table_is_in_the_document(
    tree: lxml.html.HtmlElement, assessment: Assessment
) -> None:
    text = assessment.model_dump_json()
    known = {t for value in set(_numbers(json.loads(text))) for t in _written(value)}
    strings = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    known |= {t for string in strings for t in _TOKEN.findall(string)}
    known |= {str(int(d)) for string in strings for d in re.findall(r"\d{4}-\d\d-(\d\d)", string)}
    known |= {y for string in strings for y in re.findall(r"(\d{4})-\d\d-\d\d", string)}
    units = re.compile(r"in 1,000|in 100,000|in 10 million")
    for cell in tree.xpath("//tbody//td"):
        for token in _TOKEN.findall(units.sub("", cell.text_content())):
            assert token in known, cell.text_content()


_UNITS = re.compile(r"%|percentage points|in 1,000(?!,)|in 100,000|in 10 million")


def test_a_column_of_chances_has_one_unit(tree: lxml.html.HtmlElement) -> None:
    columns = 0
    for table in tree.xpath("//table"):
        rows = [row.xpath("./*") for row in table.xpath("./tbody/tr")]
        for column in zip(*rows, strict=True):
            units = [_UNITS.search(cell.text_content()) for cell in column]
            found = {unit[0] for unit in units if unit}
            assert len(found) <= 1, [cell.text_content() for cell in column]
            columns += len(found)
    assert columns > 10


def test_one_unit_serves_small_and_large_chances() -> None:
    shares = [
        s.Quantity(value=v, lo=v / 2, hi=2 * v, level=0.9, unit="probability")
        for v in (0.3, 0.0042)
    ]
    scale = tables.scale_for(shares)
    assert [tables.estimate(q, scale) for q in shares] == ["30% [15 to 60]", "0.42% [0.21 to 0.84]"]
    small = tables.scale_for(shares[1:])
    assert tables.estimate(shares[1], small) == "4.2 [2.1 to 8.4] in 1,000"


@pytest.mark.parametrize(
    ("value", "told"),
    [(-0.024, "-0.024 [-0.048 to -0.012]"), (2e-5, "2.0 [1.0 to 4.0] in 100,000")],
)
def test_expected_events_are_counted_and_no_percentage(
    assessment: Assessment, value: float, told: str
) -> None:
    lo, hi = sorted((value / 2, value * 2))
    events = s.Quantity(value=value, lo=lo, hi=hi, level=0.9, unit="expected events")
    tail = assessment.nuclear
    one = tail.differences[0].model_copy(update={"difference": events})
    changed = assessment.model_copy(
        update={"nuclear": tail.model_copy(update={"differences": [one]})}
    )
    ((*_, cell),) = tables.nuclear_differences(changed).rows
    assert cell == told


def test_a_changed_number_changes_the_page(page: str, assessment: Assessment) -> None:
    first = assessment.forecasts.outcomes[0]
    series = first.series.model_copy(update={"mean": [0.123] * len(first.series.years)})
    outcomes = [first.model_copy(update={"series": series}), *assessment.forecasts.outcomes[1:]]
    forecasts = assessment.forecasts.model_copy(update={"outcomes": outcomes})
    focus = assessment.focus.model_copy(update={"arm": first.arm})
    changed = render_html(assessment.model_copy(update={"forecasts": forecasts, "focus": focus}))
    label = " – ".join(next(d.names for d in assessment.setting.dyads if d.id == first.dyad))  # noqa: RUF001
    shown = [
        lxml.html.fromstring(html).xpath(f"//tr[th='{label}']/td/text()")
        for html in (page, changed)
    ]
    assert not any(cell.startswith("12% [") for cell in shown[0])
    assert any(cell.startswith("12% [") for cell in shown[1])


def test_exact_zero_is_drawn_and_said() -> None:
    a = make(effect=0.0, spread=0.0)
    assert "exactly 0" not in render_html(a)
    same = [c.model_copy(update={"same_intensities": True}) for c in a.contrasts]
    page = render_html(a.model_copy(update={"contrasts": same}))
    assert "sees exactly no difference in" in page
    assert "exactly 0" in page


@pytest.mark.parametrize("part", ["drivers", "contrasts", "limits"])
def test_a_part_may_be_empty(assessment: Assessment, part: str) -> None:
    tree = lxml.html.fromstring(render_html(assessment.model_copy(update={part: []})))
    anchors = {href[1:] for href in tree.xpath("//nav//@href")}
    assert anchors <= set(tree.xpath("//@id"))


def test_an_assessment_with_little_in_it_still_renders(assessment: Assessment) -> None:
    a = assessment
    bare = a.model_copy(
        update={
            "reference_class": a.reference_class.model_copy(update={"meetings": [], "summary": []}),
            "evidence": a.evidence.model_copy(
                update={"terms": [], "not_estimable": [], "diagnostics": []}
            ),
            "nuclear": a.nuclear.model_copy(
                update={"rows": [], "per_crisis": [], "differences": []}
            ),
            "forecasts": a.forecasts.model_copy(update={"outcomes": [], "occupancy": []}),
            "drivers": [],
            "contrasts": [],
        }
    )
    assert a.evidence.verdict.sentence in render_html(bare)


def test_the_class_from_the_whole_chronology_stands_beside_the_other(
    assessment: Assessment,
) -> None:
    title = "Any two adversaries, 1816 to 2014"
    assert title not in render_html(assessment)
    wider = assessment.model_copy(update={"chronology_class": assessment.reference_class})
    page = render_html(wider)
    assert title in page
    assert "In the whole chronology, " in page
    _, meetings = reference_tables.chronology(wider)
    assert {row[meetings.columns.index("Also above")] for row in meetings.rows} == {"yes"}


def test_a_share_shows_its_pairs(assessment: Assessment) -> None:
    shown = reference_tables.reference_summary(assessment)
    first, _ = shown.rows[0][2:4]
    assert first.startswith("1 of 14, 12 pairs: ")
    behind = reference_tables.reference_methods(assessment)
    assert behind.rows[0][behind.columns.index("Pairs")] == "12"
    assert behind.rows[0][behind.columns.index("Windows apart")] == "14"


@pytest.mark.parametrize("arms", [1, 2])
def test_fewer_arms(assessment: Assessment, arms: int) -> None:
    kept = assessment.arms[:arms]
    ids = {x.id for x in kept}
    a = assessment
    forecasts = a.forecasts.model_copy(
        update={
            "outcomes": [x for x in a.forecasts.outcomes if x.arm in ids],
            "occupancy": [x for x in a.forecasts.occupancy if x.arm in ids],
        }
    )
    small = a.model_copy(
        update={
            "arms": kept,
            "contrasts": [c for c in a.contrasts if c.arm in ids],
            "nuclear": a.nuclear.model_copy(update={"differences": []}),
            "forecasts": forecasts,
            "focus": a.focus.model_copy(update={"arm": kept[-1].id}),
        }
    )
    assert "45%" in render_html(small)


def test_importing_the_reports_draws_nothing_in() -> None:
    program = "import sys, detente.reports; print('altair' in sys.modules, 'jinja2' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]
