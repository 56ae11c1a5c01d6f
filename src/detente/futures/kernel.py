"""The compiled event loop: exact simulation by Poisson embedding.

Each (unit, channel) owns a Poisson measure of rate one on (time, mark).  A point (t, m) fires if
m <= lambda(t), the intensity just before t, so the firings have intensity lambda (Bremaud and
Massoulie 1996, "Stability of nonlinear Hawkes processes", Annals of Probability 24).  The measure
is never stored: marks are cut into absolute bands [0, top), [top, 4 top), ..., time into absolute
cells whose length falls by 4 from band to band, and the points of a (band, cell) are looked up by
Philox in increasing order of mark, the gaps being exponential.  A search stops at the first mark
above a bound of the intensity, so a channel with a low rate costs one look-up a cell.

A bound holds until an event raises it: years and pieces enter by their maximum from now on,
positive kernel terms as they stand (they only decay), negative ones as zero, couplings as they
stand.  A unit's own event and a rise by coupling search again; a rejected point tightens the bound.
Bounds decide only which points are tested, never which fire, so the path is a function of the
noise, the parameters and the interventions alone.

One candidate per unit waits in a calendar queue (Brown 1988).  Only the units that an event
touches are searched.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba as nb
import numpy as np

from detente.core.random import philox_words

MAX_INTENSITY = 1e4
"""Intensities (per year) above this stop a future and mark it as a runaway."""

_UNIT = 1.0 / 4294967296.0
_SLACK = 1e-9
_BANDS = np.uint64(16)
_LOW = np.uint64(0xFFFFFFFF)
_HIGH = np.uint64(32)
_FORCE, _CHECK, _CACHED = 1, 0, 2
JOIN = -1
"""Channel number of a forced event that lets a unit join."""


class Layout(NamedTuple):
    """What all draws and arms share (arrays)."""

    times: Any  # t0, end of the simulation, end of the grid
    source: Any  # (K,), -1 none
    target: Any  # (K,), -1 mark
    gate: Any  # (K,), -1 none
    live: Any  # (S, K) channels that leave a rung or mark it
    live_count: Any  # (S,)
    cell: Any  # (K,) years, a power of two
    top: Any  # (K,) upper edge of the first band
    cuts: Any  # (K, P - 1)
    decay: Any  # (M,)
    identity: Any  # (M,)
    trigger: Any  # (K, M)
    mask: Any  # (U, M)
    inset: Any  # (Q, S)
    reverse_ptr: Any  # (Q, U + 1)
    reverse: Any  # (n,)
    value: Any  # (Q, N)
    rung: Any  # (U,), -1 not joined
    first: Any  # (U,) rung on joining
    entered: Any  # (U,)
    stratum: Any  # (U,)
    counts: Any  # (U, M)
    around: Any  # (Q, U)
    grid: Any  # (G,)
    start: Any  # (B,) first grid index of each slice of time
    kind: Any  # (O,) 0 enter, 1 leave
    member: Any  # (O, S)
    lasting: Any  # (O,)


class Draw(NamedTuple):
    """One posterior draw (arrays)."""

    base: Any  # (K, 2, P)
    base_max: Any  # the same, maximum over this and later pieces
    eta: Any  # (U, S, K, Y)
    eta_max: Any
    shock: Any  # (K, W)
    shock_max: Any
    kernel: Any  # (K, M)
    coupling: Any  # (K, Q)
    terms: Any  # (K, M) kernels that enter a channel
    term_count: Any  # (K,)
    felt: Any  # (Q, S, K) channels of a rung that a coupling enters or gates
    felt_count: Any  # (Q, S)
    keys: Any  # (U, K)


class Arms(NamedTuple):
    """The arms' interventions (arrays)."""

    event_ptr: Any  # (A + 1,)
    event_time: Any
    event_unit: Any
    event_channel: Any
    window_ptr: Any  # (A, U * K + 1)
    window_start: Any
    window_stop: Any
    window_delta: Any


