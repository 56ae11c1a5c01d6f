"""Meetings of the United States with other states, from the State Department's record.

The record lists travel and visits, so this table is complete for journeys, not for meetings.
It covers US dyads only: outside :func:`recorded` a meeting is unknown, never absent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from detente.core.errors import InputError
from detente.histories.leaders import (
    Leader,
    by_state,
    effective_leaders,
    in_office,
    match_name,
    name_tokens,
)
from detente.histories.record_reading import Entry, Knowledge, Talk, read_journey, read_visit
from detente.sources import load
from detente.sources.chronology import (
    record_additions,
    record_countries,
    record_names,
    with_ccode,
)
from detente.sources.chronology.mentions import mentions, person, split_visitors
from detente.sources.chronology.occasions import occasion

USA = 2
APART_DAYS = 7
"""An envoys' meeting this close to a leaders' meeting of the pair is part of it (design)."""

SCHEMA = {
    "meeting_id": pl.String,
    "start": pl.Date,
    "stop": pl.Date,
    "ccode1": pl.Int32,
    "ccode2": pl.Int32,
    "counterpart": pl.String,
    "level": pl.String,
    "status": pl.String,
    "occasion": pl.String,
    "place": pl.String,
    "persons": pl.String,
    "source_record_ids": pl.List(pl.String),
    "named": pl.Boolean,
    "multilateral": pl.Boolean,
    "leader_checked": pl.Boolean,
    "name_match": pl.String,
    "standing": pl.String,
    "principal": pl.String,
    "reason": pl.String,
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """Days ``[start, stop)`` on which the record is claimed complete for US travel."""

    start: dt.date
    stop: dt.date


def recorded(level: Literal["leader", "envoy"]) -> Recorded:
    """Return the days on which US meetings of a level are recorded; outside, they are unknown.

    The start is the first journey of a sitting President (14 November 1906, Panama); the stop
    is the day after the last entry of the copy: 2024-12-02 for the President, 2025-02-19 for
    the Secretary of State. US dyads only.

    Raises
    ------
    InputError
        If the level is neither ``leader`` nor ``envoy``.
    """
    stops = {"leader": dt.date(2024, 12, 3), "envoy": dt.date(2025, 2, 20)}
    if level not in stops:
        raise InputError(f"unknown level {level!r}: the record has 'leader' and 'envoy'")
    return Recorded(dt.date(1906, 11, 14), stops[level])


def load_us_meetings() -> pl.DataFrame:
    """Load the sources and return :func:`us_meetings`."""
    return us_meetings(
        load("us_travels"),
        load("us_visits"),
        leaders=load("leaders"),
        gw_cow=load("gw_cow"),
        states=load("cow_states"),
    )


def us_meetings(
    travels: pl.DataFrame,
    visits: pl.DataFrame,
    *,
    leaders: pl.DataFrame,
    gw_cow: pl.DataFrame,
    states: pl.DataFrame,
) -> pl.DataFrame:
    """Return one row per meeting and counterpart of the United States.

    Levels: ``leader`` (the counterpart's effective leader in Archigos that day, or, after its
    end or where it has no entry, a head whose office effective leaders of that state held),
    ``ceremonial`` (another head, one elected but not yet in office, a deputy), ``envoy`` (the
    Secretary of State there or with the state's leader or minister elsewhere, or the President
    with a minister; only with no leaders' meeting of the pair within seven days), ``congress``
    (a gathering of three or more powers with no talks of the pair named).

    Parameters
    ----------
    travels, visits
        Tables ``us_travels`` and ``us_visits``.
    leaders, gw_cow
        Archigos and the bridge from Gleditsch-Ward to COW codes.
    states
        Membership of the COW system.

    Returns
    -------
    pl.DataFrame
        Columns of :data:`SCHEMA`. ``ccode2`` is null where the counterpart is not a member on
        the day. ``status`` is ``held``: the record has no others. ``name_match`` says how a
        leader was recognised, ``reason`` why a row without a name counts.
    """
    table = _read(travels, visits, leaders, gw_cow, states)
    return _apart(_merged(table.filter(pl.col("level").is_not_null())))


def _read(
    travels: pl.DataFrame,
    visits: pl.DataFrame,
    leaders: pl.DataFrame,
    gw_cow: pl.DataFrame,
    states: pl.DataFrame,
) -> pl.DataFrame:
    spells = by_state(effective_leaders(leaders, gw_cow))
    presidents = travels.filter(pl.col("role") == "president")["traveller"].unique().to_list()
    names = frozenset(w for name in presidents for w in name_tokens(name))
    codes = _codes(travels, visits, states)
    spellings = tuple(record_names().drop("note").iter_rows())
    known = Knowledge(
        spells, _offices(visits, codes, spells), names, spellings, _ministers(travels)
    )
    rows = [*_journeys(travels, codes, known), *_arrivals(visits, codes, known)]
    table = pl.DataFrame(rows, schema={k: v for k, v in SCHEMA.items() if k != "ccode2"})
    table = with_ccode(table, states, country="counterpart").rename({"ccode": "ccode2"})
    return table.with_columns(pl.col("ccode2").cast(pl.Int32)).select(*SCHEMA)


def _codes(
    travels: pl.DataFrame, visits: pl.DataFrame, states: pl.DataFrame
) -> dict[dt.date, dict[str, int | None]]:
    """Return the code of every country of the record on every first day of an entry."""
    days = pl.concat([travels.select("start"), visits.select("start")]).unique()
    countries = record_countries().select("country_id").unique()
    pairs = days.join(countries, how="cross")
    table = with_ccode(pairs, states, strict=False).sort("start", "country_id")
    out: dict[dt.date, dict[str, int | None]] = {}
    for day, country, code in table.select("start", "country_id", "code").iter_rows():
        out.setdefault(day, {})[country] = code
    return out


def _offices(
    visits: pl.DataFrame,
    codes: Mapping[dt.date, Mapping[str, int | None]],
    spells: Mapping[int, Sequence[Leader]],
) -> dict[int, frozenset[str]]:
    """Return the offices that effective leaders held on visits from 2005, by state."""
    found: dict[int, set[str]] = {}
    recent = visits.filter(pl.col("start").is_between(dt.date(2005, 1, 1), dt.date(2015, 12, 31)))
    for row in recent.iter_rows(named=True):
        code = codes[row["start"]].get(row["country_id"])
        for mention in split_visitors(row["visitor"]):
            incumbents = in_office(spells, code, row["start"], row["stop"])
            if any(match_name(mention.name, s.name) == "exact" for s in incumbents):
                found.setdefault(int(code or -1), set()).add(mention.office)
    return {code: frozenset(offices) for code, offices in found.items()}


def _ministers(travels: pl.DataFrame) -> dict[str, list[tuple[str, int]]]:
    """Return, by name, the countries and years in which the record names a foreign minister."""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in travels.drop_nulls("remarks").iter_rows(named=True):
        for mention in mentions(row["remarks"]):
            if mention.office == "minister" and mention.country_id is not None:
                for token in name_tokens(mention.name)[-1:]:
                    found.setdefault(token, []).append((mention.country_id, row["start"].year))
    return found


def _journeys(
    travels: pl.DataFrame, codes: Mapping[dt.date, Mapping[str, int | None]], known: Knowledge
) -> Iterator[dict[str, Any]]:
    added = {
        row["record_id"]: (person(row["title"], row["name"], row["country_id"]),)
        for row in record_additions().iter_rows(named=True)
    }
    for row in travels.iter_rows(named=True):
        text = row["remarks"] or ""
        entry = Entry(
            row["country_id"],
            row["start"],
            row["stop"],
            text,
            codes[row["start"]],
            added.get(row["record_id"], ()),
        )
        place = ", ".join(part for part in (row["locale"], row["country"]) if part)
        for talk in read_journey(entry, known, secretary=row["role"] == "secretary"):
            yield _row(row, talk, text, place, row["role"])


def _arrivals(
    visits: pl.DataFrame, codes: Mapping[dt.date, Mapping[str, int | None]], known: Knowledge
) -> Iterator[dict[str, Any]]:
    for row in visits.iter_rows(named=True):
        text = row["description"] or ""
        entry = Entry(row["country_id"], row["start"], row["stop"], text, codes[row["start"]])
        talk = read_visit(entry, row["visitor"], known)
        yield _row(row, talk, text, "United States", "president")


def _row(
    row: Mapping[str, Any], talk: Talk, text: str, place: str, principal: str
) -> dict[str, Any]:
    return {
        "meeting_id": f"us-{row['record_id'].replace('/', '-')}",
        "start": row["start"],
        "stop": row["stop"],
        "ccode1": USA,
        "counterpart": talk.country_id,
        "level": talk.level,
        "status": "held",
        "occasion": occasion(text),
        "place": place,
        "persons": "; ".join(dict.fromkeys(talk.persons)) or None,
        "source_record_ids": [row["record_id"]],
        "named": talk.named,
        "multilateral": talk.multilateral,
        "leader_checked": talk.leader_checked,
        "name_match": talk.name_match,
        "standing": talk.standing,
        "principal": principal,
        "reason": talk.reason or None,
    }


def _merged(table: pl.DataFrame) -> pl.DataFrame:
    """Join entries of one level and pair whose days overlap: one meeting, several entries."""
    out: list[dict[str, Any]] = []
    for row in table.sort(
        "counterpart", "level", "principal", "start", "stop", "meeting_id"
    ).iter_rows(named=True):
        last = out[-1] if out else None
        key = ("counterpart", "level", "principal")
        if (
            last is not None
            and all(last[k] == row[k] for k in key)
            and row["start"] < last["stop"]
            # Legs of one journey share boundary days: only whole overlaps are one meeting.
            and (row["stop"] <= last["stop"] or row["start"] == last["start"])
        ):
            _join(last, row)
        else:
            out.append(row)
    return pl.DataFrame(out, schema=SCHEMA).sort("start", "meeting_id", "counterpart")


def _join(into: dict[str, Any], row: Mapping[str, Any]) -> None:
    into["stop"] = max(into["stop"], row["stop"])
    into["source_record_ids"] = [*into["source_record_ids"], *row["source_record_ids"]]
    into["named"] = into["named"] or row["named"]
    into["multilateral"] = into["multilateral"] and row["multilateral"]
    into["occasion"] = into["occasion"] or row["occasion"]
    into["persons"] = _union(into["persons"], row["persons"])
    into["leader_checked"] = into["leader_checked"] or row["leader_checked"]


def _union(first: str | None, second: str | None) -> str | None:
    people: Iterable[str] = [p for text in (first, second) if text for p in text.split("; ")]
    return "; ".join(dict.fromkeys(people)) or None


def _apart(table: pl.DataFrame) -> pl.DataFrame:
    """Drop envoys' meetings within :data:`APART_DAYS` of a leaders' meeting of the pair."""
    top = table.filter(pl.col("level") == "leader").select(
        "counterpart", pl.col("start").alias("_start"), pl.col("stop").alias("_stop")
    )
    envoys = table.with_row_index("_row").filter(pl.col("level") == "envoy")
    gap = dt.timedelta(days=APART_DAYS)
    # Stop is exclusive: the last day of one and the first of the other are stop - 1 and start.
    near = envoys.join(top, on="counterpart").filter(
        (pl.col("start") - gap < pl.col("_stop")) & (pl.col("_start") - gap < pl.col("stop"))
    )
    drop = near.select("_row").unique()
    return table.with_row_index("_row").join(drop, on="_row", how="anti").drop("_row")
