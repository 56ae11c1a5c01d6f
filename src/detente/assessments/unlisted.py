"""What a scenario does not list since the end of the record, and so counts as none."""

from __future__ import annotations

import polars as pl

from detente.assessments.sentences import joined
from detente.assessments.setting import met_dyads, speaks
from detente.core.states import state
from detente.scenarios import Scenario
from detente.sources.chronology import load_meetings

TIERS = ("A", "B")
"""Of the chronology's rows, those that a source was read for."""


def unlisted(scenario: Scenario) -> list[str]:
    """Name the pairs without a meeting that counts, though their leaders have met since the record.

    These are pairs whose meetings enter an intensity, and the one that meets; of these pairs, it
    is also said whether the scenario lists a dispute or a war.
    """
    year = scenario.record_end.year
    without = [d for d in _asked(scenario) if not _listed(scenario, d, conflict=False)]
    met = _met(scenario, without)
    bare = [dyad for dyad in without if met[dyad]]
    if not bare:
        return []
    told = (
        f"The scenario lists no meeting since {year} that counts of {joined(bare, 'or')}: none is "
        f"counted, though by the chronology their leaders met "
        f"{joined([_times(met[dyad]) for dyad in bare])} by the date."
    )
    quiet = [dyad for dyad in bare if not _listed(scenario, dyad, conflict=True)]
    if quiet:
        told += f" Nor does it list a dispute or war since then of {joined(quiet, 'or')}."
    return [told]


def lists_meetings(scenario: Scenario, dyad: str) -> bool:
    """Whether a scenario lists a meeting of a pair since the record that counts."""
    return _listed(scenario, dyad, conflict=False)


def _asked(scenario: Scenario) -> list[str]:
    met = met_dyads(scenario)
    every = [scenario.label(entry.parties) for entry in scenario.dyads]
    return [dyad for dyad in every if dyad in met or speaks(scenario, _parties(dyad))]


def _parties(dyad: str) -> tuple[str, str]:
    one, two = dyad.split("-")
    return one, two


def _listed(scenario: Scenario, dyad: str, *, conflict: bool) -> bool:
    return any(e.is_conflict is conflict for e in scenario.past_of(_parties(dyad)))


def _met(scenario: Scenario, dyads: list[str]) -> dict[str, int]:
    """Meetings of two leaders in the chronology, after the record and before the date, by pair."""
    if not dyads:
        return {}
    rows = load_meetings().filter(
        pl.col("level") == "leader",
        pl.col("status") == "held",
        pl.col("tier").is_in(TIERS),
        pl.col("start") > scenario.record_end,
        pl.col("start") < scenario.date,
    )
    codes = pl.col("party_codes").list
    found: dict[str, int] = {}
    for dyad in dyads:
        one, two = (state(code).ccode for code in _parties(dyad))
        found[dyad] = rows.filter(codes.contains(one), codes.contains(two)).height
    return found


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
