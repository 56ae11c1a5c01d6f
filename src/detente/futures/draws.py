"""From the parameters of one posterior draw to the flat arrays that the kernel reads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from detente.core.errors import SimulationError
from detente.core.random import combine_keys, name_key, stream_key
from detente.futures.arrays import Draw, Layout
from detente.futures.layout import integers, padded, shaped
from detente.futures.search import MAX_INTENSITY
from detente.futures.system import Parameters, System

Array = npt.NDArray[Any]

UNEVEN = math.log(2.5)
"""One bound serves pieces of a baseline whose log rates are this near to each other."""
_ABOVE = 0.7  # what past events add to a log rate, roughly
_SAME = 1e-12
WEAK_COUPLING = 0.7
"""Log effects up to this are allowed for in a bound before they occur."""


def draw_of(system: System, layout: Layout, parameters: Parameters, seed: int, number: int) -> Draw:
    """Arrays of one posterior draw (checked), with its keys."""
    where = f"draw {number}"
    units, rungs, channels = len(system.units), len(system.rungs), len(system.channels)
    kernels, couplings, pieces = (
        len(system.kernels),
        len(system.couplings),
        layout.cuts.shape[1] + 1,
    )
    base = shaped(parameters.log_base, (channels, 2, pieces), f"{where}: log_base")
    eta = shaped(parameters.eta, (None, channels, rungs, units), f"{where}: eta")
    kernel = shaped(parameters.kernel_coef, (channels, kernels), f"{where}: kernel_coef")
    coupling = shaped(parameters.coupling_coef, (channels, couplings), f"{where}: coupling_coef")
    walk = shaped(parameters.walk, (None,), f"{where}: walk")
    loading = shaped(parameters.loading, (channels,), f"{where}: loading")
    for name, array in (
        ("kernel_coef", kernel),
        ("coupling_coef", coupling),
        ("walk", walk),
        ("loading", loading),
    ):
        if not np.isfinite(array).all():
            raise SimulationError(f"{where}: {name} holds a value that is not finite")
    rung, channel = np.nonzero(layout.column >= 0)
    years = np.arange(max(eta.shape[0], walk.size))
    shock = loading[channel, None] * walk[np.minimum(years, walk.size - 1)]
    eta = eta[np.minimum(years, eta.shape[0] - 1)][:, channel, rung, :].transpose(2, 1, 0) + shock
    draw = _with_terms(layout, base, np.ascontiguousarray(eta), padded(kernel), coupling)
    _check_intensity(system, layout, draw, where)
    keys = combine_keys(
        stream_key(seed, "futures", number),
        np.array([name_key(name) for name in system.units], np.uint64),
        np.array([name_key(channel.name) for channel in system.channels], np.uint64),
    )
    return draw._replace(keys=keys, pace=_pace(system, layout, draw))


def _tail_max(values: Array) -> Array:
    return np.ascontiguousarray(np.maximum.accumulate(values[..., ::-1], axis=-1)[..., ::-1])


def _with_terms(layout: Layout, base: Array, eta: Array, kernel: Array, coupling: Array) -> Draw:
    channels, kernels = kernel.shape
    couplings, rungs = layout.inset.shape
    terms = np.full((channels, kernels), -1, np.int64)
    heard = np.full((couplings, rungs, channels), -1, np.int64)
    heard_count = np.zeros((couplings, rungs), np.int64)
    pull = coupling[:, :, None] * layout.value[None, :, :]
    for k in range(channels):
        used = np.flatnonzero(kernel[k])
        terms[k, : used.size] = used
    for q in range(couplings):
        matters = (coupling[:, q] != 0) | (layout.channel["gate"] == q)
        for s in range(rungs):
            row = layout.live[s, : layout.live_count[s]]
            row = row[matters[row]]
            heard[q, s, : row.size] = row
            heard_count[q, s] = row.size
    raised, raised_count = _raised(layout, kernel)
    crest, run = _runs(layout, base)
    bound = _pull_bound(layout, coupling, pull)
    top = eta.max(axis=2)
    offset = eta - np.where(np.isfinite(top), top, 0.0)[:, :, None]
    level = np.exp(offset)
    return Draw(
        base=base,
        pulse=np.exp(base),
        crest=crest,
        run=run,
        eta=eta,
        eta_top=top,
        level=level,
        level_max=np.exp(_tail_max(offset)),
        plain=(base == base[:, :1, :1]).all(axis=(1, 2)),
        twin=_twins(layout, level),
        kernel=kernel,
        kernel_max=np.maximum(kernel, 0.0),
        coupling=pull,
        coupling_max=bound,
        still=_still(layout, bound),
        terms=terms,
        term_count=integers((kernel != 0).sum(axis=1)),
        heard=heard,
        heard_count=heard_count,
        hears=heard_count.any(axis=1),
        raised=raised,
        raised_count=raised_count,
        keys=np.zeros((0, 0), np.uint64),
        pace=np.zeros((0, 0)),
        sizes=integers((base.shape[2], *eta.shape[1:], pull.shape[2])),
    )


def _pace(system: System, layout: Layout, draw: Draw) -> Array:
    """Rate at the start by unit and channel, as a power of four: it sets the cells of the noise.

    It depends on nothing that comes later, on no other unit, and not on the arm.
    """
    middle = np.sort(draw.base, axis=2)[:, :, draw.base.shape[2] // 2]
    typical = middle.T[layout.stratum] + _ABOVE
    source = layout.channel["source"]
    rung = np.where(source < 0, layout.first[:, None], source)
    column = layout.column[rung, np.arange(source.size)]
    rate = typical + np.take_along_axis(draw.eta[:, :, 0], column, axis=1)
    spare = np.log([channel.pace for channel in system.channels])
    rate = np.where(np.isfinite(rate), rate, spare)
    return np.asarray(4.0 ** np.clip(np.round(rate / math.log(4.0)), -6, 5))


def _runs(layout: Layout, base: Array) -> tuple[Array, Array]:
    """Runs of pieces that one bound serves: the highest rate from each piece on, and the end."""
    pieces = base.shape[2]
    crest, run = np.empty_like(base), np.empty(base.shape, np.int64)
    used = 1 + np.isfinite(layout.cuts).sum(axis=1)
    for k, j in np.ndindex(base.shape[:2]):
        rates: list[float] = base[k, j, : used[k]].tolist()
        first, low, high = 0, rates[0], rates[0]
        ends: list[int] = []
        for p, rate in enumerate(rates):
            low, high = min(low, rate), max(high, rate)
            if high - low > UNEVEN:
                ends += [p] * (p - first)
                first, low, high = p, rate, rate
        ends += [pieces] * (pieces - first)
        tops = rates + rates[-1:] * (pieces - len(rates))
        for p in reversed(range(pieces - 1)):
            if p + 1 < ends[p]:
                tops[p] = max(tops[p], tops[p + 1])
        run[k, j], crest[k, j] = ends, tops
    return np.exp(crest), run


def _twins(layout: Layout, level: Array) -> Array:
    """For each column, the first of its channel with the same level in every unit and year."""
    twin = np.arange(level.shape[1])
    for row in layout.column.T:
        columns = row[row >= 0]
        for i, column in enumerate(columns[1:], start=1):
            gaps = np.abs(level[:, columns[:i]] - level[:, [column]]).max(axis=(0, 2))
            same = np.flatnonzero(gaps < _SAME)
            twin[column] = columns[same[0]] if same.size else column
    return twin


def _raised(layout: Layout, kernel: Array) -> tuple[Array, Array]:
    """Channels of each rung whose bound a firing of each channel may raise, and that channel."""
    channels, rungs = kernel.shape[0], layout.live.shape[0]
    raised = np.full((channels, rungs, channels), -1, np.int64)
    count = np.zeros((channels, rungs), np.int64)
    for k in range(channels):
        moved: Array = np.asarray((kernel[:, layout.trigger[k]] > 0).any(axis=1))
        moved[k] = True
        for s in range(rungs):
            row = layout.live[s, : layout.live_count[s]]
            row = row[moved[row]]
            raised[k, s, : row.size] = row
            count[k, s] = row.size
    return raised, count


def _pull_bound(layout: Layout, coupling: Array, pull: Array) -> Array:
    """What a coupling adds to a bound: a weak one as if a neighbour more (or fewer) counted.

    Then most changes among the neighbours leave the bounds, and the searches, alone.
    """
    numbers = np.arange(pull.shape[2])
    more = pull[:, :, np.minimum(np.maximum(numbers, 1), numbers[-1])]
    fewer = pull[:, :, np.maximum(numbers - 1, 0)]
    weak = np.abs(coupling[:, :, None]) <= WEAK_COUPLING
    return np.where(weak, np.maximum(np.maximum(more, fewer), pull), pull)


def _still(layout: Layout, bound: Array) -> Array:
    """Whether a neighbour fewer, or more, leaves the bounds of all channels alone, (Q, 2, N)."""
    same = (np.diff(bound, axis=2) == 0.0).all(axis=0)
    for q in range(bound.shape[1]):
        same[q, :1] &= not (layout.channel["gate"] == q).any()
    never = np.zeros((bound.shape[1], 1), bool)
    return np.stack([np.hstack([never, same]), np.hstack([same, never])], axis=1)


def _check_intensity(system: System, layout: Layout, draw: Draw, where: str) -> None:
    if np.isnan(draw.base).any() or np.isnan(draw.eta).any():
        raise SimulationError(f"{where}: log_base or eta holds a missing value")
    highest = draw.base.max(axis=(1, 2))
    for s, k in zip(*np.nonzero(layout.column >= 0), strict=True):
        rates = draw.eta[:, layout.column[s, k]].max(axis=1) + highest[k]
        if not (rates <= math.log(MAX_INTENSITY)).all():
            u = int(np.argmax(rates))
            raise SimulationError(
                f"{where}: unit {system.units[u]!r}, channel {system.channels[k].name!r}: "
                f"intensity exp({rates[u]:.4g}) per year is above {MAX_INTENSITY:g}; check "
                "the baseline and the covariates"
            )
