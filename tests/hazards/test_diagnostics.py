"""Residuals, influence, the test of proportional hazards and concordance, against survival."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from detente.core.errors import InputError
from detente.hazards import (
    Cox,
    HazardFit,
    HazardSpec,
    Intervals,
    Ridge,
    Transition,
    Weibull,
    concordance,
    fit_hazards,
    influence_by,
    proportionality_test,
    residuals,
)

HERE = Path(__file__).resolve().parents[1] / "oracles"
ORACLES: dict[str, dict[str, Any]] = json.loads((HERE / "cox.json").read_text())
# A fit stops within 5e-7 standard errors of the top; residuals are of order one.
FITTED = 2e-6
# What does not depend on the estimates beyond the order of the predictor.
ROUNDING = 1e-12
CASES = ("plain_breslow", "plain_efron", "strata_efron", "everything_breslow", "everything_efron")
every_case = pytest.mark.parametrize("case", CASES)


def _fit(case: str, formula: str = "x + z") -> tuple[HazardFit, Intervals]:
    table = pl.read_csv(HERE / "ties.csv").with_columns(transition=pl.lit("a->b"))
    kept = {"weight", "offset"} if case.startswith("every") else {case.split("_")[0].rstrip("s")}
    kept = {"weight"} if case.startswith("weight") else kept
    table = table.drop({"weight", "offset"} - kept)
    by = "group" if case.startswith(("strata", "every", "weighted_cluster")) else None
    rows = Intervals(table)
    baseline = Cox(case.rsplit("_", maxsplit=1)[1], by=by)  # type: ignore[arg-type]
    spec = HazardSpec((Transition("a->b", formula, baseline, clock="forward"),))
    return fit_hazards(rows, spec), rows


@every_case
def test_residuals_are_survivals(case: str) -> None:
    fit, rows = _fit(case)
    oracle, made = ORACLES[case], residuals(fit, rows)
    np.testing.assert_allclose(made.table["martingale"], oracle["martingale"], atol=FITTED)
    np.testing.assert_allclose(made.table["deviance"], oracle["deviance"], atol=FITTED)
    np.testing.assert_allclose(made.score, oracle["score"], atol=FITTED)
    np.testing.assert_allclose(made.dfbeta, oracle["dfbeta"], atol=FITTED)


@every_case
def test_influence_by_cluster_is_survivals(case: str) -> None:
    fit, rows = _fit(case)
    made = influence_by(fit, rows, "cluster").sort("cluster")
    np.testing.assert_allclose(
        made.select(fit.names).to_numpy(), ORACLES[case]["dfbeta_by_cluster"], atol=FITTED
    )


@every_case
def test_schoenfeld_residuals_are_survivals(case: str) -> None:
    fit, rows = _fit(case)
    made, oracle = proportionality_test(fit, rows, transform="identity"), ORACLES[case]
    for ours, printed in ((made.schoenfeld, "schoenfeld"), (made.scaled, "scaled_schoenfeld")):
        theirs = np.array(oracle[printed])
        if printed == "schoenfeld" or case.startswith("plain"):
            # Events of the same time come in another order.
            ours, theirs = (np.sort(a, axis=0) for a in (ours, theirs))
            np.testing.assert_allclose(ours, theirs, atol=100 * FITTED)


@every_case
@pytest.mark.parametrize("transform", ["identity", "log", "km", "rank"])
def test_proportional_hazards_are_tested_as_by_survival(case: str, transform: Any) -> None:
    fit, rows = _fit(case)
    oracle = ORACLES[case][f"zph_{transform}"]
    made = proportionality_test(fit, rows, transform=transform).table
    np.testing.assert_allclose(made["chisq"], oracle["chisq"], rtol=10 * FITTED)
    np.testing.assert_allclose(made["p"], oracle["p"], rtol=10 * FITTED)
    assert made["df"].to_list() == [int(v) for v in oracle["df"]]


@pytest.mark.parametrize(
    "case", [*CASES, "offset_efron", "weights_breslow", "cluster_breslow", "weighted_cluster_efron"]
)
def test_concordance_is_survivals(case: str) -> None:
    fit, rows = _fit(case)
    oracle = ORACLES[case]
    cluster = "cluster" if "cluster" in case else None
    made = concordance(fit, rows, cluster=cluster)
    assert made.value == pytest.approx(oracle["concordance"], abs=ROUNDING)
    assert made.standard_error**2 == pytest.approx(oracle["concordance_variance"], abs=ROUNDING)
    counts = (made.concordant, made.discordant, made.tied_predictor, made.tied_time)
    np.testing.assert_allclose(counts, oracle["concordance_count"][:4], atol=1e-9)


def test_martingale_residuals_of_a_constant_hazard_by_hand() -> None:
    rows = Intervals(
        pl.DataFrame(
            {"id": [1, 2, 3, 4], "transition": "a->b", "start": 0.0, "stop": [2.0, 3.0, 4.0, 1.0],
             "event": [1, 0, 1, 0]}
        )
    )  # fmt: skip
    fit = fit_hazards(rows, HazardSpec((Transition("a->b"),)))
    made = residuals(fit, rows)
    # 2 events in 10 units of time: a fifth of an event for each unit.
    np.testing.assert_allclose(made.table["martingale"], [0.6, -0.6, 0.2, -0.2], atol=FITTED)
    np.testing.assert_allclose(made.table["deviance"][1], -np.sqrt(1.2), atol=FITTED)
    np.testing.assert_allclose(made.score[:, 0], [0.6, -0.6, 0.2, -0.2], atol=FITTED)
    np.testing.assert_allclose(made.dfbeta[:, 0], np.array([0.3, -0.3, 0.1, -0.1]), atol=FITTED)


def test_leaving_out_the_most_influential_moves_the_estimate_as_told() -> None:
    fit, rows = _fit("plain_breslow")
    worst = influence_by(fit, rows, "id")[0]
    left = Intervals(rows.table.filter(pl.col("id") != worst["id"][0]))
    moved = fit.coefficients - fit_hazards(left, fit.spec).coefficients
    told = worst.select(fit.names).to_numpy()[0]
    # First order: right to a quarter of the move.
    np.testing.assert_allclose(moved, told, atol=0.25 * np.abs(moved).max())


def test_a_factor_is_one_term() -> None:
    fit, rows = _fit("plain_breslow", "x + group")
    by_term = proportionality_test(fit, rows).table
    assert by_term["name"].to_list() == ["a->b:x", "a->b:group", "GLOBAL"]
    assert by_term["df"].to_list() == [1, 2, 3]
    single = proportionality_test(fit, rows, by="coefficient").table
    assert single.height == 4
    assert single["chisq"][-1] == pytest.approx(by_term["chisq"][-1])


def test_what_cannot_be_tested_is_refused() -> None:
    _, rows = _fit("plain_breslow")
    weibull = HazardSpec((Transition("a->b", "x", Weibull(), clock="forward"),))
    with pytest.raises(InputError, match="no transition has a Cox baseline"):
        proportionality_test(fit_hazards(rows, weibull), rows)
    ridge = HazardSpec((Transition("a->b", "x", Cox()),), ridges=(Ridge(("a->b:x",), 1.0),))
    with pytest.raises(InputError, match="without priors"):
        proportionality_test(fit_hazards(rows, ridge), rows)
    fit, _ = _fit("plain_breslow")
    with pytest.raises(InputError, match="transform"):
        proportionality_test(fit, rows, transform="sqrt")  # type: ignore[arg-type]
