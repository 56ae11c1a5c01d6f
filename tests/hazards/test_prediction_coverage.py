"""Coverage of the intervals of predictions, of bands and of curves, in simulated worlds."""

import numpy as np
import polars as pl
import pytest

from detente.hazards import (
    Cox,
    HazardSpec,
    Intervals,
    Moves,
    Transition,
    Weibull,
    cumulative_hazards,
    fit_hazards,
    kaplan_meier,
    transition_probabilities,
)
from detente.hazards.model.baselines import Baseline

pytestmark = pytest.mark.slow
LEVEL, WORLDS, CURVES = 0.9, 200, 100
# Coverage counted in 200 worlds has a standard error of 0.021, in 100 of 0.03; three of them.
SLACK, CURVE_SLACK = 0.064, 0.09
MOVES = Moves.illness_death("well", "ill", "dead")
PATH = pl.DataFrame({"start": [0.0, 1.0], "stop": [1.0, 3.0], "x": [1.0, 0.0]})
# Constant hazards: a Markov process whose probabilities along the path are matrix exponentials.
LEVELS, SLOPES = np.log([0.5, 0.2, 0.6]), np.array([0.5, 0.0, -0.5])


def _world(seed: int, n: int = 150) -> Intervals:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    rate = np.exp(LEVELS + np.outer(x, SLOPES))
    wait = rng.exponential(1.0 / rate)
    seen = rng.uniform(2.0, 6.0, n)
    fell = np.minimum(np.minimum(wait[:, 0], wait[:, 1]), seen)
    ill = fell == wait[:, 0]
    end = np.where(ill, np.minimum(fell + wait[:, 2], seen), fell)
    table = pl.DataFrame(
        {"id": range(n), "x": x, "fell": fell, "is_ill": ill.astype(int), "died": end,
         "is_dead": (end < seen).astype(int)}
    )  # fmt: skip
    return Intervals.from_times(
        table,
        MOVES,
        time={"ill": "fell", "dead": "died"},
        status={"ill": "is_ill", "dead": "is_dead"},
    )


def _truth(time: float) -> np.ndarray:
    from scipy.linalg import expm

    out = np.eye(3)
    for row in PATH.iter_rows(named=True):
        span = min(time, row["stop"]) - row["start"]
        a, b, c = np.exp(LEVELS + SLOPES * row["x"])
        if span > 0:
            out = out @ expm(span * np.array([[-a - b, a, b], [0, -c, c], [0, 0, 0]]))
    return out[0]


@pytest.mark.parametrize("baseline", [Cox(), Weibull()], ids=str)
def test_probabilities_along_a_path_are_covered(baseline: Baseline) -> None:
    spec = HazardSpec(tuple(Transition(n, "x", baseline, "forward") for n in MOVES.names))
    covered = np.zeros(3)
    truth = _truth(2.0)
    for seed in range(WORLDS):
        fit = fit_hazards(_world(seed), spec)
        hazards = cumulative_hazards(fit, PATH, times=[2.0], grid=60)
        made = transition_probabilities(hazards, MOVES, from_state="well", variance="delta")
        low, high = made.interval(LEVEL, "log-log")
        covered += (low[-1, 0] <= truth) & (truth <= high[-1, 0])
    np.testing.assert_allclose(covered / WORLDS, LEVEL, atol=SLACK)


@pytest.mark.parametrize("kind", ["equal precision", "hall-wellner"])
def test_bands_hold_the_whole_curve(kind: str) -> None:
    covered = 0
    for seed in range(CURVES):
        rng = np.random.default_rng(seed)
        life, seen = rng.exponential(1.0, 150), rng.uniform(0.5, 4.0, 150)
        stop = np.minimum(life, seen)
        event = (life <= seen).astype(int)
        rows = pl.DataFrame(
            {"id": range(150), "from": "in", "to": "out", "start": 0.0, "stop": stop,
             "event": event}
        )  # fmt: skip
        curve = kaplan_meier(Intervals(rows))
        band = curve.band(LEVEL, kind, window=(0.1, 2.0))  # type: ignore[arg-type]
        # The curve is a step: it must hold the truth from each event to the next.
        time = band["time"].to_numpy()
        until = np.r_[time[1:], min(2.0, float(curve.times[-1]))]
        low, high = band["low"].to_numpy(), band["high"].to_numpy()
        covered += bool((np.exp(-time) <= high).all() and (np.exp(-until) >= low).all())
    assert covered / CURVES == pytest.approx(LEVEL, abs=CURVE_SLACK)
