"""Fitted models in the simulator: against the product integral and exactly sampled paths."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.core.errors import InputError, SimulationError, UnknownNameError
from detente.futures import (
    Enter,
    FittedSystem,
    Futures,
    Hold,
    Leave,
    Scale,
    fitted_system,
    simulate,
)
from detente.futures.cells import clock_cells, even_cells, rises
from detente.hazards import (
    Baseline,
    Cox,
    Exponential,
    Gompertz,
    HazardFit,
    HazardSpec,
    Intervals,
    Moves,
    Piecewise,
    RoystonParmar,
    Spline,
    Transition,
    Weibull,
    cumulative_hazards,
    drawn_hazards,
    fit_hazards,
    sample_paths,
    transition_probabilities,
)
from detente.hazards.prediction.covariate_paths import profiles_of

ORACLES = Path(__file__).resolve().parents[1] / "oracles"
MOVES = Moves.illness_death("well", "ill", "dead", recovery=True)
NUMBER = 20_000
# Shares of 20,000 paths have standard errors of at most 0.0036; four and a half of them.
MONTE_CARLO = 0.016
# The same for the difference of two samples.
TWO_SAMPLES = 0.023
# Beside a Cox baseline an age inside a cell misses a part of a jump: they are below 0.03 here.
WITHIN_CELL = 0.015
# Cumulative hazards are sums of steps in double precision.
ROUNDING = 1e-10
PATH = pl.DataFrame(
    {"start": [0.0, 1.0, 2.5], "stop": [1.0, 2.5, 5.0], "a": [1.0, -1.0, 0.5], "b": [0, 1, 1]}
)
FIXED = {"a": 0.2, "b": 1.0}
TIMES = [0.5, 1.5, 3.0, 4.5]
BASELINES = [
    Exponential(),
    Piecewise((1.0, 2.0)),
    Weibull(),
    Gompertz(),
    Spline(4, smooth=0.5),
    RoystonParmar(1),
    Cox(),
]


@pytest.fixture(scope="module")
def rows() -> Intervals:
    return Intervals.from_wide(pl.read_csv(ORACLES / "reversible.csv"), MOVES)


def fit_of(rows: Intervals, baseline: Baseline, clock: Any) -> HazardFit:
    return fit_hazards(
        rows, HazardSpec(tuple(Transition(n, "a + b", baseline, clock) for n in MOVES.names))
    )


def run(made: FittedSystem, times: Any = TIMES, **more: Any) -> Futures:
    return simulate(
        made.system,
        made.start,
        made.parameters,
        grid=made.to_steps(times),
        **({"outcomes": [Enter("dead", ("dead",))], "futures": NUMBER, "seed": 1} | more),
    )


def shares(out: Futures, *, arm: int = 0, draw: int = 0, unit: int = 0) -> Any:
    return out.occupancy[arm, draw, unit].T / out.futures


@pytest.mark.parametrize("baseline", BASELINES, ids=str)
def test_forward_clocks_give_the_product_integral(baseline: Baseline, rows: Intervals) -> None:
    fit = fit_of(rows, baseline, "forward")
    made = fitted_system(fit, MOVES, PATH, end=5.0, from_state="well")
    exact = transition_probabilities(cumulative_hazards(fit, PATH), MOVES, from_state="well")
    np.testing.assert_allclose(shares(run(made)), exact.at(TIMES)[:, 0], atol=MONTE_CARLO)


@pytest.mark.parametrize("baseline", BASELINES, ids=str)
def test_reset_clocks_give_exactly_sampled_paths(baseline: Baseline, rows: Intervals) -> None:
    fit = fit_of(rows, baseline, "reset")
    asked: dict[str, Any] = {"end": 5.0, "from_state": "ill", "start": 0.5, "entry": 0.1}
    made = fitted_system(fit, MOVES, PATH, **asked)
    sampled = sample_paths(fit, MOVES, PATH, paths=NUMBER, seed=2, **asked)
    room = TWO_SAMPLES + (WITHIN_CELL if isinstance(baseline, Cox) else 0.0)
    times = [1.0, 2.0, 4.0]
    np.testing.assert_allclose(shares(run(made, times)), sampled.occupancy(times), atol=room)


def test_clocks_of_both_kinds(rows: Intervals) -> None:
    clocks: dict[str, tuple[Baseline, Any]] = {
        "well->ill": (Weibull(), "forward"),
        "well->dead": (Cox(), "forward"),
        "ill->well": (Gompertz(), "reset"),
        "ill->dead": (Piecewise((0.5,)), "reset"),
    }
    fit = fit_hazards(
        rows, HazardSpec(tuple(Transition(n, "a + b", *clocks[n]) for n in MOVES.names))
    )
    made = fitted_system(fit, MOVES, PATH, end=5.0, from_state="well")
    sampled = sample_paths(fit, MOVES, PATH, paths=NUMBER, seed=3, end=5.0, from_state="well")
    np.testing.assert_allclose(shares(run(made)), sampled.occupancy(TIMES), atol=TWO_SAMPLES)


@pytest.mark.parametrize("baseline", [Weibull(), Cox()], ids=str)
def test_draws_are_those_of_the_hazards(baseline: Baseline, rows: Intervals) -> None:
    fit = fit_of(rows, baseline, "forward")
    made = fitted_system(fit, MOVES, PATH, end=5.0, from_state="well", draws=3, seed=5)
    out = run(made)
    assert len(made.parameters) == 3
    drawn = drawn_hazards(fit, PATH, draws=3, seed=5)
    found = [transition_probabilities(h, MOVES, from_state="well").at(TIMES)[:, 0] for h in drawn]
    for i, exact in enumerate(found):
        np.testing.assert_allclose(shares(out, draw=i), exact, atol=MONTE_CARLO)
    # Draws 0 and 2 differ by more than the Monte Carlo error, so the order of draws is tested.
    assert max(np.abs(found[0] - found[i]).max() for i in (1, 2)) > 1.5 * MONTE_CARLO


@pytest.mark.parametrize("clock", ["forward", "reset"])
def test_several_units_have_their_own_covariates_and_states(rows: Intervals, clock: Any) -> None:
    fit = fit_of(rows, Weibull(), clock)
    one = PATH.with_columns(unit=pl.lit("x"))
    two = PATH.with_columns(unit=pl.lit("y"), a=pl.col("a") - 1.0)
    made = fitted_system(
        fit, MOVES, pl.concat([one, two]), end=5.0, from_state={"y": "ill", "x": "well"}
    )
    assert made.system.units == ("x", "y")
    out = run(made)
    for u, (table, state) in enumerate([(one, "well"), (two, "ill")]):
        sampled = sample_paths(fit, MOVES, table, paths=NUMBER, seed=6, end=5.0, from_state=state)
        np.testing.assert_allclose(shares(out, unit=u), sampled.occupancy(TIMES), atol=TWO_SAMPLES)


@pytest.mark.parametrize("baseline", [Exponential(), Weibull(), Cox()], ids=str)
def test_a_scaled_hazard_is_an_offset_along_the_path(baseline: Baseline, rows: Intervals) -> None:
    fit = fit_of(rows, baseline, "forward")
    made = fitted_system(fit, MOVES, PATH, end=5.0, from_state="well")
    low, high = made.to_steps([1.0, 2.5]).tolist()
    arm = [Scale(n, factor=0.4, start=low, stop=high) for n in MOVES.names]
    out = run(made, arms={"as is": (), "less": arm})
    offset = PATH.with_columns(offset=pl.Series([0.0, np.log(0.4), 0.0]))
    for i, path in enumerate((PATH, offset)):
        exact = transition_probabilities(cumulative_hazards(fit, path), MOVES, from_state="well")
        np.testing.assert_allclose(shares(out, arm=i), exact.at(TIMES)[:, 0], atol=MONTE_CARLO)
    np.testing.assert_array_equal(shares(out, arm=0)[0], shares(out, arm=1)[0])


@pytest.mark.parametrize("clock", ["forward", "reset"])
def test_a_held_move_happens_at_its_time(rows: Intervals, clock: Any) -> None:
    fit = fit_of(rows, Weibull(), clock)
    made = fitted_system(fit, MOVES, FIXED, end=5.0, from_state="well")
    when = float(made.to_steps(2.0))
    arm = [Hold(made.system.units[0], "well->ill", when)]
    out = run(made, [1.9, 2.0, 4.0], arms={"as is": (), "held": arm})
    before, at = out.occupancy[0, 0, 0, :, 0], out.occupancy[1, 0, 0, :, 1]
    np.testing.assert_array_equal(before, out.occupancy[1, 0, 0, :, 0])
    assert at[0] == 0
    assert at[1] > out.occupancy[0, 0, 0, 1, 1]
    assert out.voided[1, 0] == NUMBER - out.occupancy[0, 0, 0, 0, 1]


def test_the_times_of_events_come_back(rows: Intervals) -> None:
    fit = fit_of(rows, Weibull(), "forward")
    made = fitted_system(fit, MOVES, FIXED, end=5.0, from_state="well")
    events = run(made, [5.0], futures=500, paths=True).paths
    assert events is not None
    times = made.to_times(events.time)
    assert times.min() > 0.0
    assert times.max() < 5.0
    np.testing.assert_allclose(made.to_steps(times), events.time, atol=ROUNDING)
    np.testing.assert_allclose(made.to_steps(made.edges), np.arange(len(made.edges)))


def test_even_steps_let_an_outcome_last(rows: Intervals) -> None:
    fit = fit_of(rows, Weibull(), "forward")
    made = fitted_system(fit, MOVES, FIXED, end=5.0, from_state="well", even=True)
    np.testing.assert_allclose(np.diff(made.edges), 5.0 / 400, rtol=1e-9)
    asked = Leave("out", ("well",), lasting=float(made.to_steps(1.0)))
    out = run(made, [4.0], outcomes=[asked])
    sampled = sample_paths(fit, MOVES, FIXED, paths=NUMBER, seed=8, end=5.0, from_state="well")
    left = sampled.when[:, 1:]
    until = np.where(np.isinf(left), 0.0, left) + 1.0
    back = np.c_[sampled.when[:, 2:], np.full(NUMBER, np.inf)]
    from_well = sampled.state[:, :-1] == 0
    to_well = np.c_[sampled.state[:, 2:], np.full(NUMBER, -1)] == 0
    stays = from_well & (left <= 4.0) & ~(to_well & (back < until))
    share = out.first_passage[0, 0, 0, 0, 0] / NUMBER
    assert share == pytest.approx(stays.any(axis=1).mean(), abs=TWO_SAMPLES)


def test_a_jump_of_one_takes_everybody() -> None:
    # Three people, the last dies: Kaplan and Meier's curve ends at zero.
    table = pl.DataFrame(
        {"id": [1, 2, 3], "transition": ["a->b"] * 3, "start": [0.0] * 3, "stop": [1.0, 2.0, 3.0],
         "event": [1, 0, 1]}
    )  # fmt: skip
    fit = fit_hazards(Intervals(table), HazardSpec((Transition("a->b", "1", Cox(), "forward"),)))
    moves = Moves(("a", "b"), (("a", "b"),))
    made = fitted_system(fit, moves, {}, end=4.0, from_state="a")
    out = run(made, [0.9, 1.1, 2.5, 3.5], outcomes=[Enter("b", ("b",))])
    np.testing.assert_allclose(shares(out)[:, 0], [1.0, 2 / 3, 2 / 3, 0.0], atol=MONTE_CARLO)


@pytest.mark.parametrize("baseline", BASELINES, ids=str)
def test_at_the_edges_of_the_cells_hazards_are_those_of_the_fit(
    baseline: Baseline, rows: Intervals
) -> None:
    fit = fit_of(rows, baseline, "forward")
    made = fitted_system(fit, MOVES, PATH, end=5.0, from_state="well", steps=60)
    own = np.exp(made.parameters[0].eta[:, :, 0, 0])
    if isinstance(baseline, Cox):
        exact = cumulative_hazards(fit, PATH)
        edges = made.edges[np.isin(made.edges, exact.times)]
        assert len(edges) > 50
        total = np.cumsum(-np.log1p(-exact.steps), axis=0)
        wanted = total[np.searchsorted(exact.times, edges)]
        found = np.cumsum(own, axis=0)[np.searchsorted(made.edges, edges) - 1]
        np.testing.assert_allclose(found, wanted, rtol=ROUNDING)
        return
    exact = cumulative_hazards(fit, PATH, times=made.edges[1:])
    np.testing.assert_allclose(np.cumsum(own, axis=0), exact.at(made.edges[1:]), rtol=ROUNDING)


def test_inside_a_cell_the_error_is_bounded_by_the_bend(rows: Intervals) -> None:
    fit = fit_of(rows, Gompertz(), "forward")
    (profile,) = profiles_of(fit, FIXED, ["well->ill"])
    shape, level = fit["well->ill:shape"][0], fit["well->ill:baseline[0,inf)"][0]
    rate = np.exp(level + profile.eta(fit.dense)[0])
    whole = rises(profile, np.array([1.0, 3.0]), fit.dense)[0]
    inner = np.linspace(1.0, 3.0, 41)
    exact = np.r_[0.0, np.cumsum(rises(profile, inner, fit.dense))]
    error = np.abs(exact - whole * (inner - 1.0) / 2.0).max()
    bound = 2.0**2 / 8.0 * np.abs(shape * rate * np.exp(shape * inner)).max()
    assert 0.0 < error <= bound
    assert error > 0.3 * bound  # the bound says something


def test_cells_follow_the_hazard(rows: Intervals) -> None:
    fit = fit_of(rows, Gompertz(), "reset")
    (profile,) = profiles_of(fit, FIXED, ["well->ill"])
    # A hazard that falls fast: half of its chances pass early, so cells crowd there.
    steep = fit.dense.copy()
    steep[profile.shapes] = -2.0
    edges = clock_cells(profile, steep, 1.0, 5.0, 100)
    assert len(edges) == 101
    assert (edges < 1.0).mean() > 0.5
    assert (np.diff(edges) <= 2.0 * 5.0 / 100 + ROUNDING).all()  # and time has its half


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4, unique=True), st.integers(41, 60))
@settings(max_examples=40, deadline=None)
def test_even_cells_meet_every_break(places: list[int], last: int) -> None:
    class Stretches:
        clock, baseline, edges = "reset", Weibull(), np.r_[0.0, np.sort(places), last] / 12.0

    edges = even_cells([Stretches()], 0.0, last / 12.0, 400, fill=False)  # type: ignore[list-item]
    assert np.abs(edges[:, None] - Stretches.edges[:-1]).min(axis=0).max() < ROUNDING
    assert edges[-1] >= last / 12.0 - ROUNDING
    np.testing.assert_allclose(np.diff(edges), edges[1] - edges[0])


def test_a_path_finer_than_the_steps_of_a_reset_clock_is_refused(rows: Intervals) -> None:
    fit = fit_of(rows, Weibull(), "reset")
    odd = PATH.with_columns(
        start=pl.Series([0.0, 1.0, 1.0 + np.pi / 7]), stop=pl.Series([1.0, 1.0 + np.pi / 7, 5.0])
    )
    with pytest.raises(InputError, match=r"400 steps do not meet the 2 times"):
        fitted_system(fit, MOVES, odd, end=5.0, from_state="well")
    forward = fit_of(rows, Weibull(), "forward")
    assert fitted_system(forward, MOVES, odd, end=5.0, from_state="well").system.units == ("unit",)


def test_a_reset_baseline_that_differs_between_units_is_refused(rows: Intervals) -> None:
    spec = HazardSpec(
        tuple(Transition(n, "a", Piecewise((1.0,), by="b"), "reset") for n in MOVES.names)
    )
    fit = fit_hazards(rows, spec)
    with pytest.raises(InputError, match=r"'well->ill' is on the reset clock and differs"):
        fitted_system(fit, MOVES, PATH, end=5.0, from_state="well")
    made = fitted_system(fit, MOVES, {"a": 0.2, "b": 1}, end=5.0, from_state="well")
    sampled = sample_paths(
        fit, MOVES, {"a": 0.2, "b": 1}, paths=NUMBER, seed=9, end=5.0, from_state="well"
    )
    np.testing.assert_allclose(shares(run(made)), sampled.occupancy(TIMES), atol=TWO_SAMPLES)


def test_a_simulation_past_the_end_is_refused(rows: Intervals) -> None:
    fit = fit_of(rows, Weibull(), "forward")
    made = fitted_system(fit, MOVES, PATH, end=4.0, from_state="well")
    with pytest.raises(InputError, match="reaches from 0 to 4"):
        made.to_steps(4.5)
    with pytest.raises(SimulationError, match="the parameters reach to"):
        simulate(
            made.system, made.start, made.parameters, outcomes=[], grid=[500.0], futures=1, seed=1
        )


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"from_state": "sick"}, UnknownNameError, "unknown state 'sick'"),
        ({"from_state": {"nobody": "well"}}, InputError, "'nobody' has either covariates"),
        ({"end": 6.0}, InputError, "must reach from 0 to 6"),
        ({"end": 0.0}, InputError, "start < end"),
        ({"end": np.inf}, InputError, "finite"),
        ({"entry": 1.0}, InputError, "at the start or before"),
        ({"entry": np.nan}, InputError, "at the start or before"),
        ({"steps": 0}, InputError, "steps positive"),
        ({"draws": 0}, InputError, "draws"),
        ({"moves": Moves(("a", "b"), (("a", "b"),)), "from_state": "a"}, UnknownNameError, "a->b"),
        (
            {"at": PATH.with_columns(unit=pl.lit(None, pl.String))},
            InputError,
            "has no `unit`",
        ),
    ],
)
def test_bad_input_is_refused(
    rows: Intervals, change: dict[str, Any], error: type[Exception], message: str
) -> None:
    fit = fit_of(rows, Weibull(), "reset")
    asked = {"moves": MOVES, "at": PATH, "end": 5.0, "from_state": "well"} | change
    with pytest.raises(error, match=message):
        fitted_system(fit, **asked)
