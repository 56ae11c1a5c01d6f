"""A panel: rows of a unit of analysis and the features joined to them, computed when collected."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.core.errors import DataError, InputError, UnknownNameError
from detente.panels import coverage, recipe, tables, writing
from detente.panels.events import DATASETS, check_events
from detente.panels.given import given_pair, given_states, given_years
from detente.panels.registry import Feature, feature
from detente.panels.rows import rows, streamed_rows
from detente.panels.steps import Add, AtRisk, Lag, Step
from detente.panels.subsets import check_subset
from detente.panels.systems import MEMBERSHIPS, check_years
from detente.panels.units import UNITS, Frame, System
from detente.sources.citations import Citation, citations

if TYPE_CHECKING:
    import pandas as pd

Pair = tuple[int | str, int | str]


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel that is not computed yet: its frame of rows and the steps done to them.

    Every method returns a new panel. Made by :func:`panel`.
    """

    frame: Frame
    steps: tuple[Step, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order: the keys, then those added."""
        added = [name for step in self.steps for name in step.names(self.frame)]
        return (*self.frame.keys, *added)

    @property
    def features(self) -> tuple[Feature, ...]:
        """The features added, in order, each once."""
        return tuple({s.feature.name: s.feature for s in self.steps if isinstance(s, Add)}.values())

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of the datasets the panel is made of, that of its rows first."""
        used = [MEMBERSHIPS[self.frame.system].dataset, *coverage.subset_datasets(self.frame)]
        used += [n for s in self.steps if isinstance(s, Add) for n in s.datasets(self.frame)]
        unit = self.frame.unit
        if unit.event:
            used.append(DATASETS[unit.event])
        if unit.actors in ("leader", "leader-dyad"):
            used.append("leaders")
        bridged = unit.actors in ("leader", "leader-dyad") and self.frame.system == "cow"
        if bridged or (self.frame.system == "gw" and len(self.features)):
            used.append("gw_cow")
        return tuple(dict.fromkeys(used))

    def add(
        self,
        *names: str,
        fill: object = None,
        only: Iterable[str] | None = None,
        **options: Any,
    ) -> Panel:
        """Join features.

        Parameters
        ----------
        *names
            Registered features; see :func:`detente.panels.all_features`.
        fill
            What to write for null: a value for every column added, or a mapping by column. Without
            it a null stays: a source that does not cover a row says nothing of it.
        only
            The columns to keep, of those the features have.
        **options
            Options of the features named, such as ``rules`` of ``gml_disputes``.

        Raises
        ------
        UnknownNameError
            If no such feature is registered; the message names the nearest.
        InputError
            If a feature does not apply to the unit, is already there, or takes no such option.
        """
        kept = None if only is None else tuple(only)
        made = self
        for name in names:
            made = made._added(feature(name), fill, kept, options)
        for name in kept or ():
            if name not in made.columns:
                fresh = [each for each in made.columns if each not in self.columns]
                raise UnknownNameError("column", name, fresh)
        return made

    def _added(
        self,
        new: Feature,
        fill: object,
        only: tuple[str, ...] | None,
        options: Mapping[str, Any],
    ) -> Panel:
        new.check_unit(self.frame.unit)
        full = new.with_defaults(options)
        step = Add(new, full, only=only)
        fresh = step.names(self.frame)
        if not fresh:
            return self
        for name in fresh:
            if name in self.columns:
                raise InputError(
                    f"feature {new.name!r} adds column {name!r}, which is already there: add a "
                    f"feature once, or give it other options"
                )
        filled = dataclasses.replace(step, fill=_fills(fill, fresh))
        return dataclasses.replace(self, steps=(*self.steps, filled))

    def lag(self, *columns: str, years: int = 1) -> Panel:
        """Add columns as they were ``years`` calendar years before, as ``name_lagN``.

        The value is that of the source in the earlier year, whether or not the panel has a row
        there; columns that are counted from the panel's own rows (peace years) need such a row.

        Raises
        ------
        UnknownNameError
            If a column is not in the panel.
        InputError
            If ``years`` is not positive.
        """
        if years < 1:
            raise InputError(f"lag of {years} years: give 1 or more")
        made = self
        for step in self._sources(columns):
            chosen, source = step
            made = dataclasses.replace(made, steps=(*made.steps, Lag(chosen, years, source)))
        return made

    def _sources(self, columns: Iterable[str]) -> list[tuple[tuple[str, ...], Add | None]]:
        found: dict[int, tuple[list[str], Add | None]] = {}
        for name in columns:
            if name not in self.columns or name in self.frame.keys:
                raise UnknownNameError("column", name, set(self.columns) - set(self.frame.keys))
            at = next(i for i, step in enumerate(self.steps) if name in step.names(self.frame))
            step = self.steps[at]
            shiftable = isinstance(step, Add) and step.feature.shiftable
            found.setdefault(at, ([], step if shiftable and isinstance(step, Add) else None))
            found[at][0].append(name)
        return [(tuple(names), source) for names, source in found.values()]

    def at_risk(self, onset: str | None = None, ongoing: str | None = None) -> Panel:
        """Keep the rows that can have an onset: drop those in which an event goes on from before.

        Parameters
        ----------
        onset, ongoing
            Columns of 0 and 1. Where the panel has one pair ``...onset`` and ``...ongoing``, it is
            found by itself.
        """
        names = set(self.columns)
        if onset is None:
            stems = [name.removesuffix("onset") for name in self.columns if name.endswith("onset")]
            pairs = [f"{stem}onset" for stem in stems if f"{stem}ongoing" in names]
            if len(pairs) != 1:
                raise InputError(
                    f"at_risk: name the onset column (the panel has {pairs or 'none'})"
                )
            onset = pairs[0]
        ongoing = ongoing or f"{onset.removesuffix('onset')}ongoing"
        for name in (onset, ongoing):
            if name not in names:
                raise UnknownNameError("column", name, names)
        return dataclasses.replace(self, steps=(*self.steps, AtRisk(onset, ongoing)))

    def lazy(self) -> pl.LazyFrame:
        """Return the panel as a polars query whose rows are made in batches as it is read."""
        return self._query(streamed_rows(self.frame, tables.table))

    def _query(self, panel: pl.LazyFrame) -> pl.LazyFrame:
        if self.steps and self.frame.unit.period == "day":
            panel = panel.with_columns(pl.col("date").dt.year().alias("year"))
        for step in self.steps:
            panel = step.apply(panel, self.frame, tables.table)
        return panel.select(self.columns) if self.steps else panel

    def collect(self) -> pl.DataFrame:
        """Compute the panel, sorted by its keys.

        Raises
        ------
        UnavailableError, ChecksumError
            If a dataset is not here, or has other bytes than the registered ones.
        DataError
            If a step changed the number of rows that it should have kept.
        """
        keys = rows(self.frame, tables.table)
        found = self._query(keys.lazy()).collect()
        filtered = any(isinstance(step, AtRisk) for step in self.steps)
        if found.height > keys.height or (found.height < keys.height and not filtered):
            raise DataError(
                f"a panel of {keys.height} rows became one of {found.height}: a source has "
                f"duplicate rows; report this with the version of detente"
            )
        return found

    def to_pandas(self) -> pd.DataFrame:
        """Compute the panel as a pandas table; null numbers are NaN."""
        return writing.to_pandas(self.collect())

    def to_arrow(self) -> Any:
        """Compute the panel as an Arrow table; it needs ``pyarrow``."""
        return writing.to_arrow(self.collect())

    def cite(self) -> str:
        """Return the BibTeX of exactly the datasets that went in."""
        return "\n\n".join(entry.bibtex for entry in self.citations())

    def citations(self) -> tuple[Citation, ...]:
        """Return the citations of exactly the datasets that went in, each once."""
        return citations(self.datasets)

    def coverage(self) -> pl.DataFrame:
        """Return a row per column: its feature, years covered and seen, share missing, reasons."""
        return coverage.coverage(self, self.collect())

    def reasons(self, column: str) -> pl.DataFrame:
        """Say for each row why a column is null: the keys, the value and the reason.

        The reason is null where the value is there.
        """
        return coverage.reasons(self, self.collect(), column)

    def recipe(self, table: pl.DataFrame | None = None) -> str:
        """Return a TOML text that makes the panel again, with the hashes of its data.

        With the collected ``table`` it holds its rows and digest too. Read it with
        :func:`detente.panels.read_recipe`.
        """
        return recipe.write_recipe(self, table)

    def sink(self, path: str | Path) -> Path:
        """Write the panel to a Parquet, CSV, Stata or R file, by the ending of its name.

        Parquet and CSV are written as a stream: the memory needed does not grow with the rows.
        """
        return writing.sink(self, Path(path))


def panel(
    unit: str,
    *,
    years: tuple[int, int] | range,
    system: System = "cow",
    directed: bool = False,
    dyads: str | Iterable[Pair | str] = "all",
    states: Iterable[int | str] | None = None,
    extend: bool = False,
    members_only: bool = True,
) -> Panel:
    """Describe the rows of a panel; nothing is read before it is collected.

    Parameters
    ----------
    unit
        ``state-year``, ``state-month``, ``state-day``, ``dyad-year``, ``dyad-month``,
        ``dyad-day``, ``leader-day``, ``leader-year``, ``leader-dyad-year``, ``dispute-year`` or
        ``crisis-year``.
    years
        First and last calendar year, both inside; or a range of every year.
    system
        ``cow`` (Correlates of War) or ``gw`` (Gleditsch-Ward, with microstates). A row exists
        where its states are members on a day of the period, both on the same day for a pair.
    directed
        Both orders of each pair.
    dyads
        ``all``, ``relevant`` (contiguous, or one a major power), ``contiguous``, ``majors``,
        ``rivals``, or pairs such as ``(2, 365)`` or ``"USA-RUS"``.
    states
        The states to keep: codes, or such as ``"USA"`` where the system is ``cow``.
    extend
        Assume that the members of the record's last day stay members after it.
    members_only
        In panels of leaders, keep only days on which the state is a member of the system; False
        keeps leaders as Archigos has them.

    Returns
    -------
    Panel
        Without features; see :meth:`Panel.add`.

    Raises
    ------
    UnknownNameError
        If the unit, the system or the subset is unknown.
    InputError
        If the years are no pair, or outside the record of the system, the leaders or the events.

    Examples
    --------
    >>> p = panel("dyad-year", years=(1816, 2010), dyads="relevant").add("capabilities")
    >>> p.columns[:4]
    ('ccode1', 'ccode2', 'year', 'milex1')
    """
    if unit not in UNITS:
        raise UnknownNameError("unit", unit, UNITS)
    if system not in MEMBERSHIPS:
        raise UnknownNameError("state system", str(system), MEMBERSHIPS)
    frame = Frame(
        unit=UNITS[unit],
        years=given_years(years),
        system=system,
        directed=directed,
        dyads=dyads if isinstance(dyads, str) else tuple(given_pair(p, system) for p in dyads),
        states=None if states is None else given_states(states, system),
        extend=extend,
        members_only=members_only,
    )
    check_subset(frame)
    check_events(frame)
    check_years(frame)
    return Panel(frame)


def _fills(fill: object, fresh: tuple[str, ...]) -> dict[str, Any]:
    if fill is None:
        return {}
    if not isinstance(fill, Mapping):
        return dict.fromkeys(fresh, fill)
    for name in fill:
        if name not in fresh:
            raise UnknownNameError("column", str(name), fresh)
    return {str(name): value for name, value in fill.items()}
