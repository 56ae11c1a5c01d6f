"""The rows of one transition as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.hazards.model.baselines import Baseline

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows of one transition, split at the cuts of its baseline.

    ``x`` is ``(n, p)`` with ``columns`` its places in the coefficient vector; ``shapes`` ``(k,)``
    are those of the baseline's shape parameters; ``effects`` are the places in the dense part of
    each row's level of the walk and of a joint frailty, ``frailty`` its level of one that is
    eliminated, or ``None``. Rows of a Cox baseline are in the order in which they leave the risk
    set, and what its stratum says is taken off the covariates.
    """

    name: str
    baseline: Baseline
    x: Floats
    columns: Ints
    shapes: Ints
    start: Floats
    stop: Floats
    event: Floats
    weight: Floats
    offset: Floats
    effects: tuple[Ints, ...]
    frailty: Ints | None
    rows: Ints
