"""What must not change: a split row, the order of rows, the unit of time."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.hazards import (
    Baseline,
    Exponential,
    Frailty,
    Gompertz,
    HazardFit,
    HazardSpec,
    Intervals,
    Piecewise,
    Ridge,
    RoystonParmar,
    Spline,
    Transition,
    Weibull,
    fit_hazards,
)

# Two fits of the same likelihood stop within the same gain of 1e-13 (5e-7 standard errors), and
# the variances of the frailties within 1e-6; not at the same bits.
SAME = 1e-5
SAME_VALUE = 1e-7
CUT = 1.5
BASELINES: dict[str, Baseline] = {
    "exponential": Exponential(),
    "weibull": Weibull(),
    "gompertz": Gompertz(),
    "piecewise": Piecewise((CUT,), smooth=1.0),
    "spline": Spline(3, smooth=0.5),
    "spline of the log": Spline(3, smooth=0.5, over="log time"),
    "royston-parmar": RoystonParmar(1),
}
every_baseline = pytest.mark.parametrize("baseline", BASELINES.values(), ids=BASELINES.keys())
few = settings(max_examples=8, deadline=None, derandomize=True)


def _table(seed: int, n: int = 60) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    end, censored = rng.exponential(2.0 * np.exp(-0.5 * x)), rng.uniform(1.0, 5.0, n)
    return pl.DataFrame(
        {
            "id": np.arange(n),
            "transition": "a->b",
            "start": 0.0,
            "stop": np.minimum(end, censored),
            "entry": 0.0,
            "event": (end <= censored).astype(int),
            "x": x,
            "dyad": rng.integers(0, 6, n),
        }
    )


def _fit(table: pl.DataFrame, baseline: Baseline) -> HazardFit:
    spec = HazardSpec(
        (Transition("a->b", "x", baseline),),
        ridges=(Ridge(("a->b:x",), 2.0),),
        frailty=Frailty("dyad", "dyad", ("a->b",), 0.5),
    )
    return fit_hazards(Intervals(table), spec)


def _same(one: HazardFit, other: HazardFit) -> None:
    assert one.log_likelihood == pytest.approx(other.log_likelihood, abs=SAME_VALUE)
    assert one.names == other.names
    np.testing.assert_allclose(one.dense, other.dense, atol=SAME)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=SAME)
    np.testing.assert_allclose(one.frailty, other.frailty, atol=SAME)


@every_baseline
@few
@given(seed=st.integers(0, 99), row=st.integers(0, 59), share=st.floats(0.05, 0.95))
def test_a_split_row_is_the_same_row(baseline: Baseline, seed: int, row: int, share: float) -> None:
    table = _table(seed)
    whole = table[row]
    at = whole["stop"][0] * share
    parts = [
        whole.with_columns(stop=pl.lit(at), event=pl.lit(0, dtype=pl.Int64)),
        whole.with_columns(start=pl.lit(at)),
    ]
    split = pl.concat([table[:row], *parts, table[row + 1 :]])
    _same(_fit(table, baseline), _fit(split, baseline))


@every_baseline
@few
@given(seed=st.integers(0, 99))
def test_rows_come_in_any_order(baseline: Baseline, seed: int) -> None:
    table = _table(seed)
    _same(_fit(table, baseline), _fit(table.sample(fraction=1.0, shuffle=True, seed=1), baseline))


@every_baseline
@few
@given(seed=st.integers(0, 99), unit=st.sampled_from([1 / 365.25, 0.5, 12.0]))
def test_another_unit_of_time_moves_only_the_level(
    baseline: Baseline, seed: int, unit: float
) -> None:
    table = _table(seed)
    scaled = table.with_columns(pl.col("start", "stop") * unit)
    if isinstance(baseline, Piecewise):
        other = _fit(scaled, replace(baseline, cuts=(CUT * unit,)))
    else:
        other = _fit(scaled, baseline)
    one = _fit(table, baseline)
    # h(t) dt is a number, so the log level falls by the log of the unit, and with it what is the
    # coefficient of the time (by the unit) or of its logarithm (by that of the unit, in the level).
    moved = other.dense - one.dense
    level, log_unit = "a->b:baseline[0,inf)", np.log(unit)
    expected = {n: -log_unit for n in one.names if ":baseline" in n}
    match baseline:
        case Weibull():
            expected[level] *= np.exp(one["a->b:log shape"][0])
        case Gompertz() | Spline(over="time"):
            slope = "a->b:shape" if isinstance(baseline, Gompertz) else "a->b:slope"
            expected[slope] = one[slope][0] * (1.0 / unit - 1.0)
        case Spline():
            expected[level] -= one["a->b:slope"][0] * log_unit
        case RoystonParmar():
            # The cubics fall with the cube of the logarithm, which the unit leaves alone.
            expected[level] = -one["a->b:gamma1"][0] * log_unit
        case _:
            pass
    for name, change in zip(one.names, moved, strict=True):
        assert change == pytest.approx(expected.get(name, 0.0), abs=10 * SAME, rel=SAME), name
    events = one.events["a->b"]
    shift = -events * np.log(unit)
    assert other.log_likelihood - one.log_likelihood == pytest.approx(shift, abs=1e-6 * events)


def test_the_weight_of_a_row_is_how_often_it_counts() -> None:
    table = _table(5)
    twice = pl.concat([table, table.with_columns(pl.col("id") + 1000)])
    _same(_fit(twice, Weibull()), _fit(table.with_columns(weight=pl.lit(2.0)), Weibull()))
