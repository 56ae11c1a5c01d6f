"""Tables of meetings like the case: what followed each, how often, and of how many pairs."""

from __future__ import annotations

from collections.abc import Sequence

from detente.assessments import rounding as say
from detente.assessments.reference_intervals import pairs_name
from detente.assessments.reference_prose import shared
from detente.assessments.schema import Assessment, ReferenceMeeting, SummaryRow
from detente.reports.figure import capital
from detente.reports.tables import NONE, Table, estimate, scale_for

GROUPS = {
    "met": "These meetings",
    "not met": "Adversaries alike, no meeting",
    "before": "Before these meetings",
}
"""Groups of the reference class, in the order of the columns."""


def reference_meetings(assessment: Assessment) -> Table:
    """Meetings of the reference class, nearest first, and what followed."""
    return _meetings(assessment.reference_class.meetings)


def chronology(assessment: Assessment) -> list[Table]:
    """Tables of the class from the whole chronology; which of its meetings are above too."""
    wider = assessment.chronology_class
    if wider is None:
        return []
    above = assessment.reference_class.meetings
    return [_summary(assessment, wider.summary), _meetings(wider.meetings, above)]


def reference_summary(assessment: Assessment) -> Table:
    """How often outcomes followed: one row for each outcome and horizon, groups side by side."""
    return _summary(assessment, assessment.reference_class.summary)


def reference_methods(assessment: Assessment) -> Table:
    """Cases, pairs, events and method behind each share of the reference class."""
    outcomes = {x.id: x.label for x in assessment.outcomes}
    rows = [
        (
            capital(outcomes[r.outcome]),
            say.years_name(r.horizon),
            GROUPS[r.group],
            say.count(r.n),
            say.count(r.dyads),
            say.count(r.apart),
            say.count(r.events),
            r.method,
        )
        for r in assessment.reference_class.summary
    ]
    columns = ("Outcome", "Within", "Group", "Cases", "Pairs", "Windows apart", "Events", "Method")
    return Table("Cases behind the shares", columns, tuple(rows))


def share(row: SummaryRow, scale: say.Scale) -> str:
    """Events of cases, the pairs they are of, and the share: ``18 of 19, 2 pairs: 95%``."""
    pairs = f", {pairs_name(row.dyads)}" if row.n else ""
    return f"{say.count(row.events)} of {say.count(row.n)}{pairs}: {estimate(row.estimate, scale)}"


def _meetings(
    every: Sequence[ReferenceMeeting], above: Sequence[ReferenceMeeting] | None = None
) -> Table:
    meetings = sorted(every, key=lambda m: m.distance)
    horizons = list(dict.fromkeys(h for m in meetings for h in m.outcomes))
    kinds = list(dict.fromkeys(k for m in meetings for x in m.outcomes.values() for k in x))
    heads = [f"{kind} within {say.years_name(float(h))}" for kind in kinds for h in horizons]
    rows = [
        (
            f"{m.date.day} {m.date:%b %Y}, {m.place}",
            m.counterpart,
            ", ".join(m.persons) or NONE,
            say.ratio(m.distance),
            *(() if above is None else ("yes" if shared(above, [m]) else "no",)),
            *(m.outcomes.get(h, {}).get(kind, NONE) for kind in kinds for h in horizons),
        )
        for m in meetings
    ]
    also = () if above is None else ("Also above",)
    columns = ("Meeting", "With", "Persons", "Distance", *also, *heads)
    return Table("Meetings in the reference class", columns, tuple(rows))


def _summary(assessment: Assessment, rows: Sequence[SummaryRow]) -> Table:
    outcomes = {x.id: x.label for x in assessment.outcomes}
    groups = [g for g in GROUPS if any(r.group == g for r in rows)]
    scale = scale_for(r.estimate for r in rows)
    cells = {(r.outcome, r.horizon, r.group): share(r, scale) for r in rows}
    keys = sorted(
        {(r.outcome, r.horizon) for r in rows}, key=lambda k: (list(outcomes).index(k[0]), k[1])
    )
    lines = [
        (
            capital(outcomes[outcome]),
            say.years_name(horizon),
            *(cells.get((outcome, horizon, g), NONE) for g in groups),
        )
        for outcome, horizon in keys
    ]
    heads = ("Outcome", "Within", *(GROUPS[g] for g in groups))
    return Table("How often it followed", heads, tuple(lines))
