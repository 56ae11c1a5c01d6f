"""The schema of a scenario: what a file may hold, and what must agree with what."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator

from pydantic import Field, model_validator

from detente.core.states import State, state
from detente.scenarios.arms import Arm, Cancel, Hold, Offset, Prior, Scale
from detente.scenarios.checks import ScenarioProblems, problems
from detente.scenarios.entries import DyadEntry, Event, Meeting, Source, StateEntry
from detente.scenarios.fields import RECORD_END, Day, Line, Slug, Table, Text


class Scenario(Table):
    """A situation on a date, what led to it since the record ended, and the arms to compare.

    Free text is kept as it was written, markup included: whoever renders it escapes it.
    """

    name: Slug
    title: Line
    summary: Text
    date: Day = Field(description="as-of date: nothing after it is known")
    horizon_years: float = Field(gt=0, le=50)
    silence: Text = Field(description="how the absence of an event is to be read")
    notes: tuple[Text, ...] = ()
    states: tuple[StateEntry, ...] = Field(min_length=2, max_length=40)
    dyads: tuple[DyadEntry, ...] = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    events: tuple[Event, ...] = ()
    aftermath: tuple[Event, ...] = Field(
        default=(), description="what has happened after the date: shown, and used by no number"
    )
    meeting: Meeting
    arms: tuple[Arm, ...] = Field(min_length=1, max_length=12)
    priors: tuple[Prior, ...] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Scenario:
        """Hold the tables against each other."""
        found = problems(self)
        if found:
            raise ScenarioProblems(found)
        return self

    @property
    def record_end(self) -> dt.date:
        """Last day of the dispute record; events before it are not a scenario's to state."""
        return RECORD_END

    @property
    def reference(self) -> Arm:
        """The arm that the others are compared with."""
        return self.arms[0]

    def fingerprint(self) -> str:
        """Return the hex digest that changes when any value of the scenario changes."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def state(self, code: str) -> State:
        """Return the state of the system that a code stands for."""
        return state(code)

    def pair(self, parties: tuple[str, str]) -> tuple[int, int]:
        """Return the COW codes of a pair, the lower first."""
        a, b = (state(code).ccode for code in parties)
        return (a, b) if a < b else (b, a)

    def label(self, parties: tuple[str, str]) -> str:
        """Return the pair as the file writes its states, the lower COW code first."""
        a, b = sorted(parties, key=lambda code: state(code).ccode)
        return f"{self.spelling(a)}-{self.spelling(b)}"

    def spelling(self, code: str) -> str:
        """Return the code that the list of states uses for this state."""
        ccode = state(code).ccode
        return next(entry.code for entry in self.states if state(entry.code).ccode == ccode)

    def dyad(self, parties: tuple[str, str]) -> DyadEntry:
        """Return the entry of a pair, whatever the order of its states.

        Raises
        ------
        KeyError
            If the scenario does not hold the pair.
        """
        wanted = self.pair(parties)
        for entry in self.dyads:
            if self.pair(entry.parties) == wanted:
                return entry
        raise KeyError(parties)

    def source(self, key: str) -> Source:
        """Return the source with this id."""
        return next(source for source in self.sources if source.id == key)

    def events_of(self, parties: tuple[str, str]) -> Iterator[Event]:
        """Yield the events that both states took part in, by first day."""
        wanted = set(self.pair(parties))
        for event in sorted(self.events, key=lambda event: event.start):
            if wanted <= {state(code).ccode for code in event.parties}:
                yield event

    def past_of(self, parties: tuple[str, str]) -> Iterator[Event]:
        """Yield the events since the record ended that a model's counts of the past take in.

        These are disputes and wars that began after the record, and meetings of two by its
        yardstick (:meth:`uncounted` says why another is not).
        """
        for event in self.events_of(parties):
            if self.uncounted(event) is None:
                yield event

    def uncounted(self, event: Event) -> str | None:
        """Return why an event does not enter the past of its pair, or None where it does."""
        if event.status != "held":
            return "it was not held"
        if event.confidence == "low":
            return "its confidence is low"
        if event.start <= self.record_end:
            return f"it began by {self.record_end}, within the record, which has it"
        if event.kind == "congress":
            return "a meeting of several powers is not one of the pair"
        if not event.is_conflict and not event.in_record:
            return "the record of US travel and visits does not list its kind (in_record)"
        return None


__all__ = [
    "Arm",
    "Cancel",
    "DyadEntry",
    "Event",
    "Hold",
    "Meeting",
    "Offset",
    "Prior",
    "Scale",
    "Scenario",
    "Source",
    "StateEntry",
]
