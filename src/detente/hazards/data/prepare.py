"""From tables as people keep them to intervals at risk, and the rules of a unit's course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError, InputError, UnknownNameError
from detente.hazards.data.moves import Moves

Floats = NDArray[np.float64]


def of_polars(table: object, what: str) -> pl.DataFrame:
    """Refuse tables of another kind."""
    if isinstance(table, pl.DataFrame):
        return table
    raise DataError(
        f"the {what} must be a polars DataFrame, not a {type(table).__name__} "
        "(`polars.from_pandas` makes one of pandas's)"
    )


def refuse_rows(rule: str, bad: NDArray[np.bool_], what: str = "intervals table") -> None:
    """Name the first row that breaks a rule."""
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(f"{rule}: row {row} of the {what} (from 0), {int(bad.sum())} in all")


def named_by_moves(table: pl.DataFrame, moves: Moves) -> pl.DataFrame:
    """Give every row its states and the name of its transition."""
    if {"from", "to"} <= set(table.columns):
        table = table.with_columns(pl.col("from", "to").cast(pl.String))
        legal = pl.DataFrame(
            [(a, b, n) for (a, b), n in zip(moves.arrows, moves.names, strict=True)],
            schema=dict.fromkeys(("from", "to", "transition"), pl.String),
            orient="row",
        )
        rest = table.drop("transition", strict=False)
        table = rest.join(legal, on=["from", "to"], how="left", maintain_order="left")
    elif "transition" in table.columns:
        names = pl.col("transition").cast(pl.String)
        start, to = (
            dict(zip(moves.names, s, strict=True)) for s in zip(*moves.arrows, strict=True)
        )
        table = table.with_columns(
            names.replace_strict(start, default=None, return_dtype=pl.String).alias("from"),
            names.replace_strict(to, default=None, return_dtype=pl.String).alias("to"),
        )
    else:
        raise DataError("the intervals table lacks the column 'transition', or 'from' and 'to'")
    unknown = table["from"].is_null() | table["transition"].is_null()
    refuse_rows("a transition must be a legal move", unknown.to_numpy())
    return table


def check_course(table: pl.DataFrame) -> None:
    """Refuse a unit in two states at once, a change without its event, risk after the event."""
    stays = (
        table.with_row_index("row")
        .sort("id", "start")
        .group_by("id", "from", "entry", maintain_order=True)
        .agg(
            pl.col("row").first(),
            pl.col("start").first(),
            pl.col("stop").max(),
            pl.col("event").sum().alias("events"),
            pl.col("stop").filter(pl.col("event") == 1).min().alias("left"),
            pl.col("to").filter(pl.col("event") == 1).first(),
        )
        .sort("id", "start", "stop")
    )
    _refuse_stays("a stay ends with one event", stays, pl.col("events") > 1)
    _refuse_stays(
        "a unit is not at risk after it left the state", stays, pl.col("left") < pl.col("stop")
    )
    latest = pl.col("stop").cum_max().over("id")
    holder = pl.when(pl.col("stop") == latest).then(pl.col("from")).forward_fill().over("id")
    stays = stays.with_columns(
        latest.shift(1).over("id").alias("until"), holder.shift(1).over("id").alias("was")
    )
    elsewhere = pl.col("was") != pl.col("from")
    _refuse_stays(
        "a unit must not be in two states at once",
        stays,
        (pl.col("start") < pl.col("until")) & elsewhere,
    )
    went = pl.col("to").shift(1).over("id")
    follows = pl.col("start") == pl.col("stop").shift(1).over("id")
    _refuse_stays(
        "a state that follows at once must be the one moved to",
        stays,
        follows & ((went != pl.col("from")) | (went.is_null() & elsewhere)),
    )


def _refuse_stays(rule: str, stays: pl.DataFrame, bad: pl.Expr) -> None:
    rows = stays.filter(bad.fill_null(value=False))["row"].sort()
    if len(rows):
        raise DataError(
            f"{rule}: row {rows[0]} of the intervals table (from 0), {len(rows)} in all"
        )


def long_of_wide(table: pl.DataFrame, moves: Moves) -> pl.DataFrame:
    """One row for each move out of the state of a row."""
    table = of_polars(table, "table of stays")
    missing = {"id", "from", "to", "start", "stop"} - set(table.columns)
    if missing:
        raise DataError(f"the table of stays lacks the columns {sorted(missing)}")
    to = pl.col("to").cast(pl.String)
    wide = table.with_columns(
        pl.col("from").cast(pl.String), pl.when(to != "").then(to).alias("__went")
    ).drop("to", "event", "transition", strict=False)
    states = set(moves.states)
    unknown = wide["from"].is_null() | ~wide["from"].is_in(list(states))
    refuse_rows("from must be one of the states", unknown.to_numpy(), "table of stays")
    arrows = pl.DataFrame(
        [(a, b, n) for (a, b), n in zip(moves.arrows, moves.names, strict=True)],
        schema=dict.fromkeys(("from", "to", "transition"), pl.String),
        orient="row",
    )
    went = pl.concat_str(pl.col("from"), pl.lit("\0"), pl.col("__went"))
    legal = [f"{a}\0{b}" for a, b in moves.arrows]
    illegal = wide.select((~went.is_in(legal)).fill_null(value=False)).to_series()
    refuse_rows(
        "a move must be legal (`to` is empty, or missing, where none was seen)",
        illegal.to_numpy(),
        "table of stays",
    )
    long = wide.join(arrows, on="from", how="inner", maintain_order="left_right")
    happened = (pl.col("to") == pl.col("__went")).fill_null(value=False)
    first = ("id", "from", "to", "transition", "start", "stop", "event")
    rest = (c for c in long.columns if c not in (*first, "__went"))
    return long.with_columns(happened.cast(pl.Int8).alias("event")).select(*first, *rest)


def wide_of_times(
    table: pl.DataFrame,
    moves: Moves,
    time: Mapping[str, str],
    status: Mapping[str, str],
    start: str | None,
    since: str | float,
    keep: Sequence[str] | None,
) -> pl.DataFrame:
    """One row for each stay, from one row for each unit."""
    table = of_polars(table, "table of times")
    if moves.cyclic:
        raise InputError("states that can be entered again need one row a stay: use `from_wide`")
    reached = {to for _, to in moves.arrows}
    for name, columns in (("time", time), ("status", status)):
        lacking = (reached - set(columns)) or (set(columns.values()) - set(table.columns))
        if lacking:
            raise DataError(f"no {name} column of the states, or in the table: {sorted(lacking)}")
    given = {"id", *time.values(), *status.values()}
    keep = [c for c in table.columns if c not in given] if keep is None else list(keep)
    for column in keep:
        if column not in table.columns:
            raise UnknownNameError("column", column, table.columns)
    at = {s: table[time[s]].cast(pl.Float64).fill_null(np.nan).to_numpy() for s in reached}
    hit = {s: _status(table, status[s]) for s in reached}
    state, now = _beginning(table, moves, start, since)
    parts = _stays(moves, at, hit, state, now)
    unit = table["id"] if "id" in table.columns else pl.Series("id", range(1, table.height + 1))
    base = table.select(keep).with_columns(unit.alias("id"))
    frames = [
        base[rows].with_columns(
            pl.lit(source).alias("from"),
            pl.Series("to", went, dtype=pl.String),
            pl.Series("start", begin),
            pl.Series("stop", end),
        )
        for source, rows, went, begin, end in parts
    ]
    order = ["id", *(c for c in base.columns if c != "id")]
    wide = pl.concat(
        [f.with_columns(pl.Series("__row", p[1])) for f, p in zip(frames, parts, strict=True)]
    )
    return wide.sort("__row", "start", maintain_order=True).select(
        "id", "from", "to", "start", "stop", *order[1:]
    )


def _status(table: pl.DataFrame, column: str) -> NDArray[np.bool_]:
    values = table[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
    refuse_rows(f"the status {column!r} must be 0 or 1", ~np.isin(values, [0.0, 1.0]), "table")
    return values == 1


def _beginning(
    table: pl.DataFrame, moves: Moves, start: str | None, since: str | float
) -> tuple[NDArray[np.object_], Floats]:
    first = moves.states[0] if start is None else start
    if first in moves.states:
        state = np.full(table.height, first, dtype=object)
    elif first in table.columns:
        state = np.array(table[first].cast(pl.String).to_list(), dtype=object)
        unknown = np.array([s not in moves.states for s in state], dtype=np.bool_)
        refuse_rows(f"{first!r} must hold states", unknown, "table")
    else:
        raise UnknownNameError("state or column", first, [*moves.states, *table.columns])
    if isinstance(since, str):
        if since not in table.columns:
            raise UnknownNameError("column", since, table.columns)
        return state, table[since].cast(pl.Float64).fill_null(np.nan).to_numpy().copy()
    return state, np.full(table.height, float(since))


_Stay = tuple[str, NDArray[np.int64], list[str | None], Floats, Floats]


def _stays(
    moves: Moves,
    at: dict[str, Floats],
    hit: dict[str, NDArray[np.bool_]],
    state: NDArray[np.object_],
    now: Floats,
) -> list[_Stay]:
    """Walk every unit from state to state, all units of a state at once."""
    parts: list[_Stay] = []
    while True:
        source = next((s for s in moves.states if s not in moves.absorbing and s in state), None)
        if source is None:
            return parts
        rows = np.flatnonzero(state == source)
        targets = [to for a, to in moves.arrows if a == source]
        times = np.column_stack([at[to][rows] for to in targets])
        events = np.column_stack([hit[to][rows] for to in targets])
        lost = np.any(~np.isfinite(times), axis=1)
        _refuse_units("a time is missing or infinite", rows, np.asarray(lost))
        end = times.min(axis=1)
        first = np.where(events & (times == end[:, None]), np.arange(len(targets)), len(targets))
        which = first.min(axis=1)
        late = (which == len(targets)) & events.any(axis=1)
        _refuse_units(f"one way out of {source!r} is lost to sight before another", rows, late)
        moved = which < len(targets)
        _refuse_units(
            f"{source!r} must be left after it is entered (of two moves at one time the second has "
            "to be put later, or the first left out)",
            rows,
            (end <= now[rows]) & moved,
        )
        seen = end > now[rows]
        went = [targets[w] if w < len(targets) else None for w in which]
        parts.append(
            (
                source,
                rows[seen],
                [w for w, s in zip(went, seen, strict=True) if s],
                now[rows][seen],
                end[seen],
            )
        )
        state[rows], now[rows] = went, end


def _refuse_units(rule: str, rows: NDArray[np.int64], bad: NDArray[np.bool_]) -> None:
    if bad.any():
        raise DataError(
            f"{rule}: row {int(rows[bad][0])} of the table (from 0), {int(bad.sum())} in all"
        )


def split_rows(table: pl.DataFrame, times: Sequence[float], clock: str) -> pl.DataFrame:
    """Cut rows at times of a clock; the event stays with the last part."""
    cuts = np.unique(np.asarray(times, dtype=np.float64))
    if not np.isfinite(cuts).all():
        raise InputError("the times to split at must be finite")
    zero = table["entry"].to_numpy() if clock == "reset" else np.zeros(table.height)
    start, stop = table["start"].to_numpy() - zero, table["stop"].to_numpy() - zero
    first = np.searchsorted(cuts, start, side="right")
    count = np.searchsorted(cuts, stop, side="left") - first + 1
    source = np.repeat(np.arange(len(start)), count)
    step = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    last = step == count[source] - 1
    edges = np.concatenate([cuts, [np.inf]])
    end = np.where(last, stop[source], edges[first[source] + step])
    begin = np.where(step == 0, start[source], edges[first[source] + step - 1])
    exact = table["stop"].to_numpy()[source], table["start"].to_numpy()[source]
    return table[source].with_columns(
        pl.Series("start", np.where(step == 0, exact[1], begin + zero[source])),
        pl.Series("stop", np.where(last, exact[0], end + zero[source])),
        pl.Series("event", np.where(last, table["event"].to_numpy()[source], 0)),
        pl.Series("time", end),
    )
