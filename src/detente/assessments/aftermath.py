"""What has happened since the date of a scenario, beside what had been forecast."""

from __future__ import annotations

from detente.assessments import rounding as say
from detente.assessments.schema import Assessment, Forecast, SettingEvent
from detente.assessments.sentences import Names, place_of

YEAR = 365.25


def aftermath(a: Assessment) -> list[str]:
    """Tell the first war and dispute of each pair since the date, with the chance it was given.

    Wars come first. Events of low confidence are left out; the table has them all.
    """
    first: dict[tuple[str, str], tuple[SettingEvent, Forecast]] = {}
    for event in a.setting.aftermath:
        found = _forecast(a, event)
        if found is not None and event.confidence != "low":
            first.setdefault((found.dyad, found.outcome), (event, found))
    ordered = sorted(first.values(), key=lambda one: one[0].kind != "war")
    told = [_sentence(a, event, found) for event, found in ordered]
    if not told:
        return []
    return [
        "No number here knows what has happened since the date.",
        *told,
        "One course of events neither confirms nor refutes a chance.",
    ]


def _forecast(a: Assessment, event: SettingEvent) -> Forecast | None:
    """Return the forecast, in the focus's arm, of what an event turned out to be."""
    for x in a.forecasts.outcomes:
        same = set(x.dyad.split("-")) == set(event.parties)
        if same and (x.outcome, x.arm) == (event.kind, a.focus.arm):
            return x
    return None


def _sentence(a: Assessment, event: SettingEvent, found: Forecast) -> str:
    names, series = Names(a), found.series
    years = (event.start - a.meta.scenario.date).days / YEAR
    whole = next((y for y in (1.0, 5.0, 10.0) if years <= y <= series.years[-1]), series.years[-1])
    at = place_of(series, whole)
    chance = say.with_interval(series.mean[at], series.lo[at], series.hi[at], series.level)
    after = "less than a month" if years * 12 < 1 else f"{years:.1f} years"
    day = f"{event.start.day} {event.start:%B %Y}"
    return (
        f"{day}, {after} after the date: {names.outcome(event.kind)} between "
        f"{names.pair(found.dyad)}. Its chance within {say.years_name(whole)} had been "
        f"put at {chance}."
    )
