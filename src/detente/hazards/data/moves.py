"""The states of a process and the moves between them that are possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from detente.core.errors import InputError, UnknownNameError


@dataclass(frozen=True, slots=True)
class Moves:
    """States, and the legal moves between them in the order of their transitions.

    Parameters
    ----------
    states
        Names, each once, in the order of tables and matrices.
    arrows
        Pairs ``(from, to)`` of different states, each once.
    names
        A name for each arrow; ``"from->to"`` if left out.

    Raises
    ------
    InputError
        A name twice, an arrow to or from nowhere, or from a state to itself.

    Examples
    --------
    >>> from detente.hazards import Moves
    >>> moves = Moves(("well", "ill", "dead"), (("well", "ill"), ("well", "dead"), ("ill", "dead")))
    >>> moves.names, moves.absorbing
    (('well->ill', 'well->dead', 'ill->dead'), ('dead',))
    """

    states: tuple[str, ...]
    arrows: tuple[tuple[str, str], ...]
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Complete the names and refuse what is no process."""
        states = tuple(str(s) for s in self.states)
        arrows = tuple((str(a), str(b)) for a, b in self.arrows)
        names = tuple(str(n) for n in self.names) or tuple(f"{a}->{b}" for a, b in arrows)
        for field, value in (("states", states), ("arrows", arrows), ("names", names)):
            object.__setattr__(self, field, value)
            if len(set(value)) < len(value):
                raise InputError(f"the {field} of the moves must differ, got {value}")
        if not arrows or len(names) != len(arrows):
            raise InputError(f"moves need arrows, and as many names: {len(arrows)}, {len(names)}")
        for a, b in arrows:
            for state in (a, b):
                if state not in states:
                    raise UnknownNameError("state", state, states)
            if a == b:
                raise InputError(f"the arrow {(a, b)} does not leave its state: drop it")

    @classmethod
    def from_matrix(
        cls, states: Sequence[str], matrix: Sequence[Sequence[Any]], names: Sequence[str] = ()
    ) -> Moves:
        """Moves of a square matrix: row is from, column is to; 0, None, NaN and False are illegal.

        Numbers that differ give the order of the transitions (mstate's ``transMat``); else it is
        row by row.
        """
        rows = [list(row) for row in matrix]
        if len(rows) != len(states) or any(len(row) != len(states) for row in rows):
            raise InputError(f"the matrix of moves must be {len(states)} x {len(states)}")
        legal: list[tuple[float, tuple[str, str]]] = []
        for state, row in zip(states, rows, strict=True):
            for target, entry in zip(states, row, strict=True):
                if entry is not None and entry == entry and float(entry) != 0:
                    legal.append((float(entry), (str(state), str(target))))
        if len({number for number, _ in legal}) == len(legal):
            legal.sort()
        return cls(tuple(states), tuple(arrow for _, arrow in legal), tuple(names))

    @classmethod
    def illness_death(
        cls, well: str = "well", ill: str = "ill", dead: str = "dead", *, recovery: bool = False
    ) -> Moves:
        """Three states: well, ill, dead; with a way back if there is ``recovery``."""
        back = ((ill, well),) if recovery else ()
        return cls((well, ill, dead), ((well, ill), (well, dead), *back, (ill, dead)))

    @classmethod
    def competing_risks(cls, start: str, causes: Sequence[str]) -> Moves:
        """One state that is left once, for one of several causes."""
        return cls((start, *causes), tuple((start, cause) for cause in causes))

    @classmethod
    def of_table(cls, table: pl.DataFrame) -> Moves:
        """Moves that a long table lists in ``from`` and ``to``, named by its ``transition``.

        States come sorted, as numbers where all are; transitions in the order of their states.
        """
        listed = table.select("from", "to", "transition").unique()
        states = sorted({str(s) for c in ("from", "to") for s in listed[c].to_list()}, key=_order)
        rows = sorted(
            ((str(a), str(b), str(n)) for a, b, n in listed.iter_rows()),
            key=lambda r: (states.index(r[0]), states.index(r[1])),
        )
        return cls(tuple(states), tuple((a, b) for a, b, _ in rows), tuple(n for _, _, n in rows))

    @property
    def absorbing(self) -> tuple[str, ...]:
        """States that no arrow leaves."""
        left = {a for a, _ in self.arrows}
        return tuple(s for s in self.states if s not in left)

    @property
    def cyclic(self) -> bool:
        """Whether a state can be entered again after it was left."""
        left = list(self.arrows)
        while left:
            ends = [a for a in left if a[1] not in {b[0] for b in left}]
            if not ends:
                return True
            left = [a for a in left if a not in ends]
        return False

    def arrow(self, name: str) -> tuple[str, str]:
        """From and to of a transition."""
        if name not in self.names:
            raise UnknownNameError("transition", name, self.names)
        return self.arrows[self.names.index(name)]

    def out_of(self, state: str) -> tuple[str, ...]:
        """Names of the transitions that leave a state, in order."""
        if state not in self.states:
            raise UnknownNameError("state", state, self.states)
        return tuple(n for n, (a, _) in zip(self.names, self.arrows, strict=True) if a == state)

    def name(self, start: str, to: str) -> str:
        """Name of the transition from one state to another."""
        if (start, to) not in self.arrows:
            raise UnknownNameError("move", f"{start}->{to}", [f"{a}->{b}" for a, b in self.arrows])
        return self.names[self.arrows.index((start, to))]

    def matrix(self) -> list[list[int]]:
        """Numbers of the transitions from 1, row is from, column is to, 0 where illegal."""
        number = {arrow: i + 1 for i, arrow in enumerate(self.arrows)}
        return [[number.get((a, b), 0) for b in self.states] for a in self.states]


def _order(state: str) -> tuple[int, float, str]:
    try:
        return (0, float(state), state)
    except ValueError:
        return (1, 0.0, state)
