"""Numbers as words: the rounding rules of the report, stated once.

A probability of 1% or more is a percentage; a smaller one is so many in 1,000, in 100,000 or in
10 million. Two significant digits are kept, whole numbers from ten on; above 99% the digits of the
complement decide. Values of one statement or of one table share a scale, chosen by the largest.
Ratios have two significant digits after one, and two decimals below ten.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

RULES = (
    "Chances of 1% or more are percentages; smaller ones are so many in 1,000, in 100,000 or in "
    "10 million. All chances of one table are in one unit, that of the largest. Two significant "
    "digits are kept. The exact values are in assessment.json."
)
"""The rules as a sentence for a reader."""


RESIDUE = 1e-15
"""A number of this size or less is what rounding leaves of a sum that is zero."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit in which probabilities are written."""

    factor: float
    sign: str
    """After a number, e.g. ``%`` or `` in 1,000``."""
    points: str
    """After a difference, e.g. `` percentage points``."""
    axis: str
    """As an axis title, e.g. ``%`` or ``in 1,000``."""


PERCENT = Scale(1e2, "%", " percentage points", "%")
"""The scale of chances from 1% on, and of shares."""
WHOLE = Scale(1.0, "", "", "")
"""The scale of what is counted, not a chance: as it is."""

_SCALES = (
    (0.01, PERCENT),
    (0.0005, Scale(1e3, " in 1,000", " in 1,000", "in 1,000")),
    (0.000005, Scale(1e5, " in 100,000", " in 100,000", "in 100,000")),
    (0.0, Scale(1e7, " in 10 million", " in 10 million", "in 10 million")),
)


def scale_of(values: Iterable[float]) -> Scale:
    """Scale that suits the largest absolute value; a percentage when all are zero."""
    largest = float(f"{max((abs(v) for v in values), default=0.0):.1e}")
    if largest == 0.0:
        return PERCENT
    return next(scale for bound, scale in _SCALES if largest >= bound)


def digits(value: float) -> str:
    """Two significant digits, whole from ten on, thousands separated; zero is ``0``."""
    size = abs(value)
    if size <= RESIDUE:
        return "0"
    if size < 0.0005:
        return "less than 0.001" if value > 0 else "more than -0.001"
    rounded = float(f"{size:.1e}")
    return f"{value:,.{max(0, 1 - math.floor(math.log10(rounded)))}f}"


def percentage(value: float) -> str:
    """Write the number before a percent sign; near 100 the complement decides the digits."""
    if value <= 99.0 or value >= 100.0:
        return digits(value)
    decimals = min(2, -math.floor(math.log10(100.0 - value)))
    text = f"{value:.{decimals}f}"
    return "more than 99.99" if float(text) >= 100.0 else text


def number(value: float, scale: Scale) -> str:
    """Probability in a scale, without the unit."""
    scaled = value * scale.factor
    return percentage(scaled) if scale.sign == "%" else digits(scaled)


def probability(value: float) -> str:
    """Probability with its unit, e.g. ``4.2%`` or ``1.3 in 1,000``."""
    scale = scale_of((value,))
    return number(value, scale) + scale.sign


def interval(lo: float, hi: float, scale: Scale | None = None) -> str:
    """Interval of a probability, e.g. ``2.1% to 7.0%`` or ``0.60 to 2.9 in 1,000``."""
    scale = scale or scale_of((lo, hi))
    if scale.sign == "%":
        return f"{number(lo, scale)}% to {number(hi, scale)}%"
    return f"{number(lo, scale)} to {number(hi, scale)}{scale.sign}"


def level_name(level: float) -> str:
    """Level as a percentage, e.g. ``90%``."""
    return f"{100 * level:.10g}%"


def with_interval(value: float, lo: float, hi: float, level: float) -> str:
    """Probability with its interval, e.g. ``4.2% (90% interval 2.1% to 7.0%)``."""
    scale = scale_of((value, lo, hi))
    mean = number(value, scale) + scale.sign
    return f"{mean} ({level_name(level)} interval {interval(lo, hi, scale)})"


def signed(value: float, scale: Scale, *, points: bool = False) -> str:
    """Difference as a direction, e.g. ``2.1 lower``; with ``points``, its unit is named."""
    if abs(value) <= RESIDUE:
        return "at no difference" if points else "no difference"
    unit = scale.points if points else ""
    side = "lower" if value < 0 else "higher"
    return f"{digits(abs(value) * scale.factor)}{unit} {side}"


def ratio(value: float) -> str:
    """Hazard ratio or multiplier: two decimals below ten, then two significant digits."""
    if value < 0.01:
        return f"{value:.1g}"
    return f"{value:.2f}" if value < 10.0 else digits(value)


def count(value: int | float) -> str:
    """Count with thousands separated; a fractional one with one decimal."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def years_name(years: float) -> str:
    """Duration in words, e.g. ``10 years`` or ``1 year``."""
    return f"{years:.10g} year" + ("" if years == 1 else "s")
