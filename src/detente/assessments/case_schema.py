"""A sourced case as a document: what is recorded, with source and tier, and what cannot be told.

It is the second kind of ``assessment.json``: ``kind`` is ``"case"`` where a forecast has
``"forecast"``. Its numbers are counts of the record or spans between sourced days.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from detente.assessments.numbers import Model
from detente.assessments.parts import SummaryRow
from detente.assessments.schema import SCHEMA_VERSION, Source

WINDOWS = (1, 5, 10)
"""Years after the case within which what followed is told."""


class Span(Model):
    """Years from the end of the case to the first day of a fact; two ends where it is bounded."""

    lo: float
    hi: float

    @model_validator(mode="after")
    def _forward(self) -> Span:
        if self.lo > self.hi:
            raise ValueError(f"span is upside down: lo {self.lo} > hi {self.hi}")
        return self


class CaseParty(Model):
    """A party of the case."""

    name: str
    ccode: int | None = Field(description="COW code; none where the state system has no such state")
    persons: list[str]
    note: str | None


class CaseFact(Model):
    """Something that a source says."""

    id: str
    part: Literal["before", "at", "after"]
    kind: str
    label: str
    start: dt.date | None = Field(description="first day, or the bound before it; none: undated")
    end: dt.date | None
    precision: str = Field(description="'day': the days themselves; else bounds around them")
    start_precision: str = Field(
        default="day", description="'year': 1 January stands for the year in which it began"
    )
    when: str = Field(description="the days in words")
    text: str
    doubt: str | None
    tier: str
    confidence: str
    between: bool = Field(description="a war of parties of the case against each other")
    source_ids: list[str]
    years_after: Span | None = Field(description="none before and during the case, or undated")
    within: int | None = Field(
        description="the shortest of 1, 5, 10 years that surely holds its first day"
    )


class CaseChannel(Model):
    """A way in which the parties could deal with each other."""

    name: str
    state: Literal["open", "closed", "not recorded"]
    text: str
    source_ids: list[str]
    tier: str


class CaseMeeting(Model):
    """A meeting of the chronology."""

    id: str
    start: dt.date | None
    end: dt.date | None
    precision: str
    when: str
    place: str | None
    level: str
    status: str
    reason: str | None
    parties: list[str]
    persons: list[str]
    occasion: str | None
    under_way: str | None
    outcome: str | None = Field(description="none: not established, which is not 'no outcome'")
    agreements: list[str]
    citation: str
    locator: str | None
    tier: str
    confidence: str
    note: str | None
    years_to_next: float | None = Field(
        default=None, description="from its end to the next one held in this list"
    )


class CaseSettlement(Model):
    """A settlement of the record of settlements."""

    id: str
    war: str
    treaty: str | None
    signed: dt.date
    when: str
    parties: list[str]
    negotiated_by: str | None = Field(description="leaders, envoys or both; none: not read")
    negotiators: list[str]
    channel: str | None
    talks_days: int | None
    battle_deaths: int | None
    exhaustion: str | None
    broken: str | None = Field(description="what broke it and when; none: not read")
    citation: str
    locator: str | None
    tier: str
    note: str | None


class SettlementCount(Model):
    """How many sourced settlements of the whole record were made by whom."""

    negotiated_by: str
    settlements: int = Field(ge=0)


class SeriesMeeting(Model):
    """A meeting of a pair that the dispute record follows, and what followed it."""

    id: str
    date: dt.date
    place: str
    persons: list[str]
    outcomes: dict[str, dict[str, str]] = Field(description="horizon -> outcome -> status")
    years_to_dispute: float | None
    years_to_war: float | None
    observed_to: dt.date


class CaseReference(Model):
    """Meetings like it, as far as a record reaches."""

    reached: bool
    reason: str | None = Field(description="why no record reaches, where none does")
    description: str
    series: list[SeriesMeeting]
    summary: list[SummaryRow]
    listed: list[CaseMeeting] = Field(description="other meetings of the parties around the case")
    notes: list[str]


class NotEstimated(Model):
    """A question without a number, and why."""

    question: str
    reason: str


class CaseScenario(Model):
    """What the case is."""

    name: str
    title: str
    date: dt.date
    date_precision: Literal["day", "year"] = Field(
        description="'year': 1 January stands for the year in which it began"
    )
    end: dt.date
    when: str
    summary: str = Field(description="free text; may hold markup, never trusted")
    claim: str = Field(description="the essay's hypothesis, in our words")
    bearing: str
    fingerprint: str = Field(description="changes when any value of the case's file changes")


class CaseMeta(Model):
    """What made this document."""

    schema_version: Literal["2.0"] = SCHEMA_VERSION
    package_version: str
    scenario: CaseScenario
    sources: list[Source]


class CaseAssessment(Model):
    """A sourced case: recorded facts, the reference class where it reaches, and no forecast."""

    kind: Literal["case"] = "case"
    meta: CaseMeta
    parties: list[CaseParty]
    facts: list[CaseFact]
    channels: list[CaseChannel] = Field(description="none where the case is of one meeting")
    meetings: list[CaseMeeting]
    no_meeting: str | None
    reference: CaseReference
    settlements: list[CaseSettlement]
    no_settlement: str | None
    settlement_counts: list[SettlementCount]
    not_estimated: list[NotEstimated]
    limits: list[str]
    prose: dict[str, list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _cited(self) -> CaseAssessment:
        known = {source.id for source in self.meta.sources}
        cited = {key for one in (*self.facts, *self.channels) for key in one.source_ids}
        if missing := sorted(cited - known):
            raise ValueError(f"source {missing[0]!r} is used and not defined")
        return self


__all__ = [
    "WINDOWS",
    "CaseAssessment",
    "CaseChannel",
    "CaseFact",
    "CaseMeeting",
    "CaseMeta",
    "CaseParty",
    "CaseReference",
    "CaseScenario",
    "CaseSettlement",
    "NotEstimated",
    "SeriesMeeting",
    "SettlementCount",
    "Span",
]
