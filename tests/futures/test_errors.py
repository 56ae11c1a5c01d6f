"""What cannot be simulated is refused, and what runs away is counted."""

from dataclasses import replace

import numpy as np
import pytest
from futures_problems import make

from detente.core.errors import SimulationError
from detente.futures import (
    Cancel,
    Channel,
    Coupling,
    Enter,
    Hold,
    Kernel,
    Leave,
    Offset,
    Parameters,
    Scale,
    Start,
    System,
    simulate,
)


def run(problem, *, parameters=None, start=None, **options):
    settings = {"outcomes": [Enter("war", ("war",))], "grid": [1.0, 5.0], "futures": 50, "seed": 1}
    return simulate(
        problem.system,
        problem.start if start is None else start,
        [problem.parameters] if parameters is None else parameters,
        **(settings | options),
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"futures": 0}, "need at least one draw, arm, future"),
        ({"futures": 10**9}, "is more than 100000000"),
        ({"chunk": 0}, "need at least one draw"),
        ({"parameters": []}, "got 0 draws"),
        ({"arms": {}}, "0 arms"),
        ({"futures": 10**6, "paths": True}, "paths=True keeps every event"),
        ({"grid": []}, "grid must be a list of years"),
        ({"grid": [1.0, 1.0]}, "grid must increase"),
        ({"grid": [-1.0, 1.0]}, "grid must increase"),
        ({"outcomes": [Enter("x", ("peace",))]}, "unknown rung 'peace'"),
        ({"outcomes": [Enter("x", ())]}, "no rung"),
        ({"outcomes": [Enter("x", ("war",)), Leave("x", ("war",))]}, "outcome names"),
        ({"outcomes": [Leave("x", ("war",), -1.0)]}, "lasting must be zero or more"),
        ({"arms": {"a": (Hold("zz", "0-1", 2026.0),)}}, "unknown unit 'zz'"),
        ({"arms": {"a": (Hold("a", "zz", 2026.0),)}}, "unknown channel 'zz'"),
        ({"arms": {"a": (Hold("a", "0-1", 2025.0),)}}, "is held at 2025.0, outside"),
        ({"arms": {"a": (Scale("0-1", (), -1.0),)}}, "factor must be zero or more"),
        ({"arms": {"a": (Offset("0-1", (), np.inf),)}}, "delta must be finite"),
        ({"arms": {"a": (Cancel("0-1", (), 2027.0, 2026.0),)}}, "lies after stop"),
        ({"seed": -1}, "a seed is an integer"),
    ],
)
def test_bad_settings_are_refused(chain, options, message):
    with pytest.raises(Exception, match=message) as caught:
        run(chain, **options)
    assert type(caught.value).__module__ == "detente.core.errors"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("log_base", np.zeros((5, 1, 1)), r"log_base has shape \(5, 1, 1\); expected \(6, 2, 1\)"),
        ("eta", np.full((1, 6, 3, 3), np.nan), "log_base or eta holds a missing value"),
        ("walk", np.array([np.inf]), "walk holds a value that is not finite"),
        ("loading", np.zeros(2), "loading has shape"),
        (
            "eta",
            np.full((1, 6, 3, 3), 12.0),
            r"unit 'a', channel '0-.': intensity exp\(.*above 10000",
        ),
    ],
)
def test_bad_parameters_are_refused_with_their_draw(chain, field, value, message):
    bad = replace(chain.parameters, **{field: value})
    with pytest.raises(SimulationError, match=message) as caught:
        run(chain, parameters=[chain.parameters, bad])
    assert "draw 1" in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("rung", np.array([0, 1, 7]), "rung must be the index of a rung"),
        ("stratum", np.array([0, 2, 0]), "stratum 0 or 1"),
        ("entered", np.zeros(2), "start.entered has shape"),
        ("entered", np.array([0, np.nan, 0]), "entered must not be missing"),
        ("time", np.nan, "start.time must be a year"),
    ],
)
def test_bad_starts_are_refused(chain, field, value, message):
    with pytest.raises(SimulationError, match=message):
        run(chain, start=replace(chain.start, **{field: value}))


CUTS = np.ones((1, 0))
ONE = (Channel("x", 0, 1),)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: System(("a", "a"), ("r", "s"), ONE, CUTS), "unit names must be unique"),
        (lambda: System((), ("r", "s"), ONE, CUTS), "at least one unit"),
        (lambda: System(("a",), ("r",), ONE, CUTS), "out of range"),
        (lambda: System(("a",), ("r", "s"), (Channel("x", None, 1),), CUTS), "needs a source"),
        (lambda: System(("a",), ("r", "s"), (Channel("x", 0, 1, pace=0.0),), CUTS), "pace"),
        (lambda: System(("a",), ("r", "s"), ONE, np.ones((2, 0))), "cuts has shape"),
        (lambda: System(("a",), ("r", "s"), ONE, np.array([[2.0, 1.0]])), "cuts must be positive"),
        (
            lambda: System(("a",), ("r", "s"), ONE, CUTS, (Kernel("k", ("y",), 1.0),)),
            "unknown channel 'y'",
        ),
        (
            lambda: System(("a",), ("r", "s"), ONE, CUTS, (Kernel("k", ("x",), 0.0),)),
            "half_life must be",
        ),
        (
            lambda: System(
                ("a",), ("r", "s"), ONE, CUTS, (), (Coupling("q", (1,), np.array([0, 1]), [3]),)
            ),
            "indices lie in",
        ),
        (
            lambda: System(
                ("a", "b"),
                ("r", "s"),
                ONE,
                CUTS,
                (),
                (Coupling("q", (1,), np.array([0, 2, 3]), [1, 1, 1]),),
            ),
            "names a neighbour twice",
        ),
    ],
)
def test_bad_systems_are_refused(build, message):
    with pytest.raises(SimulationError, match=message):
        build()


def explosive(gain):
    return make(
        [Channel("mark", None, None, pace=1.0)],
        [0.0],
        rungs=("only",),
        kernels=[Kernel("past", ("mark",), 50.0, "identity")],
        kernel_coef=[[gain]],
    )


def test_supercritical_draws_are_counted_by_draw():
    calm, wild = explosive(0.0), explosive(1.5)
    out = run(calm, parameters=[calm.parameters, wild.parameters], outcomes=[], grid=[10.0])
    assert out.runaways[0, 0] == 0
    assert out.runaways[0, 1] > 40


def test_too_many_events_stop_a_future():
    busy = make([Channel("mark", None, None, pace=64.0)], [np.log(100.0)], rungs=("only",))
    out = run(busy, outcomes=[], max_events=20)
    assert out.runaways[0, 0] == 50
    assert out.firings[0, 0, 0, 0] == 50 * 20


def test_progress_counts_every_future_and_an_interrupt_passes_through(chain):
    seen = []
    run(
        chain,
        futures=100,
        chunk=30,
        workers=1,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (100, 100)
    assert len(seen) == 4

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(chain, futures=1000, chunk=10, progress=stop)


def test_reading_a_result_names_what_it_has(chain):
    out = run(chain)
    for call in (
        lambda: out.probability("peace"),
        lambda: out.difference("war", "other"),
        lambda: out.standing(["nowhere"]),
        lambda: out.rate("none"),
    ):
        with pytest.raises(SimulationError, match=r"unknown .*; there are"):
            call()
    with pytest.raises(SimulationError, match="level must lie between"):
        out.probability("war", level=1.0)
    assert isinstance(out.start_time, float)
    assert isinstance(chain.start, Start)
    assert isinstance(chain.parameters, Parameters)
