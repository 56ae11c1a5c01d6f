"""Parts of the event loop: the search for a waiting point."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from detente.futures.intensity import is_shut, piece_of, shape
from detente.futures.pages import page_of
from detente.futures.parts import part
from detente.futures.points import PAGE, exp, log_floor

MAX_INTENSITY = 1e4
"""An event at an intensity (per year) above this stops its future and marks it as a runaway."""
HIGHEST = 4e4
"""Marks above this are not looked at."""
SHUT_POINTS = 0.5
"""A shut channel with up to this many expected candidates before the end is searched as if open."""
ROUNDING = 1.0 + 1e-9
"""Bounds are raised by this, so that no rounding puts an intensity above them."""


@part
def _cap(layout: Any, bench: Any, u: Any, k: Any, t: Any, x: Any, crest: Any) -> Any:
    """The bound that a search at t uses, exp(x).

    Zero where the channel is shut, unless few points would come up if it were open.
    """
    pair = bench.pair[u * (bench.pair.size // bench.unit.size) + k]
    cap = exp(x)
    if cap * crest * (layout.times[1] - t) > SHUT_POINTS and is_shut(layout, bench, u, k):
        x = -np.inf
        pair.log_bound = x
        cap = 0.0
    pair.log_used = x
    return cap * ROUNDING


@part
def _first_of_run(
    layout: Any,
    draw: Any,
    bench: Any,
    word: Any,
    u: Any,
    k: Any,
    span: Any,
    cap: Any,
    rate: Any,
    piece: Any,
    crest: Any,
) -> Any:
    """Set the first point between two times, `span`, whose mark is below the bound there.

    Return the highest bound for which it is the same.
    """
    c = u * draw.keys.shape[1] + k
    pair, page = bench.pair[c], bench.page
    since, until = span
    t0 = layout.times[0]
    band = 0
    floor = 0.0
    top = pair.top
    length = pair.block
    lowest = np.inf
    free = np.inf
    while floor < rate:
        block = np.int64(math.floor((since - t0) / length))
        n = 0
        start = t0 + block * length
        while start < until:
            place = page_of(bench, word, c, band, block, n, start, top - floor)
            stop = min(until, t0 + (block + 1) * length)
            i = 0
            while i < PAGE:
                time = page[place, 0, i]
                if time >= stop:
                    break
                mark = floor + page[place, 1, i]
                if time > since:
                    if mark < rate:
                        height = shape(layout, draw, bench, u, k, time, piece)
                        if mark <= cap * height:
                            pair.next_time = time
                            pair.next_mark = mark
                            until = time
                            break
                        free = min(free, mark / height)
                    else:
                        lowest = min(lowest, mark)
                i += 1
            if i < PAGE:
                block += 1
                n = 0
                start = t0 + block * length
            else:
                n += 1
                start = page[place, 0, PAGE - 1]
        floor = top
        top *= 4.0
        length *= 0.25
        band += 1
    return min(free, min(lowest, floor) / crest) if crest > 0.0 else free


@part
def search(layout: Any, draw: Any, bench: Any, word: Any, u: Any, k: Any, t: Any, x: Any) -> None:
    """Set the waiting point: the first after t with a mark below the bound, if any.

    The bound is that of the log intensity less its baseline and level, x.  The baseline is followed
    by runs of pieces, and a point is tested against the piece and the year in which it lies.
    """
    n_channels = draw.keys.shape[1]
    n_pieces, n_columns, n_years = draw.sizes[0], draw.sizes[1], draw.sizes[2]
    pair, unit = bench.pair[u * n_channels + k], bench.unit[u]
    pair.log_used = x
    pair.log_cap = x
    pair.next_time = np.inf
    if x == -np.inf:
        return
    t0, t_end = layout.times[0], layout.times[1]
    at_base = (k * 2 + unit.stratum) * n_pieces
    at_level = (u * n_columns + layout.column[unit.rung * n_channels + k]) * n_years
    piece = piece_of(layout, k, t - unit.entered, n_pieces)
    cap = -1.0
    free = np.inf
    since = t
    while since < t_end and pair.next_time == np.inf and piece < n_pieces:
        end = draw.run[at_base + piece]
        until = t_end
        if end < n_pieces:
            until = min(t_end, unit.entered + layout.cuts[k * (n_pieces - 1) + end - 1])
        year = min(math.floor(since) - math.floor(t0), n_years - 1)
        crest = draw.crest[at_base + piece] * draw.level_max[at_level + year]
        if cap < 0.0:
            cap = _cap(layout, bench, u, k, t, x, crest)
        rate = min(cap * crest, HIGHEST)
        if cap == 0.0:
            pair.log_cap = -np.inf
            return
        span = (since, until)
        own = _first_of_run(layout, draw, bench, word, u, k, span, cap, rate, piece, crest)
        free = min(free, own)
        since = max(since, until)
        piece = end
    pair.log_cap = max(pair.log_used, log_floor(free))
