"""Tables of a sourced case: every cell is a value of the document, with source and tier."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from detente.assessments import rounding as say
from detente.assessments.case_prose import span_name, years_text
from detente.assessments.case_schema import (
    CaseAssessment,
    CaseFact,
    CaseMeeting,
    CaseSettlement,
)
from detente.reports import tables
from detente.reports.figure import capital
from detente.reports.reference_tables import share
from detente.reports.tables import NONE, Table

NOT_SET = "not established"
"""An outcome that no source gave."""

GROUPS = {"met": "After a meeting", "not met": "After a day without one"}


def meetings(caption: str, rows: Sequence[CaseMeeting]) -> Table:
    """Rows of the chronology with source and tier."""
    columns = ("When", "Where", "Who", "Status", "Outcome", "Tier", "Source", "Id")
    return Table(caption, columns, tuple(_meeting(row) for row in rows))


def _meeting(m: CaseMeeting) -> tuple[str, ...]:
    who = ", ".join(m.persons or m.parties)
    status = m.status if m.level == "leader" else f"{m.status} ({m.level})"
    outcome = "; ".join([m.outcome or NOT_SET, *m.agreements]) if m.status == "held" else NONE
    told = status if m.reason is None else f"{status}: {m.reason}"
    return (m.when, m.place or NONE, who, told, outcome, m.tier, m.citation, m.id)


def notes(rows: Sequence[CaseMeeting]) -> Table:
    """What each row's note says: what the source gave, and doubts."""
    told = [(m.id, m.note or NONE, m.locator or NONE) for m in rows]
    return Table("What each row rests on", ("Row", "Note", "Locator"), tuple(told))


def facts(caption: str, rows: Sequence[CaseFact]) -> Table:
    """Facts with their days, the years after the case, sources and tier."""
    lines = [
        (
            f.when,
            f.label,
            NONE if f.years_after is None else span_name(f.years_after),
            f.tier,
            f.confidence,
            ", ".join(f.source_ids),
        )
        for f in rows
    ]
    columns = ("When", "What", "After the end of the case", "Tier", "Confidence", "Sources")
    return Table(caption, columns, tuple(lines))


def series(a: CaseAssessment) -> Table:
    """Meetings of the pair in the record, and what followed each."""
    windows = list(dict.fromkeys(h for m in a.reference.series for h in m.outcomes))
    rows = [
        (
            f"{m.date.day} {m.date:%b %Y}, {m.place}",
            ", ".join(m.persons) or NONE,
            *(m.outcomes[h].get("dispute", NONE) for h in windows),
            NONE if m.years_to_dispute is None else years_text(m.years_to_dispute),
            *(m.outcomes[h].get("war", NONE) for h in windows[-1:]),
        )
        for m in a.reference.series
    ]
    heads = [f"Dispute within {say.years_name(float(h))}" for h in windows]
    last = [f"War within {say.years_name(float(h))}" for h in windows[-1:]]
    columns = ("Meeting", "Persons", *heads, "To the next dispute", *last)
    return Table("Each meeting by first day of travel, and what followed", columns, tuple(rows))


def counts(a: CaseAssessment) -> Table:
    """How often a dispute or war followed, meetings and days without one side by side."""
    scale = tables.scale_for(r.estimate for r in a.reference.summary)
    cells = {(r.outcome, r.horizon, r.group): share(r, scale) for r in a.reference.summary}
    keys = dict.fromkeys((r.outcome, r.horizon) for r in a.reference.summary)
    rows = [
        (
            f"{capital(outcome)} within {say.years_name(horizon)}",
            *(cells.get((outcome, horizon, g), NONE) for g in GROUPS),
        )
        for outcome, horizon in keys
    ]
    return Table("How often one followed", ("What", *GROUPS.values()), tuple(rows))


def settlements(a: CaseAssessment) -> Table:
    """Settlements of the case, one a column: who made them, how long, what came after."""
    parts: tuple[tuple[str, Callable[[CaseSettlement], str]], ...] = (
        ("Signed", lambda s: s.when),
        ("Parties", lambda s: ", ".join(s.parties)),
        ("Negotiated by", lambda s: s.negotiated_by or NOT_SET),
        ("Negotiators", lambda s: ", ".join(s.negotiators) or NOT_SET),
        ("Channel", lambda s: s.channel or NOT_SET),
        ("Talks", lambda s: NOT_SET if s.talks_days is None else f"{s.talks_days} days"),
        ("Exhaustion", lambda s: s.exhaustion or NOT_SET),
        ("What broke it, or came after", lambda s: s.broken or NOT_SET),
        ("Tier", lambda s: s.tier),
        ("Source", lambda s: s.citation),
        ("Note", lambda s: s.note or NONE),
    )
    rows = [(name, *(tell(s) for s in a.settlements)) for name, tell in parts]
    return Table("The settlement", ("", *(s.treaty or s.war for s in a.settlements)), tuple(rows))


def settlement_counts(a: CaseAssessment) -> Table:
    """Sourced settlements of the whole record by who negotiated them."""
    rows = [(c.negotiated_by, say.count(c.settlements)) for c in a.settlement_counts]
    return Table(
        "Sourced settlements since 1648, by who negotiated", ("By", "Settlements"), tuple(rows)
    )
