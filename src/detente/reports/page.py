"""The report: one HTML file, no script, no network, readable on a phone and on paper."""

from __future__ import annotations

from collections.abc import Sequence

from detente.assessments import rounding as say
from detente.assessments.prose import compose
from detente.assessments.schema import Assessment, Series, SettingEvent
from detente.assessments.sentences import place_of
from detente.reports import figures, reference_tables, tables
from detente.reports.fans import fans
from detente.reports.figure import capital, featured, title_of
from detente.reports.pages import render
from detente.reports.tables import Table, scale_at

CONTENTS = (
    ("answer", "The answer"),
    ("setting", "Setting"),
    ("forecasts", "Forecasts"),
    ("reference", "Meetings like this one"),
    ("evidence", "How much is data"),
    ("nuclear", "Nuclear tail"),
    ("why", "Why"),
    ("limits", "Limits"),
    ("provenance", "Sources"),
)


CAPTION = "Disputes, wars and meetings after the record ends"


def render_html(assessment: Assessment) -> str:
    """Render the self-contained report.

    Parameters
    ----------
    assessment
        The document; its sentences are computed anew from its numbers.

    Returns
    -------
    str
        HTML with styles and drawings inside, text escaped, and no script.
    """
    a, prose = assessment, compose(assessment)
    contents = [x for x in CONTENTS if x[0] != "why" or a.drivers]
    return render(
        "report.html.j2",
        a=a,
        prose=prose,
        f=_figures(a, prose),
        contents=contents,
        numbers=_numbers(a),
        date=f"{a.meta.scenario.date.day} {a.meta.scenario.date:%B %Y}",
        horizon=say.years_name(a.meta.scenario.horizon_years),
    )


def _figures(a: Assessment, prose: dict[str, list[str]]) -> dict[str, object]:
    pairs = [(d.id, d.covariates) for d in a.setting.dyads]
    states = [(s.name, s.covariates) for s in a.setting.states]
    return {
        "differences": figures.differences(a, prose),
        "overview": figures.overview(a, prose),
        "fans": [fans(a, prose, d) for d in featured(a)],
        "reference": figures.reference(a, prose),
        "chronology": reference_tables.chronology(a),
        "terms": figures.terms(a, prose),
        "nuclear": figures.nuclear(a, prose),
        "drivers": [figures.drivers(a, prose, d) for d in a.drivers],
        "events": _events(CAPTION, a.setting.events, counted=True),
        "aftermath": _events("Disputes and wars after the date", a.setting.aftermath),
        "states": tables.covariates("Covariates of states", states),
        "pairs": tables.covariates("Covariates of pairs", pairs),
    }


Numbers = tuple[str, list[tuple[str, str, str]]]
"""A title, then label, value and interval of each arm."""


def _numbers(a: Assessment) -> list[Numbers]:
    """Chance of the focus's outcome in each arm, where an effect was detectable and at the end."""
    focus = a.focus
    outcome = next(x.label for x in a.outcomes if x.id == focus.outcome)
    pair = next(title_of(x) for x in a.setting.dyads if x.id == focus.dyad)
    chances = {
        x.arm: x.series
        for x in a.forecasts.outcomes
        if (x.dyad, x.outcome) == (focus.dyad, focus.outcome)
    }
    near = [
        c.mde.at_years
        for c in a.contrasts
        if (c.dyad, c.outcome, c.arm) == (focus.dyad, focus.outcome, focus.arm)
    ]
    made: list[Numbers] = []
    for years in dict.fromkeys((*near, None)):
        arms = [arm for arm in a.arms if arm.id in chances]
        places = {arm.id: place_of(chances[arm.id], years) for arm in arms}
        scale = scale_at(chances.values(), places.values())
        shown = [
            (capital(arm.label), *_chance(chances[arm.id], places[arm.id], scale)) for arm in arms
        ]
        end = a.meta.scenario.horizon_years if years is None else years
        made.append((f"{pair}: chance of {outcome} within {say.years_name(end)}", shown))
    return made


def _chance(series: Series, at: int, scale: say.Scale) -> tuple[str, str]:
    mean, lo, hi = series.mean[at], series.lo[at], series.hi[at]
    interval = f"{say.level_name(series.level)} interval {say.interval(lo, hi, scale)}"
    return say.number(mean, scale) + scale.sign, interval


def _events(caption: str, events: Sequence[SettingEvent], *, counted: bool = False) -> Table:
    rows = [
        (
            _days(e),
            e.kind if e.status == "held" else f"{e.kind} ({e.status})",
            ", ".join(e.parties),
            e.note,
            e.source_id,
            e.confidence,
            *([f"no: {e.reason}" if e.reason else "yes"] if counted else []),
        )
        for e in events
    ]
    columns = ("When", "What", "Parties", "Note", "Source", "Confidence")
    return Table(caption, (*columns, "Counted") if counted else columns, tuple(rows))


def _days(event: SettingEvent) -> str:
    """First and last day, included; one of them for a single day."""
    first = event.start.isoformat()
    if event.end is None:
        return f"{first}, under way"
    return first if event.end == event.start else f"{first} to {event.end.isoformat()}"
