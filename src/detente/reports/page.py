"""The report: one HTML file, no script, no network, readable on a phone and on paper."""

from __future__ import annotations

from importlib.resources import files

from detente.assessments import rounding as say
from detente.assessments.prose import compose
from detente.assessments.schema import Assessment
from detente.reports import figures, tables
from detente.reports.fans import fans
from detente.reports.figure import featured, title_of
from detente.reports.tables import Table

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
    import jinja2

    a, prose = assessment, compose(assessment)
    folder = files("detente.reports") / "templates"
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string((folder / "report.html.j2").read_text("utf-8"))
    contents = [x for x in CONTENTS if x[0] != "why" or a.drivers]
    return template.render(
        a=a,
        prose=prose,
        f=_figures(a, prose),
        css=(folder / "report.css").read_text("utf-8"),
        contents=contents,
        numbers=_numbers(a),
        focus=_focus(a),
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
        "terms": figures.terms(a, prose),
        "nuclear": figures.nuclear(a, prose),
        "drivers": [figures.drivers(a, prose, d) for d in a.drivers],
        "events": _events(a),
        "states": tables.covariates("Covariates of states", states),
        "pairs": tables.covariates("Covariates of pairs", pairs),
    }


def _focus(a: Assessment) -> str:
    outcome = next(x.label for x in a.outcomes if x.id == a.focus.outcome)
    pair = next(title_of(x) for x in a.setting.dyads if x.id == a.focus.dyad)
    years = say.years_name(a.meta.scenario.horizon_years)
    return f"{pair}: chance of {outcome} within {years}"


def _numbers(a: Assessment) -> list[tuple[str, str, str]]:
    """Chance of the focus's outcome in each arm: label, value, interval."""
    level = say.level_name(a.meta.settings.level)
    made: list[tuple[str, str, str]] = []
    for arm in a.arms:
        for x in a.forecasts.outcomes:
            if (x.dyad, x.outcome, x.arm) == (a.focus.dyad, a.focus.outcome, arm.id):
                mean, lo, hi = (v[-1] for v in (x.series.mean, x.series.lo, x.series.hi))
                scale = say.scale_of((mean, lo, hi))
                value = say.number(mean, scale) + scale.sign
                interval = f"{level} interval {say.interval(lo, hi, scale)}"
                made.append((arm.label[:1].upper() + arm.label[1:], value, interval))
    return made


def _events(a: Assessment) -> Table:
    rows = [
        (
            e.start.isoformat() + (f" to {e.stop.isoformat()}" if e.stop else ""),
            e.kind,
            ", ".join(e.parties),
            e.note,
            e.source_id,
            e.confidence,
        )
        for e in a.setting.events
    ]
    columns = ("When", "What", "Parties", "Note", "Source", "Confidence")
    return Table("Disputes, wars and meetings after the record ends", columns, tuple(rows))
