"""The schema of a sourced case: what is recorded of a meeting that no fitted model reaches."""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from detente.core.errors import UnknownNameError
from detente.core.states import state
from detente.scenarios.checks import Problem, ScenarioProblems
from detente.scenarios.fields import LAST_DAY, Confidence, Line, Slug, Table, Text

Precision = Literal["day", "within", "month", "year"]
Tier = Literal["A", "B"]
Part = Literal["before", "at", "after"]
FactKind = Literal["meeting", "war", "settlement", "breach", "contact", "other"]


def _plausible(day: dt.date) -> dt.date:
    if day > LAST_DAY:
        raise ValueError(f"{day} is out of range: expected a day up to {LAST_DAY}")
    return day


def _of_a_state(ccode: int) -> int:
    try:
        return state(ccode).ccode
    except UnknownNameError as error:
        raise ValueError(str(error)) from error


AnyDay = Annotated[dt.date, AfterValidator(_plausible)]
"""A day of the Gregorian calendar, carried back to the year 1."""
StateCode = Annotated[int, Field(ge=2, le=999), AfterValidator(_of_a_state)]
"""COW code of a state."""
Ident = Annotated[str, Field(pattern=r"^[0-9]{4}(-[a-z0-9]+)+$", max_length=80)]
"""Permanent id of a row of the chronology."""


class CaseSource(Table):
    """A work that facts are cited from; ``read`` says how it was read."""

    id: Slug
    author: Line = Field(description="person, organisation or site")
    title: Line
    year: Annotated[int, Field(ge=1500, le=2100)] | None = None
    entry: Line | None = Field(default=None, description="volume, page, entry or row")
    url: Line | None = None
    read: Line | None = Field(default=None, description="what exactly was read, and where")


class Party(Table):
    """A party of the case; ``ccode`` only where the state system of 1816 to today has it."""

    name: Line
    ccode: StateCode | None = None
    persons: tuple[Line, ...] = ()
    note: Text | None = None


class Fact(Table):
    """Something that a source says, with its day or the days within which it lies.

    With precision ``day`` it lasted from ``start`` to ``end``; else both bound it. Where only the
    year in which it began is known, ``start_precision`` is ``year`` and 1 January stands for it. A
    fact without days is undated.
    """

    part: Part
    kind: FactKind = "other"
    label: Annotated[Line, Field(max_length=48)] = Field(description="a few words")
    start: AnyDay | None = None
    end: AnyDay | None = None
    precision: Precision = "day"
    start_precision: Literal["day", "year"] = Field(
        default="day", description="year: 1 January stands for the year in which it began"
    )
    text: Text
    doubt: Text | None = Field(default=None, description="what the sources leave open or dispute")
    sources: tuple[Slug, ...] = Field(min_length=1)
    between: bool = Field(default=False, description="a war of parties against each other")
    tier: Tier = Field(description="A: an official record or dataset; B: another source, read")
    confidence: Confidence = "high"

    @model_validator(mode="after")
    def _dated(self) -> Fact:
        """Hold the days together."""
        if self.start is None and (self.end is not None or self.precision != "day"):
            raise ValueError("end or precision is given without start")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        if self.precision != "day" and self.end is None:
            raise ValueError(f"precision {self.precision!r} needs start and end as bounds")
        if self.start_precision == "year" and (
            self.start is None
            or self.end is None
            or (self.start.month, self.start.day, self.precision) != (1, 1, "day")
        ):
            raise ValueError(
                "start_precision 'year' needs a start on 1 January, an end, and precision 'day'"
            )
        if self.confidence != "high" and self.doubt is None:
            raise ValueError(f"confidence {self.confidence!r} needs a doubt")
        if self.between and self.kind != "war":
            raise ValueError("between belongs to wars only")
        return self


class Channel(Table):
    """A way in which the parties could deal with each other, and whether it stood open."""

    name: Line = Field(description="rulers in person, envoys, letters, trade, war ...")
    state: Literal["open", "closed", "not recorded"]
    text: Text
    sources: tuple[Slug, ...] = Field(min_length=1)
    tier: Tier


class Unknown(Table):
    """A question that the case cannot answer with a number, and why."""

    question: Line
    reason: Text


class Pair(Table):
    """Two states whose meetings and disputes the record follows, between two days."""

    ccode1: StateCode
    ccode2: StateCode
    first: AnyDay
    last: AnyDay

    @model_validator(mode="after")
    def _forward(self) -> Pair:
        if self.last < self.first:
            raise ValueError(f"last {self.last} is before first {self.first}")
        if self.ccode1 >= self.ccode2:
            raise ValueError("expected the lower code first, and two states")
        return self


