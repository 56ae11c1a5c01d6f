"""Parts of the event loop: the waiting points at t0, where all futures of a draw start alike."""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.core.random import philox_words
from detente.futures.intensity import piece_of, shape
from detente.futures.parts import part
from detente.futures.points import exp, log, log_floor, uniform
from detente.futures.search import ROUNDING


@part
def note_start(layout: Any, draw: Any, bench: Any, u: Any, k: Any, i: Any) -> None:
    """Keep what the first points of a channel at t0 are compared with, for the futures to come."""
    n_channels = draw.keys.shape[1]
    n_pieces, n_columns, n_years = draw.sizes[0], draw.sizes[1], draw.sizes[2]
    c = u * n_channels + k
    pair, unit = bench.pair[c], bench.unit[u]
    at_base = (k * 2 + unit.stratum) * n_pieces
    at_level = (u * n_columns + layout.column[unit.rung * n_channels + k]) * n_years
    highest = 0.0
    for j in range(piece_of(layout, k, layout.times[0] - unit.entered, n_pieces), n_pieces):
        highest = max(highest, draw.pulse[at_base + j])
    rate = highest * draw.level_max[at_level]
    cap = exp(pair.log_used) * ROUNDING if pair.log_used > -np.inf else 0.0
    bench.start_key[0, i] = pair.key0
    bench.start_key[1, i] = pair.key1
    bench.start_bound[0, i] = pair.top
    bench.start_bound[1, i] = cap * rate
    bench.start_bound[2, i] = layout.times[0] + pair.block
    bench.start_bound[3, i] = cap
    bench.start_bound[4, i] = pair.log_used


@part
def start_alike(layout: Any, bench: Any, word: Any, n: Any) -> None:
    """First four points after t0 of many channels: time and mark of the first below its bound.

    The time is infinity where the end comes first, minus infinity where that is not known yet.
    """
    t0, t_end = layout.times[0], layout.times[1]
    key, bound, first = bench.start_key, bench.start_bound, bench.start_first
    zero, one = np.uint64(0), np.uint64(1)
    for i in range(n):
        w0, w1, w2, w3 = philox_words(word, zero, zero, zero, key[0, i], key[1, i])
        v0, v1, v2, v3 = philox_words(word, one, zero, zero, key[0, i], key[1, i])
        width, rate, block_end = bound[0, i], bound[1, i], bound[2, i]
        inverse = 1.0 / width
        stop = min(t_end, block_end)
        a = t0 - log(uniform(w0)) * inverse
        b = a - log(uniform(w2)) * inverse
        c = b - log(uniform(v0)) * inverse
        d = c - log(uniform(v2)) * inverse
        x, y = d, uniform(v3) * width
        x, y = (c, uniform(v1) * width) if (uniform(v1) * width < rate) | (c >= stop) else (x, y)
        x, y = (b, uniform(w3) * width) if (uniform(w3) * width < rate) | (b >= stop) else (x, y)
        x, y = (a, uniform(w1) * width) if (uniform(w1) * width < rate) | (a >= stop) else (x, y)
        late = x >= stop
        unknown = (rate >= width) | (late & (block_end < t_end)) | ((y >= rate) & (x < stop))
        x = np.inf if late else x
        first[0, i] = -np.inf if unknown else x
        first[1, i] = y
        until = min(x, stop)
        lowest = width
        lowest = min(lowest, uniform(w1) * width) if a < until else lowest
        lowest = min(lowest, uniform(w3) * width) if b < until else lowest
        lowest = min(lowest, uniform(v1) * width) if c < until else lowest
        first[2, i] = log_floor(lowest / rate) if rate > 0.0 else 0.0


@part
def take_start(layout: Any, draw: Any, bench: Any, u: Any, k: Any, i: Any) -> Any:
    """Take the waiting point that `start_alike` found; return whether it did."""
    time, mark = bench.start_first[0, i], bench.start_first[1, i]
    if time == -np.inf:
        return False
    if time < np.inf and mark > bench.start_bound[3, i] * shape(layout, draw, bench, u, k, time, 0):
        return False
    pair = bench.pair[u * draw.keys.shape[1] + k]
    pair.log_used = bench.start_bound[4, i]
    pair.log_cap = bench.start_bound[4, i] + bench.start_first[2, i]
    pair.next_time = time
    pair.next_mark = mark
    return True
