"""What an arm changes: frozen values, none of which consumes randomness.

Every channel keeps its own noise, so nature goes on after an intervention exactly as it would have
where nothing differs, and an intervention that changes nothing changes not one bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

__all__ = ["Cancel", "Hold", "Intervention", "Offset", "Scale"]


@dataclass(frozen=True, slots=True)
class Hold:
    """Force one firing of a channel, once, at a time.

    A transition that is held while the unit is not in its source rung (or has not joined) does
    nothing; such cases are counted in `Futures.voided`.

    Parameters
    ----------
    unit, channel
        Names.
    time
        Years, from t0 on.
    """

    unit: str
    channel: str
    time: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """Suppress every firing of a channel in the window [start, stop).

    Parameters
    ----------
    channel
        Name.
    units
        Names; empty means all units.
    start, stop
        Years.
    """

    channel: str
    units: tuple[str, ...] = ()
    start: float = -math.inf
    stop: float = math.inf


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiply a channel's intensity in the window [start, stop): a sustained opening or closing.

    Parameters
    ----------
    channel
        Name.
    units
        Names; empty means all units.
    factor
        Zero or more.
    start, stop
        Years.
    """

    channel: str
    units: tuple[str, ...] = ()
    factor: float = 1.0
    start: float = -math.inf
    stop: float = math.inf


@dataclass(frozen=True, slots=True)
class Offset:
    """Add to a channel's log intensity in the window [start, stop): hold a covariate elsewhere.

    Parameters
    ----------
    channel
        Name.
    units
        Names; empty means all units.
    delta
        On the log scale, finite; a tuple holds one value for each draw.
    start, stop
        Years.
    """

    channel: str
    units: tuple[str, ...] = ()
    delta: float | tuple[float, ...] = 0.0
    start: float = -math.inf
    stop: float = math.inf


Intervention = Hold | Cancel | Scale | Offset


def of_draw(item: Intervention, draw: int) -> Intervention:
    """Take an intervention's value in one draw."""
    if isinstance(item, Offset) and isinstance(item.delta, tuple):
        return replace(item, delta=item.delta[draw])
    return item


def varies(item: Intervention) -> bool:
    """Whether an intervention differs between draws."""
    return isinstance(item, Offset) and isinstance(item.delta, tuple)
