r"""Schoenfeld residuals and the moments of covariates over risk sets, on plain arrays.

The residual of an event is its covariates less their mean over those at risk, weighted by the
risks (Schoenfeld 1982, Biometrika 69: 239-241); Efron's form averages that mean over the tied.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@nb.njit(cache=True, error_model="numpy")
def risk_set_moments(  # noqa: C901
    x: Floats,
    risk: Floats,
    weight: Floats,
    start: Floats,
    stop: Floats,
    event: NDArray[np.bool_],
    by_start: Ints,
    by_stop: Ints,
    trend: Floats,
    efron: bool,
    residuals: Floats,
    moments: Floats,
) -> None:
    """Fill residuals ``(n, p)`` of rows with events; add to ``(3, p, p)`` of one stratum.

    ``moments`` are the sums over events of the variance of the covariates, times 1, ``trend`` and
    its square; ``trend`` ``(n,)`` is a function of the time of the row's event.
    """
    n, p = x.shape
    total, mean = 0.0, np.zeros(p)
    first, second = np.zeros(p), np.zeros((p, p))
    tied_first, tied_second = np.zeros(p), np.zeros((p, p))
    left = n - 1
    i = n - 1
    while i >= 0:
        time, low = stop[by_stop[i]], i
        while left >= 0 and start[by_start[left]] >= time:
            row = by_start[left]
            total -= risk[row]
            for a in range(p):
                first[a] -= risk[row] * x[row, a]
                for b in range(a + 1):
                    second[a, b] -= risk[row] * x[row, a] * x[row, b]
            left -= 1
        count, heavy, tied = 0, 0.0, 0.0
        tied_first[:] = 0.0
        tied_second[:] = 0.0
        slope = 0.0
        while low >= 0 and stop[by_stop[low]] == time:
            row = by_stop[low]
            total += risk[row]
            for a in range(p):
                first[a] += risk[row] * x[row, a]
                for b in range(a + 1):
                    second[a, b] += risk[row] * x[row, a] * x[row, b]
            if event[row]:
                count += 1
                heavy += weight[row]
                slope = trend[row]
                tied += risk[row]
                for a in range(p):
                    tied_first[a] += risk[row] * x[row, a]
                    for b in range(a + 1):
                        tied_second[a, b] += risk[row] * x[row, a] * x[row, b]
            low -= 1
        mean[:] = 0.0
        terms = count if efron else min(count, 1)
        for j in range(terms):
            share = j / count if efron else 0.0
            below = total - share * tied
            for a in range(p):
                centre = (first[a] - share * tied_first[a]) / below
                mean[a] += centre / terms
                for b in range(a + 1):
                    other = (first[b] - share * tied_first[b]) / below
                    value = (second[a, b] - share * tied_second[a, b]) / below - centre * other
                    value *= heavy / terms
                    moments[0, a, b] += value
                    moments[1, a, b] += value * slope
                    moments[2, a, b] += value * slope * slope
        for j in range(low + 1, i + 1):
            row = by_stop[j]
            if event[row]:
                residuals[row] = x[row] - mean
        i = low
