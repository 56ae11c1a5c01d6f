"""Three to ten rows, with the algebra beside them."""

import numpy as np
import polars as pl
import pytest

from detente.core.errors import UnknownNameError
from detente.hazards import (
    HazardSpec,
    Intervals,
    Piecewise,
    Shared,
    Transition,
    Weibull,
    expected_by_row,
    fit_hazards,
)

# Newton stops at a gain of 1e-13 log-likelihood units: within 5e-7 standard errors of the top.
EXACT = 1e-6


def _rows(*rows: tuple[float, float, int], **columns: list[object]) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema=["start", "stop", "event"], orient="row")
    extra = {name: pl.Series(name, values) for name, values in columns.items()}
    return table.with_columns(
        id=pl.int_range(pl.len()), transition=pl.lit("a->b"), entry=pl.lit(0.0)
    ).with_columns(**extra)


def test_exponential_rate_is_events_over_exposure() -> None:
    # 2 events in 2 + 3 + 4 + 1 = 10: rate 0.2, l = 2 log 0.2 - 2, var(log rate) = 1 / 2.
    table = _rows((0, 2, 1), (0, 3, 0), (0, 4, 1), (0, 1, 0))
    fit = fit_hazards(Intervals(table), HazardSpec((Transition("a->b"),)))
    level, error = fit["a->b:baseline[0,inf)"]
    assert np.exp(level) == pytest.approx(0.2, abs=EXACT)
    assert error == pytest.approx(np.sqrt(0.5), abs=EXACT)
    assert fit.log_likelihood == pytest.approx(2 * np.log(0.2) - 2, abs=EXACT)
    assert fit.penalised == fit.log_likelihood
    assert fit.events == {"a->b": 2}


def test_left_truncation_counts_only_time_under_observation() -> None:
    # Seen over (1, 3] and (2, 6]: 2 + 4 = 6 units, 2 events.
    fit = fit_hazards(Intervals(_rows((1, 3, 1), (2, 6, 1))), HazardSpec((Transition("a->b"),)))
    assert np.exp(fit.coefficients[0]) == pytest.approx(2 / 6, abs=EXACT)


def test_weights_and_offsets_enter_events_and_exposure() -> None:
    # Events 3 x 1; exposure 3 x 2 x e^0.5 + 1 x 4 x e^0 = 6 e^0.5 + 4.
    table = _rows((0, 2, 1), (0, 4, 0), weight=[3.0, 1.0], offset=[0.5, 0.0])
    fit = fit_hazards(Intervals(table), HazardSpec((Transition("a->b"),)))
    assert np.exp(fit.coefficients[0]) == pytest.approx(3 / (6 * np.exp(0.5) + 4), abs=EXACT)
    expected = expected_by_row(fit, Intervals(table))["a->b"]
    assert np.array([3.0, 1.0]) @ expected == pytest.approx(3.0, abs=EXACT)


def test_piecewise_levels_are_events_over_exposure_by_piece() -> None:
    # Cut at 2. Exposure (0, 2]: 2 + 2 + 1 + 2 = 7, events at 1 and, on the cut, at 2: 2 / 7.
    # Exposure (2, inf): 3 + 2 = 5, events at 5 and 4: 2 / 5.
    table = _rows((0, 5, 1), (0, 2, 1), (0, 1, 1), (0, 4, 1))
    spec = HazardSpec((Transition("a->b", baseline=Piecewise((2.0,))),))
    fit = fit_hazards(Intervals(table), spec)
    assert fit.names == ("a->b:baseline[0,2)", "a->b:baseline[2,inf)")
    np.testing.assert_allclose(np.exp(fit.coefficients), [2 / 7, 2 / 5], atol=EXACT)
    np.testing.assert_allclose(fit.standard_errors, np.sqrt([0.5, 0.5]), atol=EXACT)


def test_strata_have_levels_of_their_own() -> None:
    # First: 1 event in 1 + 3 = 4; again: 2 events in 5 + 1 = 6.
    table = _rows((0, 1, 1), (0, 3, 0), (0, 5, 1), (0, 1, 1), before=["no", "no", "yes", "yes"])
    spec = HazardSpec((Transition("a->b", baseline=Piecewise(by="before")),))
    fit = fit_hazards(Intervals(table), spec)
    assert np.exp(fit["a->b:baseline[0,inf)|before=no"][0]) == pytest.approx(1 / 4, abs=EXACT)
    assert np.exp(fit["a->b:baseline[0,inf)|before=yes"][0]) == pytest.approx(2 / 6, abs=EXACT)


def test_binary_covariate_is_the_log_of_a_ratio_of_rates() -> None:
    # x = 0: 2 events in 10; x = 1: 1 event in 2; ratio 0.5 / 0.2, variance 1/2 + 1/1.
    table = _rows((0, 6, 1), (0, 4, 1), (0, 2, 1), x=[False, False, True])
    fit = fit_hazards(Intervals(table), HazardSpec((Transition("a->b", "x"),)))
    assert fit["a->b:x"][0] == pytest.approx(np.log(0.5 / 0.2), abs=EXACT)
    assert fit["a->b:x"][1] == pytest.approx(np.sqrt(1.5), abs=EXACT)


