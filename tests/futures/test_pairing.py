"""Arms, workers and chunks: what must agree bit for bit, and how much pairing gains."""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from futures_problems import make

from detente.futures import (
    Cancel,
    Channel,
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

GRID = np.array([0.5, 1.0, 2.0, 5.0])
OUTCOMES = (Enter("war", ("war",)), Leave("peace", ("dispute", "war"), 0.5))
COUNTS = (
    "first_passage",
    "plus",
    "minus",
    "occupancy",
    "joint",
    "firings",
    "squares",
    "gaps",
    "events",
)


def run(problem, *, futures=600, seed=5, parameters=None, **options):
    return simulate(
        problem.system,
        problem.start,
        [problem.parameters] if parameters is None else parameters,
        outcomes=options.pop("outcomes", OUTCOMES),
        grid=options.pop("grid", GRID),
        futures=futures,
        seed=seed,
        **options,
    )


def same(one, other, names=COUNTS):
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def events(out, *, arm=0, units=None):
    """Events of an arm as rows (draw, future, unit, channel, time)."""
    paths = out.paths
    keep = paths.arm == arm
    if units is not None:
        keep &= np.isin(paths.unit, units)
    columns = (paths.draw, paths.future, paths.unit, paths.channel, paths.time)
    return [column[keep] for column in columns]


def equal_events(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


ARMS = {
    "nature": (),
    "meeting": (Hold("u0", "meeting", 2025.75),),
    "opening": (Scale("meeting", (), 2.0, 2026.0, 2028.0), Cancel("join", ("u2",))),
}


def test_same_bits_for_any_workers_and_chunk(web):
    draws = [web.parameters, web.parameters]
    base = run(web, arms=ARMS, workers=1, chunk=1000, parameters=draws)
    assert base.events.sum() > 0
    for workers, chunk in ((2, 1000), (2, 7), (1, 50)):
        other = run(web, arms=ARMS, workers=workers, chunk=chunk, parameters=draws)
        assert same(base, other)


@pytest.mark.slow
def test_same_bits_in_other_processes(web):
    base = run(web, arms=ARMS)
    with ProcessPoolExecutor(2) as pool:
        assert same(base, run(web, arms=ARMS, executor=pool, chunk=100))


def test_the_seed_and_the_draw_change_the_noise(web):
    one = run(web, parameters=[web.parameters, web.parameters])
    assert not np.array_equal(one.occupancy[:, 0], one.occupancy[:, 1])
    assert not same(run(web), run(web, seed=6))


def test_null_interventions_change_not_one_bit(web):
    t0 = web.start.time
    null = (
        Scale("onset", (), 1.0),
        Offset("escalate", ("u1", "u3"), 0.0),
        Scale("settle", (), 1.0, t0 + 0.3, t0 + 0.8),
        Cancel("meeting", (), t0 + 0.4, t0 + 0.4),
    )
    out = run(web, arms={"nature": (), "null": null}, paths=True, futures=300)
    assert equal_events(events(out, arm=0), events(out, arm=1))
    for counts in (out.plus, out.minus, out.joint, out.gaps):
        assert not counts.any()
    alone = run(web, arms={"nature": ()}, futures=300)
    assert np.array_equal(alone.occupancy[0], out.occupancy[1])


def test_arms_agree_until_the_intervention_and_where_it_does_not_reach(web):
    hold = run(web, arms=ARMS, paths=True, futures=300)
    before = [
        [column[rows[4] < 2025.75] for column in rows]
        for rows in (events(hold, arm=0), events(hold, arm=1))
    ]
    assert equal_events(*before)
    assert hold.firings[1, 0, 0, 5] > hold.firings[0, 0, 0, 5]


def test_an_arm_is_the_same_alone_and_beside_others(web):
    """Arms follow the first one where they do not differ; alone, they are simulated in full."""
    arms = ARMS | {
        "cancelled": (Cancel("meeting", ("u3",), 2026.0, 2027.0), Hold("u3", "onset", 2026.5)),
        "offset": (Offset("onset", ("u4",), 1.5, 2026.2, 2027.2),),
    }
    for first in ("nature", "meeting", "offset"):
        order = {first: arms[first], **{name: arms[name] for name in arms if name != first}}
        together = run(web, arms=order, paths=True, futures=300)
        for a, name in enumerate(order):
            alone = run(web, arms={name: arms[name]}, paths=True, futures=300)
            assert equal_events(events(alone), events(together, arm=a))
            for field in ("first_passage", "occupancy", "firings", "squares", "voided", "events"):
                assert np.array_equal(getattr(alone, field)[0], getattr(together, field)[a])


def test_a_rung_entered_at_one_instant_in_another_stratum_is_searched_again():
    """A waiting point of the first arm must not serve an arm in which the baseline is higher."""
    channels = [
        Channel("settle", 1, 0),
        Channel("onset", 0, 1),
        Channel("escalate", 1, 2),
        Channel("note", 2, None),
    ]
    rates = np.full((4, 2, 1), -np.inf)
    rates[3] = np.log([[0.05], [3.0]])
    problem = make(channels, rates, rung=[1])
    t0 = problem.start.time
    war = Hold("a", "escalate", t0 + 1.0)
    arms = {
        "never calm": (war,),
        "calm before": (Hold("a", "settle", t0 + 0.2), Hold("a", "onset", t0 + 0.4), war),
    }
    both = run(problem, arms=arms)
    alone = run(problem, arms={"calm before": arms["calm before"]})
    assert both.firings[1, 0, 0, 3] == alone.firings[0, 0, 0, 3]


def test_differences_count_the_futures_in_which_the_arms_differ(web):
    out = run(web, arms=ARMS)
    gained = out.first_passage - out.first_passage[:1]
    assert np.array_equal(out.plus - out.minus, gained)
    moved = out.joint.sum(axis=3) - out.joint.sum(axis=4)
    assert np.array_equal(moved, out.occupancy - out.occupancy[:1])
    assert out.plus[2].any()
    assert out.minus[1:].any()


def test_counts_are_those_of_the_paths(web):
    out = run(web, arms=ARMS, paths=True, futures=200)
    names = [channel.name for channel in web.system.channels]
    target = {"onset": 1, "join": 2, "settle": 0, "escalate": 2, "peace": 0}
    t0 = web.start.time
    for a in range(3):
        rung = np.tile(np.asarray(web.start.rung, int), (200, 1))
        fired = np.zeros((6, 6), int)
        _, future, unit, channel, time = events(out, arm=a)
        order = np.lexsort((time, future))
        grid = np.zeros((6, 3, GRID.size), int)
        history = {}
        for i in order:
            if time[i] <= t0 + GRID[-1]:
                fired[unit[i], channel[i]] += 1
            if names[channel[i]] in target:
                history.setdefault((future[i], unit[i]), []).append(
                    (time[i] - t0, target[names[channel[i]]])
                )
        for n in range(200):
            for u in range(6):
                for g, years in enumerate(GRID):
                    s = rung[n, u]
                    for at, new in history.get((n, u), []):
                        s = new if at <= years else s
                    grid[u, s, g] += 1
        assert np.array_equal(out.firings[a, 0], fired)
        assert np.array_equal(out.occupancy[a, 0], grid)


def test_an_unrelated_unit_leaves_other_paths_bit_identical(web):
    system, start, values = web.system, web.start, web.parameters
    couplings = tuple(
        type(c)(c.name, c.rungs, np.append([0], c.indptr), np.asarray(c.indices) + 1, c.form)
        for c in system.couplings
    )
    bigger = System(
        ("new", *system.units),
        system.rungs,
        system.channels,
        system.cuts,
        system.kernels,
        couplings,
    )
    first = start.rung[:1], start.entered[:1], start.stratum[:1], start.counts[:1]
    rest = start.rung, start.entered, start.stratum, start.counts
    arrays = [np.concatenate(pair) for pair in zip(first, rest, strict=True)]
    more = Parameters(
        values.log_base,
        np.concatenate([values.eta[..., :1], values.eta], axis=3),
        values.kernel_coef,
        values.coupling_coef,
        values.walk,
        values.loading,
    )
    one = run(web, paths=True, futures=300)
    two = simulate(
        bigger,
        Start(start.time, *arrays),
        [more],
        outcomes=OUTCOMES,
        grid=GRID,
        futures=300,
        seed=5,
        paths=True,
    )
    a, b = events(one), events(two, units=range(1, 7))
    b[2] = b[2] - 1
    assert equal_events(a, b)
    assert np.array_equal(one.first_passage[0, 0], two.first_passage[0, 0, 1:])


def test_what_changes_later_does_not_change_the_path_before(web):
    values = web.parameters
    eta = values.eta.copy()
    eta[2:] += 1.3
    later = Parameters(
        values.log_base,
        eta,
        values.kernel_coef,
        values.coupling_coef,
        np.append(values.walk[:2], values.walk[2:] + 0.9),
        values.loading,
    )
    one = events(run(web, paths=True, futures=300))
    two = events(run(web, paths=True, futures=300, parameters=[later]))
    assert not equal_events(one, two)
    cut = [[column[rows[4] < 2027.0] for column in rows] for rows in (one, two)]
    assert equal_events(*cut)
    assert cut[0][0].size > 100


def test_at_one_instant_the_forced_firing_comes_first_and_holds_keep_their_order():
    problem = make(
        [Channel("onset", 0, 1), Channel("end", 1, 0), Channel("note", None, None)],
        np.full(3, -np.inf),
        rungs=("calm", "dispute"),
    )
    at = problem.start.time + 0.5
    hold = (Hold("a", "onset", at), Hold("a", "note", at), Hold("a", "end", at))
    out = run(
        problem,
        arms={"one": hold, "two": hold[::-1]},
        outcomes=[Enter("dispute", ("dispute",))],
        paths=True,
        futures=3,
    )
    assert events(out, arm=0)[3].tolist() == [0, 2, 1] * 3
    assert events(out, arm=1)[3].tolist() == [2, 0] * 3  # nothing to end yet
    assert out.voided[:, 0].tolist() == [0, 3]
    assert np.all(out.occupancy[:, 0, 0, :, 0] == [[3, 0], [0, 3]])


def test_cancel_suppresses_the_channel_in_the_window_only():
    problem = make([Channel("note", None, None, pace=2.0)], [np.log(3.0)], rungs=("only",))
    t0 = problem.start.time
    arms = {"nature": (), "cancelled": (Cancel("note", ("a",), t0 + 1.0, t0 + 2.0),)}
    out = run(problem, arms=arms, outcomes=[], paths=True)
    nature, cancelled = events(out, arm=0), events(out, arm=1)
    keep = (nature[4] < t0 + 1.0) | (nature[4] >= t0 + 2.0)
    assert equal_events([column[keep] for column in nature], cancelled)
    assert cancelled[0].size < nature[0].size


def variance_ratio(problem, arms, years, n=40_000):
    """Variance of the difference in P(not calm), independent arms over paired ones."""
    out = run(problem, arms=arms, outcomes=[], grid=np.array([years]), futures=n)
    p = out.occupancy[:, 0, 0, 1, 0] / n
    paired = out.standing_difference(["dispute"], list(arms)[1]).monte_carlo[0, 0] ** 2
    return (p * (1 - p)).sum() / n / paired


@pytest.mark.parametrize(("years", "least"), [(1.0, 5.0), (5.0, 20.0)])
def test_pairing_shrinks_the_variance_after_one_meeting(years, least):
    """One dyad; a meeting multiplies the onset hazard by 0.7, and that halves every year."""
    problem = make(
        [
            Channel("meeting", None, None),
            Channel("onset", 0, 1, pace=0.25),
            Channel("end", 1, 0, pace=2.0),
        ],
        [-np.inf, np.log(0.25), np.log(1.5)],
        rungs=("calm", "dispute"),
        kernels=[Kernel("met", ("meeting",), 1.0, "identity")],
        kernel_coef=[[0.0], [np.log(0.7)], [0.0]],
    )
    arms = {"nature": (), "meeting": (Hold("a", "meeting", problem.start.time),)}
    assert variance_ratio(problem, arms, years) >= least


@pytest.mark.parametrize("years", [1.0, 5.0])
def test_pairing_shrinks_the_variance_under_a_lasting_ratio(years):
    """Onset times 0.7 for good removes 30% of the disputes: the ratio is at most 2 / 0.3."""
    problem = make(
        [Channel("onset", 0, 1, pace=0.25), Channel("end", 1, 0, pace=2.0)],
        np.log([0.25, 1.5]),
        rungs=("calm", "dispute"),
    )
    arms = {"nature": (), "open": (Scale("onset", (), 0.7),)}
    assert 5.0 <= variance_ratio(problem, arms, years) <= 2 / 0.3
