"""Years, states and pairs as a caller may write them, made into numbers."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

from detente.core.errors import InputError
from detente.core.states import Dyad, state
from detente.panels.units import System


def given_years(years: Sequence[int]) -> tuple[int, int]:
    """Return the first and the last year of a pair, or of a range that leaves none out.

    Raises
    ------
    InputError
        If they are anything else, such as a list of every year.

    Examples
    --------
    >>> given_years((1990, 2000)), given_years(range(1990, 2001))
    ((1990, 2000), (1990, 2000))
    """
    if isinstance(years, range):
        if not years or years.step != 1:
            raise InputError(f"years = {years}: a range must hold every year between two")
        return years[0], years[-1]
    found: Any = years
    try:
        first, last = found
        return operator.index(first), operator.index(last)
    except (TypeError, ValueError):
        raise InputError(
            f"years = {str(found)[:60]}: give the first and the last year, as in (1990, 2000)"
        ) from None


def given_states(states: Iterable[int | str], system: System) -> tuple[int, ...]:
    """Return the codes of states, each given as :func:`given_state` takes it."""
    if isinstance(states, str):
        raise InputError(f"states = {states!r}: give a list, as in [{states!r}]")
    return tuple(given_state(each, system) for each in states)


def given_state(key: int | str, system: System) -> int:
    """Return a state's code; one of the Correlates of War has abbreviations and names too.

    Raises
    ------
    InputError
        If it is neither a number nor such a name.
    """
    text = str(key).strip()
    if text.isdecimal():
        return int(text)
    if system == "cow" and isinstance(key, str):
        return state(text).ccode
    names = ", or an abbreviation or name" if system == "cow" else ""
    raise InputError(f"state {key!r}: give its {system} code, a whole number{names}")


def given_pair(pair: Sequence[int | str] | str, system: System) -> tuple[int, int]:
    """Return the codes of a pair of states, the smaller first.

    Raises
    ------
    InputError
        If it is not two different states.
    """
    if isinstance(pair, str):
        if system != "cow":
            raise InputError(f"dyad {pair!r}: give Gleditsch-Ward codes as a pair of numbers")
        parsed = Dyad.parse(pair)
        return parsed.ccode1, parsed.ccode2
    if len(pair) != 2:
        raise InputError(f"dyad {pair}: name two states")
    one, other = (given_state(each, system) for each in pair)
    if one == other:
        raise InputError(f"dyad of {one} with itself: name two states")
    return min(one, other), max(one, other)
