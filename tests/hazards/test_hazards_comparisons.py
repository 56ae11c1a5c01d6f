"""Tests of a fit: by hand, against coxph, and what is refused."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2

from detente.core.errors import FitError, InputError, UnknownNameError
from detente.hazards import (
    Cox,
    HazardSpec,
    Intervals,
    Ridge,
    Shared,
    Transition,
    Weibull,
    compare_with_null,
    fit_hazards,
    likelihood_ratio_test,
    wald_test,
)

ORACLES = Path(__file__).resolve().parents[1] / "oracles"
# Both climb to the top; R prints the Wald statistic with two decimals.
ORACLE_TOLERANCE = 1e-8
WALD_TOLERANCE = 6e-3
EXACT = 1e-6


def _ties() -> pl.DataFrame:
    table = pl.read_csv(ORACLES / "ties.csv")
    return table.with_columns(id=pl.int_range(pl.len()), transition=pl.lit("a->b"))


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize(
    ("name", "by", "dropped"),
    [
        ("plain", None, ["weight", "offset"]),
        ("strata", "group", ["weight", "offset"]),
        ("everything", "group", []),
        ("cluster", None, ["weight", "offset"]),
        ("weighted_cluster", "group", ["offset"]),
    ],
)
def test_tests_are_coxphs(ties: str, name: str, by: str | None, dropped: list[str]) -> None:
    iv = Intervals(_ties().drop(dropped))
    baseline = Cox(ties, by=by)  # pyright: ignore[reportArgumentType]
    fit = fit_hazards(iv, HazardSpec((Transition("a->b", "x + z", baseline, "forward"),)))
    oracle = json.loads((ORACLES / "cox.json").read_text())[f"{name}_{ties}"]
    plain = compare_with_null(fit, iv)
    assert plain.null_log_likelihood == pytest.approx(oracle["loglik_null"], rel=1e-12)
    assert plain.likelihood_ratio.statistic == pytest.approx(oracle["lr_test"], rel=1e-10)
    assert plain.score.statistic == pytest.approx(oracle["score_test"], abs=ORACLE_TOLERANCE)
    tests = plain
    if "robust_score_test" in oracle:
        # With weights and no cluster, R takes every row as one; and its robust score at the null
        # leaves offsets out, which ours does not.
        tests = compare_with_null(fit, iv, cluster="cluster" if "cluster" in name else "id")
        if "cluster" in name:
            found = tests.score.statistic
            assert found == pytest.approx(oracle["robust_score_test"], abs=ORACLE_TOLERANCE)
    assert tests.wald.statistic == pytest.approx(oracle["wald_test"], abs=WALD_TOLERANCE)
    assert tests.wald.df == 2
    assert tests.wald.p == pytest.approx(chi2.sf(tests.wald.statistic, 2))


def test_the_null_of_a_parametric_model_has_its_baseline() -> None:
    # Exponential, 3 events in 12: x = 0 has 2 in 10, x = 1 has 1 in 2. By hand: score at the
    # common rate 1/4 is 1 - 2 / 4, its information 1/2 less (1/2)^2 / 3 for the level.
    rows = {"id": range(3), "transition": "a->b", "start": 0.0, "stop": [6.0, 4.0, 2.0]}
    iv = Intervals(pl.DataFrame(rows | {"event": 1, "x": [0, 0, 1]}))
    tests = compare_with_null(fit_hazards(iv, HazardSpec((Transition("a->b", "x"),))), iv)
    assert tests.score.statistic == pytest.approx(0.5**2 / (0.5 - 0.5**2 / 3), abs=EXACT)
    ratio = 2 * (2 * np.log(0.2) + np.log(0.5) - 3 * np.log(0.25))
    assert tests.likelihood_ratio.statistic == pytest.approx(ratio, abs=EXACT)
    assert tests.wald.statistic == pytest.approx(np.log(2.5) ** 2 / 1.5, abs=EXACT)


def test_nested_models_and_chosen_coefficients() -> None:
    iv = Intervals(_ties())
    one, two = (
        fit_hazards(iv, HazardSpec((Transition("a->b", f, Cox(), "forward"),)))
        for f in ("x", "x + z")
    )
    test = likelihood_ratio_test(one, two)
    assert test.df == 1
    assert test.statistic == pytest.approx(2 * (two.log_likelihood - one.log_likelihood))
    wald = wald_test(two, ["*:z"])
    assert wald.statistic == pytest.approx((two["a->b:z"][0] / two["a->b:z"][1]) ** 2)
    with pytest.raises(InputError, match="0 coefficients more than the smaller"):
        likelihood_ratio_test(one, one)
    other = fit_hazards(Intervals(_ties().head(150)), HazardSpec((Transition("a->b", "x", Cox()),)))
    with pytest.raises(InputError, match="not of the same intervals"):
        likelihood_ratio_test(other, two)
    with pytest.raises(UnknownNameError, match="unknown coefficient"):
        wald_test(two, ["nothing"])


def test_models_of_many_transitions_have_one_null() -> None:
    table = _ties().drop("weight", "offset")
    apart = table.with_columns(transition="->" + pl.col("group"))
    names = tuple(f"->{g}" for g in "abc")
    spec = HazardSpec(
        tuple(Transition(n, "z", Weibull() if n == "->a" else Cox()) for n in names),
        shared=(Shared("all", "x", names),),
    )
    iv = Intervals(apart)
    tests = compare_with_null(fit_hazards(iv, spec), iv)
    assert tests.wald.df == 4
    assert tests.score.statistic == pytest.approx(tests.likelihood_ratio.statistic, rel=0.3)


def test_what_cannot_be_tested_is_refused() -> None:
    iv = Intervals(_ties())
    alone = fit_hazards(iv, HazardSpec((Transition("a->b", "1", Cox()),)))
    with pytest.raises(InputError, match="no covariate to test"):
        compare_with_null(alone, iv)
    ridge = HazardSpec((Transition("a->b", "x", Cox()),), ridges=(Ridge(("*",), 1.0),))
    with pytest.raises(InputError, match="has priors, whose tests are not these"):
        compare_with_null(fit_hazards(iv, ridge), iv)
    constant = HazardSpec((Transition("a->b", "I(0 * x)", Cox()),))
    failed = fit_hazards(iv, constant, on_failure="return")
    with pytest.raises(FitError, match="did not converge"):
        wald_test(failed, ["*"])
