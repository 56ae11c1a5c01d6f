"""Figures of the report: what is drawn, its finding in a sentence, its key and its data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from detente.assessments import rounding as say
from detente.assessments.schema import Assessment, Contrast, Drivers, NuclearRow, Quantity
from detente.assessments.sentences import Names, place_of
from detente.reports import charts, reference_tables, tables, theme
from detente.reports.figure import (
    NARROW,
    WIDE,
    Figure,
    Key,
    Panel,
    Sentences,
    arm_colours,
    by_chance,
    capital,
    panel,
    title_of,
)
from detente.reports.marks import Axis, Life, Row, Span
from detente.reports.tables import Table

_NARROWEST, _WIDEST = 2.0, 1000.0
"""A ratio axis reaches at least so far from one, and no farther than this."""

MEETINGS = 40
"""Meetings drawn in the timeline; all are in its table."""


def differences(a: Assessment, prose: Sentences) -> Figure:
    """Paired differences beside the range that the record cannot see."""
    focus = (a.focus.dyad, a.focus.outcome)
    estimated = [(c.dyad, c.outcome) for c in a.contrasts if c.estimated]
    panels: list[Panel] = []
    for dyad, outcome in dict.fromkeys((focus, *estimated)):
        rows = [c for c in a.contrasts if (c.dyad, c.outcome) == (dyad, outcome)]
        panels += _difference_panels(a, rows)
    level = say.level_name(a.meta.settings.level)
    key = (
        Key("interval", theme.INK, f"difference and its {level} interval"),
        Key("shade", theme.SHADE, "too small to be told from none in this record"),
    )
    reference = {x.id: x.label for x in a.arms}[a.focus.reference]
    return Figure(
        "differences",
        f"Difference from {reference}",
        tuple(prose["differences"]),
        tuple((panel,) for panel in panels),
        key,
        (tables.differences(a, a.contrasts),),
    )


def _difference_panels(a: Assessment, rows: Sequence[Contrast]) -> list[Panel]:
    """Draw one pair's differences where they could be detected and at the horizon, on one axis."""
    places = {c.arm: place_of(c.difference, c.mde.at_years) for c in rows}
    every = [
        v
        for c in rows
        for i in {places[c.arm], len(c.difference.years) - 1}
        for v in (c.difference.lo[i], c.difference.hi[i])
    ]
    every += [v for c in rows for v in (c.mde.difference_lo, c.mde.difference_hi) if v is not None]
    scale = say.scale_of(every)
    reach = max((abs(v) * scale.factor for v in every), default=0.0) * 1.08 or 1.0
    axis = Axis(f"lower ← {scale.points.strip()} → higher", -reach, reach, rule=0.0)
    ends = sorted({*places.values(), *(len(c.difference.years) - 1 for c in rows)})
    return [_difference_panel(a, rows, i, places, scale, axis) for i in ends]


def _difference_panel(
    a: Assessment,
    rows: Sequence[Contrast],
    at: int,
    places: dict[str, int],
    scale: say.Scale,
    axis: Axis,
) -> Panel:
    arms, colours = {x.id: x.label for x in a.arms}, arm_colours(a)
    labels: list[Row] = []
    spans: list[Span] = []
    for i, c in enumerate(rows):
        d, lo, hi = c.difference, c.mde.difference_lo, c.mde.difference_hi
        shade = None
        if places[c.arm] == at and lo is not None and hi is not None:
            shade = (lo * scale.factor, hi * scale.factor)
        labels.append(Row(capital(arms[c.arm]), shade))
        mean, low, high = (v[at] * scale.factor for v in (d.mean, d.lo, d.hi))
        spans.append(Span(i, colours[c.arm], mean, low, high))
    one = rows[0]
    pair = next(title_of(x) for x in a.setting.dyads if x.id == one.dyad)
    outcome = next(x.label for x in a.outcomes if x.id == one.outcome)
    title = f"{pair}: {outcome} within {say.years_name(one.difference.years[at])}"
    label = f"{title}: difference between arms, {axis.title}"
    return panel(title, charts.rows(labels, spans, axis, NARROW), label)


