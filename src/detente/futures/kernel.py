"""The compiled event loop: exact simulation by Poisson embedding.

Each (unit, channel) owns a Poisson measure of rate one on (time, mark).  A point (t, m) fires if
m <= lambda(t), the intensity just before t, so the firings have intensity lambda (Bremaud and
Massoulie 1996, "Stability of nonlinear Hawkes processes", Annals of Probability 24).  The measure
is never stored: its points are looked up by band, cell and index (see `points`).

For each live channel one *waiting point* is kept: the first after some time with a mark at most a
bound of the intensity.  A bound holds until an event raises it: years and pieces enter by their
maximum from now on, positive kernel terms as they stand (they only decay), negative ones as zero, a
weak coupling as if one more (or one fewer) neighbour counted.  So an event searches again only for
its own unit and for neighbours whose bound it raises; and a waiting point outlives changes of rung,
and passes from one arm to the next, as long as its bound dominates.  A point that does not fire
tightens the bound.  Bounds decide only which points are tested, never which fire: the path is a
function of the noise, the parameters and the interventions alone.

One waiting point per unit stands in a calendar queue (Brown 1988, "Calendar queues", Communications
of the ACM 31).  All look-ups that an event asks for are made in one loop that compilers vectorise.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

from detente.core.random import philox_words
from detente.futures.arrays import Arms, Bench, Draw, Layout, Tallies, Trace
from detente.futures.points import (
    BAND,
    CELL_POINTS,
    FIRST_BAND,
    HIGH,
    LOW,
    exp,
    log,
    more_points,
    next_point,
    uniform,
)

MAX_INTENSITY = 1e4
"""Intensities (per year) above this stop a future and mark it as a runaway."""
LOOSE_POINTS = 0.2
"""A search allows for a rise of the bound up to this many expected candidates before the end."""
LOOSE_CELL = 0.3
"""...and in one cell."""
LOOK_POINTS = 1.2
"""Expected candidates in the cells that a search looks up first."""
MOST_LANES = 12
"""Cells that a search looks up first, at most."""
FIRST_LEAST = math.exp(-FIRST_BAND * CELL_POINTS)
LATER_LEAST = math.exp(-0.75 * FIRST_BAND * CELL_POINTS)
"""Products of the gaps at the upper edges of the first band and of the others."""
TIGHT = 0.4
"""A fall of a bound by this factor after which the waiting point is searched again."""
JOIN = -1
"""Channel number of a forced event that lets a unit join."""
_ROUNDING = 1e-9
_ALONG, _ASIDE, _GONE = 0, 1, 2  # follows the first arm; feels other neighbours; has left its path


@nb.njit(nogil=True, forceinline=True, error_model="numpy", cache=True)
def _kernel_values(
    u: Any, t: Any, counts: Any, since: Any, decay: Any, identity: Any, felt: Any
) -> None:
    """Fill felt (M,) with the kernels of unit u at time t; counts and since are flat (U * M,)."""
    at = u * decay.size
    for m in range(decay.size):
        z = counts[at + m] * exp(-decay[m] * (t - since[at + m]))
        felt[m] = z if identity[m] else log(1.0 + z)


@nb.njit(nogil=True, error_model="numpy", cache=True)
def run(  # noqa: C901 (one loop: splitting it would pass its fifty arrays around)
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
    channels, units, pairs = layout.channel, bench.unit, bench.pair
    live, live_count, grid = layout.live, layout.live_count, layout.grid
    cuts, base, base_max = layout.cuts.ravel(), draw.base.ravel(), draw.base_max.ravel()
    eta, eta_max = draw.eta.ravel(), draw.eta_max.ravel()
    shock, shock_max, gamma = draw.shock.ravel(), draw.shock_max.ravel(), draw.kernel.ravel()
    pull, pull_max = draw.coupling.ravel(), draw.coupling_max.ravel()
    terms, term_count = draw.terms.ravel(), draw.term_count
    decay, identity = layout.decay, layout.identity
    counts, since, around = bench.counts.ravel(), bench.since.ravel(), bench.around.ravel()
    first, head, chain, change = bench.first, bench.head, bench.chain, bench.change
    pending, pending_grid = bench.pending, bench.pending_grid
    todo, product, felt = bench.todo, bench.product, bench.felt
    lanes = product.size // 2
    request, request_rate, full = bench.request, bench.request_rate, bench.full
    key0, key1, cell_number, code = bench.word[0], bench.word[1], bench.word[2], bench.word[3]
    length, least, after = bench.lane[0], bench.lane[1], bench.lane[2]
    hit_time, hit_product = bench.hit[0], bench.hit[1]
    window_ptr, window_start = arms.window_ptr, arms.window_start
    window_stop, window_delta = arms.window_stop, arms.window_delta
    n_units, n_channels = draw.keys.shape
    n_grid, n_outcomes = grid.size, layout.kind.size
    n_kernels, n_couplings = decay.size, layout.inset.shape[0]
    n_pieces, n_years, n_shocks = draw.base.shape[2], draw.eta.shape[2], draw.shock.shape[1]
    column, n_columns = layout.column.ravel(), draw.eta.shape[1]
    n_numbers = draw.coupling.shape[2]
    n_arms, n_slots, n_start = window_ptr.shape[0], head.size, layout.start.size
    windows = window_delta.size > 0
    year0 = math.floor(t0)
    slice_rate = n_slots / (t_end - t0)
    grid_rate = n_start / (t_grid - t0)
    past_time, past_unit = bench.past_time, bench.past_unit
    past_channel, past_held = bench.past_channel, bench.past_held
    astray, rung_first = bench.astray, bench.rung_first
    around_first = bench.around_first.ravel()
    start_requests = 0
    start_lanes = 0
    for future in range(low, high):
        lost = False
        n_past = 0
        word = np.uint64(future)
        for arm in range(n_arms):
            side = 0 if arm == 0 else 1
            for u in range(n_units):
                unit = units[u]
                unit.rung = layout.rung[u]
                unit.stratum = layout.stratum[u]
                unit.entered = layout.entered[u]
                unit.slot = -1
                unit.stirred = layout.stirred[u]
            for c in range(n_units * n_channels):
                pairs[c].fired = 0
            counts[:] = layout.counts.ravel()
            since[:] = t0
            around[:] = layout.around.ravel()
            first[side] = n_grid
            pending[:] = np.inf
            head[:] = -1
            chain[side] = -1
            n_changes = 0
            n_events = 0
            n_searches = 0
            n_todo = 0
            runaway = False
            for u in range(n_units):
                s = units[u].rung
                if s >= 0 and (arm == 0 or lost or arms.touched[arm, u]):
                    for i in range(live_count[s]):
                        todo[n_todo, 0] = u
                        todo[n_todo, 1] = live[s, i]
                        n_todo += 1
            # Other arms follow the first one's events, but for units that they touch (astray).
            follow = arm > 0 and not lost
            n_past = 0 if arm == 0 else n_past
            i_past = 0
            unseen = -1
            tied = -1
            if arm > 0:
                for u in range(n_units):
                    astray[u] = _GONE if not follow or arms.touched[arm, u] else _ALONG
                    rung_first[u] = layout.rung[u]
                around_first[:] = layout.around.ravel()
            forced = arms.event_ptr[arm]
            forced_end = arms.event_ptr[arm + 1]
            t = t0
            now = 0
            felt_unit = -1
            felt_time = t0
            starting = True
            while True:
                if unseen >= 0:
                    # A rung differs from the first arm's, or does no more: so do its neighbours.
                    for q in range(n_couplings):
                        if not draw.hears[q]:
                            continue
                        for i in range(
                            layout.reverse_ptr[q, unseen], layout.reverse_ptr[q, unseen + 1]
                        ):
                            v = layout.reverse[i]
                            if astray[v] == _GONE:
                                continue
                            differs = False
                            for j in range(n_couplings):
                                if draw.hears[j] and (
                                    around[j * n_units + v] != around_first[j * n_units + v]
                                ):
                                    differs = True
                            if differs == (astray[v] == _ASIDE):
                                continue
                            s = units[v].rung
                            if differs:
                                astray[v] = _ASIDE
                                for j in range(live_count[s] if s >= 0 else 0):
                                    todo[n_todo, 0] = v
                                    todo[n_todo, 1] = live[s, j]
                                    n_todo += 1
                            else:
                                astray[v] = _ALONG
                                if s >= 0:
                                    todo[n_todo, 0] = v
                                    todo[n_todo, 1] = -1
                                    n_todo += 1
                    unseen = -1
                # Bounds and waiting points of the channels that the last event touched.
                year = math.floor(t) - year0
                y_eta = min(year, n_years - 1)
                y_shock = min(year, n_shocks - 1)
                again = starting and arm == 0 and future > low
                request_0 = 0 if again else start_requests
                lane_0 = 0 if again else start_lanes
                n_requests = start_requests
                n_lanes = start_lanes
                if again:
                    for i in range(n_todo):
                        c = todo[i, 0] * n_channels + todo[i, 1]
                        pair = pairs[c]
                        pair.log_bound = bench.bound_start[0, c]
                        pair.log_cap = pair.log_bound
                        pair.cap = bench.cap_start[c]
                        pair.begin = t
                        pair.stamp = future
                        pair.next_time = np.inf
                else:
                    for i_todo in range(n_todo):
                        u = todo[i_todo, 0]
                        k = todo[i_todo, 1]
                        if k < 0:
                            continue
                        c = u * n_channels + k
                        unit = units[u]
                        pair = pairs[c]
                        x = -np.inf
                        if starting and future > low and not lost:
                            x = bench.bound_start[arm, c]
                        else:
                            gate = channels[k].gate
                            if gate < 0 or around[gate * n_units + u] > 0:
                                piece = 0
                                if n_pieces > 1:
                                    age = t - unit.entered
                                    i = k * (n_pieces - 1)
                                    while piece < n_pieces - 1 and age >= cuts[i + piece]:
                                        piece += 1
                                x = (
                                    base_max[(k * 2 + unit.stratum) * n_pieces + piece]
                                    + eta_max[
                                        (u * n_columns + column[unit.rung * n_channels + k])
                                        * n_years
                                        + y_eta
                                    ]
                                    + shock_max[k * n_shocks + y_shock]
                                )
                                if unit.stirred and (u != felt_unit or t != felt_time):
                                    felt_unit, felt_time = u, t
                                    _kernel_values(u, t, counts, since, decay, identity, felt)
                                for j in range(term_count[k] * unit.stirred):
                                    m = terms[k * n_kernels + j]
                                    x += max(gamma[k * n_kernels + m], 0.0) * felt[m]
                                for q in range(n_couplings):
                                    x += pull_max[
                                        (k * n_couplings + q) * n_numbers + around[q * n_units + u]
                                    ]
                                if windows:
                                    for w in range(window_ptr[arm, c], window_ptr[arm, c + 1]):
                                        if window_stop[w] > t and (
                                            window_delta[w] > 0.0
                                            or (window_start[w] <= t and window_stop[w] >= t_end)
                                        ):
                                            x += window_delta[w]
                            x += _ROUNDING
                            if starting:
                                bench.bound_start[arm, c] = x
                        pair.log_bound = x
                        rate = exp(x) if x > -np.inf else 0.0
                        if (
                            pair.stamp == future
                            and rate <= pair.cap
                            and pair.begin <= t
                            and t < pair.next_time
                            and (rate >= TIGHT * pair.cap or pair.next_time == np.inf)
                        ):
                            pair.log_cap = max(pair.log_cap, x)
                            continue
                        points = rate * (t_end - t)
                        if 0.0 < points < LOOSE_POINTS and rate * pair.cell < LOOSE_CELL:
                            rate = min(LOOSE_POINTS / (t_end - t), LOOSE_CELL / pair.cell)
                        if not rate <= MAX_INTENSITY:
                            runaway = True
                            rate = 0.0
                        n_searches += 1
                        pair.stamp = future
                        pair.begin = t
                        pair.log_cap = x
                        pair.cap = rate
                        pair.next_time = np.inf
                        if starting and arm == 0:
                            bench.cap_start[c] = rate
                        if rate == 0.0:
                            continue
                        # The first cells are looked up together with those of other searches.
                        cell = pair.cell
                        top = pair.top
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
                            request_rate[n_requests] = rate
                            n_requests += 1
                            for i in range(n_lanes, n_lanes + n):
                                key0[i] = pair.key0
                                key1[i] = pair.key1
                                cell_number[i] = np.uint64(number)
                                code[i] = np.uint64(band << 16)
                                length[i] = cell
                                least[i] = x
                                after[i] = t
                                number += 1
                            n_lanes += n
                            floor = top
                            top *= 4.0
                            cell *= 0.25
                            band += 1
                    if starting and arm == 0:
                        # Kept for the futures to come, which start alike.
                        start_requests = n_requests
                        start_lanes = (n_lanes + 3) & ~3
                for i in range(lane_0, (n_lanes + 3) & ~3):
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
                i_request = request_0
                while i_request < n_requests:
                    k = request[i_request, 1]
                    c = request[i_request, 0] * n_channels + k
                    pair = pairs[c]
                    rate = request_rate[i_request]
                    best = np.inf
                    mark = 0.0
                    known = t_end
                    floor = 0.0
                    top = pair.top
                    first_request = True
                    while i_request < n_requests and (first_request or request[i_request, 4] > 0):
                        first_request = False
                        i = request[i_request, 2]
                        n = i + request[i_request, 3]
                        i_request += 1
                        known = min(
                            known, np.float64(cell_number[n - 1] + np.uint64(1)) * length[n - 1]
                        )
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
                            lanes,
                            product,
                        )
                    if best < t_end:
                        pair.next_time = best
                        pair.next_mark = mark
                i_todo = 0
                while i_todo < n_todo:
                    u = todo[i_todo, 0]
                    unit = units[u]
                    while i_todo < n_todo and todo[i_todo, 0] == u:
                        i_todo += 1
                    # The unit's first waiting point, into its slice of time.
                    s = unit.rung
                    best = np.inf
                    k_best = -1
                    for j in range(0 if follow and astray[u] == _ALONG else live_count[s]):
                        k = live[s, j]
                        x = pairs[u * n_channels + k].next_time
                        if x < best:
                            best = x
                            k_best = k
                    unit.due = best
                    unit.which = k_best
                    slot = -1
                    if k_best >= 0:
                        slot = min(int((best - t0) * slice_rate), n_slots - 1)
                    if slot != unit.slot:
                        if unit.slot >= 0:
                            if unit.before >= 0:
                                units[unit.before].after = unit.after
                            else:
                                head[unit.slot] = unit.after
                            if unit.after >= 0:
                                units[unit.after].before = unit.before
                        if slot >= 0:
                            v = head[slot]
                            unit.after = v
                            unit.before = -1
                            if v >= 0:
                                units[v].before = u
                            head[slot] = u
                        unit.slot = slot
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
                        if units[v].due < t_next or (units[v].due == t_next and v < u):
                            t_next = units[v].due
                            u = v
                        v = units[v].after
                joins = False
                held = False
                follows = False
                t_past = past_time[i_past] if follow and i_past < n_past else np.inf
                t_forced = arms.event_time[forced] if forced < forced_end else np.inf
                if t_past < np.inf and t_past <= t_next and t_past < t_forced:
                    t = t_past
                    v = past_unit[i_past]
                    k = past_channel[i_past]
                    held = past_held[i_past] > 0
                    i_past += 1
                    joins = k == JOIN
                    now = min(int((t - t0) * slice_rate), n_slots - 1)
                    if astray[v] != _ALONG or held:
                        # The first arm's event, but not this one's: keep the books only.
                        s = units[v].rung
                        if astray[v] == _ALONG and s >= 0:
                            for j in range(live_count[s]):
                                todo[n_todo, 0] = v
                                todo[n_todo, 1] = live[s, j]
                                n_todo += 1
                        if t_next == t and u == v and units[u].which == k and not held:
                            tied = v
                        else:
                            astray[v] = _GONE
                        old = rung_first[v]
                        new = layout.first[v] if joins else channels[k].target
                        if new >= 0 and new != old:
                            rung_first[v] = new
                            for q in range(n_couplings):
                                step = layout.inset[q, new]
                                step -= layout.inset[q, old] if old >= 0 else 0
                                if step != 0:
                                    for i in range(
                                        layout.reverse_ptr[q, v], layout.reverse_ptr[q, v + 1]
                                    ):
                                        around_first[q * n_units + layout.reverse[i]] += step
                            if tied < 0:
                                unseen = v
                        continue
                    u = v
                    unit = units[u]
                    follows = True
                elif t_forced <= t_next and forced < forced_end:
                    t = arms.event_time[forced]
                    u = arms.event_unit[forced]
                    k = arms.event_channel[forced]
                    forced += 1
                    now = min(int((t - t0) * slice_rate), n_slots - 1)
                    joins = k == JOIN
                    held = not joins
                    s = units[u].rung
                    if joins and follow and astray[u] == _ALONG:
                        continue
                    if not joins and (
                        s < 0 or (channels[k].source >= 0 and channels[k].source != s)
                    ):
                        out.status[arm, 1] += 1
                        continue
                    unit = units[u]
                else:
                    if u < 0:
                        break
                    t = t_next
                    unit = units[u]
                    k = unit.which
                    gate = channels[k].gate
                    fires = False
                    if gate < 0 or around[gate * n_units + u] > 0:
                        year = math.floor(t) - year0
                        piece = 0
                        if n_pieces > 1:
                            age = t - unit.entered
                            i = k * (n_pieces - 1)
                            while piece < n_pieces - 1 and age >= cuts[i + piece]:
                                piece += 1
                        x = (
                            base[(k * 2 + unit.stratum) * n_pieces + piece]
                            + eta[
                                (u * n_columns + column[unit.rung * n_channels + k]) * n_years
                                + min(year, n_years - 1)
                            ]
                            + shock[k * n_shocks + min(year, n_shocks - 1)]
                        )
                        if unit.stirred:
                            felt_unit, felt_time = u, t
                            _kernel_values(u, t, counts, since, decay, identity, felt)
                        for j in range(term_count[k] * unit.stirred):
                            m = terms[k * n_kernels + j]
                            x += gamma[k * n_kernels + m] * felt[m]
                        for q in range(n_couplings):
                            x += pull[(k * n_couplings + q) * n_numbers + around[q * n_units + u]]
                        c = u * n_channels + k
                        if windows:
                            for w in range(window_ptr[arm, c], window_ptr[arm, c + 1]):
                                if window_start[w] <= t < window_stop[w]:
                                    x += window_delta[w]
                        fires = pairs[c].next_mark <= exp(x)
                    if not fires:
                        todo[0, 0] = u
                        todo[0, 1] = k
                        n_todo = 1
                        if tied >= 0:
                            astray[u] = _GONE
                            unseen = tied
                            tied = -1
                        continue
                # The event happens.
                n_events += 1
                if n_events > limit:
                    runaway = True
                    break
                if arm == 0 and n_arms > 1:
                    past_time[n_past] = t
                    past_unit[n_past] = u
                    past_channel[n_past] = k
                    past_held[n_past] = held
                    n_past += 1
                fresh = follow and held and astray[u] == _ALONG
                if follow and not follows and tied < 0:
                    astray[u] = _GONE
                tied = -1
                if trace.time.size > 0:
                    n = trace.size[0]
                    if n < trace.time.size:
                        trace.time[n] = t
                        trace.where[n, 0] = arm
                        trace.where[n, 1] = future
                        trace.where[n, 2] = u
                        trace.where[n, 3] = k
                    trace.size[0] += 1
                old = unit.rung
                new = old
                if joins:
                    new = layout.first[u]
                else:
                    if t <= t_grid:
                        pairs[u * n_channels + k].fired += 1
                    if channels[k].target >= 0:
                        new = channels[k].target
                    for m in range(n_kernels):
                        if layout.trigger[k, m] and layout.mask[u, m]:
                            i = u * n_kernels + m
                            counts[i] = 1.0 + counts[i] * exp(-decay[m] * (t - since[i]))
                            since[i] = t
                            felt_unit = -1
                            unit.stirred = 1
                if new == old:
                    if follows:
                        continue
                    if fresh:
                        for i in range(live_count[new]):
                            todo[n_todo, 0] = u
                            todo[n_todo, 1] = live[new, i]
                            n_todo += 1
                        continue
                    for i in range(draw.raised_count[k, new]):
                        todo[n_todo, 0] = u
                        todo[n_todo, 1] = draw.raised[k, new, i]
                        n_todo += 1
                    continue
                if follows:
                    rung_first[u] = new
                elif arm > 0:
                    unseen = u
                if live_count[new] == 0 and not follows:
                    # Nothing can happen any more: the unit must still leave the queue.
                    todo[0, 0] = u
                    todo[0, 1] = -1
                    n_todo = 1
                for i in range(0 if follows else live_count[new]):
                    todo[n_todo, 0] = u
                    todo[n_todo, 1] = live[new, i]
                    n_todo += 1
                unit.rung = new
                unit.entered = t
                if old == 0:
                    unit.stratum = 1
                g = n_grid
                if t <= t_grid:
                    g = layout.start[min(int((t - t0) * grid_rate), n_start - 1)]
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
                if not joins:
                    for o in range(n_outcomes):
                        was = layout.member[o, old]
                        if was == layout.member[o, new] or first[side, u, o] < n_grid:
                            continue
                        if layout.kind[o] == 0:
                            if not was:
                                first[side, u, o] = g
                        elif was:
                            pending[u, o] = t
                            pending_grid[u, o] = g
                        else:
                            if t - pending[u, o] >= layout.lasting[o]:
                                first[side, u, o] = pending_grid[u, o]
                            pending[u, o] = np.inf
                for q in range(n_couplings):
                    step = layout.inset[q, new] - (layout.inset[q, old] if old >= 0 else 0)
                    if step == 0:
                        continue
                    for i in range(layout.reverse_ptr[q, u], layout.reverse_ptr[q, u + 1]):
                        v = layout.reverse[i]
                        number_old = around[q * n_units + v]
                        number_new = number_old + step
                        around[q * n_units + v] = number_new
                        if follows:
                            around_first[q * n_units + v] += step
                        s = units[v].rung
                        if s < 0 or v == u or (follow and astray[v] == _ALONG):
                            continue
                        for j in range(draw.heard_count[q, s]):
                            k_heard = draw.heard[q, s, j]
                            pair = pairs[v * n_channels + k_heard]
                            at = (k_heard * n_couplings + q) * n_numbers
                            pair.log_bound += pull_max[at + number_new] - pull_max[at + number_old]
                            if pair.log_bound > pair.log_cap or (
                                number_old == 0 and channels[k_heard].gate == q
                            ):
                                todo[n_todo, 0] = v
                                todo[n_todo, 1] = k_heard
                                n_todo += 1
            # The future ends: what it adds to the tallies.
            if arm == 0:
                lost = runaway
            out.status[arm, 0] += runaway
            out.status[arm, 2] += n_events
            out.status[arm, 3] += n_searches
            for u in range(n_units):
                for k in range(n_channels):
                    pair = pairs[u * n_channels + k]
                    n = pair.fired
                    if arm == 0:
                        pair.fired_first = n
                    elif n != pair.fired_first:
                        out.gaps[arm, u, k] += (n - pair.fired_first) ** 2
                    if n > 0:
                        out.firings[arm, u, k] += n
                        out.squares[arm, u, k] += n * n
                for o in range(n_outcomes):
                    if t_end - pending[u, o] >= layout.lasting[o]:
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
