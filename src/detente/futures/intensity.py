"""Parts of the event loop: the intensity of a channel, its bound, and what a unit remembers.

A bound holds until an event raises it: positive kernel terms enter as they stand (they only decay),
negative ones as zero, a weak coupling as if one more (or one fewer) neighbour counted.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from detente.futures.parts import part
from detente.futures.points import exp, log

_ROUNDING = 1e-9


@part
def feel(layout: Any, bench: Any, u: Any, t: Any) -> None:
    """Fill left and felt (M,), the decayed counts of unit u at time t and what enters intensities.

    Nothing is done where they are there already.
    """
    if bench.felt_unit[0] == u and bench.felt_time[0] == t:
        return
    bench.felt_unit[0], bench.felt_time[0] = u, t
    counts, decay, left, felt = bench.counts, layout.decay, bench.left, bench.felt
    ago, n_kernels = t - bench.since[u], decay.size
    # Loops of one kind, for vector instructions.
    for m in range(n_kernels):
        left[m] = counts[u * n_kernels + m] * exp(-decay[m] * ago)
        felt[m] = left[m]
    if layout.bent[0]:
        for m in range(n_kernels):
            felt[m] = log(1.0 + left[m])
        for m in range(n_kernels):
            felt[m] = left[m] if layout.identity[m] else felt[m]


@part
def remember(layout: Any, bench: Any, u: Any, k: Any, t: Any) -> None:
    """Add a firing of channel k at time t to the counts of unit u that it triggers."""
    n_kernels, left, felt = layout.decay.size, bench.left, bench.felt
    stirs = False
    for m in range(n_kernels):
        stirs |= layout.trigger[k, m] and layout.mask[u, m]
    if not stirs:
        return
    feel(layout, bench, u, t)
    bench.unit[u].stirred = 1
    bench.since[u] = t
    for m in range(n_kernels):
        if layout.trigger[k, m] and layout.mask[u, m]:
            left[m] += 1.0
            felt[m] = left[m] if layout.identity[m] else log(1.0 + left[m])
        bench.counts[u * n_kernels + m] = left[m]


@part
def piece_of(layout: Any, k: Any, age: Any, n_pieces: Any) -> Any:
    """Piece of channel k's baseline at an age."""
    piece = 0
    if n_pieces > 1:
        i = k * (n_pieces - 1)
        while piece < n_pieces - 1 and age >= layout.cuts[i + piece]:
            piece += 1
    return piece


@part
def _moved(layout: Any, draw: Any, bench: Any, u: Any, k: Any, t: Any, terms: Any) -> Any:
    """Sum of what the past and the neighbours add: `terms` are theirs or their bounds."""
    kernel, coupling = terms
    n_units, n_numbers = draw.keys.shape[0], draw.sizes[3]
    x = 0.0
    if bench.unit[u].stirred:
        feel(layout, bench, u, t)
        n_kernels = layout.decay.size
        for j in range(draw.term_count[k]):
            m = draw.terms[k * n_kernels + j]
            x += kernel[k * n_kernels + m] * bench.felt[m]
    n_couplings = layout.inset.shape[0]
    for q in range(n_couplings):
        number = bench.around[q * n_units + u]
        x += coupling[(k * n_couplings + q) * n_numbers + number]
    return x


@part
def is_shut(layout: Any, bench: Any, u: Any, k: Any) -> Any:
    """Whether a channel waits for a neighbour."""
    gate = layout.channel[k].gate
    return gate >= 0 and bench.around[gate * bench.unit.size + u] <= 0


@part
def log_intensity(
    layout: Any, draw: Any, arms: Any, bench: Any, arm: Any, u: Any, k: Any, t: Any, year: Any
) -> Any:
    """Log intensity of a unit's channel just before time t; minus infinity where shut."""
    if is_shut(layout, bench, u, k):
        return -np.inf
    n_pieces, n_columns, n_years = draw.sizes[0], draw.sizes[1], draw.sizes[2]
    n_channels = draw.keys.shape[1]
    unit = bench.unit[u]
    x = _moved(layout, draw, bench, u, k, t, (draw.kernel, draw.coupling))
    piece = piece_of(layout, k, t - unit.entered, n_pieces)
    column = u * n_columns + layout.column[unit.rung * n_channels + k]
    x += draw.base[(k * 2 + unit.stratum) * n_pieces + piece]
    x += draw.eta[column * n_years + min(year, n_years - 1)]
    if arms.window_delta.size > 0:
        c = u * n_channels + k
        for w in range(arms.window_ptr[arm, c], arms.window_ptr[arm, c + 1]):
            if arms.window_start[w] <= t < arms.window_stop[w]:
                x += arms.window_delta[w]
    return x


@part
def log_bound(
    layout: Any, draw: Any, arms: Any, bench: Any, arm: Any, u: Any, k: Any, t: Any
) -> Any:
    """Bound of the log intensity less its baseline and level, from time t until an event raises it.

    Those two are known to the end; a gate counts as open.
    """
    n_columns, n_channels = draw.sizes[1], draw.keys.shape[1]
    column = layout.column[bench.unit[u].rung * n_channels + k]
    x = draw.eta_top[u * n_columns + column]
    x += _moved(layout, draw, bench, u, k, t, (draw.kernel_max, draw.coupling_max))
    if arms.window_delta.size > 0:
        c = u * n_channels + k
        t_end = layout.times[1]
        for w in range(arms.window_ptr[arm, c], arms.window_ptr[arm, c + 1]):
            if arms.window_stop[w] > t and (
                arms.window_delta[w] > 0.0
                or (arms.window_start[w] <= t and arms.window_stop[w] >= t_end)
            ):
                x += arms.window_delta[w]
    return x + _ROUNDING


@part
def shape(layout: Any, draw: Any, bench: Any, u: Any, k: Any, t: Any, piece: Any) -> Any:
    """Baseline times level of a channel at time t, in this piece or a later one."""
    n_pieces, n_columns, n_years = draw.sizes[0], draw.sizes[1], draw.sizes[2]
    unit = bench.unit[u]
    age = t - unit.entered
    while piece < n_pieces - 1 and age >= layout.cuts[k * (n_pieces - 1) + piece]:
        piece += 1
    column = u * n_columns + layout.column[unit.rung * draw.keys.shape[1] + k]
    year = min(math.floor(t) - math.floor(layout.times[0]), n_years - 1)
    level = draw.level[column * n_years + year]
    return draw.pulse[(k * 2 + unit.stratum) * n_pieces + piece] * level
