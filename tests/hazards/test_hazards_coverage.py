"""Simulate, refit, recover: ninety per cent intervals over two hundred replications."""

import numpy as np
import polars as pl
import pytest

from detente.hazards import (
    Baseline,
    Exponential,
    Frailty,
    HazardSpec,
    Intervals,
    Piecewise,
    Transition,
    Walk,
    Weibull,
    fit_hazards,
)

pytestmark = pytest.mark.slow

REPLICATIONS, SUBJECTS, LEVEL = 200, 250, 0.9
Z90 = 1.6448536269514722
# Three standard deviations of a binomial share: sqrt(0.9 x 0.1 / 200) = 0.0212. Ten shares are
# held to it, and the seeds are fixed.
BAND = 3 * np.sqrt(LEVEL * (1 - LEVEL) / REPLICATIONS)
SLOPE, RATE, SHAPE, CUT, LATER = 0.6, 0.5, 1.4, 1.0, 2.0

TRUTH: dict[str, tuple[Baseline, dict[str, float]]] = {
    "exponential": (Exponential(), {"a:baseline[0,inf)": np.log(RATE)}),
    "weibull": (Weibull(), {"a:baseline[0,inf)": np.log(RATE), "a:log shape": np.log(SHAPE)}),
    "piecewise": (
        Piecewise((CUT,)),
        {"a:baseline[0,1)": np.log(RATE), "a:baseline[1,inf)": np.log(RATE * LATER)},
    ),
}


def _end(kind: str, cumulative: np.ndarray) -> np.ndarray:
    """Time at which the cumulative baseline hazard reaches a value."""
    if kind == "weibull":
        return (cumulative / RATE) ** (1 / SHAPE)
    if kind == "exponential":
        return cumulative / RATE
    early = cumulative / RATE
    return np.where(early <= CUT, early, CUT + (cumulative - RATE * CUT) / (RATE * LATER))


def _table(kind: str, rng: np.random.Generator) -> pl.DataFrame:
    """Subjects who enter late (left truncation) and are censored at random."""
    x = rng.normal(size=4 * SUBJECTS)
    end = _end(kind, rng.exponential(size=len(x)) * np.exp(-SLOPE * x))
    enter = rng.choice([0.0, 0.0, 0.3], len(x))
    leave = enter + rng.uniform(0.5, 4.0, len(x))
    seen = np.flatnonzero(end > enter)[:SUBJECTS]
    return pl.DataFrame(
        {
            "id": seen,
            "transition": "a",
            "start": enter[seen],
            "stop": np.minimum(end, leave)[seen],
            "entry": 0.0,
            "event": (end <= leave)[seen].astype(int),
            "x": x[seen],
        }
    )


@pytest.mark.parametrize("kind", TRUTH)
def test_coverage(kind: str) -> None:
    baseline, truth = TRUTH[kind]
    truth = {**truth, "a:x": SLOPE}
    spec = HazardSpec((Transition("a", "x", baseline),))
    rng = np.random.default_rng(101)
    hits = dict.fromkeys(truth, 0)
    errors = dict.fromkeys(truth, 0.0)
    for _ in range(REPLICATIONS):
        fit = fit_hazards(Intervals(_table(kind, rng)), spec)
        for name, value in truth.items():
            estimate, error = fit[name]
            hits[name] += abs(estimate - value) < Z90 * error
            errors[name] += (estimate - value) / error / REPLICATIONS
    shares = {name: n / REPLICATIONS for name, n in hits.items()}
    assert all(abs(share - LEVEL) < BAND for share in shares.values()), shares
    # The mean of 200 standardised errors: five standard deviations of it, for a bias of 1 / n.
    assert all(abs(mean) < 5 / np.sqrt(REPLICATIONS) for mean in errors.values()), errors


CLUSTERS, YEARS, FRAILTY_SD, WALK_SD = 250, 30, 0.8, 0.2
WITHIN, BETWEEN = -0.4, 0.5


def _clustered(rng: np.random.Generator) -> pl.DataFrame:
    """Clusters of about two events, seen over thirty years that share a walk."""
    dyad, year = (g.ravel() for g in np.meshgrid(np.arange(CLUSTERS), np.arange(YEARS)))
    z = rng.normal(size=CLUSTERS)
    x = 0.5 * z[dyad] + rng.normal(size=len(dyad))
    walk = np.cumsum(rng.normal(0, WALK_SD, YEARS))
    log_rate = -3.2 + WITHIN * x + BETWEEN * z[dyad] + walk[year]
    log_rate += rng.normal(0, FRAILTY_SD, CLUSTERS)[dyad]
    end = rng.exponential(size=len(dyad)) * np.exp(-log_rate)
    return pl.DataFrame(
        {
            "id": np.arange(len(dyad)),
            "transition": "a",
            "start": 0.0,
            "stop": np.minimum(end, 1.0),
            "event": (end < 1.0).astype(int),
            "dyad": dyad,
            "year": year,
            "x": x,
            "z": z[dyad],
        }
    )


def test_coverage_with_frailty_and_walk() -> None:
    spec = HazardSpec(
        (Transition("a", "x + z"),),
        walk=Walk("system", "year", ("a",)),
        frailty=Frailty("dyad", "dyad", ("a",)),
    )
    rng = np.random.default_rng(202)
    truth = {"a:x": WITHIN, "a:z": BETWEEN}
    hits, bias = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0.0)
    for _ in range(REPLICATIONS):
        fit = fit_hazards(Intervals(_clustered(rng)), spec)
        for name, value in truth.items():
            estimate, error = fit[name]
            hits[name] += abs(estimate - value) < Z90 * error
            bias[name] += (estimate - value) / REPLICATIONS
    shares = {name: n / REPLICATIONS for name, n in hits.items()}
    assert all(abs(share - LEVEL) < BAND for share in shares.values()), (shares, bias)
