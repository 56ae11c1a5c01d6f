"""From the values a user gives to the flat arrays that the kernel reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from detente.core.errors import SimulationError
from detente.futures.arrays import CHANNEL, Arms, Layout
from detente.futures.interventions import Cancel, Hold, Intervention, Offset, Scale
from detente.futures.kernel import JOIN
from detente.futures.outcomes import Leave, Outcome
from detente.futures.system import Coupling, Start, System

Array = npt.NDArray[Any]

_EDGE = 1e-9


def layout_of(
    system: System, start: Start, outcomes: Sequence[Outcome], grid: npt.ArrayLike
) -> Layout:
    """Arrays of a system, its start, the outcomes and the grid (checked)."""
    years = _grid(grid)
    units, kernels, couplings = len(system.units), len(system.kernels), len(system.couplings)
    t0 = float(start.time)
    rung, entered, stratum, counts = _start(system, start)
    here = np.where(entered > t0, -1, rung)
    lasting = np.array([getattr(item, "lasting", 0.0) for item in outcomes], float)
    t_grid = t0 + float(years[-1])
    t_end = t_grid + float(lasting.max(initial=0.0))
    if t_end > system.until:
        raise SimulationError(
            f"the parameters reach to {system.until:g}, the simulation to {t_end:g}: end the grid "
            "(and what must last beyond it) earlier"
        )
    live, live_count, column = _live(system)
    members = np.zeros((couplings, len(system.rungs)), np.int64)
    for q, coupling in enumerate(system.couplings):
        members[q, list(coupling.rungs)] = 1
    reverse_ptr, reverse, value, around = _neighbours(system.couplings, units, members, here)
    slices = max(4 * years.size, 16)
    edges = np.linspace(0.0, float(years[-1]), slices + 1)[:-1]
    mask = np.ones((units, kernels)) if system.kernel_mask is None else system.kernel_mask
    counts = np.where(np.asarray(mask) != 0, counts, 0.0)
    trigger = np.array(
        [
            [channel.name in kernel.triggers for kernel in system.kernels]
            for channel in system.channels
        ]
    )
    return Layout(
        times=np.array([t0, t_end, t_grid]),
        channel=_channels(system),
        live=live,
        live_count=live_count,
        column=column,
        cuts=floats(system.cuts),
        decay=padded(np.array([math.log(2.0) / k.half_life for k in system.kernels], float)),
        identity=padded(np.array([k.transform == "identity" for k in system.kernels], bool)),
        bent=integers([any(k.transform != "identity" for k in system.kernels)]),
        trigger=padded(np.asarray(trigger, bool).reshape(len(system.channels), kernels)),
        mask=padded(np.asarray(mask) != 0),
        inset=members,
        reverse_ptr=reverse_ptr,
        reverse=reverse,
        value=value,
        rung=here,
        first=rung,
        entered=entered,
        stratum=stratum,
        counts=padded(counts),
        stirred=integers((counts > 0).any(axis=1)),
        around=around,
        grid=t0 + years,
        start=integers(np.searchsorted(years, edges - _EDGE)),
        kind=integers([int(isinstance(item, Leave)) for item in outcomes]),
        member=_member(system, outcomes),
        lasting=lasting,
    )


def arms_of(
    system: System, layout: Layout, arms: Mapping[str, Sequence[Intervention]], start: Start
) -> Arms:
    """Arrays of the arms' interventions (checked)."""
    pointer, events = [0], []
    window_ptr = np.zeros((len(arms), len(system.units) * len(system.channels) + 1), np.int64)
    windows: list[tuple[float, float, float]] = []
    every: list[list[list[list[tuple[float, float, float]]]]] = []
    joins = [
        (float(start.entered[u]), -1, int(u), JOIN)
        for u in np.flatnonzero(layout.rung < 0)
        if float(start.entered[u]) < layout.times[1]
    ]
    for number, (name, interventions) in enumerate(arms.items()):
        forced = list(joins)
        cells: dict[int, list[tuple[float, float, float]]] = {}
        for order, item in enumerate(interventions):
            if isinstance(item, Hold):
                forced.append(_hold(system, layout, item, order, name))
                continue
            k, delta = system.channel_index(item.channel), _delta(item, name)
            for u in map(system.unit_index, item.units or system.units):
                cells.setdefault(u * len(system.channels) + k, []).append(
                    (float(item.start), float(item.stop), delta)
                )
        events += sorted(forced)
        pointer.append(len(events))
        window_ptr[number, 0] = len(windows)
        for cell in range(window_ptr.shape[1] - 1):
            windows += cells.get(cell, [])
            window_ptr[number, cell + 1] = len(windows)
        width = len(system.channels)
        every.append(
            [[cells.get(u * width + k, []) for k in range(width)] for u in range(len(system.units))]
        )
    table = np.array(windows, float).reshape(-1, 3)
    touched = [[row[u] != every[0][u] for u in range(len(system.units))] for row in every]
    return Arms(
        event_ptr=integers(pointer),
        event_time=np.array([event[0] for event in events], float),
        event_unit=integers([event[2] for event in events]),
        event_channel=integers([event[3] for event in events]),
        window_ptr=window_ptr,
        window_start=np.ascontiguousarray(table[:, 0]),
        window_stop=np.ascontiguousarray(table[:, 1]),
        window_delta=np.ascontiguousarray(table[:, 2]),
        touched=np.array(touched, bool),
    )


