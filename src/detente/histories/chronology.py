"""The chronology beside the other records: who held power, what was under way, pair by pair."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from detente.histories.leaders import Leader, by_state, effective_leaders, in_office, match_name
from detente.histories.rungs import RECORD_START, RECORD_STOP, dyadic_disputes
from detente.histories.wars import opposing_spells
from detente.sources import load
from detente.sources.chronology import load_meetings
from detente.sources.leaders import RECORD_STOP as LEADERS_STOP

PAIR = ("id", "ccode1", "ccode2")
IN_POWER = ("effective", "beyond", "unclear", "unnamed")
"""Standings that do not speak against a leader: see :func:`offices`."""

MANY = 3
"""From so many parties on, a side whose ruler is not known to have come does not count."""

_TITLES = re.compile(r"^(?:King|Queen|Emperor) ")
_RULER = re.compile(r" [IVX]+$|^(?:King|Emperor) |, Prince Regent$")
_WAR_DAYS = {"war_start": "start", "war_stop": "stop"}
_OFFICES = {
    "id": pl.String,
    "ccode": pl.Int32,
    "persons": pl.List(pl.String),
    "incumbents": pl.List(pl.String),
    "standing": pl.String,
}


def load_chronology(extra: Path | None = None) -> pl.DataFrame:
    """Return every meeting, talks from ``china_vitae`` included, with :func:`with_under_way`.

    Raises
    ------
    UnavailableError
        If ``china_vitae`` or a dataset of disputes or wars is in neither the mirror nor the cache.
    """
    wars = load("cow_interstate_wars")
    dyadic_mid, mid5, gml, mie = (
        load(name) for name in ("dyadic_mid", "mid5_part", "gml_part", "mie")
    )
    disputes = dyadic_disputes(dyadic_mid, mid5, gml, mie, wars, load("cow_states"))
    meetings = load_meetings(extra, engagements=load("china_vitae"))
    return with_under_way(meetings, disputes, wars, crises=load("icb_dyads"))


def meeting_pairs(meetings: pl.DataFrame, standings: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return one row per meeting and pair of parties that have COW codes.

    Parameters
    ----------
    meetings
        As of :func:`detente.sources.chronology.load_meetings`.
    standings
        As of :func:`offices`. With it a pair of a leaders' meeting is ``leader`` only if
        neither side is ``other``, nor ``unclear`` in a meeting of three or more; else
        ``ceremonial`` (the leaders of other parties met).

    Returns
    -------
    pl.DataFrame
        ``id``, ``ccode1`` < ``ccode2``, and the meeting's other columns.
    """
    codes = meetings.select("id", pl.col("party_codes").alias("code")).explode("code").drop_nulls()
    pairs = (
        codes.join(codes, on="id", suffix="_2")
        .filter(pl.col("code") < pl.col("code_2"))
        .select("id", pl.col("code").alias("ccode1"), pl.col("code_2").alias("ccode2"))
        .join(meetings, on="id", how="left")
        .sort("start", "id", "ccode1", "ccode2", nulls_last=True)
    )
    if standings is None:
        return pairs
    large = pl.col("id").is_in(
        meetings.filter(pl.col("parties").list.len() >= MANY)["id"].to_list()
    )
    doubtful = (pl.col("standing") == "other") | ((pl.col("standing") == "unclear") & large)
    other = standings.filter(doubtful).select("id", "ccode")
    lower = pl.concat(
        [
            pairs.select(*PAIR).join(other, left_on=["id", f"ccode{n}"], right_on=["id", "ccode"])
            for n in (1, 2)
        ]
    ).unique()
    lower = lower.with_columns(pl.lit("ceremonial").alias("_level"))
    pairs = pairs.join(lower, on=list(PAIR), how="left", maintain_order="left")
    led = pl.when(pl.col("level") == "leader").then(pl.coalesce("_level", "level"))
    return pairs.with_columns(led.otherwise("level").alias("level")).drop("_level")


def load_offices(meetings: pl.DataFrame) -> pl.DataFrame:
    """Return :func:`offices` of the public datasets."""
    return offices(meetings, load("leaders"), load("gw_cow"))


