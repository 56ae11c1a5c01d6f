"""What a figure is: charts under one finding, with key and data; names and colours they share."""

from __future__ import annotations

from dataclasses import dataclass

from detente.assessments.schema import Assessment, DyadSetting
from detente.reports import charts, theme
from detente.reports.tables import Table

NARROW = 340.0
"""Width of a chart for one column of a phone, in its own pixels."""

WIDE = 720.0
"""Width of a chart across a desktop page, in its own pixels."""

FEATURED = 4
"""Pairs whose forecasts are drawn over time; the others are in the overview and its table."""


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a figure's key: ``form`` is the mark's shape in the style sheet."""

    form: str
    colour: str
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart, drawn for a narrow column and, where that differs, for a wide one."""

    title: str
    narrow: str
    wide: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """Charts under one finding, with key and data."""

    id: str
    title: str
    finding: tuple[str, ...]
    panels: tuple[tuple[Panel, ...], ...]
    """In rows of at most three."""
    key: tuple[Key, ...]
    data: tuple[Table, ...]
    note: str = ""
    shown: Table | None = None
    """A table small enough to stand open."""


Sentences = dict[str, list[str]]


def arm_colours(a: Assessment) -> dict[str, str]:
    """Colour of each arm, by its position."""
    colours = theme.ARM_COLOURS
    return {x.id: colours[i % len(colours)] for i, x in enumerate(a.arms)}


def capital(text: str) -> str:
    """Raise the first letter."""
    return text[:1].upper() + text[1:]


def panel(title: str, chart: charts.Spec, label: str, wide: charts.Spec | None = None) -> Panel:
    """Draw a panel; ``label`` says to a screen reader what is seen and where its numbers are."""
    label = f"{label}; the numbers are in the table below"
    drawn = theme.inline(charts.draw([chart])[0], label, "chart narrow" if wide else "chart")
    across = theme.inline(charts.draw([wide])[0], label, "chart wide") if wide else None
    return Panel(title, drawn, across)


def title_of(dyad: DyadSetting) -> str:
    """Two states as a title, e.g. ``United States - Russia`` with an en dash."""
    return " – ".join(n.removesuffix(" of America") for n in dyad.names)  # noqa: RUF001


def by_chance(a: Assessment) -> list[DyadSetting]:
    """Pairs: those that met, those not calm, then by falling chance of the focus's outcome."""
    chance = {
        x.dyad: x.series.mean[-1]
        for x in a.forecasts.outcomes
        if x.arm == a.focus.arm and x.outcome == a.focus.outcome
    }
    calm = a.rungs[0].id

    def rank(dyad: DyadSetting) -> tuple[bool, bool, float]:
        return (not dyad.met, dyad.rung == calm, -chance.get(dyad.id, 0.0))

    return sorted(a.setting.dyads, key=rank)


def featured(a: Assessment) -> list[DyadSetting]:
    """Pairs whose forecasts are drawn over time."""
    return by_chance(a)[:FEATURED]
