"""Parameters of one draw of the posterior, as the simulator takes them.

What does not depend on the draw (where each coefficient stands, and what it multiplies) is laid
out once; a draw is then a few sums of arrays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.core.sums import dot
from detente.futures import Parameters
from detente.histories.links import LINKS
from detente.relations.model import ModelFile, ProcessPart
from detente.relations.situation import Situation
from detente.relations.terms import ERAS, PERIODS, RUNGS, slope_groups

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

_NOTHING = -1
"""Place of a coefficient that the model has not: theta ends in a zero."""


@dataclass(frozen=True, slots=True)
class _Offset:
    """Log offsets of a process that are linear in theta.

    ``places`` are of the static columns ``columns``, ``(c,)``; ``rungs`` of what each rung adds,
    by group, ``(S, g)``; ``fixed`` is added last, ``(Y, 1, U)``, minus infinity where not at risk.
    A ``frail`` process has the frailties of the dyads.
    """

    places: Places
    columns: Places
    rungs: Places
    fixed: Floats
    frail: bool


class DrawnParameters:
    """Makes the parameters of a draw from the coefficients it draws.

    Parameters
    ----------
    columns
        Columns that each kernel stands for.
    pieces
        Pieces of the longest clock.
    seed, horizon, mode
        As :func:`detente.relations.compile.compile_model` takes them.
    drawn
        Draw the shocks of years that the fit has seen.
    """

    def __init__(
        self,
        model: ModelFile,
        situation: Situation,
        columns: Sequence[tuple[str, ...]],
        *,
        pieces: int,
        seed: int,
        horizon: float,
        mode: bool,
        drawn: bool,
    ) -> None:
        self._model, self._situation = model, situation
        self._seed, self._mode, self._drawn = seed, mode, drawn
        self._years = max(1, math.floor(situation.time + horizon) - math.floor(situation.time) + 1)
        self._mean, self._root = np.asarray(model.mean), model.covariance_root
        self._places = {n: i for i, n in enumerate(model.names)}
        static = _static_columns(situation)
        self._static = np.array(list(static.values()))
        self._offsets = [self._offset(p, static) for p in model.processes]
        self._base = np.array([self._levels(p, pieces) for p in model.processes])
        self._kernels = self._coefficients(columns)
        self._links = self._coefficients([(name,) for name in LINKS])
        self._follows = np.array([float(p.name == "initiate") for p in model.processes])
        known = [model.by_dyad.get(d) for d in situation.dyads]
        # A dyad that the record does not know has the frailty of any: the prior's.
        none = [0.0] * len(model.frailty.terms)
        self._mean_frailty = np.array([k.frailty if k else 0.0 for k in known])
        self._variance = np.array([k.variance if k else model.frailty.sd**2 for k in known])
        self._slopes = np.array([k.slope if k else none for k in known])

    def __call__(self, draw: int) -> Parameters:
        """Make the parameters of a draw, from 0."""
        step = dot(self._root, stream(self._seed, draw, 0).standard_normal(len(self._mean)))
        if self._mode:
            step = np.zeros_like(step)
        theta = np.append(self._mean + step, 0.0)
        frailty = self._frailty(draw, step)
        return Parameters(
            log_base=theta[self._base],
            eta=np.stack([self._eta(x, theta, frailty) for x in self._offsets], axis=1),
            kernel_coef=_sums(theta, self._kernels),
            coupling_coef=_sums(theta, self._links),
            walk=self._walk(draw, float(theta[-2])),
            loading=self._follows,
        )

    def _of(self, process: str, column: str) -> list[int]:
        """Places of a column's coefficients in the groups of a process."""
        return [self._places.get(f"{g}:{column}", _NOTHING) for g in slope_groups(process)]

    def _coefficients(self, columns: Sequence[tuple[str, ...]]) -> Places:
        """Places of the coefficients of terms that stand for some columns, ``(K, n, c, g)``."""
        processes = self._model.processes
        found = [[[self._of(p.name, c) for c in term] for term in columns] for p in processes]
        shape = (
            len(processes),
            len(columns),
            max((len(term) for term in columns), default=0),
            max(len(slope_groups(p.name)) for p in processes),
        )
        places = np.full(shape, _NOTHING)
        for k, terms in enumerate(found):
            for n, term in enumerate(terms):
                for c, groups in enumerate(term):
                    places[k, n, c, : len(groups)] = groups
        return places

    def _levels(self, process: ProcessPart, pieces: int) -> Places:
        """Places of log levels by stratum and piece; stratum 0 has had no dispute."""
        prefix = f"{process.name}:baseline["
        names = [n for n in self._model.names if n.startswith(prefix)]
        out = np.zeros((2, pieces), dtype=np.int64)
        for stratum, fresh in enumerate((1, 0)):
            own = [n for n in names if n.endswith(f"|fresh={fresh}")] or names
            found = [self._places[n] for n in own]
            out[stratum] = found + found[-1:] * (pieces - len(found))
        return out

    def _offset(self, process: ProcessPart, static: dict[str, Floats]) -> _Offset:
        situation = self._situation
        found = [
            (place, at)
            for group in slope_groups(process.name)
            for at, column in enumerate(static)
            if (place := self._places.get(f"{group}:{column}")) is not None
        ]
        years, dyads = self._static.shape[1:]
        rungs = np.full((len(RUNGS), len(slope_groups(process.name))), _NOTHING)
        fixed = np.zeros((years, 1, dyads))
        if process.source is None:
            rungs[1:] = [self._of(process.name, f"in_{rung}") for rung in RUNGS[1:]]
            # Meetings of allies enter no intensity but their own: they are left out.
            unallied = situation.recorded * (1.0 - static["alliance"])
            fixed[:, 0, :] = np.where(unallied > 0, 0.0, -np.inf)
        if process.source in (None, "calm") and situation.at_risk is not None:
            with np.errstate(divide="ignore"):
                fixed = fixed + np.log(situation.at_risk)[:, None, :]
        places, columns = np.array(found, dtype=np.int64).reshape(-1, 2).T
        return _Offset(places, columns, rungs, fixed, frail=process.name == "initiate")

    def _eta(self, offset: _Offset, theta: Floats, frailty: Floats) -> Floats:
        """Log offsets of a process by year, rung and dyad, ``(Y, S, U)``."""
        slopes = theta[offset.places, None, None]
        total = (slopes * self._static[offset.columns]).sum(axis=0, initial=0.0)
        if offset.frail:
            total = total + frailty
        return total[:, None, :] + theta[offset.rungs].sum(axis=1)[:, None] + offset.fixed

    def _frailty(self, draw: int, step: Floats) -> Floats:
        """Frailty of every dyad, ``(U,)``."""
        if self._mode:
            return self._mean_frailty + 0.5 * self._variance
        noise = np.array(first_normals(self._seed, draw, self._situation.dyads))
        mean = self._mean_frailty - dot(self._slopes, step[self._model.frailty.terms])
        return mean + noise * np.sqrt(self._variance)

    def _walk(self, draw: int, level: float) -> Floats:
        """Shocks of the system from the first year on: its last level, then the walk goes on."""
        walk = self._model.walk
        last = walk.first_year + len(walk.levels) - 1
        first = math.floor(self._situation.time)
        if self._drawn:
            known = np.array(walk.levels[: first - walk.first_year + 1][-1:])
            last = first
        elif first <= last:
            known = np.array(walk.levels[first - walk.first_year :])
        else:
            known = np.array([level])
        ahead = max(first + self._years - 1 - last, 0)
        steps = stream(self._seed, draw, 1).standard_normal(ahead) * walk.sd
        path = np.concatenate([known, known[-1] + np.cumsum(steps)])
        return path[-self._years :] if first > last else path[: self._years]


