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
