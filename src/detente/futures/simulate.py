"""Sample futures of a system in several arms, in chunks that any executor can run."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ThreadPoolExecutor, wait
from concurrent.futures import Future as Job
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from detente.core.errors import SimulationError
from detente.futures.arrays import (
    DRAW_FLAT,
    LAYOUT_FLAT,
    PAIR,
    UNIT,
    Arms,
    Bench,
    Draw,
    Layout,
    Tallies,
    Trace,
    flat,
)
from detente.futures.draws import draw_of
from detente.futures.interventions import Intervention, Offset, of_draw, varies
from detente.futures.kernel import run
from detente.futures.layout import arms_of, layout_of
from detente.futures.outcomes import Outcome
from detente.futures.points import BLOCK_POINTS, FIRST_BAND, HIGH, LOW, PAGE
from detente.futures.result import Futures, Paths
from detente.futures.system import Parameters, Start, System

MAX_FUTURES = 10**8
"""Draws times futures above this are refused."""
MAX_TRACED = 100_000
"""Arms times draws times futures above this are refused with ``paths=True``."""
PAGES = 4096
"""Pages of points that a task keeps; a power of two."""
_OUTSTANDING = 64
_LINE = 128  # bytes; processors fetch lines of 64 in twos
_THREAD = threading.local()


@dataclass(frozen=True, slots=True)
class Task:
    """Futures low..high - 1 of one draw in every arm."""

    layout: Layout
    arms: Arms
    draw: Draw
    number: int
    low: int
    high: int
    limit: int
    trace: int


def simulate(
    system: System,
    start: Start,
    parameters: Sequence[Parameters],
    *,
    outcomes: Sequence[Outcome],
    grid: npt.ArrayLike,
    futures: int,
    seed: int,
    arms: Mapping[str, Sequence[Intervention]] | None = None,
    max_events: int | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    chunk: int = 500,
    progress: Callable[[int, int], None] | None = None,
    paths: bool = False,
) -> Futures:
    """Sample paired futures of a system, exactly and event by event.

    Parameters
    ----------
    system, start
        The structure, and where its units stand at t0.
    parameters
        The D posterior draws.
    outcomes
        What is asked of every unit.
    grid
        Years from t0 at which counts are kept, shape (G,), increasing.
    futures
        Futures for each draw.
    seed
        0 to 2**64 - 1.  The same seed gives the same bits for any workers, executor and chunk.
    arms
        Interventions by arm; the first arm is the reference.  None: one arm, untouched.
    max_events
        Events in one future of one arm past which it stops and counts as a runaway; None: 10000
        plus 100 for each unit.
    executor
        Runs the chunks (concurrent.futures, or Dask's ``client.get_executor()``).  None: threads.
    workers
        Threads where no executor is given; None: one a core.
    chunk
        Futures in one task.
    progress
        Called with the futures done and in all, over the draws, after each chunk.
    paths
        Also return every event (for few futures).

    Returns
    -------
    Counts over the futures: see `Futures`.

    Raises
    ------
    SimulationError
        When a shape, name or number does not fit, or an intensity at the start is above
        10000 per year or not a number.

    Examples
    --------
    >>> import numpy as np
    >>> from detente.futures import Channel, Enter, Parameters, Start, System, simulate
    >>> system = System(("2-365",), ("calm", "dispute"), (Channel("onset", 0, 1),), np.ones((1, 0)))
    >>> start = Start(2025.5, np.zeros(1), np.full(1, 2000.0), np.zeros(1))
    >>> draw = Parameters(np.full((1, 2, 1), np.log(0.1)), np.zeros((1, 1, 2, 1)),
    ...                   np.zeros((1, 0)), np.zeros((1, 0)), np.zeros(1), np.zeros(1))
    >>> out = simulate(system, start, [draw], outcomes=[Enter("dispute", ("dispute",))],
    ...                grid=[1.0, 10.0], futures=20_000, seed=1)
    >>> bool(np.allclose(out.probability("dispute").mean, 1 - np.exp([-0.1, -1.0]), atol=0.01))
    True
    """
    named = dict(arms) if arms is not None else {"reference": ()}
    _check_sizes(len(parameters), len(named), futures, chunk, paths)
    layout = layout_of(system, start, outcomes, grid)
    _check_deltas(named, len(parameters))
    varying = any(varies(item) for items in named.values() for item in items)

    def arms_in(number: int) -> Arms:
        values = {n: [of_draw(item, number) for item in items] for n, items in named.items()}
        return arms_of(system, layout, values, start)

    shared = None if varying else arms_in(0)
    limit = 10_000 + 100 * len(system.units) if max_events is None else max_events
    n_arms, n_channels = len(named), len(system.channels)
    total = tallies(layout, (n_arms, len(parameters)), (n_arms, len(parameters)), n_channels)
    traces: list[tuple[int, Trace]] = []

    def tasks() -> Iterator[Task]:
        for number, values in enumerate(parameters):
            draw = draw_of(system, layout, values, seed, number)
            compiled = arms_in(number) if shared is None else shared
            for low in range(0, futures, chunk):
                high = min(low + chunk, futures)
                yield Task(layout, compiled, draw, number, low, high, limit, 4096 * paths)

    def take(result: tuple[int, int, Tallies, Trace]) -> int:
        number, size, part, trace = result
        for whole, piece in zip(total, part, strict=True):
            # What differs from the first arm has no row for it.
            whole[len(whole) - len(piece) :, number] += piece
        if paths:
            traces.append((number, trace))
        return size

    _spread(tasks(), take, executor, workers, progress, futures * len(parameters))
    return Futures.from_tallies(
        system=system,
        start=start,
        arms=named,
        outcomes=tuple(outcomes),
        grid=layout.grid - layout.times[0],
        futures=futures,
        seed=seed,
        max_events=limit,
        tallies=total,
        rung=layout.rung,
        paths=Paths.from_traces(traces) if paths else None,
    )


def _check_deltas(arms: Mapping[str, Sequence[Intervention]], draws: int) -> None:
    for name, items in arms.items():
        for item in items:
            values = item.delta if isinstance(item, Offset) else 0.0
            if isinstance(values, tuple) and len(values) != draws:
                raise SimulationError(
                    f"arm {name!r}: an Offset has {len(values)} values; "
                    f"expected one for each of {draws} draws"
                )


def tallies(
    layout: Layout, lead: tuple[int, ...], lead_other: tuple[int, ...], channels: int
) -> Tallies:
    """Zero counts with leading axes (arms, or arms and draws); those of differences have theirs."""
    units, outcomes, rungs = layout.rung.size, layout.kind.size, layout.live.shape[0]
    points = layout.grid.size

    # At most one count a future, so half the memory will do.
    def few(*shape: int) -> npt.NDArray[np.int32]:
        return np.zeros(shape, np.int32)

    return Tallies(
        passage=few(*lead, units, outcomes, points),
        plus=few(*lead_other, units, outcomes, points),
        minus=few(*lead_other, units, outcomes, points),
        occupancy=few(*lead, units, rungs, points),
        joint=few(*lead_other, units, rungs, rungs, points),
        firings=np.zeros((*lead, units, channels), np.int64),
        squares=np.zeros((*lead, units, channels), np.int64),
        gaps=np.zeros((*lead_other, units, channels), np.int64),
        status=np.zeros((*lead, 4), np.int64),
    )


def run_task(task: Task) -> tuple[int, int, Tallies, Trace]:
    """Run one task: its draw, its futures, their counts, their events."""
    channels, arms = task.draw.keys.shape[1], task.arms.window_ptr.shape[0]
    bench = _bench(task.layout, task.draw, arms, task.limit)
    layout, draw = flat(task.layout, LAYOUT_FLAT), flat(task.draw, DRAW_FLAT)
    size = task.trace
    while True:
        out = tallies(task.layout, (arms,), (arms - 1,), channels)
        trace = Trace(np.zeros(1, np.int64), np.zeros((size, 4), np.int64), np.zeros(size))
        run(layout, draw, task.arms, task.low, task.high, task.limit, bench, out, trace)
        if int(trace.size[0]) <= size or size == 0:
            return task.number, task.high - task.low, out, trace
        size = int(trace.size[0])


def _bench(layout: Layout, draw: Draw, arms: int, limit: int) -> Bench:
    """Working arrays for a draw; a thread keeps them from task to task."""
    units, channels = draw.keys.shape
    sizes = (layout.decay.size, layout.inset.shape[0], layout.kind.size)
    shape = (units, channels, *sizes, arms, limit)
    if getattr(_THREAD, "shape", None) != shape:
        _THREAD.bench, _THREAD.shape = _new_bench(*shape), shape
    bench: Bench = _THREAD.bench
    pair = bench.pair
    pair["key0"], pair["key1"] = draw.keys.ravel() & LOW, draw.keys.ravel() >> HIGH
    pair["top"] = FIRST_BAND * draw.pace.ravel()
    pair["block"] = BLOCK_POINTS / pair["top"]
    pair["stamp"] = -1
    bench.tag[:] = -1
    return bench


def _apart(kind: np.dtype[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """Zeros in lines of the cache that hold nothing else, so that threads do not share one."""
    size = math.prod(shape) * kind.itemsize
    room = np.zeros(size + 2 * _LINE, np.uint8)
    start = -room.ctypes.data % _LINE
    return room[start : start + size].view(kind).reshape(shape)


def _new_bench(
    units: int, channels: int, kernels: int, couplings: int, outcomes: int, arms: int, limit: int
) -> Bench:
    queued = (couplings + 3) * units * channels + channels
    past = limit + 1 if arms > 1 else 1
    slots = 1 << max(6, math.ceil(math.log2(2 * units)))

    def floats(*shape: int) -> npt.NDArray[np.float64]:
        return _apart(np.dtype(np.float64), shape)

    def whole(*shape: int) -> npt.NDArray[np.int64]:
        return _apart(np.dtype(np.int64), shape)

    return Bench(
        unit=_apart(UNIT, (units,)),
        pair=_apart(PAIR, (units * channels,)),
        moved=whole(units),
        n_moved=whole(1),
        counts=floats(units * kernels),
        since=floats(units),
        around=whole(couplings * units),
        bound_start=floats(arms, units * channels),
        first=whole(2, units, outcomes),
        pending=floats(units, outcomes),
        pending_grid=whole(units, outcomes),
        head=whole(slots),
        chain=whole(2, units, 2),
        change=whole(2, past, 3),
        past_time=floats(past),
        past_unit=whole(past),
        past_channel=whole(past),
        past_held=whole(past),
        astray=whole(units),
        rung_first=whole(units),
        around_first=whole(couplings * units),
        todo=whole(queued, 3),
        left=floats(kernels),
        felt=floats(kernels),
        felt_unit=whole(1),
        felt_time=floats(1),
        tag=whole(PAGES, 2),
        page=floats(PAGES, 2, PAGE),
        gap=floats(2, PAGE // 2),
        mark=floats(2, PAGE // 2),
        start_key=_apart(np.dtype(np.uint64), (2, queued)),
        start_bound=floats(5, queued),
        start_first=floats(3, queued),
    )


def _check_sizes(draws: int, arms: int, futures: int, chunk: int, paths: bool) -> None:
    if futures < 1 or draws < 1 or arms < 1 or chunk < 1:
        raise SimulationError(
            f"need at least one draw, arm, future and future a chunk; got {draws} draws, {arms} "
            f"arms, {futures} futures, chunk {chunk}"
        )
    if futures * draws > MAX_FUTURES:
        raise SimulationError(
            f"{draws} draws x {futures} futures is more than {MAX_FUTURES}; the Monte Carlo error "
            "falls with the square root only: ask for fewer futures"
        )
    if paths and arms * futures * draws > MAX_TRACED:
        raise SimulationError(
            f"paths=True keeps every event: at most {MAX_TRACED} arms x draws x futures"
        )


def _spread(
    tasks: Iterator[Task],
    take: Callable[[tuple[int, int, Tallies, Trace]], int],
    executor: Executor | None,
    workers: int | None,
    progress: Callable[[int, int], None] | None,
    total: int,
) -> None:
    """Keep an executor busy, take results as they come, stop at once on an error or Ctrl-C."""
    own = executor is None
    pool = ThreadPoolExecutor(workers or os.cpu_count() or 1) if executor is None else executor
    waiting: set[Job[tuple[int, int, Tallies, Trace]]] = set()
    done = 0
    try:
        for task in tasks:
            waiting.add(pool.submit(run_task, task))
            if len(waiting) >= _OUTSTANDING:
                done = _collect(waiting, take, progress, done, total)
        while waiting:
            done = _collect(waiting, take, progress, done, total)
    finally:
        for job in waiting:
            job.cancel()
        if own:
            pool.shutdown(wait=True, cancel_futures=True)


def _collect(
    waiting: set[Job[tuple[int, int, Tallies, Trace]]],
    take: Callable[[tuple[int, int, Tallies, Trace]], int],
    progress: Callable[[int, int], None] | None,
    done: int,
    total: int,
) -> int:
    finished = wait(waiting, return_when=FIRST_COMPLETED).done
    for job in finished:
        waiting.discard(job)
        done += take(job.result())
        if progress is not None:
            progress(done, total)
    return done
