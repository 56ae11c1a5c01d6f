"""Parametric models against the numbers in tests/oracles (survreg, msm, glm, closed forms)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from detente.hazards import (
    Gompertz,
    HazardFit,
    HazardSpec,
    Intervals,
    Piecewise,
    Transition,
    Weibull,
    fit_hazards,
)

HERE = Path(__file__).resolve().parents[1] / "oracles"
ORACLES: dict[str, dict[str, Any]] = json.loads((HERE / "parametric.json").read_text())
# Both optima are exact to rounding; what is left is the curvature's share of it.
ESTIMATE_TOLERANCE = 1e-6
LOG_LIKELIHOOD_TOLERANCE = 1e-8
# A covariance by fourth-order differences of the log-likelihood, step 1e-4.
DIFFERENCE_TOLERANCE = 1e-6
# msm climbs by quasi-Newton steps on a likelihood scaled by 1000, and its Hessian is numerical.
MSM_ESTIMATE_TOLERANCE, MSM_COVARIANCE_TOLERANCE = 1e-4, 1e-4
ARROWS = (("well", "ill"), ("well", "dead"), ("ill", "well"), ("ill", "dead"))


def _lives(*, late: bool) -> Intervals:
    table = pl.read_csv(HERE / "lifetimes.csv").rename({"entry": "start", "time": "stop"})
    table = table if late else table.filter(pl.col("start") == 0)
    return Intervals(table.with_columns(pl.lit("a->b").alias("transition"), entry=pl.lit(0.0)))


def _reversible() -> Intervals:
    stays = pl.read_csv(HERE / "reversible.csv")
    parts = [
        stays.filter(pl.col("from") == source).with_columns(
            pl.lit(f"{source}->{target}").alias("transition"),
            (pl.col("to") == target).fill_null(value=False).cast(pl.Int8).alias("event"),
        )
        for source, target in ARROWS
    ]
    return Intervals(pl.concat(parts).drop("from", "to"))


def _pick(fit: HazardFit, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    at = [fit.names.index(n) for n in names]
    return fit.dense[at], fit.covariance[np.ix_(at, at)]


def _as_survreg(level: float, slopes: np.ndarray, log_shape: float) -> np.ndarray:
    """``(mu, slopes, log scale)`` of log T = mu + x'slopes + scale W, from ours."""
    scale = np.exp(-log_shape)
    return np.r_[-scale * level, -scale * slopes, -log_shape]


def _survreg_slope(theta: np.ndarray) -> np.ndarray:
    """Derivative of :func:`_as_survreg`; ``theta`` is (level, slopes, log shape)."""
    scale, n = np.exp(-theta[-1]), len(theta)
    slope = np.zeros((n, n))
    slope[: n - 1, : n - 1] = -scale * np.eye(n - 1)
    slope[: n - 1, -1] = scale * theta[:-1]
    slope[-1, -1] = -1.0
    return slope


def _check_weibull(fit: HazardFit, name: str, columns: str, oracle: dict[str, Any]) -> None:
    names = [f"{name}:baseline[0,inf)", *(f"{name}:{c}" for c in columns), f"{name}:log shape"]
    theta, covariance = _pick(fit, names)
    slope = _survreg_slope(theta)
    ours = _as_survreg(theta[0], theta[1:-1], theta[-1])
    np.testing.assert_allclose(ours, oracle["coef"], atol=ESTIMATE_TOLERANCE)
    np.testing.assert_allclose(
        slope @ covariance @ slope.T, oracle["covariance"], atol=ESTIMATE_TOLERANCE
    )


def test_weibull_is_survregs() -> None:
    oracle = ORACLES["survreg_weibull"]
    fit = fit_hazards(
        _lives(late=False), HazardSpec((Transition("a->b", "x + z", Weibull(), "forward"),))
    )
    # survreg's likelihood is of T, ours too.
    assert fit.log_likelihood == pytest.approx(oracle["loglik"], abs=LOG_LIKELIHOOD_TOLERANCE)
    _check_weibull(fit, "a->b", "xz", oracle)


def test_exponential_is_survregs() -> None:
    oracle = ORACLES["survreg_exponential"]
    fit = fit_hazards(_lives(late=False), HazardSpec((Transition("a->b", "x + z"),)))
    np.testing.assert_allclose(-fit.dense, oracle["coef"], atol=ESTIMATE_TOLERANCE)
    np.testing.assert_allclose(fit.covariance, oracle["covariance"], atol=ESTIMATE_TOLERANCE)
    assert fit.log_likelihood == pytest.approx(oracle["loglik"], abs=LOG_LIKELIHOOD_TOLERANCE)


