"""Smooth baselines: quadrature, what they hold as special cases, what they recover, bad input."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from scipy.integrate import quad

from detente.core.errors import DataError, InputError
from detente.hazards import (
    Baseline,
    Gompertz,
    HazardFit,
    HazardSpec,
    Intervals,
    RoystonParmar,
    Shared,
    Spline,
    Transition,
    Weibull,
    fit_hazards,
)
from detente.hazards.model.baselines import Scale

# What the docstring of the spline promises, and quad's own error.
QUADRATURE_TOLERANCE = 1e-10
# Central differences of a mode by the logarithm of a scale, a thousandth apart.
DIFFERENCES = 1e-4


def _table(end: np.ndarray, limit: float, x: np.ndarray | float = 0.0) -> Intervals:
    n = len(end)
    return Intervals(
        pl.DataFrame(
            {
                "id": np.arange(n),
                "transition": "a",
                "start": 0.0,
                "stop": np.minimum(end, limit),
                "event": (end <= limit).astype(int),
                "x": np.zeros(n) + x,
            }
        )
    )


def _fit(table: Intervals, baseline: Baseline, formula: str = "1") -> HazardFit:
    return fit_hazards(table, HazardSpec((Transition("a", formula, baseline),)))


def _hazard(baseline: Baseline, shape: np.ndarray, time: np.ndarray) -> np.ndarray:
    return np.exp(baseline.evaluate(0.5 * time, time, shape).log_hazard)


@pytest.mark.parametrize("over", ["time", "log time"])
@pytest.mark.parametrize("size", [0.5, 4.0])
def test_cumulative_hazard_is_the_integral(over: str, size: float) -> None:
    baseline = Spline(4, over=over, span=(0.2, 5.0))
    shape = np.random.default_rng(3).normal(0, size, 6)
    shape[0] *= 0.2
    axis = np.log if over == "log time" else np.asarray
    back = np.exp if over == "log time" else np.asarray
    knots = back(np.linspace(*axis(np.array(baseline.span)), 5))
    for start, stop in ((0.0, 5.0), (0.0, 0.1), (1.0, 1.01), (2.0, 9.0), (6.0, 7.0)):
        ours = baseline.evaluate(np.array([start]), np.array([stop]), shape).cumulative[0]
        edges = [start, *knots[(knots > start) & (knots < stop)], stop]
        pieces = [
            quad(lambda t: _hazard(baseline, shape, np.array([t]))[0], a, b, epsabs=0)[0]
            for a, b in pairwise(edges)
        ]
        assert ours == pytest.approx(sum(pieces), rel=QUADRATURE_TOLERANCE)


def test_a_straight_spline_is_gompertz() -> None:
    end = np.random.default_rng(1).weibull(1.6, 150) * 3.0
    straight, gompertz = (
        _fit(_table(end, 4.0), Spline(6, smooth=1e-6)),
        _fit(_table(end, 4.0), Gompertz()),
    )
    # Bends of a millionth move the estimates by no more than that.
    assert straight["a:slope"] == pytest.approx(gompertz["a:shape"], rel=1e-5)
    assert straight.log_likelihood == pytest.approx(gompertz.log_likelihood, abs=1e-5)


def test_royston_parmar_without_knots_is_weibull() -> None:
    end = np.random.default_rng(1).weibull(1.6, 150) * 3.0
    ours, weibull = _fit(_table(end, 4.0), RoystonParmar(0)), _fit(_table(end, 4.0), Weibull())
    assert ours.log_likelihood == pytest.approx(weibull.log_likelihood, abs=1e-9)
    assert np.log(ours["a:gamma1"][0]) == pytest.approx(weibull["a:log shape"][0], abs=1e-6)
    level = "a:baseline[0,inf)"
    assert ours[level][0] == pytest.approx(weibull[level][0], abs=1e-6)


def _bathtub(n: int, seed: int) -> np.ndarray:
    """Times with the hazard ``0.5 (t - 1)^2 + 0.1``, by a table of its cumulation."""
    grid = np.linspace(0, 8, 4001)
    cumulative = 0.5 * ((grid - 1) ** 3 + 1) / 3 + 0.1 * grid
    return np.interp(np.random.default_rng(seed).exponential(size=n), cumulative, grid)


@pytest.mark.parametrize(
    "baseline", [Spline(10), Spline(10, over="log time"), RoystonParmar(4)], ids=repr
)
def test_recovers_a_bathtub(baseline: Baseline) -> None:
    table = _table(_bathtub(4000, 5), 2.5)
    fit = _fit(table, baseline)
    fitted = fit.spec.transitions[0].baseline
    time = np.linspace(0.2, 2.3, 12)
    estimate = np.exp(fit.coefficients[0]) * _hazard(fitted, fit.coefficients[1:], time)
    # The hazard runs from 0.95 down to 0.1; smoothing over the logarithm fills the bottom a little.
    truth = 0.5 * (time - 1) ** 2 + 0.1
    np.testing.assert_allclose(estimate, truth, atol=0.08)
    rigid = _fit(table, Weibull())
    missed = np.exp(rigid.coefficients[0]) * _hazard(Weibull(), rigid.coefficients[1:], time)
    assert np.abs(missed - truth).max() > 0.3


def test_a_covariate_keeps_its_meaning() -> None:
    rng = np.random.default_rng(9)
    x = rng.normal(size=800)
    end = rng.weibull(1.5, 800) * 2.0 * np.exp(-0.6 / 1.5 * x)
    table = _table(end, 3.0, x)
    want, error = _fit(table, Weibull(), "x")["a:x"]
    for baseline in (Spline(), Spline(over="log time"), RoystonParmar(2)):
        assert _fit(table, baseline, "x")["a:x"][0] == pytest.approx(want, abs=error / 4)


def test_the_covariance_allows_for_an_estimated_smoothness() -> None:
    # Two moves with a spline each and a slope in common: the modes move as the scales do.
    one = _table(_bathtub(600, 6), 2.5, np.random.default_rng(6).normal(size=600)).table
    two = one.with_columns(transition=pl.lit("b"), stop=pl.col("stop").sqrt())
    table = Intervals(pl.concat([one, two]))

    def fitted(*smooth: Scale) -> HazardFit:
        shared = Shared("both", "x", ("a", "b"))
        transitions = [
            Transition(n, baseline=Spline(5, smooth=s)) for n, s in zip("ab", smooth, strict=True)
        ]
        return fit_hazards(table, HazardSpec(tuple(transitions), (shared,)))

    fit = fitted("estimate", "estimate")
    scales = [fit.scales["a:smooth"], fit.scales["b:smooth"]]
    known = fitted(*scales)
    np.testing.assert_allclose(fit.dense, known.dense, atol=1e-6)
    slopes: list[np.ndarray] = []
    for i in (0, 1):
        ends = [[s * np.exp(h * (k == i)) for k, s in enumerate(scales)] for h in (1e-3, -1e-3)]
        slopes.append((fitted(*ends[0]).dense - fitted(*ends[1]).dense) / 2e-3)
    moved, added = np.column_stack(slopes), fit.covariance - known.covariance
    variance = np.linalg.pinv(moved) @ added @ np.linalg.pinv(moved).T
    np.testing.assert_allclose(moved @ variance @ moved.T, added, atol=DIFFERENCES * added.max())
    errors = [fit.scale_errors["a:smooth"], fit.scale_errors["b:smooth"]]
    np.testing.assert_allclose(np.sqrt(np.diag(variance)), errors, rtol=DIFFERENCES)
    assert known.scale_errors == {}


def test_an_uncertain_smoothness_is_what_the_marginal_likelihood_says() -> None:
    # Laplace's marginal likelihood at scales on both sides, by the fits there; its bend is that of
    # the covariance but for how the information moves with the mode.
    table = _table(_bathtub(600, 6), 2.5)
    fit = _fit(table, Spline(5))
    step, scale = 0.3, fit.scales["a:smooth"]

    def marginal(log: float) -> float:
        sd = scale * float(np.exp(log))
        there = _fit(table, Spline(5, smooth=sd))
        return there.penalised - 6 * np.log(sd) + 0.5 * np.linalg.slogdet(there.covariance)[1]

    bend = (marginal(step) - 2 * marginal(0.0) + marginal(-step)) / step**2
    assert fit.scale_errors["a:smooth"] == pytest.approx((-bend) ** -0.5, rel=0.15)


def test_the_fit_holds_what_came_from_the_data() -> None:
    table = _table(np.array([1.0, 2.0, 3.0, 4.0, 9.0]), 5.0)
    spline = _fit(table, Spline(2, smooth=0.5)).spec.transitions[0].baseline
    assert spline == Spline(2, smooth=0.5, span=(0.0, 5.0))
    log = _fit(table, Spline(2, smooth=0.5, over="log time")).spec.transitions[0].baseline
    assert log == Spline(2, smooth=0.5, over="log time", span=(1.0, 5.0))
    parmar = _fit(table, RoystonParmar(1)).spec.transitions[0].baseline
    # The median of the logarithms of 1, 2, 3, 4 is that of 2 and 3.
    np.testing.assert_allclose(parmar.knots, (1.0, np.sqrt(6.0), 4.0))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Spline(1), "at least 2 pieces"),
        (lambda: Spline(over="years"), 'runs over "time" or "log time"'),
        (lambda: Spline(smooth=-1.0), "Spline.smooth must be a positive number"),
        (lambda: Spline(span=(2.0, 2.0)), "the span of a spline"),
        (lambda: Spline(over="log time", span=(0.0, 2.0)), "the span of a spline"),
        (lambda: RoystonParmar(-1), "inner knots cannot be -1"),
        (lambda: RoystonParmar(1, (1.0, 2.0)), "1 inner knots and 2 outer ones, got 2"),
        (lambda: RoystonParmar(0, (2.0, 1.0)), "must be positive, finite and increasing"),
    ],
)
def test_impossible_baselines(wrong, message: str) -> None:
    with pytest.raises(InputError, match=message):
        wrong()


def test_too_few_times() -> None:
    table = _table(np.array([1.0, 1.0, 1.0]), 2.0)
    with pytest.raises(DataError, match="at too few times for 1 inner knots"):
        _fit(table, RoystonParmar(1))
    with pytest.raises(DataError, match="needs exits at more than one time"):
        _fit(table, Spline(2, over="log time"))


def test_without_a_table_there_is_no_span() -> None:
    one = np.array([1.0])
    with pytest.raises(InputError, match="give the spline its span"):
        Spline(2).evaluate(one, 2 * one, np.zeros(4))
    with pytest.raises(InputError, match="give the baseline its knots"):
        RoystonParmar(1).evaluate(one, 2 * one, np.ones(2))
