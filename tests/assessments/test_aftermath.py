"""What has happened since the date is told beside the chance it was given, and changes nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from detente.assessments import rounding as say
from detente.assessments.aftermath import aftermath
from detente.assessments.schema import Assessment, SettingEvent
from reports.factory import make


def event(kind: str, parties: list[str], start: dt.date, confidence: str = "high") -> SettingEvent:
    return SettingEvent(
        kind=kind,
        parties=parties,
        start=start,
        end=None,
        note="n",
        source_id="s",
        confidence=confidence,
        counted=False,
        reason="after the date",
    )


def told(*events: SettingEvent) -> list[str]:
    a = make()
    setting = a.setting.model_copy(update={"aftermath": list(events)})
    return aftermath(a.model_copy(update={"setting": setting}))


@pytest.fixture(scope="module")
def plain() -> Assessment:
    return make()


def test_nothing_is_said_of_nothing(plain: Assessment) -> None:
    assert aftermath(plain) == []


def test_the_chance_is_the_forecasts(plain: Assessment) -> None:
    text = told(event("dispute", ["RUS", "USA"], dt.date(2026, 3, 1)))[1]
    series = next(
        x.series
        for x in plain.forecasts.outcomes
        if (x.dyad, x.outcome, x.arm) == ("USA-RUS", "dispute", plain.focus.arm)
    )
    at = series.years.index(1.0)
    chance = say.with_interval(series.mean[at], series.lo[at], series.hi[at], series.level)
    assert text.startswith("1 March 2026, 0.5 years after the date")
    assert text.endswith(f"within 1 year had been put at {chance}.")


def test_the_first_of_each_kind_is_told_and_doubt_is_not() -> None:
    lines = told(
        event("dispute", ["USA", "RUS"], dt.date(2025, 8, 20)),
        event("dispute", ["USA", "RUS"], dt.date(2027, 1, 1)),
        event("dispute", ["USA", "CHN"], dt.date(2026, 1, 1), "low"),
    )
    assert len(lines) == 3
    assert "20 August 2025, less than a month after" in lines[1]


def test_wars_come_first() -> None:
    lines = told(
        event("dispute", ["USA", "RUS"], dt.date(2025, 8, 20)),
        event("war", ["USA", "RUS"], dt.date(2027, 1, 1)),
    )
    assert "a new war" in lines[1]
    assert "dispute" in lines[2]


def test_an_event_of_no_forecast_is_left_to_the_table() -> None:
    assert told(event("leader", ["USA", "RUS"], dt.date(2026, 1, 1))) == []
