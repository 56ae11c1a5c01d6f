"""The part of the model card on the natural course: its cells, its totals, where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, starmap

from detente.relations.card_bias import OPPOSITE, CourseTotal, Side, course_totals
from detente.relations.course import DRAWS, FUTURES
from detente.relations.markdown import listed, number, table
from detente.relations.model import CoursePart, ModelFile
from detente.relations.terms import LEVEL

_SHOCKS = {
    "drawn": "Shocks of the system drawn onward from the first year's level",
    "fitted": "Shocks of the system as fitted",
}
_IN_ALL = {
    "wars begun or joined": "wars",
    "disputes begun or joined": "disputes",
    "leaders' meetings": "leaders' meetings",
    "envoys' meetings": "envoys' meetings",
}
"""Outcomes whose totals are put in words; those joined are among those begun or joined."""
_VAGUE = 10.0
"""An interval that ends above so many times its median is named as one that can hardly fail."""


def course_section(model: ModelFile) -> str:
    """Write the section on the natural course."""
    first = """## Natural course

All politically relevant dyads, simulated from where they stood on 1 January 1946 to the end of
2014: onsets, escalation, ends and meetings follow from the model, and feed back on each other.
Given are the observed covariates of each year, which dyads are relevant when, and (for the links
between dyads) pacts that held in most years. Coefficients and frailties are drawn from their
posterior, which has seen these years: this is a test of the dynamics, not of forecasts. Conflicts
of dyads that are not politically relevant are not simulated. Meetings are those of recorded pairs
in years without a pact."""
    if not model.course:
        return f"{first}\n\nIt has not been simulated."
    parts = [_part(shocks, cells) for shocks, cells in _by_shocks(model.course)]
    return "\n\n".join((first, *parts))


def _part(shocks: str, cells: Sequence[CoursePart]) -> str:
    totals = course_totals(cells)
    return "\n\n".join(
        (
            f"### {_SHOCKS[shocks]}",
            _course_table(cells),
            course_in_words(cells),
            _totals_table(totals),
            totals_in_words(totals),
        )
    )


def _by_shocks(course: Sequence[CoursePart]) -> list[tuple[str, list[CoursePart]]]:
    return [(k, list(cells)) for k, cells in groupby(course, key=lambda c: c.shocks)]


def _course_table(cells: Sequence[CoursePart]) -> str:
    decades = sorted({c.decade for c in cells})
    outcomes = list(dict.fromkeys(c.outcome for c in cells))
    found = {(c.outcome, c.decade): c for c in cells}
    rows = [
        (o, *(_cell(found[o, d]) if (o, d) in found else "-" for d in decades)) for o in outcomes
    ]
    note = (
        f"Observed, and the median [{LEVEL:.0%} interval] of the futures; bold where outside.\n\n"
    )
    return note + table(("", *(_span(d).removeprefix("the ") for d in decades)), rows)


def _span(decade: str) -> str:
    """Years of the simulated window that a decade holds."""
    return {"1940": "1946-49", "2010": "2010-14"}.get(decade, f"the {decade}s")


def _cell(part: CoursePart) -> str:
    text = f"{part.observed}; {part.median:.0f} {_interval(part)}"
    return f"**{text}**" if _side(part) else text


def _interval(part: CoursePart) -> str:
    return f"[{part.lo:.0f}, {part.hi:.0f}]"


def _side(part: CoursePart) -> str:
    if part.observed > part.hi:
        return "more"
    return "fewer" if part.observed < part.lo else ""


def outside_by_chance(futures: int, level: float = LEVEL) -> float:
    """Chance that one more future lies outside the interval between two quantiles of others.

    With the quantile at ``p`` of ``n`` independent futures interpolated between their order
    statistics, a new one lies below it with chance ``(1 + (n - 1) p) / (n + 1)``: outside a 90%
    interval more often than one time in ten.

    Examples
    --------
    >>> round(outside_by_chance(80, 0.9), 4)
    0.1222
    """
    tail = (1 - level) / 2
    return 2 * (1 + (futures - 1) * tail) / (futures + 1)


def course_in_words(cells: Sequence[CoursePart]) -> str:
    """Say where the record lies outside the simulated interval."""
    out: list[str] = []
    for outcome in dict.fromkeys(c.outcome for c in cells):
        for side in ("more", "fewer"):
            decades = [_span(c.decade) for c in cells if c.outcome == outcome and _side(c) == side]
            if decades:
                out.append(f"{side} {outcome} in {listed(decades)}")
    off = sum(bool(_side(c)) for c in cells)
    if not out:
        first = f"The record lies inside the interval in all {len(cells)} cells."
    else:
        first = (
            f"**Where it fails**: the record lies outside the interval in {off} of {len(cells)} "
            f"cells. The record has {'; '.join(out)}. {_chance(len(cells))}"
        )
    return " ".join((first, *_vague(cells)))


def _chance(cells: int) -> str:
    futures = DRAWS * FUTURES
    share = outside_by_chance(futures)
    return (
        f"Were cells and futures independent, about {share * cells:.0f} of {cells} would by chance "
        f"({futures} futures leave a new one outside their {LEVEL:.0%} interval {share:.1%} of the "
        f"time). They are not: those joined are among those begun or joined, each period follows "
        f"from the one before, and {FUTURES} futures share each draw of the parameters. No count "
        "by chance holds strictly."
    )


def _vague(cells: Sequence[CoursePart]) -> list[str]:
    widest = max(cells, key=lambda c: c.hi - c.lo)
    if widest.hi <= _VAGUE * widest.median:
        return []
    return [f"An interval such as {_interval(widest)} can hardly fail: the totals tell more."]


def _totals_table(totals: Sequence[CourseTotal]) -> str:
    rows = [
        (
            t.outcome,
            f"{t.observed:,}",
            f"{t.simulated:,.1f}".removesuffix(".0"),
            "-" if t.ratio is None else number(t.ratio),
            f"{t.above} of {t.periods}",
        )
        for t in totals
    ]
    head = ("", "record", "sum of medians", "ratio", "periods with the median above the record")
    note = (
        "Totals over the periods: the record, and the sum of the periods' medians (of skewed "
        "counts, a median lies below the mean):"
    )
    return f"{note}\n\n{table(head, rows)}"


def totals_in_words(totals: Sequence[CourseTotal]) -> str:
    """Say on which side of the record the totals of the simulated past lie.

    Examples
    --------
    >>> totals_in_words([CourseTotal("drawn", "wars begun or joined", 50, 50.0, 4, 8)])
    'The simulated past has about as many wars as the record.'
    """
    found = [(t, _IN_ALL[t.outcome]) for t in totals if t.outcome in _IN_ALL]
    sized = [
        f"{t.ratio:.2g} times the {name}" for t, name in found if t.side and t.ratio is not None
    ]
    alike = [name for t, name in found if t.side is None]
    said: list[str] = []
    if sized:
        said.append(f"**Its bias**: the simulated past has {listed(sized)} of the record.")
    if leaning := [(x, names) for x in OPPOSITE if (names := [n for t, n in found if t.side == x])]:
        told = ", those of ".join(starmap(_likelier, leaning))
        said.append(f"Forecasts of {told.replace(' likelier', ' are therefore likelier', 1)}.")
    if alike:
        said.append(f"The simulated past has about as many {listed(alike)} as the record.")
    return " ".join(said)


def _likelier(side: Side, names: Sequence[str]) -> str:
    return f"{listed(names)} likelier too {side} than too {OPPOSITE[side]}"
