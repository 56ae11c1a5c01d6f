"""Gamma frailties: the closed marginal likelihood, limits, conservation of events, bad input."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import gammaln

from detente.core.errors import InputError
from detente.hazards import (
    Exponential,
    Frailty,
    HazardFit,
    HazardSpec,
    Intervals,
    Transition,
    Weibull,
    draw_posterior,
    expected_by_row,
    fit_hazards,
)
from detente.hazards.fitting.gamma_frailty import best_log_sd, log_sd_slope, marginal_gain
from detente.hazards.fitting.scales import SD_RANGE

HERE = Path(__file__).resolve().parents[1] / "oracles"
# Both optima are exact to rounding; the scale settles to 1e-7 of itself.
ESTIMATE_TOLERANCE = 1e-6
LOG_LIKELIHOOD_TOLERANCE = 1e-8
COVARIANCE_TOLERANCE = 1e-6
# What a small scale adds to standard errors when nothing but its range is known: under 0.2%.
UNKNOWN_SCALE_TOLERANCE = 0.005


def _clusters() -> Intervals:
    table = pl.read_csv(HERE / "clusters.csv").rename({"time": "stop"})
    return Intervals(table.with_columns(transition=pl.lit("a"), start=pl.lit(0.0)))


def _fit(table: Intervals, baseline: Exponential | Weibull, **frailty: Any) -> HazardFit:
    shared = Frailty("pair", "cluster", ("a",), distribution="gamma", **frailty)
    return fit_hazards(table, HazardSpec((Transition("a", "x + z", baseline),), frailty=shared))


@pytest.mark.parametrize("family", ["exponential", "weibull"])
def test_is_the_closed_marginal_likelihood(family: str) -> None:
    # tests/oracles/frailty.R: optim and Newton on the marginal likelihood of all parameters.
    oracle = json.loads((HERE / "frailty.json").read_text())[f"gamma_{family}"]
    fit = _fit(_clusters(), Weibull() if family == "weibull" else Exponential())
    names = {"level": "a:baseline[0,inf)", "x": "a:x", "z": "a:z", "log shape": "a:log shape"}
    at = [fit.names.index(names[n]) for n in oracle["names"][1:]]
    assert 2 * np.log(fit.scales["pair"]) == pytest.approx(
        oracle["coef"][0], abs=ESTIMATE_TOLERANCE
    )
    np.testing.assert_allclose(fit.dense[at], oracle["coef"][1:], atol=ESTIMATE_TOLERANCE)
    assert fit.log_likelihood == pytest.approx(oracle["loglik"], abs=LOG_LIKELIHOOD_TOLERANCE)
    # The covariance of all parameters, the variance's among them: differences of step 1e-3.
    covariance = np.array(oracle["covariance"])
    np.testing.assert_allclose(
        fit.covariance[np.ix_(at, at)], covariance[1:, 1:], atol=COVARIANCE_TOLERANCE
    )
    error = 2 * fit.scale_errors["pair"]
    assert error == pytest.approx(np.sqrt(covariance[0, 0]), abs=COVARIANCE_TOLERANCE)
    assert fit.effective_parameters == pytest.approx(len(oracle["coef"]), abs=1e-9)


def test_gains_are_the_integral() -> None:
    # One cluster, hazard h and cumulation H for each of D events: the integral by hand.
    events, cumulative, nu = np.array([3.0]), np.array([2.5]), 1.7
    z = (events + nu) / (cumulative + nu)
    penalised = events * np.log(z) - z * cumulative - nu * (z - 1 - np.log(z))
    integral = nu * np.log(nu) - (events + nu) * np.log(cumulative + nu)
    integral += gammaln(events + nu) - gammaln(nu)
    assert penalised.sum() + marginal_gain(events, nu) == pytest.approx(integral[0], abs=1e-12)


def test_best_scale_is_a_maximum() -> None:
    rng = np.random.default_rng(2)
    cumulative = rng.uniform(0.5, 3, 400)
    events = rng.poisson(cumulative * rng.gamma(4.0, 0.25, 400)).astype(float)
    # The true standard deviation is a half; 400 clusters of two events place it within a fifth.
    assert np.exp(best_log_sd(events, cumulative, (-5.0, 3.0))) == pytest.approx(0.5, abs=0.1)


def test_best_scale_is_where_the_slope_vanishes_or_the_bound_itself() -> None:
    rng = np.random.default_rng(2)
    cumulative = rng.uniform(0.5, 3, 400)
    events = rng.poisson(cumulative * rng.gamma(4.0, 0.25, 400)).astype(float)
    best = best_log_sd(events, cumulative, (-5.0, 3.0))
    before, after = (log_sd_slope(events, cumulative, best + step) for step in (-1e-8, 1e-8))
    assert before > 0 > after
    # As many events in every cluster as expected: no variance at all. Its value tells the bound to
    # half the digits only, and a fit that follows rounding does not settle.
    assert best_log_sd(np.full(45, 4.0), np.full(45, 4.0), (-5.3, 3.0)) == -5.3
    assert best_log_sd(events, cumulative, (-5.0, -2.0)) == -2.0


def test_a_frailty_of_no_variance_is_none() -> None:
    plain = fit_hazards(_clusters(), HazardSpec((Transition("a", "x + z", Weibull()),)))
    tight = _fit(_clusters(), Weibull(), sd=1e-4)
    # The gain of a frailty is its variance times what the clusters ask for, some tens.
    np.testing.assert_allclose(tight.coefficients, plain.coefficients, atol=1e-6)
    assert tight.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-5)


def test_as_many_events_are_expected_as_there_were() -> None:
    table = _clusters()
    fit = _fit(table, Weibull())
    total = sum(part.sum() for part in expected_by_row(fit, table).values())
    assert total == pytest.approx(fit.events["a"], abs=1e-6)
    # The mean of a frailty is (D + nu) / (H + nu): one, over all clusters at the mode.
    means = np.exp(fit.frailty + 0.5 * fit.frailty_variance)
    assert means.mean() == pytest.approx(1.0, abs=1e-6)


def test_draws_have_the_mean_of_the_frailty() -> None:
    fit = _fit(_clusters(), Weibull(), sd=0.7)
    draws = draw_posterior(fit, 2000, seed=5)
    # The mean over clusters of a frailty in a draw: one, give or take what the coefficients leave
    # open (a tenth); the mean of 2,000 such leaves little, the curvature of exp a fiftieth.
    means = np.mean([np.exp(d.frailty).mean() for d in draws])
    assert means == pytest.approx(1.0, abs=0.03)


def test_a_given_or_vanishing_scale_has_no_error() -> None:
    assert _fit(_clusters(), Weibull(), sd=0.7).scale_errors == {}
    rng = np.random.default_rng(3)
    alone = _clusters().table.with_columns(cluster=pl.Series(rng.permutation(270) // 6))
    fit = _fit(Intervals(alone), Weibull())
    assert fit.scales["pair"] == pytest.approx(0.005, rel=1e-3)  # the lowest there is
    assert fit.scale_errors == {}


def test_a_scale_of_which_the_data_say_nothing_adds_next_to_nothing() -> None:
    # Clusters drawn at random: a standard deviation of 0.06, of whose logarithm the likelihood is
    # all but flat. Its error is that of a uniform over the range, whatever the rounding makes of
    # the curvature, and the coefficients are known as well as beside the same scale given.
    rng = np.random.default_rng(7)
    end = rng.weibull(1.3, 40)
    columns = {"id": range(40), "stop": np.minimum(end, 1.5) + 0.001, "event": end < 1.5}
    table = pl.DataFrame({**columns, "x": rng.normal(size=40).round(3)})
    rows = Intervals(
        table.with_columns(
            pl.col("event").cast(pl.Int64),
            transition=pl.lit("a"),
            start=pl.lit(0.0),
            cluster=pl.col("id") % 8,
        )
    )

    def fit(**frailty: Any) -> HazardFit:
        shared = Frailty("g", "cluster", ("a",), distribution="gamma", **frailty)
        spec = HazardSpec((Transition("a", "x", Weibull()),), frailty=shared)
        return fit_hazards(rows, spec)

    free = fit()
    assert 0.01 < free.scales["g"] < 0.1
    uniform = np.log(SD_RANGE[1] / SD_RANGE[0]) / np.sqrt(12.0)
    assert free.scale_errors["g"] == pytest.approx(uniform, rel=1e-12)
    known = fit(sd=free.scales["g"]).standard_errors
    np.testing.assert_allclose(free.standard_errors, known, rtol=UNKNOWN_SCALE_TOLERANCE)


def test_unknown_distribution() -> None:
    with pytest.raises(InputError, match='a frailty is "lognormal" or "gamma", not \'beta\''):
        Frailty("pair", "cluster", ("a",), distribution="beta")
