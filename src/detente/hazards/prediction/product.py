r"""Product integrals: transition probabilities and their covariance, from steps of the hazards.

A row of probabilities moves by :math:`p(t) = p(t-)\,(I + dA(t))` where the hazards jump, and by
:math:`p(t) = p(s)\,e^{A(t) - A(s)}` where they are continuous (Aalen and Johansen 1978,
Scandinavian Journal of Statistics 5: 141-150). Every kernel works on plain arrays; ``m``
transitions, ``S`` states, ``R`` starting rows, ``T`` steps, ``p`` parameters.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A step of the matrix exponential is cut into parts of at most this much hazard, and the series of
# each part ends when its terms fall below the precision of a double.
_LARGEST_PART = 0.5
_MOST_TERMS = 25
_LAST_TERM = 1e-18


@nb.njit(cache=True, error_model="numpy")
def _jump(row: Floats, origin: Ints, target: Ints, step: Floats) -> None:
    """Multiply a row ``(S,)`` by ``I + dA`` in place."""
    old = row.copy()
    for k in range(len(step)):
        moved = old[origin[k]] * step[k]
        row[origin[k]] -= moved
        row[target[k]] += moved


@nb.njit(cache=True, error_model="numpy")
def _parts(step: Floats) -> int:
    """In how many parts the exponential of a step is taken; none where nothing moves."""
    total = 0.0
    for value in step:
        total += abs(value)
    return int(np.ceil(total / _LARGEST_PART))


@nb.njit(cache=True, error_model="numpy")
def _flow(row: Floats, origin: Ints, target: Ints, step: Floats) -> None:
    """Multiply a row ``(S,)`` by ``exp(dA)`` in place."""
    parts = _parts(step)
    term = np.empty_like(row)
    for _ in range(parts):
        term[:] = row
        for n in range(1, _MOST_TERMS):
            old = term.copy()
            term[:] = 0.0
            size = 0.0
            for k in range(len(step)):
                moved = old[origin[k]] * step[k] / (parts * n)
                term[origin[k]] -= moved
                term[target[k]] += moved
                size += abs(moved)
            row += term
            if size < _LAST_TERM:
                break


@nb.njit(cache=True, error_model="numpy")
def _jump_slope(
    slope: Floats, row: Floats, origin: Ints, target: Ints, step: Floats, by: Floats
) -> None:
    """Move the slope ``(S, p)`` of a row, still as before the jump, over a jump, in place."""
    old = slope.copy()
    for k in range(len(step)):
        for j in range(slope.shape[1]):
            moved = old[origin[k], j] * step[k] + row[origin[k]] * by[k, j]
            slope[origin[k], j] -= moved
            slope[target[k], j] += moved


@nb.njit(cache=True, error_model="numpy")
def _flow_slope(
    slope: Floats, row: Floats, origin: Ints, target: Ints, step: Floats, by: Floats
) -> None:
    """Move the slope ``(S, p)`` of a row, still as before, over ``exp(dA)``, in place."""
    parts = _parts(step)
    now = row.copy()
    for _ in range(parts):
        term, bend = now.copy(), slope.copy()
        for n in range(1, _MOST_TERMS):
            old, old_bend = term.copy(), bend.copy()
            term[:] = 0.0
            bend[:] = 0.0
            size = 0.0
            for k in range(len(step)):
                f, g = origin[k], target[k]
                moved = old[f] * step[k] / (parts * n)
                term[f] -= moved
                term[g] += moved
                size += abs(moved)
                for j in range(slope.shape[1]):
                    bent = (old_bend[f, j] * step[k] + old[f] * by[k, j]) / (parts * n)
                    bend[f, j] -= bent
                    bend[g, j] += bent
                    size += abs(bent)
            now += term
            slope += bend
            if size < _LAST_TERM:
                break


@nb.njit(cache=True, error_model="numpy")
def _spread(covariance: Floats, row: Floats, origin: Ints, target: Ints, noise: Floats) -> None:
    """Add to the covariance ``(S, S)`` of a row what the noise ``(m, m)`` of a step brings."""
    m = len(origin)
    for k in range(m):
        if row[origin[k]] == 0.0:
            continue
        for j in range(m):
            value = noise[k, j] * row[origin[k]] * row[origin[j]]
            if value != 0.0:
                covariance[origin[k], origin[j]] += value
                covariance[origin[k], target[j]] -= value
                covariance[target[k], origin[j]] -= value
                covariance[target[k], target[j]] += value


@nb.njit(cache=True, error_model="numpy")
def _carry(
    covariance: Floats, origin: Ints, target: Ints, smooth: Floats, jump: Floats, both: bool
) -> None:
    """Carry a covariance ``(S, S)`` over a step: its second index, or both."""
    for a in range(covariance.shape[0]):
        _flow(covariance[a], origin, target, smooth)
        _jump(covariance[a], origin, target, jump)
    if both:
        for a in range(covariance.shape[0]):
            column = covariance[:, a].copy()
            _flow(column, origin, target, smooth)
            _jump(column, origin, target, jump)
            covariance[:, a] = column


@nb.njit(cache=True, error_model="numpy")
def _variance(slope: Floats, parameters: Floats, covariance: Floats, out: Floats) -> None:
    """Write ``J V J' + C`` into ``out`` ``(S, S)``."""
    if slope.shape[1] > 0:
        half = slope @ parameters
        out[:] = half @ slope.T + covariance
    else:
        out[:] = covariance


