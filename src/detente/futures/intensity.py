"""Parts of the event loop: the intensity of a channel, its bound, and what a unit remembers.

A bound holds until an event raises it: years and pieces enter by their maximum from now on,
positive kernel terms as they stand (they only decay), negative ones as zero, a weak coupling as if
one more (or one fewer) neighbour counted.
"""

from __future__ import annotations

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
    counts, since, decay, identity = bench.counts, bench.since, layout.decay, layout.identity
    left, felt = bench.left, bench.felt
    for m in range(0, decay.size, 4):  # four by four, for vector instructions
        i = u * decay.size + m
        z0 = counts[i] * exp(-decay[m] * (t - since[i]))
        z1 = counts[i + 1] * exp(-decay[m + 1] * (t - since[i + 1]))
        z2 = counts[i + 2] * exp(-decay[m + 2] * (t - since[i + 2]))
        z3 = counts[i + 3] * exp(-decay[m + 3] * (t - since[i + 3]))
        left[m], left[m + 1], left[m + 2], left[m + 3] = z0, z1, z2, z3
        f0 = z0 if identity[m] else log(1.0 + z0)
        f1 = z1 if identity[m + 1] else log(1.0 + z1)
        f2 = z2 if identity[m + 2] else log(1.0 + z2)
        f3 = z3 if identity[m + 3] else log(1.0 + z3)
        felt[m], felt[m + 1], felt[m + 2], felt[m + 3] = f0, f1, f2, f3


@part
def remember(layout: Any, bench: Any, u: Any, k: Any, t: Any) -> None:
    """Add a firing of channel k at time t to the counts of unit u that it triggers."""
    counts, since, decay = bench.counts, bench.since, layout.decay
    left, felt = bench.left, bench.felt
    fresh = bench.felt_unit[0] == u and bench.felt_time[0] == t
    for m in range(decay.size):
        if layout.trigger[k, m] and layout.mask[u, m]:
            i = u * decay.size + m
            if fresh:
                left[m] += 1.0
                felt[m] = left[m] if layout.identity[m] else log(1.0 + left[m])
                counts[i] = left[m]
            else:
                counts[i] = 1.0 + counts[i] * exp(-decay[m] * (t - since[i]))
            since[i] = t
            bench.unit[u].stirred = 1


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
def _without_windows(
    layout: Any, draw: Any, bench: Any, u: Any, k: Any, t: Any, year: Any, terms: Any
) -> Any:
    """Sum of a channel's terms: `terms` are base, eta, shock, kernel and coupling, or their bounds.

    Minus infinity where the channel is shut.
    """
    base, eta, shock, kernel, coupling = terms
    n_units, n_channels = draw.keys.shape
    n_pieces, n_columns, n_years = draw.sizes[0], draw.sizes[1], draw.sizes[2]
    n_shocks, n_numbers = draw.sizes[3], draw.sizes[4]
    unit = bench.unit[u]
    gate = layout.channel[k].gate
    if gate >= 0 and bench.around[gate * n_units + u] <= 0:
        return -np.inf
    at = piece_of(layout, k, t - unit.entered, n_pieces)
    column = u * n_columns + layout.column[unit.rung * n_channels + k]
    x = (
        base[(k * 2 + unit.stratum) * n_pieces + at]
        + eta[column * n_years + min(year, n_years - 1)]
        + shock[k * n_shocks + min(year, n_shocks - 1)]
    )
    if unit.stirred:
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
def log_intensity(
    layout: Any, draw: Any, arms: Any, bench: Any, arm: Any, u: Any, k: Any, t: Any, year: Any
) -> Any:
    """Log intensity of a unit's channel just before time t; minus infinity where shut."""
    terms = (draw.base, draw.eta, draw.shock, draw.kernel, draw.coupling)
    x = _without_windows(layout, draw, bench, u, k, t, year, terms)
    if arms.window_delta.size > 0:
        c = u * draw.keys.shape[1] + k
        for w in range(arms.window_ptr[arm, c], arms.window_ptr[arm, c + 1]):
            if arms.window_start[w] <= t < arms.window_stop[w]:
                x += arms.window_delta[w]
    return x


@part
def log_bound(
    layout: Any, draw: Any, arms: Any, bench: Any, arm: Any, u: Any, k: Any, t: Any, year: Any
) -> Any:
    """Bound of the log intensity from time t until an event raises it."""
    terms = (draw.base_max, draw.eta_max, draw.shock_max, draw.kernel_max, draw.coupling_max)
    x = _without_windows(layout, draw, bench, u, k, t, year, terms)
    if arms.window_delta.size > 0:
        c = u * draw.keys.shape[1] + k
        t_end = layout.times[1]
        for w in range(arms.window_ptr[arm, c], arms.window_ptr[arm, c + 1]):
            if arms.window_stop[w] > t and (
                arms.window_delta[w] > 0.0
                or (arms.window_start[w] <= t and arms.window_stop[w] >= t_end)
            ):
                x += arms.window_delta[w]
    return x + _ROUNDING