def test_shared_coefficient_in_closed_form() -> None:
    # Transition k: D_kx events, T_kx exposure at x = 0, 1. With T_k1 / T_k0 = 2 for both, the
    # levels drop out: D_.1 / D_.0 = 2 e^b, so b = log(3 / 4 / 2) with 3 events at 1, 4 at 0.
    one = _rows((0, 1, 1), (0, 1, 1), (0, 2, 1), (0, 2, 0), x=[0, 0, 1, 1])
    two = _rows((0, 3, 1), (0, 3, 1), (0, 6, 1), (0, 6, 1), x=[0, 0, 1, 1])
    table = pl.concat([one, two.with_columns(transition=pl.lit("a->c"))])
    spec = HazardSpec(
        (Transition("a->b"), Transition("a->c")), shared=(Shared("all", "x", ("a->b", "a->c")),)
    )
    fit = fit_hazards(Intervals(table), spec)
    assert fit["all:x"][0] == pytest.approx(np.log(3 / 4 / 2), abs=EXACT)


def test_levels_of_a_shared_factor_mean_the_same_everywhere() -> None:
    # The second transition never sees "low"; "high" against "low" must not turn into "high"
    # against "mid" there. Levels: low, mid, high with rates by transition 1 set to 1/4, 1/2, 1.
    one = _rows((0, 4, 1), (0, 2, 1), (0, 1, 1), g=["1 low", "2 mid", "3 high"])
    two = _rows((0, 4, 1), (0, 2, 1), g=["2 mid", "3 high"])
    table = pl.concat([one, two.with_columns(transition=pl.lit("a->c"))])
    spec = HazardSpec(
        (Transition("a->b"), Transition("a->c")), shared=(Shared("all", "g", ("a->b", "a->c")),)
    )
    fit = fit_hazards(Intervals(table), spec)
    assert fit["all:g[T.2 mid]"][0] == pytest.approx(np.log(2), abs=EXACT)
    assert fit["all:g[T.3 high]"][0] == pytest.approx(np.log(4), abs=EXACT)


def test_weibull_solves_its_score_equations() -> None:
    # 1 / a + mean(log t) - sum(t^a log t) / sum(t^a) = 0 and e^level = n / sum(t^a), no censoring.
    t = np.array([1.0, 2.0, 4.0, 7.0])
    table = _rows(*((0.0, float(s), 1) for s in t))
    fit = fit_hazards(Intervals(table), HazardSpec((Transition("a->b", baseline=Weibull()),)))
    a = np.exp(fit["a->b:log shape"][0])
    score = 1 / a + np.log(t).mean() - (t**a @ np.log(t)) / (t**a).sum()
    assert score == pytest.approx(0.0, abs=EXACT)
    assert fit["a->b:baseline[0,inf)"][0] == pytest.approx(np.log(4 / (t**a).sum()), abs=EXACT)


@pytest.mark.parametrize("unit", [1e-3, 1.0, 365.25 * 24])
def test_weibull_converges_in_any_unit_of_time(unit: float) -> None:
    t = np.random.default_rng(3).weibull(3.0, 200) * 20 * unit
    table = _rows(*((0.0, float(s), 1) for s in t))
    fit = fit_hazards(Intervals(table), HazardSpec((Transition("a->b", baseline=Weibull()),)))
    shape, error = fit["a->b:log shape"]
    assert abs(shape - np.log(3.0)) < 3 * error


def test_entry_is_where_the_unbroken_run_began() -> None:
    table = pl.DataFrame(
        {
            "id": [1, 1, 1, 1, 2],
            "from": ["a"] * 5,
            "to": ["b"] * 5,
            "start": [3.0, 0.0, 1.0, 2.0, 7.0],
            "stop": [4.0, 1.0, 2.0, 3.0, 9.0],
            "event": [0, 0, 1, 0, 1],
        }
    )
    # Unit 1 runs from 0, leaves at 2 (event), is back at once; unit 2 comes late.
    assert Intervals(table).table["entry"].to_list() == [2.0, 0.0, 0.0, 2.0, 7.0]
    counts = Intervals(table).events().row(0, named=True)
    assert counts == {"transition": "a->b", "intervals": 5, "events": 2, "exposure": 6.0}


def test_clocks_differ_by_the_time_of_entry() -> None:
    # Entered at 10; an event at 11 is early on the reset clock and late on the forward one.
    table = _rows((10, 11, 1), (0, 6, 1)).with_columns(entry=pl.Series([10.0, 0.0]))
    cut = Piecewise((5.0,), smooth=1.0)
    reset = fit_hazards(Intervals(table), HazardSpec((Transition("a->b", baseline=cut),)))
    forward = fit_hazards(
        Intervals(table), HazardSpec((Transition("a->b", baseline=cut, clock="forward"),))
    )
    assert reset.intervals == forward.intervals == 3
    # Reset: (0, 5] has 1 + 5 units and one event. Forward: 5 units, no event.
    assert reset.coefficients[0] > forward.coefficients[0]


def test_an_unknown_coefficient_is_named() -> None:
    fit = fit_hazards(Intervals(_rows((0, 2, 1))), HazardSpec((Transition("a->b"),)))
    with pytest.raises(UnknownNameError, match=r"did you mean 'a->b:baseline\[0,inf\)'"):
        fit["a->b:baseline[0,inf]"]
