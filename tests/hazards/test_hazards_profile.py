"""Profile intervals, effective parameters and information criteria."""

import numpy as np
import polars as pl
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2

from detente.core.errors import DataError, FitError, InputError, UnknownNameError
from detente.hazards import (
    Cox,
    Frailty,
    HazardSpec,
    Intervals,
    Piecewise,
    Ridge,
    Spline,
    Transition,
    Weibull,
    fit_hazards,
    profile_interval,
)
from detente.hazards.inference.profile_limits import end_of

# Ends are sought to 1e-7 standard errors.
END_TOLERANCE = 1e-6


def _table(n: int = 80, seed: int = 3) -> Intervals:
    rng = np.random.default_rng(seed)
    x, g = rng.normal(size=n), np.arange(n) % 16
    end = rng.weibull(1.4, n) * 2.0 * np.exp(-0.5 * x - rng.normal(0, 0.6, 16)[g])
    return Intervals(
        pl.DataFrame(
            {
                "id": np.arange(n),
                "transition": "a",
                "start": 0.0,
                "stop": np.minimum(end, 2.5),
                "event": (end < 2.5).astype(int),
                "x": x,
                "g": g,
            }
        )
    )


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_of_a_rate_by_hand(level: float) -> None:
    table = _table()
    fit = fit_hazards(table, HazardSpec((Transition("a"),)))
    events, exposure = fit.events["a"], table.events()["exposure"][0]
    found = profile_interval(fit, table, fit.names[0], level=level)

    def excess(log_rate: float) -> float:
        lost = events * (fit.dense[0] - log_rate) - exposure * (
            np.exp(fit.dense[0]) - np.exp(log_rate)
        )
        return 2.0 * lost - chi2.ppf(level, 1)

    assert found.low == pytest.approx(brentq(excess, -9, fit.dense[0]), abs=END_TOLERANCE)
    assert found.high == pytest.approx(brentq(excess, fit.dense[0], 9), abs=END_TOLERANCE)
    assert found.estimate == fit.dense[0]


def test_a_fit_with_the_end_as_offset_is_as_much_worse() -> None:
    table = _table()
    fit = fit_hazards(table, HazardSpec((Transition("a", "x", Weibull()),)))
    found = profile_interval(fit, table, "a:x", level=0.9)
    for end in (found.low, found.high):
        held = Intervals(table.table.with_columns(offset=end * pl.col("x")))
        other = fit_hazards(held, HazardSpec((Transition("a", "1", Weibull()),)))
        lost = 2.0 * (fit.log_likelihood - other.log_likelihood)
        assert lost == pytest.approx(chi2.ppf(0.9, 1), abs=1e-5)


@pytest.mark.parametrize("baseline", [Weibull(), Cox("efron")], ids=repr)
def test_gamma_frailties_are_integrated_out(baseline: Weibull | Cox) -> None:
    table = _table()
    shared = Frailty("g", "g", ("a",), 0.6, distribution="gamma")
    fit = fit_hazards(table, HazardSpec((Transition("a", "x", baseline),), frailty=shared))
    found = profile_interval(fit, table, "a:x")
    held = Intervals(table.table.with_columns(offset=found.low * pl.col("x")))
    other = fit_hazards(held, HazardSpec((Transition("a", "1", baseline),), frailty=shared))
    lost = 2.0 * (fit.log_likelihood - other.log_likelihood)
    assert lost == pytest.approx(chi2.ppf(0.95, 1), abs=1e-5)


def test_an_estimated_gamma_frailty_is_estimated_anew() -> None:
    table = _table(160, 8)
    shared = Frailty("g", "g", ("a",), distribution="gamma")
    fit = fit_hazards(table, HazardSpec((Transition("a", "x", Weibull()),), frailty=shared))
    assert fit.scale_errors  # inside the range, so that there is something to estimate
    for name in ("a:x", "a:log shape"):
        found = profile_interval(fit, table, name, level=0.9)
        estimate, error = fit[name]
        # Wald's error allows for the scale as well: nearly a parabola.
        assert (found.high - found.low) / error == pytest.approx(2 * 1.645, rel=0.06)
        assert found.low < estimate < found.high
    found = profile_interval(fit, table, "a:x", level=0.9)
    held = Intervals(table.table.with_columns(offset=found.low * pl.col("x")))
    other = fit_hazards(held, HazardSpec((Transition("a", "1", Weibull()),), frailty=shared))
    assert other.scales["g"] != pytest.approx(fit.scales["g"], rel=1e-3)
    lost = 2.0 * (fit.log_likelihood - other.log_likelihood)
    assert lost == pytest.approx(chi2.ppf(0.9, 1), abs=1e-5)


