"""Cox's model: by hand, against mstate and survival, and against finite differences.

coxph(Surv(Tstart, Tstop, status) ~ dissub1.1 + ... + tcd.3 + strata(trans), method = "breslow")
coxph(Surv(Tstart, Tstop, status) ~ dissub1.1 + ... + tcd.3 + pr + strata(to), method = "breslow")
msfit(c1, newdata, trans = transMat), survival 3.5-3 and mstate 0.3.3.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from detente.core.errors import DataError, FitError, InputError
from detente.hazards import (
    Cox,
    Exponential,
    Frailty,
    HazardFit,
    HazardSpec,
    Intervals,
    Piecewise,
    Ridge,
    Shared,
    Transition,
    Walk,
    clustered_covariance,
    expected_by_row,
    fit_hazards,
)
from detente.hazards.fitting.likelihood import derivatives, evaluate, score_rows
from detente.hazards.model.design import build_design

ORACLES = Path(__file__).resolve().parents[3] / "shared" / "oracles" / "multistate"
# Both climb to the top: what is left is rounding.
ORACLE_TOLERANCE = 1e-9
# Newton stops at a gain of 1e-13 log-likelihood units: within 5e-7 standard errors of the top.
EXACT = 1e-6
# Central differences with a step of 1e-5 of functions of order one.
DIFFERENCE = 1e-6
COVARIATES = ("dissub1", "dissub2", "age1", "age2", "drmatch", "tcd")


def _rows(*rows: tuple[float, float, int], **columns: list[Any]) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema=["start", "stop", "event"], orient="row")
    extra = {name: pl.Series(name, values) for name, values in columns.items()}
    return table.with_columns(id=pl.int_range(pl.len()), transition=pl.lit("a->b")).with_columns(
        **extra
    )


def _fit(table: pl.DataFrame, formula: str = "x", **options: Any) -> HazardFit:
    baseline = Cox(**options)
    return fit_hazards(Intervals(table), HazardSpec((Transition("a->b", formula, baseline),)))


# Times 1, 6, 8 for x = 1, 1, 0 and 3+, 4, 7 for 0, 1, 0; two events at 6 are tied.
TIED = _rows((0, 1, 1), (0, 1, 0), (0, 6, 1), (0, 6, 1), (0, 8, 0), (0, 9, 1), x=[1, 1, 1, 0, 0, 0])


def test_breslow_by_hand() -> None:
    # r = e^b. Risk sets: at 1 three with x = 1 and three without, 3r + 3; at 6 one and three,
    # r + 3, twice; at 9 one without. l = 2b - log(3r + 3) - 2 log(r + 3); its slope is zero where
    # 2 - r / (r + 1) - 2r / (r + 3) = 0, that is r^2 - 3r - 6 = 0... r = (3 + sqrt(33)) / 2.
    r = (3 + np.sqrt(33)) / 2
    fit = _fit(TIED)
    assert fit["a->b:x"][0] == pytest.approx(np.log(r), abs=EXACT)
    information = r / (r + 1) ** 2 + 6 * r / (r + 3) ** 2
    assert fit["a->b:x"][1] == pytest.approx(information**-0.5, abs=EXACT)
    value = 2 * np.log(r) - np.log(3 * r + 3) - 2 * np.log(r + 3)
    assert fit.log_likelihood == pytest.approx(value, abs=EXACT)
    assert fit.start_log_likelihood == pytest.approx(-np.log(6) - 2 * np.log(4), abs=EXACT)
    baseline = fit.cox["a->b"]
    assert baseline.times.tolist() == [1.0, 6.0, 9.0]
    np.testing.assert_allclose(baseline.hazard, [1 / (3 * r + 3), 2 / (r + 3), 1], atol=EXACT)
    np.testing.assert_allclose(
        baseline.variance, [1 / (3 * r + 3) ** 2, 2 / (r + 3) ** 2, 1], atol=EXACT
    )
    np.testing.assert_allclose(
        baseline.drift[:, 0], [r / (r + 1) / (3 * r + 3), 2 * r / (r + 3) ** 2, 0], atol=EXACT
    )


def test_efron_by_hand() -> None:
    # At 6 the second term leaves out half of the two who have an event: r / 2 + 5 / 2, so
    # l = 2b - log(3r + 3) - log(r + 3) - log(r / 2 + 5 / 2), and its slope is
    # 2 - r / (r + 1) - r / (r + 3) - r / (r + 5) = 0: r^3 - 23 r - 30 = 0.
    r = float(np.roots([1, 0, -23, -30]).real.max())
    fit = _fit(TIED, ties="efron")
    assert fit["a->b:x"][0] == pytest.approx(np.log(r), abs=EXACT)
    value = 2 * np.log(r) - np.log(3 * r + 3) - np.log(r + 3) - np.log((r + 5) / 2)
    assert fit.log_likelihood == pytest.approx(value, abs=EXACT)
    information = sum(c * r / (r + c) ** 2 for c in (1, 3, 5))
    assert fit["a->b:x"][1] == pytest.approx(information**-0.5, abs=EXACT)
    np.testing.assert_allclose(
        fit.cox["a->b"].hazard, [1 / (3 * r + 3), 1 / (r + 3) + 2 / (r + 5), 1], atol=EXACT
    )


def test_left_truncation_by_hand() -> None:
    # At risk (start < t <= stop) at 2: rows 1, 2; at 5: 2, 3 (row 4 comes at 5); at 7: 3, 4.
    table = _rows((0, 2, 1), (1, 5, 1), (2, 7, 1), (5, 9, 0), x=[1, 0, 1, 0])
    fit = fit_hazards(
        Intervals(table), HazardSpec((Transition("a->b", "x", Cox(), clock="forward"),))
    )
    # l = b - log(r + 1) - log(1 + r) + b - log(r + 1): slope 2 - 3 r / (r + 1) = 0, r = 2.
    assert fit["a->b:x"][0] == pytest.approx(np.log(2), abs=EXACT)


def test_rounding_of_a_clock_makes_no_order_among_ties() -> None:
    # Durations of 0.3 from different entries differ in the last digit only.
    table = _rows((0.0, 0.3, 1), (0.1, 0.4, 1), (0.7, 1.0, 1), (0, 1, 1), x=[1, 0, 1, 0])
    assert len(_fit(table).cox["a->b"].times) == 2


def _long() -> pl.DataFrame:
    if not ORACLES.is_dir():
        pytest.skip(f"the numbers printed by mstate are not at {ORACLES}")
    table = pl.read_csv(ORACLES / "ebmt3_msprep_long.csv", infer_schema_length=None)
    names = {"Tstart": "start", "Tstop": "stop", "status": "event", "trans": "transition"}
    return table.rename(names | {f"{c}.{k}": f"{c}_{k}" for c in COVARIATES for k in (1, 2, 3)})


def _formula(k: int) -> str:
    return " + ".join(f"{c}_{k}" for c in COVARIATES)


def _check(fit: HazardFit, name: str) -> None:
    oracle = json.loads((ORACLES / "multistate.json").read_text())[name]
    assert fit.log_likelihood == pytest.approx(oracle["loglik"], rel=1e-13)
    assert fit.start_log_likelihood == pytest.approx(oracle["loglik_null"], rel=1e-13)
    np.testing.assert_allclose(fit.coefficients, oracle["coef"], atol=ORACLE_TOLERANCE)
    np.testing.assert_allclose(fit.standard_errors, oracle["se"], atol=ORACLE_TOLERANCE)


def test_stratified_by_transition_is_coxphs() -> None:
    spec = HazardSpec(
        tuple(Transition(str(k), _formula(k), Cox(), clock="forward") for k in (1, 2, 3))
    )
    fit = fit_hazards(Intervals(_long()), spec)
    _check(fit, "ebmt3_c1")
    assert fit.moves is not None
    assert fit.moves.arrow("3") == ("2", "3")
    # The reference patient of the oracle has zero in every covariate.
    theirs = pl.read_csv(ORACLES / "ebmt3_c1_msfit_cumhaz.csv")
    for k in ("1", "2", "3"):
        baseline = fit.cox[k]
        their = theirs.filter(pl.col("trans") == int(k))
        at = np.searchsorted(baseline.times, their["time"].to_numpy() * (1 + 1e-12), side="right")
        ours = np.concatenate([[0.0], np.cumsum(baseline.hazard)])[at]
        np.testing.assert_allclose(ours, their["Haz"], atol=ORACLE_TOLERANCE)


def test_proportional_baselines_are_coxphs() -> None:
    spec = HazardSpec(
        (
            Transition("1", _formula(1), Cox(), clock="forward"),
            Transition("2", _formula(2), Cox(stratum="to 3"), clock="forward"),
            Transition("3", f"{_formula(3)} + pr", Cox(stratum="to 3"), clock="forward"),
        )
    )
    fit = fit_hazards(Intervals(_long()), spec)
    _check(fit, "ebmt3_c2")
    assert fit.cox["2"] is fit.cox["3"]


def _random(n: int = 60, *, seed: int = 4) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    start = np.where(rng.random(n) < 0.5, 0.0, np.round(rng.exponential(1.0, n), 1))
    return pl.DataFrame(
        {
            "id": np.arange(n),
            "transition": rng.choice(["a->b", "a->c", "b->c"], n),
            "start": start,
            "stop": start + 0.1 + np.round(rng.exponential(2.0, n), 1),
            "event": rng.random(n) < 0.7,
            "x": rng.normal(size=n),
            "z": rng.normal(size=n) + 50.0,
            "g": rng.integers(0, 12, n),
            "s": rng.integers(0, 2, n),
            "year": rng.integers(1990, 1995, n),
            "weight": rng.uniform(0.5, 2.0, n),
            "offset": rng.normal(size=n),
        }
    )


NAMES = ("a->b", "a->c", "b->c")


def _mixed(ties: Any = "efron") -> HazardSpec:
    return HazardSpec(
        (
            Transition("a->b", "x + z", Cox(ties, stratum="one"), clock="forward"),
            Transition("a->c", "x", Cox(ties, stratum="one"), clock="forward"),
            Transition("b->c", "z", Exponential()),
        ),
        shared=(Shared("both", "z:x", NAMES),),
        walk=Walk("year", "year", ("a->c", "b->c"), 0.5),
        frailty=Frailty("unit", "g", ("a->b", "b->c"), 0.4),
    )


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_derivatives_match_differences(ties: Any) -> None:
    design = build_design(Intervals(_random()), _mixed(ties))
    assert design.joint
    rng = np.random.default_rng(1)
    point, none = rng.normal(size=design.dense) * 0.1, np.zeros(0)
    point[[i for i, n in enumerate(design.names) if "z" in n]] *= 0.02
    here = derivatives(design, point, none)
    for j in range(design.dense):
        step = np.zeros(design.dense)
        step[j] = 1e-5
        up, down = (evaluate(design, point + s, none).value for s in (step, -step))
        assert here.gradient[j] == pytest.approx((up - down) / 2e-5, abs=1e-4, rel=DIFFERENCE)
        up, down = (derivatives(design, point + s, none).gradient for s in (step, -step))
        np.testing.assert_allclose(
            here.information[j], (down - up) / 2e-5, atol=1e-3, rtol=DIFFERENCE
        )
    scores = [rows.sum(axis=0) for rows, _ in score_rows(design, point, none)]
    np.testing.assert_allclose(np.sum(scores, axis=0), here.gradient, atol=1e-9)


def test_cox_and_parametric_transitions_share_terms() -> None:
    fit = fit_hazards(Intervals(_random(300)), _mixed())
    assert fit.status == "converged"
    assert fit.names[:3] == ("a->b:x", "a->b:z", "both:z:x")
    assert set(fit.cox) == {"a->b", "a->c"}
    # The frailties of a Cox baseline are a part of the dense parameter.
    np.testing.assert_array_equal(fit.frailty, fit.dense[-12:])
    np.testing.assert_array_equal(fit.frailty_slope[:, -12:], -np.eye(12))


def test_a_piece_for_every_event_is_cox() -> None:
    # With a free level between any two events, and time at risk only there, the piecewise model
    # has the same profile likelihood: rows are cut to unit length, events at the ends.
    rng = np.random.default_rng(7)
    stop = rng.permutation(np.arange(1.0, 41.0))
    x = rng.normal(size=40)
    table = _rows(*((0.0, float(s), 1) for s in stop), x=x.tolist())
    cuts = tuple(float(c) for c in range(1, 40))
    spec = HazardSpec((Transition("a->b", "x", Piecewise(cuts)),))
    free, pieces = _fit(table), fit_hazards(Intervals(table), spec)
    assert free["a->b:x"] == pytest.approx(pieces["a->b:x"], abs=EXACT)
    levels = np.exp(pieces.coefficients[:40])
    np.testing.assert_allclose(free.cox["a->b"].hazard, levels, rtol=1e-5)


def test_strata_by_a_column_are_separate_transitions() -> None:
    table = _random(200).with_columns(transition=pl.lit("a->b")).drop("offset")
    divided = _fit(table, "x", by="s")
    apart = table.with_columns(transition=pl.format("s{}", pl.col("s")))
    spec = HazardSpec(
        tuple(Transition(n, baseline=Cox()) for n in ("s0", "s1")),
        shared=(Shared("all", "x", ("s0", "s1")),),
    )
    other = fit_hazards(Intervals(apart), spec)
    assert divided["a->b:x"] == pytest.approx(other["all:x"], abs=EXACT)
    assert divided.log_likelihood == pytest.approx(other.log_likelihood, abs=EXACT)
    assert set(divided.cox) == {"a->b|s=0", "a->b|s=1"}
    np.testing.assert_allclose(divided.cox["a->b|s=1"].hazard, other.cox["s1"].hazard, rtol=1e-8)


def test_a_weight_is_a_repeated_row_under_breslow() -> None:
    table = _random(50).with_columns(transition=pl.lit("a->b"), weight=pl.lit(1.0))
    twice = pl.concat([table, table.head(10).with_columns(id=pl.col("id") + 1000)])
    weighted = table.with_columns(weight=pl.when(pl.col("id") < 10).then(2.0).otherwise(1.0))
    a, b = _fit(twice, "x + z"), _fit(weighted, "x + z")
    np.testing.assert_allclose(a.coefficients, b.coefficients, atol=EXACT)
    assert a.log_likelihood == pytest.approx(b.log_likelihood, abs=EXACT)


def test_an_offset_is_a_coefficient_of_one() -> None:
    table = _random(200).with_columns(transition=pl.lit("a->b")).drop("offset")
    fit = _fit(table, "x")
    known = table.with_columns(offset=fit["a->b:x"][0] * pl.col("x"))
    none = _fit(known, "1")
    assert none.names == ()
    assert none.log_likelihood == pytest.approx(fit.log_likelihood, abs=EXACT)
    np.testing.assert_allclose(none.cox["a->b"].hazard, fit.cox["a->b"].hazard, rtol=1e-6)


def test_splitting_order_scale_and_level_change_nothing() -> None:
    table = _random(200).with_columns(transition=pl.lit("a->b"))
    fit = fit_hazards(
        Intervals(table), HazardSpec((Transition("a->b", "x + z", Cox("efron"), "forward"),))
    )
    changed = table.with_columns(
        pl.col("start", "stop") * 365.25, pl.col("z") + 1000.0, pl.col("offset") + 30.0
    )
    other = fit_hazards(
        Intervals(changed.sample(fraction=1.0, shuffle=True, seed=1)).split_at([100.0, 500.0]),
        HazardSpec((Transition("a->b", "x + z", Cox("efron"), "forward"),)),
    )
    np.testing.assert_allclose(fit.coefficients, other.coefficients, atol=EXACT)
    np.testing.assert_allclose(fit.covariance, other.covariance, atol=EXACT)
    assert fit.log_likelihood == pytest.approx(other.log_likelihood, abs=EXACT)


def test_a_function_of_time_enters_by_splitting() -> None:
    # x acts before 2 and not after: two rows a unit, and a covariate that is x only in the first.
    rng = np.random.default_rng(9)
    x = rng.integers(0, 2, 400).astype(float)
    early = rng.exponential(4.0 * np.exp(-1.5 * x))
    stop = np.where(early < 2, early, 2 + rng.exponential(4.0, 400))
    table = _rows(*((0.0, float(s), 1) for s in stop), x=x.tolist())
    split = Intervals(table).split_at([2.0])
    spec = HazardSpec((Transition("a->b", "x + x:I(time > 2)", Cox(), "forward"),))
    fit = fit_hazards(split, spec)
    before, change = fit.coefficients
    assert abs(before - 1.5) < 3 * fit.standard_errors[0]
    assert abs(before + change) < 3 * np.sqrt(np.ones(2) @ fit.covariance @ np.ones(2))


def test_a_ridge_pulls_and_a_frailty_spreads() -> None:
    table = _random(300).with_columns(transition=pl.lit("a->b"))
    loose = _fit(table)
    spec = HazardSpec((Transition("a->b", "x", Cox()),), ridges=(Ridge(("*",), 0.05),))
    assert abs(fit_hazards(Intervals(table), spec).coefficients[0]) < abs(loose.coefficients[0])
    rng = np.random.default_rng(11)
    u = rng.normal(size=60)[np.repeat(np.arange(60), 8)]
    many = _rows(
        *((0.0, float(s), 1) for s in rng.exponential(np.exp(-u))),
        g=np.repeat(np.arange(60), 8).tolist(),
    )
    shared = HazardSpec((Transition("a->b", "1", Cox()),), frailty=Frailty("unit", "g", ("a->b",)))
    fit = fit_hazards(Intervals(many), shared)
    # 60 clusters tell the standard deviation 1 to about 0.1.
    assert fit.scales["unit"] == pytest.approx(1.0, abs=0.3)
    assert np.corrcoef(fit.frailty, u[::8])[0, 1] > 0.8


def test_clustered_covariance_by_hand() -> None:
    # The sandwich from scores row by row, written out over the risk sets.
    table = _random(120).with_columns(transition=pl.lit("a->b"), weight=pl.lit(1.0)).drop("offset")
    fit = _fit(table, "x")
    start, stop, event, x, g = (table[c].to_numpy() for c in ("start", "stop", "event", "x", "g"))
    stop, start = stop - start, start * 0.0
    r = np.exp(fit.coefficients[0] * x)
    score = np.zeros(120)
    for t in np.unique(np.round(stop[event], 9)):
        at = stop >= t - 1e-9
        died = event & (np.abs(stop - t) < 1e-9)
        mean, total = (r * x)[at].sum() / r[at].sum(), r[at].sum()
        score += (x - mean) * (died - at * r * died.sum() / total)
    by_cluster = np.bincount(g, score)
    expected = (by_cluster**2).sum() * fit.covariance[0, 0] ** 2
    found = clustered_covariance(fit, Intervals(table), ["g"])
    assert found[0, 0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("formula", "match"),
    [
        ("one", "singular.*'a->b:one'.*collinear or constant"),
        ("tenth", "singular.*'a->b:tenth'.*collinear or constant"),
        ("x + I(2 * x)", "singular.*collinear"),
        ("x + I(x + 0.1)", "singular.*collinear"),
        ("never", "diverged.*'a->b:never'.*separation"),
        ("I(1 - never)", "diverged.*never.*separation"),
        ("early", "diverged.*'a->b:early'.*separation"),
        ("hole", "'hole' is null"),
        ("I(1 / never)", "missing or infinite"),
    ],
)
@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_models_that_the_table_cannot_answer(formula: str, match: str, ties: str) -> None:
    rng = np.random.default_rng(5)
    table = _rows(
        *((0.0, float(s), 1) for s in range(1, 25)),
        x=rng.normal(size=24).tolist(),
        one=[1.0] * 24,
        tenth=[0.1] * 24,
        never=[i % 2 for i in range(24)],
        early=[float(-i) for i in range(24)],
        hole=[None, *([1.0] * 23)],
    ).with_columns(event=pl.when(pl.col("never") == 1).then(0).otherwise("event"))
    if formula == "early":
        table = table.with_columns(event=pl.lit(1))
    with pytest.raises((FitError, DataError), match=match):
        _fit(table, formula, ties=ties)


def test_ties_everywhere_and_one_unit() -> None:
    tied = _rows(*(((0.0, 1.0, 1),) * 10), x=list(range(10)))
    # All ten are at risk and all have the event: x makes no difference.
    assert _fit(tied)["a->b:x"][0] == pytest.approx(0.0, abs=EXACT)
    assert _fit(tied, ties="efron").status == "converged"
    with pytest.raises(FitError, match="singular"):
        _fit(_rows((0, 1, 1), x=[3.0]))
    assert _fit(_rows((0, 1, 1)), "1").cox["a->b"].hazard.tolist() == [1.0]


def test_a_fit_that_failed_has_no_baseline() -> None:
    spec = HazardSpec((Transition("a->b", "x", Cox()),))
    fit = fit_hazards(Intervals(_rows((0, 1, 1), x=[3.0])), spec, on_failure="return")
    assert fit.status == "singular"
    assert fit.cox == {}


def test_models_that_make_no_sense() -> None:
    with pytest.raises(InputError, match='"breslow" or "efron", not \'exact\''):
        Cox("exact")  # pyright: ignore[reportArgumentType]
    one, two = Transition("a", "1", Cox(stratum="s")), Transition("b", "1", Cox("efron", "s"))
    with pytest.raises(InputError, match="'a' and 'b' share a stratum"):
        HazardSpec((one, two))
    with pytest.raises(InputError, match="no parametric form"):
        Cox().evaluate(np.zeros(1), np.ones(1), np.zeros(0))
    with pytest.raises(DataError, match="'a->b': 'z' is missing or has nulls"):
        _fit(TIED, "x", by="z")


def test_a_transition_without_events_needs_partners() -> None:
    table = pl.concat(
        [TIED, TIED.with_columns(transition=pl.lit("a->c"), event=pl.lit(0, dtype=pl.Int64))]
    )
    alone = HazardSpec(tuple(Transition(n, "1", Cox()) for n in ("a->b", "a->c")))
    with pytest.raises(FitError, match="'a->c' has no event"):
        fit_hazards(Intervals(table), alone)
    together = HazardSpec(
        tuple(Transition(n, "1", Cox(stratum="s")) for n in ("a->b", "a->c")),
        shared=(Shared("all", "x", ("a->b", "a->c")),),
    )
    fit = fit_hazards(Intervals(table), together)
    assert fit.cox["a->b"].hazard[-1] == pytest.approx(1 / 2, abs=EXACT)


GROUPS = _random(200).with_columns(transition=pl.lit("a->b"), text=pl.format("g{}", pl.col("s")))


@pytest.mark.parametrize(
    ("formula", "same"),
    [
        ("x + s", "x + C(s)"),
        ("x * s", "x + s + x:s"),
        ("x + s", "x + text"),
        ("x + z", "bs(x, df=4) + z - bs(x, df=4) + x"),
    ],
)
def test_formulas_that_say_the_same(formula: str, same: str) -> None:
    one, other = _fit(GROUPS, formula), _fit(GROUPS, same)
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=EXACT)
    np.testing.assert_allclose(np.sort(one.coefficients), np.sort(other.coefficients), atol=EXACT)


@pytest.mark.parametrize(
    "formula", ["bs(x, df=4)", "cr(x, df=4, constraints='center')", "poly(x, 2)"]
)
def test_a_curve_keeps_its_knots_for_other_rows(formula: str) -> None:
    fit = _fit(GROUPS, f"{formula} + z")
    assert fit.status == "converged"
    terms = fit.terms["a->b"][0]
    assert tuple(terms.labels) == fit.names
    whole, few = terms.columns(GROUPS), terms.columns(GROUPS.head(3))
    np.testing.assert_allclose(few, whole[:3], atol=1e-12)


def test_a_level_that_the_fit_never_saw_is_refused() -> None:
    terms = _fit(GROUPS, "text")
    other = GROUPS.with_columns(text=pl.lit("g7"))
    with pytest.raises(DataError, match="cannot be built"):
        terms.terms["a->b"][0].columns(other)
    plain = _fit(GROUPS, "x").terms["a->b"][0]
    with pytest.raises(DataError, match=r"\['x'\] must be columns of numbers"):
        plain.columns(GROUPS.drop("x"))


def test_expected_events_add_up_to_the_events() -> None:
    intervals = Intervals(_random(200))
    fit = fit_hazards(intervals, _mixed())
    weight = {name: intervals.of(name)["weight"].to_numpy() for name in NAMES}
    expected = expected_by_row(fit, intervals)
    found = sum(float(weight[n] @ expected[n]) for n in ("a->b", "a->c"))
    happened = sum(float(weight[n] @ intervals.of(n)["event"].to_numpy()) for n in NAMES[:2])
    # A stratum's expected events are its events, whatever the coefficients.
    assert found == pytest.approx(happened, rel=1e-12)
