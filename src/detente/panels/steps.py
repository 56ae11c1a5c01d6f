"""What is done to the rows of a panel, step by step, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import polars as pl

from detente.panels.registry import Context, Feature
from detente.panels.units import Frame

Tables: TypeAlias = Callable[[str], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Add:
    """Join a feature: all its columns, or ``only`` some; ``fill`` is what to write for null."""

    feature: Feature
    options: Mapping[str, Any] = field(default_factory=dict)
    fill: Mapping[str, Any] = field(default_factory=dict)
    only: tuple[str, ...] | None = None

    def names(self, frame: Frame) -> tuple[str, ...]:
        """Return the columns it adds."""
        names = self.feature.names_in(frame.unit, self.options)
        return names if self.only is None else tuple(n for n in names if n in self.only)

    def datasets(self, frame: Frame) -> tuple[str, ...]:
        """Return the datasets that its columns need."""
        return self.feature.datasets_for(frame.unit, self.only)

    def apply(self, panel: pl.LazyFrame, frame: Frame, tables: Tables) -> pl.LazyFrame:
        """Return the panel with the feature's columns."""
        context = Context(frame, self.options, tables, self.datasets(frame))
        joined = self.feature.join(panel, context)
        if self.only is not None:
            names = self.feature.names_in(frame.unit, self.options)
            joined = joined.drop([n for n in names if n not in self.only], strict=False)
        return joined.with_columns(pl.col(name).fill_null(v) for name, v in self.fill.items())


@dataclass(frozen=True, slots=True)
class Lag:
    """Add columns as they were ``years`` calendar years before, as ``name_lagN``.

    ``source`` is the step that added them: it is joined again for the earlier year, so that a row
    needs no row before it. Where it is None the earlier row of the same unit is looked up.
    """

    columns: tuple[str, ...]
    years: int
    source: Add | None

    def names(self, frame: Frame) -> tuple[str, ...]:
        """Return the columns it adds."""
        del frame
        return tuple(f"{name}_lag{self.years}" for name in self.columns)

    def apply(self, panel: pl.LazyFrame, frame: Frame, tables: Tables) -> pl.LazyFrame:
        """Return the panel with the earlier values."""
        fresh = dict(zip(self.columns, self.names(frame), strict=True))
        if self.source is None:
            return self._earlier_row(panel, frame, fresh)
        added = self.source.names(frame)
        here = set(panel.collect_schema().names())
        kept = {name: f"__kept_{name}" for name in added if name in here}
        earlier = self.source.apply(_moved(panel.rename(kept), frame, -self.years), frame, tables)
        lagged = earlier.rename(fresh).drop([name for name in added if name not in fresh])
        back = _moved(lagged, frame, self.years) if frame.unit.period != "day" else lagged
        if frame.unit.period == "day":
            back = back.drop("date", "year").rename({"__date": "date", "__year": "year"})
        return back.rename({aside: name for name, aside in kept.items()})

    def _earlier_row(
        self, panel: pl.LazyFrame, frame: Frame, fresh: Mapping[str, str]
    ) -> pl.LazyFrame:
        keys = list(frame.keys)
        moved = [pl.col(key) for key in keys if key not in frame.unit.moments]
        if frame.unit.period == "day":
            later = [pl.col("date").dt.offset_by(f"{self.years}y")]
        else:
            later = [pl.col("year") + self.years, *map(pl.col, frame.unit.moments[1:])]
        values = [pl.col(name).alias(to) for name, to in fresh.items()]
        earlier = panel.select(*moved, *later, *values)
        if frame.unit.period == "day":
            # 29 February moves to the 28th, which is there already.
            earlier = earlier.unique(keys, keep="first", maintain_order=True)
        return panel.join(earlier, on=keys, how="left", maintain_order="left")


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Drop the rows in which an event goes on that began before: they cannot have an onset."""

    onset: str
    ongoing: str

    def names(self, frame: Frame) -> tuple[str, ...]:
        """Return the columns it adds: none."""
        del frame
        return ()

    def apply(self, panel: pl.LazyFrame, frame: Frame, tables: Tables) -> pl.LazyFrame:
        """Return the rows at risk; those whose state is not known (null) stay."""
        del frame, tables
        under_way = (pl.col(self.ongoing) == 1) & (pl.col(self.onset) != 1)
        return panel.filter(~under_way.fill_null(False))


Step: TypeAlias = Add | Lag | AtRisk


def _moved(panel: pl.LazyFrame, frame: Frame, years: int) -> pl.LazyFrame:
    """Move the rows by whole years; days are kept aside, as 29 February has no way back."""
    if frame.unit.period != "day":
        return panel.with_columns(pl.col("year") + years)
    return panel.with_columns(
        pl.col("date").alias("__date"),
        pl.col("year").alias("__year"),
        pl.col("date").dt.offset_by(f"{years}y"),
        pl.col("year") + years,
    )
