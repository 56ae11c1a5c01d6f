"""Parts of the event loop: searches for waiting points, many at a time.

All look-ups that an event asks for are made in one loop that compilers vectorise.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from detente.core.random import philox_words
from detente.futures.parts import part
from detente.futures.points import (
    BAND,
    CELL_POINTS,
    FIRST_BAND,
    HIGH,
    LOW,
    log,
    more_points,
    next_point,
    uniform,
)

LOOK_POINTS = 1.2
"""Expected candidates in the cells that a search looks up first."""
MOST_LANES = 12
"""Cells that a search looks up first, at most."""
FIRST_LEAST = math.exp(-FIRST_BAND * CELL_POINTS)
LATER_LEAST = math.exp(-0.75 * FIRST_BAND * CELL_POINTS)
"""Products of the gaps at the upper edges of the first band and of the others."""


@part
def start_alike(bench: Any, n_todo: Any, n_channels: Any, t: Any, future: Any) -> None:
    """Bounds and rates at t0 in the first arm, as in the futures before."""
    for i in range(n_todo):
        c = bench.todo[i, 0] * n_channels + bench.todo[i, 1]
        pair = bench.pair[c]
        pair.log_bound = bench.bound_start[0, c]
        pair.log_cap = pair.log_bound
        pair.cap = bench.cap_start[c]
        pair.begin = t
        pair.stamp = future
        pair.next_time = np.inf


@part
def ask(
    bench: Any, u: Any, k: Any, c: Any, t: Any, t_end: Any, n_requests: Any, n_lanes: Any
) -> Any:
    """Ask for the first cells of a search, by band; return the numbers of requests and lanes."""
    pair, request = bench.pair[c], bench.request
    rate, cell, top = pair.cap, pair.cell, pair.top
    floor = 0.0
    band = 0
    until = t + LOOK_POINTS / rate
    while floor < rate:
        inverse = 1.0 / cell
        number = np.int64(math.floor(t * inverse))
        n = min(
            np.int64(math.floor(until * inverse)) + 1,
            np.int64(math.ceil(t_end * inverse)),
        )
        n = min(n - number, MOST_LANES)
        # exp(-x) from below, so that no point under the bound is missed.
        x = (min(rate, top) - floor) * cell
        x = 1.0 - x * (1.0 - x * (0.5 - x * (1 / 6 - x * (1 / 24 - x / 120))))
        x = max(x, FIRST_LEAST if band == 0 else LATER_LEAST)
        request[n_requests, 0] = u
        request[n_requests, 1] = k
        request[n_requests, 2] = n_lanes
        request[n_requests, 3] = n
        request[n_requests, 4] = band
        bench.request_rate[n_requests] = rate
        n_requests += 1
        for i in range(n_lanes, n_lanes + n):
            bench.word[0, i] = pair.key0
            bench.word[1, i] = pair.key1
            bench.word[2, i] = np.uint64(number)
            bench.word[3, i] = np.uint64(band << 16)
            bench.lane[0, i] = cell
            bench.lane[1, i] = x
            bench.lane[2, i] = t
            number += 1
        n_lanes += n
        floor = top
        top *= 4.0
        cell *= 0.25
        band += 1
    return n_requests, n_lanes


@part
def look_up(bench: Any, word: Any, low: Any, high: Any) -> None:
    """First point of every lane from low to high - 1, and whether its cell may hold more."""
    key0, key1, cell_number, code = bench.word[0], bench.word[1], bench.word[2], bench.word[3]
    length, least, after = bench.lane[0], bench.lane[1], bench.lane[2]
    hit_time, hit_product, full = bench.hit[0], bench.hit[1], bench.full
    for i in range(low, high):
        number = np.int64(cell_number[i])
        w0, w1, w2, w3 = philox_words(
            word,
            code[i],
            cell_number[i] & LOW,
            cell_number[i] >> HIGH,
            key0[i],
            key1[i],
        )
        p0 = uniform(w0)
        p1 = p0 * uniform(w2)
        x0 = (np.float64(number) + uniform(w1)) * length[i]
        x1 = (np.float64(number) + uniform(w3)) * length[i]
        x0 = x0 if (p0 >= least[i]) & (x0 > after[i]) else np.inf
        x1 = x1 if (p1 >= least[i]) & (x1 > after[i]) else np.inf
        hit_time[i] = x0 if x0 <= x1 else x1
        hit_product[i] = p0 if x0 <= x1 else p1
        full[i] = p1 if p1 >= least[i] else 0.0


@part
def settle(bench: Any, word: Any, low: Any, high: Any, n_channels: Any, t: Any, t_end: Any) -> None:
    """Waiting points from what the requests low to high - 1 found, searching on where needed."""
    request, product = bench.request, bench.product
    key0, key1, cell_number, code = bench.word[0], bench.word[1], bench.word[2], bench.word[3]
    length, least = bench.lane[0], bench.lane[1]
    hit_time, hit_product, full = bench.hit[0], bench.hit[1], bench.full
    i_request = low
    while i_request < high:
        pair = bench.pair[request[i_request, 0] * n_channels + request[i_request, 1]]
        rate = bench.request_rate[i_request]
        best = np.inf
        mark = 0.0
        known = t_end
        floor = 0.0
        top = pair.top
        first_request = True
        while i_request < high and (first_request or request[i_request, 4] > 0):
            first_request = False
            i = request[i_request, 2]
            n = i + request[i_request, 3]
            i_request += 1
            known = min(known, np.float64(cell_number[n - 1] + np.uint64(1)) * length[n - 1])
            while i < n:
                if full[i] > 0.0:
                    hit_time[i], hit_product[i] = more_points(
                        key0[i],
                        key1[i],
                        word,
                        cell_number[i],
                        length[i],
                        least[i],
                        t,
                        full[i],
                        hit_time[i],
                        hit_product[i],
                        code[i] >> BAND,
                    )
                if hit_time[i] < np.inf:
                    if hit_time[i] < best:
                        best = hit_time[i]
                        mark = floor - log(hit_product[i]) / length[i]
                    break
                i += 1
            floor = top
            top *= 4.0
        if best > known and known < t_end:
            # Not within what was looked up: the plain search goes on from there.
            best, mark = next_point(
                pair.key0,
                pair.key1,
                word,
                pair.cell,
                pair.top,
                rate,
                max(t, known),
                t_end,
                product.size // 2,
                product,
            )
        if best < t_end:
            pair.next_time = best
            pair.next_mark = mark
