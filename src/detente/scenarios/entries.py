"""Tables of a scenario file: sources, states, dyads, events and the meeting."""

from __future__ import annotations

import datetime as dt

from pydantic import Field, model_validator

from detente.scenarios.fields import (
    Code,
    Confidence,
    Conflict,
    Day,
    Line,
    MeetingKind,
    Occasion,
    Pair,
    Probability,
    Rung,
    Slug,
    Status,
    Table,
    Text,
    Year,
)


class Source(Table):
    """A work that facts are cited from; ``read`` says how it was read."""

    id: Slug
    author: Line = Field(description="person or organisation")
    title: Line
    year: Year
    entry: Line | None = Field(default=None, description="volume, file, page or place")
    url: Line | None = None
    read: Line | None = Field(default=None, description="what exactly was read, and where")


class Covariate(Table):
    """A value with the year it holds for and where it comes from."""

    year: Year
    source: Slug
    note: Text | None = None


class Number(Covariate):
    """A covariate that is a number."""

    value: float


class Share(Covariate):
    """A covariate between 0 and 1."""

    value: Probability


class Polity(Covariate):
    """A Polity score, -10 to 10."""

    value: int = Field(ge=-10, le=10)


class Warheads(Covariate):
    """Nuclear warheads in the stockpile."""

    value: int = Field(ge=0, le=100_000)


class Flag(Covariate):
    """A covariate that is yes or no."""

    value: bool


class Contiguity(Covariate):
    """COW direct contiguity: 1 land, 2 to 5 water up to 12, 24, 150, 400 miles, 0 none."""

    value: int = Field(ge=0, le=5)


class StateEntry(Table):
    """A state of the scenario and its covariates; one that is left out is missing."""

    code: Code = Field(description="COW abbreviation or ISO 3166-1 alpha-3")
    leader: Line | None = Field(default=None, description="effective leader on the date")
    cinc: Share | None = Field(default=None, description="share of world capabilities")
    polity2: Polity | None = None
    polyarchy: Share | None = None
    euds: Number | None = Field(default=None, description="extended Unified Democracy Score")
    warheads: Warheads | None = None
    major_power: Flag | None = None


class DyadEntry(Table):
    """A pair of states: its rung on the date, since when, and its covariates."""

    parties: Pair
    rung: Rung
    since: Day = Field(description="first day in this rung")
    disputed_before: bool = Field(
        description="a militarised dispute or war of the pair, this spell aside, is on the record"
    )
    source: Slug = Field(description="where rung and day come from")
    note: Text | None = None
    contiguity: Contiguity | None = None
    defence_pact: Flag | None = None
    rivalry: Flag | None = None


class Event(Table):
    """A dispute, war or meeting between the end of the record and the date.

    ``end`` is the last day (inclusive); without it the event took one day, unless ``ongoing``.
    An event of low confidence is shown and not counted.
    """

    kind: Conflict | MeetingKind
    parties: tuple[Code, ...] = Field(min_length=2, max_length=40)
    start: Day
    end: Day | None = None
    ongoing: bool = False
    place: Line | None = None
    occasion: Occasion | None = None
    status: Status = "held"
    in_record: bool = Field(
        default=False,
        description="a meeting that the record of US travel and visits lists, or after its end "
        "one of the kind that it lists: the yardstick that the model learned with",
    )
    note: Text
    source: Slug
    record: Line | None = Field(default=None, description="entry within the source")
    confidence: Confidence
    reason: Text | None = Field(default=None, description="why the confidence is not high")

    @model_validator(mode="after")
    def _dated(self) -> Event:
        """Hold first and last day together."""
        if self.ongoing and self.end is not None:
            raise ValueError("end is given and ongoing is true: keep one of them")
        if self.end is not None and self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Event:
        """Hold kind, number of parties and confidence together."""
        if len(set(self.parties)) != len(self.parties):
            raise ValueError("parties name a state twice")
        if self.kind == "congress" and len(self.parties) < 3:
            raise ValueError("a congress has three or more parties; expected kind 'leader'")
        if self.kind != "congress" and len(self.parties) != 2:
            raise ValueError(f"a {self.kind} has two parties: write one event for each pair")
        if self.is_conflict and (self.status != "held" or self.occasion is not None):
            raise ValueError("status and occasion belong to meetings only")
        if self.is_conflict and self.in_record:
            raise ValueError("in_record belongs to meetings only")
        if self.confidence != "high" and self.reason is None:
            raise ValueError(f"confidence {self.confidence!r} needs a reason")
        return self

    @property
    def is_conflict(self) -> bool:
        """Whether the event is a dispute or a war."""
        return self.kind in ("dispute", "war")

    @property
    def counted(self) -> bool:
        """Whether the event took place and is sure enough to enter the past of its pair."""
        return self.status == "held" and self.confidence != "low"

    @property
    def stop(self) -> dt.date | None:
        """First day after the event, none while it is under way."""
        return None if self.ongoing else (self.end or self.start) + dt.timedelta(days=1)


class Meeting(Table):
    """The meeting that the arms hold or leave out."""

    kind: MeetingKind
    parties: tuple[Code, ...] = Field(min_length=2, max_length=40)
    date: Day
    place: Line
    announced: Day | None = None
    occasion: Occasion | None = None
    source: Slug
    note: Text | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Meeting:
        if self.announced is not None and self.announced > self.date:
            raise ValueError(f"announced {self.announced} is after the date {self.date}")
        if (self.kind == "congress") != (len(self.parties) > 2):
            raise ValueError(
                f"{len(self.parties)} parties: a congress has three or more, others two"
            )
        return self
