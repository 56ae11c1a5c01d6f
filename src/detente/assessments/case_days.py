"""Days in words, and the years between them."""

from __future__ import annotations

import calendar
import datetime as dt

from detente.assessments.case_schema import WINDOWS, Span

YEAR = 365.25
"""Days in a year of the Julian kind: spans of centuries keep their years."""


def day_name(day: dt.date) -> str:
    """Write a day: ``25 June 1807``, ``28 July 971``."""
    return f"{day.day} {day:%B} {day.year}"


def when(start: dt.date | None, end: dt.date | None, precision: str) -> str:
    """Write days with what is known of them.

    Parameters
    ----------
    start, end
        First and last day, both included; bounds where the precision is not ``day``.
    precision
        ``day``, ``within``, ``month`` or ``year``.
    """
    if start is None:
        return "undated"
    if end is None or end == start:
        return day_name(start)
    whole = (start.month, start.day, end.month, end.day) == (1, 1, 12, 31)
    if precision == "year" or (precision == "within" and whole and start.year == end.year):
        return f"{start.year}"
    if precision == "month" and (start.year, start.month) == (end.year, end.month):
        return f"{start:%B} {start.year}"
    if whole and precision != "day":
        return f"between {start.year} and {end.year}"
    first, last = _from(start, end), day_name(end)
    return f"{first} to {last}" if precision == "day" else f"between {first} and {last}"


def _from(start: dt.date, end: dt.date) -> str:
    if start.year != end.year:
        return day_name(start)
    return f"{start.day}" if start.month == end.month else f"{start.day} {start:%B}"


def years_between(first: dt.date, last: dt.date) -> float:
    """Years from one day to another, to two digits."""
    return round((last - first).days / YEAR, 2)


def years_after(
    anchor: dt.date, start: dt.date | None, end: dt.date | None, precision: str
) -> Span | None:
    """Years from an anchor to the first day of something, two ends where that day is bounded."""
    if start is None:
        return None
    last = start if precision == "day" or end is None else end
    return Span(lo=max(years_between(anchor, start), 0.0), hi=max(years_between(anchor, last), 0.0))


def window(span: Span | None) -> int | None:
    """The shortest of the windows that surely holds the first day."""
    if span is None:
        return None
    return next((w for w in WINDOWS if span.hi <= w), None)


def partial_name(text: str) -> str:
    """Write a year, a month or a day of ISO form in words; another text stays as it is."""
    parts = text.split("-")
    if not all(part.isdecimal() for part in parts):
        return text
    if len(parts) == 3:
        return day_name(dt.date.fromisoformat(text))
    year = str(int(parts[0]))
    return year if len(parts) == 1 else f"{calendar.month_name[int(parts[1])]} {year}"
