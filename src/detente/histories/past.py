r"""Functions of a dyad's past: decayed counts of dated events.

For events at :math:`t_i` and a half-life :math:`h`,

.. math:: z(t^-) = \sum_{t_i < t} 2^{-(t - t_i)/h}

is the count just before :math:`t`: an event of the same day is not in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Wider than any span of days in the record, so that unit and day make one sortable key.
_SPAN = 10_000_000


def _key(unit: Ints, day: Ints) -> Ints:
    return unit.astype(np.int64) * _SPAN + day.astype(np.int64) + _SPAN // 2


def _accumulated(unit: Ints, day: Ints, half_life: float) -> Floats:
    """Decayed count just after every event, events sorted by unit and day."""
    total = np.empty(len(day))
    running, last_unit, last_day = 0.0, None, 0
    for i, (u, d) in enumerate(zip(unit.tolist(), day.tolist(), strict=True)):
        running = running * 0.5 ** ((d - last_day) / half_life) if u == last_unit else 0.0
        running += 1.0
        last_unit, last_day = u, d
        total[i] = running
    return total


def decayed_count(
    events: tuple[Ints, Ints], unit: Ints, known: Ints, at: Floats, *, half_life: float
) -> Floats:
    """Decayed count of the events before ``known``, carried to the time ``at``.

    Parameters
    ----------
    events
        Unit and day of every event, each ``(e,)``, in any order.
    unit, known, at
        ``(n,)``: the unit asked for, the day before which events count, the day (may be
        fractional, not before ``known``) to which they have decayed.
    half_life
        Days.

    Returns
    -------
    numpy.ndarray
        ``(n,)`` counts, zero where the unit has no earlier event.
    """
    order = np.lexsort((events[1], events[0]))
    who, when = events[0][order], events[1][order]
    total = _accumulated(who, when, half_life)
    place = np.searchsorted(_key(who, when), _key(unit, known), side="left") - 1
    found = (place >= 0) & (len(who) > 0)
    place = np.where(found, place, 0)
    if not len(who):
        return np.zeros(len(unit))
    found &= who[place] == unit
    age = np.where(found, at - when[place], 0.0)
    return np.where(found, total[place] * 0.5 ** (age / half_life), 0.0)


def days_since_last(events: tuple[Ints, Ints], unit: Ints, known: Ints) -> Floats:
    """Days from the last event before ``known``, ``inf`` where there is none, ``(n,)``."""
    order = np.lexsort((events[1], events[0]))
    who, when = events[0][order], events[1][order]
    if not len(who):
        return np.full(len(unit), np.inf)
    place = np.searchsorted(_key(who, when), _key(unit, known), side="left") - 1
    found = place >= 0
    place = np.where(found, place, 0)
    found &= who[place] == unit
    return np.where(found, (known - when[place]).astype(np.float64), np.inf)


def days_to_next(events: tuple[Ints, Ints], unit: Ints, known: Ints) -> Floats:
    """Days to the first event at or after ``known``, ``inf`` where there is none, ``(n,)``."""
    order = np.lexsort((events[1], events[0]))
    who, when = events[0][order], events[1][order]
    if not len(who):
        return np.full(len(unit), np.inf)
    place = np.searchsorted(_key(who, when), _key(unit, known), side="left")
    found = place < len(who)
    place = np.where(found, place, 0)
    found &= who[place] == unit
    return np.where(found, (when[place] - known).astype(np.float64), np.inf)
