"""Charts: Altair specifications from plain rows, drawn as SVG without a browser.

Three forms serve every figure: a fan over time, rows with intervals, a timeline of what followed.
Importing this module is cheap; Altair and vl-convert are imported when the first chart is drawn.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeVar, cast

from detente.reports import pages, theme
from detente.reports.marks import Axis, Band, Life, Row, Span

ROW = 40.0
"""Height of a row, in pixels: the label above, the interval below."""

SIDE = 20.0
"""Room at the side of a plot for half of a tick's label, in pixels."""

SLIM = 22.0
"""Height of a row whose label stands at its left, in pixels."""

SHAPES = ("diamond", "square", "circle", "triangle-up", "cross")
"""Of the marks of a timeline, in the order of its kinds."""


Spec = dict[str, Any]
"""A Vega-Lite specification, with its data."""


def prepare() -> None:
    """Import what renders a report and start its drawing engine; safe in a thread beside work."""
    for name in ("files", "terminal"):
        import_module(f"detente.reports.{name}")
    pages.template("report.html.j2")
    draw([fan([Band(theme.INK, [0, 1], [0, 1], [0, 1], [0, 1])], Axis("", 0, 1), 60, 60)])


def draw(specs: Sequence[Spec]) -> list[str]:
    """Draw charts as SVG text."""
    import vl_convert

    return [
        vl_convert.vegalite_to_svg(json.dumps(spec, allow_nan=False), vl_version=_VEGA_LITE)
        for spec in specs
    ]


_VEGA_LITE = "6.1"
"""Version of Vega-Lite that Altair writes, as vl-convert names it."""


class _Board:
    """Collects the data of one chart beside its layers, so that Altair never copies it."""

    def __init__(self) -> None:
        self._data: dict[str, list[dict[str, Any]]] = {}

    def chart(self, rows: Sequence[dict[str, Any]]) -> Any:
        """Start a layer on some rows."""
        import altair as alt

        name = f"d{len(self._data)}"
        self._data[name] = list(rows)
        return alt.Chart(alt.NamedData(name))

    def finish(self, parts: Sequence[Any], width: float, height: float, left: float) -> Spec:
        """Put layers on top of each other; ``height`` is of the plot, ``width`` of the chart."""
        return {
            "$schema": f"https://vega.github.io/schema/vega-lite/v{_VEGA_LITE}.0.json",
            "width": width - left - SIDE,
            "height": height,
            "autosize": {"type": "none"},
            "padding": {"left": left, "right": SIDE, "top": 8, "bottom": 42},
            "config": theme.config(),
            "datasets": self._data,
            "layer": [p.to_dict(validate=False, context={"top_level": False}) for p in parts],
        }


_Drawing = TypeVar("_Drawing", bound=Callable[..., Spec])


def _unchecked(function: _Drawing) -> _Drawing:
    """Build without Altair's validation, ten times as fast; the tests validate every form."""

    @functools.wraps(function)
    def build(*args: Any, **options: Any) -> Spec:
        from altair.utils.schemapi import debug_mode

        with debug_mode(False):
            return function(*args, **options)

    return cast(_Drawing, build)


def _scale(axis: Axis) -> Any:
    import altair as alt

    kind = "log" if axis.log else "linear"
    return alt.Scale(type=kind, domain=[axis.lo, axis.hi], nice=False, zero=False, clamp=True)


def _horizontal(axis: Axis, *, grid: bool = True) -> Any:
    import altair as alt

    label = axis.label or f"format(datum.value, ',~r') + '{axis.suffix}'"
    return alt.Axis(
        title=axis.title or None,
        values=list(axis.ticks) if axis.ticks else alt.Undefined,
        tickCount=5,
        labelExpr=label,
        labelOverlap="greedy",
        labelFlush=False,
        grid=grid,
        domain=False,
    )


