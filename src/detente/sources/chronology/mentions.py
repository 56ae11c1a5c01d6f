"""Who the free text of the record names: office, name and country of each person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from detente.core.errors import DataError
from detente.sources.chronology.countries import demonyms

Office = Literal["monarch", "state", "government", "party", "minister", "elect", "deputy"]

_TITLES: dict[str, Office] = {
    "President-elect": "elect",
    "President-Elect": "elect",
    "President- elect": "elect",
    "President-designate": "elect",
    "President- designate": "elect",
    "Chancellor-elect": "elect",
    "Prime Minister-elect": "elect",
    "Vice President": "deputy",
    "Vice Premier": "deputy",
    "Vice Chairman": "deputy",
    "Deputy Prime Minister": "deputy",
    "Deputy Premier": "deputy",
    "Vice Chancellor": "deputy",
    "Deputy Crown Prince": "deputy",
    "Crown Prince": "deputy",
    "Crown Princess": "deputy",
    "Princess": "deputy",
    "Deputy Foreign Minister": "deputy",
    "Prime Minister": "government",
    "Federal Chancellor": "government",
    "Premier": "government",
    "Chancellor": "government",
    "Taoiseach": "government",
    "Foreign Minister": "minister",
    "Foreign Secretary": "minister",
    "External Affairs Minister": "minister",
    "Minister of Foreign Affairs": "minister",
    "Minister for Foreign Affairs": "minister",
    "General Secretary": "party",
    "First Secretary": "party",
    "Party Secretary": "party",
    "Party Chairman": "party",
    "Chief of State": "state",
    "Head of State": "state",
    "President": "state",
    "Chairman": "state",
    "Generalissimo": "state",
    "Supreme Leader": "state",
    "leader": "state",
    "Governor-General": "monarch",
    "Governor General": "monarch",
    "Grand Duchess": "monarch",
    "Grand Duke": "monarch",
    "Queen": "monarch",
    "King": "monarch",
    "Emperor": "monarch",
    "Shah": "monarch",
    "Emir": "monarch",
    "Amir": "monarch",
    "Sultan": "monarch",
    "Pope": "monarch",
    "Prince": "monarch",
}

_PLURALS: dict[str, Office] = {
    "Presidents": "state",
    "Prime Ministers": "government",
    "Foreign Ministers": "minister",
    "Heads of State and Government": "state",
    "Heads of Government": "government",
    "Heads of State": "state",
    "Chiefs of State": "state",
    "Kings": "monarch",
    "leaders": "state",
    "the President": "state",
    "the Prime Minister": "government",
    "the King": "monarch",
    "the Amir": "monarch",
    "the Emir": "monarch",
    "the Sultan": "monarch",
}

# An office of an organisation or chamber, or one no longer held, is not an office of a state.
_NOT_OF_A_STATE = re.compile(
    r"(?:\b(?:former|late|ex-|Former|UN|U\.N\.|NATO|Commission|Council|Congress|Bank|Parliament|"
    r"Assembly|Senate|Union|Community|OAS|EU|EC|IMF|Committee|House|Knesset|Party|opposition|"
    r"Opposition|Company|Board|Fund|Exchange|Olympic|University|Vice|Deputy|Serb|Republika)\s+|"
    r"\b(?:funeral|services?|death|memory|assassination|burial)\s+(?:of|for)\s+(?:the\s+)?|ex-)$"
)

_TITLE = "|".join(sorted(map(re.escape, _TITLES), key=len, reverse=True))
_WORD = (
    rf"(?!(?:{_TITLE}|Foreign|Vice|Deputy|Crown|Defense|Secretary|Minister|Met|Attended|"
    r"Summit|January|February|March|April|May|June|July|August|September|October|November|December)\b)"
    r"(?:[ae]l[- ])?[A-ZÀ-ÞĀ-Ž][\w\u2018\u2019'\u2013-]*"
)
_JOIN = r"(?:de|da|do|dos|van|von|der|bin|ibn|bint|al|el|al-|el-|la|le|af|ur|e|arap|da|[A-Z]\.)"
# "King" is a title except in the name of Canada's Mackenzie King.
_NAME = rf"(?:Mackenzie King|(?:{_JOIN}\s+)*{_WORD}(?:\s+(?:(?:{_JOIN}\s+)*{_WORD}|[A-Z]\.))*)"


MANY = 5
"""Offices of so many countries in one list are a gathering, whatever the verb before it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A person or an office named in a text.

    ``country_id`` is null where the text gives no country: the host, or a person to look up.
    ``name`` is empty where only the office is named ("the Presidents of Peru and Bolivia").
    ``gathered`` marks a list of those attending a gathering, not of those met.
    """

    title: str
    office: Office
    name: str
    country_id: str | None
    gathered: bool = False


@cache
def _words() -> dict[str, tuple[str, ...]]:
    """Return the countries of each word: one, or all members of a group of states."""
    out: dict[str, tuple[str, ...]] = {}
    for word, country in demonyms().select("word", "country_id").iter_rows():
        out[word] = (*out.get(word, ()), country)
    return out


@cache
def _country_pattern() -> str:
    return "|".join(sorted(map(re.escape, _words()), key=len, reverse=True))


@cache
def _singular() -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?<![\w-])(?P<adjective>{_country_pattern()})(?:[\u2019']s)?\s+)?"
        r"(?:(?:Acting|Interim|Transitional|Provisional|interim|acting)\s+)?"
        rf"(?<![\w-])(?P<title>{_TITLE})(?:-designate)?\s+(?P<name>{_NAME})"
        rf"(?:\s+of\s+(?:the\s+)?(?P<of>{_country_pattern()})\b)?"
    )


@cache
def _second_office() -> re.Pattern[str]:
    """Return the first of two offices of one person: the country stands in the first."""
    return re.compile(rf"\bDirector of the (?P<country>{_country_pattern()})\b[^,.;]*\band\s+$")


@cache
def _plural() -> re.Pattern[str]:
    country = rf"(?:the\s+)?(?:{_country_pattern()})"
    return re.compile(
        rf"(?<![\w-])(?P<title>{'|'.join(_PLURALS)})\s+of\s+"
        rf"(?P<list>{country}(?:(?:,\s*(?:and\s+)?|\s+and\s+){country})*)"
    )


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the persons and offices that a text names, in the order of the text."""
    found: list[tuple[int, Mention]] = []
    last: re.Match[str] | None = None
    last_country: str | None = None
    for match in _singular().finditer(text):
        if _NOT_OF_A_STATE.search(text[: match.start()]):
            continue
        word = match["adjective"] or match["of"]
        country = _words()[word][0] if word else None
        office = _TITLES[match["title"]]
        if match["title"] == "leader" and country is None:
            continue
        if country is None and office == "minister" and last is not None:
            between = text[last.end() : match.start()]
            if re.fullmatch(r"\s*,?\s*and\s+", between):
                country = last_country
        if country is None and (first := _second_office().search(text, endpos=match.start())):
            country = _words()[first["country"]][0]
        found.append((match.start(), Mention(match["title"], office, match["name"], country)))
        last, last_country = match, country
    for match in _plural().finditer(text):
        words = re.findall(rf"(?<![\w-])(?:{_country_pattern()})(?![\w-])", match["list"])
        countries = [country for word in words for country in _words()[word]]
        gathered = _attended(text[: match.start()]) or len(countries) >= MANY
        title = match["title"].removeprefix("the ")
        office = _PLURALS[match["title"]]
        found.extend(
            (match.start(), Mention(title, office, "", country, gathered)) for country in countries
        )
    return tuple(mention for _, mention in sorted(found, key=lambda pair: pair[0]))


