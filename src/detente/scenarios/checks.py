"""What must agree with what in a scenario: each check yields the problems that it finds."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from detente.core.errors import InputError
from detente.core.states import is_member_year, state
from detente.scenarios.arms import Cancel, Hold, Scale
from detente.scenarios.entries import Covariate
from detente.scenarios.fields import RECORD_END

if TYPE_CHECKING:
    from detente.scenarios.arms import Intervention
    from detente.scenarios.entries import DyadEntry, Event
    from detente.scenarios.schema import Scenario


@dataclass(frozen=True, slots=True)
class Problem:
    """A key of the file and what is wrong there."""

    key: str
    message: str


class ScenarioProblems(ValueError):
    """Everything in a scenario that contradicts something else in it."""

    def __init__(self, found: list[Problem]) -> None:
        self.found = tuple(found)
        super().__init__("; ".join(f"{problem.key}: {problem.message}" for problem in found))


def problems(scenario: Scenario) -> list[Problem]:
    """Return every contradiction between the tables of a scenario.

    Later checks read codes as states, so they run only where every code is one.
    """
    found = [*_codes(scenario), *_unique(scenario), *_sources(scenario)]
    if not found:
        found = [*_pairs(scenario), *_years(scenario), *_dates(scenario)]
        found += [*_arms(scenario), *_priors(scenario)]
    return found or list(_rungs(scenario))


def _codes(scenario: Scenario) -> Iterator[Problem]:
    """Check that each code is a state, in the system on the date, and listed."""
    listed: dict[int, str] = {}
    for i, entry in enumerate(scenario.states):
        key = f"states[{i}].code"
        try:
            found = state(entry.code)
        except InputError as error:
            yield Problem(key, str(error))
            continue
        if not is_member_year(found.ccode, scenario.date.year):
            yield Problem(
                key,
                f"{entry.code} ({found.name}) is not in the state system on {scenario.date}: "
                "expected a member in that year",
            )
        if found.ccode in listed:
            yield Problem(key, f"{entry.code} is the state already listed as {listed[found.ccode]}")
        listed.setdefault(found.ccode, entry.code)
    for key, code in _mentions(scenario):
        try:
            known = state(code).ccode in listed
        except InputError as error:
            yield Problem(key, str(error))
            continue
        if not known:
            yield Problem(key, f"{code} is not among the states: {', '.join(listed.values())}")


def _mentions(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Yield every code outside the list of states, with its key."""
    for i, entry in enumerate(scenario.dyads):
        yield from ((f"dyads[{i}].parties", code) for code in entry.parties)
    for i, event in enumerate(scenario.events):
        yield from ((f"events[{i}].parties", code) for code in event.parties)
    for i, event in enumerate(scenario.aftermath):
        yield from ((f"aftermath[{i}].parties", code) for code in event.parties)
    yield from (("meeting.parties", code) for code in scenario.meeting.parties)
    for i, arm in enumerate(scenario.arms):
        for j, act in enumerate(arm.interventions):
            named = (act.dyad,) if isinstance(act, Hold) else act.dyads
            for pair in named:
                yield from ((f"arms[{i}].interventions[{j}]", code) for code in pair)
    for i, prior in enumerate(scenario.priors):
        yield from ((f"priors[{i}].dyad", code) for code in prior.dyad)


def _unique(scenario: Scenario) -> Iterator[Problem]:
    """Check that names stand once."""
    tables: tuple[tuple[str, Iterable[str]], ...] = (
        ("sources[{}].id", [source.id for source in scenario.sources]),
        ("arms[{}].name", [arm.name for arm in scenario.arms]),
        ("priors[{}].name", [prior.name for prior in scenario.priors]),
    )
    for pattern, names in tables:
        seen: set[str] = set()
        for i, name in enumerate(names):
            if name in seen:
                yield Problem(pattern.format(i), f"{name!r} is used twice: rename one of them")
            seen.add(name)