def test_clock_reset_weibulls_are_survregs_one_by_one() -> None:
    names = [f"{a}->{b}" for a, b in ARROWS]
    fit = fit_hazards(
        _reversible(), HazardSpec(tuple(Transition(n, "a + b", Weibull()) for n in names))
    )
    oracles = [ORACLES[f"survreg_{a}_{b}"] for a, b in ARROWS]
    total = sum(o["loglik"] for o in oracles)
    assert fit.log_likelihood == pytest.approx(total, abs=4 * LOG_LIKELIHOOD_TOLERANCE)
    for name, oracle in zip(names, oracles, strict=True):
        _check_weibull(fit, name, "ab", oracle)


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("family", ["weibull", "gompertz"])
def test_left_truncated_families_are_their_closed_forms(family: str, late: bool) -> None:
    oracle = ORACLES[f"{family}_{'late_entry' if late else 'from_zero'}"]
    baseline = Weibull() if family == "weibull" else Gompertz()
    spec = HazardSpec((Transition("a->b", "x + z", baseline, "forward"),))
    fit = fit_hazards(_lives(late=late), spec)
    shape = f"a->b:{oracle['names'][0]}"
    theta, covariance = _pick(fit, [shape, "a->b:baseline[0,inf)", "a->b:x", "a->b:z"])
    np.testing.assert_allclose(theta, oracle["coef"], atol=ESTIMATE_TOLERANCE)
    np.testing.assert_allclose(covariance, oracle["covariance"], atol=DIFFERENCE_TOLERANCE)
    assert fit.log_likelihood == pytest.approx(oracle["loglik"], abs=LOG_LIKELIHOOD_TOLERANCE)


def test_a_left_truncated_reset_clock_starts_at_the_entry() -> None:
    # The same lives with the axis moved by 100: the reset clock does not notice.
    table = _lives(late=True).table.with_columns(pl.col("start", "stop", "entry") + 100.0)
    fit = fit_hazards(Intervals(table), HazardSpec((Transition("a->b", "x + z", Weibull()),)))
    oracle = ORACLES["weibull_late_entry"]
    assert fit.log_likelihood == pytest.approx(oracle["loglik"], abs=1e-6)  # rounding of 100 + t


def test_piecewise_is_a_poisson_regression() -> None:
    names = [f"{a}->{b}" for a, b in ARROWS]
    baseline = Piecewise((1.5, 4.0))
    spec = HazardSpec(tuple(Transition(n, "a + b", baseline, "forward") for n in names))
    fit = fit_hazards(_reversible(), spec)
    total = 0.0
    for (a, b), name in zip(ARROWS, names, strict=True):
        oracle = ORACLES[f"poisson_{a}_{b}"]
        pieces = ("baseline[0,1.5)", "baseline[1.5,4)", "baseline[4,inf)", "a", "b")
        theta, covariance = _pick(fit, [f"{name}:{p}" for p in pieces])
        np.testing.assert_allclose(theta, oracle["coef"], atol=ESTIMATE_TOLERANCE)
        errors = np.sqrt(np.diag(covariance))
        np.testing.assert_allclose(errors, oracle["se"], atol=ESTIMATE_TOLERANCE)
        total += oracle["loglik"]
    assert fit.log_likelihood == pytest.approx(total, abs=4 * LOG_LIKELIHOOD_TOLERANCE)


def test_exponential_is_msms_with_exact_times() -> None:
    names = [f"{a}->{b}" for a, b in ARROWS]
    fit = fit_hazards(_reversible(), HazardSpec(tuple(Transition(n, "a + b") for n in names)))
    oracle = ORACLES["msm_exponential"]
    # msm orders by term, then by transition: 1-2, 1-3, 2-1, 2-3.
    ours = [f"{n}:{term}" for term in ("baseline[0,inf)", "a", "b") for n in names]
    theta, covariance = _pick(fit, ours)
    assert -2 * fit.log_likelihood == pytest.approx(oracle["minus2loglik"], abs=1e-6)
    np.testing.assert_allclose(theta, oracle["estimates"], atol=MSM_ESTIMATE_TOLERANCE)
    np.testing.assert_allclose(covariance, oracle["covariance"], atol=MSM_COVARIANCE_TOLERANCE)


def test_piecewise_is_msms_with_exact_times() -> None:
    names = [f"{a}->{b}" for a, b in ARROWS]
    baseline = Piecewise((2.0, 5.0))
    spec = HazardSpec(tuple(Transition(n, "1", baseline, "forward") for n in names))
    fit, oracle = fit_hazards(_reversible(), spec), ORACLES["msm_piecewise"]
    pieces = ("baseline[0,2)", "baseline[2,5)", "baseline[5,inf)")
    ours = np.array([[fit[f"{n}:{p}"][0] for n in names] for p in pieces])
    ours[1:] -= ours[0]  # msm: log ratios to the first period
    np.testing.assert_allclose(ours.ravel(), oracle["estimates"], atol=MSM_ESTIMATE_TOLERANCE)
    assert -2 * fit.log_likelihood == pytest.approx(oracle["minus2loglik"], abs=1e-6)
