"""Nelson-Aalen, Kaplan-Meier and Aalen-Johansen: by hand, against R, and what must hold."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.core.errors import DataError, InputError
from detente.hazards import (
    Intervals,
    Moves,
    aalen_johansen,
    cumulative_incidence,
    kaplan_meier,
    nelson_aalen,
    transition_probabilities,
)
from detente.hazards.nonparametric.bands import equal_precision_critical, hall_wellner_critical

HERE = Path(__file__).resolve().parents[1] / "oracles"
MULTISTATE: dict[str, dict[str, Any]] = json.loads((HERE / "multistate.json").read_text())
COMPETING: dict[str, dict[str, Any]] = json.loads((HERE / "competing.json").read_text())
# Sums and products of a few hundred doubles, and the fifteen digits that are printed.
ROUNDING = 1e-12
# survfit prints the square root of sums of squares of influences.
JACKKNIFE_ROUNDING = 1e-10
SIX = Moves(
    ("start", "better", "worse", "mixed", "back", "end"),
    (
        ("start", "better"), ("start", "worse"), ("start", "back"), ("start", "end"),
        ("better", "mixed"), ("better", "back"), ("better", "end"),
        ("worse", "mixed"), ("worse", "back"), ("worse", "end"),
        ("mixed", "back"), ("mixed", "end"),
    ),
)  # fmt: skip
REVERSIBLE = Moves.illness_death("well", "ill", "dead", recovery=True)
few = settings(max_examples=15, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def six() -> Intervals:
    return Intervals.from_wide(pl.read_csv(HERE / "six_states.csv"), SIX)


@pytest.fixture(scope="module")
def reversible() -> Intervals:
    return Intervals.from_wide(pl.read_csv(HERE / "reversible.csv"), REVERSIBLE)


def _causes(group: str | None = None) -> Intervals:
    table = pl.read_csv(HERE / "causes.csv")
    table = table if group is None else table.filter(pl.col("group") == group)
    names = pl.DataFrame({"cause": [1, 2, 3], "to": ["one", "two", "three"]})
    wide = table.join(names, on="cause", how="left", maintain_order="left").with_columns(
        pl.lit("in").alias("from"), pl.lit(0.0).alias("start"), stop=pl.col("time").cast(pl.Float64)
    )
    return Intervals.from_wide(wide, Moves.competing_risks("in", ["one", "two", "three"]))


def _rows(**columns: object) -> Intervals:
    return Intervals(pl.DataFrame({"from": "well", "to": "dead", "start": 0.0, **columns}))


# By hand


def test_nelson_aalen_with_late_entry_and_ties_by_hand() -> None:
    # At 2: two events among 1, 2, 3 (4 enters at 2, so not yet); at 5: one among 3, 4.
    rows = _rows(
        id=[1, 2, 3, 4],
        start=[0.0, 0.0, 1.0, 2.0],
        stop=[2.0, 2.0, 5.0, 6.0],
        event=[1, 1, 1, 0],
    )
    made = nelson_aalen(rows)
    assert made.times.tolist() == [2.0, 5.0]
    np.testing.assert_allclose(made.of("well->dead"), [2 / 3, 2 / 3 + 1 / 2])
    np.testing.assert_allclose(made.standard_errors[:, 0] ** 2, [2 / 9, 2 / 9 + 1 / 4])
    binomial = nelson_aalen(rows, variance="greenwood").standard_errors[:, 0] ** 2
    np.testing.assert_allclose(binomial, [2 * 1 / 27, 2 * 1 / 27 + 1 / 8])
    np.testing.assert_allclose(made.at([1.9, 2.0, 9.0])[:, 0], [0.0, 2 / 3, 7 / 6])


def test_weights_count_a_row_that_often() -> None:
    often = _rows(id=[1, 2, 3, 4], stop=[1.0, 2.0, 2.0, 3.0], event=[1, 1, 1, 0])
    weighted = _rows(id=[1, 2, 3], stop=[1.0, 2.0, 3.0], event=[1, 1, 0], weight=[1.0, 2.0, 1.0])
    for a, b in zip(nelson_aalen(often).values, nelson_aalen(weighted).values, strict=True):
        np.testing.assert_allclose(a, b)
    np.testing.assert_allclose(
        kaplan_meier(often).standard_errors, kaplan_meier(weighted).standard_errors
    )
    assert kaplan_meier(often).size == kaplan_meier(weighted).size == 4


def test_kaplan_meier_by_hand() -> None:
    curve = kaplan_meier(_rows(id=[1, 2, 3, 4], stop=[1.0, 2.0, 3.0, 4.0], event=[1, 0, 1, 0]))
    np.testing.assert_allclose(curve.values, [3 / 4, 3 / 8])
    # Greenwood: S^2 sum d / (Y (Y - d)).
    np.testing.assert_allclose(
        curve.standard_errors**2, [(3 / 4) ** 2 / 12, (3 / 8) ** 2 * (1 / 12 + 1 / 2)]
    )
    assert curve.quantile() == 3.0
    assert np.isnan(curve.quantile(0.9))
    mean, error = curve.restricted_mean(4.0)
    assert mean == pytest.approx(1 + 2 * 3 / 4 + 3 / 8)
    assert error == pytest.approx(np.sqrt((1.5 + 0.375) ** 2 / 12 + 0.375**2 / 2))


def test_the_last_one_leaves() -> None:
    curve = kaplan_meier(_rows(id=[1, 2], stop=[1.0, 2.0], event=[1, 1]))
    assert curve.values[-1] == 0.0
    assert curve.standard_errors[-1] == 0.0
    assert curve.interval()[1][-1] == 0.0


def test_median_of_a_flat_stretch_is_its_middle() -> None:
    assert kaplan_meier(_rows(id=[1, 2], stop=[1.0, 2.0], event=[1, 1])).quantile() == 1.5


# Against R


@pytest.mark.parametrize("case", ["etm_0", "etm_2.5", "reversible_etm_0"])
def test_aalen_johansen_is_etms(case: str, six: Intervals, reversible: Intervals) -> None:
    oracle = MULTISTATE[case]
    made = aalen_johansen(reversible if case.startswith("rev") else six, start=oracle["s"])
    assert list(made.states) == oracle["states"]
    np.testing.assert_allclose(made.at(oracle["time"]), oracle["probability"], atol=ROUNDING)
    variance = made.errors_at(oracle["time"]) ** 2
    np.testing.assert_allclose(variance, oracle["variance"], atol=ROUNDING)


def test_aalen_johansen_and_the_jackknife_are_survfits(six: Intervals) -> None:
    oracle = MULTISTATE["survfit_aj"]
    made = aalen_johansen(six, from_state="start", variance="robust")
    order = [made.states.index(s) for s in oracle["states"]]
    values = made.at(oracle["time"])[:, 0, order]
    np.testing.assert_allclose(values, oracle["pstate"], atol=ROUNDING)
    errors = made.errors_at(oracle["time"])[:, 0, order]
    np.testing.assert_allclose(errors, oracle["jackknife_se"], atol=JACKKNIFE_ROUNDING)


@pytest.mark.parametrize(("case", "ties"), [("ctype1", "breslow"), ("ctype2", "efron")])
def test_nelson_aalen_is_survfits(case: str, ties: Any, six: Intervals) -> None:
    oracle = MULTISTATE[f"one_transition_{case}"]
    hazards = nelson_aalen(six, ties=ties)
    k = hazards.transitions.index("start->worse")
    np.testing.assert_allclose(
        hazards.at(oracle["time"])[:, k], oracle["cumulative_hazard"], atol=ROUNDING
    )
    place = np.searchsorted(hazards.times, oracle["time"], side="right") - 1
    errors = np.where(place < 0, 0.0, hazards.standard_errors[np.maximum(place, 0), k])
    np.testing.assert_allclose(errors, oracle["standard_error"], atol=ROUNDING)


@pytest.mark.parametrize("group", ["a", "b"])
def test_cumulative_incidence_is_etms(group: str) -> None:
    made = cumulative_incidence(_causes(group))
    for state, oracle in zip(
        ("one", "two", "three"), COMPETING[f"etmCIF_{group}"]["causes"], strict=True
    ):
        column = made.states.index(state)
        np.testing.assert_allclose(
            made.at(oracle["time"])[:, 0, column], oracle["probability"], atol=ROUNDING
        )
        variance = made.errors_at(oracle["time"])[:, 0, column] ** 2
        np.testing.assert_allclose(variance, oracle["variance"], atol=ROUNDING)


def test_cumulative_incidence_is_cmprsks() -> None:
    oracle = COMPETING["cuminc"]
    for label, values in zip(oracle["curves"], oracle["estimate"], strict=True):
        group, cause = label.split()
        column = ["in", "one", "two", "three"][int(cause)]
        made = cumulative_incidence(_causes(group))
        ours = made.at(oracle["time"])[:, 0, made.states.index(column)]
        printed = [np.nan if v is None else v for v in values]
        shown = ~np.isnan(np.array(printed, dtype=float))
        np.testing.assert_allclose(ours[shown], np.array(printed)[shown], atol=ROUNDING)


def test_competing_risks_and_the_jackknife_are_survfits() -> None:
    oracle = COMPETING["survfit"]
    made = cumulative_incidence(_causes(), variance="robust")
    np.testing.assert_allclose(made.at(oracle["time"])[:, 0], oracle["pstate"], atol=ROUNDING)
    errors = made.errors_at(oracle["time"])[:, 0]
    np.testing.assert_allclose(errors, oracle["jackknife_se"], atol=JACKKNIFE_ROUNDING)


@pytest.mark.parametrize("scale", ["plain", "log", "log-log"])
def test_kaplan_meier_and_its_limits_are_survfits(scale: Any) -> None:
    oracle = COMPETING[f"kaplan_meier_{scale}"]
    curve = kaplan_meier(_causes())
    at = np.searchsorted(curve.times, oracle["time"])
    np.testing.assert_allclose(curve.values[at], oracle["survival"], atol=ROUNDING)
    np.testing.assert_allclose(curve.standard_errors[at], oracle["standard_error"], atol=ROUNDING)
    low, high = curve.interval(0.9, scale)
    np.testing.assert_allclose(low[at], oracle["lower"], atol=ROUNDING)
    np.testing.assert_allclose(high[at], oracle["upper"], atol=ROUNDING)


def test_weighted_kaplan_meier_is_survfits() -> None:
    oracle = COMPETING["kaplan_meier_weighted"]
    table = _causes().table.with_columns(weight=1.0 + (pl.col("id").cast(pl.Int64) % 3))
    curve = kaplan_meier(Intervals(table))
    np.testing.assert_allclose(curve.at(oracle["time"]), oracle["survival"], atol=ROUNDING)


# Bands


def test_critical_values_of_a_whole_bridge_are_kolmogorovs() -> None:
    # Kolmogorov (1933): P(sup |B0| <= 1.3580986...) = 0.95, 1.2238479... for 0.9.
    assert hall_wellner_critical(0.95, 0.0, 1.0) == pytest.approx(1.3580986393, abs=1e-9)
    assert hall_wellner_critical(0.90, 0.0, 1.0) == pytest.approx(1.2238478702, abs=1e-9)


def test_critical_values_of_equal_precision_are_near_those_of_miller_and_siegmund() -> None:
    # Miller and Siegmund (1982): P(sup > d) ~ 4 f(d) / d + f(d) (d - 1 / d) log(odds ratio).
    for low, high in ((0.1, 0.9), (0.05, 0.95), (0.02, 0.6)):
        d = equal_precision_critical(0.95, low, high)
        density = np.exp(-(d**2) / 2) / np.sqrt(2 * np.pi)
        odds = np.log(high * (1 - low) / (low * (1 - high)))
        assert 4 * density / d + density * (d - 1 / d) * odds == pytest.approx(0.05, abs=0.002)


def test_a_band_is_wider_than_the_pointwise_limits() -> None:
    curve = kaplan_meier(_causes())
    low, high = curve.interval(0.95, "log-log")
    for kind in ("equal precision", "hall-wellner"):
        band = curve.band(0.95, kind, window=(4.0, 20.0))
        at = np.searchsorted(curve.times, band["time"].to_numpy())
        middle = len(at) // 2
        assert band["low"][middle] < low[at][middle]
        assert band["high"][middle] > high[at][middle]


# What must hold


@st.composite
def courses(draw: st.DrawFn) -> pl.DataFrame:
    """Courses of a reversible illness-death process, on a coarse grid so that times tie."""
    seed, n = draw(st.integers(0, 10_000)), draw(st.integers(3, 40))
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, str, str | None, float, float]] = []
    targets = {"well": ("ill", "dead"), "ill": ("well", "dead")}
    for unit in range(n):
        state, time, end = "well", float(rng.integers(0, 3)), float(rng.integers(8, 20))
        while state != "dead" and time < end:
            stop = time + float(rng.integers(1, 6))
            to = None if stop > end else str(rng.choice(targets[state]))
            rows.append((unit, state, to, time, min(stop, end)))
            state, time = (to or "dead"), stop
    return pl.DataFrame(rows, schema=["id", "from", "to", "start", "stop"], orient="row")


@few
@given(courses(), st.sampled_from(["greenwood", "aalen"]))
def test_rows_sum_to_one_and_chapman_kolmogorov(wide: pl.DataFrame, variance: Any) -> None:
    if wide["to"].null_count() == wide.height:
        return
    rows = Intervals.from_wide(wide, REVERSIBLE)
    hazards = nelson_aalen(rows, variance=variance)
    whole = transition_probabilities(hazards, REVERSIBLE)
    np.testing.assert_allclose(whole.values.sum(axis=2), 1.0, atol=ROUNDING)
    middle = float(np.median(hazards.times))
    first = transition_probabilities(hazards, REVERSIBLE, end=middle).values[-1]
    second = transition_probabilities(hazards, REVERSIBLE, start=middle).values[-1]
    np.testing.assert_allclose(first @ second, whole.values[-1], atol=ROUNDING)
    back = transition_probabilities(hazards, REVERSIBLE, direction="fixed horizon")
    np.testing.assert_allclose(back.values[0], whole.values[-1], atol=ROUNDING)
    np.testing.assert_allclose(
        back.standard_errors[0] ** 2, whole.standard_errors[-1] ** 2, atol=ROUNDING
    )
    gaps = np.diff(whole.times, append=whole.times[-1])
    stays = np.einsum("t,trs->rs", gaps, whole.values)
    np.testing.assert_allclose(whole.stays[-1], stays, atol=ROUNDING)


@few
@given(courses(), st.integers(0, 100), st.sampled_from([0.25, 7.0]))
def test_order_splits_and_units_do_not_matter(wide: pl.DataFrame, seed: int, unit: float) -> None:
    if wide["to"].null_count() == wide.height:
        return
    plain = Intervals.from_wide(wide, REVERSIBLE)
    made = aalen_johansen(plain, from_state="well", variance="robust")
    shuffled = Intervals(plain.table.sample(fraction=1.0, shuffle=True, seed=seed), REVERSIBLE)
    split = plain.split_at([3.5, 7.25])
    scaled = Intervals(
        plain.table.with_columns(pl.col("start", "stop", "entry") * unit), REVERSIBLE
    )
    for other in (shuffled, split, scaled):
        again = aalen_johansen(other, from_state="well", variance="robust")
        np.testing.assert_allclose(again.values, made.values, atol=ROUNDING)
        np.testing.assert_allclose(again.standard_errors**2, made.standard_errors**2, atol=ROUNDING)


@few
@given(courses())
def test_kaplan_meier_is_the_case_of_one_way_out(wide: pl.DataFrame) -> None:
    alive = wide.filter(pl.col("from") == "well")
    if alive["to"].null_count() == alive.height:
        return
    rows = Intervals.from_wide(alive, Moves.competing_risks("well", ["ill", "dead"]))
    curve = kaplan_meier(rows)
    made = aalen_johansen(rows, from_state="well")
    np.testing.assert_allclose(made.at(curve.times)[:, 0, 0], curve.values, atol=ROUNDING)
    np.testing.assert_allclose(
        made.errors_at(curve.times)[:, 0, 0] ** 2, curve.standard_errors**2, atol=ROUNDING
    )


# Bad input


def test_bad_input() -> None:
    rows = _rows(id=[1, 2], stop=[1.0, 2.0], event=[0, 0])
    with pytest.raises(DataError, match="no event"):
        nelson_aalen(rows)
    some = _rows(id=[1, 2], stop=[1.0, 2.0], event=[1, 0])
    with pytest.raises(InputError, match="variance"):
        nelson_aalen(some, variance="poisson")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no transitions"):
        kaplan_meier(some, ["well->ill"])
    with pytest.raises(InputError, match="window of a band"):
        kaplan_meier(some).band()
    with pytest.raises(InputError, match="between 0 and 1"):
        kaplan_meier(some).interval(1.5)
    with pytest.raises(InputError, match="ordered"):
        aalen_johansen(some, start=9.0)
    with pytest.raises(DataError, match="nobody is at risk"):
        aalen_johansen(some, start=9.0, end=10.0, from_state="observed")
    with pytest.raises(InputError, match="leave one state"):
        cumulative_incidence(some, REVERSIBLE)
    untold = Intervals(some.table.drop("from", "to"))
    with pytest.raises(DataError, match="has no states"):
        aalen_johansen(untold)


def test_an_observed_start_is_survfits_where_units_enter_late() -> None:
    # survfit(Surv(start, stop, ev) ~ 1, id = id, istate = from, influence = TRUE): those at risk
    # at the first event, 2, give the start.
    rows = pl.DataFrame(
        {
            "id": range(8),
            "from": list("AAABBABA"),
            "to": ["", "B", "", "A", "", "", "", "B"],
            "start": [0.0, 0.0, 0.0, 0.0, 0.0, 1.5, 1.0, 2.5],
            "stop": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 6.5],
        }
    )
    moves = Moves(("A", "B"), (("A", "B"), ("B", "A")))
    made = aalen_johansen(
        Intervals.from_wide(rows, moves), from_state="observed", variance="robust"
    )
    printed = [[0.5, 0.5], [1 / 3, 2 / 3], [5 / 9, 4 / 9], [0.0, 1.0]]
    assert made.at([0.0, 2.0, 4.0, 6.5])[:, 0] == pytest.approx(np.array(printed), abs=ROUNDING)
    errors = [0.204124145231932, 0.192450089729875, 0.222222222222222, 0.0]
    found = made.errors_at([0.0, 2.0, 4.0, 6.5])[:, 0, 0]
    assert found == pytest.approx(errors, abs=JACKKNIFE_ROUNDING)


def test_hazards_and_errors_at_times_between_events() -> None:
    made = nelson_aalen(_rows(id=[1, 2, 3], stop=[1.0, 2.0, 3.0], event=[1, 0, 1]))
    assert made.at([0.5, 1.0, 2.9]).ravel() == pytest.approx([0.0, 1 / 3, 1 / 3], abs=ROUNDING)
    assert made.errors_at([0.5, 1.0, 2.9]).ravel() == pytest.approx([0, 1 / 3, 1 / 3], abs=ROUNDING)