def _sources(scenario: Scenario) -> Iterator[Problem]:
    """Check that each citation names a source of the file."""
    known = [source.id for source in scenario.sources]
    for key, cited in _citations(scenario):
        if cited not in known:
            near = difflib.get_close_matches(cited, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "add it to [[sources]]"
            yield Problem(key, f"unknown source {cited!r}: {hint}")


def _citations(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for key, value in _covariates(scenario):
        yield f"{key}.source", value.source
    for i, entry in enumerate(scenario.dyads):
        yield f"dyads[{i}].source", entry.source
    for i, event in enumerate(scenario.events):
        yield f"events[{i}].source", event.source
    for i, event in enumerate(scenario.aftermath):
        yield f"aftermath[{i}].source", event.source
    yield "meeting.source", scenario.meeting.source
    for i, prior in enumerate(scenario.priors):
        yield f"priors[{i}].source", prior.source


def _covariates(scenario: Scenario) -> Iterator[tuple[str, Covariate]]:
    tables = (("states", scenario.states), ("dyads", scenario.dyads))
    for table, entries in tables:
        for i, entry in enumerate(entries):
            for name, value in entry:
                if isinstance(value, Covariate):
                    yield f"{table}[{i}].{name}", value


def _years(scenario: Scenario) -> Iterator[Problem]:
    """Check that each covariate was known before the year of the date."""
    for key, value in _covariates(scenario):
        if value.year >= scenario.date.year:
            yield Problem(
                f"{key}.year",
                f"{value.year} is not before the year of the date ({scenario.date.year}): "
                "expected the last value known before it",
            )


def _pairs(scenario: Scenario) -> Iterator[Problem]:
    """Check that each pair of states stands exactly once."""
    seen: dict[tuple[int, int], int] = {}
    for i, entry in enumerate(scenario.dyads):
        pair = scenario.pair(entry.parties)
        if pair[0] == pair[1]:
            yield Problem(f"dyads[{i}].parties", "names one state twice: expected two states")
        elif pair in seen:
            yield Problem(
                f"dyads[{i}].parties",
                f"{'-'.join(entry.parties)} is already dyads[{seen[pair]}]: keep one of them",
            )
        seen.setdefault(pair, i)
    codes = sorted((state(entry.code).ccode, entry.code) for entry in scenario.states)
    missing = [f"{a[1]}-{b[1]}" for a, b in combinations(codes, 2) if (a[0], b[0]) not in seen]
    if missing:
        yield Problem("dyads", f"expected every pair of states; missing: {', '.join(missing)}")
    met = [state(code).ccode for code in scenario.meeting.parties]
    if len(set(met)) != len(met):
        yield Problem("meeting.parties", "name one state twice: expected different states")


def _dates(scenario: Scenario) -> Iterator[Problem]:
    """Check events and meeting against the record's end and the date."""
    date = scenario.date
    if date <= RECORD_END:
        yield Problem(
            "date",
            f"{date} is inside the record: expected a day after {RECORD_END}; an event inside it "
            f'is told as a sourced case, with kind = "case": `detente scenarios new --case` '
            f"writes a template",
        )
    seen: set[tuple[object, ...]] = set()
    for i, event in enumerate(scenario.events):
        last = event.end or event.start
        if max(event.start, last) > date:
            yield Problem(f"events[{i}]", f"{max(event.start, last)} is after the date {date}")
        if not event.ongoing and last <= RECORD_END:
            yield Problem(
                f"events[{i}]",
                f"ends {last}, inside the record: expected events after {RECORD_END}",
            )
        key = (event.kind, frozenset(state(code).ccode for code in event.parties), event.start)
        if key in seen:
            yield Problem(f"events[{i}]", f"the {event.kind} of {event.start} is listed twice")
        seen.add(key)
    for i, event in enumerate(scenario.aftermath):
        if event.start <= date:
            yield Problem(
                f"aftermath[{i}].start",
                f"{event.start} is not after the date {date}: list it among the events",
            )
    if scenario.meeting.date < date:
        yield Problem(
            "meeting.date", f"{scenario.meeting.date} is before the date {date}: it is an event"
        )
    if scenario.meeting.date > _horizon(scenario):
        yield Problem("meeting.date", f"{scenario.meeting.date} is past the horizon")


def _horizon(scenario: Scenario) -> dt.date:
    return scenario.date + dt.timedelta(days=scenario.horizon_years * 365.25)


def _arms(scenario: Scenario) -> Iterator[Problem]:
    """Check that interventions lie between date and horizon, on pairs of two states."""
    last = _horizon(scenario)
    for i, arm in enumerate(scenario.arms):
        for j, act in enumerate(arm.interventions):
            key = f"arms[{i}].interventions[{j}]"
            for day in _days(act):
                if not scenario.date <= day <= last:
                    yield Problem(key, f"{day} is out of range: expected {scenario.date} to {last}")
            pairs = (act.dyad,) if isinstance(act, Hold) else act.dyads
            if any(state(a).ccode == state(b).ccode for a, b in pairs):
                yield Problem(key, "a dyad names one state twice: expected two states")


def _days(act: Intervention) -> tuple[dt.date, ...]:
    """Return the days that an intervention names."""
    if isinstance(act, Hold):
        return (act.date,)
    if isinstance(act, Cancel | Scale):
        return (act.start,) if act.stop is None else (act.start, act.stop)
    return ()


def _priors(scenario: Scenario) -> Iterator[Problem]:
    """Check that priors name an arm other than the reference, and a third dyad."""
    names = [arm.name for arm in scenario.arms]
    met = {state(code).ccode for code in scenario.meeting.parties}
    for i, prior in enumerate(scenario.priors):
        if prior.arm not in names[1:]:
            known = ", ".join(names[1:]) or "none but the reference"
            yield Problem(f"priors[{i}].arm", f"{prior.arm!r} is no arm beside the first: {known}")
        pair = set(scenario.pair(prior.dyad))
        if len(pair) < 2:
            yield Problem(f"priors[{i}].dyad", "names one state twice: expected two states")
        elif pair <= met:
            yield Problem(
                f"priors[{i}].dyad",
                "its members take part in the meeting, so the model has that effect: "
                "expected a third dyad",
            )


def _rungs(scenario: Scenario) -> Iterator[Problem]:
    """Check each dyad's rung and day against its counted events."""
    for i, entry in enumerate(scenario.dyads):
        events = [e for e in scenario.events_of(entry.parties) if e.is_conflict and e.counted]
        message = _rung_problem(entry, events, scenario.date)
        if message is not None:
            yield Problem(f"dyads[{i}]", f"{scenario.label(entry.parties)}: {message}")


def _rung_problem(entry: DyadEntry, events: list[Event], date: dt.date) -> str | None:
    """Return what is wrong with a rung, if anything."""
    if entry.since > date:
        return f"since {entry.since} is after the date {date}"
    for code in entry.parties:
        if not is_member_year(state(code).ccode, entry.since.year):
            return f"since {entry.since}: {code} is not in the state system in that year"
    open_kinds = {event.kind for event in events if event.ongoing}
    implied = "war" if "war" in open_kinds else "dispute" if "dispute" in open_kinds else "calm"
    if entry.rung != implied and (entry.since > RECORD_END or implied != "calm"):
        told = f"the events say {implied}" if events else "no event says so"
        return f"rung {entry.rung!r}, but {told}: change the rung or the events"
    if entry.rung == "calm":
        starts = [event.stop for event in events if event.stop is not None]
    else:
        starts = [event.start for event in events if event.ongoing and event.kind == entry.rung]
        starts += [e.stop for e in events if e.kind == "war" and e.stop and entry.rung != "war"]
    if starts and entry.since != max(starts):
        return f"since {entry.since}, but the events say {max(starts)}"
    if events and entry.rung == "calm" and not entry.disputed_before:
        return "disputed_before is false, but there are disputes or wars among the events"
    return None
