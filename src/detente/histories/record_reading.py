"""Read one entry of the State Department's record: who met whom, at which level."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from detente.histories.leaders import (
    Leader,
    NameMatch,
    identifying,
    in_office,
    match_name,
    name_tokens,
)
from detente.sources.chronology.mentions import Mention, mentions, split_visitors
from detente.sources.chronology.occasions import GATHERING

Level = Literal["leader", "envoy", "congress", "ceremonial"]
Standing = Literal["effective", "head", "minister", "other"]

_FORMAL = re.compile(
    r"\b(?:[Ss]tate|[Oo]ff?icial|[Ww]orking|[Ii]nformal) (?:[Ww]orking )?(?:[Vv]isit|[Mm]eeting)"
    r"|[Ss]ummit|exchange of visits|[Ss]igned"
)
# A summit attended is a gathering, unless it is called one of the two.
_ATTENDED = re.compile(r"[Aa]ttended (?!U\.S\.-Soviet)[^.]*[Ss]ummit")
_DEPENDENCY = re.compile(r"\bGovernor\b|Canal Zone|en route")
_ELECT = re.compile(r"(?:as|[Ww]ith) President-elect")
# A Secretary of State travels to confer; a President may travel for other reasons.
_WORKED = re.compile(
    r"\b[Mm]et\b.*(?:official|leader|government)|[Dd]iscuss|[Cc]onferred|[Cc]onsult|[Nn]egotiat"
    r"|[Bb]ilateral|[Tt]alks\b"
)
_TALKED = re.compile(
    r"\b[Mm]et\b[^.]*? with (?:\w+[- ])*?Presidents?\b(?!-elect| of)|[Ii]nformal [Mm]eeting"
    r"|[Dd]iscuss\w*[^.]*\bPresident(?!-elect)|(?:with|to|by) President(?!-) \w+|[Bb]ilateral"
    r"|(?:State|[Oo]ff?icial|[Ww]orking|[Ii]nformal|Select)\s(?:[Ss]elect |[Ww]orking )?[Vv]isit"
)
_WITH_MINISTER_ONLY = re.compile(
    r"\b[Mm]et\b[^.]*? with (?:the )?(?:Acting )?(?:Vice President|Secretary)"
)
_PRIVATE = re.compile(r"\b(?:[Pp]rivate|[Uu]nofficial|[Pp]ersonal|[Rr]est|[Vv]acation)\b")
_PASSING = re.compile(
    r"\b(?:[Aa]ccompanied|[Aa]ccoompanied|[Rr]efuel|[Ss]topp?ed|[Ss]topover|[Oo]vernight|"
    r"[Vv]acation|[Rr]ested|[Ff]ishing|[Pp]rivate)\b"
)


@dataclass(frozen=True, slots=True)
class Talk:
    """One counterpart of the United States in one entry of the record.

    ``level`` is null where the entry names no talks; ``reason`` then says why.
    """

    country_id: str
    level: Level | None
    persons: tuple[str, ...] = ()
    named: bool = False
    standing: Standing | None = None
    leader_checked: bool = False
    name_match: NameMatch | None = None
    multilateral: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of leaders when an entry is read.

    ``offices`` says which kinds of office effective leaders of a state held where it could be
    checked. ``presidents`` are words of the names of US Presidents. ``spellings`` are names that
    record and Archigos write too differently: (code, name, leader, same person). ``ministers``
    gives for a foreign minister's name the countries and years in which the record says whose
    minister that is.
    """

    spells: Mapping[int, Sequence[Leader]]
    offices: Mapping[int, frozenset[str]] = field(default_factory=dict[int, frozenset[str]])
    presidents: frozenset[str] = frozenset()
    spellings: Sequence[tuple[int, str, str, bool]] = ()
    ministers: Mapping[str, Sequence[tuple[str, int]]] = field(
        default_factory=dict[str, list[tuple[str, int]]]
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: host (or country of the visitor), days, text, codes of countries that day.

    ``added`` are persons known from another source to have been met, though not named.
    """

    country_id: str
    start: dt.date
    stop: dt.date
    text: str
    codes: Mapping[str, int | None]
    added: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    mention: Mention
    standing: Standing
    checked: bool
    match: NameMatch | None


MINISTER_YEARS = 6
"""Years around a mention with a country within which the same name means the same minister."""

_RANK: dict[Standing, int] = {"effective": 0, "head": 1, "minister": 2, "other": 3}


def _judge(mention: Mention, code: int | None, entry: Entry, known: Knowledge) -> _Judged:
    """Say whether a person is the effective leader of the state on the days of the entry."""
    leaders = in_office(known.spells, code, entry.start, entry.stop)
    if mention.office == "minister":
        return _Judged(mention, "minister", bool(leaders), None)
    if leaders and mention.name:
        found = [m for x in leaders if (m := _match(mention.name, x, known)) is not None]
        if found:
            return _Judged(mention, "effective", True, "exact" if "exact" in found else "close")
    if mention.office in ("deputy", "elect"):
        return _Judged(mention, "other", bool(leaders), None)
    if leaders and mention.name:
        return _Judged(mention, "head", True, None)
    if mention.name and _known_before(mention.name, code, entry, known):
        return _Judged(mention, "effective", False, None)
    likely = known.offices.get(code or -1)
    if (
        mention.title.startswith("Governor")
        or _denied(mention.name, code, known)
        or (likely and mention.office not in likely)
    ):
        return _Judged(mention, "head", False, None)
    return _Judged(mention, "effective", False, None)


def _match(name: str, leader: Leader, known: Knowledge) -> NameMatch | None:
    """Compare a name with a leader's, the table of spellings first."""
    for code, ours, theirs, same in known.spellings:
        if code == leader.ccode and theirs == leader.name and ours.lower() in name.lower():
            return "exact" if same else None
    return match_name(name, leader.name)


def _denied(name: str, code: int | None, known: Knowledge) -> bool:
    """Tell whether the table of spellings says that a person was no effective leader."""
    return any(
        at == code and not theirs and ours.lower() in name.lower()
        for at, ours, theirs, _ in known.spellings
    )


def _known_before(name: str, code: int | None, entry: Entry, known: Knowledge) -> bool:
    """Tell whether a person was an effective leader of the state in the decade before.

    After Archigos ends a leader who changed office (Turkey, 2014) is still known by name.
    """
    start = entry.start - dt.timedelta(days=3653)
    before = in_office(known.spells, code, start, entry.start)
    return any(_match(name, x, known) == "exact" for x in before)


def _minister_elsewhere(mention: Mention, entry: Entry, known: Knowledge) -> str | None:
    """Return the one other country whose minister the record names so in those years."""
    if mention.office != "minister" or not mention.name:
        return None
    near = {
        country
        for token in name_tokens(mention.name)[-1:]
        for country, year in known.ministers.get(token, ())
        if abs(year - entry.start.year) <= MINISTER_YEARS
    }
    return near.pop() if len(near) == 1 and entry.country_id not in near else None


def _elsewhere(mention: Mention, entry: Entry, known: Knowledge) -> str | None:
    """Return the only other country whose effective leader bears the name, if there is one.

    The last word of the name must be the leader's, and not one that many share.
    """
    last = identifying(mention.name)
    if last is None or mention.office in ("minister", "deputy", "elect"):
        return None
    found = [
        country
        for country, code in entry.codes.items()
        if country != entry.country_id
        and any(
            last in name_tokens(x.name)
            for x in in_office(known.spells, code, entry.start, entry.stop)
        )
    ]
    codes = {entry.codes[country] for country in found}
    return found[0] if len(codes) == 1 else None


def _by_country(entry: Entry, known: Knowledge) -> dict[str, list[_Judged]]:
    """Return the persons an entry names, judged, by country; US persons are left out."""
    out: dict[str, list[_Judged]] = {}
    for mention in (*mentions(entry.text), *entry.added):
        if _is_american(mention, known):
            continue
        country = mention.country_id or entry.country_id
        judged = _judge(mention, entry.codes.get(country), entry, known)
        if mention.country_id is None and judged.match != "exact":
            other = _elsewhere(mention, entry, known) or _minister_elsewhere(mention, entry, known)
            if other is not None:
                country = other
                judged = _judge(mention, entry.codes.get(country), entry, known)
        out.setdefault(country, []).append(judged)
    return out


def _is_american(mention: Mention, known: Knowledge) -> bool:
    words = set(name_tokens(mention.name))
    return bool(
        mention.country_id is None
        and mention.title in ("President", "Vice President", "President-elect")
        and words
        and words <= known.presidents
    )


def _level(standing: Standing, *, secretary: bool) -> Level:
    """Return the level of talks with a person; a deputy or one elected is no effective leader."""
    if secretary:
        return "envoy"
    levels: dict[Standing, Level] = {
        "effective": "leader",
        "head": "ceremonial",
        "minister": "envoy",
        "other": "ceremonial",
    }
    return levels[standing]


def _talk(country: str, judged: Sequence[_Judged], *, secretary: bool, several: bool) -> Talk:
    met = [j for j in judged if not j.mention.gathered] or list(judged)
    best = min(met, key=lambda j: (_RANK[j.standing], j.match == "close"))
    level: Level = _level(best.standing, secretary=secretary)
    if best.mention.gathered:
        level = "congress"
    return Talk(
        country,
        level,
        tuple(f"{j.mention.title} {j.mention.name}".strip() for j in judged),
        any(j.mention.name for j in judged),
        best.standing,
        best.checked,
        best.match,
        several or best.mention.gathered,
    )


def read_journey(entry: Entry, known: Knowledge, *, secretary: bool) -> tuple[Talk, ...]:
    """Return the counterparts of one leg of a journey abroad.

    The host is always among them, with ``level`` null where the text names no talks.
    """
    people = _by_country(entry, known)
    several = bool(GATHERING.search(entry.text)) and (
        len(people) > 1 or entry.country_id not in people
    )
    talks = [
        _talk(country, judged, secretary=secretary, several=several)
        for country, judged in people.items()
    ]
    if entry.country_id not in people:
        talks.insert(0, _host(entry, abroad=bool(people), secretary=secretary))
    if _ELECT.search(entry.text) and not secretary:
        talks = [_not_in_office(talk) for talk in talks]
    return tuple(talks)


def _not_in_office(talk: Talk) -> Talk:
    """Return talks of a President-elect of the United States: kept, not leaders' talks."""
    if talk.level != "leader":
        return talk
    return replace(talk, level="ceremonial", reason="by the President-elect of the United States")


def _host(entry: Entry, *, abroad: bool, secretary: bool) -> Talk:
    """Return what an entry that names nobody of the host says of talks with the host."""
    text = entry.text
    if not text:
        return Talk(entry.country_id, None, reason="no remarks")
    if GATHERING.search(text) or _ATTENDED.search(text):
        return Talk(entry.country_id, "congress", multilateral=True)
    if secretary and _PASSING.search(text):
        return Talk(entry.country_id, None, reason="accompanied the President, or a stop")
    informal = _PRIVATE.search(text) or _DEPENDENCY.search(text)
    if _FORMAL.search(text) and not abroad and not informal:
        level: Level = "envoy" if secretary else "leader"
        return Talk(entry.country_id, level, reason="formal visit, nobody named")
    if secretary and _WORKED.search(text) and not abroad:
        return Talk(entry.country_id, "envoy", reason="talks, nobody named")
    return Talk(entry.country_id, None, reason="no talks with the host named")


def read_visit(entry: Entry, visitor: str, known: Knowledge) -> Talk:
    """Return the counterpart of one visit to the United States."""
    people = [
        _judge(m, entry.codes.get(entry.country_id), entry, known) for m in split_visitors(visitor)
    ]
    talk = _talk(entry.country_id, people, secretary=False, several=False)
    talked = bool(_TALKED.search(entry.text))
    gathering = bool(GATHERING.search(entry.text))
    level, reason = talk.level, ""
    if gathering and not talked:
        level = "congress"
    elif not talked and _WITH_MINISTER_ONLY.search(entry.text):
        level = "envoy"
    elif not talked and _PRIVATE.search(entry.text):
        level, reason = None, "private visit, no talks named"
    talk = replace(talk, level=level, named=True, multilateral=gathering, reason=reason)
    return _not_in_office(talk) if _ELECT.search(entry.text) and not talked else talk
