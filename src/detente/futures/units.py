"""Parts of the event loop: the units, their queue, their neighbours, and the arm they follow.

One waiting point per unit stands in a calendar queue (Brown 1988, "Calendar queues", Communications
of the ACM 31).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.futures.parts import part

ALONG, ASIDE, GONE = 0, 1, 2
"""A unit follows the first arm; feels other neighbours than there; has left its path."""


@part
def live_todo(layout: Any, bench: Any, u: Any, s: Any, n_todo: Any) -> Any:
    """Have all live channels of unit u in rung s looked at."""
    for i in range(layout.live_count[s]):
        bench.todo[n_todo, 0] = u
        bench.todo[n_todo, 1] = layout.live[s, i]
        bench.todo[n_todo, 2] = 0
        n_todo += 1
    return n_todo


@part
def _restore(layout: Any, bench: Any, u: Any, arm: Any) -> None:
    """Put a unit where it stands at t0, with nothing counted."""
    unit, n_kernels = bench.unit[u], layout.decay.size
    unit.rung = layout.rung[u]
    unit.stratum = layout.stratum[u]
    unit.entered = layout.entered[u]
    unit.stirred = layout.stirred[u]
    bench.since[u] = layout.times[0]
    for m in range(n_kernels):
        bench.counts[u * n_kernels + m] = layout.counts[u * n_kernels + m]
    for side in range(min(arm, 1), 2):
        bench.chain[side, u, 0] = -1
        bench.chain[side, u, 1] = -1
    for o in range(layout.kind.size):
        bench.pending[u, o] = np.inf
        for side in range(min(arm, 1), 2):
            bench.first[side, u, o] = layout.grid.size
    n_channels = layout.channel.size
    for c in range(u * n_channels, (u + 1) * n_channels):
        bench.pair[c].fired = 0
        if arm == 0:
            bench.pair[c].fired_first = 0


@part
def begin(layout: Any, bench: Any, arm: Any, anew: Any) -> None:
    """Put the units where they stand at t0: all of them anew, or those to which something happened.

    The list of these starts again with each future.
    """
    units, moved, n_moved = bench.unit, bench.moved, bench.n_moved
    if anew:
        for u in range(units.size):
            moved[u] = u
        n_moved[0] = units.size
    for i in range(n_moved[0]):
        _restore(layout, bench, moved[i], arm)
        units[moved[i]].moved = arm > 0
    if arm == 0:
        n_moved[0] = 0
    for u in range(units.size):
        units[u].slot = -1
    for i in range(bench.around.size):
        bench.around[i] = layout.around[i]
        bench.around_first[i] = layout.around[i]
    bench.head[:] = -1
    bench.felt_unit[0] = -1


@part
def note_moved(bench: Any, u: Any) -> None:
    """Put a unit on the list of those to which something happened in this future."""
    if not bench.unit[u].moved:
        bench.unit[u].moved = 1
        bench.moved[bench.n_moved[0]] = u
        bench.n_moved[0] += 1


@part
def follow_first(layout: Any, arms: Any, bench: Any, arm: Any, follow: Any) -> Any:
    """Let the units follow the first arm, but for those that this arm touches.

    Return how many channels are to be looked at: those of the units that do not follow.
    """
    n_todo = 0
    for u in range(bench.unit.size):
        gone = not follow or arms.touched[arm, u]
        bench.astray[u] = GONE if gone else ALONG
        bench.rung_first[u] = layout.rung[u]
        s = layout.rung[u]
        if gone and s >= 0:
            n_todo = live_todo(layout, bench, u, s, n_todo)
    return n_todo


@part
def _relink(bench: Any, u: Any, slot: Any) -> None:
    """Take a unit out of its slice of time and put it into another (-1 none)."""
    units, head = bench.unit, bench.head
    unit = units[u]
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


@part
def queue(layout: Any, bench: Any, n_todo: Any, n_channels: Any, follow: Any) -> None:
    """Put each unit that was looked at into the slice of time of its first waiting point."""
    units, todo = bench.unit, bench.todo
    t0 = layout.times[0]
    slice_rate = bench.head.size / (layout.times[1] - t0)
    i_todo = 0
    while i_todo < n_todo:
        u = todo[i_todo, 0]
        unit = units[u]
        while i_todo < n_todo and todo[i_todo, 0] == u:
            i_todo += 1
        s = unit.rung
        best = np.inf
        k_best = -1
        for j in range(0 if follow and bench.astray[u] == ALONG else layout.live_count[s]):
            k = layout.live[s, j]
            x = bench.pair[u * n_channels + k].next_time
            if x < best:
                best = x
                k_best = k
        unit.due = best
        unit.which = k_best
        slot = -1
        if k_best >= 0:
            slot = min(int((best - t0) * slice_rate), bench.head.size - 1)
        if slot != unit.slot:
            _relink(bench, u, slot)


@part
def move_first(layout: Any, bench: Any, v: Any, new: Any) -> None:
    """Move unit v in the books of the first arm alone."""
    n_units = bench.unit.size
    old = bench.rung_first[v]
    bench.rung_first[v] = new
    for q in range(layout.inset.shape[0]):
        step = layout.inset[q, new]
        step -= layout.inset[q, old] if old >= 0 else 0
        if step != 0:
            for i in range(layout.reverse_ptr[q, v], layout.reverse_ptr[q, v + 1]):
                bench.around_first[q * n_units + layout.reverse[i]] += step


@part
def _differs(draw: Any, bench: Any, v: Any) -> Any:
    """Whether unit v feels other neighbours than in the first arm."""
    n_units = bench.unit.size
    for q in range(draw.hears.size):
        at = q * n_units + v
        if draw.hears[q] and bench.around[at] != bench.around_first[at]:
            return True
    return False


@part
def compare(layout: Any, draw: Any, bench: Any, unseen: Any, n_todo: Any) -> Any:
    """A unit's rung differs from the first arm's, or does no more: so do its neighbours."""
    units, todo, astray = bench.unit, bench.todo, bench.astray
    for q in range(draw.hears.size):
        if not draw.hears[q]:
            continue
        for i in range(layout.reverse_ptr[q, unseen], layout.reverse_ptr[q, unseen + 1]):
            v = layout.reverse[i]
            differs = _differs(draw, bench, v)
            if astray[v] == GONE or differs == (astray[v] == ASIDE):
                continue
            s = units[v].rung
            astray[v] = ASIDE if differs else ALONG
            if s >= 0 and differs:
                n_todo = live_todo(layout, bench, v, s, n_todo)
            elif s >= 0:
                todo[n_todo, 0] = v
                todo[n_todo, 1] = -1
                n_todo += 1
    return n_todo


@part
def tell(
    layout: Any,
    draw: Any,
    bench: Any,
    u: Any,
    old: Any,
    new: Any,
    follow: Any,
    follows: Any,
    n_todo: Any,
) -> Any:
    """Tell the neighbours of a change of rung; those whose bound it raises are to be looked at."""
    n_units, n_channels = draw.keys.shape
    n_couplings, n_numbers = layout.inset.shape[0], draw.sizes[3]
    around, pull_max = bench.around, draw.coupling_max
    for q in range(n_couplings):
        step = layout.inset[q, new] - (layout.inset[q, old] if old >= 0 else 0)
        if step == 0:
            continue
        at_still = (2 * q + (step > 0)) * n_numbers
        for i in range(layout.reverse_ptr[q, u], layout.reverse_ptr[q, u + 1]):
            v = layout.reverse[i]
            number_old = around[q * n_units + v]
            number_new = number_old + step
            around[q * n_units + v] = number_new
            if follows:
                bench.around_first[q * n_units + v] += step
            if draw.still[at_still + number_old]:
                continue
            s = bench.unit[v].rung
            if s < 0 or v == u or (follow and bench.astray[v] == ALONG):
                continue
            for j in range(draw.heard_count[q, s]):
                k = draw.heard[q, s, j]
                pair = bench.pair[v * n_channels + k]
                at = (k * n_couplings + q) * n_numbers
                pair.log_bound += pull_max[at + number_new] - pull_max[at + number_old]
                shut = pair.log_bound == -np.inf
                if pair.log_bound > pair.log_cap or (
                    shut and number_old == 0 and layout.channel[k].gate == q
                ):
                    bench.todo[n_todo, 0] = v
                    bench.todo[n_todo, 1] = k
                    bench.todo[n_todo, 2] = not shut
                    n_todo += 1
    return n_todo