@_unchecked
def fan(
    bands: Sequence[Band], axis: Axis, width: float, height: float, *, years: float = 1.0
) -> Spec:
    """Lines over time with their bands; earlier ones lie below.

    Parameters
    ----------
    bands
        What is drawn, in the axis's unit.
    axis
        The vertical axis.
    width, height
        Width of the whole chart and height of its plot, in pixels.
    years
        The last year of the horizontal axis.
    """
    import altair as alt

    time = Axis("years after the date", 0.0, years)
    across = alt.X("x:Q", scale=_scale(time), axis=_horizontal(time, grid=False))
    y_axis = alt.Axis(
        title=None,
        tickCount=4,
        labelExpr=f"format(datum.value, ',~r') + '{axis.suffix}'",
        domain=False,
        ticks=False,
    )
    board = _Board()
    values = [
        {"k": k, "c": b.colour, "d": b.dashed, "f": b.filled, "x": x, "m": m, "l": lo, "h": hi}
        for k, b in enumerate(bands)
        for x, m, lo, hi in zip(b.years, b.mean, b.lo, b.hi, strict=True)
    ]
    filled = [v for v in values if v["f"]]
    colour = alt.Color("c:N", scale=None, legend=None)
    dash = alt.StrokeDash(
        "d:N", scale=alt.Scale(domain=[False, True], range=[[1, 0], [6, 4]]), legend=None
    )
    low, middle = (alt.Y(f"{v}:Q", scale=_scale(axis), axis=y_axis) for v in "lm")
    area = board.chart(filled).mark_area(opacity=0.18)
    line = board.chart(values).mark_line(strokeWidth=2)
    parts = [
        area.encode(x=across, y=low, y2=alt.Y2("h"), color=colour, detail=alt.Detail("k:N")),
        line.encode(x=across, y=middle, color=colour, strokeDash=dash, detail=alt.Detail("k:N")),
    ]
    return board.finish(parts, width, height, 42.0)


@_unchecked
def rows(
    labels: Sequence[Row],
    spans: Sequence[Span],
    axis: Axis,
    width: float,
    *,
    gutter: float = 0.0,
) -> Spec:
    """Rows with intervals: the label above each or, with a gutter, at its left.

    Parameters
    ----------
    labels
        One for each row, from the top.
    spans
        Points with intervals, by row; ``lift`` moves one up, in pixels.
    axis
        The horizontal axis.
    width
        Of the whole chart, in pixels.
    gutter
        Width kept for labels at the left, in pixels; 0 puts them above the intervals.
    """
    import altair as alt

    row, above = (SLIM, 0.0) if gutter else (ROW, 17.0)
    height = row * len(labels)
    board = _Board()
    x = alt.X("l:Q", scale=_scale(axis), axis=_horizontal(axis))
    y = _vertical([r.label for r in labels], row, gutter)
    parts: list[Any] = []
    shades = [
        {"l": max(r.shade[0], axis.lo), "h": min(r.shade[1], axis.hi), "t": i * row + above, "b": b}
        for i, r in enumerate(labels)
        for b in (i * row + row - 1.0,)
        if r.shade
    ]
    if shades:
        mark = board.chart(shades).mark_rect(color=theme.SHADE)
        parts.append(mark.encode(x=x, x2=alt.X2("h"), y=y, y2=alt.Y2("b")))
    if axis.rule is not None:
        ends = [
            {"l": axis.rule, "t": i * row + above, "b": (i + 1) * row} for i in range(len(labels))
        ]
        mark = board.chart(ends).mark_rule(color=theme.INK, strokeWidth=1)
        parts.append(mark.encode(x=x, y=y, y2=alt.Y2("b")))
    for hollow in dict.fromkeys(s.hollow for s in spans):
        same = [s for s in spans if s.hollow is hollow]
        places = [s.row * row + (row + above) / 2 - s.lift for s in same]
        parts += _spans(board, same, places, axis, x, y, slim=gutter > 0)
    if not gutter:
        parts += _above(board, [r.label for r in labels], row, y)
    return board.finish(parts, width, height, gutter or SIDE)


def _vertical(labels: Sequence[str], row: float, gutter: float) -> Any:
    """Channel of pixels from the top; with a gutter, labels at the middle of each row."""
    import altair as alt

    height = row * len(labels)
    scale = alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)
    if not gutter:
        return alt.Y("t:Q", scale=scale, axis=None)
    names = json.dumps(list(labels), ensure_ascii=False)
    axis = alt.Axis(
        title=None,
        values=[(i + 0.5) * row for i in range(len(labels))],
        labelExpr=f"{names}[floor(datum.value / {row})]",
        labelLimit=gutter,
        labelOverlap=False,
        domain=False,
        ticks=False,
        grid=False,
    )
    return alt.Y("t:Q", scale=scale, axis=axis)


def _above(board: _Board, labels: Sequence[str], row: float, y: Any) -> list[Any]:
    import altair as alt

    names = [{"t": i * row + 9, "n": name} for i, name in enumerate(labels)]
    halo = board.chart(names).mark_text(
        align="left", baseline="middle", stroke=theme.PAPER, strokeWidth=4, strokeJoin="round"
    )
    front = board.chart(names).mark_text(align="left", baseline="middle")
    return [mark.encode(x=alt.XValue(-SIDE), y=y, text=alt.Text("n:N")) for mark in (halo, front)]


