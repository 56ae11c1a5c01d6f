r"""Simultaneous confidence bands of a survival curve or a cumulative hazard.

With :math:`\hat\sigma^2(t)` the variance of the cumulative hazard and
:math:`a(t) = n\hat\sigma^2 / (1 + n\hat\sigma^2)`, the standardised error converges to a Brownian
bridge at :math:`a(t)`. A band of Hall and Wellner (1980, Biometrika 67: 133-143) bounds the bridge
by a constant, one of equal precision (Nair 1984, Technometrics 26: 265-275) by a multiple of its
standard deviation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize, stats

from detente.core.errors import InputError

Floats = NDArray[np.float64]

# Nodes of the quadratures; the integrands are smooth, so more change no digit that is shown.
_NODES, _BRIDGE_NODES = 40, 80
# Beyond this many standard deviations a normal density is nil.
_REACH = 9.0
_IMAGES = 20
_DIGITS = 1e-10


def hall_wellner_critical(level: float, low: float, high: float) -> float:
    r"""Value that :math:`\sup_{low \le a \le high} |B^0(a)|` of a Brownian bridge stays below.

    Exact to quadrature: given its ends, the bridge between them leaves a corridor with a
    probability that the method of images gives.

    Parameters
    ----------
    level
        Probability of staying below, in (0, 1).
    low, high
        Ends of the window of the bridge's time, ``0 <= low < high <= 1``.
    """
    _check(level, low, high)
    return _solve(lambda c: _bridge_stays(c, low, high) - level)


def equal_precision_critical(level: float, low: float, high: float) -> float:
    r"""Value that :math:`\sup |B^0(a)| / \sqrt{a(1 - a)}` over a window stays below.

    The standardised bridge is a stationary Ornstein-Uhlenbeck process in the log odds of ``a``.

    Parameters
    ----------
    level
        Probability of staying below, in (0, 1).
    low, high
        Ends of the window, ``0 < low < high < 1``.
    """
    _check(level, low, high)
    if low <= 0.0 or high >= 1.0:
        raise InputError("a band of equal precision needs a window inside (0, 1)")
    length = 0.5 * np.log(high * (1.0 - low) / (low * (1.0 - high)))
    return _solve(lambda d: _process_stays(d, length) - level)


def _check(level: float, low: float, high: float) -> None:
    if not 0.0 < level < 1.0 or not 0.0 <= low < high <= 1.0:
        raise InputError(f"a level and a window in [0, 1], not {level}, {low}, {high}")


def _solve(excess: Callable[[float], float]) -> float:
    root: Any = optimize.brentq(excess, 0.02, 12.0, xtol=_DIGITS)
    return float(root)


def _bridge_stays(c: float, low: float, high: float) -> float:
    first, last = _nodes(c, low), _nodes(c, high)
    x, y = first[0][:, None], last[0][None, :]
    density = np.ones((x.size, y.size))
    if low > 0.0:
        density = density * stats.norm.pdf(x, scale=np.sqrt(low * (1.0 - low)))
    if high < 1.0:
        share = (1.0 - high) / (1.0 - low)
        spread = np.sqrt((high - low) * (1.0 - high) / (1.0 - low))
        density = density * stats.norm.pdf(y, loc=x * share, scale=spread)
    span, width = high - low, 2.0 * c
    stays = np.zeros_like(density)
    for n in range(-_IMAGES, _IMAGES + 1):
        through = 2.0 * n * width * (n * width + y - x) / span
        mirrored = 2.0 * (x + c + n * width) * (y + c + n * width) / span
        stays += np.exp(-np.minimum(through, 700.0)) - np.exp(-np.minimum(mirrored, 700.0))
    return float(first[1] @ (density * stays) @ last[1])


def _nodes(c: float, time: float) -> tuple[Floats, Floats]:
    """Nodes and weights over what a bridge reaches at a time within the corridor."""
    if time in (0.0, 1.0):
        return np.zeros(1), np.ones(1)
    reach = min(c, _REACH * np.sqrt(time * (1.0 - time)))
    nodes, weights = np.polynomial.legendre.leggauss(_BRIDGE_NODES)
    return reach * nodes, reach * weights


def _process_stays(d: float, length: float) -> float:
    """Probability that an Ornstein-Uhlenbeck process stays within ``d`` for a length of time."""
    points, slope = _chebyshev(_NODES)
    generator = slope @ slope / d**2 - (points[:, None] * slope)
    inner = generator[1:-1, 1:-1]  # the process is killed at the ends
    stays = linalg.expm(length * inner) @ np.ones(len(points) - 2)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    values = np.r_[0.0, stays, 0.0]
    fitted = np.polynomial.chebyshev.Chebyshev.fit(points, values, len(points) - 1, domain=[-1, 1])
    return float(d * weights @ (stats.norm.pdf(d * nodes) * fitted(nodes)))


def _chebyshev(n: int) -> tuple[Floats, Floats]:
    """Points of Chebyshev on [-1, 1] and the matrix that differentiates on them."""
    points = np.cos(np.pi * np.arange(n + 1) / n)
    edge = np.r_[2.0, np.ones(n - 1), 2.0] * (-1.0) ** np.arange(n + 1)
    apart = points[:, None] - points[None, :] + np.eye(n + 1)
    matrix = np.outer(edge, 1.0 / edge) / apart
    return points, np.asarray(matrix - np.diag(matrix.sum(axis=1)), dtype=np.float64)
