"""Colours and type of the charts: CSS variables, so one picture serves light, dark and print."""

from __future__ import annotations

import re
from html import escape
from typing import Any

ARM_COLOURS = ("var(--arm-0)", "var(--arm-1)", "var(--arm-2)", "var(--arm-3)", "var(--arm-4)")
"""By position of the arm; the reference comes first and is grey."""

RUNG_COLOURS = ("var(--rung-0)", "var(--rung-1)", "var(--rung-2)")
"""By position of the rung, from the lowest."""

OUTCOME_COLOURS = ("var(--rung-1)", "var(--rung-2)", "var(--arm-1)", "var(--arm-2)")
"""By position of the outcome."""

INK = "var(--ink)"
MUTED = "var(--muted)"
GRID = "var(--grid)"
SHADE = "var(--shade)"
PAPER = "var(--paper)"

FONT = "Helvetica, Arial, sans-serif"
"""What Vega measures with; the page sets the font that is shown."""

SIZE = 12
"""Of a chart's letters, in its own pixels: a phone shows a chart of 340 at about that width."""


def config() -> dict[str, Any]:
    """Vega-Lite configuration shared by every chart."""
    axis = {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        # Without a limit a label is measured once, not three times; a gutter sets its own.
        "labelLimit": 0,
        "labelFontSize": SIZE,
        "titleFontSize": SIZE,
        "titleFontWeight": "normal",
        "labelFont": FONT,
        "titleFont": FONT,
        "labelPadding": 4,
        "titlePadding": 6,
        "tickSize": 4,
    }
    return {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis,
        "text": {"color": INK, "font": FONT, "fontSize": SIZE},
    }


_OPEN = re.compile(r"<svg\b[^>]*?\bwidth=\"([\d.]+)\" height=\"([\d.]+)\"[^>]*>")


def inline(svg: str, label: str, css: str) -> str:
    """SVG for a page: scales with its column and has one description instead of hundreds.

    Parameters
    ----------
    svg
        As Vega writes it.
    label
        What the chart shows, for a screen reader.
    css
        Class names.

    Returns
    -------
    str
        An ``svg`` element; its inner marks are hidden from screen readers, the label is not.
    """
    match = _OPEN.match(svg)
    if match is None:
        raise ValueError("not an SVG as Vega writes it")
    width, height = match.groups()
    body = svg[match.end() :].removesuffix("</svg>")
    body = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", body)
    body = re.sub(r' font-family="[^"]*"', "", body)
    return (
        f'<svg class="{escape(css)}" viewBox="0 0 {width} {height}" role="img" '
        f'style="--w:{width}" aria-label="{escape(label)}">{body}</svg>'
    )
