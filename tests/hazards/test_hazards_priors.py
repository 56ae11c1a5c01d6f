"""Ridges, smooth levels, walks, frailties: closed forms, limits and recovery."""

import numpy as np
import polars as pl
import pytest
from scipy.optimize import brentq, minimize

from detente.core.errors import InputError
from detente.hazards import (
    Draw,
    Frailty,
    HazardFit,
    HazardSpec,
    Intervals,
    Piecewise,
    Ridge,
    Transition,
    Walk,
    Weibull,
    draw_posterior,
    expected_by_row,
    fit_hazards,
)

EXACT = 1e-6


def _counts(events: np.ndarray, exposure: np.ndarray, **columns: np.ndarray) -> Intervals:
    """Rows with ``events[i]`` events in ``exposure[i]``: a constant hazard asks no more."""
    of = np.repeat(np.arange(len(events)), events + 1)
    rows = {"start": 0.0, "stop": (exposure / (events + 1))[of], "entry": 0.0}
    last = np.cumsum(events + 1) - 1
    event = np.ones(len(of), dtype=np.int64)
    event[last] = 0
    table = pl.DataFrame({"id": np.arange(len(of)), "transition": "a", "event": event})
    extra = {name: pl.Series(name, values[of]) for name, values in columns.items()}
    return Intervals(
        table.with_columns(
            pl.lit(0.0).alias("start"), pl.Series("stop", rows["stop"]), pl.lit(0.0).alias("entry")
        ).with_columns(**extra)
    )


def _ridge(sd: float) -> HazardFit:
    # x = 0: 6 events in 10; x = 1: 2 events in 8.
    intervals = _counts(np.array([6, 2]), np.array([10.0, 8.0]), x=np.array([0.0, 1.0]))
    spec = HazardSpec((Transition("a", "x"),), ridges=(Ridge(("a:x",), sd),))
    return fit_hazards(intervals, spec)


def test_a_narrow_ridge_gives_zero_and_a_wide_one_the_mle() -> None:
    assert abs(_ridge(1e-4)["a:x"][0]) < 1e-6
    assert _ridge(1e4)["a:x"][0] == pytest.approx(np.log((2 / 8) / (6 / 10)), abs=1e-5)


@pytest.mark.parametrize("sd", [0.2, 1.0])
def test_ridge_solves_its_equations(sd: float) -> None:
    # Scores: 6 - 10 e^a + 2 - 8 e^(a+b) = 0 and 2 - 8 e^(a+b) = b / sd^2,
    # so 10 e^a = 6 + b / sd^2, and b is the root of one equation.
    fit = _ridge(sd)

    def score(b: float) -> float:
        return 2 - 8 * np.exp(b) * (6 + b / sd**2) / 10 - b / sd**2

    b = brentq(score, -1.0, 0.0, xtol=1e-12)
    assert fit["a:x"][0] == pytest.approx(b, abs=EXACT)
    mean0, mean1 = 6 + b / sd**2, 2 - b / sd**2
    # Information [[m0 + m1, m1], [m1, m1 + 1 / sd^2]].
    information = np.array([[mean0 + mean1, mean1], [mean1, mean1 + sd**-2]])
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(information), atol=EXACT)
    assert fit.penalised == pytest.approx(fit.log_likelihood - 0.5 * (b / sd) ** 2, abs=EXACT)


def test_a_coefficient_takes_the_first_ridge_that_matches() -> None:
    intervals = _counts(
        np.array([6, 2, 3]),
        np.array([10.0, 8.0, 2.0]),
        x=np.array([0.0, 1.0, 0.0]),
        g=np.array(["k", "k", "l"]),
    )
    spec = HazardSpec(
        (Transition("a", "x + g", Weibull()),),
        # The exact name of a level holds brackets, which a pattern would read as a class.
        ridges=(Ridge(("a:g[T.l]",), 1e-4), Ridge(("*",), 1e4)),
    )
    fit = fit_hazards(intervals, spec, on_failure="return")
    assert abs(fit["a:g[T.l]"][0]) < 1e-4
    assert abs(fit["a:x"][0]) > 0.1