def _sums(theta: Floats, places: Places) -> Floats:
    """Coefficients of every process on terms that stand for one or more columns, ``(K, n)``."""
    return theta[places].sum(axis=3).sum(axis=2)


def stream(seed: int, draw: int, part: int) -> np.random.Generator:
    """Open the stream of a part of a draw.

    Part 0 is the coefficients, 1 the shocks, 2 to 999 a scenario's priors, else the dyad.
    """
    key = np.array([seed, draw * 1_000_000 + part], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


def first_normals(seed: int, draw: int, parts: Sequence[int]) -> list[float]:
    """First standard normal of the :func:`stream` of each part: one is opened and keyed anew."""
    opened = stream(seed, draw, 0)
    fresh = opened.bit_generator.state
    out: list[float] = []
    for part in parts:
        fresh["state"]["key"][1] = draw * 1_000_000 + part
        opened.bit_generator.state = fresh
        out.append(opened.standard_normal())
    return out


def _static_columns(situation: Situation) -> dict[str, Floats]:
    """Values of every column that does not change with events, ``(Y, U)``."""
    years = len(next(iter(situation.features.values())))
    shape = (years, len(situation.dyads))
    recorded = np.broadcast_to(situation.recorded, shape)
    columns = {k: np.broadcast_to(v, shape) for k, v in situation.features.items()}
    columns |= {f"recorded:{k}": recorded * v for k, v in columns.items()}
    columns["recorded"] = recorded
    first = math.floor(situation.time)
    calendar = np.arange(first, first + years)[:, None]
    for prefix, starts in (("since", PERIODS), ("era", ERAS)):
        for year in starts:
            columns[f"{prefix}_{year}"] = np.broadcast_to((calendar >= year).astype(float), shape)
    return columns
