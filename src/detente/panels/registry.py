"""What a feature of a panel is, and the registry of those this package can join.

A feature says its columns (with unit and meaning), where it comes from, the years and states it
covers, what a missing value means, and how it is joined. Outside its coverage a value is null.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from detente.core.errors import InputError, UnknownNameError
from detente.panels.tables import check_unique
from detente.panels.units import UNITS, Frame, System, Unit
from detente.sources.citations import Citation, citations

Level = Literal["state", "state-only", "dyad", "leader", "row"]
"""Whose property a column is.

``state``: of a state; in a panel of dyads it comes twice, with 1 and 2 after its name.
``state-only``: of a state, in panels of states and leaders alone. ``dyad``: of the pair, in panels
of dyads alone. ``leader``: of a leader, twice in leader-dyads. ``row``: once, in any panel.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a feature adds: its name, meaning, unit of measurement and level.

    ``dataset`` is the one that alone makes it, in a feature whose columns can be had one by one.
    """

    name: str
    meaning: str
    unit: str = ""
    level: Level = "state"
    dataset: str = ""

    def names_in(self, unit: Unit) -> tuple[str, ...]:
        """Return the names this column takes in a panel of this unit; none if it does not apply."""
        two = unit.actors in ("dyad", "leader-dyad")
        match self.level:
            case "row":
                return (self.name,)
            case "dyad":
                return (self.name,) if two else ()
            case "state-only":
                return () if two else (self.name,)
            case "state":
                return (f"{self.name}1", f"{self.name}2") if two else (self.name,)
            case "leader":
                if unit.actors == "leader-dyad":
                    return (f"{self.name}1", f"{self.name}2")
                return (self.name,) if unit.actors == "leader" else ()


@dataclass(frozen=True, slots=True)
class Context:
    """What a join knows of the panel beside its rows.

    ``table`` returns a dataset's table (:func:`detente.sources.load`, kept for the process).
    ``options`` holds the feature's options with their defaults filled in. ``datasets`` are those
    that the columns to keep need, or None for all of the feature's.
    """

    frame: Frame
    options: Mapping[str, Any]
    table: Callable[[str], pl.DataFrame] = field(repr=False)
    datasets: tuple[str, ...] | None = None

    @property
    def unit(self) -> Unit:
        """Unit of analysis of the panel."""
        return self.frame.unit

    @property
    def system(self) -> System:
        """State system of the panel: ``cow`` or ``gw``."""
        return self.frame.system

    @property
    def code(self) -> str:
        """Name of the state code of the panel's system, without 1 or 2."""
        return self.frame.code

    @property
    def sides(self) -> tuple[str, ...]:
        """Suffixes of the states of a row: ``("",)``, or ``("1", "2")`` in panels of pairs."""
        return self.unit.sides

    def unique(self, dataset: str, keys: tuple[str, ...]) -> pl.DataFrame:
        """Return a dataset's table after a check that no two rows share the keys.

        Raises
        ------
        DataError
            Naming the dataset and the first such row.
        """
        data = self.table(dataset)
        check_unique(data, keys, dataset)
        return data


OPEN = 9999
"""Last year of a feature that no source bounds."""

Join = Callable[[pl.LazyFrame, Context], pl.LazyFrame]


