"""The parameters that flexsurv, survreg and msm print."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from detente.core.errors import InputError, UnknownNameError
from detente.hazards import (
    Baseline,
    Exponential,
    Gompertz,
    HazardFit,
    HazardSpec,
    Intervals,
    Piecewise,
    RoystonParmar,
    Shared,
    Spline,
    Transition,
    Weibull,
    as_printed_by,
    cumulative_hazards,
    fit_hazards,
)

HERE = Path(__file__).resolve().parents[1] / "oracles"
ORACLES: dict[str, dict[str, Any]] = json.loads((HERE / "parametric.json").read_text())
# Both optima are exact to rounding.
TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def lives() -> Intervals:
    table = pl.read_csv(HERE / "lifetimes.csv").rename({"entry": "start", "time": "stop"})
    table = table.filter(pl.col("start") == 0)
    return Intervals(table.with_columns(transition=pl.lit("a->b"), entry=pl.lit(0.0)))


def _fit(lives: Intervals, baseline: Baseline) -> HazardFit:
    return fit_hazards(lives, HazardSpec((Transition("a->b", "x + z", baseline),)))


@pytest.mark.parametrize("family", ["exponential", "weibull"])
def test_survreg(lives: Intervals, family: str) -> None:
    baseline = Weibull() if family == "weibull" else Exponential()
    printed = as_printed_by("survreg", _fit(lives, baseline), "a->b")
    oracle = ORACLES[f"survreg_{family}"]
    assert printed.names == ("(Intercept)", "x", "z", "Log(scale)")[: len(oracle["coef"])]
    np.testing.assert_allclose(printed.values, oracle["coef"], atol=TOLERANCE)
    np.testing.assert_allclose(printed.covariance, oracle["covariance"], atol=TOLERANCE)


def test_weibulls_of_flexsurv_are_one_model(lives: Intervals) -> None:
    fit = _fit(lives, Weibull())
    times, hazards = (as_printed_by(s, fit, "a->b") for s in ("flexsurv", "flexsurv PH"))
    assert times.names == hazards.names == ("shape", "scale", "x", "z")
    a, b = times["shape"][0], times["scale"][0]
    # S(t) = exp(-(t / b)^a) = exp(-m t^a), so m = b^-a.
    assert hazards["scale"][0] == pytest.approx(b**-a, rel=1e-12)
    assert hazards["x"][0] == pytest.approx(-a * times["x"][0], rel=1e-12)
    # flexsurv's standard error of the scale is the scale times that of survreg's intercept.
    intercept = as_printed_by("survreg", fit, "a->b")["(Intercept)"]
    assert times["scale"] == pytest.approx((np.exp(intercept[0]), b * intercept[1]), rel=1e-9)


def test_rates(lives: Intervals) -> None:
    exponential, gompertz = _fit(lives, Exponential()), _fit(lives, Gompertz())
    level, error = exponential["a->b:baseline[0,inf)"]
    for software, name in (("flexsurv", "rate"), ("flexsurv PH", "rate"), ("msm", "q")):
        printed = as_printed_by(software, exponential, "a->b")
        assert printed[name] == pytest.approx((np.exp(level), np.exp(level) * error), rel=1e-12)
    printed = as_printed_by("flexsurv", gompertz, "a->b")
    level, error = gompertz["a->b:baseline[0,inf)"]
    assert printed["shape"] == pytest.approx(gompertz["a->b:shape"], rel=1e-12)
    assert printed["rate"] == pytest.approx((np.exp(level), np.exp(level) * error), rel=1e-12)


def test_pieces_are_ratios_to_the_first(lives: Intervals) -> None:
    fit = _fit(lives, Piecewise((1.0, 3.0)))
    printed = as_printed_by("msm", fit, "a->b")
    assert printed.names == ("q", "piece 2", "piece 3", "x", "z")
    levels = fit.dense[:3]
    np.testing.assert_allclose(printed.values[:3], [np.exp(levels[0]), *(levels[1:] - levels[0])])
    v = fit.covariance
    assert printed["piece 2"][1] == pytest.approx(np.sqrt(v[0, 0] + v[1, 1] - 2 * v[0, 1]))


def test_spline_and_shared_terms(lives: Intervals) -> None:
    both = pl.concat([lives.table, lives.table.with_columns(transition=pl.lit("a->c"))])
    spec = HazardSpec(
        (Transition("a->b", "x", RoystonParmar(1)), Transition("a->c", "x")),
        shared=(Shared("both", "z", ("a->b", "a->c")),),
    )
    fit = fit_hazards(Intervals(both), spec)
    printed = as_printed_by("flexsurv", fit, "a->b")
    assert printed.names == ("gamma0", "gamma1", "gamma2", "x", "z")
    assert printed["z"] == pytest.approx(fit["both:z"], rel=1e-12)
    assert printed["gamma0"] == pytest.approx(fit["a->b:baseline[0,inf)"], rel=1e-12)


@pytest.mark.parametrize(
    ("baseline", "shape"),
    [(Weibull("both"), "log shape"), (Gompertz("both"), "shape")],
    ids=["weibull", "gompertz"],
)
def test_a_common_shape_is_a_factor_of_one_transition(
    lives: Intervals, baseline: Weibull | Gompertz, shape: str
) -> None:
    # Half of the units are at risk of one transition, half of the other: with a common shape that
    # is one transition with a factor for the half (flexsurvreg(Surv(..) ~ trans) with no shape()).
    half = pl.col("id") % 2
    apart = lives.table.with_columns(transition=pl.format("to {}", half))
    spec = HazardSpec(tuple(Transition(f"to {k}", "1", baseline) for k in (0, 1)))
    fit = fit_hazards(Intervals(apart), spec)
    alone = type(baseline)()
    together = Intervals(lives.table.with_columns(half=half.cast(pl.Float64)))
    one = fit_hazards(together, HazardSpec((Transition("a->b", "half", alone),)))
    assert fit.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-9)
    assert fit[f"both:{shape}"] == pytest.approx(one[f"a->b:{shape}"], rel=TOLERANCE)
    levels = [fit[f"to {k}:baseline[0,inf)"][0] for k in (0, 1)]
    assert levels[1] - levels[0] == pytest.approx(one["a->b:half"][0], abs=TOLERANCE)
    printed = as_printed_by("flexsurv", fit, "to 0")["shape"]
    assert printed == pytest.approx(as_printed_by("flexsurv", one, "a->b")["shape"], rel=TOLERANCE)
    # And what is predicted from it knows where the shape is.
    at = pl.DataFrame({"x": [0.0]})
    total = cumulative_hazards(fit, at, times=[2.0], variance=False).values[-1]
    expected = (
        np.exp(levels)
        * alone.evaluate(
            np.zeros(1), np.array([2.0]), np.array([one[f"a->b:{shape}"][0]])
        ).cumulative
    )
    np.testing.assert_allclose(total, expected, rtol=TOLERANCE)


def test_refusals(lives: Intervals) -> None:
    fit = _fit(lives, Spline(3))
    with pytest.raises(InputError, match="survreg prints no Spline baseline"):
        as_printed_by("survreg", fit, "a->b")
    with pytest.raises(UnknownNameError, match="transition"):
        as_printed_by("survreg", fit, "a->c")
    with pytest.raises(UnknownNameError, match="parameter"):
        as_printed_by("flexsurv", _fit(lives, Weibull()), "a->b")["rate"]
