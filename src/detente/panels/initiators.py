"""Who began a dispute, and the columns that say so."""

from __future__ import annotations

import polars as pl

from detente.core.errors import UnknownNameError

INITIATORS = ("all_joiners", "side_a_joiners", "originators")
"""Which states began a dispute.

``all_joiners``: those of side A, and those that joined either side later. ``side_a_joiners``:
those of side A, whenever they came. ``originators``: those of side A on its first day.
"""

_SIDES = (1, 2)


def began(initiators: str, side_a: pl.Expr, orig: pl.Expr) -> pl.Expr:
    """Return whether a state began the dispute: it is on side A, there on the first day.

    Raises
    ------
    UnknownNameError
        If ``initiators`` is not one of :data:`INITIATORS`.
    """
    match initiators:
        case "all_joiners":
            return side_a | ~orig
        case "side_a_joiners":
            return side_a
        case "originators":
            return side_a & orig
        case other:
            raise UnknownNameError("initiators", str(other), INITIATORS)


def with_initiators(disputes: pl.LazyFrame, initiators: str) -> pl.LazyFrame:
    """Add ``init1`` and ``init2``, who of a pair began, from ``side_a1``, ``orig1`` and theirs."""
    return disputes.with_columns(
        began(initiators, pl.col(f"side_a{side}"), pl.col(f"orig{side}")).alias(f"init{side}")
        for side in _SIDES
    )


def names_of(stem: str) -> tuple[str, ...]:
    """Return the columns of a state or leader: onset, ongoing, and the same where it began."""
    return (f"{stem}onset", f"{stem}ongoing", f"{stem}onset_init", f"{stem}ongoing_init")


def pair_names_of(stem: str) -> tuple[str, ...]:
    """Return the columns of a pair: the last two of :func:`names_of` stand once for each side."""
    onset, ongoing, *own = names_of(stem)
    return (onset, ongoing, *(f"{name}{side}" for name in own for side in _SIDES))


def flags_of(stem: str) -> list[pl.Expr]:
    """Return what a state's or leader's disputes of a year say, from ``onset`` and ``init``."""
    onset, own = pl.col("onset"), pl.col("init")
    flags = (onset.any(), pl.lit(True), (onset & own).any(), own.any())
    return [
        flag.cast(pl.Int32).alias(name) for flag, name in zip(flags, names_of(stem), strict=True)
    ]


def pair_flags_of(stem: str) -> list[pl.Expr]:
    """Return what a pair's disputes of a year say, from ``onset``, ``init1`` and ``init2``."""
    onset, own = pl.col("onset"), [pl.col(f"init{side}") for side in _SIDES]
    flags = (
        *(onset.any(), pl.lit(True)),
        *((onset & init).any() for init in own),
        *(init.any() for init in own),
    )
    names = pair_names_of(stem)
    return [flag.cast(pl.Int32).alias(name) for flag, name in zip(flags, names, strict=True)]