def test_smooth_levels_go_from_flat_to_free() -> None:
    table = pl.DataFrame(
        {
            "id": range(6),
            "transition": "a",
            "start": 0.0,
            "stop": [0.5, 0.8, 1.5, 4.0, 5.0, 6.0],
            "event": [1, 1, 1, 1, 0, 1],
        }
    )

    def levels(sd: float | None) -> np.ndarray:
        spec = HazardSpec((Transition("a", baseline=Piecewise((1.0, 3.0), sd)),))
        return fit_hazards(Intervals(table), spec).coefficients

    rate = np.log(5 / table["stop"].sum())
    np.testing.assert_allclose(levels(1e-4), rate, atol=1e-4)
    np.testing.assert_allclose(levels(1e4), levels(None), atol=1e-4)


FRAILTY_SD, CLUSTERS = 0.9, 500


@pytest.fixture(scope="module")
def clusters() -> tuple[np.ndarray, np.ndarray, Intervals, HazardFit]:
    """Two events a cluster on average, and a third of the clusters with none."""
    rng = np.random.default_rng(11)
    exposure = rng.uniform(0.2, 2.5, CLUSTERS)
    events = rng.poisson(exposure * np.exp(rng.normal(0, FRAILTY_SD, CLUSTERS)))
    intervals = _counts(events, exposure, dyad=np.arange(CLUSTERS))
    spec = HazardSpec((Transition("a"),), frailty=Frailty("dyad", "dyad", ("a",)))
    return events, exposure, intervals, fit_hazards(intervals, spec)


def _marginal(events: np.ndarray, exposure: np.ndarray) -> tuple[float, float]:
    """Level and frailty sd of the exact marginal likelihood, by Gauss-Hermite quadrature."""
    x, w = np.polynomial.hermite_e.hermegauss(60)

    def loss(p: np.ndarray) -> float:
        eta = p[0] + np.exp(p[1]) * x
        like = np.exp(events[:, None] * eta - exposure[:, None] * np.exp(eta)) @ (w / w.sum())
        return -float(np.log(like).sum())

    level, log_sd = minimize(loss, [0.0, -0.3], bounds=[(-1, 1), (-2, 0.5)]).x
    return level, float(np.exp(log_sd))


def test_frailty_sd_is_recovered(
    clusters: tuple[np.ndarray, np.ndarray, Intervals, HazardFit],
) -> None:
    events, exposure, _, fit = clusters
    level, sd = _marginal(events, exposure)
    # The nearest normal is not the posterior: three per cent low with clusters this poor.
    # The mode alone would put the level 0.15 too high.
    assert fit.scales["dyad"] == pytest.approx(sd, rel=0.06)
    assert fit.coefficients[0] == pytest.approx(level, abs=0.04)
    # Truth: over ten seeds the exact estimate had a standard deviation of 0.07; three of them.
    assert fit.scales["dyad"] == pytest.approx(FRAILTY_SD, abs=0.21)


def test_frailty_posterior_against_integration(
    clusters: tuple[np.ndarray, np.ndarray, Intervals, HazardFit],
) -> None:
    events, exposure, _, fit = clusters
    f = np.linspace(-6, 4, 4001)
    for n in (0, 1, 6):
        i = int(np.flatnonzero(events == n)[0])
        mean = exposure[i] * np.exp(fit.coefficients[0])
        log_density = n * f - mean * np.exp(f) - 0.5 * (f / fit.scales["dyad"]) ** 2
        density = np.exp(log_density - log_density.max())
        density /= density.sum()
        centre = density @ f
        spread = density @ (f - centre) ** 2
        # Skewness the normal leaves out: largest with no event, where it is about -0.3.
        assert fit.frailty[i] == pytest.approx(centre, abs=0.03)
        assert fit.frailty_variance[i] == pytest.approx(spread, rel=0.1)
        ours = np.exp(fit.frailty[i] + 0.5 * fit.frailty_variance[i])
        assert ours == pytest.approx(density @ np.exp(f), rel=0.03)


