"""Units of analysis: what one row of a panel is, and which rows a panel has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from detente.core.errors import InputError

System = Literal["cow", "gw"]
"""State systems: Correlates of War, and Gleditsch-Ward with microstates."""

Actors = Literal["state", "dyad", "leader", "leader-dyad"]
Period = Literal["year", "month", "day"]

CODES: Mapping[System, str] = MappingProxyType({"cow": "ccode", "gw": "gwcode"})
"""Name of the state code of each system."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of analysis: whose rows, by which period, and what else tells two rows apart.

    ``event`` names the identifier of the dispute or crisis, where the rows are those of events.
    """

    name: str
    actors: Actors
    period: Period
    event: str = ""

    @property
    def sides(self) -> tuple[str, ...]:
        """Suffixes of the states of a row: ``("",)``, or ``("1", "2")`` for pairs."""
        return ("1", "2") if self.actors in ("dyad", "leader-dyad") else ("",)

    @property
    def moments(self) -> tuple[str, ...]:
        """Columns that say when: ``year``; ``year, month``; ``date``."""
        return {"year": ("year",), "month": ("year", "month"), "day": ("date",)}[self.period]

    def keys(self, system: System) -> tuple[str, ...]:
        """Return the columns that tell the rows of a panel apart, in order."""
        codes = [f"{CODES[system]}{side}" for side in self.sides]
        people = (
            [f"obsid{side}" for side in self.sides]
            if self.actors in ("leader", "leader-dyad")
            else []
        )
        events = [self.event] if self.event else []
        return (*events, *people, *codes, *self.moments)


UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        unit.name: unit
        for unit in (
            Unit("state-year", "state", "year"),
            Unit("state-month", "state", "month"),
            Unit("state-day", "state", "day"),
            Unit("dyad-year", "dyad", "year"),
            Unit("dyad-month", "dyad", "month"),
            Unit("dyad-day", "dyad", "day"),
            Unit("leader-day", "leader", "day"),
            Unit("leader-year", "leader", "year"),
            Unit("leader-dyad-year", "leader-dyad", "year"),
            Unit("dispute-year", "dyad", "year", event="dispnum"),
            Unit("crisis-year", "dyad", "year", event="crisno"),
        )
    }
)
"""The units of analysis by name."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows of a panel, as asked for: a value that :mod:`detente.panels.rows` makes into rows.

    ``dyads`` is ``all``, ``relevant``, ``contiguous``, ``majors``, ``rivals`` or pairs of codes;
    ``states`` codes, or None for all. ``extend`` carries the membership at the end of the
    system's record on. Without ``members_only`` leaders' days outside membership count too.
    """

    unit: Unit
    years: tuple[int, int]
    system: System = "cow"
    directed: bool = False
    dyads: str | tuple[tuple[int, int], ...] = "all"
    states: tuple[int, ...] | None = None
    extend: bool = False
    members_only: bool = True

    @property
    def code(self) -> str:
        """Name of the state code, without 1 or 2."""
        return CODES[self.system]

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that tell the rows apart."""
        return self.unit.keys(self.system)

    def __post_init__(self) -> None:
        if len(self.years) != 2 or not self.years[0] <= self.years[1]:
            raise InputError(
                f"years {self.years}: give the first and the last year, in their order; both count"
            )