def floats(values: Any) -> Array:
    """Contiguous float64."""
    return np.array(values, np.float64, order="C")


def integers(values: Any) -> Array:
    """Contiguous int64."""
    return np.array(values, np.int64, order="C")


def padded(values: Array) -> Array:
    """Kernels along the last axis, with idle ones up to a multiple of four (for vector loops)."""
    width = [(0, 0)] * (values.ndim - 1) + [(0, -values.shape[-1] % 4)]
    return np.ascontiguousarray(np.pad(values, width))


def _grid(grid: npt.ArrayLike) -> Array:
    years = floats(grid)
    if years.ndim != 1 or years.size == 0 or not np.isfinite(years).all():
        raise SimulationError("grid must be a list of years from t0")
    if years[0] < 0 or years[-1] <= 0 or np.any(np.diff(years) <= 0):
        raise SimulationError("grid must increase from 0 years or later, and end after 0")
    return years


def shaped(values: Any, shape: tuple[int | None, ...], what: str) -> Array:
    """Float64 of a shape (None: any size above zero), or an error that names it."""
    array = floats(values)
    expected = tuple("any" if size is None else size for size in shape)
    if array.ndim != len(shape) or any(
        (size is None and have == 0) or (size is not None and have != size)
        for have, size in zip(array.shape, shape, strict=True)
    ):
        raise SimulationError(f"{what} has shape {array.shape}; expected {expected}")
    return array


def _start(system: System, start: Start) -> tuple[Array, Array, Array, Array]:
    units, kernels = len(system.units), len(system.kernels)
    if not math.isfinite(start.time):
        raise SimulationError("start.time must be a year, such as 2025.62")
    entered = shaped(start.entered, (units,), "start.entered")
    rung = shaped(start.rung, (units,), "start.rung")
    stratum = shaped(start.stratum, (units,), "start.stratum")
    zero = np.zeros((units, kernels))
    counts = (
        zero if start.counts is None else shaped(start.counts, (units, kernels), "start.counts")
    )
    if not np.isin(rung, np.arange(len(system.rungs))).all() or not np.isin(stratum, (0, 1)).all():
        raise SimulationError("start: rung must be the index of a rung and stratum 0 or 1")
    if np.isnan(entered).any() or not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise SimulationError("start: entered must not be missing, counts must be zero or more")
    return rung.astype(np.int64), entered, stratum.astype(np.int64), counts


def _channels(system: System) -> Array:
    table = np.zeros(len(system.channels), CHANNEL)
    for row, channel in zip(table, system.channels, strict=True):
        row["source"] = -1 if channel.source is None else channel.source
        row["target"] = -1 if channel.target is None else channel.target
        row["gate"] = -1 if channel.gate is None else channel.gate
    return table


