"""Rows of the chronology from China Vitae, which does not ship: made from the user's own copy.

An entry makes a row where it lists the counterpart alone, or among several and once alone on a
neighbouring day of the same visit; entries that only list several heads (sessions of a
gathering) make none. Entries of one counterpart's country and one place on days that follow each
other are one meeting.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import polars as pl

from detente.core.states import abb
from detente.sources.chronology.codebook import MEETING_COLUMNS

CHINA, USA = 710, 2
SOURCE = "China Vitae, foreign engagements of Chinese leaders, collected by G. Walker, 2018"
LOCATOR = "china_vitae/leaderdf.rds"
_NAMES = {2: "United States", 365: "Russia", 731: "North Korea", 740: "Japan", 750: "India"}
_ENTRY = re.compile(r"([^()]+?)\s*\(([^()]*)\)")
_HEAD = re.compile(
    r"President|Prime Minister|Premier|King|Chancellor|Sultan|Emir|Emperor|leader|Chief Executive"
)
_NO_HEAD = re.compile(
    r"vice|deputy|former|of the (?:european|world|asian|international)|speaker|assembly|duma|"
    r"council|bank|committee|republic of tatarstan|parliament|wife|first lady|association|"
    r"corporation|governor|-elect|senate|congress|lower house|upper house|house of|presidential|"
    r"president's",
    re.IGNORECASE,
)
_NOT_THE_LEADER = re.compile(r"wife|first lady|former|deputy|vice", re.IGNORECASE)
_FAMILY = re.compile(r"Laura|Barbara|Prescott|Neil|Jeb")


@dataclass(frozen=True, slots=True)
class _Person:
    """A leader or prime minister and the days in power, none for one never in power."""

    ccode: int
    name: str
    pattern: re.Pattern[str]
    start: dt.date | None
    stop: dt.date | None

    def led(self, day: dt.date) -> bool:
        return (
            self.start is not None and self.start <= day and (self.stop is None or day < self.stop)
        )


@dataclass(frozen=True, slots=True)
class _Talk:
    """One entry: a Chinese leader, a foreign one, a day and a place."""

    day: dt.date
    host: str
    guest: str
    ccode: int
    office: str
    place: str
    place_ccode: int | None
    led: bool
    alone: bool


def engagement_rows(table: pl.DataFrame, shipped: pl.DataFrame) -> list[dict[str, str]]:
    """Return rows of the codebook for the talks of Chinese leaders in China Vitae.

    Parameters
    ----------
    table
        The dataset ``china_vitae``.
    shipped
        The shipped meetings: an entry that one of them cites is that meeting.

    Returns
    -------
    list of dict
        Tier A, ``source_kind`` ``dataset``: meetings with leaders and prime ministers of the
        United States, Russia, North Korea, Japan and India.
    """
    known = " ".join(shipped["source_locator"].drop_nulls())
    rows = [
        _row(talks)
        for talks in _visits(sorted(set(_talks(table)), key=_order))
        if not any(_cited(talk, known) for talk in talks) and any(t.alone for t in talks)
    ]
    # A Premier's talks with the ruler of the North alone tell too little of who decided.
    rows = [r for r in rows if r["level"] == "leader" or "731" not in r["party_codes"]]
    return _distinct(sorted(rows, key=lambda r: (r["start"], r["id"])))


def _order(talk: _Talk) -> tuple[object, ...]:
    return talk.ccode, talk.day, talk.host, talk.guest, talk.place


def _cited(talk: _Talk, known: str) -> bool:
    """Tell whether a shipped row cites the entry; rows of the United States name no guest."""
    guest = "" if talk.ccode == USA else talk.guest
    return f"{LOCATOR}: {talk.day}, {talk.host}, {guest}" in known


def _talks(table: pl.DataFrame) -> Iterator[_Talk]:
    people, places = _people(), _places()
    hosts = {p.name: p for p in people if p.ccode == CHINA}
    guests = [p for p in people if p.ccode != CHINA]
    entries = table.drop_nulls(["met", "person"]).unique(
        ["date", "person", "place", "met"], maintain_order=True
    )
    for day, person, place, met in entries.select("date", "person", "place", "met").iter_rows():
        host = hosts.get(person)
        if host is None:
            continue
        listed: list[tuple[str, str]] = _ENTRY.findall(met)
        heads = sum(bool(_HEAD.search(o)) and not _NO_HEAD.search(o) for _, o in listed)
        town, ccode = _place(place or "", places)
        for guest in guests:
            office = _named(guest, listed)
            if office is None or (guest.start is not None and not guest.led(day)):
                continue
            led = guest.led(day) and host.led(day)
            alone = heads <= 1
            yield _Talk(day, host.name, guest.name, guest.ccode, office, town, ccode, led, alone)


def _named(guest: _Person, listed: Sequence[tuple[str, str]]) -> str | None:
    """Return the office under which a list names somebody, or None."""
    for name, office in listed:
        if guest.pattern.search(name) and not _NOT_THE_LEADER.search(office):
            return None if _FAMILY.search(name) else office
    return None


def _place(text: str, places: dict[str, int]) -> tuple[str, int | None]:
    """Return town and code of the state: a country or a Chinese province, then the town."""
    parts = [part.strip() for part in re.sub(r"\band$", "", text).split(",") if part.strip()]
    if not parts:
        return "", CHINA
    town = re.sub(r" (?:City|Province|Municipality)$", "", parts[-1])
    if parts[0] in places:
        alone = len(parts) == 1 and parts[0] != "Singapore"
        return ("" if alone else town), places[parts[0]]
    inside = re.search(r"Municipality|Province|Autonomous", parts[0])
    return town, CHINA if inside else None


def _visits(talks: Sequence[_Talk]) -> Iterator[list[_Talk]]:
    """Group talks with one country at one place on days that follow each other."""
    groups: list[list[_Talk]] = []
    for talk in talks:
        for group in reversed(groups):
            same = (group[0].ccode, group[0].place, group[0].place_ccode) == (
                talk.ccode,
                talk.place,
                talk.place_ccode,
            )
            if same and abs((talk.day - group[-1].day).days) <= 1:
                group.append(talk)
                break
        else:
            groups.append([talk])
    for group in groups:
        # Of several heads listed only an effective leader's talks belong to the visit.
        yield [t for t in group if t.alone or t.led]


def _row(talks: Sequence[_Talk]) -> dict[str, str]:
    first = talks[0]
    start, end = min(t.day for t in talks), max(t.day for t in talks)
    level = "leader" if any(t.led and t.alone for t in talks) else "ceremonial"
    abroad = first.place_ccode not in (CHINA, first.ccode)
    parties = sorted([("China", CHINA), (_NAMES[first.ccode], first.ccode)])
    hosts = dict.fromkeys(t.host for t in talks)
    guests = dict.fromkeys(t.guest for t in talks)
    plain = re.sub(r"[.',]", "", first.place.lower())
    town = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "unnamed"
    codes = "-".join(sorted(abb(code).lower() for _, code in parties))
    return dict.fromkeys((c.name for c in MEETING_COLUMNS), "") | {
        "id": f"{start:%Y-%m}-{town}-{codes}",
        "start": start.isoformat(),
        "end": end.isoformat(),
        "precision": "day" if start == end else "within",
        "place": first.place,
        "place_ccode": "" if first.place_ccode is None else str(first.place_ccode),
        "level": level,
        "parties": "; ".join(name for name, _ in parties),
        "party_codes": "; ".join(str(code) for _, code in parties),
        "persons": "; ".join(
            [*(f"{n} ({CHINA})" for n in hosts), *(f"{n} ({first.ccode})" for n in guests)]
        ),
        "status": "held",
        "occasion": "calendar" if abroad else "",
        "source": SOURCE,
        "source_kind": "dataset",
        "source_locator": "; ".join(f"{LOCATOR}: {t.day}, {t.host}, {t.guest}" for t in talks),
        "tier": "A",
        "confidence": "high" if all(t.alone for t in talks) else "medium",
        "note": _note(talks, level, abroad=abroad),
    }


def _note(talks: Sequence[_Talk], level: str, *, abroad: bool) -> str:
    offices = dict.fromkeys(f"{t.guest} as {t.office}" for t in talks)
    parts = [f"China Vitae names {'; '.join(offices)}."]
    if abroad:
        parts.append("In a third country, on the margins of a gathering.")
    if level == "ceremonial":
        parts.append("One side or both sent a head who is not the effective leader in Archigos.")
    return " ".join(" ".join(parts).split())


def _distinct(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Number the ids that a month, a place and two parties do not tell apart."""
    seen: dict[str, int] = {}
    for row in rows:
        seen[row["id"]] = seen.get(row["id"], 0) + 1
        if seen[row["id"]] > 1:
            row["id"] = f"{row['id']}-{seen[row['id']]}"
    return rows


@cache
def _people() -> tuple[_Person, ...]:
    return tuple(
        _Person(
            int(row["ccode"]),
            row["name"],
            re.compile(row["pattern"]),
            dt.date.fromisoformat(row["start"]) if row["start"] else None,
            dt.date.fromisoformat(row["stop"]) if row["stop"] else None,
        )
        for row in _csv("china_vitae_people.csv")
    )


@cache
def _places() -> dict[str, int]:
    return {row["place"]: int(row["ccode"]) for row in _csv("china_vitae_places.csv")}


def _csv(name: str) -> list[dict[str, str]]:
    text = (resources.files("detente.sources.chronology") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
