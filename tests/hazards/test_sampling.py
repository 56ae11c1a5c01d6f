"""Sampled paths and predictions: against the product integral, closed forms, quadrature."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import integrate, stats

from detente.core.errors import InputError
from detente.hazards import (
    Baseline,
    Cox,
    Exponential,
    Gompertz,
    HazardFit,
    HazardSpec,
    Intervals,
    Moves,
    Piecewise,
    Transition,
    Weibull,
    cumulative_hazards,
    first_passage,
    fit_hazards,
    predict,
    sample_paths,
    transition_probabilities,
)

HERE = Path(__file__).resolve().parents[1] / "oracles"
MOVES = Moves.illness_death("well", "ill", "dead", recovery=True)
AHEAD = Moves.illness_death("well", "ill", "dead")
PATHS = 20_000
# Shares of 20,000 paths have standard errors of at most 0.0036; four and a half of them.
MONTE_CARLO = 0.016
PATH = pl.DataFrame(
    {"start": [0.0, 1.0, 2.5], "stop": [1.0, 2.5, 5.0], "a": [1.0, -1.0, 0.5], "b": [0, 1, 1]}
)
TIMES = [0.5, 1.5, 3.0, 4.5]


@pytest.fixture(scope="module")
def rows() -> Intervals:
    return Intervals.from_wide(pl.read_csv(HERE / "reversible.csv"), MOVES)


def _fit(rows: Intervals, baseline: Baseline, clock: Any, moves: Moves = MOVES) -> HazardFit:
    return fit_hazards(
        rows, HazardSpec(tuple(Transition(n, "a + b", baseline, clock) for n in moves.names))
    )


@pytest.mark.parametrize(
    "baseline", [Exponential(), Weibull(), Gompertz(), Piecewise((1.0, 2.0)), Cox()], ids=str
)
def test_forward_clocks_sample_the_product_integral(baseline: Baseline, rows: Intervals) -> None:
    fit = _fit(rows, baseline, "forward")
    sampled = sample_paths(fit, MOVES, PATH, paths=PATHS, seed=1, end=5.0, from_state="well")
    exact = transition_probabilities(cumulative_hazards(fit, PATH), MOVES, from_state="well")
    np.testing.assert_allclose(sampled.occupancy(TIMES), exact.at(TIMES)[:, 0], atol=MONTE_CARLO)
    stays = exact.stays_at(4.5)[0][0, 0]
    # A stay has a standard deviation of at most half of 4.5.
    np.testing.assert_allclose(
        sampled.stays(4.5).mean(axis=0), stays, atol=4.5 * 4.5 / 2 / np.sqrt(PATHS)
    )


def test_reset_clock_is_the_convolution(rows: Intervals) -> None:
    # P(ill at t) = int_0^t f(u) S2(t - u) du for Weibull stays, no recovery.
    table = rows.table.filter(pl.col("transition") != "ill->well")
    fit = fit_hazards(
        Intervals(table), HazardSpec(tuple(Transition(n, baseline=Weibull()) for n in AHEAD.names))
    )
    rate = {n: np.exp(fit[f"{n}:baseline[0,inf)"][0]) for n in AHEAD.names}
    shape = {n: np.exp(fit[f"{n}:log shape"][0]) for n in AHEAD.names}

    def stay(name: str, u: float) -> float:
        return rate[name] * u ** shape[name]

    def density(u: float, t: float) -> float:
        hazard = rate["well->ill"] * shape["well->ill"] * u ** (shape["well->ill"] - 1)
        left = np.exp(-stay("well->ill", u) - stay("well->dead", u))
        return float(hazard * left * np.exp(-stay("ill->dead", t - u)))

    sampled = sample_paths(fit, AHEAD, {}, paths=PATHS, seed=2, end=5.0, from_state="well")
    for t in (1.0, 3.0):
        ill = integrate.quad(density, 0.0, t, args=(t,))[0]
        assert sampled.occupancy([t])[0, 1] == pytest.approx(ill, abs=MONTE_CARLO)


def test_time_already_spent_counts_on_the_reset_clock(rows: Intervals) -> None:
    fit = _fit(rows, Weibull(), "reset")
    at = {"a": 0.0, "b": 0.0}
    sampled = sample_paths(
        fit, MOVES, at, paths=PATHS, seed=3, start=2.0, entry=0.5, end=4.0, from_state="ill"
    )
    left = np.minimum(sampled.first_passage("well"), sampled.first_passage("dead"))
    hazards = cumulative_hazards(fit, at, times=[1.5, 3.5], transitions=["ill->well", "ill->dead"])
    total = hazards.at([1.5, 3.5]).sum(axis=1)
    stayed = np.exp(total[0] - total[1])
    assert np.isinf(left).mean() == pytest.approx(stayed, abs=MONTE_CARLO)
    within = left[np.isfinite(left)] - 0.5
    grid = np.linspace(1.5, 3.5, 400)
    along = cumulative_hazards(
        fit, at, times=grid, transitions=["ill->well", "ill->dead"]
    ).at(grid).sum(axis=1)  # fmt: skip
    gone = (1 - np.exp(total[0] - along)) / (1 - stayed)
    test = stats.kstest(within, lambda x: np.interp(x, grid, gone))
    assert test.pvalue > 0.001


def test_the_same_seed_gives_the_same_paths(rows: Intervals) -> None:
    fit = _fit(rows, Exponential(), "reset")
    first, again, other = (
        sample_paths(fit, MOVES, PATH, paths=50, seed=s, end=5.0, from_state="well")
        for s in (7, 7, 8)
    )
    np.testing.assert_array_equal(first.when, again.when)
    assert not np.array_equal(first.when[:, :2], other.when[:, :2])
    table = first.table()
    assert table.filter(pl.col("time") == 0.0).height == 50
    assert table["time"].max() < 5.0


def test_prediction_of_a_markov_model_is_the_product_integral(rows: Intervals) -> None:
    fit = _fit(rows, Cox(), "forward")
    made = predict(fit, PATH, times=TIMES, from_state="well", level=0.9)
    exact = transition_probabilities(cumulative_hazards(fit, PATH), MOVES, from_state="well")
    assert made.method == "product integral"
    # The same jumps; `predict` leaves out times after the last asked for.
    np.testing.assert_allclose(made.probability, exact.at(TIMES)[:, 0], atol=1e-12)
    np.testing.assert_allclose(made.stay.sum(axis=1), TIMES, atol=1e-12)
    assert ((made.low <= made.probability) & (made.probability <= made.high)).all()
    assert made.table().height == len(TIMES) * 3


def test_simulated_intervals_are_those_of_the_delta_method(rows: Intervals) -> None:
    fit = _fit(rows, Weibull(), "forward")
    at = {"a": 0.2, "b": 1.0}
    asked = {"times": [2.0], "from_state": "well", "level": 0.9}
    exact = predict(fit, at, **asked)
    drawn = predict(fit, at, **asked, method="simulation", draws=300, paths=400, seed=4)
    assert drawn.method == "simulation"
    np.testing.assert_allclose(drawn.probability, exact.probability, atol=0.01)
    # Quantiles of 300 draws are off by a tenth of the interval; the limits are on two scales.
    width = exact.high - exact.low
    np.testing.assert_allclose(drawn.low, exact.low, atol=0.2 * width.max())
    np.testing.assert_allclose(drawn.high, exact.high, atol=0.2 * width.max())
    np.testing.assert_allclose(drawn.stay, exact.stay, atol=0.02)


def test_a_model_that_remembers_is_simulated(rows: Intervals) -> None:
    fit = _fit(rows, Weibull(), "reset")
    made = predict(fit, PATH, times=[2.0], from_state="well", draws=10, paths=100)
    assert made.method == "simulation"
    assert (made.monte_carlo_error > 0).all()
    with pytest.raises(InputError, match="not Markov"):
        predict(fit, PATH, times=[2.0], from_state="well", method="product integral")


def test_first_passage_counts_those_who_came_back(rows: Intervals) -> None:
    fit = _fit(rows, Weibull(), "forward")
    hazards = cumulative_hazards(fit, PATH)
    made = first_passage(hazards, MOVES, "ill", from_state="well")
    sampled = sample_paths(fit, MOVES, PATH, paths=PATHS, seed=5, end=5.0, from_state="well")
    reached = sampled.first_passage("ill")
    for time in TIMES:
        share = float((reached <= time).mean())
        assert share == pytest.approx(made.at(time)[0, 0, 1], abs=MONTE_CARLO)
    now = transition_probabilities(hazards, MOVES, from_state="well").at(4.5)[0, 0, 1]
    assert made.at(4.5)[0, 0, 1] > now


def test_bad_questions(rows: Intervals) -> None:
    fit = _fit(rows, Weibull(), "reset")
    with pytest.raises(InputError, match="must reach"):
        sample_paths(fit, MOVES, PATH, paths=5, seed=1, end=9.0, from_state="well")
    with pytest.raises(InputError, match="paths must be positive"):
        sample_paths(fit, MOVES, PATH, paths=0, seed=1, end=2.0, from_state="well")
    with pytest.raises(InputError, match="times must be finite"):
        predict(fit, PATH, times=[-1.0], from_state="well")
    with pytest.raises(InputError, match="no states of the moves"):
        first_passage(cumulative_hazards(fit, PATH), MOVES, "gone")
    untold = fit_hazards(
        Intervals(rows.table.drop("from", "to")), HazardSpec((Transition("well->ill"),))
    )
    with pytest.raises(InputError, match="does not know its states"):
        predict(untold, {}, times=[1.0], from_state="well")
