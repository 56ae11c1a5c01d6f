"""The rules of the codebook: every breach names the file, the line and the column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from detente.core.errors import DataError, UnknownNameError
from detente.core.states import state
from detente.sources.chronology.codebook import (
    CHECK_COLUMNS,
    MEETING_COLUMNS,
    SETTLEMENT_COLUMNS,
    UNSETTLED_COLUMNS,
    Column,
)

Row = Mapping[str, str]
Fault = tuple[str, str]
"""Column and what is wrong with its value."""

_MEETING_ID = re.compile(r"\d{4}-\d{2}-[a-z0-9]+(?:-[a-z0-9]+)+")
_SETTLEMENT_ID = re.compile(r"\d{4}-\d{2}-\d{2}(?:-[a-z0-9]+)+")
_THIRD = "third: "
"""Before the name of an initiator who is no party."""
_PERSON = re.compile(r"(?P<name>\S.*) \((?P<code>\d{1,3}|-)\)")
_PART_OF_A_DATE = re.compile(r"\d{4}(?:-\d{2}){0,2}")


def split(cell: str) -> list[str]:
    """Return the values of a cell, which ``; `` separates."""
    return cell.split("; ") if cell else []


def person(text: str) -> tuple[str, str]:
    """Return name and code of ``Name (code)``, or raise ValueError."""
    match = _PERSON.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return match["name"], match["code"]


def check_meetings(rows: Sequence[Row], place: str, *, lines: Sequence[int]) -> None:
    """Raise unless every row of ``meetings.csv`` keeps the rules.

    Parameters
    ----------
    rows
        One mapping of column to text a row.
    place
        The file, for the message.
    lines
        The line of the file on which each row begins.

    Raises
    ------
    DataError
        The first breach: file, line, column, what is wrong and what to do.
    """
    _check(rows, place, lines, _meeting_faults)


def check_settlements(rows: Sequence[Row], place: str, *, lines: Sequence[int]) -> None:
    """Raise unless every row of ``settlements.csv`` keeps the rules."""
    _check(rows, place, lines, _settlement_faults)


def check_unsettled(rows: Sequence[Row], place: str, *, lines: Sequence[int]) -> None:
    """Raise unless every row of ``unsettled_wars.csv`` keeps the rules."""
    _check(rows, place, lines, _unsettled_faults, key="cow_war")


def check_checks(
    rows: Sequence[Row], place: str, *, lines: Sequence[int], ids: Mapping[str, Collection[str]]
) -> None:
    """Raise unless every row of ``checks.csv`` keeps the rules; ``ids`` are those of each table."""
    _check(rows, place, lines, partial(_checked_faults, ids=ids))


def _check(
    rows: Sequence[Row],
    place: str,
    lines: Sequence[int],
    faults: Callable[[Row], Iterator[Fault]],
    key: str = "id",
) -> None:
    seen: dict[str, int] = {}
    for row, line in zip(rows, lines, strict=True):
        for column, what in faults(row):
            raise DataError(f"{place}, line {line}, column {column!r}: {what}")
        if row[key] in seen:
            raise DataError(
                f"{place}, line {line}, column {key!r}: {row[key]!r} stands on line "
                f"{seen[row[key]]} already; give each row one of its own"
            )
        seen[row[key]] = line


def _meeting_faults(row: Row) -> Iterator[Fault]:
    yield from _values(row, MEETING_COLUMNS)
    if not _MEETING_ID.fullmatch(row["id"]):
        yield "id", f"{row['id']!r} is not of the form YYYY-MM-place-parties in lower case"
    yield from _days(row)
    yield from _parties(row)
    yield from _persons(row)
    yield from _status(row)
    yield from _initiator(row)
    yield from _announced(row)
    yield from _tier(row)


def _settlement_faults(row: Row) -> Iterator[Fault]:
    yield from _values(row, SETTLEMENT_COLUMNS)
    if not _SETTLEMENT_ID.fullmatch(row["id"]):
        yield "id", f"{row['id']!r} is not of the form YYYY-MM-DD-place in lower case"
    if day(row["signed"]) is None:
        yield "signed", f"{row['signed']!r} is not a day: write it as YYYY-MM-DD"
    for name in ("start", "end", "talks_start", "talks_end", "broken_on"):
        if row[name] and not _PART_OF_A_DATE.fullmatch(row[name]):
            yield name, f"{row[name]!r} is not YYYY, YYYY-MM or YYYY-MM-DD"
    for name in ("cow_war", "talks_days", "battle_deaths"):
        if row[name] and not row[name].isdecimal():
            yield name, f"{row[name]!r} is not a whole number, zero or more"
    yield from _talks(row)
    yield from _parties(row)
    yield from _tier(row)


def _unsettled_faults(row: Row) -> Iterator[Fault]:
    yield from _values(row, UNSETTLED_COLUMNS)
    if not row["cow_war"].isdecimal():
        yield "cow_war", f"{row['cow_war']!r} is not a number of COW's list"


def _checked_faults(row: Row, ids: Mapping[str, Collection[str]]) -> Iterator[Fault]:
    yield from _values(row, CHECK_COLUMNS)
    if row["id"] not in ids[row["table"]]:
        yield "id", f"{row['id']!r} is no row of {row['table']}.csv; give the id that stands there"
    if (row["result"] == "not found") == bool(row["source"]):
        yield "source", f"{row['source']!r}: a source is named unless the result is 'not found'"
    if row["source_locator"] and not row["source"]:
        yield "source_locator", "is given without a source"
    wrong = split(row["wrong"])
    if (row["result"] == "corrected") != bool(wrong):
        yield "wrong", f"{row['wrong']!r}: filled if and only if the result is 'corrected'"
    columns = MEETING_COLUMNS if row["table"] == "meetings" else SETTLEMENT_COLUMNS
    for name in wrong:
        if name not in {column.name for column in columns}:
            yield "wrong", f"{name!r} is no column of {row['table']}.csv"
    shifted = row["table"] == "meetings" and bool({"start", "end"} & set(wrong))
    if not re.fullmatch(r"[1-9]\d*" if shifted else "", row["days_off"]):
        yield "days_off", f"{row['days_off']!r}: a number of days if and only if a day was wrong"


def _values(row: Row, columns: Sequence[Column]) -> Iterator[Fault]:
    for column in columns:
        value = row[column.name]
        if value != " ".join(value.split()):
            yield column.name, "blanks at an end, doubled, or a line break: remove them"
        if column.required and not value:
            yield column.name, "is empty; it must be filled"
        if value and column.choices and value not in column.choices:
            yield column.name, f"{value!r} is none of {', '.join(map(repr, column.choices))}"


def day(text: str) -> dt.date | None:
    """Return the day of an ISO date, or None."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _days(row: Row) -> Iterator[Fault]:
    if row["precision"] == "unknown":
        for name in ("start", "end"):
            if row[name]:
                yield name, "precision is 'unknown': leave both days empty"
        if row["tier"] != "C":
            yield "precision", "'unknown' is for tier C only"
        return
    start, end = day(row["start"]), day(row["end"])
    if start is None or end is None:
        name = "start" if start is None else "end"
        yield name, f"{row[name]!r} is not a day: write it as YYYY-MM-DD"
        return
    if start > end:
        yield "end", f"{end} is before the first day, {start}; the last day is included"
    if row["precision"] not in ("month", "year"):
        return
    month = (end + dt.timedelta(days=1)).day == 1 and start.day == 1
    if row["precision"] == "month" and (not month or start.month != end.month):
        yield "precision", f"{start} to {end} is not one whole month"
    if row["precision"] == "year" and (start.month, start.day, end.month, end.day) != (
        1,
        1,
        12,
        31,
    ):
        yield "precision", f"{start} to {end} is not one whole year"


