"""Intervals at risk of one transition each, in counting-process form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError, InputError
from detente.hazards.data.moves import Moves
from detente.hazards.data.prepare import (
    check_course,
    long_of_wide,
    named_by_moves,
    of_polars,
    refuse_rows,
    split_rows,
    wide_of_times,
)


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """A table with one row for each unit, stretch of time and transition at risk (long form).

    Parameters
    ----------
    table
        Columns ``id`` (unit), ``transition`` (name), ``start`` and ``stop`` (any one unit of
        time, ``start < stop``), ``event`` (1 if this transition happened at ``stop``), and
        covariates, constant over the row. Optional: ``from`` and ``to`` (states; the transition
        is ``from->to`` where no such column is given), ``entry`` (when the state was entered;
        else the start of the unbroken run of rows with no event before the last), ``weight``
        (positive; a row counts that often) and ``offset`` (added to the log hazard). A factor is
        text, or a ``polars.Enum`` whose first level is the reference.
    moves
        The legal moves. With them the course of every unit is checked too, a table with ``from``
        and ``to`` takes its transitions from them, and one without takes ``from`` and ``to``.

    Raises
    ------
    DataError
        Names the first row that breaks a rule: a missing or infinite time, ``start`` not before
        ``stop``, overlapping rows; with ``moves`` an illegal move, a unit in two states at once, a
        change of state without its event, time at risk after the event that ended it.
    """

    table: pl.DataFrame
    moves: Moves | None = None

    def __post_init__(self) -> None:
        """Complete and validate the table."""
        table = _named(of_polars(self.table, "intervals table"), self.moves)
        columns = {c.name: c for c in table.get_columns()} | _typed(table)
        order, fresh = _sequence(columns)
        if "entry" not in columns:
            columns["entry"] = _entry(columns, order, fresh)
        columns["event"] = _validated(columns, order, fresh)
        table = pl.DataFrame(list(columns.values()))
        if self.moves is not None:
            check_course(table)
        object.__setattr__(self, "table", table)

    @classmethod
    def from_wide(cls, table: pl.DataFrame, moves: Moves) -> Intervals:
        """Intervals of a table with one row for each stay in a state, or part of one.

        Parameters
        ----------
        table
            Columns ``id``, ``from``, ``to`` (the state moved to at ``stop``; missing or empty if
            none), ``start``, ``stop``, and covariates. A stay in an absorbing state is at no risk.
        moves
            The legal moves; a row is at risk of every move out of its state.
        """
        return cls(long_of_wide(table, moves), moves)

    @classmethod
    def from_times(
        cls,
        table: pl.DataFrame,
        moves: Moves,
        *,
        time: Mapping[str, str],
        status: Mapping[str, str],
        start: str | None = None,
        since: str | float = 0.0,
        keep: Sequence[str] | None = None,
    ) -> Intervals:
        """Intervals of a table with one row for each unit and a column of times for each state.

        Parameters
        ----------
        table
            One row a unit; ``id`` is numbered from 1 where there is no such column.
        moves
            Moves without a cycle.
        time, status
            For each state that can be entered, the column of the time at which it was, or at
            which the unit was lost to sight, and the column that says which: 1 entered, 0 lost.
            Of two states entered at the same time the first in ``moves`` counts.
        start
            The state at the beginning, or a column of it; the first state if left out.
        since
            The time of the beginning, or a column of it.
        keep
            Columns to keep as covariates, all others if left out.
        """
        wide = wide_of_times(table, moves, time, status, start, since, keep)
        return cls.from_wide(wide, moves)

    def of(self, transition: str) -> pl.DataFrame:
        """Rows at risk of one transition."""
        return self.table.filter(pl.col("transition") == transition)

    def events(self) -> pl.DataFrame:
        """Count intervals, events and exposure by transition."""
        return (
            self.table.group_by("transition", maintain_order=True)
            .agg(
                pl.len().alias("intervals"),
                pl.col("event").sum().alias("events"),
                (pl.col("stop") - pl.col("start")).sum().alias("exposure"),
            )
            .sort("transition")
        )

    @property
    def has_states(self) -> bool:
        """Whether the states of every row are known."""
        return self.moves is not None or {"from", "to"} <= set(self.table.columns)

    def legal_moves(self) -> Moves:
        """The moves given, or else those that the columns ``from`` and ``to`` list.

        Raises
        ------
        DataError
            If there are neither.
        """
        if self.moves is not None:
            return self.moves
        if not self.has_states:
            raise DataError("the intervals table has no states: give `moves`, or `from` and `to`")
        return Moves.of_table(self.table)

    def event_table(self) -> pl.DataFrame:
        """Count moves: a row for each state left, a column for each entered.

        Columns: ``from``, one for each state, ``no event`` (stays that end unseen), ``total
        entering`` (stays; for an absorbing state the moves into it).
        """
        moves = self.legal_moves()
        stays = self.table.select("id", pl.col("from").cast(pl.String), "entry").unique()
        entered = dict(stays.group_by("from").len().iter_rows())
        counts = dict(self.table.group_by("transition").agg(pl.col("event").sum()).iter_rows())
        happened = {
            a: int(counts.get(n, 0)) for a, n in zip(moves.arrows, moves.names, strict=True)
        }
        rows: list[dict[str, str | int]] = []
        for state in moves.states:
            row = {to: happened.get((state, to), 0) for to in moves.states}
            into = sum(n for (_, to), n in happened.items() if to == state)
            total = into if state in moves.absorbing else int(entered.get(state, 0))
            ends = {"no event": total - sum(row.values()), "total entering": total}
            rows.append({"from": state, **row, **ends})
        return pl.DataFrame(rows)

    def split_at(
        self, times: Sequence[float], *, clock: Literal["forward", "reset"] = "forward"
    ) -> Intervals:
        """Cut rows at given times; a column ``time`` then holds the clock at the end of each row.

        A function of time enters a formula by that column: ``x:np.log(time)``. Cut at every time
        of an event, this is survival's ``tt()``; a coarser cut takes the function as a step.

        Parameters
        ----------
        times
            Where to cut.
        clock
            ``forward``: times on the table's axis; ``reset``: since the state was entered.

        Examples
        --------
        >>> import polars as pl
        >>> from detente.hazards import Intervals
        >>> rows = pl.DataFrame({"id": [1], "transition": ["a->b"], "start": [0.0],
        ...     "stop": [3.0], "event": [1]})
        >>> Intervals(rows).split_at([1.0, 2.0]).table["time"].to_list()
        [1.0, 2.0, 3.0]
        """
        if clock not in ("forward", "reset"):
            raise InputError(f'the clock is "forward" or "reset", not {clock!r}')
        return Intervals(split_rows(self.table, times, clock), self.moves)


_REQUIRED = ("id", "transition", "start", "stop", "event")
_NUMBERS = ("start", "stop", "event", "entry", "weight", "offset")
# Integers that lie in a span as narrow as this number the units as they are.
_SPREAD = 1 << 31


Columns = dict[str, pl.Series]


def _named(table: pl.DataFrame, moves: Moves | None) -> pl.DataFrame:
    """Give every row the name of its transition."""
    if moves is not None:
        return named_by_moves(table, moves)
    if "transition" not in table.columns and {"from", "to"} <= set(table.columns):
        name = pl.concat_str(pl.col("from"), pl.lit("->"), pl.col("to"))
        return table.with_columns(name.alias("transition"))
    return table


def _typed(table: pl.DataFrame) -> Columns:
    """Columns that rules are about, as text and numbers."""
    missing = set(_REQUIRED) - set(table.columns)
    if missing:
        raise DataError(f"the intervals table lacks the columns {sorted(missing)}")
    numbers = {c: table[c] for c in _NUMBERS if c in table.columns}
    for name, column in numbers.items():
        dtype = column.dtype
        if not (dtype.is_numeric() or dtype == pl.Boolean or dtype == pl.Null):
            raise DataError(f"the column {name!r} of the intervals table must hold numbers")
    columns = {name: column.cast(pl.Float64) for name, column in numbers.items()}
    return columns | {"transition": table["transition"].cast(pl.String)}


def _sequence(columns: Columns) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows by unit, transition and start, and which of them is the first of its unit there."""
    # Codes need no sorting of text, as ranks do.
    moves = columns["transition"].cast(pl.Categorical).to_physical()
    if moves.null_count():
        moves = moves.cast(pl.Int64).fill_null(-1)
    move, start = moves.to_numpy(), columns["start"].to_numpy()
    unit = _unit_codes(columns["id"]) * (int(move.max(initial=0)) + 2) + move
    # Tables mostly have the rows of a unit in order, which this sort is quick to see.
    order = np.argsort(unit, kind="stable")
    fresh = np.diff(unit[order], prepend=-1) != 0
    if (~fresh[1:] & (np.diff(start[order]) < 0)).any():
        order = np.lexsort((start, unit))
    return order, fresh


