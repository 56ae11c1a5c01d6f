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


def when(
    start: dt.date | None, end: dt.date | None, precision: str, start_precision: str = "day"
) -> str:
    """Write days with what is known of them; 1 January is no day where it stands for a year.

    Parameters
    ----------
    start, end
        First and last day, both included; bounds where the precision is not ``day``.
    precision
        ``day``, ``within``, ``month`` or ``year``.
    start_precision
        ``year`` where only the year of the first day is known.
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
    if precision == "day":
        first = f"{start.year}" if start_precision == "year" else _from(start, end)
        return f"{first} to {day_name(end)}"
    return _between(start, end)


def _between(start: dt.date, end: dt.date) -> str:
    """Write bounds; one at an end of a year that the other does not share is the year."""
    opens, closes = (start.month, start.day) == (1, 1), (end.month, end.day) == (12, 31)
    if opens and start.year == end.year and end.month > 1:
        return f"{start.year}, by {end.day} {end:%B}"
    apart = start.year != end.year
    first = f"{start.year}" if opens and apart else _from(start, end)
    return f"between {first} and {end.year if closes and apart else day_name(end)}"


def _from(start: dt.date, end: dt.date) -> str:
    if start.year != end.year:
        return day_name(start)
    return f"{start.day}" if start.month == end.month else f"{start.day} {start:%B}"


def years_between(first: dt.date, last: dt.date) -> float:
    """Years from one day to another, to two digits."""
    return round((last - first).days / YEAR, 2)


def years_after(
    anchor: dt.date,
    start: dt.date | None,
    end: dt.date | None,
    precision: str,
    start_precision: str = "day",
) -> Span | None:
    """Years from an anchor to the first day of something, two ends where that day is bounded."""
    if start is None:
        return None
    last = start if precision == "day" or end is None else end
    if start_precision == "year":
        last = dt.date(start.year, 12, 31)
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