class Case(Table):
    """A sourced case: recorded facts, rows of the chronology, and no forecast.

    Free text is kept as it was written, markup included: whoever renders it escapes it.
    """

    kind: Literal["case"]
    name: Slug
    title: Line
    summary: Text
    date: AnyDay = Field(description="first day of the meeting, or from which the case is told")
    date_precision: Literal["day", "year"] = Field(
        default="day", description="year: 1 January stands for the year"
    )
    end: AnyDay = Field(description="last day; what followed is counted from it")
    when: Line = Field(description="the time in words, with its precision")
    claim: Text = Field(description="what the essay takes the case for: a hypothesis")
    bearing: Text = Field(description="what the recorded facts say to that, and what they do not")
    parties: tuple[Party, ...] = Field(min_length=2, max_length=40)
    facts: tuple[Fact, ...] = Field(min_length=1)
    channels: tuple[Channel, ...] = ()
    meetings: tuple[Ident, ...] = Field(default=(), description="rows of the chronology")
    no_meeting: Text | None = Field(default=None, description="why there is none")
    settlements: tuple[Ident, ...] = Field(default=(), description="rows of the settlements")
    no_settlement: Text | None = Field(default=None, description="why there is none")
    record: Pair | None = None
    no_record: Text | None = Field(default=None, description="why the dispute record is silent")
    around_years: Annotated[float, Field(ge=0, le=50)] = Field(
        default=0.0, description="years before and after in which meetings of the parties are told"
    )
    unknown: tuple[Unknown, ...] = Field(min_length=1)
    notes: tuple[Text, ...] = ()
    sources: tuple[CaseSource, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _agrees(self) -> Case:
        """Hold the tables against each other."""
        found = [*_reasons(self), *_names(self), *_citations(self), *_days(self)]
        if found:
            raise ScenarioProblems(found)
        return self

    def fingerprint(self) -> str:
        """Return the hex digest that changes when any value of the case changes."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def _reasons(case: Case) -> Iterator[Problem]:
    """Check that each part is there, or the reason why it is not."""
    for key, there, reason in (
        ("meetings", bool(case.meetings), case.no_meeting),
        ("settlements", bool(case.settlements), case.no_settlement),
        ("record", case.record is not None, case.no_record),
    ):
        lack = f"no_{key.removesuffix('s')}"
        if there and reason is not None:
            yield Problem(lack, f"is given although {key} is: keep one of them")
        if not there and reason is None:
            yield Problem(key, f"is missing: give it, or say in {lack} why there is none")
    if case.date_precision == "year" and (case.date.month, case.date.day) != (1, 1):
        yield Problem("date", f"{case.date} is not 1 January, which stands for the year")
    if case.end < case.date:
        yield Problem("end", f"{case.end} is before the date {case.date}")


def _names(case: Case) -> Iterator[Problem]:
    """Check that names stand once."""
    for pattern, names in (
        ("sources[{}].id", [source.id for source in case.sources]),
        ("parties[{}].name", [party.name for party in case.parties]),
        ("meetings[{}]", list(case.meetings)),
        ("settlements[{}]", list(case.settlements)),
    ):
        for i, name in enumerate(names):
            if name in names[:i]:
                yield Problem(pattern.format(i), f"{name!r} stands twice: keep one of them")


def _citations(case: Case) -> Iterator[Problem]:
    """Check that each fact and channel cites sources of the file, and each source is cited."""
    known = [source.id for source in case.sources]
    citing = [(f"facts[{i}].sources", fact.sources) for i, fact in enumerate(case.facts)]
    citing += [(f"channels[{i}].sources", one.sources) for i, one in enumerate(case.channels)]
    for where, keys in citing:
        for key in keys:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else "add it to [[sources]]"
                yield Problem(where, f"unknown source {key!r}: {hint}")
    cited = {key for _, keys in citing for key in keys}
    for i, key in enumerate(known):
        if key not in cited:
            yield Problem(f"sources[{i}].id", f"{key!r} is cited by no fact: cite it or drop it")


def _days(case: Case) -> Iterator[Problem]:
    """Check that what came before began before, and what came after began after."""
    for i, fact in enumerate(case.facts):
        if fact.start is None:
            continue
        if fact.part == "before" and fact.start > case.date:
            yield Problem(f"facts[{i}].start", f"{fact.start} is after the date: not 'before'")
        if fact.part == "after" and fact.start < case.date:
            yield Problem(f"facts[{i}].start", f"{fact.start} is before the date: not 'after'")


__all__ = [
    "AnyDay",
    "Case",
    "CaseSource",
    "Channel",
    "Fact",
    "FactKind",
    "Pair",
    "Part",
    "Party",
    "Precision",
    "Tier",
    "Unknown",
]
