"""Gradient and information against finite differences, with everything a model may hold."""

import numpy as np
import polars as pl
import pytest

from detente.hazards import (
    Baseline,
    Exponential,
    Frailty,
    Gompertz,
    HazardSpec,
    Intervals,
    Piecewise,
    RoystonParmar,
    Shared,
    Spline,
    Transition,
    Walk,
    Weibull,
)
from detente.hazards.fitting.likelihood import Derivatives, derivatives, evaluate
from detente.hazards.model.design import Design, build_design

# Central differences of step 1e-5 carry an error of about 1e-10 relative in the third derivative
# and of 1e-16 / 1e-5 in rounding, times a log-likelihood of some hundred.
STEP, TOLERANCE = 1e-5, 2e-6
BASELINES = {
    "exponential": Exponential(),
    "weibull": Weibull(),
    "gompertz": Gompertz(),
    "piecewise": Piecewise((0.7, 1.9), smooth=0.5),
    "spline": Spline(3),
    "spline of the log": Spline(2, smooth=None, over="log time"),
    "royston-parmar": RoystonParmar(1),
    "strata": Piecewise((1.1,), smooth="estimate", by="s"),
}


def _design(baseline: Baseline) -> Design:
    rng = np.random.default_rng(7)
    n = 120
    start = rng.choice([0.0, 0.4, 1.3], n)
    table = pl.DataFrame(
        {
            "id": np.arange(n),
            "transition": rng.choice(["a", "b"], n),
            "start": start,
            "stop": start + rng.exponential(1.0, n),
            "entry": 0.0,
            "event": rng.integers(0, 2, n),
            "x": rng.normal(size=n),
            "y": rng.normal(size=n),
            "s": rng.choice(["old", "new"], n),
            "year": rng.integers(1900, 1906, n),
            "dyad": rng.choice(["k", "l", "m"], n),
            "weight": rng.uniform(0.5, 2.0, n),
            "offset": rng.normal(0, 0.3, n),
        }
    )
    both = ("a", "b")
    spec = HazardSpec(
        (Transition("a", "x", baseline), Transition("b", "y", baseline)),
        shared=(Shared("both", "x:y", both),),
        walk=Walk("system", "year", both),
        frailty=Frailty("pair", "dyad", ("b",)),
    )
    return build_design(Intervals(table), spec)


@pytest.mark.parametrize("baseline", BASELINES.values(), ids=BASELINES.keys())
@pytest.mark.parametrize("variance", [0.0, 0.8])
def test_derivatives(baseline: Baseline, variance: float) -> None:
    design = _design(baseline)
    rng = np.random.default_rng(8)
    a, v = design.dense, len(design.frailty_levels)
    point = rng.normal(0, 0.3, a + v)
    for block in design.blocks:
        point[block.shapes] = 0.1 * point[block.shapes] + block.baseline.first_shape

    def value(p: np.ndarray) -> float:
        return evaluate(design, p[:a], p[a:], variance).value

    def gradient(p: np.ndarray) -> np.ndarray:
        d = derivatives(design, p[:a], p[a:], variance)
        return np.r_[d.gradient, d.frailty_gradient]

    steps = STEP * np.eye(a + v)
    numeric = np.array([(value(point + s) - value(point - s)) / (2 * STEP) for s in steps])
    np.testing.assert_allclose(gradient(point), numeric, rtol=TOLERANCE, atol=TOLERANCE * 10)
    hessian = np.array([(gradient(point + s) - gradient(point - s)) / (2 * STEP) for s in steps])
    information = _full(derivatives(design, point[:a], point[a:], variance))
    np.testing.assert_allclose(information, -hessian, rtol=TOLERANCE, atol=TOLERANCE * 10)


def _full(d: Derivatives) -> np.ndarray:
    return np.block([[d.information, d.cross.T], [d.cross, np.diag(d.diagonal)]])


SHAPED: dict[str, tuple[Baseline, list[float]]] = {
    "weibull, falling": (Weibull(), [-0.7]),
    "weibull, flat": (Weibull(), [0.0]),
    "weibull, rising": (Weibull(), [0.9]),
    "gompertz, falling": (Gompertz(), [-1.3]),
    "gompertz, flat": (Gompertz(), [0.0]),
    "gompertz, rising": (Gompertz(), [0.8]),
    "spline": (Spline(2, span=(0.1, 2.0)), [0.3, -0.8, 1.1, 0.5]),
    "spline of the log": (Spline(2, over="log time", span=(0.1, 2.0)), [0.3, -0.8, 1.1, 0.5]),
    "weibull as royston-parmar": (RoystonParmar(0, (0.3, 2.0)), [1.4]),
    "royston-parmar": (RoystonParmar(1, (0.3, 0.7, 2.0)), [1.4, 0.1]),
}


@pytest.mark.parametrize(("baseline", "at"), SHAPED.values(), ids=SHAPED.keys())
def test_shapes(baseline: Baseline, at: list[float]) -> None:
    start, stop = np.array([0.0, 0.2, 1.0]), np.array([0.5, 1.0, 4.0])
    shape, gained, risk = np.array(at), np.array([1.0, 0.5, 2.0]), np.array([0.3, 1.5, 0.8])
    here = baseline.evaluate(start, stop, shape)
    for j, step in enumerate(STEP * np.eye(len(shape))):
        low = baseline.evaluate(start, stop, shape - step)
        high = baseline.evaluate(start, stop, shape + step)
        by_hand = (
            ((high.log_hazard - low.log_hazard), here.d_log_hazard[:, j]),
            ((high.cumulative - low.cumulative), here.d_cumulative[:, j]),
            (
                risk @ (high.d_cumulative - low.d_cumulative)
                - gained @ (high.d_log_hazard - low.d_log_hazard),
                here.curvature(gained, risk)[j],
            ),
        )
        for difference, derivative in by_hand:
            numeric = difference / (2 * STEP)
            np.testing.assert_allclose(derivative, numeric, rtol=1e-6, atol=1e-8)
    # The hazard is the slope of the cumulative hazard at the exit.
    later = baseline.evaluate(start, stop + STEP, shape)
    earlier = baseline.evaluate(start, stop - STEP, shape)
    slope = (later.cumulative - earlier.cumulative) / (2 * STEP)
    np.testing.assert_allclose(np.exp(here.log_hazard), slope, rtol=1e-6)
