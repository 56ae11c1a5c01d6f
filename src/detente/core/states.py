"""States of the Correlates of War (COW) system, and pairs of them.

The shipped table ``states.csv`` holds our own coding of identifiers (COW code and abbreviation,
ISO 3166-1 alpha-3 where the state has one, common other names) and of the calendar years of
membership, after the Correlates of War Project, State System Membership List, v2016. Days of
membership are in the dataset ``cow_states``. The list ends with 2016: a state that is a member
then counts as one ever after.
"""

from __future__ import annotations

import csv
import functools
import io
from dataclasses import dataclass
from importlib import resources

from detente.core.errors import InputError, UnknownNameError

_OTHER_YEARS = {
    255: (260, 265),
    260: (255,),
    265: (255,),
    300: (305,),
    305: (300,),
    315: (316, 317),
    316: (315,),
    317: (315,),
    678: (679,),
    679: (678, 680),
    680: (679,),
    730: (731, 732),
    731: (730,),
    732: (730,),
    816: (817,),
    817: (816,),
}
"""Codes of states that had the same lands, or a part of them, in other years (the same list)."""


@dataclass(frozen=True, slots=True)
class State:
    """A state: COW code, abbreviation and name, ISO alpha-3 or "", years of membership.

    ``spells`` holds pairs of first and last calendar year with a day of membership; the last is
    None where membership was under way at the end of 2016.
    """

    ccode: int
    abb: str
    name: str
    iso3: str
    spells: tuple[tuple[int, int | None], ...]
    also: tuple[str, ...] = ()

    def member_in(self, year: int) -> bool:
        """Say whether the state was a member on at least one day of a calendar year."""
        return any(first <= year and (last is None or year <= last) for first, last in self.spells)


def states() -> tuple[State, ...]:
    """Return every state that has been a member, sorted by code."""
    return tuple(_by_ccode().values())


def state(key: int | str) -> State:
    """Find a state by COW code, COW abbreviation, ISO alpha-3 or name, whatever the case.

    Germany is 255 (until 1945 and since 1990); the Federal Republic of 1955-1990 is 260.

    Raises
    ------
    UnknownNameError
        If no state has this code, abbreviation or name.
    InputError
        If the abbreviation means one state to COW and another to ISO (``AUS``).

    Examples
    --------
    >>> state("DEU").ccode, state("UKG").iso3, state(365).abb
    (255, 'GBR', 'RUS')
    """
    text = str(key).strip()
    if text.isdecimal():
        found = _by_ccode().get(int(text))
        if found is None:
            raise UnknownNameError("state code", text, map(str, _by_ccode()))
        return found
    folded = text.casefold()
    matches = _by_name().get(folded)
    if matches is None:
        raise UnknownNameError("state", text, (s.name for s in states()))
    if len(matches) > 1:
        choices = " or ".join(f"{_by_ccode()[c].name} ({c})" for c in matches)
        raise InputError(f"state {text!r} is {choices}: give the COW code or the name")
    return _by_ccode()[next(iter(matches))]


def abb(ccode: int) -> str:
    """Return the COW abbreviation of a code."""
    return state(ccode).abb


def in_other_years(ccode: int) -> tuple[int, ...]:
    """Return the codes of states that had a state's lands, or a part of them, in other years.

    Empty for a state that kept one code, and for a code that no state has.

    Examples
    --------
    >>> in_other_years(255)
    (260, 265)
    """
    return _OTHER_YEARS.get(ccode, ())


def is_member_year(ccode: int, year: int) -> bool:
    """Say whether a state was a member on at least one day of a calendar year.

    A code that no state has is never a member.
    """
    found = _by_ccode().get(ccode)
    return found is not None and found.member_in(year)


@dataclass(frozen=True, slots=True, order=True)
class Dyad:
    """An unordered pair of states, kept with the smaller code first.

    Examples
    --------
    >>> Dyad.parse("RUS-USA")
    Dyad(ccode1=2, ccode2=365)
    >>> str(Dyad.of("DEU", "FRA"))
    'FRN-GMY'
    """

    ccode1: int
    ccode2: int

    def __post_init__(self) -> None:
        for ccode in (self.ccode1, self.ccode2):
            if ccode not in _by_ccode():
                raise UnknownNameError("state code", str(ccode), map(str, _by_ccode()))
        if self.ccode1 >= self.ccode2:
            raise InputError(
                f"dyad ({self.ccode1}, {self.ccode2}): codes must differ and ascend: "
                f"use Dyad.of for any order"
            )

    @classmethod
    def of(cls, one: int | str, other: int | str) -> Dyad:
        """Make a dyad of two states in any order, each as :func:`state` takes it."""
        first, second = state(one), state(other)
        if first.ccode == second.ccode:
            raise InputError(f"dyad of {first.name} with itself: name two states")
        return cls(*sorted((first.ccode, second.ccode)))

    @classmethod
    def parse(cls, text: str) -> Dyad:
        """Read a dyad such as ``USA-RUS`` or ``2-365``; names may hold hyphens of their own."""
        parts = text.split("-")
        for cut in range(1, len(parts)):
            one, other = "-".join(parts[:cut]).strip(), "-".join(parts[cut:]).strip()
            if _known(one) and _known(other):
                return cls.of(one, other)
        if len(parts) == 2 and all(part.strip() for part in parts):
            return cls.of(parts[0], parts[1])
        raise InputError(f"dyad {text!r} is not two states joined by a hyphen, as in USA-RUS")

    def __str__(self) -> str:
        return f"{abb(self.ccode1)}-{abb(self.ccode2)}"


def _known(text: str) -> bool:
    return (text.isdecimal() and int(text) in _by_ccode()) or text.casefold() in _by_name()


@functools.cache
def _by_ccode() -> dict[int, State]:
    source = resources.files("detente.core").joinpath("states.csv")
    found: dict[int, State] = {}
    for row in csv.DictReader(io.StringIO(source.read_text(encoding="utf-8"))):
        ccode = int(row["ccode"])
        spell = (int(row["first"]), int(row["last"]) if row["last"] else None)
        before = found[ccode].spells if ccode in found else ()
        found[ccode] = State(
            ccode=ccode,
            abb=row["stateabb"],
            name=row["name"],
            iso3=row["iso3"],
            spells=(*before, spell),
            also=tuple(filter(None, row["also"].split(";"))),
        )
    return found


@functools.cache
def _by_name() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for member in _by_ccode().values():
        for text in {member.abb, member.iso3, member.name, *member.also} - {""}:
            folded = text.casefold()
            found[folded] = (*found.get(folded, ()), member.ccode)
    return found
