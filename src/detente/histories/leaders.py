"""Effective leaders by day, and whether a name in a text is theirs."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import polars as pl

CLOSE = 0.82
"""Similarity from which two spellings of a name count as close (Brezhnev, Breshnev: 0.88)."""

NameMatch = Literal["exact", "close"]

_DROPPED = frozenset(
    """
    al el de da do dos bin ibn ben van von la le of the sir ad ud ii iii iv vi jr general
    emperor president prince sultan sheikh shaikh haji dr pasha bey archbishop lord don dom
    """.split()  # noqa: SIM905 - a list of forty words reads worse
)
# Names that many share: one of them alone does not identify a person of two or more names.
_SHARED = frozenset(
    """
    kim lee park jose juan carlos luis muhammad abdullah ali hassan
    ahmed ahmad hussein nguyen maria john paul george jean pedro miguel manuel antonio fernando
    francisco alvaro roberto abdul abd chen chang wang khan ivan peter jorge
    """.split()  # noqa: SIM905 - a list of forty words reads worse
)


@dataclass(frozen=True, slots=True)
class Leader:
    """A leader's spell in office, ``stop`` exclusive."""

    ccode: int
    name: str
    start: dt.date
    stop: dt.date


def effective_leaders(leaders: pl.DataFrame, gw_cow: pl.DataFrame) -> pl.DataFrame:
    """Return effective leaders by COW code.

    Parameters
    ----------
    leaders
        Archigos: ``leader``, ``gwcode``, ``start``, ``stop`` (exclusive).
    gw_cow
        Bridge ``gwcode``, ``ccode``, ``year``; where it has no COW code the Gleditsch-Ward
        code stands, so that governments outside the COW system keep their leaders.

    Returns
    -------
    pl.DataFrame
        ``ccode``, ``leader``, ``start``, ``stop``: a spell is cut where the code changes.
    """
    # A code that changes inside a year (Germany, 3 October 1990) holds its own leaders under
    # both codes that year, so spells under the two codes may overlap by design.
    bridge = gw_cow.filter(pl.col("gwcode").is_not_null()).with_columns(
        pl.coalesce("ccode", "gwcode").alias("ccode")
    )
    joined = leaders.join(bridge.unique(["gwcode", "ccode", "year"]), on="gwcode", how="inner")
    inside = joined.filter(
        pl.col("year").is_between(pl.col("start").dt.year(), pl.col("stop").dt.year())
    )
    spells = inside.group_by("obsid", "ccode", "leader", "start", "stop").agg(
        pl.col("year").min().alias("first"), pl.col("year").max().alias("last")
    )
    # A leader still in office past the bridge's last year keeps the end Archigos gives.
    return spells.select(
        "ccode",
        "leader",
        pl.max_horizontal("start", pl.date("first", 1, 1)).alias("start"),
        pl.min_horizontal("stop", pl.date(pl.col("last") + 1, 1, 1)).alias("stop"),
    ).sort("ccode", "start")


def by_state(table: pl.DataFrame) -> dict[int, tuple[Leader, ...]]:
    """Return the spells of :func:`effective_leaders` keyed by COW code."""
    out: dict[int, list[Leader]] = {}
    for ccode, name, start, stop in table.select("ccode", "leader", "start", "stop").iter_rows():
        out.setdefault(int(ccode), []).append(Leader(int(ccode), name, start, stop))
    return {ccode: tuple(spells) for ccode, spells in out.items()}


def in_office(
    spells: Mapping[int, Sequence[Leader]], ccode: int | None, start: dt.date, stop: dt.date
) -> tuple[Leader, ...]:
    """Return the leaders of a state in office on any day of ``[start, stop)``."""
    if ccode is None:
        return ()
    return tuple(s for s in spells.get(ccode, ()) if s.start < stop and start < s.stop)


def name_tokens(name: str) -> tuple[str, ...]:
    """Return the significant words of a name: no marks, particles, ordinals or brackets."""
    plain = re.sub(r"\(.*?\)", " ", name)
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"[\u2018\u2019'`]", "", plain)
    plain = re.sub(r"\bm[ou]h[ae]mm?[ae]d\b", "muhammad", plain.lower())
    words = re.findall(r"[^\W\d_]+", plain)
    return tuple(w for w in words if len(w) > 1 and w not in _DROPPED)


def match_name(name: str, leader: str) -> NameMatch | None:
    """Tell whether a name in a text is a leader's: ``exact``, ``close`` in spelling, or null."""
    ours, theirs = name_tokens(name), name_tokens(leader)
    same = set(ours) & set(theirs)
    telling = same - _SHARED
    if telling or (same and (len(same) > 1 or min(len(set(ours)), len(set(theirs))) == 1)):
        return "exact"
    near = any(
        min(len(a), len(b)) > 3 and SequenceMatcher(None, a, b).ratio() >= CLOSE
        for a in set(ours) - _SHARED
        for b in set(theirs) - _SHARED
    )
    return "close" if near else None


def identifying(name: str) -> str | None:
    """Return the last word of a name if it may identify a person by itself, else null."""
    tokens = name_tokens(name)
    return tokens[-1] if tokens and tokens[-1] not in _SHARED else None
