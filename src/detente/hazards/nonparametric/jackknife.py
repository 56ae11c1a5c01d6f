r"""The infinitesimal jackknife of the probabilities of a multi-state process.

A cluster's influence is the derivative of :math:`p(t) = p(s) \prod (I + d\hat A)` by the weight of
the cluster: :math:`U(t) = U(t-)(I + dA) + p(t-)\, dA'` with
:math:`dA_k' = \sum_i (dN_{ik} - Y_{ik}\, dA_k) / Y_k`. The covariance is the sum of squares.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError
from detente.hazards.data.intervals import Intervals
from detente.hazards.data.moves import Moves
from detente.hazards.prediction.steps import CumulativeHazards

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def influence_covariance(
    intervals: Intervals,
    moves: Moves,
    hazards: CumulativeHazards,
    times: Floats,
    values: Floats,
    *,
    cluster: str,
    observed: float | None,
) -> Floats:
    """Covariance of every row of probabilities, ``(T, R, S, S)``.

    ``values`` ``(T, R, S)`` are the probabilities at ``times``, the first of them the start;
    those at risk at ``observed`` gave the distribution there, if it is a time.
    """
    table = intervals.table.filter(pl.col("transition").is_in(list(moves.names)))
    if cluster not in table.columns or table[cluster].null_count():
        raise DataError(f"the column {cluster!r} to cluster by is missing or has nulls")
    group = table[cluster].rank("dense").to_numpy().astype(np.int64) - 1
    place = {name: k for k, name in enumerate(moves.names)}
    kind = np.array([place[n] for n in table["transition"].to_list()], dtype=np.int64)
    weight = table["weight"].to_numpy() if "weight" in table.columns else np.ones(table.height)
    state = {name: i for i, name in enumerate(moves.states)}
    origin = np.array([state[a] for a, _ in moves.arrows], dtype=np.int64)
    target = np.array([state[b] for _, b in moves.arrows], dtype=np.int64)
    start, stop = table["start"].to_numpy(), table["stop"].to_numpy()
    event = table["event"].to_numpy() == 1
    columns = [hazards.transitions.index(n) for n in moves.names]
    steps = hazards.steps[np.searchsorted(hazards.times, times[1:])][:, columns]
    first = np.zeros((int(group.max()) + 1, len(moves.states)))
    if observed is not None:
        first = _start_influence(observed, start, stop, weight, group, kind, moves, values[0, 0])
    out = np.zeros((*values.shape, values.shape[2]))
    entry, leaving = np.argsort(start, kind="stable"), np.argsort(stop, kind="stable")
    for r in range(values.shape[1]):
        _accumulate(
            first.copy(), np.ascontiguousarray(values[:, r]), times, steps, origin, target,
            start, stop, event, weight, group, kind, entry, leaving, out[:, r],
        )  # fmt: skip
    return out


def _start_influence(
    time: float,
    start: Floats,
    stop: Floats,
    weight: Floats,
    group: Ints,
    kind: Ints,
    moves: Moves,
    share: Floats,
) -> Floats:
    """Influence on the observed distribution at the start, ``(n, S)``."""
    influence = np.zeros((int(group.max()) + 1, len(moves.states)))
    total = 0.0
    for i, state in enumerate(moves.states):
        leaving = moves.out_of(state)
        if leaving:
            there = (kind == moves.names.index(leaving[0])) & (start < time) & (stop >= time)
            np.add.at(influence, group[there], -np.outer(weight[there], share))
            np.add.at(influence[:, i], group[there], weight[there])
            total += float(weight[there].sum())
    return influence / total


@nb.njit(cache=True, error_model="numpy")
def _accumulate(
    influence: Floats,
    values: Floats,
    times: Floats,
    steps: Floats,
    origin: Ints,
    target: Ints,
    start: Floats,
    stop: Floats,
    event: NDArray[np.bool_],
    weight: Floats,
    group: Ints,
    kind: Ints,
    entry: Ints,
    leaving: Ints,
    out: Floats,
) -> None:
    """Carry influences ``(n, S)`` over the event times and fill ``(T, S, S)``."""
    n, m = len(influence), len(origin)
    entered, left = 0, 0
    inside = np.zeros((n, m))  # weight at risk by cluster and transition
    total = np.zeros(m)
    out[0] = influence.T @ influence
    for t in range(1, len(times)):
        while entered < len(entry) and start[entry[entered]] < times[t]:
            i = entry[entered]
            inside[group[i], kind[i]] += weight[i]
            total[kind[i]] += weight[i]
            entered += 1
        while left < len(leaving) and stop[leaving[left]] < times[t]:
            i = leaving[left]
            inside[group[i], kind[i]] -= weight[i]
            total[kind[i]] -= weight[i]
            left += 1
        step, old = steps[t - 1], influence.copy()
        for k in range(m):
            if step[k] == 0.0:
                continue
            f, g = origin[k], target[k]
            for i in range(n):
                moved = step[k] * (old[i, f] - values[t - 1, f] * inside[i, k] / total[k])
                influence[i, f] -= moved
                influence[i, g] += moved
        j = left
        while j < len(leaving) and stop[leaving[j]] == times[t]:
            i = leaving[j]
            j += 1
            if event[i]:
                f, g = origin[kind[i]], target[kind[i]]
                moved = values[t - 1, f] * weight[i] / total[kind[i]]
                influence[group[i], f] -= moved
                influence[group[i], g] += moved
        out[t] = influence.T @ influence
