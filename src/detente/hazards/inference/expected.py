"""Events expected under a fit, row by row: the stuff of calibration and of offsets."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from detente.hazards.data.intervals import Intervals
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.fitting.likelihood import expected_events
from detente.hazards.model.design import build_design

Floats = NDArray[np.float64]


def expected_by_row(
    fit: HazardFit, intervals: Intervals, *, without: Sequence[str] = ()
) -> dict[str, Floats]:
    """Cumulative intensity of every row at the mode, averaged over the frailties.

    Parameters
    ----------
    fit, intervals
        A fit and the intervals it was fitted on.
    without
        Patterns (fnmatch) of coefficients taken as zero.

    Returns
    -------
    dict
        For each transition the expected events of its rows, in the order of
        :meth:`Intervals.of`, ``(n,)``.
    """
    design = build_design(intervals, fit.spec)
    dense = fit.dense.copy()
    for i, name in enumerate(fit.names):
        if any(fnmatchcase(name, pattern) for pattern in without):
            dense[i] = 0.0
    out: dict[str, Floats] = {}
    every = expected_events(design, dense, fit.frailty, fit.frailty_variance)
    for block, expected in zip(design.blocks, every, strict=True):
        rows = intervals.of(block.name).height
        out[block.name] = np.bincount(block.rows, expected, rows).astype(np.float64)
    return out