def test_frailty_solves_its_equations(
    clusters: tuple[np.ndarray, np.ndarray, Intervals, HazardFit],
) -> None:
    # n - m e^(f + v / 2) = f / sd^2 and v (m e^(f + v / 2) + 1 / sd^2) = 1.
    events, exposure, _, fit = clusters
    precision = fit.scales["dyad"] ** -2
    mean = exposure * np.exp(fit.coefficients[0] + fit.frailty + 0.5 * fit.frailty_variance)
    np.testing.assert_allclose(events - mean, precision * fit.frailty, atol=1e-4)
    np.testing.assert_allclose(fit.frailty_variance * (mean + precision), 1.0, atol=1e-4)


DRAWS = 4000


@pytest.fixture(scope="module")
def drawn(
    clusters: tuple[np.ndarray, np.ndarray, Intervals, HazardFit],
) -> tuple[HazardFit, tuple[Draw, ...]]:
    return clusters[3], draw_posterior(clusters[3], DRAWS, seed=5)


def test_draws_expect_the_events_there_were(
    clusters: tuple[np.ndarray, np.ndarray, Intervals, HazardFit],
    drawn: tuple[HazardFit, tuple[Draw, ...]],
) -> None:
    events, exposure, intervals, fit = clusters
    expected = np.mean([exposure @ np.exp(d.dense[0] + d.frailty) for d in drawn[1]])
    assert expected == pytest.approx(events.sum(), rel=0.01)  # at the mode it would be 20% more
    by_row = expected_by_row(fit, intervals)["a"]
    assert by_row.sum() == pytest.approx(events.sum(), rel=1e-6)


def test_draws_have_the_covariance_of_the_fit(drawn: tuple[HazardFit, tuple[Draw, ...]]) -> None:
    fit, draws = drawn
    dense = np.array([d.dense for d in draws])
    frailty = np.array([d.frailty for d in draws])
    # Five standard errors of a sample variance, for three numbers: a failure in 10^6.
    share = 5 * np.sqrt(2 / DRAWS)
    assert dense.var() == pytest.approx(fit.covariance[0, 0], rel=share)
    assert dense.mean() == pytest.approx(fit.dense[0], abs=5 * fit.standard_errors[0] / DRAWS**0.5)
    # Frailties given the dense part: slope times its step, and noise of their own variance.
    rest = frailty - fit.frailty + (dense - fit.dense) @ fit.frailty_slope.T
    np.testing.assert_allclose(rest.var(axis=0), fit.frailty_variance, rtol=share * 1.2)
    assert abs(np.corrcoef(rest[:, 0], dense[:, 0])[0, 1]) < 5 / np.sqrt(DRAWS)


def test_a_draw_does_not_depend_on_how_many_there_are(
    drawn: tuple[HazardFit, tuple[Draw, ...]],
) -> None:
    fit, draws = drawn
    few = draw_posterior(fit, 3, seed=5)
    for one, other in zip(few, draws, strict=False):
        np.testing.assert_array_equal(one.dense, other.dense)
        np.testing.assert_array_equal(one.frailty, other.frailty)
    assert not np.array_equal(few[0].dense, few[1].dense)
    assert not np.array_equal(few[0].dense, draw_posterior(fit, 1, seed=6)[0].dense)


@pytest.mark.parametrize(("draws", "seed"), [(0, 1), (2, -1), (2, 2**64)])
def test_impossible_draws(drawn: tuple[HazardFit, tuple[Draw, ...]], draws: int, seed: int) -> None:
    with pytest.raises(InputError, match="draws must be positive and the seed"):
        draw_posterior(drawn[0], draws, seed=seed)


