"""Sentences of a sourced case: each follows the document's own counts and days."""

from __future__ import annotations

from collections import Counter

from detente.assessments import rounding as say
from detente.assessments.case_days import years_between
from detente.assessments.case_schema import WINDOWS, CaseAssessment, CaseFact, Span
from detente.assessments.parts import SummaryRow
from detente.assessments.reference_prose import spread

Sentences = dict[str, list[str]]

_LONG = 20.0
"""Spans of so many years are told in whole years."""


def with_case_prose(document: CaseAssessment) -> CaseAssessment:
    """Return the document with its sentences computed anew."""
    return document.model_copy(update={"prose": compose_case(document)})


def compose_case(a: CaseAssessment) -> Sentences:
    """Compute every sentence, by section."""
    return {
        "headline": [*_kind(a), *_meetings(a), *_channels(a), *_first_war(a)],
        "recorded": _recorded(a),
        "followed": _followed(a),
        "reference": _reference(a),
        "settlement": _settlement(a),
    }


def _kind(a: CaseAssessment) -> list[str]:
    return [
        "This is a sourced case, not a forecast: its numbers are counts of the record or spans "
        "between sourced days, and none comes from a model."
    ]


def _meetings(a: CaseAssessment) -> list[str]:
    if not a.meetings:
        return [a.no_meeting or "No meeting is in the chronology."]
    if len(a.meetings) == 1:
        one = a.meetings[0]
        gave = f"its outcome is coded as: {one.outcome}" if one.outcome else "no outcome is coded"
        return [f"The chronology has one row for it, of tier {one.tier}: {one.status}; {gave}."]
    status = Counter(m.status for m in a.meetings)
    tiers = Counter(m.tier for m in a.meetings)
    told = _shares({name: n for name, n in status.most_common()})
    kept = _shares({f"of tier {name}": n for name, n in sorted(tiers.items())})
    return [f"The chronology has {len(a.meetings)} rows for it: {told}; {kept}."]


def _channels(a: CaseAssessment) -> list[str]:
    """Which channels between the parties stood open and which were closed."""
    states: dict[str, list[str]] = {}
    for channel in a.channels:
        states.setdefault(channel.state, []).append(channel.name)
    if not states:
        return []
    told = "; ".join(f"{state}: {', '.join(names)}" for state, names in states.items())
    return [f"Channels between the two: {told}."]


def _first_war(a: CaseAssessment) -> list[str]:
    """Time to the first recorded war of the parties, from the case and from their last meeting."""
    wars = [f for f in a.facts if f.part == "after" and f.between and f.years_after and f.start]
    if not wars:
        return []
    war = wars[0]
    assert war.start is not None
    assert war.years_after is not None
    text = (
        "The first recorded war of the parties against each other that began afterwards: "
        f"{war.label} ({war.when}), {span_name(war.years_after)} after the end of the case"
    )
    earlier = [m for m in a.meetings if m.status == "held" and m.end and m.end <= war.start]
    later = [m for m in earlier if m.end and m.end > a.meta.scenario.end]
    if not later or (war.precision, war.start_precision) != ("day", "day"):
        return [f"{text}."]
    last = later[-1]
    assert last.end is not None
    gap = years_between(last.end, war.start)
    return [
        f"{text}; it is {years_text(gap)} after the last meeting before it in these rows, "
        f"{last.place} ({last.when})."
    ]


def _recorded(a: CaseAssessment) -> list[str]:
    tiers = Counter(f.tier for f in a.facts)
    doubts = sum(f.doubt is not None for f in a.facts)
    told = _shares({f"of tier {name}": n for name, n in sorted(tiers.items())})
    return [
        f"{len(a.facts)} facts, {told}. Tier A rests on an official record or a dataset, tier B "
        "on another source that was read, mostly as an excerpt.",
        f"{'One has' if doubts == 1 else f'{doubts} have'} a doubt or a dispute of sources told "
        "beside it."
        if doubts
        else "No source disagrees in what was read.",
    ]


