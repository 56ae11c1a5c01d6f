"""The two populations of the reference class: the shipped tables and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import polars as pl

from detente.core.errors import InputError

NO_DISPUTE_YEARS = 10.0
"""Years put for "no dispute in ten years": the record is not searched further back."""

_OUTCOMES = (
    "Outcomes and features derived from Dyadic MID 4.02, COW, ATOP, strategic rivalries and "
    "nuclear status; see `detente data cite`."
)

_APART = (
    "A day is one without a meeting only if for a year on either side neither the chronology "
    "(tiers A and B) nor the State Department's record has a head of state or government of the "
    "one with the other's, be they the effective leaders by Archigos or not, nor one elected, nor "
    "a deputy, nor, by that record, both at a gathering."
)

_PAIR: dict[str, str] = {
    "rivalry": "strategic rivalry between the two (0 or 1)",
    "both_nuclear": "both possess nuclear weapons (0 or 1)",
    "both_major": "both are major powers (0 or 1)",
    "parity": "log of the weaker's share of capabilities over the stronger's (0 = equals)",
    "dispute_now": "dispute or war between them under way the day before (0 or 1)",
    "war_now": "war between them under way the day before (0 or 1)",
}
_WARS_OF_EACH: dict[str, str] = {
    "us_war": "the United States at war with a third state (0 or 1)",
    "other_war": "the other state at war with a third state (0 or 1)",
}
_WAR_OF_EITHER: dict[str, str] = {"third_war": "either at war with a third state (0 or 1)"}
_PAST: dict[str, str] = {
    "years_since_dispute": "years since their last dispute ended, 10 if none in ten years",
    "disputes_10y": "disputes between them that began in the ten years before",
}
_MEETINGS: dict[str, str] = {
    "meetings_5y": "leaders' meetings of the two in the five years before, as recorded",
}


@dataclass(frozen=True, slots=True)
class Population:
    """Meetings of adversaries to draw from, and adversaries who did not meet.

    ``features`` are those the distance may use, all known the day before; ``meetings`` and
    ``controls`` say what the rows are, ``limits`` what is left out.
    """

    id: str
    file: str
    source_id: str
    source: str
    features: Mapping[str, str]
    meetings: str
    controls: str
    limits: str


US_RECORD = Population(
    id="us record",
    file="reference_us_adversaries.csv",
    source_id="us-meetings-record",
    source="Office of the Historian, US Department of State: Travels of the President; Visits By "
    f"Foreign Leaders (CC0 1.0). {_OUTCOMES}",
    features=_PAIR | _WARS_OF_EACH | _PAST | _MEETINGS,
    meetings="meetings of US leaders with adversaries",
    controls="days of adversaries of the United States with no meeting of heads on record within "
    "a year",
    limits=f"{_APART} The record is of travel and visits: talks on the margins of other summits "
    "are often not named, so some who 'did not meet' may have met. Its days are those of the "
    "journey or visit, not of the talks. A journey to a meeting that the chronology has as not "
    "held (Paris 1960, broken off) is no meeting.",
)
"""The State Department's record: complete for journeys of US leaders."""

CHRONOLOGY = Population(
    id="chronology",
    file="reference_chronology.csv",
    source_id="chronology-of-meetings",
    source="The chronology of leaders' meetings of this package (tiers A and B), and the State "
    f"Department's record of travel and visits. {_OUTCOMES}",
    features=_PAIR | _WAR_OF_EITHER | _PAST,
    meetings="meetings of leaders of adversaries in the whole chronology",
    controls="days of adversaries with no meeting of heads on record within a year, of pairs and "
    "years on record",
    limits=f"{_APART} Outside the pairs of the United States since 1906 the chronology holds the "
    "meetings that histories tell of, not all there were: the famous are overrepresented. Those "
    "who did not meet are of pairs and years on record only, nearly all of them of the United "
    "States. Left out: days before 1816 and after 2014, parties without a COW code, meetings known "
    "to the year only, unchecked candidates (tier C) and rows of data that do not ship. Days of "
    "meetings taken from the State Department's record are those of travel, not of the talks.",
)
"""The chronology, 1816 to 2014, with the State Department's record beside it."""

POPULATIONS = {p.id: p for p in (US_RECORD, CHRONOLOGY)}


def shipped(population: Population) -> pl.DataFrame:
    """Return the shipped table of a population."""
    return _read(population.file)


@cache
def _read(name: str) -> pl.DataFrame:
    path = resources.files("detente.assessments") / "shipped" / name
    dates = dict.fromkeys(("date", "last_day"), pl.Date)
    text = dict.fromkeys(("occasion", "persons", "place"), pl.String)
    with resources.as_file(path) as file:
        return pl.read_csv(file, schema_overrides={**dates, **text}, infer_schema_length=None)


def case_of(meeting: str, ccode1: int, ccode2: int) -> dict[str, float | None]:
    """Return the features of a meeting of the chronology, as known the day before it.

    Parameters
    ----------
    meeting
        Its id in the chronology (``detente meetings --csv``).
    ccode1, ccode2
        COW codes of the pair, in either order.

    Raises
    ------
    InputError
        If the pair's meeting is not in the shipped table: outside 1816 to 2014, not of
        leaders, not held, unchecked, or not of adversaries.

    Examples
    --------
    >>> case_of("1961-06-vienna-rus-usa", 365, 2)["both_nuclear"]
    1.0
    """
    low, high = sorted((ccode1, ccode2))
    table = shipped(CHRONOLOGY)
    found = table.filter(
        (pl.col("id") == meeting) & (pl.col("ccode1") == low) & (pl.col("ccode2") == high)
    )
    if found.height != 1:
        raise InputError(
            f"meeting {meeting!r} of {low} and {high} is not in the reference class of the "
            f"chronology (held meetings of leaders of adversaries, 1816 to 2014, tiers A and B)"
        )
    row = found.row(0, named=True)
    if row["years_since_dispute"] is None:
        row["years_since_dispute"] = NO_DISPUTE_YEARS
    return {k: None if row[k] is None else float(row[k]) for k in CHRONOLOGY.features}
