"""Cox models against the numbers that coxph printed, in tests/oracles."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from detente.hazards import (
    Cox,
    HazardFit,
    HazardSpec,
    Intervals,
    Moves,
    Shared,
    Transition,
    clustered_covariance,
    fit_hazards,
)

HERE = Path(__file__).resolve().parents[1] / "oracles"
COX: dict[str, dict[str, Any]] = json.loads((HERE / "cox.json").read_text())
STATES: dict[str, dict[str, Any]] = json.loads((HERE / "multistate.json").read_text())
CAUSES: dict[str, dict[str, Any]] = json.loads((HERE / "competing.json").read_text())
# Newton stops where the next step would gain less than 1e-13, that is within 4.5e-7 standard
# errors of the top; coxph was told to stop at a relative change of 1e-14.
ESTIMATE_TOLERANCE = 2e-7
LOG_LIKELIHOOD_TOLERANCE = 1e-9
# What the coefficients leave, on curves.
CUMULATIVE_TOLERANCE = 1e-6
TIES = ("breslow", "efron")
SIX = Moves(
    ("start", "better", "worse", "mixed", "back", "end"),
    (
        ("start", "better"),
        ("start", "worse"),
        ("start", "back"),
        ("start", "end"),
        ("better", "mixed"),
        ("better", "back"),
        ("better", "end"),
        ("worse", "mixed"),
        ("worse", "back"),
        ("worse", "end"),
        ("mixed", "back"),
        ("mixed", "end"),
    ),
)
REVERSIBLE = Moves(
    ("well", "ill", "dead"),
    (("well", "ill"), ("well", "dead"), ("ill", "well"), ("ill", "dead")),
)
# Whether a case of cox.json uses the strata, weights and offsets of ties.csv.
OPTIONS = {
    "plain": (),
    "strata": ("group",),
    "factor": (),
    "offset": ("offset",),
    "weights": ("weight",),
    "everything": ("group", "weight", "offset"),
}


def ties_table(options: tuple[str, ...]) -> pl.DataFrame:
    table = pl.read_csv(HERE / "ties.csv")
    unused = [c for c in ("weight", "offset") if c not in options]
    name = pl.concat_str(pl.lit("a->b|"), pl.col("group")) if "group" in options else pl.lit("a->b")
    return table.drop(unused).with_columns(name.alias("transition"))


def fit_ties(case: str, ties: str, formula: str | None = None) -> tuple[HazardFit, Intervals]:
    table = ties_table(OPTIONS[case])
    intervals = Intervals(table)
    names = tuple(sorted(table["transition"].unique()))
    formula = formula or ("x * z + C(group)" if case == "factor" else "x + z")
    # A stratum of coxph is a transition of its own with shared coefficients.
    spec = HazardSpec(
        tuple(Transition(n, "1", Cox(ties), "forward") for n in names),
        shared=(Shared("all", formula, names),),
    )
    return fit_hazards(intervals, spec), intervals


def check(fit: HazardFit, oracle: dict[str, Any], order: list[int] | None = None) -> None:
    at = list(range(len(fit.names))) if order is None else order
    assert fit.log_likelihood == pytest.approx(oracle["loglik"], abs=LOG_LIKELIHOOD_TOLERANCE)
    np.testing.assert_allclose(fit.coefficients[at], oracle["coef"], atol=ESTIMATE_TOLERANCE)
    if "covariance" in oracle:
        # With weights that are no whole numbers, or a cluster, coxph's own is the robust one.
        theirs = oracle.get("naive_covariance", oracle["covariance"])
        covariance = fit.covariance[np.ix_(at, at)]
        np.testing.assert_allclose(covariance, theirs, atol=ESTIMATE_TOLERANCE)
    else:
        errors = oracle.get("naive_se", oracle.get("se"))
        np.testing.assert_allclose(fit.standard_errors[at], errors, atol=ESTIMATE_TOLERANCE)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("case", OPTIONS)
def test_ties_strata_offsets_and_weights(case: str, ties: str) -> None:
    fit, _ = fit_ties(case, ties)
    oracle = COX[f"{case}_{ties}"]
    # R: x, z, group b, group c, x:z; formulaic puts factors first.
    plain = [n.removeprefix("all:") for n in fit.names]
    theirs = ["x", "z", "C(group)[T.b]", "C(group)[T.c]", "x:z"]
    order = [plain.index(n) for n in theirs if n in plain]
    check(fit, oracle, order)
    assert sum(fit.events.values()) == oracle["events"]
    assert fit.intervals == oracle["n"]


@pytest.mark.parametrize("ties", TIES)
def test_regression_spline(ties: str) -> None:
    fit, _ = fit_ties("plain", ties, "bs(x, knots=[-0.5, 0.5], degree=3) + z")
    oracle = COX[f"spline_{ties}"]
    assert fit.log_likelihood == pytest.approx(oracle["loglik"], abs=LOG_LIKELIHOOD_TOLERANCE)
    ours, theirs = fit["all:z"], (oracle["coef"][-1], oracle["se"][-1])
    np.testing.assert_allclose(ours, theirs, atol=ESTIMATE_TOLERANCE)


def six() -> Intervals:
    return Intervals.from_wide(pl.read_csv(HERE / "six_states.csv"), SIX)


def by_name(fit: HazardFit, name: str) -> int:
    return fit.names.index(name)


@pytest.mark.parametrize("ties", TIES)
def test_six_states_each_with_its_own_coefficients(ties: str) -> None:
    spec = HazardSpec(tuple(Transition(n, "a + b", Cox(ties), "forward") for n in SIX.names))
    fit = fit_hazards(six(), spec)
    order = [by_name(fit, f"{n}:{c}") for c in "ab" for n in SIX.names]
    check(fit, STATES[f"separate_{ties}"], order)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("clock", ["forward", "reset"])
def test_six_states_with_common_coefficients(clock: str, ties: str) -> None:
    spec = HazardSpec(
        tuple(Transition(n, "1", Cox(ties), clock) for n in SIX.names),
        shared=(Shared("all", "a + b + c", SIX.names),),
    )
    fit = fit_hazards(six(), spec)
    order = [by_name(fit, f"all:{c}") for c in ("a", "b", "c[T.q]", "c[T.r]")]
    check(fit, STATES[f"{'common' if clock == 'forward' else 'reset'}_{ties}"], order)


@pytest.mark.parametrize("ties", TIES)
def test_proportional_baselines_into_each_state(ties: str) -> None:
    intervals = six()
    table = intervals.table.with_columns(pl.col("from").alias("source"))
    levels = '["start", "better", "worse", "mixed"]'
    formula = f"a + b + C(source, levels={levels})"
    transitions = tuple(
        Transition(n, "1", Cox(ties, stratum=to), "forward")
        for n, (_, to) in zip(SIX.names, SIX.arrows, strict=True)
    )
    spec = HazardSpec(transitions, shared=(Shared("all", formula, SIX.names),))
    fit = fit_hazards(Intervals(table, SIX), spec)
    ends = ("all:a", "all:b", "[T.better]", "[T.worse]", "[T.mixed]")
    order = [next(i for i, n in enumerate(fit.names) if n.endswith(e)) for e in ends]
    check(fit, STATES[f"proportional_{ties}"], order)


@pytest.mark.parametrize("ties", TIES)
def test_a_reversible_process_on_both_clocks(ties: str) -> None:
    intervals = Intervals.from_wide(pl.read_csv(HERE / "reversible.csv"), REVERSIBLE)
    common = HazardSpec(
        tuple(Transition(n, "1", Cox(ties), "reset") for n in REVERSIBLE.names),
        shared=(Shared("all", "a + b + c", REVERSIBLE.names),),
    )
    check(fit_hazards(intervals, common), STATES[f"reversible_reset_{ties}"])
    own = HazardSpec(tuple(Transition(n, "a + b", Cox(ties), "forward") for n in REVERSIBLE.names))
    fit = fit_hazards(intervals, own)
    order = [by_name(fit, f"{n}:{c}") for c in "ab" for n in REVERSIBLE.names]
    check(fit, STATES[f"reversible_forward_{ties}"], order)


@pytest.mark.parametrize("ties", TIES)
def test_cause_specific_hazards(ties: str) -> None:
    table = pl.read_csv(HERE / "causes.csv")
    moves = Moves.competing_risks("alive", ("1", "2", "3"))
    stays = table.with_columns(
        pl.lit("alive").alias("from"),
        pl.when(pl.col("cause") > 0).then(pl.col("cause").cast(pl.String)).alias("to"),
        pl.lit(0.0).alias("start"),
        pl.col("time").cast(pl.Float64).alias("stop"),
    )
    spec = HazardSpec(tuple(Transition(n, "x + group", Cox(ties), "forward") for n in moves.names))
    fit = fit_hazards(Intervals.from_wide(stays, moves), spec)
    oracles = [CAUSES[f"cause_{k}_{ties}"] for k in (1, 2, 3)]
    assert fit.log_likelihood == pytest.approx(
        sum(o["loglik"] for o in oracles), abs=3 * LOG_LIKELIHOOD_TOLERANCE
    )
    for name, oracle in zip(moves.names, oracles, strict=True):
        at = [by_name(fit, f"{name}:x"), by_name(fit, f"{name}:group[T.b]")]
        np.testing.assert_allclose(fit.coefficients[at], oracle["coef"], atol=ESTIMATE_TOLERANCE)
        np.testing.assert_allclose(fit.standard_errors[at], oracle["se"], atol=ESTIMATE_TOLERANCE)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("case", ["strata", "everything"])
def test_strata_by_a_column(case: str, ties: str) -> None:
    table = ties_table(OPTIONS[case]).with_columns(pl.lit("a->b").alias("transition"))
    spec = HazardSpec((Transition("a->b", "x + z", Cox(ties, by="group"), "forward"),))
    check(fit_hazards(Intervals(table), spec), COX[f"{case}_{ties}"])


@pytest.mark.parametrize("ties", TIES)
def test_robust_covariances(ties: str) -> None:
    fit, intervals = fit_ties("plain", ties)
    ours = clustered_covariance(fit, intervals, "cluster")
    np.testing.assert_allclose(ours, COX[f"cluster_{ties}"]["covariance"], atol=ESTIMATE_TOLERANCE)
    table = ties_table(("group", "weight")).with_row_index("row")
    names = tuple(sorted(table["transition"].unique()))
    spec = HazardSpec(
        tuple(Transition(n, "1", Cox(ties), "forward") for n in names),
        shared=(Shared("all", "x + z", names),),
    )
    fit = fit_hazards(Intervals(table), spec)
    theirs = COX[f"weighted_cluster_{ties}"]
    check(fit, theirs)
    ours = clustered_covariance(fit, Intervals(table), "cluster")
    np.testing.assert_allclose(ours, theirs["covariance"], atol=ESTIMATE_TOLERANCE)
    # Weights alone: coxph takes every row for a cluster.
    fit, _ = fit_ties("weights", ties)
    rows = Intervals(ties_table(("weight",)).with_row_index("row"))
    ours = clustered_covariance(fit, rows, "row")
    np.testing.assert_allclose(ours, COX[f"weights_{ties}"]["covariance"], atol=ESTIMATE_TOLERANCE)


@pytest.mark.parametrize("ties", TIES)
def test_robust_covariance_over_six_transitions(ties: str) -> None:
    spec = HazardSpec(
        tuple(Transition(n, "1", Cox(ties), "forward") for n in SIX.names),
        shared=(Shared("all", "a + b + c", SIX.names),),
    )
    intervals = six()
    fit = fit_hazards(intervals, spec)
    errors = np.sqrt(np.diag(clustered_covariance(fit, intervals, "id")))
    np.testing.assert_allclose(errors, STATES[f"clustered_{ties}"]["se"], atol=ESTIMATE_TOLERANCE)


def _baseline_at(
    fit: HazardFit, name: str, x: np.ndarray, times: list[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Cumulative hazard and its standard error by the formula of :class:`CoxBaseline`."""
    base = fit.cox[name]
    risk = np.exp(x @ fit.dense[base.columns])
    inside = np.searchsorted(base.times, np.array(times) * (1 + 1e-9), side="right")
    hazard = np.r_[0.0, np.cumsum(base.hazard)]
    noise = np.r_[0.0, np.cumsum(base.variance)]
    drift = np.vstack([np.zeros(len(x)), np.cumsum(base.drift, axis=0)])
    q = hazard[inside, None] * x - drift[inside]
    v = fit.covariance[np.ix_(base.columns, base.columns)]
    variance = noise[inside] + np.einsum("tp,pq,tq->t", q, v, q)
    return risk * hazard[inside], risk * np.sqrt(variance)


