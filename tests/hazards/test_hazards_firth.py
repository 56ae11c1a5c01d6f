"""Firth's penalty: by hand for rates, by brute force for shapes, separation, bad input."""

import numpy as np
import polars as pl
import pytest
from scipy.optimize import minimize

from detente.core.errors import FitError, InputError
from detente.hazards import (
    Cox,
    Frailty,
    Gompertz,
    HazardSpec,
    Intervals,
    Piecewise,
    Ridge,
    Spline,
    Transition,
    Walk,
    Weibull,
    fit_hazards,
    profile_interval,
)
from detente.hazards.fitting.firth import jeffreys, jeffreys_gradient
from detente.hazards.fitting.likelihood import derivatives, evaluate
from detente.hazards.model.design import build_design

# The optimum is sharp to the rounding of the determinant and of its differences.
TOLERANCE = 1e-7
# Where the prior bends twelve times less than the information, a promise of 1e-11 or less.
SLOPE_TOLERANCE = 1e-5


def _table(n: int = 60, seed: int = 6) -> Intervals:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    end = rng.weibull(1.3, n) * 4.0 * np.exp(-0.5 * x)
    return Intervals(
        pl.DataFrame(
            {
                "id": np.arange(n),
                "transition": "a",
                "start": 0.0,
                "stop": np.minimum(end, 2.0),
                "event": (end < 2.0).astype(int),
                "x": x,
                "rare": (np.arange(n) % 5 == 0).astype(float) * (end >= 2.0),
                "g": np.arange(n) % 7,
                "year": 1900 + np.arange(n) % 7,
            }
        )
    )


def test_rates_have_half_an_event_added() -> None:
    # Poisson rates with levels of their own: the information of a log rate is the events it
    # expects, so the penalised score is D + 1/2 - rate x exposure (Firth 1993).
    table = pl.DataFrame(
        {
            "id": [0, 1, 2, 3],
            "transition": "a",
            "start": 0.0,
            "stop": [2.0, 3.0, 5.0, 6.0],
            "event": [1, 1, 0, 0],
            "g": ["u", "u", "v", "v"],
        }
    )
    fit = fit_hazards(Intervals(table), HazardSpec((Transition("a", "C(g)"),), firth=True))
    level, ratio = fit.coefficients
    assert level == pytest.approx(np.log(2.5 / 5.0), abs=TOLERANCE)
    assert level + ratio == pytest.approx(np.log(0.5 / 11.0), abs=TOLERANCE)
    # Without the penalty the second rate is zero, which is refused.
    with pytest.raises(FitError, match=r"separation.*set firth"):
        fit_hazards(Intervals(table), HazardSpec((Transition("a", "C(g)"),)))


@pytest.mark.parametrize("baseline", [Weibull(), Gompertz(), Piecewise((1.0,))], ids=repr)
def test_is_the_penalised_maximum(baseline: Weibull | Gompertz | Piecewise) -> None:
    spec = HazardSpec((Transition("a", "x + rare", baseline),), firth=True)
    fit = fit_hazards(_table(), spec)
    design = build_design(_table(), spec)
    none = np.zeros(0)

    def lost(p: np.ndarray) -> float:
        here = evaluate(design, p, none)
        return -here.value - jeffreys(design, here)

    found = minimize(lost, fit.dense + 0.1, method="BFGS", options={"gtol": 1e-6})
    assert fit.penalised == pytest.approx(-found.fun, abs=1e-8)
    np.testing.assert_allclose(fit.dense, found.x, atol=1e-4)
    information = derivatives(design, fit.dense, none).information
    np.testing.assert_allclose(fit.covariance, np.linalg.inv(information), rtol=1e-6)


