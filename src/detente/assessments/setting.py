"""The setting of an assessment: states, dyads and what happened since the record ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from detente.assessments.schema import (
    Covariate,
    DyadSetting,
    Setting,
    SettingEvent,
    Source,
    StateSetting,
)
from detente.core.states import state
from detente.relations.situation import USA, Situation
from detente.scenarios import Scenario
from detente.scenarios.entries import Event

LEFT_OUT = "the scenario leaves it out: no value with a source"

_STATE: dict[str, tuple[str, str | None]] = {
    "cinc": ("share of world capabilities (CINC)", "share"),
    "polyarchy": ("electoral democracy (V-Dem polyarchy)", "0 to 1"),
    "polity2": ("Polity score", "-10 to 10"),
    "euds": ("extended Unified Democracy Score", "latent score"),
    "warheads": ("nuclear warheads in the stockpile", "warheads"),
    "major_power": ("major power (COW)", None),
}
_DYAD: dict[str, tuple[str, str | None]] = {
    "contiguity": ("direct contiguity (0 none, 1 land, 2 to 5 water)", "class"),
    "defence_pact": ("defence pact", None),
    "rivalry": ("strategic rivalry", None),
}


def setting_of(scenario: Scenario, situation: Situation) -> Setting:
    """Gather the setting, every covariate with its year and source."""
    first = scenario.sources[0].id
    return Setting(
        states=[
            StateSetting(
                ccode=state(entry.code).ccode,
                abb=entry.code,
                name=state(entry.code).name,
                covariates=_covariates(entry, _STATE, first),
            )
            for entry in scenario.states
        ],
        dyads=[_dyad(scenario, situation, name) for name in situation.names],
        events=_events(scenario.events, lambda e: _uncounted(scenario, e)),
        aftermath=_events(scenario.aftermath, lambda _: AFTER),
    )


AFTER = "it came after the date: no number uses it"


def _events(
    events: Iterable[Event], uncounted: Callable[[Event], str | None]
) -> list[SettingEvent]:
    return [
        SettingEvent(
            kind=e.kind,
            status=e.status,
            parties=list(e.parties),
            start=e.start,
            end=None if e.ongoing else e.end or e.start,
            note=e.note,
            source_id=e.source,
            confidence=e.confidence,
            counted=(reason := uncounted(e)) is None,
            reason=reason,
        )
        for e in sorted(events, key=lambda e: e.start)
    ]


def _uncounted(scenario: Scenario, event: Event) -> str | None:
    """Return why the model makes nothing of an event, or None where it does."""
    reason = scenario.uncounted(event)
    if reason is not None or event.is_conflict:
        return reason
    one, two = event.parties
    if speaks(scenario, (one, two)):
        return None
    recorded = USA in scenario.pair((one, two))
    which = "of two with a defence pact" if recorded else "without the United States"
    return f"a meeting {which} enters no intensity"


def speaks(scenario: Scenario, parties: tuple[str, str]) -> bool:
    """Whether meetings of a pair enter an intensity: recorded, and without a defence pact."""
    pact = scenario.dyad(parties).defence_pact
    return USA in scenario.pair(parties) and not (pact and pact.value)


def _dyad(scenario: Scenario, situation: Situation, name: str) -> DyadSetting:
    one, two = name.split("-")
    entry = scenario.dyad((one, two))
    return DyadSetting(
        id=name,
        names=(state(one).name, state(two).name),
        rung=entry.rung,
        since=entry.since,
        met=name in met_dyads(scenario),
        covariates=_covariates(entry, _DYAD, entry.source),
    )


def met_dyads(scenario: Scenario) -> tuple[str, ...]:
    """Dyads both of whose members took part in the meeting that the arms vary."""
    parties = scenario.meeting.parties
    return tuple(scenario.label((a, b)) for i, a in enumerate(parties) for b in parties[i + 1 :])


def _covariates(
    entry: Any, labels: dict[str, tuple[str, str | None]], source: str
) -> list[Covariate]:
    out: list[Covariate] = []
    for name, (label, unit) in labels.items():
        given = getattr(entry, name)
        out.append(
            Covariate(
                name=name,
                label=label,
                value=None if given is None else given.value,
                unit=unit,
                year=None if given is None else given.year,
                source_id=source if given is None else given.source,
                reason=LEFT_OUT if given is None else None,
            )
        )
    return out


def scenario_sources(scenario: Scenario) -> list[Source]:
    """Citations of a scenario's sources."""
    return [
        Source(
            id=s.id,
            citation=f"{s.author}. {s.year}. {s.title}." + (f" {s.entry}." if s.entry else ""),
            url=s.url,
        )
        for s in scenario.sources
    ]
