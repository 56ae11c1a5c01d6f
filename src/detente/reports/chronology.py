"""Meetings of leaders on a terminal: a timeline and a list that fit 80 columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl
from rich.console import Console
from rich.text import Text

from detente.core.errors import UnknownNameError
from detente.core.states import abb
from detente.histories.chronology import meeting_pairs
from detente.sources.chronology import windows_of
from detente.sources.chronology.tables import ENGAGEMENTS

WIDTH = 100
"""Columns at most."""

PAIRS = 12
"""Pairs in a timeline of many."""

NOTHING = (
    "No meeting in the chronology matches. Outside the days on record (docs/chronology.md) that "
    "means unknown, not none."
)

WITHOUT = (
    "Without the talks of China's leaders from 2003 to 2018: `detente data pull china_vitae`, then "
    "they are added here."
)

_LABEL = 14
_NONE = "·"
_UNKNOWN = " "


def render_meetings(
    table: pl.DataFrame,
    console: Console,
    *,
    between: tuple[int, int] | None = None,
    limit: int | None = None,
    whole: bool = True,
) -> None:
    """Print a timeline of meetings and a list with their sources.

    Parameters
    ----------
    table
        As of :func:`detente.sources.chronology.load_meetings`, filtered.
    console
        Where it goes; its width is kept, up to 100 columns.
    between
        COW codes of the pair that was asked for, which adds the days on record.
    limit
        Meetings listed at most; None for all.
    whole
        The rows that do not ship are in the table.
    """
    width = min(console.width, WIDTH)
    if table.is_empty():
        console.print(NOTHING, width=width, highlight=False, markup=False)
        return
    having = frozenset({ENGAGEMENTS}) if whole else frozenset[str]()
    for line in (*timeline(table, width, between=between, having=having), ""):
        console.print(Text(line), width=width, no_wrap=True, crop=False)
    for line, style in listing(table, limit, width):
        console.print(Text(line, style=style), width=width, no_wrap=True, crop=False)
    if not whole:
        console.print(Text(WITHOUT, style="dim"), width=width)


def timeline(
    table: pl.DataFrame,
    width: int,
    *,
    between: tuple[int, int] | None = None,
    having: frozenset[str] = frozenset(),
) -> list[str]:
    """Return lines that count meetings by years: one row a kind, or one row a pair."""
    dated = table.filter(pl.col("start").is_not_null())
    if dated.is_empty():
        return []
    years = dated.select(pl.col("start").dt.year().alias("year"))["year"]
    first, last = int(years.min() or 0), int(years.max() or 0)  # pyright: ignore[reportArgumentType]
    room = width - _LABEL
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if (last - first) // s < room)
    start = first - first % step
    cells = (last - start) // step + 1
    rows = _by_kind(dated) if between is not None else _by_pair(dated)
    lines = [_axis(start, step, cells)]
    for label, found in rows:
        lines.append(f"{label:<{_LABEL}}" + _strip(found, start, step, cells))
    unit = "a year" if step == 1 else f"{step} years"
    key = f"A column is {unit}; digits count meetings, + ten or more, {_NONE} none listed."
    if between is None:
        return [*lines, key]
    marks = _recorded(windows_of(*between, having=having), start, step, cells)
    if not marks.strip():
        return [*lines, key, "For these two no year is known to be complete."]
    known = f"{'on record':<{_LABEL}}{marks}"
    return [*lines, known, key, "On record: = all leaders' meetings, - journeys, blank unknown."]


def _by_kind(table: pl.DataFrame) -> list[tuple[str, list[int]]]:
    sure, held = pl.col("tier") != "C", pl.col("status") == "held"
    led = pl.col("level") == "leader"
    kinds = {
        "leaders": sure & held & led,
        "others": sure & held & ~led,
        "not held": sure & ~held,
        "unchecked": ~sure,
    }
    rows = [(name, _years(table.filter(kind))) for name, kind in kinds.items()]
    return [(name, years) for name, years in rows if years]


def _by_pair(table: pl.DataFrame) -> list[tuple[str, list[int]]]:
    held = meeting_pairs(table.filter((pl.col("tier") != "C") & (pl.col("status") == "held")))
    top = (
        held.group_by("ccode1", "ccode2")
        .len()
        .sort("len", "ccode1", "ccode2", descending=[True, False, False])
    )
    rows: list[tuple[str, list[int]]] = []
    for one, two in top.head(PAIRS).select("ccode1", "ccode2").iter_rows():
        pair = held.filter((pl.col("ccode1") == one) & (pl.col("ccode2") == two))
        rows.append((f"{_name(one)} {_name(two)}", _years(pair)))
    rest = _years(table.filter((pl.col("tier") != "C") & (pl.col("status") != "held")))
    return [*rows, ("not held", rest)] if rest else rows


def _name(code: int) -> str:
    try:
        return abb(code)
    except UnknownNameError:
        return str(code)


def _years(table: pl.DataFrame) -> list[int]:
    return table.filter(pl.col("start").is_not_null())["start"].dt.year().to_list()


def _strip(years: Sequence[int], start: int, step: int, cells: int) -> str:
    counts = [0] * cells
    for year in years:
        counts[(year - start) // step] += 1
    return "".join(_NONE if n == 0 else str(n) if n < 10 else "+" for n in counts)


def _recorded(windows: pl.DataFrame, start: int, step: int, cells: int) -> str:
    marks = [_UNKNOWN] * cells
    rows = windows.sort("scope", descending=True)
    for scope, begin, stop in rows.select("scope", "start", "stop").iter_rows():
        for at in range(cells):
            first, beyond = dt.date(start + at * step, 1, 1), dt.date(start + (at + 1) * step, 1, 1)
            if begin < beyond and first < stop:
                marks[at] = "=" if scope == "all" else "-"
    return "".join(marks)


def _axis(start: int, step: int, cells: int) -> str:
    line = [" "] * (cells + 4)
    free = 0
    for at in range(cells):
        year = start + at * step
        if at >= free and (year % (10 * step) == 0 or at == 0):
            line[at : at + 4] = f"{year:<4}"[:4]
            free = at + 5
    return " " * _LABEL + "".join(line).rstrip()


def listing(table: pl.DataFrame, limit: int | None, width: int) -> list[tuple[str, str]]:
    """Return lines and their styles: when, where, who, what came of it, the source and tier."""
    lines: list[tuple[str, str]] = []
    shown = table if limit is None else table.head(limit)
    for row in shown.iter_rows(named=True):
        names = "; ".join(row["parties"])
        state = row["level"] if row["status"] == "held" else f"{row['status']} ({row['level']})"
        what = row["reason"] or row["outcome"] or "outcome not known"
        who = ", ".join(row["persons"]) or "nobody named"
        source = row["source"] or "nobody checked it"
        lines += [
            (_cut(f"{days(row)}  {row['place'] or 'no place'}: {names}", width), "bold"),
            (_cut(f"  {state}; {what}; {who}", width), ""),
            (_cut(f"  [{row['tier']}, {row['confidence']}] {source}", width), "dim"),
        ]
    left = table.height - shown.height
    if left > 0:
        more = f"and {left} more: --limit 0 lists all, --csv and --json give every column"
        lines.append((more, "dim"))
    unchecked = table.filter(pl.col("tier") == "C").height
    word = "meeting" if table.height == 1 else "meetings"
    lines.append((f"{table.height} {word}, {unchecked} of them unchecked (tier C)", ""))
    return lines


def days(row: dict[str, object]) -> str:
    """Return the days of a meeting as one word: ``1961-06-03/04``, ``1873``, ``1955-07``.

    Of bounds in two years, 1 January and 31 December are the years: ``1643/1648-10-24``.
    """
    start, end = row["start"], row["end"]
    if not isinstance(start, dt.date) or not isinstance(end, dt.date):
        return "day unknown"
    if row["precision"] == "year":
        return f"{start.year:04}"
    if row["precision"] == "month":
        return f"{start.year:04}-{start.month:02}"
    if start == end:
        return start.isoformat()
    if row["precision"] == "within" and start.year != end.year:
        opens, closes = (start.month, start.day) == (1, 1), (end.month, end.day) == (12, 31)
        first = f"{start.year:04}" if opens else start.isoformat()
        return f"{first}/{f'{end.year:04}' if closes else end.isoformat()}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.isoformat()}/{end.day:02}"
    if start.year == end.year:
        return f"{start.isoformat()}/{end.month:02}-{end.day:02}"
    return f"{start.isoformat()}/{end.isoformat()}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"