@pytest.mark.parametrize(
    "parts",
    [
        {"frailty": Frailty("g", "g", ("a",), 0.6)},
        {"ridges": (Ridge(("a:x",), 1.0),)},
        {"transitions": (Transition("a", "x", Spline(4, smooth=0.3)),)},
        {"transitions": (Transition("a", "x", Piecewise((0.5, 1.0), smooth=0.5)),)},
    ],
    ids=["frailty", "ridge", "spline", "smooth pieces"],
)
def test_near_walds_interval_where_there_are_priors(parts: dict) -> None:
    table = _table(240)
    spec = HazardSpec(**{"transitions": (Transition("a", "x", Weibull()),), **parts})
    fit = fit_hazards(table, spec)
    estimate, error = fit["a:x"]
    found = profile_interval(fit, table, "a:x", level=0.9)
    # 240 rows with some 150 events: the likelihood is nearly a parabola.
    assert (found.low - estimate) / error == pytest.approx(-1.645, abs=0.06)
    assert (found.high - estimate) / error == pytest.approx(1.645, abs=0.06)


def test_an_open_end_is_infinite() -> None:
    # A likelihood that never falls as far as is allowed, to the left.
    def lost(value: float) -> float:
        return max(value, 1.0 - np.exp(value))

    assert end_of(lost, 0.0, -0.3, 1.96) == -np.inf
    assert end_of(lost, 0.0, 0.3, 1.96) == pytest.approx(1.96, abs=END_TOLERANCE)


def test_refusals() -> None:
    table = _table()
    fit = fit_hazards(table, HazardSpec((Transition("a", "x"),)))
    with pytest.raises(InputError, match="the level is between 0 and 1"):
        profile_interval(fit, table, "a:x", level=95)
    with pytest.raises(UnknownNameError, match="coefficient"):
        profile_interval(fit, table, "a:y")
    with pytest.raises(DataError, match="not those that the fit was made from"):
        profile_interval(fit, Intervals(table.table.head(70)), "a:x")
    short = fit_hazards(
        table, HazardSpec((Transition("a", "x"),)), on_failure="return", max_iterations=1
    )
    with pytest.raises(FitError, match="did not converge"):
        profile_interval(short, table, "a:x")


def test_parameters_count_one_each_without_priors() -> None:
    table = _table()
    fit = fit_hazards(table, HazardSpec((Transition("a", "x", Weibull()),)))
    assert fit.effective_parameters == 3
    assert fit.aic == pytest.approx(6 - 2 * fit.log_likelihood)
    assert fit.bic == pytest.approx(3 * np.log(fit.events["a"]) - 2 * fit.log_likelihood)


def test_priors_take_parameters_between_their_limits() -> None:
    table = _table()

    def worth(smooth: float) -> float:
        baseline = Spline(5, smooth=smooth)
        return fit_hazards(
            table, HazardSpec((Transition("a", "x", baseline),))
        ).effective_parameters

    # Level, slope and x without bends; a bend each more when they are free.
    tight, middle, loose = worth(0.005), worth(0.5), worth(20.0)
    assert tight == pytest.approx(3.0, abs=0.01)
    assert tight < middle < loose < 9.0


def test_frailties_are_worth_less_than_they_number() -> None:
    table = _table()

    def worth(sd: float) -> float:
        spec = HazardSpec((Transition("a", "x"),), frailty=Frailty("g", "g", ("a",), sd))
        return fit_hazards(table, spec).effective_parameters

    assert worth(0.01) == pytest.approx(2.0, abs=0.02)
    assert 2.0 < worth(0.5) < worth(5.0) < 2 + 16


def test_criteria_take_the_likelihood_at_the_means_of_frailties() -> None:
    # Conditional on frailties that are loose, the criterion is near that of a factor, and where
    # they are tight, near that of none.
    table = _table(400)
    one, g = Transition("a", "x"), Transition("a", "x + C(g)")
    loose, tight = (
        HazardSpec((one,), frailty=Frailty("g", "g", ("a",), sd)) for sd in (2.0, 0.005)
    )
    factor, none = (fit_hazards(table, HazardSpec((t,))).aic for t in (g, one))
    assert abs(factor - none) > 20
    assert fit_hazards(table, loose).aic == pytest.approx(factor, abs=1.0)
    assert fit_hazards(table, tight).aic == pytest.approx(none, abs=0.1)
