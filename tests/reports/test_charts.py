"""Charts: valid Vega-Lite, drawn without surprises for extreme numbers, themed by the page."""

import re

import altair as alt
import pytest

from detente.reports import charts, theme
from detente.reports.marks import Axis, Band, Life, Row, Span

BAND = Band(theme.INK, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [0.5, 1.0, 2.0], [2.0, 3.0, 4.0])
PERCENT = Axis("chance", 0.0, 5.0, suffix="%")
RATIO = Axis("ratio", 0.1, 10.0, True, (0.1, 1.0, 10.0), 1.0)


def forms() -> dict[str, charts.Spec]:
    rows = [Row("One", (0.5, 2.0)), Row("Two")]
    spans = [Span(0, theme.INK, 1.2, 0.4, 3.0), Span(1, theme.MUTED, 0.5, None, None, hollow=True)]
    lives = [Life("1961 Vienna", 50.0, (("dispute", 2.0),)), Life("2009 Beijing", 5.5, ())]
    kinds = {"dispute": theme.RUNG_COLOURS[1], "war": theme.RUNG_COLOURS[2]}
    return {
        "fan": charts.fan([BAND], PERCENT, 340, 140, years=3.0),
        "rows": charts.rows(rows, spans, RATIO, 340),
        "rows with a gutter": charts.rows(rows, spans, RATIO, 340, gutter=80),
        "timeline": charts.timeline(
            lives, kinds, Axis("years after the meeting", 0.0, 10.0), 340, gutter=120
        ),
    }


@pytest.mark.parametrize("form", ["fan", "rows", "rows with a gutter", "timeline"])
def test_every_form_is_valid_vega_lite(form: str) -> None:
    alt.Chart.from_dict(forms()[form], validate=True)


@pytest.mark.parametrize("form", ["fan", "rows", "rows with a gutter", "timeline"])
def test_every_form_takes_its_colours_from_the_page(form: str) -> None:
    svg = charts.draw([forms()[form]])[0]
    painted = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg))
    assert {c for c in painted if c.startswith("var(")}
    assert not {c for c in painted if not c.startswith("var(")} - {"none", "transparent"}


def test_no_number_is_lost_on_the_way_to_the_drawing() -> None:
    svg = charts.draw([forms()["fan"]])[0]
    assert "NaN" not in svg
    assert "undefined" not in svg
    assert "4%" in svg


def test_an_end_beyond_the_axis_is_cut_at_its_end() -> None:
    spans = [Span(0, theme.INK, 1.0, 0.0, 1e9)]
    svg = charts.draw([charts.rows([Row("One")], spans, RATIO, 340)])[0]
    assert "NaN" not in svg
    assert "Infinity" not in svg


def test_a_point_beyond_the_axis_is_an_arrow_at_its_end() -> None:
    values = {0.01: "triangle-left", 1.0: "circle", 99.0: "triangle-right"}
    spans = [Span(i, theme.INK, v, None, None) for i, v in enumerate(values)]
    spec = charts.rows([Row("a"), Row("b"), Row("c")], spans, RATIO, 340)
    shapes = {
        point["o"]: point["l"]
        for rows in spec["datasets"].values()
        for point in rows
        if "o" in point
    }
    assert shapes == {"triangle-left": RATIO.lo, "circle": 1.0, "triangle-right": RATIO.hi}
    marks = [layer["mark"] for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    assert {m["shape"] for m in marks} == set(values.values())


def test_prepare_draws() -> None:
    charts.prepare()


def test_inline_describes_the_drawing_once() -> None:
    svg = theme.inline(charts.draw([forms()["rows"]])[0], 'A "chart" <b>', "chart")
    assert svg.count("aria-label=") == 1
    assert "A &quot;chart&quot; &lt;b&gt;" in svg
    assert 'role="img"' in svg
    assert svg.count("role=") == 1


def test_inline_refuses_what_is_no_drawing() -> None:
    with pytest.raises(ValueError, match="not an SVG"):
        theme.inline("<p>text</p>", "label", "chart")


@pytest.mark.parametrize(
    ("lo", "hi", "ticks"),
    [
        (0.1, 10.0, (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)),
        (0.001, 100.0, (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)),
        (0.4, 2.5, (0.5, 1.0, 2.0)),
    ],
)
def test_ticks_of_a_logarithmic_axis(lo: float, hi: float, ticks: tuple[float, ...]) -> None:
    assert charts.log_ticks(lo, hi) == ticks