def _attended(before: str) -> bool:
    """Tell whether a list of offices hangs on a gathering rather than on talks."""
    clause = re.split(r"[.;]\s", before)[-1]
    talks = re.search(
        r"\b(?:met|Met|meeting with|conferred|Conferred|[Tt]alks|[Dd]iscuss\w*)\b", clause
    )
    return talks is None


def person(title: str, name: str, country_id: str) -> Mention:
    """Return a person given field by field.

    Raises
    ------
    DataError
        If the title is not one this module knows.
    """
    if title not in _TITLES:
        raise DataError(f"unknown title {title!r} of {name}: one of {', '.join(sorted(_TITLES))}")
    return Mention(title, _TITLES[title], name, country_id)


def split_visitors(visitor: str) -> tuple[Mention, ...]:
    """Return the persons of a visitor field, one per title ("President A and Premier B")."""
    parts = re.split(rf"\s+and\s+(?=(?:{_TITLE})\b)", visitor)
    found: list[Mention] = []
    for part in parts:
        match = re.match(
            rf"(?:Acting |Interim |Transitional )?(?P<title>{_TITLE})[- ]*(?P<name>.*)", part
        )
        if match:
            found.append(Mention(match["title"], _TITLES[match["title"]], match["name"], None))
        else:
            found.append(Mention("", "state", part, None))
    return tuple(found)