def _unit_codes(ids: pl.Series) -> NDArray[np.int64]:
    """A number for each unit, in the order of the units."""
    whole = ids.cast(pl.Int64, strict=False) if ids.dtype.is_integer() else None
    if whole is not None and len(whole) and not whole.null_count():
        codes = whole.to_numpy()
        low, high = int(codes.min()), int(codes.max())
        if high - low < _SPREAD:
            return codes - low
    return ids.rank("dense").fill_null(0).cast(pl.Int64).to_numpy()


def _entry(columns: Columns, order: NDArray[np.int64], fresh: NDArray[np.bool_]) -> pl.Series:
    """Take the start of the unbroken run of rows as the entry; an event ends a run."""
    start, stop, event = (columns[c].to_numpy()[order] for c in ("start", "stop", "event"))
    broken = fresh.copy()
    broken[1:] |= (start[1:] != stop[:-1]) | (event[:-1] == 1)
    entry = np.empty(len(order))
    entry[order] = start[np.maximum.accumulate(np.where(broken, np.arange(len(order)), 0))]
    # In the chunks of the table: polars copies a whole table whose columns differ in theirs.
    ends = np.cumsum(columns["start"].chunk_lengths())[:-1]
    return pl.concat([pl.Series("entry", part) for part in np.split(entry, ends)], rechunk=False)


