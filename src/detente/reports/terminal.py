"""The summary in a terminal: the answer, the chances, the record and the tail on one screen."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from detente.assessments import rounding as say
from detente.assessments.prose import compose
from detente.assessments.schema import Assessment, Series
from detente.assessments.sentences import Names, place_of
from detente.reports import tables
from detente.reports.figure import by_chance, capital, title_of

PAIRS = 8
"""Pairs in the summary; the report has all of them."""

SINCE = 4
"""Sentences on what has happened since the date; the report has all of them."""

LIMITS = 7
"""Sentences on what cannot be told; the report has all of them."""

WIDTH = 100
"""Columns of the summary at most."""


def render_terminal(assessment: Assessment, console: Console) -> None:
    """Print the summary: about fifty lines of 80 to 100 columns.

    Parameters
    ----------
    assessment
        The document; its sentences are computed anew from its numbers.
    console
        Where it goes; its width is kept, up to 100 columns.
    """
    a, prose = assessment, compose(assessment)
    meta = a.meta
    parts: list[RenderableType] = [
        Text(meta.scenario.title, style="bold"),
        Text(
            f"{say.years_name(meta.scenario.horizon_years)} ahead, from the record of "
            f"{meta.model.fitted_from} to {meta.model.fitted_to}",
            style="dim",
        ),
        *section("What the record says a meeting changes", prose["headline"]),
        *_arms(a),
        *section(_within(a), []),
        _chances(a),
        *_since(prose["aftermath"]),
        *section(
            "Meetings like this one",
            [*(prose["reference"] or [a.reference_class.description]), *prose["chronology"]],
        ),
        *section("How much of this is data", prose["evidence"][:3]),
        *section("The nuclear tail", prose["nuclear"][:3]),
        *section(
            "What this cannot tell", [first_sentence(text) for text in prose["limits"][:LIMITS]]
        ),
    ]
    width = min(console.width, WIDTH)
    console.print(Group(*parts), width=width, highlight=False, markup=False)


def section(title: str, sentences: list[str]) -> list[RenderableType]:
    """Head a part of the summary and indent its sentences."""
    body = [Padding(Text(sentence), (0, 0, 0, 2), expand=False) for sentence in sentences]
    return [Text(""), Text(title, style="bold cyan"), *body]


def first_sentence(text: str) -> str:
    """First sentence of a text; the report has the rest."""
    first, stop, _ = text.partition(". ")
    return first + "." if stop else first


def table(*heads: str, wrap: bool = False) -> Table:
    """Start a table without lines; its first column keeps to one line unless ``wrap``."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), header_style="dim")
    for i, head in enumerate(heads):
        made.add_column(Text(head), justify="left", no_wrap=i == 0 and not wrap)
    return made


HOLDS = "  Intervals hold what the parameters and the shocks to come leave open."


def _since(sentences: list[str]) -> list[RenderableType]:
    """Show the first of what has happened since the date; the report has the rest."""
    return section("What has happened since", sentences[:SINCE]) if sentences else []


def _arms(a: Assessment) -> list[RenderableType]:
    """Chance of the focus's outcome in each arm, at the year of the headline and at the horizon."""
    focus = a.focus
    outcome = next(x.label for x in a.outcomes if x.id == focus.outcome)
    pair = next(title_of(x) for x in a.setting.dyads if x.id == focus.dyad)
    level = say.level_name(a.meta.settings.level)
    found = {
        x.arm: x.series
        for x in a.forecasts.outcomes
        if (x.dyad, x.outcome) == (focus.dyad, focus.outcome)
    }
    grid = next(iter(found.values())).years if found else []
    places = _headline_places(a, found)
    scale = tables.scale_at(found.values(), places)
    shown = table("", *(f"within {say.years_name(grid[i])}" for i in places))
    for arm in a.arms:
        if arm.id in found:
            cells = (Text(tables.at(found[arm.id], i, scale)) for i in places)
            shown.add_row(Text(capital(arm.label)), *cells)
    return [*section(f"{pair}: {outcome} [{level} interval]", []), shown, Text(HOLDS)]


def _headline_places(a: Assessment, found: dict[str, Series]) -> list[int]:
    """Places of the headline's year, where it has one, and of the horizon in the focus's series."""
    focus = a.focus
    series = found.get(focus.arm)
    if series is None:
        return []
    years = [
        c.mde.at_years
        for c in a.contrasts
        if (c.dyad, c.outcome, c.arm) == (focus.dyad, focus.outcome, focus.arm)
    ]
    return sorted({place_of(series, y) for y in (*years, None)})


def _within(a: Assessment) -> str:
    """Head the chances of every pair with their horizon and arm."""
    years = say.years_name(a.meta.scenario.horizon_years)
    return f"Chances within {years}, with {Names(a).arm(a.focus.arm)}"


def _chances(a: Assessment) -> RenderableType:
    """Chances at the horizon for the first pairs, one column for each outcome."""
    pairs = by_chance(a)
    first = {dyad.id for dyad in pairs[:PAIRS]}
    found = [x for x in a.forecasts.outcomes if x.arm == a.focus.arm and x.dyad in first]
    scale = tables.scale_at((x.series for x in found), [-1])
    cells = {(x.dyad, x.outcome): tables.at(x.series, -1, scale) for x in found}
    shown = table("", *(o.label for o in a.outcomes))
    for dyad in pairs[:PAIRS]:
        row = [cells.get((dyad.id, o.id), tables.NONE) for o in a.outcomes]
        shown.add_row(Text(dyad.id), *(Text(cell) for cell in row))
    left = len(pairs) - PAIRS
    if left <= 0:
        return shown
    return Group(shown, Text(f"  and {left} more pairs in the report", style="dim"))