def _spans(
    board: _Board,
    spans: Sequence[Span],
    places: Sequence[float],
    axis: Axis,
    x: Any,
    y: Any,
    *,
    slim: bool,
) -> list[Any]:
    import altair as alt

    hollow = spans[0].hollow

    def inside(value: float) -> float:
        return min(max(value, axis.lo), axis.hi)

    bars = [
        {"c": s.colour, "l": inside(s.lo), "h": inside(s.hi), "t": t}
        for s, t in zip(spans, places, strict=True)
        if s.lo is not None and s.hi is not None
    ]
    points = [
        {"c": s.colour, "l": inside(s.value), "t": t, "o": _out(s.value, axis)}
        for s, t in zip(spans, places, strict=True)
        if s.value is not None
    ]
    colour = alt.Color("c:N", scale=None, legend=None)
    line = board.chart(bars).mark_rule(strokeWidth=2 if hollow or slim else 4)
    fill = alt.FillValue(theme.PAPER) if hollow else alt.Fill("c:N", scale=None, legend=None)
    parts = [line.encode(x=x, x2=alt.X2("h"), y=y, color=colour)]
    for shape in dict.fromkeys(p["o"] for p in points):
        same = [p for p in points if p["o"] == shape]
        dot = board.chart(same).mark_point(
            shape=shape, opacity=1, size=30 if slim else 60, strokeWidth=2
        )
        parts.append(dot.encode(x=x, y=y, color=colour, fill=fill))
    return parts


def _out(value: float, axis: Axis) -> str:
    """Shape of a point: a circle, or beyond an end of the axis an arrow that points there."""
    if value < axis.lo:
        return "triangle-left"
    return "triangle-right" if value > axis.hi else "circle"


@_unchecked
def timeline(
    lives: Sequence[Life],
    colours: dict[str, str],
    axis: Axis,
    width: float,
    *,
    gutter: float = 0.0,
    ends: bool = True,
) -> Spec:
    """Show rows over time: a line while each lasts, a mark for each of its events.

    Parameters
    ----------
    lives
        Rows, from the top.
    colours
        Kind of event to colour; in order they are drawn with the shapes of :data:`SHAPES`.
    axis
        The horizontal axis, in years.
    width
        Of the whole chart, in pixels.
    gutter
        Width kept for the labels at the left, in pixels; 0 puts them above the lines.
    ends
        Mark the end of a line that stops before the axis does.
    """
    import altair as alt

    board = _Board()
    row, above = (SLIM, 0.0) if gutter else (ROW, 17.0)
    labels = [life.label for life in lives]
    places = [i * row + (row + above) / 2 for i in range(len(lives))]
    x = alt.X("x:Q", scale=_scale(axis), axis=_horizontal(axis))
    y = _vertical(labels, row, gutter)
    shown = [
        {
            "t": t,
            "x": max(v.since, axis.lo),
            "e": min(v.observed, axis.hi),
            "cut": ends and v.observed < axis.hi,
        }
        for t, v in zip(places, lives, strict=True)
    ]
    line = board.chart(shown).mark_rule(color=theme.GRID, strokeWidth=5)
    parts: list[Any] = [line.encode(x=x, x2=alt.X2("e"), y=y)]
    if cuts := [{"t": s["t"], "x": s["e"]} for s in shown if s["cut"]]:
        end = board.chart(cuts).mark_point(
            shape="stroke", angle=90, color=theme.MUTED, size=110, strokeWidth=2.5, opacity=1
        )
        parts.append(end.encode(x=x, y=y))
    for (kind, colour), shape in zip(colours.items(), SHAPES, strict=False):
        marks = [
            {"t": t, "x": when}
            for t, v in zip(places, lives, strict=True)
            for k, when in v.marks
            if k == kind and when <= axis.hi
        ]
        if marks:
            mark = board.chart(marks).mark_point(
                shape=shape, color=colour, fill=colour, size=90, opacity=1
            )
            parts.append(mark.encode(x=x, y=y))
    if not gutter:
        parts += _above(board, labels, row, y)
    return board.finish(parts, width, row * len(lives), gutter or SIDE)


def log_ticks(lo: float, hi: float) -> tuple[float, ...]:
    """Round ticks of a logarithmic axis: one or three in each power of ten."""
    first, last = math.floor(math.log10(lo)), math.ceil(math.log10(hi))
    steps = (1, 2, 5) if last - first <= 2 else (1,)
    ticks = [round(k * 10.0**p, 12) for p in range(first, last + 1) for k in steps]
    return tuple(t for t in ticks if lo <= t <= hi)