def test_frailty_sd_pays_for_the_coefficients_beside_it() -> None:
    # With thousands of events a cluster, log(events / exposure) is normal about x b with variance
    # sd^2 + 1 / events, and the estimate is the residual one: RSS / (clusters - coefficients).
    rng = np.random.default_rng(51)
    n, p = 60, 20
    x = rng.normal(size=(n, p))
    events = rng.poisson(3000 * np.exp(rng.normal(0, 0.5, n)))
    y = np.log(events / 3000)
    design = np.column_stack([np.ones(n), x])
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    residual_sd = np.sqrt(rest @ rest / (n - p - 1) - np.mean(1 / events))
    # A weight for each event stands in for rows: one event in a cluster's exposure.
    table = pl.DataFrame(
        {
            "id": np.arange(n),
            "transition": "a",
            "start": 0.0,
            "stop": 3000.0 / events,
            "event": 1,
            "weight": events.astype(float),
            "dyad": np.arange(n),
        }
        | {f"x{i}": x[:, i] for i in range(p)}
    )
    formula = " + ".join(f"x{i}" for i in range(p))
    spec = HazardSpec((Transition("a", formula),), frailty=Frailty("dyad", "dyad", ("a",)))
    fit = fit_hazards(Intervals(table), spec)
    assert fit.scales["dyad"] == pytest.approx(residual_sd, rel=0.01)


WALK_SD, YEARS = 0.25, 150


def test_walk_is_recovered() -> None:
    rng = np.random.default_rng(21)
    walk = np.cumsum(rng.normal(0, WALK_SD, YEARS))
    walk -= walk.mean()
    events = rng.poisson(30 * np.exp(walk))
    year = 1850 + np.arange(YEARS)
    # A year without a row still has a level, between its neighbours.
    keep = year != 1900
    intervals = _counts(events[keep], np.full(keep.sum(), 30.0), year=year[keep])
    spec = HazardSpec((Transition("a"),), walk=Walk("system", "year", ("a",)))
    fit = fit_hazards(intervals, spec)
    levels = fit.dense[1:]
    assert fit.walk_levels == tuple(range(1850, 2000))
    assert levels.mean() == pytest.approx(0.0, abs=1e-6)
    assert levels[50] == pytest.approx((levels[49] + levels[51]) / 2, abs=1e-6)
    # sd of an sd from 149 steps known through 30 events a year: about 0.1 of it; three times.
    assert fit.scales["system"] == pytest.approx(WALK_SD, rel=0.3)
    errors = np.sqrt(np.diag(fit.covariance))[1:]
    covered = np.abs(levels - walk) < 1.645 * errors
    assert 0.8 < covered.mean() < 0.98


def test_ridge_sd_is_recovered() -> None:
    rng = np.random.default_rng(31)
    n, p = 4000, 40
    x = rng.normal(size=(n, p))
    beta = rng.normal(0, 0.3, p)
    events = rng.poisson(np.exp(x @ beta))
    intervals = _counts(events, np.ones(n), **{f"x{i}": x[:, i] for i in range(p)})
    formula = " + ".join(f"x{i}" for i in range(p))
    spec = HazardSpec((Transition("a", formula),), ridges=(Ridge(("a:*",), "estimate"),))
    fit = fit_hazards(intervals, spec)
    # The coefficients are known almost exactly, so the sd is that of the 40 that were drawn.
    assert fit.scales["a:*"] == pytest.approx(np.sqrt(np.mean(beta**2)), rel=0.05)


def test_no_variance_settles_at_the_floor() -> None:
    rng = np.random.default_rng(41)
    events = np.full(200, 3)  # less spread than a Poisson count: no frailty at all
    intervals = _counts(events, rng.uniform(0.99, 1.01, 200), dyad=np.arange(200))
    spec = HazardSpec((Transition("a"),), frailty=Frailty("dyad", "dyad", ("a",)))
    fit = fit_hazards(intervals, spec)
    assert fit.status == "converged"
    assert fit.scales["dyad"] < 0.01
    assert np.abs(fit.frailty).max() < 0.001


def test_a_very_loose_frailty_has_its_variance() -> None:
    # A prior of standard deviation 20: the variance of a cluster with events is far from it.
    rng = np.random.default_rng(12)
    table = pl.DataFrame(
        {
            "id": np.arange(60),
            "transition": "a",
            "start": 0.0,
            "stop": rng.exponential(size=60),
            "event": 1,
            "g": np.arange(60) % 6,
        }
    )
    spec = HazardSpec((Transition("a"),), frailty=Frailty("g", "g", ("a",), 20.0))
    fit = fit_hazards(Intervals(table), spec)
    # Ten events in each cluster: v (10 + 1 / 400) = 1, nearly.
    np.testing.assert_allclose(fit.frailty_variance, 0.1, rtol=0.01)
