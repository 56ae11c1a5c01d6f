"""The scenario of Geneva 2021 states what was known before it; what came after stands apart."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from detente.scenarios import Scenario, load_scenario

CINC_DIGITS = 1e-6
"""The file gives capability shares to six digits."""
SCORE_DIGITS = 5e-4
"""The file gives democracy scores to three or four digits."""


@pytest.fixture(scope="module")
def geneva() -> Scenario:
    return load_scenario("geneva-2021")


def test_nothing_after_the_date_is_stated(geneva: Scenario) -> None:
    assert geneva.date == geneva.meeting.date == dt.date(2021, 6, 16)
    assert all(event.start < geneva.date for event in geneva.events)
    assert not [event for event in geneva.events if event.end and event.end >= geneva.date]
    text = geneva.model_dump_json(exclude={"sources", "aftermath"})
    assert "2022" not in text
    assert "full-scale" not in text


def test_the_aftermath_is_after_the_date(geneva: Scenario) -> None:
    assert all(event.start > geneva.date for event in geneva.aftermath)
    (war,) = [event for event in geneva.aftermath if event.kind == "war"]
    assert war.start == dt.date(2022, 2, 24)
    early = geneva.aftermath[0].model_copy(update={"start": geneva.date})
    data = {**geneva.model_dump(), "aftermath": (early.model_dump(),)}
    with pytest.raises(ValidationError, match="is not after the date 2021-06-16"):
        Scenario.model_validate(data)


def test_what_is_under_way(geneva: Scenario) -> None:
    assert [geneva.label(d.parties) for d in geneva.dyads if d.rung != "calm"] == ["RUS-UKR"]
    entry = geneva.dyad(("RUS", "UKR"))
    assert (entry.rung, entry.since) == ("dispute", dt.date(2014, 2, 24))
    (event,) = (e for e in geneva.events_of(("RUS", "UKR")) if e.is_conflict)
    assert event.ongoing


def test_the_past_is_that_of_the_later_scenario(geneva: Scenario) -> None:
    """Both read the same sources: what is said of a day before Geneva is said alike."""
    alaska = load_scenario("alaska-2025")
    before = [e for e in alaska.events if (e.end or e.start) < geneva.date]
    assert before == [e for e in geneva.events if not e.ongoing]


def test_arms(geneva: Scenario) -> None:
    assert [arm.name for arm in geneva.arms] == ["neither", "leaders", "envoys"]
    assert geneva.reference.interventions == ()


@pytest.mark.data
def test_covariates_are_the_datasets(geneva: Scenario, mirror: str) -> None:
    from detente import sources

    tables = {name: sources.load(name) for name in ("nmc", "democracy", "warheads")}
    for entry in geneva.states:
        ccode = geneva.state(entry.code).ccode
        for table, name, digits in (
            ("nmc", "cinc", CINC_DIGITS),
            ("democracy", "polity2", SCORE_DIGITS),
            ("democracy", "polyarchy", SCORE_DIGITS),
            ("democracy", "euds", SCORE_DIGITS),
        ):
            given = getattr(entry, name)
            found = tables[table].filter(ccode=ccode, year=given.year)[name].item()
            assert given.value == pytest.approx(found, abs=digits), (entry.code, name)
        assert entry.warheads is not None
        stock = tables["warheads"].filter(ccode=ccode, year=entry.warheads.year)["warheads"]
        assert entry.warheads.value == (stock.item() if len(stock) else 0)
