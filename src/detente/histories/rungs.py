"""Rungs of every dyad: the spells of dispute and war, from the public record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

import polars as pl

from detente.histories.days import dated_disputes
from detente.histories.wars import settle_days, war_spells

RECORD_START = dt.date(1816, 1, 1)
RECORD_STOP = dt.date(2015, 1, 1)
"""First day after the record of disputes, which ends on 2014-12-31."""

SETTLEMENTS = {1: "negotiated", 2: "imposed", 3: "none"}
UNDATED = ("imputed", "flagged")
"""Sources of a day that no dataset gives."""

_SOURCE_RANK = {s: i for i, s in enumerate(("cow", "mid5", "gml", "mie", "dyadic", "system"))}

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "ccode1": pl.Int32,
    "ccode2": pl.Int32,
    "episode": pl.Int32,
    "rung": pl.String,
    "start": pl.Date,
    "stop": pl.Date,
    "censored": pl.Boolean,
    "onset": pl.String,
    "start_imputed": pl.Boolean,
    "stop_imputed": pl.Boolean,
    "start_source": pl.String,
    "stop_source": pl.String,
    "dispnums": pl.List(pl.Int32),
    "warnums": pl.List(pl.Int32),
    "settlement": pl.String,
    "hihost": pl.Int32,
}
"""Columns of the table of spells."""


@dataclass(frozen=True, slots=True)
class _Dispute:
    """A dated dyadic dispute, or the war inside one."""

    dispnum: int
    start: dt.date
    stop: dt.date
    start_source: str
    stop_source: str
    originators: bool
    ongoing: bool
    settlement: int | None
    hihost: int
    warnums: tuple[int, ...]


def build_spells(
    dyadic_mid: pl.DataFrame,
    mid5_part: pl.DataFrame,
    gml_part: pl.DataFrame,
    mie: pl.DataFrame,
    wars: pl.DataFrame,
    states: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the spells of dispute and war of every dyad; days outside them are calm.

    Opponents, hostility and the war flag are Dyadic MID's; days are those of
    :mod:`detente.histories.days` and :mod:`detente.histories.wars`. Disputes of a dyad that
    overlap or touch merge into one episode, in which the highest rung holds on each day. A war
    that ends while a dispute goes on returns to the rung of dispute. An episode is an
    ``initiation`` if both states were in a dispute that opens it on its first day (Dyadic MID's
    originators), else a ``joining``. Its settlement is that of the dispute that ends last.

    Parameters
    ----------
    dyadic_mid, mid5_part, gml_part, mie
        Tables of disputes, participants and incidents of :func:`detente.sources.load`.
    wars
        The table ``cow_interstate_wars``.
    states
        The table ``cow_states``; if given, spells are cut to the days on which both states are
        members of the system (``stop_source`` is ``system`` where a member leaves it).

    Returns
    -------
    pl.DataFrame
        One row per spell with the columns of :data:`SCHEMA`, sorted by dyad and day. ``onset``
        stands on the first spell of an episode, ``settlement`` on the last, if it is coded and
        not censored.
    """
    disputes = dyadic_disputes(dyadic_mid, mid5_part, gml_part, mie, wars, states)
    fights = war_spells(disputes, wars, mie)
    rows = _spells(_by_dyad(disputes), _by_dyad(_complete(fights, disputes)))
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def dyadic_disputes(
    dyadic_mid: pl.DataFrame,
    mid5_part: pl.DataFrame,
    gml_part: pl.DataFrame,
    mie: pl.DataFrame,
    wars: pl.DataFrame,
    states: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the dated dyadic disputes that the spells are made of, before they merge.

    Parameters are those of :func:`build_spells`.

    Returns
    -------
    pl.DataFrame
        The columns of :func:`detente.histories.days.dated_disputes`, cut to the record and, if
        ``states`` is given, to joint membership of the system.
    """
    disputes = settle_days(dated_disputes(dyadic_mid, mid5_part, gml_part, mie), wars)
    return _cut(disputes, states)


def load_spells() -> pl.DataFrame:
    """Return :func:`build_spells` of the public datasets.

    Raises
    ------
    UnavailableError
        If a dataset is in neither the mirror nor the cache.
    """
    from detente.sources import load

    return build_spells(
        load("dyadic_mid"),
        load("mid5_part"),
        load("gml_part"),
        load("mie"),
        load("cow_interstate_wars"),
        load("cow_states"),
    )


def _cut(disputes: pl.DataFrame, states: pl.DataFrame | None) -> pl.DataFrame:
    """Cut disputes to the record and, if given, to joint membership of the state system."""
    if states is not None:
        spans = states.select("ccode", pl.col("start").alias("in"), pl.col("stop").alias("out"))
        joined = disputes.join(spans, left_on="ccode1", right_on="ccode").join(
            spans, left_on="ccode2", right_on="ccode", suffix="_2"
        )
        begin, end = pl.max_horizontal("in", "in_2"), pl.min_horizontal("out", "out_2")
        system = pl.lit("system")
        disputes = joined.with_columns(
            pl.max_horizontal("start", begin).alias("start"),
            pl.min_horizontal("stop", end).alias("stop"),
            pl.when(begin > pl.col("start"))
            .then(system)
            .otherwise("start_source")
            .alias("start_source"),
            pl.when(end < pl.col("stop"))
            .then(system)
            .otherwise("stop_source")
            .alias("stop_source"),
        ).drop("in", "out", "in_2", "out_2")
    return disputes.with_columns(pl.min_horizontal("stop", RECORD_STOP).alias("stop")).filter(
        pl.col("start") < pl.col("stop")
    )


def _complete(fights: pl.DataFrame, disputes: pl.DataFrame) -> pl.DataFrame:
    """Give the spells of war the columns of their dispute."""
    key = ["dispnum", "ccode1", "ccode2", "part"]
    days = ["start", "stop", "start_source", "stop_source"]
    return fights.join(disputes.drop(days).unique(key), on=key)


def _by_dyad(table: pl.DataFrame) -> dict[tuple[int, int], list[_Dispute]]:
    dyads: dict[tuple[int, int], list[_Dispute]] = {}
    for row in table.iter_rows(named=True):
        item = _Dispute(
            dispnum=row["dispnum"],
            start=row["start"],
            stop=row["stop"],
            start_source=row["start_source"],
            stop_source=row["stop_source"],
            originators=bool(row["orig1"] and row["orig2"]),
            ongoing=bool(row["ongoing"]),
            settlement=row["settlement"],
            hihost=row["hihost"],
            warnums=tuple(row.get("warnums", ())),
        )
        dyads.setdefault((row["ccode1"], row["ccode2"]), []).append(item)
    return dyads


_Dyads = dict[tuple[int, int], list[_Dispute]]
_Segment = tuple[str, dt.date, dt.date]


def _spells(disputes: _Dyads, fights: _Dyads) -> Iterator[tuple[object, ...]]:
    for dyad in sorted(disputes):
        wars = fights.get(dyad, [])
        segments = _sweep(disputes[dyad], wars)
        for number, episode in enumerate(_episodes(segments), start=1):
            for i, segment in enumerate(episode):
                yield (
                    *dyad,
                    number,
                    *_spell(segment, disputes[dyad], wars, i == 0, i == len(episode) - 1),
                )


def _sweep(disputes: list[_Dispute], wars: list[_Dispute]) -> list[_Segment]:
    """Return maximal runs of one rung, by day; the highest rung of a day holds."""
    cuts = sorted({day for item in (*disputes, *wars) for day in (item.start, item.stop)})
    rungs = [(_rung(start, disputes, wars), start, stop) for start, stop in pairwise(cuts)]
    runs: list[_Segment] = []
    for rung, group in groupby(rungs, key=lambda segment: segment[0]):
        pieces = list(group)
        if rung != "calm":
            runs.append((rung, pieces[0][1], pieces[-1][2]))
    return runs


def _rung(day: dt.date, disputes: list[_Dispute], wars: list[_Dispute]) -> str:
    if any(w.start <= day < w.stop for w in wars):
        return "war"
    return "dispute" if any(d.start <= day < d.stop for d in disputes) else "calm"


def _episodes(segments: list[_Segment]) -> Iterator[list[_Segment]]:
    """Group spells that follow on each other without a calm day."""
    episode: list[_Segment] = []
    for segment in segments:
        if episode and episode[-1][2] != segment[1]:
            yield episode
            episode = []
        episode.append(segment)
    if episode:
        yield episode


def _spell(
    segment: _Segment, disputes: list[_Dispute], wars: list[_Dispute], first: bool, last: bool
) -> tuple[object, ...]:
    rung, start, stop = segment
    under_way = [d for d in disputes if d.start < stop and d.stop > start]
    fought = [w for w in wars if w.start < stop and w.stop > start] if rung == "war" else []
    start_source, stop_source = _sources(segment, disputes, wars)
    censored = stop >= RECORD_STOP
    return (
        rung,
        start,
        stop,
        censored,
        _onset(under_way, start) if first else None,
        start_source in UNDATED,
        stop_source in UNDATED,
        start_source,
        stop_source,
        sorted({d.dispnum for d in under_way}),
        sorted({n for w in fought for n in w.warnums}),
        _settlement(under_way) if last and not censored else None,
        max(d.hihost for d in under_way),
    )


def _sources(segment: _Segment, disputes: list[_Dispute], wars: list[_Dispute]) -> tuple[str, str]:
    """Return where the first day and the stop of a spell come from.

    The day a dispute turns into a war is the war's, and so is the day it falls back.
    """
    rung, start, stop = segment
    begun = _best(w.start_source for w in wars if w.start == start) if rung == "war" else ""
    ended = _best(w.stop_source for w in wars if w.stop == stop) if rung == "war" else ""
    return (
        begun
        or _best(d.start_source for d in disputes if d.start == start)
        or _best(w.stop_source for w in wars if w.stop == start),
        ended
        or _best(d.stop_source for d in disputes if d.stop == stop)
        or _best(w.start_source for w in wars if w.start == stop),
    )


def _best(sources: Iterable[str]) -> str:
    ranked = sorted(sources, key=lambda s: (_SOURCE_RANK.get(s, len(_SOURCE_RANK)), s))
    return ranked[0] if ranked else ""


def _onset(under_way: list[_Dispute], start: dt.date) -> str:
    opened = (d.originators for d in under_way if d.start == start)
    return "initiation" if any(opened) else "joining"


def _settlement(under_way: list[_Dispute]) -> str | None:
    """Return the mark of the dispute that ends last; the most hostile of several."""
    final = max(under_way, key=lambda d: (d.stop, d.hihost, d.dispnum))
    return SETTLEMENTS.get(final.settlement) if final.settlement else None