def overview(a: Assessment, prose: Sentences) -> Figure:
    """Probability of every outcome by the horizon, for every pair, on a logarithmic axis."""
    arm = a.focus.arm
    shown = [x for x in a.forecasts.outcomes if x.arm == arm]
    order = by_chance(a)
    place = {d.id: i for i, d in enumerate(order)}
    kinds = [o for o in a.outcomes if any(x.outcome == o.id for x in shown)]
    lifts = {o.id: 4.0 * ((len(kinds) - 1) / 2 - i) for i, o in enumerate(kinds)}
    colours = {o.id: theme.OUTCOME_COLOURS[i % 4] for i, o in enumerate(a.outcomes)}
    spans = [
        Span(
            place[x.dyad],
            colours[x.outcome],
            100 * x.series.mean[-1],
            100 * x.series.lo[-1],
            100 * x.series.hi[-1],
            lift=lifts[x.outcome],
        )
        for x in shown
    ]
    lo = _lowest_decade(spans)
    axis = Axis(
        "chance by the horizon, logarithmic",
        lo,
        100.0,
        True,
        charts.log_ticks(lo, 100.0),
        label="datum.value + '%'",
    )
    brief = [Row(d.id.replace("-", "–")) for d in order]  # noqa: RUF001
    full = [Row(title_of(d)) for d in order]
    one = panel(
        "",
        charts.rows(brief, spans, axis, NARROW, gutter=70),
        "Chances of every outcome by pair",
        charts.rows(full, spans, axis, WIDE, gutter=200),
    )
    key = tuple(Key("interval", colours[o.id], o.label) for o in kinds)
    years = say.years_name(a.meta.scenario.horizon_years)
    return Figure(
        "overview",
        f"Every pair: chances within {years}, with {Names(a).arm(arm)}",
        tuple(prose["overview"]),
        ((one,),),
        key,
        (tables.overview(a, arm),),
        _cut(spans, axis, rare=True),
    )


def _lowest_decade(spans: Sequence[Span]) -> float:
    """Lower end, in per cent, of an axis that holds every chance above none.

    Ends of intervals below 0.001% do not stretch it.
    """
    ends = min((s.lo for s in spans if s.lo), default=1.0)
    values = min((s.value for s in spans if s.value), default=1.0)
    return 10.0 ** min(max(-3, math.floor(math.log10(ends))), math.floor(math.log10(values)))


def reference(a: Assessment, prose: Sentences) -> Figure:
    """Meetings of the reference class by date, and what followed each."""
    nearest = sorted(a.reference_class.meetings, key=lambda m: m.distance)[:MEETINGS]
    meetings = sorted(nearest, key=lambda m: m.date)
    rows = [
        (
            m,
            (m.observed_to - m.date).days / 365.25,
            tuple((f.kind, f.years_after) for f in m.follow_ups),
        )
        for m in meetings
    ]
    brief = [Life(f"{m.date.year} {_town(m.place)}", o, k) for m, o, k in rows]
    full = [
        Life(f"{m.date.day} {m.date:%b %Y}, {_town(m.place)} ({m.counterpart})", o, k)
        for m, o, k in rows
    ]
    colours = {"dispute": theme.RUNG_COLOURS[1], "war": theme.RUNG_COLOURS[2]}
    years = max((r.horizon for r in a.reference_class.summary), default=10)
    axis = Axis("years after the meeting", 0.0, years)
    one = panel(
        "",
        charts.timeline(brief, colours, axis, NARROW, gutter=130),
        "Meetings by date (in the US record, of travel) and what followed; dates are in the table",
        charts.timeline(full, colours, axis, WIDE, gutter=230),
    )
    key = (
        Key("diamond", colours["dispute"], "dispute"),
        Key("square", colours["war"], "war"),
        Key("strip", theme.GRID, "years on record"),
        Key("end", theme.MUTED, "the record ends before the window does"),
    )
    return Figure(
        "reference-class",
        "What followed the nearest meetings",
        tuple(prose["reference"]),
        ((one,),) if meetings else (),
        key,
        (reference_tables.reference_methods(a), reference_tables.reference_meetings(a)),
        shown=reference_tables.reference_summary(a),
    )


def _town(place: str) -> str:
    """Take the first of several places; the table has them all."""
    return place.split(",")[0]


def _cut(spans: Sequence[Span], axis: Axis, *, rare: bool = False) -> str:
    """Say what an axis does not reach: ends of intervals that are cut, points that are arrows."""

    def beyond(values: Iterable[float | None]) -> bool:
        return any(v is not None and not axis.lo <= v <= axis.hi for v in values)

    told: list[str] = []
    if beyond(v for s in spans for v in (s.lo, s.hi)):
        told.append("Intervals that would reach beyond the axis are cut at its end.")
    if beyond(s.value for s in spans):
        out = "a chance that no sampled future showed" if rare else "an estimate beyond the axis"
        told.append(f"An arrow at the end of the axis is {out}.")
    return " ".join(told)


def _ratio_axis(values: Sequence[float], title: str) -> Axis:
    kept = [v for v in values if v > 0.0]
    reach = min(max([_NARROWEST, *kept, *(1 / v for v in kept)]) * 1.1, _WIDEST)
    return Axis(title, 1 / reach, reach, True, charts.log_ticks(1 / reach, reach), 1.0)


def _span(row: int, colour: str, q: Quantity, *, lift: float = 0.0, hollow: bool = False) -> Span:
    return Span(row, colour, q.value, q.lo, q.hi, lift, hollow)