def _parties(row: Row) -> Iterator[Fault]:
    names, codes = split(row["parties"]), split(row["party_codes"])
    if len(names) < 2:
        yield "parties", f"{row['parties']!r} names fewer than two, separated by '; '"
    if len(set(names)) < len(names) or names != sorted(names):
        yield "parties", f"{row['parties']!r} must be in alphabetical order, each once"
    if len(codes) != len(names):
        yield "party_codes", f"{len(codes)} codes for {len(names)} parties: one each, '-' for none"
    for code in codes:
        if code != "-" and not _is_code(code):
            yield "party_codes", f"{code!r} is neither a COW code of a state nor '-'"
    place = row.get("place_ccode", "")
    if place and not _is_code(place):
        yield "place_ccode", f"{place!r} is not a COW code of a state"


def _is_code(text: str) -> bool:
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        return False
    try:
        state(text)
    except UnknownNameError:
        return False
    return True


def _persons(row: Row) -> Iterator[Fault]:
    codes = split(row["party_codes"])
    for text in split(row["persons"]):
        try:
            _, code = person(text)
        except ValueError:
            yield "persons", f"{text!r} is not 'Name (code)'"
            continue
        if code not in codes:
            yield "persons", f"{text!r}: {code} is not among the parties' codes"


def _status(row: Row) -> Iterator[Fault]:
    held = row["status"] == "held"
    if held and row["reason"]:
        yield "reason", "the meeting was held: leave the reason empty"
    if not held and not row["reason"]:
        yield "reason", f"the meeting was {row['status']}: say why, or who declined"
    first = day(row["start"])
    if held and first is not None and first > dt.date.today():
        yield "status", f"'held' on {first}, a day still to come"


def _initiator(row: Row) -> Iterator[Fault]:
    told, parties = row["initiator"], split(row["parties"])
    if told.startswith(_THIRD):
        if told.removeprefix(_THIRD) in parties:
            yield "initiator", f"{told!r} names a party: give its name alone"
        return
    for name in split(told):
        if name not in parties:
            yield (
                "initiator",
                f"{name!r} is no party: expected {' or '.join(parties)}, or '{_THIRD}NAME' for a "
                "mediator",
            )


def _announced(row: Row) -> Iterator[Fault]:
    if not row["announced"]:
        return
    told, last = day(row["announced"]), day(row["end"])
    if told is None:
        yield "announced", f"{row['announced']!r} is not a day: write it as YYYY-MM-DD"
    elif last is not None and told > last:
        yield "announced", f"{told} is after the last day, {last}"


def _talks(row: Row) -> Iterator[Fault]:
    start, end = day(row["talks_start"]), day(row["talks_end"])
    if start is None or end is None:
        if row["talks_days"]:
            yield "talks_days", "is given although one end of the talks is not a day"
        return
    if row["talks_days"] != str((end - start).days):
        yield "talks_days", f"{row['talks_days']!r} for {start} to {end}: {(end - start).days} days"


def _tier(row: Row) -> Iterator[Fault]:
    tier, kind = row["tier"], row["source_kind"]
    wanted = {"A": ("source", "source_locator"), "B": ("source", "source_locator", "note")}
    for name in wanted.get(tier, ("note",)):
        if not row[name]:
            yield name, f"is empty; a row of tier {tier} needs it"
    if tier == "A" and kind not in ("record", "dataset"):
        yield "source_kind", f"{kind!r}: a row of tier A rests on a 'record' or a 'dataset'"
    if tier != "C" and kind == "memory":
        yield "source_kind", "'memory' is for tier C only"
