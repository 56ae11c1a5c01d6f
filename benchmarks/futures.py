"""Futures a second against two rivals on an equal problem, memory, pairing, the scenario's size.

Twenty states, 190 dyads, 120 months, three rungs, hazards that depend on two covariates (which
drift from year to year) and on the dyad's own decaying past.  The rivals step month by month: one
agent for each dyad in Mesa, arrays over replications and dyads in NumPy.  Ours goes event by event
in continuous time, with coupling between dyads on top.  Medians of five in one run; run it with
nothing else on the machine.

Two levels of hazards: `record` (about 3% onsets per calm dyad-year, as in the record of
politically relevant dyads) and `busy` (about 15%).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from detente.futures import (
    Channel,
    Coupling,
    Enter,
    Hold,
    Kernel,
    Parameters,
    Scale,
    Start,
    System,
    simulate,
)

STATES, MONTHS, YEARS = 20, 120, 10
PAIRS = np.array(list(combinations(range(STATES), 2)))
DYADS = len(PAIRS)
LEVELS = {"record": -1.5, "busy": 0.0}
MEMORY = 0.9  # what a month leaves of the dyad's past
# Log odds a month: constant, capability ratio, joint democracy, past; pace a year.
HAZARDS = {
    (0, 1): ((-4.6, 0.8, -0.9, 0.9), 0.25),
    (0, 2): ((-8.0, 0.9, -1.5, 1.1), 0.03),
    (1, 0): ((-0.7, -0.2, 0.2, -0.1), 4.0),
    (1, 2): ((-3.3, 0.6, -0.9, 0.4), 0.5),
    (2, 0): ((-2.0, -0.3, 0.3, -0.2), 2.0),
    (2, 1): ((-3.2, 0.0, 0.0, 0.0), 0.5),
}
COEF = np.array([hazard for hazard, _ in HAZARDS.values()])
ONSET = np.array([source == 0 for source, _ in HAZARDS])


@dataclass(frozen=True)
class World:
    """Covariates by replication: capability ratio (R, 10 years, dyads), joint democracy."""

    ratio: np.ndarray
    democracy: np.ndarray


def world(replications: int, seed: int) -> World:
    rng = np.random.default_rng(seed)
    drift = 0.05 * rng.standard_normal((replications, YEARS, STATES))
    drift[:, 0] = rng.standard_normal((replications, STATES))
    power = np.exp(np.cumsum(drift, axis=1))
    a, b = power[:, :, PAIRS[:, 0]], power[:, :, PAIRS[:, 1]]
    score = rng.random((replications, STATES))
    return World(np.minimum(a, b) / np.maximum(a, b), score[:, PAIRS[:, 0]] * score[:, PAIRS[:, 1]])


def numpy_rival(level: float, replications: int, seed: int) -> tuple[int, int]:
    """Month by month over arrays (replications, dyads); returns onsets and months not calm."""
    covariates = world(replications, seed)
    rng = np.random.default_rng(seed)
    rung = np.zeros((replications, DYADS), np.int8)
    past = np.zeros((replications, DYADS))
    table = np.zeros((3, 2, 4))
    exits = {0: (1, 2), 1: (0, 2), 2: (0, 1)}
    goes = np.array([exits[s] for s in range(3)], np.int8)
    for (source, target), (hazard, _) in HAZARDS.items():
        table[source, exits[source].index(target)] = hazard
    table[0, :, 0] += level
    onsets = busy = 0
    for month in range(MONTHS):
        ratio, democracy = covariates.ratio[:, month // 12], covariates.democracy
        coef = table[rung]
        first, second = (
            np.exp(
                coef[..., i, 0]
                + coef[..., i, 1] * ratio
                + coef[..., i, 2] * democracy
                + coef[..., i, 3] * past
            )
            for i in range(2)
        )
        draw = rng.random((replications, DYADS)) * (1.0 + first + second)
        exit_1, exit_2 = draw < first, draw < first + second
        moved = np.where(exit_1, goes[rung, 0], np.where(exit_2, goes[rung, 1], rung))
        began = (rung == 0) & (moved != 0)
        past = MEMORY * past + began
        rung = moved
        onsets += int(began.sum())
        busy += int((rung != 0).sum())
    return onsets, busy


def mesa_rival(  # noqa: C901 (two small classes inside)
    level: float, replications: int, seed: int
) -> tuple[int, int]:
    """One agent for each dyad, one call for each agent and month."""
    import math

    import mesa

    class Dyad(mesa.Agent):
        def __init__(self, model: mesa.Model, ratio: np.ndarray, democracy: float) -> None:
            super().__init__(model)
            self.ratio, self.democracy = ratio.tolist(), float(democracy)
            self.rung, self.past, self.onsets, self.busy = 0, 0.0, 0, 0

        def step(self) -> None:
            ratio = self.ratio[self.model.month // 12]
            odds = []
            for target, (a, b, c, d) in self.model.exits[self.rung]:
                x = a + b * ratio + c * self.democracy + d * self.past
                odds.append((target, math.exp(x)))
            draw = self.random.random() * (1.0 + odds[0][1] + odds[1][1])
            target = self.rung
            if draw < odds[0][1]:
                target = odds[0][0]
            elif draw < odds[0][1] + odds[1][1]:
                target = odds[1][0]
            began = self.rung == 0 and target != 0
            self.past = MEMORY * self.past + began
            self.onsets += began
            self.rung = target
            self.busy += target != 0

    class Dyads(mesa.Model):
        def __init__(self, covariates: World, number: int) -> None:
            super().__init__(seed=seed + number)
            self.month = 0
            self.exits: dict[int, list[tuple[int, tuple[float, ...]]]] = {0: [], 1: [], 2: []}
            for (source, target), (hazard, _) in HAZARDS.items():
                shift = level if source == 0 else 0.0
                self.exits[source].append((target, (hazard[0] + shift, *hazard[1:])))
            for u in range(DYADS):
                Dyad(self, covariates.ratio[number, :, u], covariates.democracy[number, u])
            self.dyads = self.agents_by_type[Dyad]

        def step(self) -> None:
            self.dyads.do("step")
            self.month += 1

    covariates = world(replications, seed)
    onsets = busy = 0
    for number in range(replications):
        model = Dyads(covariates, number)
        for _ in range(MONTHS):
            model.step()
        onsets += sum(dyad.onsets for dyad in model.dyads)
        busy += sum(dyad.busy for dyad in model.dyads)
    return onsets, busy


def problem(
    level: float, draws: int, seed: int, *, coupling: float = 0.3
) -> tuple[System, Start, list[Parameters]]:
    """Our statement of the same problem; neighbours are the dyads of an ally with the opponent."""
    index = {tuple(pair): u for u, pair in enumerate(PAIRS.tolist())}
    near: list[list[int]] = []
    for a, b in PAIRS.tolist():
        allies = [(c, b) for c in range(STATES) if c // 4 == a // 4 and c not in (a, b)]
        allies += [(a, c) for c in range(STATES) if c // 4 == b // 4 and c not in (a, b)]
        near.append([index[min(pair), max(pair)] for pair in allies])
    channels = tuple(
        Channel(f"{source}-{target}", source, target, pace=pace)
        for (source, target), (_, pace) in HAZARDS.items()
    )
    half_life = np.log(2) / (-12 * np.log(MEMORY))
    system = System(
        units=tuple(f"{a}-{b}" for a, b in PAIRS),
        rungs=("calm", "dispute", "war"),
        channels=channels,
        cuts=np.ones((len(channels), 0)),
        kernels=(Kernel("past", ("0-1", "0-2"), float(half_life), "identity"),),
        couplings=(
            Coupling(
                "allies",
                (1, 2),
                np.cumsum([0, *map(len, near)]),
                np.concatenate(near).astype(int),
                "any",
            ),
        ),
    )
    start = Start(2025.0, np.zeros(DYADS), np.full(DYADS, 2000.0), np.zeros(DYADS))
    covariates = world(draws, seed)
    base = COEF[:, 0] + np.log(12) + level * ONSET
    parameters = []
    for d in range(draws):
        eta = (
            COEF[None, :, 1, None] * covariates.ratio[d][:, None]
            + COEF[None, :, 2, None] * covariates.democracy[d]
        )
        parameters.append(
            Parameters(
                log_base=np.broadcast_to(base[:, None, None], (len(channels), 2, 1)),
                eta=np.repeat(eta[:, :, None, :], 3, axis=2),
                kernel_coef=COEF[:, 3:],
                coupling_coef=coupling * np.array([[1.0], [1.0], [0.0], [1.0], [0.0], [0.0]]),
                walk=np.zeros(1),
                loading=np.zeros(len(channels)),
            )
        )
    return system, start, parameters


def ours(level: float, draws: int, futures: int, seed: int, **options: float) -> tuple[int, int]:
    """Onsets and months not calm, as the rivals count them."""
    system, start, parameters = problem(level, draws, seed, **options)
    out = simulate(
        system,
        start,
        parameters,
        outcomes=[Enter("dispute", ("dispute", "war")), Enter("war", ("war",))],
        grid=np.arange(1, MONTHS + 1) / 12,
        futures=futures,
        seed=seed,
    )
    return int(out.firings[..., ONSET].sum()), int(out.occupancy[:, :, :, 1:].sum())


def clock(call: Callable[[], object], repeats: int) -> float:
    """Median wall time of a call (s)."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def compare(name: str, level: float, repeats: int) -> None:
    sizes = {"numpy": 500, "mesa": 10, "ours": (20, 1000)}
    months = DYADS * MONTHS
    # A rival's dispute lasts whole months, so it is longer for the same odds of ending.
    print(f"\n{name}: onset constant shifted by {level:+.1f}")
    calls: dict[str, tuple[Callable[[], tuple[int, int]], int]] = {
        "Mesa": (lambda: mesa_rival(level, sizes["mesa"], 1), sizes["mesa"]),
        "NumPy": (lambda: numpy_rival(level, sizes["numpy"], 1), sizes["numpy"]),
        "detente": (lambda: ours(level, *sizes["ours"], 1), 20_000),
    }
    speed = {}
    for rival, (call, replications) in calls.items():
        onsets, busy = call()
        total = replications * months
        speed[rival] = total / clock(call, repeats)
        print(
            f"  {rival:8s} {speed[rival] / 1e6:8.1f} M dyad-months/s   "
            f"onsets {12 * onsets / total:.4f} a dyad-year   not calm {busy / total:.4f}"
        )
    onsets, busy = ours(level, 100, 200, 1, coupling=0.0)
    total = 20_000 * months
    print(
        f"  detente, coupling off (for the equality of the problem only)"
        f"   onsets {12 * onsets / total:.4f}   not calm {busy / total:.4f}"
    )
    print(
        f"  ratio: {speed['detente'] / speed['NumPy']:.1f} x NumPy, "
        f"{speed['detente'] / speed['Mesa']:.0f} x Mesa"
    )