def _live(system: System) -> tuple[Array, Array, Array]:
    live = np.full((len(system.rungs), len(system.channels)), -1, np.int64)
    count = np.zeros(len(system.rungs), np.int64)
    column = np.full(live.shape, -1, np.int64)
    for s in range(len(system.rungs)):
        for k, channel in enumerate(system.channels):
            if channel.source in (None, s):
                live[s, count[s]] = k
                column[s, k] = count.sum()
                count[s] += 1
    return live, count, column


def _neighbours(
    couplings: Sequence[Coupling], units: int, members: Array, rung: Array
) -> tuple[Array, Array, Array, Array]:
    pointer = np.zeros((len(couplings), units + 1), np.int64)
    around = np.zeros((len(couplings), units), np.int64)
    parts: list[Array] = []
    most = max((int(np.diff(c.indptr).max(initial=0)) for c in couplings), default=0)
    number = np.arange(most + 1, dtype=float)
    value = np.zeros((len(couplings), most + 1))
    offset = 0
    for q, coupling in enumerate(couplings):
        unit = np.repeat(np.arange(units), np.diff(coupling.indptr))
        other = integers(coupling.indices)
        counted = np.where(rung[other] >= 0, members[q, rung[other]], 0)
        np.add.at(around[q], unit, counted)
        pointer[q] = offset + np.searchsorted(np.sort(other), np.arange(units + 1))
        parts.append(unit[np.argsort(other, kind="stable")])
        offset += other.size
        form = {"any": np.minimum(number, 1.0), "log1p": np.log1p(number), "count": number}
        value[q] = form[coupling.form]
    return pointer, integers(np.concatenate(parts) if parts else []), value, around


def _member(system: System, outcomes: Sequence[Outcome]) -> Array:
    member = np.zeros((len(outcomes), len(system.rungs)), bool)
    names = [item.name for item in outcomes]
    if len(set(names)) != len(names):
        raise SimulationError("outcome names must be unique")
    for o, item in enumerate(outcomes):
        unknown = set(item.rungs) - set(system.rungs)
        if unknown or not item.rungs:
            what = f"unknown rung {sorted(unknown)[0]!r}" if unknown else "no rung"
            raise SimulationError(f"outcome {item.name!r}: {what}; rungs are {system.rungs}")
        if isinstance(item, Leave) and not 0 <= item.lasting < math.inf:
            raise SimulationError(f"outcome {item.name!r}: lasting must be zero or more years")
        member[o, [system.rungs.index(rung) for rung in item.rungs]] = True
    return member


def _hold(
    system: System, layout: Layout, item: Hold, order: int, arm: str
) -> tuple[float, int, int, int]:
    if not layout.times[0] <= item.time < layout.times[1]:
        raise SimulationError(
            f"arm {arm!r}: {item.channel!r} is held at {item.time}, outside the simulated "
            f"[{layout.times[0]}, {layout.times[1]})"
        )
    return item.time, order, system.unit_index(item.unit), system.channel_index(item.channel)


def _delta(item: Cancel | Scale | Offset, arm: str) -> float:
    where = f"arm {arm!r}: {type(item).__name__} of {item.channel!r}"
    if not item.start <= item.stop:
        raise SimulationError(f"{where}: start {item.start} lies after stop {item.stop}")
    if isinstance(item, Cancel):
        return -math.inf
    if isinstance(item, Scale):
        if not 0 <= item.factor < math.inf:
            raise SimulationError(f"{where}: factor must be zero or more, not {item.factor}")
        return math.log(item.factor) if item.factor > 0 else -math.inf
    if isinstance(item.delta, tuple):
        raise SimulationError(f"{where}: one value a draw is taken draw by draw")
    if not math.isfinite(item.delta):
        raise SimulationError(f"{where}: delta must be finite, not {item.delta}")
    return float(item.delta)
