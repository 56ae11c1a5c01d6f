"""Which pairs a panel keeps: relevant, contiguous, with a major power, rivals, or a list."""

from __future__ import annotations

import datetime as dt

import polars as pl

from detente.core.errors import InputError, UnknownNameError
from detente.panels.ranges import merged, overlaps, periods
from detente.panels.rivals import rivalry_years
from detente.panels.systems import Tables
from detente.panels.units import Frame

SUBSETS = ("all", "relevant", "contiguous", "majors", "rivals")
"""Names of subsets. ``relevant``: contiguous, or at least one is a COW major power."""

_RECORD_STOP = dt.date(2017, 1, 1)
_FOR_EVER = dt.date(9999, 1, 1)


def chosen_ranges(frame: Frame, pairs: pl.DataFrame, table: Tables) -> pl.DataFrame:
    """Cut the ranges of joint membership to those of the frame's subset.

    A period counts if the relation holds on a day of it. Years are the exception for contiguity:
    they have the type of their first spell in the yearly table.
    """
    if isinstance(frame.dyads, tuple):
        return _listed(frame, pairs)
    match frame.dyads:
        case "all":
            return pairs
        case "contiguous":
            parts = [_contiguous(frame, pairs, table)]
        case "majors":
            parts = _with_major(frame, pairs, table)
        case "relevant":
            parts = [_contiguous(frame, pairs, table), *_with_major(frame, pairs, table)]
        case "rivals":
            parts = [_rivals(frame, pairs, table)]
        case other:
            raise UnknownNameError("subset of dyads", other, SUBSETS)
    return merged(pl.concat(parts), _codes(frame))


def _codes(frame: Frame) -> tuple[str, str]:
    return f"{frame.code}1", f"{frame.code}2"


def _listed(frame: Frame, pairs: pl.DataFrame) -> pl.DataFrame:
    one, other = _codes(frame)
    wanted = {(min(pair), max(pair)) for pair in frame.dyads if isinstance(pair, tuple)}
    table = pl.DataFrame(sorted(wanted), schema={one: pl.Int32, other: pl.Int32}, orient="row")
    absent = table.join(pairs, on=[one, other], how="anti")
    if absent.height:
        pair = "-".join(map(str, absent.row(0)))
        raise InputError(
            f"dyad {pair} is on no day of {frame.years[0]}-{frame.years[1]} a pair of members of "
            f"the {frame.system} state system"
        )
    return pairs.join(table, on=[one, other], how="semi", maintain_order="left")


def _contiguous(frame: Frame, pairs: pl.DataFrame, table: Tables) -> pl.DataFrame:
    if frame.unit.period == "year":
        # The yearly table says which type a year takes in which the type changes.
        years = table("contiguity_years").filter(pl.col("type") > 0)
        if frame.extend:
            years = _carried(years, frame.years[1])
        spells = years.select(
            "ccode1",
            "ccode2",
            pl.date("year", 1, 1).alias("first"),
            pl.date("year", 12, 31).alias("last"),
        )
    else:
        spells = _days(frame, table("contiguity").select("ccode1", "ccode2", "start", "stop"))
    return _cut(frame, pairs, spells, table, ("ccode1", "ccode2"))


def _carried(years: pl.DataFrame, last: int) -> pl.DataFrame:
    """Repeat the record's last year until ``last``."""
    end = years.filter(pl.col("year") == _RECORD_STOP.year - 1)
    later = range(_RECORD_STOP.year, last + 1)
    return pl.concat([years, *(end.with_columns(pl.lit(y, pl.Int32).alias("year")) for y in later)])


def _with_major(frame: Frame, pairs: pl.DataFrame, table: Tables) -> list[pl.DataFrame]:
    spells = _days(frame, table("cow_majors").select("ccode", "start", "stop"))
    return [
        _cut(frame, pairs, spells.rename({"ccode": f"ccode{side}"}), table, (f"ccode{side}",))
        for side in ("1", "2")
    ]


def _rivals(frame: Frame, pairs: pl.DataFrame, table: Tables) -> pl.DataFrame:
    years = rivalry_years(table("rivalries").lazy()).collect()
    spells = years.select(
        "ccode1",
        "ccode2",
        pl.date("year", 1, 1).alias("first"),
        pl.date("year", 12, 31).alias("last"),
    )
    return _cut(frame, pairs, spells, table, ("ccode1", "ccode2"))


def _days(frame: Frame, spells: pl.DataFrame) -> pl.DataFrame:
    """Turn ``stop`` into the last day; a spell under way at the record's end goes on if asked."""
    stop = pl.col("stop")
    if frame.extend:
        stop = pl.when(stop == _RECORD_STOP).then(pl.lit(_FOR_EVER)).otherwise(stop)
    return spells.with_columns(
        pl.col("start").alias("first"), (stop.cast(pl.Int32) - 1).cast(pl.Date).alias("last")
    ).drop("start", "stop")


def _cut(
    frame: Frame, pairs: pl.DataFrame, spells: pl.DataFrame, table: Tables, on: tuple[str, ...]
) -> pl.DataFrame:
    """Return the overlap of the pairs with spells in COW codes; ``on`` are the codes they have."""
    if frame.system == "gw":
        for name in on:
            spells = _recoded(spells, name, table)
        on = tuple(name.replace("ccode", "gwcode") for name in on)
    if len(on) == 2:
        low, high = pl.min_horizontal(on), pl.max_horizontal(on)
        spells = spells.with_columns(low.alias(on[0]), high.alias(on[1]))
    ranges = merged(periods(spells, frame.unit.period), on)
    return overlaps(pairs, ranges, on).select(*_codes(frame), "first", "last")


def _recoded(spells: pl.DataFrame, name: str, table: Tables) -> pl.DataFrame:
    """Give spells the Gleditsch-Ward codes of their COW states, cut where the code changes."""
    years = (
        table("gw_cow")
        .drop_nulls()
        .select("gwcode", "ccode", pl.col("year").alias("first"), pl.col("year").alias("last"))
    )
    bridge = merged(years, ("gwcode", "ccode")).with_columns(
        pl.date("first", 1, 1).alias("first"), pl.date("last", 12, 31).alias("last")
    )
    gw = name.replace("ccode", "gwcode")
    coded = bridge.rename({"ccode": name, "gwcode": gw})
    return overlaps(spells, coded, (name,)).drop(name)


def check_subset(frame: Frame) -> None:
    """Refuse a subset that does not exist, or one of pairs in a panel of states."""
    if isinstance(frame.dyads, str) and frame.dyads not in SUBSETS:
        raise UnknownNameError("subset of dyads", frame.dyads, SUBSETS)
    if frame.dyads != "all" and frame.unit.actors in ("state", "leader"):
        raise InputError(f"dyads={frame.dyads!r} needs a panel of pairs, not {frame.unit.name}")
    if frame.directed and frame.unit.actors in ("state", "leader"):
        raise InputError(f"directed=True needs a panel of pairs, not {frame.unit.name}")
