"""What is asked of a future of a unit: a first time."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Enter", "Leave", "Outcome"]


@dataclass(frozen=True, slots=True)
class Enter:
    """First time after t0 that the unit moves into `rungs` from outside them.

    A unit that is in `rungs` at t0 counts only once it has left and come back.

    Parameters
    ----------
    name
        Unique among the outcomes.
    rungs
        Names of rungs.
    """

    name: str
    rungs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """First time after t0 that the unit moves out of `rungs` and stays out for `lasting` years.

    The time is that of the leaving.  The simulation runs `lasting` years past the end of the grid,
    so every leaving within the grid is decided, none is censored.

    Parameters
    ----------
    name
        Unique among the outcomes.
    rungs
        Names of rungs.
    lasting
        Years, zero or more.
    """

    name: str
    rungs: tuple[str, ...]
    lasting: float = 0.0


Outcome = Enter | Leave