def _validated(columns: Columns, order: NDArray[np.int64], fresh: NDArray[np.bool_]) -> pl.Series:
    """Refuse rows that break a rule; the events, as whole numbers."""
    if columns["id"].null_count() or columns["transition"].null_count():
        absent = columns["id"].is_null() | columns["transition"].is_null()
        refuse_rows("id and transition must not be missing", absent.to_numpy())
    # What is missing is NaN here, and no comparison with it holds.
    start, stop, entry, event = (columns[c].to_numpy() for c in ("start", "stop", "entry", "event"))
    held = {
        "start and stop must be finite": np.isfinite(start) & np.isfinite(stop),
        "start must be before stop": start < stop,
        "entry must be finite, and not after start": np.isfinite(entry) & (entry <= start),
        "event must be 0 or 1": (event == 0) | (event == 1),
    }
    if "weight" in columns:
        weight = columns["weight"].to_numpy()
        held["weight must be positive and finite"] = np.isfinite(weight) & (weight > 0)
    if "offset" in columns:
        held["offset must be finite"] = np.isfinite(columns["offset"].to_numpy())
    for rule, rows in held.items():
        refuse_rows(rule, ~rows)
    overlap = np.zeros(len(order), dtype=np.bool_)
    overlap[order[1:]] = ~fresh[1:] & (start[order[1:]] < stop[order[:-1]])
    refuse_rows(
        "intervals of a unit must not overlap on one transition (two things at risk at once need "
        "an `id` each; what they share is a cluster)",
        overlap,
    )
    return pl.Series("event", event.astype(np.int8))