def scenario(repeats: int) -> None:
    """The size of the main job: 28 dyads, 10 channels, 4 arms, 200 draws, 100 futures, 10 years."""
    rng = np.random.default_rng(0)
    units = tuple(f"{a}-{b}" for a, b in combinations(range(8), 2))
    pairs = list(combinations(range(8), 2))
    near = [
        [v for v, q in enumerate(pairs) if v != u and set(p) & set(q)] for u, p in enumerate(pairs)
    ]
    near = [row[:4] for row in near]
    pointer = np.cumsum([0, *map(len, near)])
    flat = np.concatenate(near)
    couplings = tuple(
        Coupling(name, rungs, pointer, flat, form)
        for name, rungs, form in (("disputes", (1, 2), "any"), ("wars", (2,), "log1p"))
    )
    rates = [0.1, 0.002, 0.01, 5.0, 0.1, 0.7, 0.25, 0.09, 0.11, 0.02]
    moves = [(0, 1), (0, 2), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] + [(None, None)] * 3
    names = [
        "onset",
        "war",
        "join",
        "end",
        "escalate",
        "peace",
        "pause",
        "leader",
        "envoy",
        "congress",
    ]
    channels = tuple(
        Channel(name, *move, gate=1 if name == "join" else None, pace=rate)
        for name, move, rate in zip(names, moves, rates, strict=True)
    )
    kernels = (
        Kernel("leader6", ("leader",), 0.5),
        Kernel("leader60", ("leader",), 5.0),
        Kernel("envoy6", ("envoy",), 0.5),
        Kernel("envoy60", ("envoy",), 5.0),
        Kernel("disputes", ("onset",), 5.0),
        Kernel("wars", ("war", "join", "escalate"), 10.0),
    )
    cuts = np.tile([0.25, 1.0, 3.0, 10.0], (10, 1))
    system = System(units, ("calm", "dispute", "war"), channels, cuts, kernels, couplings)
    rung = np.zeros(28)
    rung[3] = 2
    start = Start(2025.62, rung, np.full(28, 2015.0), np.zeros(28), rng.random((28, 6)))
    draws = []
    for _ in range(200):
        base = np.log(rates)[:, None, None] + np.linspace(0.5, -0.5, 5) * np.ones((10, 2, 5))
        draws.append(
            Parameters(
                base,
                0.3 * rng.standard_normal((1, 10, 3, 28)),
                0.2 * rng.standard_normal((10, 6)),
                0.2 * rng.standard_normal((10, 2)),
                np.cumsum(0.1 * rng.standard_normal(11)),
                np.array([1.0, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
            )
        )
    arms = {
        "neither": (),
        "leaders": (Hold("0-1", "leader", 2025.62),),
        "envoys": (Hold("0-1", "envoy", 2025.62),),
        "open": (Scale("leader", ("0-1",), 2.0),),
    }

    def job() -> object:
        return simulate(
            system,
            start,
            draws,
            outcomes=[Enter("dispute", ("dispute", "war")), Enter("war", ("war",))],
            grid=np.arange(0, 41) / 4,
            futures=100,
            seed=1,
            arms=arms,
        )

    job()
    print(
        f"\nscenario (28 dyads, 10 channels, 4 arms, 200 draws x 100 futures x 10 years): "
        f"{clock(job, repeats):.2f} s"
    )


def peak_memory(futures: int) -> float:
    """Peak memory (MB) of a fresh process that samples so many futures."""
    code = (
        "import pathlib, runpy, sys; sys.argv = ['futures.py', '--only-futures', "
        f"'{futures}']; runpy.run_path({__file__!r}, run_name='__main__'); "
        "print(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1]) / 1024


def small(futures: int) -> None:
    """A small coupled problem, for memory: four dyads' worth of the scenario's channels."""
    channels = (Channel("onset", 0, 1, pace=0.25), Channel("end", 1, 0, pace=2.0))
    near = Coupling("near", (1,), np.array([0, 1, 2]), np.array([1, 0]))
    system = System(("a", "b"), ("calm", "dispute"), channels, np.ones((2, 0)), (), (near,))
    start = Start(2025.0, np.zeros(2), np.zeros(2), np.zeros(2))
    draw = Parameters(
        np.log([0.2, 1.5])[:, None, None] * np.ones((1, 2, 1)),
        np.zeros((1, 2, 2, 2)),
        np.zeros((2, 0)),
        np.array([[0.4], [0.0]]),
        np.zeros(1),
        np.zeros(2),
    )
    simulate(
        system,
        start,
        [draw],
        outcomes=[Enter("dispute", ("dispute",))],
        grid=np.arange(1, 121) / 12,
        futures=futures,
        seed=1,
    )


def compile_time() -> float:
    """Seconds to import, compile and run once, with an empty cache of kernels."""
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ, NUMBA_CACHE_DIR=folder)
        begin = time.perf_counter()
        subprocess.run(
            [sys.executable, __file__, "--only-futures", "10"], env=environment, check=True
        )
        return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only-futures", type=int, help="run the small problem and stop")
    options = parser.parse_args()
    if options.only_futures:
        small(options.only_futures)
        return
    print(f"python {sys.version.split()[0]}, numpy {np.__version__}, medians of {options.repeats}")
    ours(0.0, 2, 10, 1)  # compile
    for name, level in LEVELS.items():
        compare(name, level, options.repeats)
    scenario(options.repeats)
    print("\npeak memory by futures:")
    for futures in (10_000, 100_000, 1_000_000):
        print(f"  {futures:9d}  {peak_memory(futures):7.1f} MB")
    print(f"\nfirst use with no compiled kernels: {compile_time():.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this run: {peak:.0f} MB")


if __name__ == "__main__":
    main()
