"""The page of a sourced case: one HTML file in the style of the forecast's."""

from __future__ import annotations

from detente.assessments.case_prose import compose_case, span_name
from detente.assessments.case_schema import CaseAssessment, CaseFact
from detente.reports import case_figures, case_tables
from detente.reports.pages import render

CONTENTS = (
    ("answer", "In short"),
    ("recorded", "What is recorded"),
    ("followed", "What followed"),
    ("reference", "Meetings like it"),
    ("settlement", "The settlement"),
    ("limits", "What this cannot tell"),
    ("provenance", "Sources"),
)

OPEN_ROWS = 6
"""A table of the chronology's rows stands open up to this length."""


def render_case(document: CaseAssessment) -> str:
    """Render the self-contained page of a sourced case.

    Parameters
    ----------
    document
        The case; its sentences are computed anew from its values.

    Returns
    -------
    str
        HTML with styles and drawings inside, text escaped, and no script.
    """
    a = document
    return render(
        "case.html.j2",
        a=a,
        prose=compose_case(a),
        contents=CONTENTS,
        before=_part(a, "before"),
        during=_part(a, "at"),
        after=_part(a, "after"),
        span=span_name,
        f=_figures(a),
        open_rows=OPEN_ROWS,
    )


def _part(a: CaseAssessment, part: str) -> list[CaseFact]:
    return [fact for fact in a.facts if fact.part == part]


def _figures(a: CaseAssessment) -> dict[str, object]:
    listed = a.reference.listed
    return {
        "facts": case_figures.facts(a),
        "meetings": case_tables.meetings("Rows of the chronology", a.meetings),
        "notes": case_tables.notes([*a.meetings, *listed]),
        "series": case_figures.series(a) if a.reference.series else None,
        "listed": case_tables.meetings("Other meetings of the parties", listed),
        "settlements": case_tables.settlements(a),
        "counts": case_tables.settlement_counts(a),
    }