@pytest.mark.parametrize("ties", TIES)
def test_baseline_and_its_variance(ties: str) -> None:
    fit, _ = fit_ties("plain", ties)
    predicted = COX[f"plain_{ties}"]["predicted"]
    for row, new in enumerate(predicted["newdata"]):
        x = np.array([new["x"], new["z"]])
        hazard, error = _baseline_at(fit, "a->b", x, predicted["time"])
        theirs = predicted["cumulative_hazard"][row], predicted["standard_error"][row]
        np.testing.assert_allclose(hazard, theirs[0], rtol=CUMULATIVE_TOLERANCE)
        np.testing.assert_allclose(error, theirs[1], rtol=CUMULATIVE_TOLERANCE)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("clock", ["forward", "reset"])
def test_baselines_of_six_states_and_their_variance(clock: str, ties: str) -> None:
    spec = HazardSpec(
        tuple(Transition(n, "1", Cox(ties), clock) for n in SIX.names),
        shared=(Shared("all", "a + b + c", SIX.names),),
    )
    fit = fit_hazards(six(), spec)
    oracle = STATES[f"{'common' if clock == 'forward' else 'reset'}_{ties}"]
    x = np.array([0.5, 1.0, 1.0, 0.0])
    for name, predicted in zip(SIX.names, oracle["predicted"], strict=True):
        hazard, error = _baseline_at(fit, name, x, predicted["time"])
        np.testing.assert_allclose(
            hazard, predicted["cumulative_hazard"], rtol=CUMULATIVE_TOLERANCE
        )
        np.testing.assert_allclose(error, predicted["standard_error"], rtol=CUMULATIVE_TOLERANCE)
