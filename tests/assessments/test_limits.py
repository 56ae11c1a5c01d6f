"""What an assessment says of its model's errors: from the model file, and turning with it."""

from __future__ import annotations

import pytest

from detente.assessments.limits import level_bias, limits, lowest_risk
from detente.relations.model import ModelFile, load_model
from detente.scenarios import load_scenario

OUTCOMES = {"wars": "wars begun or joined", "disputes": "disputes begun or joined"}


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return load_model()


def scaled(model: ModelFile, **factors: float) -> ModelFile:
    """The model whose simulated past has so many times the record's wars and disputes."""
    of = {OUTCOMES[name]: factor for name, factor in factors.items()}
    course = [
        c.model_copy(update={"median": of[c.outcome] * c.observed}) if c.outcome in of else c
        for c in model.course
    ]
    return model.model_copy(update={"course": course})


def with_lowest(model: ModelFile, observed: int) -> ModelFile:
    parts = [
        c.model_copy(update={"observed": observed})
        if (c.process, c.by, c.group) == ("initiate", "risk fifth", "1")
        else c
        for c in model.calibration
    ]
    return model.model_copy(update={"calibration": parts})


def times(model: ModelFile, outcome: str) -> list[str]:
    found: list[float] = []
    for shocks in ("fitted", "drawn"):
        cells = [c for c in model.course if (c.shocks, c.outcome) == (shocks, outcome)]
        found.append(sum(c.median for c in cells) / sum(c.observed for c in cells))
    return [f"{x:.1f}" for x in sorted(found)]


def test_the_shipped_model_states_its_bias(model: ModelFile) -> None:
    (said,) = level_bias(model)
    for name, outcome in OUTCOMES.items():
        low, high = times(model, outcome)
        assert f"{low} to {high} times the {name}" in said
    assert said.endswith("wars and disputes are likelier too high than too low.")


def test_the_shipped_model_states_its_lowest_fifth(model: ModelFile) -> None:
    (cell,) = (
        c
        for c in model.calibration
        if (c.process, c.by, c.group) == ("initiate", "risk fifth", "1")
    )
    (said,) = lowest_risk(model)
    assert f"{cell.expected:.0f}, and {cell.observed} were seen; part of such a gap" in said
    assert said.endswith("if anything these chances are too high.")


def test_a_model_without_bias_has_no_such_sentence(model: ModelFile) -> None:
    scenario = load_scenario("alaska-2025")
    fair = with_lowest(scaled(model, wars=1.0, disputes=1.0), 458)
    assert level_bias(fair) == lowest_risk(fair) == []
    gone = set(limits(scenario, model, at_war=True)) - set(limits(scenario, fair, at_war=True))
    assert gone == {*level_bias(model), *lowest_risk(model)}
    assert level_bias(model.model_copy(update={"course": []})) == []
    assert lowest_risk(model.model_copy(update={"calibration": []})) == []


def test_the_sentences_turn_with_the_numbers(model: ModelFile) -> None:
    (low,) = level_bias(scaled(model, wars=0.5, disputes=0.8))
    assert "has 0.50 times the wars and 0.80 times the disputes that" in low
    assert low.endswith("forecasts of wars and disputes are likelier too low than too high.")
    (both,) = level_bias(scaled(model, wars=3.0, disputes=0.8))
    assert both.endswith(
        "wars are likelier too high than too low, those of disputes likelier too low than too high."
    )
    (one,) = level_bias(scaled(model, wars=3.0, disputes=1.0))
    assert "times the disputes" not in one
    assert one.endswith("forecasts of wars are likelier too high than too low.")
    (few,) = lowest_risk(with_lowest(model, 700))
    assert "and 700 were seen; if anything these chances are too low." in few


def test_sides_that_disagree_name_no_side(model: ModelFile) -> None:
    half = [
        c.model_copy(update={"median": (0.5 if c.shocks == "drawn" else 2.0) * c.observed})
        for c in model.course
    ]
    assert level_bias(model.model_copy(update={"course": half})) == []


def test_the_end_of_a_war_is_less_sure_than_its_interval_where_one_is_under_way(
    model: ModelFile,
) -> None:
    scenario = load_scenario("alaska-2025")
    war, peace = (limits(scenario, model, at_war=at_war) for at_war in (True, False))
    (told,) = set(war) - set(peace)
    assert told.endswith("the interval is too narrow.")
