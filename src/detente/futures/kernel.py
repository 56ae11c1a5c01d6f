"""The compiled event loop: exact simulation by Poisson embedding.

Each (unit, channel) owns a Poisson measure of rate one on (time, mark).  A point (t, m) fires if
m <= lambda(t), the intensity just before t, so the firings have intensity lambda (Bremaud and
Massoulie 1996, "Stability of nonlinear Hawkes processes", Annals of Probability 24).  The points
are looked up by band, block and index (see `points`).

For each live channel one *waiting point* is kept: the first after some time with a mark below a
bound of the intensity (see `search`).  The bound knows the baseline and the offsets to the end, and
of the past and the neighbours the most that they can add until the next event (`intensity`).  An
event searches again only for its own unit and for neighbours whose bound it raises; and a waiting
point passes from one arm to the next, and outlives changes of rung that leave its baseline alone,
for every bound below the marks that its search passed over.  A point that does not fire tightens
the bound.  Bounds decide only which points are tested, never which fire: the path is a function of
the noise, the parameters and the interventions alone.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from detente.futures.arrays import Arms, Bench, Draw, Layout, Tallies, Trace
from detente.futures.counting import record, tally
from detente.futures.intensity import log_bound, log_intensity, remember
from detente.futures.parts import Compiler
from detente.futures.points import exp
from detente.futures.search import MAX_INTENSITY, search
from detente.futures.starting import note_start, start_alike, take_start
from detente.futures.units import (
    ALONG,
    GONE,
    begin,
    compare,
    follow_first,
    live_todo,
    move_first,
    note_moved,
    queue,
    tell,
)

TIGHT = math.log(0.4)
"""A fall of a log bound by this much after which the waiting point is searched again."""
PARTS = "6d449e42ae81"
"""Digest of the files whose code the compiled loop holds: a change makes its cache stale."""
JOIN = -1
"""Channel number of a forced event that lets a unit join."""


@nb.njit(  # pyright: ignore[reportCallIssue]
    nogil=True, error_model="numpy", cache=True, _nrt=False, pipeline_class=Compiler
)
def run(  # noqa: C901 (the order of events in one loop; its parts are above)
    layout: Layout,
    draw: Draw,
    arms: Arms,
    first: int,
    last: int,
    limit: int,
    bench: Bench,
    out: Tallies,
    trace: Trace,
) -> None:
    """Simulate futures first..last - 1 of one draw in every arm and add to the tallies."""
    t0, t_end, t_grid = layout.times[0], layout.times[1], layout.times[2]
    channels, units, pairs, todo = layout.channel, bench.unit, bench.pair, bench.todo
    head, astray = bench.head, bench.astray
    past_time, past_unit = bench.past_time, bench.past_unit
    past_channel, past_held = bench.past_channel, bench.past_held
    n_channels = draw.keys.shape[1]
    n_arms, n_slots = arms.window_ptr.shape[0], head.size
    year0 = math.floor(t0)
    slice_rate = n_slots / (t_end - t0)
    for future in range(first, last):
        lost = False
        n_past = 0
        word = np.uint64(future)
        for arm in range(n_arms):
            # Other arms follow the first one's events, but for units that they touch (astray).
            follow = arm > 0 and not lost
            begin(layout, bench, arm, arm == 0 and future == first)
            n_todo = follow_first(layout, arms, bench, arm, follow)
            n_past = 0 if arm == 0 else n_past
            n_changes = 0
            n_events = 0
            n_searches = 0
            runaway = False
            i_past = 0
            unseen = -1
            tied = -1
            forced = arms.event_ptr[arm]
            forced_end = arms.event_ptr[arm + 1]
            t = t0
            now = 0
            starting = True
            while True:
                if unseen >= 0:
                    n_todo = compare(layout, draw, bench, unseen, n_todo)
                    unseen = -1
                # Bounds and waiting points of the channels that the last event touched.
                alike = starting and future > first and not lost
                if alike and arm == 0:
                    start_alike(layout, bench, word, n_todo)
                for i_todo in range(n_todo):
                    u = todo[i_todo, 0]
                    k = todo[i_todo, 1]
                    if k < 0:
                        continue
                    c = u * n_channels + k
                    pair = pairs[c]
                    if alike:
                        x = bench.bound_start[arm, c]
                    elif todo[i_todo, 2] > 0:
                        x = pair.log_bound
                    else:
                        x = log_bound(layout, draw, arms, bench, arm, u, k, t)
                        if starting:
                            bench.bound_start[arm, c] = x
                    pair.log_bound = x
                    twin = draw.twin[layout.column[units[u].rung * n_channels + k]]
                    spell, stratum = 0.0, 0
                    if not draw.plain[k]:
                        spell, stratum = units[u].entered, units[u].stratum
                    if (
                        pair.stamp == future
                        and x <= pair.log_cap
                        and pair.begin <= t
                        and t < pair.next_time
                        and (x >= pair.log_used + TIGHT or pair.next_time == np.inf)
                        and pair.twin == twin
                        and pair.spell == spell
                        and pair.stratum == stratum
                    ):
                        continue
                    pair.stamp = future
                    pair.begin = t
                    pair.twin = twin
                    pair.spell = spell
                    pair.stratum = stratum
                    if alike and arm == 0 and take_start(layout, draw, bench, u, k, i_todo):
                        continue
                    n_searches += 1
                    search(layout, draw, bench, word, u, k, t, x)
                    if starting and future == first:
                        bench.bound_start[arm, c] = pair.log_bound
                        if arm == 0:
                            note_start(layout, draw, bench, u, k, i_todo)
                queue(layout, bench, n_todo, n_channels, follow)
                n_todo = 0
                starting = False
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
                high = False
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
                    if astray[v] != ALONG or held:
                        # The first arm's event, but not this one's: keep the books only.
                        s = units[v].rung
                        if astray[v] == ALONG and s >= 0:
                            n_todo = live_todo(layout, bench, v, s, n_todo)
                        if t_next == t and u == v and units[u].which == k and not held:
                            tied = v
                        else:
                            astray[v] = GONE
                        new = layout.first[v] if joins else channels[k].target
                        if new >= 0 and new != bench.rung_first[v]:
                            move_first(layout, bench, v, new)
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
                    if joins and follow and astray[u] == ALONG:
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
                    year = math.floor(t) - year0
                    x = log_intensity(layout, draw, arms, bench, arm, u, k, t, year)
                    rate = exp(x) if x > -np.inf else -1.0
                    if pairs[u * n_channels + k].next_mark > rate:
                        todo[0, 0] = u
                        todo[0, 1] = k
                        todo[0, 2] = 0
                        n_todo = 1
                        if tied >= 0:
                            astray[u] = GONE
                            unseen = tied
                            tied = -1
                        continue
                    high = rate > MAX_INTENSITY
                # The event happens.
                n_events += 1
                note_moved(bench, u)
                if high or n_events > limit:
                    runaway = True
                    break
                if arm == 0 and n_arms > 1:
                    past_time[n_past] = t
                    past_unit[n_past] = u
                    past_channel[n_past] = k
                    past_held[n_past] = held
                    n_past += 1
                fresh = follow and held and astray[u] == ALONG
                if follow and not follows and tied < 0:
                    astray[u] = GONE
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
                    remember(layout, bench, u, k, t)
                if new == old:
                    if follows:
                        continue
                    if fresh:
                        n_todo = live_todo(layout, bench, u, new, n_todo)
                        continue
                    for i in range(draw.raised_count[k, new]):
                        todo[n_todo, 0] = u
                        todo[n_todo, 1] = draw.raised[k, new, i]
                        todo[n_todo, 2] = 0
                        n_todo += 1
                    continue
                if follows:
                    bench.rung_first[u] = new
                else:
                    if arm > 0:
                        unseen = u
                    if layout.live_count[new] == 0:
                        # Nothing can happen any more: the unit must still leave the queue.
                        todo[0, 0] = u
                        todo[0, 1] = -1
                        n_todo = 1
                    n_todo = live_todo(layout, bench, u, new, n_todo)
                unit.rung = new
                unit.entered = t
                if old == 0:
                    unit.stratum = 1
                n_changes = record(layout, bench, out, arm, u, old, new, t, joins, n_changes)
                n_todo = tell(layout, draw, bench, u, old, new, follow, follows, n_todo)
            # The future ends.
            if arm == 0:
                lost = runaway
            out.status[arm, 0] += runaway
            out.status[arm, 2] += n_events
            out.status[arm, 3] += n_searches
            tally(layout, bench, out, arm, n_channels)
