"""A prior that the user names for a pair that did not meet."""

from __future__ import annotations

import math

import numpy as np
import pytest

from detente.assessments.assess import assess
from detente.assessments.forecasts import priors_of
from detente.core.errors import SimulationError
from detente.futures import Channel, Enter, Offset, Parameters, Start, System, simulate
from detente.scenarios import Scenario, load_scenario

# Four standard errors of a mean over this many draws; seeds are fixed.
DRAWS = 4000


def with_prior(**changes: object) -> Scenario:
    base = load_scenario("alaska-2025")
    prior = {
        "name": "ceasefire",
        "arm": "leaders",
        "dyad": ("RUS", "UKR"),
        "transition": "war-calm",
        "probability": 1.0,
        "median": 4.0,
        "low": 2.0,
        "high": 8.0,
        "level": 0.9,
        "source": base.sources[0].id,
        "note": "A belief stated for the test.",
    } | changes
    return Scenario.model_validate({**base.model_dump(), "priors": (prior,)})


def test_draws_of_a_prior_have_its_median_spread_and_probability():
    scenario = with_prior(probability=0.5)
    (arm,) = [a for a in scenario.arms if a.name == "leaders"]
    (offset,) = priors_of(arm, scenario, draws=DRAWS, seed=3)
    assert isinstance(offset, Offset)
    assert isinstance(offset.delta, tuple)
    assert (offset.channel, offset.units) == ("end", ("RUS-UKR",))
    deltas = np.array(offset.delta)
    acting = deltas[deltas != 0]
    assert abs(len(acting) / DRAWS - 0.5) < 4 * 0.5 / math.sqrt(DRAWS)
    inside = (np.exp(acting) > 2) & (np.exp(acting) < 8)
    assert abs(inside.mean() - 0.9) < 4 * 0.3 / math.sqrt(len(acting))
    assert abs(np.median(np.exp(acting)) - 4) < 0.25
    assert [*priors_of(scenario.arms[0], scenario, draws=2, seed=3)] == []


def test_a_prior_moves_its_pair_and_says_that_it_is_no_estimate():
    found = {}
    for name, scenario in (("with", with_prior()), ("without", load_scenario("alaska-2025"))):
        result = assess(scenario, draws=20, futures=40, horizon=1.0)
        contrasts = {(c.dyad, c.outcome, c.arm): c for c in result.contrasts}
        found[name] = contrasts["RUS-UKR", "end", "leaders"]
    assert found["with"].difference.mean[-1] > 0.1
    assert found["with"].reason is not None
    assert "prior" in found["with"].reason
    assert abs(found["without"].difference.mean[-1]) < 0.01
    assert not found["with"].estimated
    assert not found["without"].estimated


def test_one_value_a_draw_or_a_clear_error():
    system = System(("a",), ("calm", "dispute"), (Channel("onset", 0, 1),), np.ones((1, 0)))
    start = Start(2025.5, np.zeros(1), np.full(1, 2000.0), np.zeros(1))
    zero = np.zeros((1, 0))
    draw = Parameters(
        np.full((1, 2, 1), np.log(0.1)),
        np.zeros((1, 1, 2, 1)),
        zero,
        zero,
        np.zeros(1),
        np.zeros(1),
    )

    def run(delta: tuple[float, ...] | float, draws: int) -> np.ndarray:
        out = simulate(
            system,
            start,
            [draw] * draws,
            outcomes=[Enter("dispute", ("dispute",))],
            grid=[5.0],
            futures=200,
            seed=1,
            arms={"none": (), "more": (Offset("onset", ("a",), delta),)},
        )
        return out.first_passage[1, :, 0, 0, 0]

    np.testing.assert_array_equal(run((0.7, 0.7), 2), run(0.7, 2))
    low, high = run((-2.0, 2.0), 2)
    assert low < high
    with pytest.raises(SimulationError, match="expected one for each of 3 draws"):
        run((0.1, 0.2), 3)
