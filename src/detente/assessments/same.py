"""Whether two arms give every pair the same intensities, to the last bit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from detente.futures import Hold, Intervention, Offset, Scale

if TYPE_CHECKING:
    from detente.assessments.forecasts import Run


def same_intensities(run: Run, arm: str, reference: str) -> bool:
    """Whether nothing that distinguishes two arms enters an intensity of any pair.

    Then every future is the same in both. Otherwise a difference of zero only says that no
    sampled future differed.
    """
    mine, other = (Counter(run.arms[name]) for name in (arm, reference))
    return not any(_acts(run, item) for item in (mine - other) + (other - mine))


def _acts(run: Run, item: Intervention) -> bool:
    if isinstance(item, Offset):
        return bool(np.any(item.delta))
    if isinstance(item, Hold):
        return _felt(run, item.channel, (item.unit,))
    if isinstance(item, Scale) and item.factor == 1.0:
        return False
    return _felt(run, item.channel, item.units or run.situation.names)


def _felt(run: Run, channel: str, units: tuple[str, ...]) -> bool:
    """Whether a meeting of one of the pairs enters an intensity of a move between rungs.

    Directly, or by the meetings that it makes more likely. One draw tells: a coefficient that is
    not held at zero is zero in none.
    """
    system = run.compiled.system
    used = run.compiled.parameters[0].kernel_coef != 0.0
    if system.kernel_mask is not None:
        places = [run.situation.index(u) for u in units]
        used = used & np.any(system.kernel_mask[places] != 0.0, axis=0)
    names = [c.name for c in system.channels]
    reached: set[str] = set()
    left = {channel}
    while left:
        heard = np.array([bool(left & set(k.triggers)) for k in system.kernels])
        moved = {n for n, hears in zip(names, np.any(used[:, heard], axis=1), strict=True) if hears}
        left = moved - reached
        reached |= moved
    return any(c.source is not None for c in system.channels if c.name in reached)