def offices(meetings: pl.DataFrame, leaders: pl.DataFrame, gw_cow: pl.DataFrame) -> pl.DataFrame:
    """Hold the persons of each party against the effective leaders of those days.

    Parameters
    ----------
    meetings
        As of :func:`detente.sources.chronology.load_meetings`.
    leaders, gw_cow
        Archigos, and the bridge to COW codes.

    Returns
    -------
    pl.DataFrame
        One row per meeting and party with a code: ``id``, ``ccode``, ``persons``,
        ``incumbents`` and ``standing``: ``effective`` (one named held power), ``other``
        (Archigos has somebody else), ``unnamed`` (the source names nobody on this side),
        ``beyond`` (after the end of Archigos, or before it where one named bears a ruler's
        numeral or title), ``unclear`` (before it, and none does).
    """
    spells = by_state(effective_leaders(leaders, gw_cow))
    rows = list(_offices(meetings, spells))
    return pl.DataFrame(rows, schema=_OFFICES, orient="row")


def _offices(
    meetings: pl.DataFrame, spells: Mapping[int, Sequence[Leader]]
) -> Iterator[tuple[object, ...]]:
    for row in meetings.filter(pl.col("start").is_not_null()).iter_rows(named=True):
        people = list(zip(row["persons"], row["person_codes"], strict=True))
        for code in row["party_codes"]:
            if code is None:
                continue
            names = [name for name, c in people if c == code]
            stop = row["end"] + dt.timedelta(days=1)
            there = in_office(spells, code, row["start"], stop)
            incumbents = [leader.name for leader in there]
            yield (
                row["id"],
                code,
                names,
                incumbents,
                _standing(names, there, row["start"], code, spells),
            )


def _standing(
    names: Sequence[str],
    there: Sequence[Leader],
    start: dt.date,
    code: int,
    spells: Mapping[int, Sequence[Leader]],
) -> str:
    if not names:
        return "unnamed"
    plain = [_TITLES.sub("", name) for name in names]
    if any(match_name(name, leader.name) for name in plain for leader in there):
        return "effective"
    if start >= LEADERS_STOP:
        return "beyond"
    known = spells.get(code, ())
    if known and start >= min(leader.start for leader in known):
        return "other"
    return "beyond" if any(_RULER.search(name) for name in names) else "unclear"


def with_under_way(
    meetings: pl.DataFrame,
    disputes: pl.DataFrame,
    wars: pl.DataFrame,
    *,
    crises: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Add ``under_way_record``: disputes, wars and crises between parties on the first day.

    Parameters
    ----------
    meetings
        As of :func:`detente.sources.chronology.load_meetings`.
    disputes
        Dated dyadic disputes (:func:`detente.histories.dyadic_disputes`).
    wars
        The table ``cow_interstate_wars``.
    crises
        The table ``icb_dyads``, or none; it begins in 1918.

    Returns
    -------
    pl.DataFrame
        The rows with a list of ``mid:NNNN``, ``war:NNN`` and ``icb:NNN``; empty where the record
        was looked up and has none, null where it does not reach (before 1816, after 2014, fewer
        than two parties with codes, first day known to the month or year only).
    """
    spells = pl.concat(
        [
            _spells("mid", "dispnum", disputes),
            _spells("war", "warnum", opposing_spells(wars).rename(_WAR_DAYS)),
            *([] if crises is None else [_spells("icb", "crisno", crises)]),
        ]
    )
    reached = meeting_pairs(meetings).filter(
        pl.col("precision").is_in(["day", "within"])
        & (pl.col("start") >= RECORD_START)
        & (pl.col("start") < RECORD_STOP)
    )
    open_now = (
        reached.select(*PAIR, "start")
        .join(spells, on=["ccode1", "ccode2"], suffix="_of")
        .filter((pl.col("start_of") <= pl.col("start")) & (pl.col("start") < pl.col("stop")))
        .group_by("id")
        .agg(pl.col("_what").unique().sort().alias("under_way_record"))
    )
    none: Any = pl.lit([], dtype=pl.List(pl.String))
    found = (
        reached.select("id")
        .unique()
        .join(open_now, on="id", how="left")
        .with_columns(pl.col("under_way_record").fill_null(none))
    )
    return meetings.join(found, on="id", how="left", maintain_order="left")


def _spells(kind: str, number: str, table: pl.DataFrame) -> pl.DataFrame:
    """Return spells of dyads with the id of the record, smaller code first."""
    codes = pl.col("ccode1"), pl.col("ccode2")
    return table.select(
        pl.format(f"{kind}:{{}}", number).alias("_what"),
        pl.min_horizontal(*codes).alias("ccode1"),
        pl.max_horizontal(*codes).alias("ccode2"),
        "start",
        "stop",
    )