def _followed(a: CaseAssessment) -> list[str]:
    made: list[str] = []
    facts = [f for f in a.facts if f.part == "after"]
    for years in WINDOWS:
        held = [f for f in facts if f.within is not None and f.within <= years]
        new = [f.label for f in held if f.within == years]
        name = f"Within {say.years_name(years)} of its end"
        if new:
            made.append(f"{name}: {'; '.join(new)}.")
        elif not held and years == WINDOWS[-1]:
            made.append(f"{name}: nothing among the facts read.")
    later = [f for f in facts if f.within is None]
    if later:
        made.append(f"Later, or of unknown day: {'; '.join(map(_later, later))}.")
    if a.reference.series:
        made.append("What followed each of the meetings is told under 'Meetings like it'.")
    return made


def _later(fact: CaseFact) -> str:
    return f"{fact.label} ({fact.when})"


def _reference(a: CaseAssessment) -> list[str]:
    if not a.reference.reached:
        return [text for text in (a.reference.reason, a.reference.description) if text]
    made = [a.reference.description]
    for outcome, name in (("dispute", "militarised dispute"), ("war", "war")):
        rows = [r for r in a.reference.summary if r.outcome == outcome]
        for years in sorted({r.horizon for r in rows}):
            pair = {r.group: r for r in rows if r.horizon == years}
            if outcome == "dispute" or years == max(r.horizon for r in rows):
                made.append(_compared(pair, name, years))
    return [*made, *spread(a.reference.summary), *_apart_in_time(a)]


def _apart_in_time(a: CaseAssessment) -> list[str]:
    """Say so where the quiet meetings are all later than the others: time and meeting are one."""
    middle = str(WINDOWS[1])
    status = {m.date: m.outcomes.get(middle, {}).get("dispute") for m in a.reference.series}
    quiet = [day for day, told in status.items() if told == "no"]
    rough = [day for day, told in status.items() if told == "yes"]
    if not quiet or not rough or min(quiet) < max(rough):
        return []
    return [
        f"Every meeting with no dispute within {say.years_name(float(middle))} is of "
        f"{min(quiet).year} or later, every one with a dispute of {max(rough).year} or earlier: "
        "the counts tell two times apart as much as meeting from not meeting."
    ]


def _compared(pair: dict[str, SummaryRow], name: str, years: int) -> str:
    met, alone = pair["met"], pair["not met"]
    return (
        f"A new {name} of the two within {say.years_name(years)}: after {met.events} of the "
        f"{met.n} meetings with none under way, and after {alone.events} of {alone.n} such days "
        "without a meeting."
    )


def _settlement(a: CaseAssessment) -> list[str]:
    if not a.settlements:
        return [a.no_settlement or "No settlement is in the record."]
    made: list[str] = []
    for one in a.settlements:
        by = {
            "both": "negotiated by a leader in person and by envoys",
            "envoys": "negotiated by envoys",
            "leaders": "negotiated by leaders in person",
        }.get(one.negotiated_by or "", "who negotiated it was not read")
        days = "" if one.talks_days is None else f", talks of {one.talks_days} days"
        end = f"afterwards, {one.broken}" if one.broken else "nothing that broke it was read"
        made.append(f"{one.treaty or one.war} ({one.when}): {by}{days}; {end}.")
    total = sum(c.settlements for c in a.settlement_counts)
    counts = _listed([f"{c.settlements} {c.negotiated_by}" for c in a.settlement_counts])
    made.append(
        f"Of {total} sourced settlements of great-power wars since 1648 in the record, by who "
        f"negotiated: {counts}. They were chosen by hand: a list, not a rate."
    )
    return made


def span_name(span: Span) -> str:
    """Write a span of years: ``5.0 years``, ``4 months``, ``0.5 to 2.5 years``."""
    if span.lo == span.hi:
        return years_text(span.lo)
    digits = 0 if span.lo >= _LONG else 1
    return f"{span.lo:.{digits}f} to {span.hi:.{digits}f} years"


def years_text(years: float) -> str:
    """Write years: whole ones where they are many, months where they are less than one."""
    if years >= _LONG:
        return f"{years:.0f} years"
    if years >= 1:
        return f"{years:.1f} years"
    months = round(years * 12)
    return "less than a month" if months == 0 else f"{months} month{'s' if months > 1 else ''}"


def _shares(counts: dict[str, int]) -> str:
    """Write counts by name, or that all are of the one name."""
    if len(counts) == 1:
        return f"all {next(iter(counts))}"
    return _listed([f"{n} {name}" for name, n in counts.items()])


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


__all__ = ["Sentences", "compose_case", "span_name", "with_case_prose", "years_text"]
