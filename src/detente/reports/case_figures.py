"""Figures of a sourced case: its facts by year, and what followed each meeting of a record."""

from __future__ import annotations

import datetime as dt
import math

from detente.assessments.case_days import YEAR
from detente.assessments.case_schema import CaseAssessment, CaseFact
from detente.reports import case_tables, charts, theme
from detente.reports.figure import NARROW, WIDE, Figure, Key, panel
from detente.reports.marks import Axis, Life

KINDS = {
    "meeting": ("diamond", theme.ARM_COLOURS[1], "meeting"),
    "war": ("square", theme.RUNG_COLOURS[2], "war or fighting"),
    "settlement": ("circle", theme.ARM_COLOURS[3], "settlement or treaty"),
    "breach": ("triangle", theme.ARM_COLOURS[2], "breach, refusal or dispute"),
    "contact": ("cross", theme.RUNG_COLOURS[0], "other contact or event"),
}
"""Kinds of fact: form of the key, colour, name; the chart's shapes are in the same order."""

MARGIN = 0.04
"""Room at both ends of the years, as a share of them."""


def facts(a: CaseAssessment) -> Figure:
    """Dated facts of the case by year, a line where one lasted or its day is bounded."""
    shown = sorted(
        (f for f in a.facts if f.start is not None), key=lambda f: (f.start or dt.date.min, f.id)
    )
    lives = [_life(f) for f in shown]
    lo, hi = min(v.since for v in lives), max(v.observed for v in lives)
    room = max((hi - lo) * MARGIN, 0.1)
    axis = Axis(
        "year", lo - room, hi + room, ticks=_ticks(lo, hi), label="format(datum.value, 'd')"
    )
    colours = {kind: KINDS[kind][1] for kind in KINDS}
    one = panel(
        "",
        charts.timeline(lives, colours, axis, NARROW, ends=False),
        "Facts of the case by year",
        charts.timeline(lives, colours, axis, WIDE, gutter=250, ends=False),
    )
    used = {kind for v in lives for kind, _ in v.marks}
    key = [Key(KINDS[k][0], KINDS[k][1], KINDS[k][2]) for k in KINDS if k in used]
    key.append(Key("strip", theme.GRID, "lasted so long, or its day lies within"))
    return Figure(
        "facts-by-year",
        "The facts by year",
        (),
        ((one,),),
        tuple(key),
        (case_tables.facts("Facts of the case", a.facts),),
    )


def _life(fact: CaseFact) -> Life:
    assert fact.start is not None
    first, last = year_of(fact.start), year_of(fact.end or fact.start)
    kind = fact.kind if fact.kind in KINDS else "contact"
    at = first if fact.precision == "day" else (first + last) / 2
    if fact.start_precision == "year":
        at = first + 0.5
    return Life(fact.label, last, ((kind, at),), first)


def year_of(day: dt.date) -> float:
    """Place of a day on an axis of years."""
    return day.year + (day.timetuple().tm_yday - 1) / YEAR


def _ticks(lo: float, hi: float) -> tuple[float, ...]:
    """Whole years at a round step, about six of them."""
    rough = max((hi - lo) / 6, 0.5)
    power = 10.0 ** math.floor(math.log10(rough))
    step = max(1, round(next(s for s in (1, 2, 5, 10) if s * power >= rough) * power))
    first = math.ceil(lo / step) * step
    ticks = tuple(float(y) for y in range(first, math.floor(hi) + 1, step))
    return ticks or (float(round(lo)),)


def series(a: CaseAssessment) -> Figure:
    """Meetings of the pair in the record by date, and the next dispute or war after each."""
    windows = [int(h) for m in a.reference.series for h in m.outcomes]
    axis = Axis("years after the meeting", 0.0, float(max(windows)))
    brief: list[Life] = []
    full: list[Life] = []
    for m in a.reference.series:
        marks = [("dispute", m.years_to_dispute), ("war", m.years_to_war)]
        known = tuple((kind, years) for kind, years in marks if years is not None)
        observed = (m.observed_to - m.date).days / YEAR
        town = m.place.split(",")[0]
        brief.append(Life(f"{m.date.year} {town}", observed, known))
        full.append(Life(f"{m.date.day} {m.date:%b %Y}, {town}", observed, known))
    colours = {"dispute": theme.RUNG_COLOURS[1], "war": theme.RUNG_COLOURS[2]}
    one = panel(
        "",
        charts.timeline(brief, colours, axis, NARROW, gutter=130),
        "Meetings by the first day of travel, and the first dispute after each",
        charts.timeline(full, colours, axis, WIDE, gutter=230),
    )
    key = (
        Key("diamond", colours["dispute"], "dispute"),
        Key("square", colours["war"], "war"),
        Key("strip", theme.GRID, "years on record"),
    )
    return Figure(
        "series",
        "What followed each meeting",
        (),
        ((one,),),
        key,
        (case_tables.series(a),),
        shown=case_tables.counts(a),
    )
