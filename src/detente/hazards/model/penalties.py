"""Quadratic penalties of a model: smooth baselines, ridges, random walks, joint frailties."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from detente.core.errors import InputError
from detente.hazards.model.baselines import Piecewise, Scale
from detente.hazards.model.spec import HazardSpec

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Penalty:
    """A quadratic penalty: precision times ``matrix`` on the coefficients at ``columns``."""

    name: str
    columns: Ints
    matrix: Floats
    rank: int
    scale: Scale


def penalties_of(
    spec: HazardSpec, names: tuple[str, ...], walk: int, joint: int
) -> tuple[Penalty, ...]:
    """Penalties on coefficients, then ``walk`` levels of a walk, then ``joint`` frailties."""
    return (
        *_smoothing(spec, names),
        *_ridges(spec, names),
        *_walk(spec, len(names), walk),
        *_joint(spec, len(names) + walk, joint),
    )


def _difference(n: int) -> Floats:
    d = np.diff(np.eye(n), axis=0)
    return np.asarray(d.T @ d, dtype=np.float64)


def _smoothing(spec: HazardSpec, names: tuple[str, ...]) -> list[Penalty]:
    """Penalise bends of splines, and differences of neighbouring pieces, stratum by stratum."""
    penalties: list[Penalty] = []
    for t in spec.transitions:
        if t.baseline.bends is not None:
            n, sd = t.baseline.bends
            bent = [names.index(shape) for shape in t.shapes[-n:]]
            penalties.append(Penalty(f"{t.name}:smooth", np.array(bent), np.eye(n), n, sd))
        if not isinstance(t.baseline, Piecewise) or t.baseline.smooth is None:
            continue
        prefix, pieces = f"{t.name}:baseline[", len(t.baseline.cuts) + 1
        columns = [i for i, n in enumerate(names) if n.startswith(prefix)]
        if pieces < 2:
            continue
        strata = len(columns) // pieces
        matrix = np.asarray(np.kron(np.eye(strata), _difference(pieces)), dtype=np.float64)
        penalties.append(
            Penalty(
                f"{t.name}:smooth",
                np.array(columns, dtype=np.int64),
                matrix,
                strata * (pieces - 1),
                t.baseline.smooth,
            )
        )
    return penalties


def _ridges(spec: HazardSpec, names: tuple[str, ...]) -> list[Penalty]:
    """One penalty for each ridge; a coefficient takes the first that matches."""
    shapes = {n for t in spec.transitions for n in t.shapes}
    free = [i for i, n in enumerate(names) if ":baseline[" not in n and n not in shapes]
    penalties: list[Penalty] = []
    for ridge in spec.ridges:
        columns = [i for i in free if _matches(names[i], ridge.patterns)]
        if not columns:
            raise InputError(f"no coefficient is left that matches the ridge {ridge.patterns}")
        free = [i for i in free if i not in columns]
        name, n = "|".join(ridge.patterns), len(columns)
        penalties.append(Penalty(name, np.array(columns, dtype=np.int64), np.eye(n), n, ridge.sd))
    return penalties


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    # A name such as "C(g)[T.b]" is a character class to fnmatch, so it is compared as it is too.
    return any(name == p or fnmatchcase(name, p) for p in patterns)


# The level of a walk is not identified beside an intercept: this precision on its mean pins it
# at zero without touching its shape.
_LEVEL_PRECISION = 1e6


def _walk(spec: HazardSpec, first: int, n: int) -> list[Penalty]:
    if spec.walk is None:
        return []
    columns = np.arange(first, first + n)
    mean = np.full((n, n), _LEVEL_PRECISION / n**2)
    return [
        Penalty(spec.walk.name, columns, _difference(n), n - 1, spec.walk.sd),
        Penalty(f"{spec.walk.name}:level", columns, mean, 1, 1.0),
    ]


def _joint(spec: HazardSpec, first: int, n: int) -> list[Penalty]:
    # The penalty of a gamma frailty is not a quadratic: it is the prior's own.
    if spec.frailty is None or spec.frailty.distribution == "gamma" or not n:
        return []
    return [Penalty(spec.frailty.name, np.arange(first, first + n), np.eye(n), n, spec.frailty.sd)]