@nb.njit(cache=True, error_model="numpy")
def forward(  # noqa: C901
    initial: Floats,
    gaps: Floats,
    origin: Ints,
    target: Ints,
    smooth: Floats,
    jump: Floats,
    noise: Floats,
    slopes: Floats,
    jumping: NDArray[np.bool_],
    parameters: Floats,
    early: bool,
    stay: bool,
    values: Floats,
    variance: Floats,
    stays: Floats,
    stay_variance: Floats,
) -> None:
    """Fill probabilities ``(T, R, S)`` and covariances ``(T, R, S, S)``, and those of the stays.

    ``smooth``, ``jump`` are steps ``(T, m)``; ``noise`` ``(T, m, m)`` or ``(0, m, m)``; ``slopes``
    ``(T, m, p)`` steps by the parameters, ``p`` may be 0; ``jumping`` ``(m,)`` says which jump.
    ``early`` weighs noise by the probabilities before the step (Greenwood), else after (Aalen).
    """
    steps, rows, states = len(gaps), initial.shape[0], initial.shape[1]
    p = slopes.shape[2]
    for r in range(rows):
        row = initial[r].copy()
        slope, time_slope = np.zeros((states, p)), np.zeros((states, p))
        spread = np.zeros((states, states))
        between, lasting = np.zeros((states, states)), np.zeros((states, states))
        time = np.zeros(states)
        for t in range(steps):
            before, before_slope = row.copy(), slope.copy()
            if stay and len(noise) > 0:
                lasting += gaps[t] * (between + between.T) + gaps[t] ** 2 * spread
                between += gaps[t] * spread
            flowing = slopes[t].copy()
            for k in range(len(jumping)):
                if jumping[k]:
                    flowing[k] = 0.0
            if p > 0:
                _flow_slope(slope, row, origin, target, smooth[t], flowing)
            _flow(row, origin, target, smooth[t])
            if stay:
                time += gaps[t] * (before + row) / 2.0
                time_slope += gaps[t] * (before_slope + slope) / 2.0
            if p > 0:
                _jump_slope(slope, row, origin, target, jump[t], slopes[t] - flowing)
            _jump(row, origin, target, jump[t])
            if len(noise) > 0:
                _carry(spread, origin, target, smooth[t], jump[t], True)
                if stay:
                    _carry(between, origin, target, smooth[t], jump[t], False)
                _spread(spread, before if early else row, origin, target, noise[t])
            values[t, r] = row
            if len(variance) > 0:
                _variance(slope, parameters, spread, variance[t, r])
            if stay:
                stays[t, r] = time
                if len(stay_variance) > 0:
                    _variance(time_slope, parameters, lasting, stay_variance[t, r])


@nb.njit(cache=True, error_model="numpy")
def _back(column: Floats, origin: Ints, target: Ints, smooth: Floats, jump: Floats) -> None:
    """Multiply ``exp(dA) (I + dJ)`` by a column ``(S,)`` in place."""
    old = column.copy()
    for k in range(len(jump)):
        column[origin[k]] += jump[k] * (old[target[k]] - old[origin[k]])
    parts = _parts(smooth)
    term = np.empty_like(column)
    for _ in range(parts):
        term[:] = column
        for n in range(1, _MOST_TERMS):
            old = term.copy()
            term[:] = 0.0
            for k in range(len(smooth)):
                change = smooth[k] * (old[target[k]] - old[origin[k]]) / (parts * n)
                term[origin[k]] += change
            column += term
            if np.abs(term).max() < _LAST_TERM:
                break


@nb.njit(cache=True, error_model="numpy")
def backward(  # noqa: C901
    origin: Ints,
    target: Ints,
    smooth: Floats,
    jump: Floats,
    noise: Floats,
    early: bool,
    values: Floats,
    variance: Floats,
) -> None:
    """Fill probabilities ``(T + 1, S, S)`` to a fixed horizon, and their variances.

    ``values[t]`` is from just before step ``t`` to the last; ``values[T]`` is the identity.
    """
    steps, states, m = len(jump), values.shape[1], len(origin)
    now = np.eye(states)
    spread = np.zeros((states, states, states))  # by column of the probabilities
    values[steps] = now
    for t in range(steps - 1, -1, -1):
        after = now.copy()
        for j in range(states):
            column = now[:, j].copy()
            _back(column, origin, target, smooth[t], jump[t])
            now[:, j] = column
        values[t] = now
        if len(noise) == 0:
            continue
        for j in range(states):
            fresh = np.zeros((states, states))
            for k in range(m):
                gain = after[target[k], j] - after[origin[k], j]
                for h in range(m):
                    other = after[target[h], j] - after[origin[h], j]
                    fresh[origin[k], origin[h]] += noise[t, k, h] * gain * other
            if not early:
                spread[j] += fresh
            for a in range(states):
                _back(spread[j, a], origin, target, smooth[t], jump[t])
            for a in range(states):
                column = spread[j, :, a].copy()
                _back(column, origin, target, smooth[t], jump[t])
                spread[j, :, a] = column
            if early:
                spread[j] += fresh
            for a in range(states):
                variance[t, a, j] = spread[j, a, a]
