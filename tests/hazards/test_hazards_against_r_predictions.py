"""Cumulative hazards at covariates and along paths against survfit's, in tests/oracles."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from detente.hazards import (
    Cox,
    CumulativeHazards,
    HazardFit,
    HazardSpec,
    Intervals,
    Moves,
    Shared,
    Transition,
    cumulative_hazards,
    fit_hazards,
)

HERE = Path(__file__).resolve().parents[1] / "oracles"
COX: dict[str, dict[str, Any]] = json.loads((HERE / "cox.json").read_text())
STATES: dict[str, dict[str, Any]] = json.loads((HERE / "multistate.json").read_text())
# What Newton's stopping rule leaves of the coefficients, on curves.
TOLERANCE = 1e-6
# Durations are differences of times: joined where they differ by rounding, they may sit this far
# to either side.
ROUNDING = 1e-9
TIES = ("breslow", "efron")
ARROWS = tuple(
    (a, b)
    for a, targets in (
        ("start", ("better", "worse", "back", "end")),
        ("better", ("mixed", "back", "end")),
        ("worse", ("mixed", "back", "end")),
        ("mixed", ("back", "end")),
    )
    for b in targets
)
SIX = Moves(("start", "better", "worse", "mixed", "back", "end"), ARROWS)


def _check(made: CumulativeHazards, name: str, oracle: dict[str, Any], row: int | None) -> None:
    def theirs(key: str) -> np.ndarray:
        return np.array(oracle[key] if row is None else oracle[key][row])

    times = np.array(oracle["time"]) + ROUNDING
    at = np.searchsorted(made.times, times, side="right") - 1
    k = made.transitions.index(name)
    np.testing.assert_allclose(made.values[at, k], theirs("cumulative_hazard"), rtol=TOLERANCE)
    np.testing.assert_allclose(
        made.standard_errors[at, k], theirs("standard_error"), rtol=TOLERANCE
    )


def _ties(ties: str, *, everything: bool) -> HazardFit:
    table = pl.read_csv(HERE / "ties.csv").with_columns(pl.lit("a->b").alias("transition"))
    table = table if everything else table.drop("weight", "offset")
    by = "group" if everything else None
    spec = HazardSpec((Transition("a->b", "x + z", Cox(ties, by=by), "forward"),))
    return fit_hazards(Intervals(table), spec)


@pytest.mark.parametrize("ties", TIES)
def test_two_sets_of_covariates(ties: str) -> None:
    fit, predicted = _ties(ties, everything=False), COX[f"plain_{ties}"]["predicted"]
    for row, new in enumerate(predicted["newdata"]):
        made = cumulative_hazards(fit, {"x": new["x"], "z": new["z"]})
        _check(made, "a->b", predicted, row)


@pytest.mark.parametrize("ties", TIES)
def test_a_path_of_covariates(ties: str) -> None:
    oracle = COX[f"path_{ties}"]
    made = cumulative_hazards(_ties(ties, everything=False), pl.DataFrame(oracle["path"]))
    _check(made, "a->b", oracle, None)


def _six(ties: str, clock: str, formula: str, *, shared: bool) -> HazardFit:
    stays = pl.read_csv(HERE / "six_states.csv")
    table = Intervals.from_wide(stays, SIX).table.with_columns(pl.col("from").alias("source"))
    transitions = tuple(
        Transition(n, "1", Cox(ties, stratum=to if shared else None), clock)
        for n, (_, to) in zip(SIX.names, SIX.arrows, strict=True)
    )
    spec = HazardSpec(transitions, shared=(Shared("all", formula, SIX.names),))
    return fit_hazards(Intervals(table, SIX), spec)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("clock", ["forward", "reset"])
def test_six_states_on_both_clocks(clock: str, ties: str) -> None:
    fit = _six(ties, clock, "a + b + c", shared=False)
    oracle = STATES[f"{'common' if clock == 'forward' else 'reset'}_{ties}"]
    made = cumulative_hazards(fit, oracle["newdata"])
    for name, predicted in zip(SIX.names, oracle["predicted"], strict=True):
        _check(made, name, predicted, None)


@pytest.mark.parametrize("ties", TIES)
def test_proportional_baselines(ties: str) -> None:
    levels = '["start", "better", "worse", "mixed"]'
    fit = _six(ties, "forward", f"a + b + C(source, levels={levels})", shared=True)
    oracle = STATES[f"proportional_{ties}"]
    made = cumulative_hazards(
        fit,
        {"a": 0.5, "b": 1.0, "source": "worse"},
        transitions=("worse->mixed", "worse->back", "worse->end"),
    )
    for name, predicted in zip(made.transitions, oracle["predicted"], strict=True):
        _check(made, name, predicted, None)
