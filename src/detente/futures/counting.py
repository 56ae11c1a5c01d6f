"""Parts of the event loop: what a change of rung and the end of a future add to the counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from detente.futures.parts import part


@part
def _outcomes(
    layout: Any, bench: Any, side: Any, u: Any, old: Any, new: Any, t: Any, g: Any
) -> None:
    """Note what a change of rung at grid index g means for the outcomes."""
    first, pending, pending_grid = bench.first, bench.pending, bench.pending_grid
    for o in range(layout.kind.size):
        was = layout.member[o, old]
        if was == layout.member[o, new] or first[side, u, o] < layout.grid.size:
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


@part
def record(
    layout: Any,
    bench: Any,
    out: Any,
    arm: Any,
    u: Any,
    old: Any,
    new: Any,
    t: Any,
    joins: Any,
    n_changes: Any,
) -> Any:
    """Count a change of rung and what it means for the outcomes; return the changes so far."""
    side = 0 if arm == 0 else 1
    t0, t_grid = layout.times[0], layout.times[2]
    grid, n_start = layout.grid, layout.start.size
    chain, change = bench.chain, bench.change
    g = grid.size
    if t <= t_grid:
        g = layout.start[min(int((t - t0) * (n_start / (t_grid - t0))), n_start - 1)]
        while grid[g] < t:
            g += 1
        if old >= 0:
            out.occupancy[arm, u, old, g] -= 1
        out.occupancy[arm, u, new, g] += 1
        if out.status.shape[0] > 1:
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
        _outcomes(layout, bench, side, u, old, new, t, g)
    return n_changes


@part
def _tally_firings(bench: Any, out: Any, arm: Any, u: Any, n_channels: Any) -> None:
    """Firings of a unit's channels, their squares, their squared differences to the first arm."""
    for k in range(n_channels):
        pair = bench.pair[u * n_channels + k]
        n = pair.fired
        if arm == 0:
            pair.fired_first = n
        elif n != pair.fired_first:
            out.gaps[arm - 1, u, k] += (n - pair.fired_first) ** 2
        if n > 0:
            out.firings[arm, u, k] += n
            out.squares[arm, u, k] += n * n


@part
def _tally_outcomes(layout: Any, bench: Any, out: Any, arm: Any, u: Any) -> None:
    """First passages of a unit, and where they come before or after those of the first arm."""
    side = 0 if arm == 0 else 1
    t_end, n_grid, first = layout.times[1], layout.grid.size, bench.first
    for o in range(layout.kind.size):
        if t_end - bench.pending[u, o] >= layout.lasting[o]:
            first[side, u, o] = bench.pending_grid[u, o]
        g = first[side, u, o]
        if g < n_grid:
            out.passage[arm, u, o, g] += 1
        if arm == 0:
            continue
        g_first = first[0, u, o]
        if g < g_first:
            out.plus[arm - 1, u, o, g] += 1
            if g_first < n_grid:
                out.plus[arm - 1, u, o, g_first] -= 1
        elif g_first < g:
            out.minus[arm - 1, u, o, g_first] += 1
            if g < n_grid:
                out.minus[arm - 1, u, o, g] -= 1


@part
def _tally_apart(layout: Any, bench: Any, out: Any, arm: Any, u: Any) -> None:
    """Where the paths of a unit in this arm and the first stand in different rungs."""
    chain, change, n_grid = bench.chain, bench.change, layout.grid.size
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
            out.joint[arm - 1, u, r, s, g] += 1
            out.joint[arm - 1, u, r, s, g_next] -= 1
        g = g_next
        while i >= 0 and change[0, i, 1] == g:
            r = change[0, i, 2]
            i = change[0, i, 0]
        while j >= 0 and change[1, j, 1] == g:
            s = change[1, j, 2]
            j = change[1, j, 0]
    if r != s and r >= 0 and s >= 0:
        out.joint[arm - 1, u, r, s, g] += 1


@part
def tally(layout: Any, bench: Any, out: Any, arm: Any, n_channels: Any) -> None:
    """Add a future that has ended to the counts."""
    for i in range(bench.n_moved[0]):
        u = bench.moved[i]
        _tally_firings(bench, out, arm, u, n_channels)
        _tally_outcomes(layout, bench, out, arm, u)
        if arm > 0:
            _tally_apart(layout, bench, out, arm, u)