class Tallies(NamedTuple):
    """Counts over futures, added to in place (arrays)."""

    passage: Any  # (A, U, O, G) by first grid index
    plus: Any  # (A, U, O, G) differences along the grid
    minus: Any
    occupancy: Any  # (A, U, S, G) differences
    joint: Any  # (A, U, S, S, G) differences
    firings: Any  # (A, U, K)
    squares: Any  # (A, U, K)
    gaps: Any  # (A, U, K) squared difference to the first arm
    status: Any  # (A, 4) runaway futures, voided holds, events, points tested


class Trace(NamedTuple):
    """Event lists, filled up to their length (arrays)."""

    size: Any  # (1,) events seen
    where: Any  # (n, 4) arm, future, unit, channel
    time: Any  # (n,)


class Bench(NamedTuple):
    """Working arrays of one thread."""

    rung: Any  # (U,)
    entered: Any  # (U,)
    stratum: Any  # (U,)
    counts: Any  # (U, M) kernels at their last trigger
    since: Any  # (U, M) its time
    around: Any  # (Q, U) neighbours that count
    log_bound: Any  # (U, K)
    log_cap: Any  # (U, K) the bound that the waiting point was searched with
    next_time: Any  # (U, K) waiting point
    next_mark: Any  # (U, K)
    cap_start: Any  # (A, U, K) log_cap at t0
    rate_start: Any  # (A, U, K) its exponential
    time_start: Any  # (U, K) waiting points of the first arm at t0
    mark_start: Any  # (U, K)
    fired: Any  # (2, U, K) firings in the first arm and this one
    first: Any  # (2, U, O) grid index of an outcome in the first arm and this one
    pending: Any  # (U, O) time of a leaving that may last
    pending_grid: Any  # (U, O) its grid index
    head: Any  # (B,) calendar queue: first unit of each slice
    after: Any  # (U,) next unit in the slice
    before: Any  # (U,)
    slot: Any  # (U,) slice of the unit, -1 none
    due: Any  # (U,) time of the unit's next point
    which: Any  # (U,) its channel
    chain: Any  # (2, U, 2) first and last change of rung in the first arm and this one
    change: Any  # (2, E, 3) next change, grid index, rung
    todo: Any  # (n, 3) unit, channel, how


@nb.njit(nogil=True, forceinline=True, cache=True)
def _next_point(
    k0: Any, k1: Any, future: Any, cell: Any, top: Any, cap: Any, t: Any, end: Any
) -> Any:
    """Time and mark of the first point after t with mark <= cap; infinity where none before end."""
    best, best_mark, low = np.inf, 0.0, 0.0
    band = np.uint64(0)
    while low < cap:
        span = (min(cap, top) - low) * cell
        number = math.floor(t / cell)
        limit = min(best, end)
        while number * cell < limit:
            left = number * cell
            c2 = np.uint64(np.int64(number))
            total = 0.0
            index = np.uint64(0)
            while True:
                w0, w1, w2, w3 = philox_words(
                    future, (band << _BANDS) | index, c2 & _LOW, c2 >> _HIGH, k0, k1
                )
                u = (np.float64(w0) + 0.5) * _UNIT
                if total + (1.0 - u) > span:  # -log(u) >= 1 - u
                    break
                total -= math.log(u)
                if total > span:
                    break
                x = left + cell * ((np.float64(w1) + 0.5) * _UNIT)
                if t < x < best:
                    best, best_mark = x, low + total / cell
                u = (np.float64(w2) + 0.5) * _UNIT
                if total + (1.0 - u) > span:
                    break
                total -= math.log(u)
                if total > span:
                    break
                x = left + cell * ((np.float64(w3) + 0.5) * _UNIT)
                if t < x < best:
                    best, best_mark = x, low + total / cell
                index += np.uint64(1)
            limit = min(best, end)
            number += 1.0
        low = top
        top *= 4.0
        cell *= 0.25
        band += np.uint64(1)
    if best >= end:
        best = np.inf
    return best, best_mark