def test_gradient_of_the_determinant() -> None:
    design = build_design(_table(), HazardSpec((Transition("a", "x", Weibull()),)))
    point, none, step = np.array([-1.0, 0.4, 0.2]), np.zeros(0), 1e-5
    information = derivatives(design, point, none).information
    ours = jeffreys_gradient(design, point, information)
    numeric = [
        (
            jeffreys(design, evaluate(design, point + s, none))
            - jeffreys(design, evaluate(design, point - s, none))
        )
        / (2 * step)
        for s in step * np.eye(3)
    ]
    np.testing.assert_allclose(ours, numeric, rtol=1e-7, atol=1e-8)


def test_separation_has_a_finite_end_and_an_interval_open_below() -> None:
    table = _table()
    spec = HazardSpec((Transition("a", "x + rare", Weibull()),), firth=True)
    fit = fit_hazards(table, spec)
    found = profile_interval(fit, table, "a:rare", level=0.95)
    assert np.isfinite(found.estimate)
    assert found.low < found.estimate < found.high < 1.0
    # The likelihood falls slowly on the side without events: further than it does on the other.
    assert found.estimate - found.low > 1.5 * (found.high - found.estimate)


@pytest.mark.parametrize("baseline", [Weibull(), Cox()], ids=repr)
@pytest.mark.parametrize("formula", ["x + I(2 * x)", "x + one"])
def test_collinear_columns_are_refused(baseline: Weibull | Cox, formula: str) -> None:
    table = Intervals(_table().table.with_columns(one=pl.lit(1.0)))
    with pytest.raises(FitError, match=r"singular.*collinear or constant"):
        fit_hazards(table, HazardSpec((Transition("a", formula, baseline),), firth=True))


@pytest.mark.parametrize(
    "other",
    [
        {"ridges": (Ridge(("a:x",), 1.0),)},
        {"walk": Walk("system", "year", ("a",), 0.5)},
        {"frailty": Frailty("pair", "g", ("a",), 0.5)},
        {"transitions": (Transition("a", "x", Spline(3)),)},
    ],
    ids=["ridge", "walk", "frailty", "spline"],
)
def test_firth_stands_alone(other: dict) -> None:
    parts = {"transitions": (Transition("a", "x"),), **other}
    with pytest.raises(InputError, match="firth goes with no ridge"):
        fit_hazards(_table(), HazardSpec(firth=True, **parts))


def test_a_prior_that_bends_much_takes_no_more_steps_than_there_are() -> None:
    # Five events and four coefficients: the information is twelve times the curvature in one
    # direction, and steps of its length take 86.
    stop = "0.53 0.2 0.12 0.01 0.27 0.36 0.51 0.71 0.21 1.31 2.33 6.63 0.27 0.75 3.33 1.18 0.01"
    x = "0.301 0.397 1.068 0.25 -0.209 -2.684 -0.798 0.985 -0.508 1.083 0.813 -1.784 0.35 -0.944"
    columns = {
        "stop": f"{stop} 0.34 2.96 1.26 0.33 0.26 0.07 0.81",
        "event": "0 0 1 0 0 0 0 0 0 1 0 0 0 0 0 1 0 0 0 0 1 0 1 0",
        "x": f"{x} -1.36 0.564 0.113 -1.384 -2.075 -0.929 0.117 -0.939 1.871 -0.249",
        "z": "1 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 1 0 1 1 0 1",
    }
    table = pl.DataFrame({name: [float(w) for w in c.split()] for name, c in columns.items()})
    rows = table.with_row_index("id").with_columns(transition=pl.lit("a"), start=pl.lit(0.0))
    spec = HazardSpec((Transition("a", "x + z", Gompertz()),), firth=True)
    fit = fit_hazards(Intervals(rows), spec)
    assert fit.iterations < 45
    # Its slope vanishes there, next to a standard error.
    design = build_design(Intervals(rows), spec)
    there = derivatives(design, fit.dense, np.zeros(0))
    slope = there.gradient + jeffreys_gradient(design, fit.dense, there.information)
    assert np.abs(slope * fit.standard_errors).max() < SLOPE_TOLERANCE
