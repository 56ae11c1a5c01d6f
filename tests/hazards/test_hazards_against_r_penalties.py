"""Ridges, frailties, Firth's penalty and profile limits against the numbers in tests/oracles."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from detente.hazards import (
    Cox,
    Frailty,
    HazardSpec,
    Intervals,
    Ridge,
    Transition,
    fit_hazards,
    profile_interval,
)

HERE = Path(__file__).resolve().parents[1] / "oracles"
FRAILTY: dict[str, dict[str, Any]] = json.loads((HERE / "frailty.json").read_text())
COX: dict[str, dict[str, Any]] = json.loads((HERE / "cox.json").read_text())
PARAMETRIC: dict[str, dict[str, Any]] = json.loads((HERE / "parametric.json").read_text())
# Newton stops where the next step would gain less than 1e-13, that is within 4.5e-7 standard
# errors of the top.
ESTIMATE_TOLERANCE = 2e-7
LOG_LIKELIHOOD_TOLERANCE = 1e-8
# coxph stops its outer iterations on the variance of a frailty before the inner ones are at rest.
OUTER_TOLERANCE = 1e-5
# The Hessian of the penalised partial likelihood by differences, step 1e-3, and its optimum.
FIRTH_TOLERANCE = 1e-6
# uniroot was told 1e-12; our ends are sharp to 1e-7 standard errors.
END_TOLERANCE = 1e-7
TIES = ("breslow", "efron")


def _clusters() -> Intervals:
    table = pl.read_csv(HERE / "clusters.csv").rename({"time": "stop"})
    return Intervals(table.with_columns(pl.lit("a->b").alias("transition"), start=pl.lit(0.0)))


def _ties() -> Intervals:
    table = pl.read_csv(HERE / "ties.csv").drop("weight", "offset")
    w = (pl.col("event") == 0) & (pl.col("id") % 4 == 0)
    table = table.with_columns(pl.lit("a->b").alias("transition"), w=w.cast(pl.Float64))
    return Intervals(table)


def _lives(*, apart: bool = False) -> Intervals:
    table = pl.read_csv(HERE / "lifetimes.csv").filter(pl.col("entry") == 0)
    table = table.rename({"entry": "start", "time": "stop"})
    if apart:
        z = (pl.col("event") == 0) & (pl.col("id") % 3 == 0)
        table = table.with_columns(z=z.cast(pl.Float64))
    return Intervals(table.with_columns(pl.lit("a->b").alias("transition")))


def _cox(ties: str, formula: str = "x + z") -> tuple[Transition]:
    return (Transition("a->b", formula, Cox(ties), "forward"),)


@pytest.mark.parametrize("ties", TIES)
def test_ridge(ties: str) -> None:
    # coxph's penalty is theta / 2 times the sum of squares.
    fit = fit_hazards(_clusters(), HazardSpec(_cox(ties), ridges=(Ridge(("*",), 3**-0.5),)))
    oracle = FRAILTY[f"ridge_{ties}"]
    np.testing.assert_allclose(fit.coefficients, oracle["coef"], atol=ESTIMATE_TOLERANCE)
    np.testing.assert_allclose(fit.covariance, oracle["covariance"], atol=ESTIMATE_TOLERANCE)


@pytest.mark.parametrize("ties", TIES)
def test_gaussian_frailty_of_known_variance(ties: str) -> None:
    frailty = Frailty("cluster", "cluster", ("a->b",), sd=0.5**0.5)
    fit = fit_hazards(_clusters(), HazardSpec(_cox(ties), frailty=frailty))
    oracle = FRAILTY[f"gaussian_fixed_{ties}"]
    np.testing.assert_allclose(fit.coefficients, oracle["coef"], atol=ESTIMATE_TOLERANCE)
    np.testing.assert_allclose(fit.standard_errors, oracle["se"], atol=ESTIMATE_TOLERANCE)
    # Few events leave a frailty's mode flat: its own error is up to 0.6.
    np.testing.assert_allclose(fit.frailty, oracle["frailty"], atol=1e-6)


@pytest.mark.parametrize("ties", TIES)
def test_gaussian_frailty_of_estimated_variance(ties: str) -> None:
    frailty = Frailty("cluster", "cluster", ("a->b",))
    fit = fit_hazards(_clusters(), HazardSpec(_cox(ties), frailty=frailty))
    oracle = FRAILTY[f"gaussian_reml_{ties}"]
    # coxph iterates on the variance until it moves by less than a millionth or so.
    assert fit.scales["cluster"] ** 2 == pytest.approx(oracle["theta"], abs=OUTER_TOLERANCE)
    np.testing.assert_allclose(fit.coefficients, oracle["coef"], atol=OUTER_TOLERANCE)
    np.testing.assert_allclose(fit.standard_errors, oracle["se"], atol=OUTER_TOLERANCE)


@pytest.mark.parametrize("ties", TIES)
def test_gamma_frailty_of_known_variance(ties: str) -> None:
    frailty = Frailty("cluster", "cluster", ("a->b",), 0.5**0.5, "gamma")
    fit = fit_hazards(_clusters(), HazardSpec(_cox(ties), frailty=frailty))
    oracle = FRAILTY[f"gamma_fixed_{ties}"]
    np.testing.assert_allclose(fit.coefficients, oracle["coef"], atol=ESTIMATE_TOLERANCE)
    np.testing.assert_allclose(fit.standard_errors, oracle["se"], atol=ESTIMATE_TOLERANCE)
    np.testing.assert_allclose(fit.frailty, oracle["frailty"], atol=1e-6)
    assert fit.log_likelihood == pytest.approx(oracle["c_loglik"], abs=LOG_LIKELIHOOD_TOLERANCE)
    assert fit.effective_parameters == pytest.approx(2.0, abs=1e-9)


@pytest.mark.parametrize("ties", TIES)
def test_gamma_frailty_of_estimated_variance(ties: str) -> None:
    frailty = Frailty("cluster", "cluster", ("a->b",), distribution="gamma")
    fit = fit_hazards(_clusters(), HazardSpec(_cox(ties), frailty=frailty))
    oracle = FRAILTY[f"gamma_em_{ties}"]
    assert fit.scales["cluster"] ** 2 == pytest.approx(oracle["theta"], abs=OUTER_TOLERANCE)
    np.testing.assert_allclose(fit.coefficients, oracle["coef"], atol=OUTER_TOLERANCE)
    np.testing.assert_allclose(fit.standard_errors, oracle["se"], atol=OUTER_TOLERANCE)
    # The top is flat: the likelihood agrees to the square of the scale's error, and is not lower.
    assert -1e-12 < fit.log_likelihood - oracle["c_loglik"] < 1e-7


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("case", ["", "separated_"])
def test_firths_partial_likelihood(case: str, ties: str) -> None:
    spec = HazardSpec(_cox(ties, "x + w" if case else "x + z"), firth=True)
    fit = fit_hazards(_ties(), spec)
    oracle = COX[f"firth_{case}{ties}"]
    np.testing.assert_allclose(fit.coefficients, oracle["coef"], atol=FIRTH_TOLERANCE)
    np.testing.assert_allclose(fit.covariance, oracle["covariance_at_mode"], atol=FIRTH_TOLERANCE)
    assert fit.penalised == pytest.approx(oracle["penalised"], abs=LOG_LIKELIHOOD_TOLERANCE)


@pytest.mark.parametrize("case", ["whole", "apart"])
def test_firths_exponential(case: str) -> None:
    spec = HazardSpec((Transition("a->b", "x + z"),), firth=True)
    fit = fit_hazards(_lives(apart=case == "apart"), spec)
    oracle = PARAMETRIC[f"firth_exponential_{case}"]
    np.testing.assert_allclose(fit.coefficients, oracle["coef"], atol=FIRTH_TOLERANCE)
    np.testing.assert_allclose(fit.covariance, oracle["covariance_at_mode"], atol=FIRTH_TOLERANCE)
    assert fit.penalised == pytest.approx(oracle["penalised"], abs=LOG_LIKELIHOOD_TOLERANCE)


@pytest.mark.parametrize("ties", TIES)
def test_profile_limits_of_coxs_model(ties: str) -> None:
    intervals = _ties()
    fit = fit_hazards(intervals, HazardSpec(_cox(ties)))
    found = profile_interval(fit, intervals, "a->b:x", level=0.9)
    oracle = COX[f"profile_{ties}"]
    assert found.low == pytest.approx(oracle["lower"], abs=END_TOLERANCE)
    assert found.high == pytest.approx(oracle["upper"], abs=END_TOLERANCE)


def test_profile_limits_of_the_exponential() -> None:
    intervals = _lives()
    fit = fit_hazards(intervals, HazardSpec((Transition("a->b", "x + z"),)))
    found = profile_interval(fit, intervals, "a->b:x", level=0.9)
    oracle = PARAMETRIC["profile_exponential"]
    assert found.low == pytest.approx(oracle["lower"], abs=END_TOLERANCE)
    assert found.high == pytest.approx(oracle["upper"], abs=END_TOLERANCE)
