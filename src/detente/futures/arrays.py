"""Arrays that pass between Python and the compiled event loop; some may be flat there.

Axes: A arms, U units, K channels, S rungs, P pieces, M kernels, Q couplings, N numbers of
neighbours, Y calendar years, C columns (live pairs of rung and channel), O outcomes, G grid.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

UNIT = np.dtype(
    [
        ("rung", np.int64),  # -1 not joined
        ("stratum", np.int64),
        ("entered", np.float64),
        ("due", np.float64),  # time of the unit's next point
        ("which", np.int64),  # its channel
        ("slot", np.int64),  # slice of time in the queue, -1 none
        ("after", np.int64),  # neighbours in the slice
        ("before", np.int64),
        ("stirred", np.int64),  # whether a kernel of the unit is above zero
        ("moved", np.int64),  # whether anything happened to it in this future, in any arm so far
    ],
    align=True,
)
"""State of a unit."""
PAIR = np.dtype(
    [
        ("key0", np.uint64),
        ("key1", np.uint64),
        ("block", np.float64),  # years, a power of two: length of the blocks of the first band
        ("top", np.float64),  # its upper edge
        ("log_bound", np.float64),  # of what moves the intensity, until an event raises it
        ("log_used", np.float64),  # the bound that the waiting point was searched with
        ("log_cap", np.float64),  # the highest bound for which it is the same point
        ("next_time", np.float64),  # waiting point
        ("next_mark", np.float64),
        ("begin", np.float64),  # it is the first after this time with a mark below the bound
        ("spell", np.float64),  # it holds while the unit entered its rung then
        ("stratum", np.int64),  # and stands in this stratum
        ("twin", np.int64),  # and for these covariates
        ("stamp", np.int64),  # future that it belongs to, -1 none
        ("fired", np.int64),  # firings in this arm
        ("fired_first", np.int64),  # and in the first arm
    ],
    align=True,
)
"""State of a unit and channel."""
CHANNEL = np.dtype(
    [
        ("source", np.int64),  # -1 none
        ("target", np.int64),  # -1 mark
        ("gate", np.int64),  # -1 none
    ],
    align=True,
)
"""Constants of a channel."""


class Layout(NamedTuple):
    """What all draws and arms share (arrays; those in several dimensions may be flat)."""

    times: Any  # t0, end of the simulation, end of the grid
    channel: Any  # (K,) CHANNEL
    live: Any  # (S, K) channels that leave a rung or mark it
    live_count: Any  # (S,)
    column: Any  # (S, K) column of eta, -1 not live
    cuts: Any  # (K, P - 1)
    decay: Any  # (M,)
    identity: Any  # (M,)
    bent: Any  # (1,) whether any is not the identity
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
    stirred: Any  # (U,) whether any is above zero
    around: Any  # (Q, U)
    grid: Any  # (G,)
    start: Any  # (B,) first grid index of each slice of time
    kind: Any  # (O,) 0 enter, 1 leave
    member: Any  # (O, S)
    lasting: Any  # (O,)


class Draw(NamedTuple):
    """One posterior draw (arrays)."""

    base: Any  # (K, 2, P)
    pulse: Any  # its exponential
    crest: Any  # the highest of a run of pieces that starts here
    run: Any  # one past the last piece of that run
    eta: Any  # (U, C, Y) by column of rung and channel, the system's shock with it
    eta_top: Any  # (U, C) its maximum over the years
    level: Any  # (U, C, Y) exponential of the difference to it
    level_max: Any  # the same, maximum over this and later years
    plain: Any  # (K,) whether the baseline is one number
    twin: Any  # (C,) first column of the channel whose levels are the same
    kernel: Any  # (K, M)
    kernel_max: Any  # the same, zero where negative: the counts only decay
    coupling: Any  # (K, Q, N) what a coupling adds by number of neighbours
    coupling_max: Any  # (K, Q, N) the same for a bound
    still: Any  # (Q, 2, N) whether one neighbour fewer (0) or more (1) leaves all bounds alone
    terms: Any  # (K, M) kernels that enter a channel
    term_count: Any  # (K,)
    heard: Any  # (Q, S, K) channels of a rung that a coupling enters or gates
    heard_count: Any  # (Q, S)
    hears: Any  # (Q,) whether any channel does
    raised: Any  # (K, S, K) channels of a rung whose bound a firing may raise, and itself
    raised_count: Any  # (K, S)
    keys: Any  # (U, K)
    pace: Any  # (U, K)
    sizes: Any  # P, C, Y, N


LAYOUT_FLAT = ("cuts", "column", "counts", "around")
DRAW_FLAT = (
    *("base", "pulse", "crest", "run", "eta", "eta_top", "level", "level_max"),
    *("kernel", "kernel_max", "coupling", "coupling_max", "still", "terms"),
)
"""Arrays that the event loop reads in one dimension."""


def flat(arrays: Any, names: tuple[str, ...]) -> Any:
    """The same arrays, those named in one dimension: the event loop counts its own places."""
    return arrays._replace(**{name: getattr(arrays, name).reshape(-1) for name in names})


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
    touched: Any  # (A, U) whether the unit's windows differ from those of the first arm


class Tallies(NamedTuple):
    """Counts over futures, added to in place (arrays)."""

    passage: Any  # (A, U, O, G) by first grid index
    plus: Any  # (A - 1, U, O, G) differences along the grid, of the arms after the first
    minus: Any
    occupancy: Any  # (A, U, S, G) differences
    joint: Any  # (A - 1, U, S, S, G) differences
    firings: Any  # (A, U, K)
    squares: Any  # (A, U, K)
    gaps: Any  # (A - 1, U, K) squared difference to the first arm
    status: Any  # (A, 4) runaway futures, voided holds, events, searches


class Trace(NamedTuple):
    """Event lists, filled up to their length (arrays)."""

    size: Any  # (1,) events seen
    where: Any  # (n, 4) arm, future, unit, channel
    time: Any  # (n,)


class Bench(NamedTuple):
    """Working arrays of one task."""

    unit: Any  # (U,) UNIT
    pair: Any  # (U * K,) PAIR
    moved: Any  # (U,) units to which anything happened in this future, in any arm so far
    n_moved: Any  # (1,) how many
    counts: Any  # (U * M,) kernels at the time below
    since: Any  # (U,) time of the last trigger of any
    around: Any  # (Q * U,) neighbours that count
    bound_start: Any  # (A, U * K) log_bound at t0
    first: Any  # (2, U, O) grid index of an outcome in the first arm and this one
    pending: Any  # (U, O) time of a leaving that may last
    pending_grid: Any  # (U, O) its grid index
    head: Any  # (B,) calendar queue: first unit of each slice
    chain: Any  # (2, U, 2) first and last change of rung in the first arm and this one
    change: Any  # (2, E, 3) next change, grid index, rung
    past_time: Any  # (E,) events of the first arm
    past_unit: Any
    past_channel: Any
    past_held: Any  # whether it was forced
    astray: Any  # (U,) 0 follows the first arm, 1 feels other neighbours, 2 has left its path
    rung_first: Any  # (U,) its rung there
    around_first: Any  # (Q * U,) neighbours that count there
    todo: Any  # (n, 3) unit, channel to be looked at again, whether its bound is known
    left: Any  # (M,) decayed counts of one unit at one time
    felt: Any  # (M,) kernels of one unit at one time
    felt_unit: Any  # (1,) that unit, -1 none
    felt_time: Any  # (1,) and time
    tag: Any  # (B, 2) which points a page holds: future, pair and band; block and part
    page: Any  # (B, 2, 8) their times and marks over the band's floor
    gap: Any  # (2, 4) scratch of a page: gaps of the even and of the odd points
    mark: Any  # (2, 4) and their marks
    start_key: Any  # (2, n) key words of the channels looked at at t0
    start_bound: Any  # (5, n) width of the first band, highest mark, block's end; bound and its log
    start_first: Any  # (3, n) time, mark of their first point below it; log of what it leaves free