@dataclass(frozen=True, slots=True)
class Feature:
    """A group of columns that is joined to a panel in one step.

    Parameters
    ----------
    name, title
        How it is asked for, and what it is in a line.
    columns
        Every column it can add; see :class:`Column` for which of them a unit takes.
    datasets
        Names of the datasets (:func:`detente.sources.names`) it reads; they give its citations.
    years
        First and last calendar year covered, both inside. Values outside are null.
    states
        The states or pairs covered, in words.
    missing
        What a null inside the years means.
    join
        ``join(panel, context)`` gets a lazy table with the panel's key columns and ``year`` and
        whatever was added before, sorted by the keys, and returns the same rows in the same order
        with the columns of :meth:`names_in` added. ``detente.panels.joins`` holds the usual ones.
    options
        Options that ``Panel.add`` takes for this feature, with their defaults.
    units
        Names of the units it applies to; all that take one of its columns, if not given.
    shiftable
        True where the feature in another year needs that year alone (so that it can be lagged).
    named
        ``named(unit, options)`` returns the names of the columns where options decide them.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    datasets: tuple[str, ...]
    years: tuple[int, int]
    states: str
    missing: str
    join: Join
    options: Mapping[str, Any] = field(default_factory=dict)
    units: tuple[str, ...] | None = None
    shiftable: bool = True
    named: Callable[[Unit, Mapping[str, Any]], tuple[str, ...]] | None = None

    @property
    def span(self) -> str:
        """The years covered, in words."""
        first, last = self.years
        return "any" if last == OPEN else f"{first}-{last}"

    def applies_to(self, unit: Unit) -> bool:
        """Say whether the feature can be added to a panel of this unit."""
        allowed = self.units is None or unit.name in self.units
        return allowed and any(column.names_in(unit) for column in self.columns)

    @property
    def fits(self) -> tuple[str, ...]:
        """Names of the units of analysis it can be joined to."""
        return tuple(unit.name for unit in UNITS.values() if self.applies_to(unit))

    @property
    def measures(self) -> dict[str, tuple[str, ...]]:
        """Units of measurement, each with its columns; those of words, codes or flags have none."""
        units = dict.fromkeys(column.unit for column in self.columns if column.unit)
        return {unit: tuple(c.name for c in self.columns if c.unit == unit) for unit in units}

    def names_in(self, unit: Unit, options: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """Return the names of the columns it adds to a panel of this unit, in order.

        Columns of the first state come before those of the second. With ``named`` the options
        decide.
        """
        if self.named is not None:
            return self.named(unit, self.with_defaults(options or {}))
        groups = [column.names_in(unit) for column in self.columns]
        return tuple(names[at] for at in range(2) for names in groups if len(names) > at)

    def datasets_for(self, unit: Unit, only: tuple[str, ...] | None) -> tuple[str, ...]:
        """Return the datasets that these columns of a panel of this unit need (all, if None)."""
        if only is None or self.named is not None:
            return self.datasets
        needed = {c.dataset for c in self.columns if not set(only).isdisjoint(c.names_in(unit))}
        return self.datasets if "" in needed else tuple(n for n in self.datasets if n in needed)

    def with_defaults(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options in full; refuse those the feature does not have."""
        for name in options:
            if name not in self.options:
                known = ", ".join(self.options) or "none"
                raise InputError(f"feature {self.name!r} has no option {name!r}: it takes {known}")
        return {**self.options, **options}

    def cite(self) -> tuple[Citation, ...]:
        """Return the citations of the datasets it reads."""
        return citations(self.datasets)

    def check_unit(self, unit: Unit) -> None:
        """Refuse a panel of a unit the feature does not apply to.

        Raises
        ------
        InputError
            Naming the units it does apply to.
        """
        if not self.applies_to(unit):
            raise InputError(
                f"feature {self.name!r} does not apply to {unit.name}: it applies to "
                f"{', '.join(self.fits)}"
            )


_REGISTRY: dict[str, Feature] = {}

_LATER = ("detente.histories.meeting_features",)
"""Modules of later folders that register features made from what is known there."""


def register(feature: Feature) -> Feature:
    """Add a feature to the registry and return it."""
    if feature.name in _REGISTRY:
        raise ValueError(f"feature {feature.name!r} is registered twice")
    _REGISTRY[feature.name] = feature
    return feature


def feature(name: str) -> Feature:
    """Look a feature up by name.

    Raises
    ------
    UnknownNameError
        If no such feature is registered; the message names the nearest.
    """
    if name not in _REGISTRY:
        _load_later()
    try:
        return _REGISTRY[name]
    except KeyError:
        raise UnknownNameError("feature", name, _REGISTRY) from None


def all_features() -> tuple[Feature, ...]:
    """Return the registered features, sorted by name."""
    _load_later()
    return tuple(_REGISTRY[name] for name in sorted(_REGISTRY))


def _load_later() -> None:
    """Import the modules of later folders that register features."""
    for module in _LATER:
        importlib.import_module(module)