@nb.njit(nogil=True, cache=True)
def run(
    layout: Layout,
    draw: Draw,
    arms: Arms,
    low: int,
    high: int,
    limit: int,
    bench: Bench,
    out: Tallies,
    trace: Trace,
) -> None:
    """Simulate futures low..high - 1 of one draw in every arm and add to the tallies."""
    t0, t_end, t_grid = layout.times[0], layout.times[1], layout.times[2]
    source, target, gate, live = layout.source, layout.target, layout.gate, layout.live
    live_count, cell, top, cuts = layout.live_count, layout.cell, layout.top, layout.cuts
    decay, identity, trigger, mask = layout.decay, layout.identity, layout.trigger, layout.mask
    inset, reverse_ptr, reverse = layout.inset, layout.reverse_ptr, layout.reverse
    value, grid, start = layout.value, layout.grid, layout.start
    kind, member, lasting = layout.kind, layout.member, layout.lasting
    base, base_max, eta, eta_max = draw.base, draw.base_max, draw.eta, draw.eta_max
    shock, shock_max, gamma, kappa = draw.shock, draw.shock_max, draw.kernel, draw.coupling
    keys, terms, term_count = draw.keys, draw.terms, draw.term_count
    felt, felt_count = draw.felt, draw.felt_count
    window_start, window_stop = arms.window_start, arms.window_stop
    window_delta, window_ptr = arms.window_delta, arms.window_ptr
    rung, entered, stratum = bench.rung, bench.entered, bench.stratum
    counts, since, around = bench.counts, bench.since, bench.around
    log_bound, log_cap = bench.log_bound, bench.log_cap
    next_time, next_mark = bench.next_time, bench.next_mark
    cap_start, rate_start = bench.cap_start, bench.rate_start
    time_start, mark_start = bench.time_start, bench.mark_start
    fired, first = bench.fired, bench.first
    pending, pending_grid = bench.pending, bench.pending_grid
    head, after, before, slot = bench.head, bench.after, bench.before, bench.slot
    due, which, chain, change = bench.due, bench.which, bench.chain, bench.change
    todo = bench.todo
    n_units, n_channels = keys.shape
    n_rungs, n_grid, n_outcomes = live.shape[0], grid.size, kind.size
    n_kernels, n_couplings = decay.size, inset.shape[0]
    n_pieces, n_years, n_shocks = base.shape[2], eta.shape[3], shock.shape[1]
    n_arms, n_slots, n_start = window_ptr.shape[0], head.size, start.size
    year0 = math.floor(t0)
    slice_rate = n_slots / (t_end - t0)
    grid_rate = n_start / (t_grid - t0)
    for future in range(low, high):
        future_word = np.uint64(future)
        for arm in range(n_arms):
            side = 0 if arm == 0 else 1
            for u in range(n_units):
                rung[u] = layout.rung[u]
                entered[u] = layout.entered[u]
                stratum[u] = layout.stratum[u]
                slot[u] = -1
                chain[side, u, 0] = -1
                chain[side, u, 1] = -1
                for m in range(n_kernels):
                    counts[u, m] = layout.counts[u, m]
                    since[u, m] = t0
                for q in range(n_couplings):
                    around[q, u] = layout.around[q, u]
                for k in range(n_channels):
                    fired[side, u, k] = 0
                for o in range(n_outcomes):
                    first[side, u, o] = n_grid
                    pending[u, o] = np.inf
            for b in range(n_slots):
                head[b] = -1
            n_changes = 0
            n_events = 0
            n_tested = 0
            n_todo = 0
            runaway = False
            for u in range(n_units):
                if rung[u] >= 0:
                    for i in range(live_count[rung[u]]):
                        todo[n_todo, 0] = u
                        todo[n_todo, 1] = live[rung[u], i]
                        todo[n_todo, 2] = _FORCE if future == low else _CACHED
                        n_todo += 1
            forced = arms.event_ptr[arm]
            forced_end = arms.event_ptr[arm + 1]
            t = t0
            now = 0
            starting = True
            while True:
                # Bounds and searches of the channels that the last event touched.
                year = int(math.floor(t)) - int(year0)
                y_eta = min(year, n_years - 1)
                y_shock = min(year, n_shocks - 1)
                i = 0
                while i < n_todo:
                    u = todo[i, 0]
                    owner = u
                    while i < n_todo and todo[i, 0] == owner:
                        k = todo[i, 1]
                        how = todo[i, 2]
                        i += 1
                        rate = 0.0
                        if how == _CACHED:
                            log_bound[u, k] = cap_start[arm, u, k]
                            log_cap[u, k] = cap_start[arm, u, k]
                            if arm > 0 and cap_start[arm, u, k] == cap_start[0, u, k]:
                                next_time[u, k] = time_start[u, k]
                                next_mark[u, k] = mark_start[u, k]
                                continue
                            rate = rate_start[arm, u, k]
                        else:
                            s = rung[u]
                            x = -np.inf
                            if gate[k] < 0 or around[gate[k], u] > 0:
                                piece = 0
                                while piece < n_pieces - 1 and t - entered[u] >= cuts[k, piece]:
                                    piece += 1
                                x = base_max[k, stratum[u], piece] + eta_max[u, s, k, y_eta]
                                x += shock_max[k, y_shock]
                                for j in range(term_count[k]):
                                    m = terms[k, j]
                                    if counts[u, m] > 0.0 and gamma[k, m] > 0.0:
                                        z = counts[u, m] * math.exp(-decay[m] * (t - since[u, m]))
                                        x += gamma[k, m] * (z if identity[m] else math.log(1.0 + z))
                                for q in range(n_couplings):
                                    x += kappa[k, q] * value[q, around[q, u]]
                                for w in range(
                                    window_ptr[arm, u * n_channels + k],
                                    window_ptr[arm, u * n_channels + k + 1],
                                ):
                                    if window_stop[w] > t and (
                                        window_delta[w] > 0.0
                                        or (window_start[w] <= t and window_stop[w] >= t_end)
                                    ):
                                        x += window_delta[w]
                            x += _SLACK
                            log_bound[u, k] = x
                            if how == _CHECK and x <= log_cap[u, k]:
                                continue
                            log_cap[u, k] = x
                            rate = math.exp(x)
                            if starting:
                                cap_start[arm, u, k] = x
                                rate_start[arm, u, k] = rate
                        if not rate <= MAX_INTENSITY:
                            runaway = True
                            rate = 0.0
                        if rate == 0.0:
                            next_time[u, k] = np.inf
                        else:
                            n_tested += 1
                            next_time[u, k], next_mark[u, k] = _next_point(
                                keys[u, k] & _LOW,
                                keys[u, k] >> _HIGH,
                                future_word,
                                cell[k],
                                top[k],
                                rate,
                                t,
                                t_end,
                            )
                        if starting and arm == 0:
                            time_start[u, k] = next_time[u, k]
                            mark_start[u, k] = next_mark[u, k]
                    # The unit's first waiting point, into its slice of time.
                    s = rung[u]
                    best = np.inf
                    best_channel = -1
                    for j in range(live_count[s]):
                        k = live[s, j]
                        if next_time[u, k] < best:
                            best = next_time[u, k]
                            best_channel = k
                    due[u] = best
                    which[u] = best_channel
                    place = -1
                    if best_channel >= 0:
                        place = min(int((best - t0) * slice_rate), n_slots - 1)
                    if place != slot[u]:
                        if slot[u] >= 0:
                            if before[u] >= 0:
                                after[before[u]] = after[u]
                            else:
                                head[slot[u]] = after[u]
                            if after[u] >= 0:
                                before[after[u]] = before[u]
                        if place >= 0:
                            after[u] = head[place]
                            before[u] = -1
                            if head[place] >= 0:
                                before[head[place]] = u
                            head[place] = u
                        slot[u] = place
                n_todo = 0
                starting = False
                if runaway:
                    break
                # The next event: the earliest waiting point, or a forced one.
                while now < n_slots and head[now] < 0:
                    now += 1
                t_next = np.inf
                u = -1
                if now < n_slots:
                    v = head[now]
                    while v >= 0:
                        if due[v] < t_next or (due[v] == t_next and v < u):
                            t_next = due[v]
                            u = v
                        v = after[v]
                k = -1
                fires = False
                joins = False
                if forced < forced_end and arms.event_time[forced] <= t_next:
                    t = arms.event_time[forced]
                    u = arms.event_unit[forced]
                    k = arms.event_channel[forced]
                    forced += 1
                    joins = k == JOIN
                    fires = joins or (rung[u] >= 0 and (source[k] < 0 or source[k] == rung[u]))
                    now = min(int((t - t0) * slice_rate), n_slots - 1)
                    if not fires:
                        out.status[arm, 1] += 1
                        continue
                else:
                    if u < 0:
                        break
                    t = t_next
                    k = which[u]
                    s = rung[u]
                    year = int(math.floor(t)) - int(year0)
                    if gate[k] < 0 or around[gate[k], u] > 0:
                        piece = 0
                        while piece < n_pieces - 1 and t - entered[u] >= cuts[k, piece]:
                            piece += 1
                        x = base[k, stratum[u], piece] + eta[u, s, k, min(year, n_years - 1)]
                        x += shock[k, min(year, n_shocks - 1)]
                        for j in range(term_count[k]):
                            m = terms[k, j]
                            if counts[u, m] > 0.0:
                                z = counts[u, m] * math.exp(-decay[m] * (t - since[u, m]))
                                x += gamma[k, m] * (z if identity[m] else math.log(1.0 + z))
                        for q in range(n_couplings):
                            x += kappa[k, q] * value[q, around[q, u]]
                        for w in range(
                            window_ptr[arm, u * n_channels + k],
                            window_ptr[arm, u * n_channels + k + 1],
                        ):
                            if window_start[w] <= t < window_stop[w]:
                                x += window_delta[w]
                        fires = next_mark[u, k] <= math.exp(x)
                if not fires:
                    todo[0, 0] = u
                    todo[0, 1] = k
                    todo[0, 2] = _FORCE
                    n_todo = 1
                    continue
                # The event happens.
                n_events += 1
                if n_events > limit:
                    runaway = True
                    break
                if trace.time.size > 0:
                    n = trace.size[0]
                    if n < trace.time.size:
                        trace.time[n] = t
                        trace.where[n, 0] = arm
                        trace.where[n, 1] = future
                        trace.where[n, 2] = u
                        trace.where[n, 3] = k
                    trace.size[0] += 1
                old = rung[u]
                new = old
                if joins:
                    new = layout.first[u]
                else:
                    if t <= t_grid:
                        fired[side, u, k] += 1
                    if target[k] >= 0:
                        new = target[k]
                    for m in range(n_kernels):
                        if trigger[k, m] and mask[u, m]:
                            counts[u, m] = 1.0 + counts[u, m] * math.exp(
                                -decay[m] * (t - since[u, m])
                            )
                            since[u, m] = t
                if new != old:
                    rung[u] = new
                    entered[u] = t
                    if old == 0:
                        stratum[u] = 1
                    g = n_grid
                    if t <= t_grid:
                        g = start[min(int((t - t0) * grid_rate), n_start - 1)]
                        while grid[g] < t:
                            g += 1
                        if old >= 0:
                            out.occupancy[arm, u, old, g] -= 1
                        out.occupancy[arm, u, new, g] += 1
                        if n_arms > 1:
                            last = chain[side, u, 1]
                            if last >= 0:
                                change[side, last, 0] = n_changes
                            else:
                                chain[side, u, 0] = n_changes
                            chain[side, u, 1] = n_changes
                            change[side, n_changes, 0] = -1
                            change[side, n_changes, 1] = g
                            change[side, n_changes, 2] = new
                            n_changes += 1
                    for o in range(n_outcomes):
                        if first[side, u, o] < n_grid or joins:
                            continue
                        if member[o, old] and not member[o, new]:
                            if kind[o] == 1:
                                pending[u, o] = t
                                pending_grid[u, o] = g
                        elif member[o, new] and not member[o, old]:
                            if kind[o] == 0:
                                first[side, u, o] = g
                            else:
                                if t - pending[u, o] >= lasting[o]:
                                    first[side, u, o] = pending_grid[u, o]
                                pending[u, o] = np.inf
                    for i in range(live_count[new]):
                        k_live = live[new, i]
                        todo[n_todo, 0] = u
                        todo[n_todo, 1] = k_live
                        todo[n_todo, 2] = (
                            _FORCE if joins or k_live == k or source[k_live] >= 0 else _CHECK
                        )
                        n_todo += 1
                    for q in range(n_couplings):
                        step = inset[q, new] - (inset[q, old] if old >= 0 else 0)
                        if step == 0:
                            continue
                        for i in range(reverse_ptr[q, u], reverse_ptr[q, u + 1]):
                            v = reverse[i]
                            n_old = around[q, v]
                            around[q, v] = n_old + step
                            gain = value[q, n_old + step] - value[q, n_old]
                            if gain == 0.0 or rung[v] < 0 or v == u:
                                continue
                            for j in range(felt_count[q, rung[v]]):
                                k_felt = felt[q, rung[v], j]
                                log_bound[v, k_felt] += kappa[k_felt, q] * gain
                                opens = gate[k_felt] == q and n_old == 0
                                if opens or log_bound[v, k_felt] > log_cap[v, k_felt]:
                                    todo[n_todo, 0] = v
                                    todo[n_todo, 1] = k_felt
                                    todo[n_todo, 2] = _CHECK
                                    n_todo += 1
                else:
                    for i in range(live_count[new]):
                        todo[n_todo, 0] = u
                        todo[n_todo, 1] = live[new, i]
                        todo[n_todo, 2] = _FORCE if live[new, i] == k else _CHECK
                        n_todo += 1
            # The future ends: what it adds to the tallies.
            out.status[arm, 0] += runaway
            out.status[arm, 2] += n_events
            out.status[arm, 3] += n_tested
            for u in range(n_units):
                for k in range(n_channels):
                    n = fired[side, u, k]
                    out.firings[arm, u, k] += n
                    out.squares[arm, u, k] += n * n
                    if arm > 0:
                        out.gaps[arm, u, k] += (n - fired[0, u, k]) ** 2
                for o in range(n_outcomes):
                    if t_end - pending[u, o] >= lasting[o]:
                        first[side, u, o] = pending_grid[u, o]
                    g = first[side, u, o]
                    if g < n_grid:
                        out.passage[arm, u, o, g] += 1
                    if arm > 0:
                        g_first = first[0, u, o]
                        if g < g_first:
                            out.plus[arm, u, o, g] += 1
                            if g_first < n_grid:
                                out.plus[arm, u, o, g_first] -= 1
                        elif g_first < g:
                            out.minus[arm, u, o, g_first] += 1
                            if g < n_grid:
                                out.minus[arm, u, o, g] -= 1
                if arm == 0:
                    continue
                # Where the two paths stand in different rungs, along the grid.
                i = chain[0, u, 0]
                j = chain[1, u, 0]
                s = layout.rung[u]
                r = s
                g = 0
                while i >= 0 or j >= 0:
                    g_i = change[0, i, 1] if i >= 0 else n_grid
                    g_j = change[1, j, 1] if j >= 0 else n_grid
                    g_next = min(g_i, g_j)
                    if r != s and g_next > g and r >= 0 and s >= 0:
                        out.joint[arm, u, r, s, g] += 1
                        out.joint[arm, u, r, s, g_next] -= 1
                    g = g_next
                    while i >= 0 and change[0, i, 1] == g:
                        r = change[0, i, 2]
                        i = change[0, i, 0]
                    while j >= 0 and change[1, j, 1] == g:
                        s = change[1, j, 2]
                        j = change[1, j, 0]
                if r != s and r >= 0 and s >= 0:
                    out.joint[arm, u, r, s, g] += 1
