"""What the charts are made of: plain values, in the units of their axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """A line with its band over time."""

    colour: str
    years: Sequence[float]
    mean: Sequence[float]
    lo: Sequence[float]
    hi: Sequence[float]
    dashed: bool = False
    filled: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """A point with its interval on one row; ``shade`` is the range that could not be seen."""

    row: int
    colour: str
    value: float | None
    lo: float | None
    hi: float | None
    lift: float = 0.0
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an interval chart, with its label and the range shaded behind it."""

    label: str
    shade: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: title, ends, ticks, and the place of ``no difference`` when there is one."""

    title: str
    lo: float
    hi: float
    log: bool = False
    ticks: tuple[float, ...] | None = None
    rule: float | None = None
    suffix: str = ""
    label: str | None = None
    """Vega expression of a tick's label, when it is more than a number and a suffix."""


@dataclass(frozen=True, slots=True)
class Life:
    """A row of a timeline, in the years of its axis: a meeting and what followed, or a fact."""

    label: str
    observed: float
    """Where its line ends."""
    marks: tuple[tuple[str, float], ...]
    since: float = 0.0
    """Where its line begins."""
