"""Who is a member of a state system when, from the dates of the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from detente.core.errors import InputError
from detente.panels.units import CODES, Frame, System

Tables = Callable[[str], pl.DataFrame]
"""Returns a dataset's table by its name."""


@dataclass(frozen=True, slots=True)
class Membership:
    """The dataset with a system's spells of membership, and the days it covers."""

    dataset: str
    first: dt.date
    last: dt.date


MEMBERSHIPS: Mapping[System, Membership] = MappingProxyType(
    {
        "cow": Membership("cow_states", dt.date(1816, 1, 1), dt.date(2016, 12, 31)),
        "gw": Membership("gw_states", dt.date(1816, 1, 1), dt.date(2020, 12, 31)),
    }
)
"""The record of each system: a spell that ends on its last day was under way then."""


def members(frame: Frame, table: Tables) -> pl.DataFrame:
    """Return the spells of membership inside a frame's years: code, ``first``, ``last`` day.

    Both days are inside. With ``extend``, the members of the record's last day stay members.

    Raises
    ------
    InputError
        If the frame's years reach beyond the system's record.
    """
    record = MEMBERSHIPS[frame.system]
    check_years(frame)
    code = CODES[frame.system]
    start, stop = dt.date(frame.years[0], 1, 1), dt.date(frame.years[1], 12, 31)
    last = last_day("stop")
    if frame.extend:
        last = pl.when(last == record.last).then(pl.lit(stop)).otherwise(last)
    spells = table(record.dataset).select(
        code,
        pl.max_horizontal("start", pl.lit(start)).alias("first"),
        pl.min_horizontal(last, pl.lit(stop)).alias("last"),
    )
    chosen = spells.filter(pl.col("first") <= pl.col("last"))
    if frame.states is not None:
        unknown = sorted(set(frame.states) - set(table(record.dataset)[code]))
        if unknown:
            raise InputError(
                f"states {unknown} are not in the {frame.system} state system: give its codes"
            )
        chosen = chosen.filter(pl.col(code).is_in(list(frame.states)))
    return chosen.sort(code, "first")


def last_day(stop: str) -> pl.Expr:
    """Return the last day inside a spell from the first day outside it."""
    return (pl.col(stop).cast(pl.Int32) - 1).cast(pl.Date)


def check_years(frame: Frame) -> None:
    """Refuse years beyond the record of the system's members, or of the leaders or events.

    Raises
    ------
    InputError
        Naming the record's years.
    """
    record = MEMBERSHIPS[frame.system]
    first, last = frame.years
    if first < record.first.year:
        raise InputError(
            f"years {first}-{last}: the {frame.system} state system is recorded from "
            f"{record.first.year} on"
        )
    rows = _ROWS.get(frame.unit.event or frame.unit.actors)
    if rows is not None and not rows[1][0] <= first <= last <= rows[1][1]:
        raise InputError(
            f"years {first}-{last}: {rows[0]} of a {frame.unit.name} panel are recorded from "
            f"{rows[1][0]} to {rows[1][1]}"
        )
    if last > record.last.year and not frame.extend:
        raise InputError(
            f"years {first}-{last}: the record of the {frame.system} state system ends with "
            f"{record.last.year}; to assume that its members stay members, give extend=True "
            f"(--extend)"
        )


LEADER_YEARS = (1840, 2015)
"""First and last year with leaders."""

_LEADERS = ("leaders", LEADER_YEARS)
_ROWS: Mapping[str, tuple[str, tuple[int, int]]] = {
    "leader": _LEADERS,
    "leader-dyad": _LEADERS,
    "dispnum": ("disputes", (1816, 2010)),
    "crisno": ("crises", (1918, 2019)),
}