def terms(a: Assessment, prose: Sentences) -> Figure:
    """Meeting terms beside what the record could have shown, and the same terms before."""
    shown = [t for t in a.evidence.terms if t.group == "meeting"]
    labels = [
        Row(t.label, None if t.mde_low is None or t.mde_high is None else (t.mde_low, t.mde_high))
        for t in shown
    ]
    spans = [_span(i, theme.ARM_COLOURS[1], t.hazard_ratio, lift=5.0) for i, t in enumerate(shown)]
    spans += [
        _span(i, theme.MUTED, t.lead_ratio, lift=-6.0, hollow=True)
        for i, t in enumerate(shown)
        if t.lead_ratio
    ]
    ends = [v for s in spans for v in (s.lo, s.hi, s.value) if v is not None]
    ends += [v for r in labels if r.shade for v in r.shade]
    axis = _ratio_axis(ends, "lowers ← hazard ratio → raises")
    label = "Hazard ratios of the meeting terms"
    key = (
        Key("interval", theme.ARM_COLOURS[1], "after a meeting"),
        Key("hollow", theme.MUTED, "before the meeting took place"),
        Key("shade", theme.SHADE, "too small to be told from none in this record"),
    )
    panels = ((panel("", charts.rows(labels, spans, axis, NARROW), label),),) if shown else ()
    title = "Meeting terms of the model"
    data, note = (tables.terms(a),), _cut(spans, axis)
    return Figure("terms", title, tuple(prose["evidence"]), panels, key, data, note)


def nuclear(a: Assessment, prose: Sentences) -> Figure:
    """Prior against posterior of the rate, one panel for each exposure unit."""
    every = (*a.nuclear.rows, *a.nuclear.per_crisis)
    panels = [
        _nuclear_panel(a, unit, [r for r in every if r.exposure_unit == unit])
        for unit in dict.fromkeys(r.exposure_unit for r in every)
    ]
    key = (
        Key("hollow", theme.MUTED, "prior: median and interval"),
        Key("interval", theme.RUNG_COLOURS[2], "after the years of silence"),
    )
    finding = tuple(prose["nuclear"])
    data = (tables.nuclear(a), tables.nuclear_differences(a))
    return Figure(
        "nuclear-rate", "The rate before and after the record", finding, (tuple(panels),), key, data
    )


def _nuclear_panel(a: Assessment, unit: str, rows: Sequence[NuclearRow]) -> Panel:
    names = {p.id: p.name for p in a.nuclear.priors}
    events = "No event" if a.nuclear.events == 0 else f"{a.nuclear.events} events"
    spans: list[Span] = []
    for i, row in enumerate(rows):
        for colour, quantiles, lift in (
            (theme.MUTED, row.prior_quantiles, 5.0),
            (theme.RUNG_COLOURS[2], row.posterior_quantiles, -5.0),
        ):
            q = sorted(quantiles, key=lambda x: x.p)
            middle = min(q, key=lambda x: abs(x.p - 0.5)).value if q else None
            ends = (q[0].value, q[-1].value) if q else (None, None)
            spans.append(Span(i, colour, middle, *ends, lift, lift > 0))
    values = [v for s in spans for v in (s.lo, s.hi) if v is not None and v > 0.0]
    lo = 10.0 ** max(-6, math.floor(math.log10(min(values, default=1e-3))))
    hi = 10.0 ** min(1, math.ceil(math.log10(max(values, default=1.0))))
    expression = (
        "datum.value < 1 ? '1 in ' + format(1 / datum.value, ',.0f') : format(datum.value, ',')"
    )
    axis = Axis(rows[0].rate.unit, lo, hi, True, charts.log_ticks(lo, hi), label=expression)
    chart = charts.rows([Row(names[r.prior]) for r in rows], spans, axis, NARROW)
    title = f"{events} in {say.count(rows[0].exposure)} {unit}"
    return panel(title, chart, f"{title}")


def drivers(a: Assessment, prose: Sentences, one: Drivers) -> Figure:
    """Terms that raise or lower a hazard, the largest first."""
    known = [c for c in one.contributions if c.multiplier.value]
    known.sort(key=lambda c: -abs(math.log(c.multiplier.value or 1.0)))
    shown = known[:10]
    spans = [_span(i, theme.ARM_COLOURS[1], c.multiplier) for i, c in enumerate(shown)]
    ends = [v for s in spans for v in (s.lo, s.hi, s.value) if v is not None]
    axis = _ratio_axis(ends, "lower ← times the average → higher")
    labels = [Row(capital(c.label)) for c in shown]
    title = f"{one.dyad}: {one.label}"
    rows = [
        (capital(c.label), tables.estimate(c.log_hazard), tables.estimate(c.multiplier))
        for c in one.contributions
    ]
    data = Table(
        f"{title}, against {one.baseline}", ("Term", "Log hazard", "Multiplier"), tuple(rows)
    )
    label = f"{title}: multipliers of each term"
    panels = ((panel("", charts.rows(labels, spans, axis, NARROW), label),),) if shown else ()
    finding = tuple(prose[f"drivers:{one.dyad}:{one.transition}"])
    key = (Key("interval", theme.ARM_COLOURS[1], "multiplier and its interval"),)
    name, note = f"drivers-{one.dyad}-{one.transition}", _cut(spans, axis)
    return Figure(name, title, finding, panels, key, (data,), note)
