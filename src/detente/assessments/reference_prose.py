"""Sentences on meetings like the case: shares, the pairs behind them, and the same cases twice."""

from __future__ import annotations

from collections.abc import Sequence

from detente.assessments import rounding as say
from detente.assessments.reference_intervals import FEWEST_PAIRS, pairs_name
from detente.assessments.schema import (
    Assessment,
    ReferenceClass,
    ReferenceMeeting,
    SummaryRow,
)
from detente.assessments.sentences import Names

LARGELY = 0.5
"""Share of the chronology's nearest meetings in the class above from which it is no second one."""
NAMED = 3
"""Pairs named at most; of more, only the number is told."""

_SUBJECTS = {
    "met": "meetings like this one",
    "not met": "days of adversaries alike without a meeting",
}
_GROUPS = {"met": "the meetings", "not met": "the days without one"}


def reference_sentences(a: Assessment) -> list[str]:
    """Tell how often each outcome followed, of how many pairs, and which cases count."""
    found, wider = a.reference_class, a.chronology_class
    return [*_shares(a, found), *spread(found.summary), *_counted(found, wider)]


def chronology_sentences(a: Assessment) -> list[str]:
    """Tell the same from the whole chronology; in one sentence where its meetings are the same."""
    wider = a.chronology_class
    if wider is None or not wider.meetings:
        return []
    nearest = len(wider.meetings)
    both = shared(a.reference_class.meetings, wider.meetings)
    if both > LARGELY * nearest:
        return [_no_second(a, wider, both)]
    sentences = _shares(a, wider)
    above = len(a.reference_class.meetings)
    return [
        *(f"In the whole chronology, {text[:1].lower()}{text[1:]}" for text in sentences),
        *spread(wider.summary),
        f"Of the chronology's {nearest} nearest meetings {both or 'none'} "
        f"{'is' if both == 1 else 'are'} among the {above} nearest above.",
    ]


def shared(one: Sequence[ReferenceMeeting], other: Sequence[ReferenceMeeting]) -> int:
    """Count the meetings of ``other`` that are in ``one``: the same pair on days in common."""
    return sum(
        any(x.pair == y.pair and x.date <= y.last_day and y.date <= x.last_day for x in one)
        for y in other
    )


def spread(rows: Sequence[SummaryRow]) -> list[str]:
    """Say of how many pairs the cases are, and that few pairs allow no interval."""
    told = [r for r in _longest(rows) if r.n]
    if not told:
        return []
    groups = {g: _pairs([r for r in told if r.group == g]) for g in _GROUPS}
    groups = {g: text for g, text in groups.items() if text}
    alike = len(set(groups.values())) == 1
    text = (
        f"all are of {next(iter(groups.values()))}"
        if alike
        else ", ".join(
            f"{_GROUPS[g]} {'are ' * (i == 0)}of {pairs}"
            for i, (g, pairs) in enumerate(groups.items())
        )
    )
    bare = [r.estimate.lo is None for r in told]
    if all(bare):
        apart = max(r.apart for r in told)
        text += (
            f", and no share rests on more than {apart} windows of "
            f"{say.years_name(told[0].horizon)} that do not overlap: too few for an interval"
        )
    elif any(bare):
        text += f"; fewer than {FEWEST_PAIRS} pairs are too few for an interval"
    return [f"{text[:1].upper()}{text[1:]}."]


def _pairs(rows: Sequence[SummaryRow]) -> str:
    """Write the pairs of some rows: ``2 pairs (USA-RUS, USA-CHN)``; ends where rows differ."""
    if not rows:
        return ""
    names = list(dict.fromkeys(name for r in rows for name in r.pairs))
    low, high = min(r.dyads for r in rows), max(r.dyads for r in rows)
    count = (
        pairs_name(high)
        if low == high
        else f"{low} {'or' if high == low + 1 else 'to'} {pairs_name(high)}"
    )
    return f"{count} ({', '.join(names)})" if 0 < len(names) <= NAMED else count


def _longest(rows: Sequence[SummaryRow]) -> list[SummaryRow]:
    """Keep the rows of the longest horizon, looking ahead."""
    told = [r for r in rows if r.group in _SUBJECTS]
    longest = max((r.horizon for r in told), default=0)
    return [r for r in told if r.horizon == longest]


def _shares(a: Assessment, found: ReferenceClass) -> list[str]:
    names = Names(a)
    rows = {(r.outcome, r.group): r for r in _longest(found.summary)}
    sentences: list[str] = []
    for outcome in dict.fromkeys(outcome for outcome, _ in rows):
        met = rows.get((outcome, "met"))
        if met is None:
            continue
        sentence = (
            f"O{_share(met)[1:]} {'was' if met.events == 1 else 'were'} followed by "
            f"{names.outcome(outcome)} within {say.years_name(met.horizon)}"
        )
        if other := rows.get((outcome, "not met")):
            sentence += f"; {_share(other)}"
        sentences.append(f"{sentence}.")
    return sentences


def _share(row: SummaryRow) -> str:
    subject, e = _SUBJECTS[row.group], row.estimate
    if e.value is None:
        return f"of {row.n} {subject}, {row.events}"
    bare = f"{row.events} ({say.probability(e.value)}"
    if e.lo is None or e.hi is None or e.level is None:
        return f"of {row.n} {subject}, {bare})"
    return (
        f"of {row.n} {subject}, {bare}; {say.level_name(e.level)} interval "
        f"{say.interval(e.lo, e.hi)})"
    )


def _no_second(a: Assessment, wider: ReferenceClass, both: int) -> str:
    names, above = Names(a), {m.pair for m in a.reference_class.meetings}
    text = (
        f"In the whole chronology, {both} of the {len(wider.meetings)} nearest meetings are among "
        "those above"
    )
    pairs = {m.pair for m in wider.meetings}
    if not pairs <= above:
        text += f", all {len(wider.meetings)} of {pairs_name(len(pairs))}"
    elif both < len(wider.meetings):
        text += f", the others of the same pair{'s' * (len(above) > 1)}"
    text += ": no second sample"
    rows = [r for r in _longest(wider.summary) if r.group == "met" and r.n]
    if not rows:
        return f"{text}."
    first, *others = rows
    followed = [
        f"{first.events} of the {first.n} counted {'was' if first.events == 1 else 'were'} "
        f"followed by {names.outcome(first.outcome)} within {say.years_name(first.horizon)}",
        *(f"{r.events} of {r.n} by {names.outcome(r.outcome)}" for r in others),
    ]
    return f"{text} ({', '.join(followed)})."


def _counted(*classes: ReferenceClass | None) -> list[str]:
    """Say which of the nearest cases the shares count, where some do not count."""
    rows = [r for found in classes if found for r in _longest(found.summary)]
    if not any(r.censored or r.under_way for r in rows):
        return []
    sizes = sorted({r.n + r.censored + r.under_way for r in rows})
    return [
        f"Counted are those of the {' or '.join(map(str, sizes))} nearest of each kind that the "
        f"record follows for {say.years_name(rows[0].horizon)} and that had none under way."
    ]
