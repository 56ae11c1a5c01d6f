"""From a fitted model and a situation to what the simulator runs: exactly the fitted terms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detente.futures import Channel, Coupling, Kernel, LazyParameters, Parameters, Start, System
from detente.histories.links import LINKS
from detente.histories.risk import KERNELS, MEETING_KERNELS
from detente.relations.model import ModelFile, ProcessPart
from detente.relations.situation import Situation
from detente.relations.terms import ERAS, PERIODS, RUNGS, slope_groups

Floats = NDArray[np.float64]

_TRIGGERS = {
    "dispute": ("initiate", "join", "attack", "enter"),
    "war": ("attack", "enter", "escalate"),
    "leader": ("leaders",),
    "envoy": ("envoys",),
}
_PACE = {"subside": 4.0, "escalate": 0.5, "end": 1.0, "cool": 0.5, "leaders": 0.5, "envoys": 0.5}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A system, where it starts, and one set of parameters a draw."""

    system: System
    start: Start
    parameters: Sequence[Parameters]


@dataclass(frozen=True, slots=True)
class _Memory:
    """A kernel of the simulator: columns it stands for, what it counts, and where it reaches."""

    columns: tuple[str, ...]
    kernel: str
    mask: Floats


def compile_model(
    model: ModelFile,
    situation: Situation,
    *,
    draws: int,
    seed: int,
    horizon: float,
    mode: bool = False,
    shocks: Literal["fitted", "drawn"] = "fitted",
) -> Compiled:
    """Compile a model for a situation.

    Parameters
    ----------
    draws, seed
        Draws of the posterior; draw ``i`` depends on the seed and ``i`` only, and the frailty of
        a dyad on the seed, ``i`` and the dyad only.
    horizon
        Years for which the shocks of the system are drawn.
    mode
        Take the mode of the coefficients, and the mean of each frailty, for every draw.
    shocks
        Shocks of the system in years that the fit has seen: as fitted, or drawn onward from the
        first year's level as if the rest were unknown.
    """
    memories = _memories(model, situation)
    system = _system(model, situation, memories)
    start = Start(
        time=situation.time,
        rung=situation.rung,
        entered=situation.entered,
        stratum=situation.stratum,
        counts=np.stack([_start_count(situation, m) for m in memories], axis=1),
    )
    make = _Parameters(
        model, situation, memories, system, seed, horizon, mode, drawn=shocks == "drawn"
    )
    return Compiled(system, start, LazyParameters(make, draws))


def _start_count(situation: Situation, memory: _Memory) -> Floats:
    return situation.counts[:, list(KERNELS).index(memory.kernel)]


def _memories(model: ModelFile, situation: Situation) -> list[_Memory]:
    """Kernels that some coefficient refers to; meetings count where they enter an intensity."""
    used = {n.split(":", 1)[1] for n in model.names}
    unallied = _unallied(situation)
    memories = [
        _Memory(("past_disputes",), "disputes", np.ones(len(situation.dyads))),
        _Memory(("past_wars",), "wars", np.ones(len(situation.dyads))),
        _Memory(("recorded:past_disputes",), "disputes", situation.recorded),
        *(_Memory((f"met_{k}", f"past_{k}"), k, unallied) for k in MEETING_KERNELS),
    ]
    return [m for m in memories if used & set(m.columns)]


def _unallied(situation: Situation) -> Floats:
    """1 for recorded dyads without a defence pact in most of their years, ``(U,)``."""
    alliance = situation.features["alliance"]
    weight = np.ones_like(alliance) if situation.at_risk is None else situation.at_risk
    allied = (alliance * weight).sum(axis=0) > 0.5 * weight.sum(axis=0)
    return situation.recorded * (1.0 - allied)


def _system(model: ModelFile, situation: Situation, memories: list[_Memory]) -> System:
    links = list(LINKS)
    pieces = max(len(p.cuts) for p in model.processes)
    cuts = np.full((len(model.processes), pieces), np.inf)
    for k, process in enumerate(model.processes):
        cuts[k, : len(process.cuts)] = process.cuts
    return System(
        units=situation.names,
        rungs=RUNGS,
        channels=tuple(_channel(p, links) for p in model.processes),
        cuts=cuts,
        kernels=tuple(
            Kernel(m.columns[0], _TRIGGERS[KERNELS[m.kernel][0]], KERNELS[m.kernel][1])
            for m in memories
        ),
        couplings=_couplings(situation),
        kernel_mask=np.stack([m.mask for m in memories], axis=1),
    )


def _channel(process: ProcessPart, links: list[str]) -> Channel:
    return Channel(
        name=process.name,
        source=None if process.source is None else RUNGS.index(process.source),
        target=None if process.target is None else RUNGS.index(process.target),
        gate=None if process.gate is None else links.index(process.gate),
        pace=_PACE.get(process.name, 0.02),
    )


def _couplings(situation: Situation) -> tuple[Coupling, ...]:
    """Neighbours of every dyad: those that share a member, and of these the allies' ones."""
    members = [(d // 1000, d % 1000) for d in situation.dyads]
    by_state: dict[int, list[int]] = {}
    for u, pair in enumerate(members):
        for ccode in pair:
            by_state.setdefault(ccode, []).append(u)
    near: list[list[int]] = []
    allied: list[list[int]] = []
    for u, (i, j) in enumerate(members):
        touching = [(v, i, j) for v in by_state[i] if v != u]
        touching += [(v, j, i) for v in by_state[j] if v != u]
        near.append(sorted(v for v, _, _ in touching))
        allied.append(
            sorted(
                v
                for v, shared, other in touching
                if _pair(sum(members[v]) - shared, other) in situation.allies
            )
        )
    either, war = (1, 2), (2,)
    lists = {"linked": (near, either), "linked_war": (near, war)}
    lists |= {"ally": (allied, either), "ally_war": (allied, war)}
    return tuple(
        Coupling(
            name,
            lists[name][1],
            np.cumsum([0, *(len(x) for x in lists[name][0])]),
            np.array([v for x in lists[name][0] for v in x], dtype=np.int64),
        )
        for name in LINKS
    )


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


class _Parameters:
    """Make the parameters of one draw from the coefficients it draws."""

    def __init__(
        self,
        model: ModelFile,
        situation: Situation,
        memories: list[_Memory],
        system: System,
        seed: int,
        horizon: float,
        mode: bool,
        drawn: bool,
    ) -> None:
        self.drawn = drawn
        self.model, self.situation, self.system = model, situation, system
        self.seed, self.mode = seed, mode
        self.years = max(1, math.floor(situation.time + horizon) - math.floor(situation.time) + 1)
        self.columns = [m.columns for m in memories]
        self.root = model.covariance_root
        self.static = _static_columns(situation)
        self.places = {n: i for i, n in enumerate(model.names)}

    def __call__(self, draw: int) -> Parameters:
        rng = stream(self.seed, draw, 0)
        step = self.root @ rng.standard_normal(len(self.model.mean))
        if self.mode:
            step = np.zeros_like(step)
        theta = np.asarray(self.model.mean) + step
        frailty = self._frailty(draw, step)
        processes = self.model.processes
        kernel = self._coefficients(self.columns, theta)
        coupling = self._coefficients([(name,) for name in LINKS], theta)
        return Parameters(
            log_base=np.stack([self._base(p, theta) for p in processes]),
            eta=np.stack([self._eta(p, theta, frailty) for p in processes], axis=1),
            kernel_coef=kernel,
            coupling_coef=coupling,
            walk=self._walk(draw, theta),
            loading=np.array([float(p.name == "initiate") for p in processes]),
        )

    def _coefficient(self, process: str, column: str, theta: Floats) -> float:
        found = [self.places.get(f"{g}:{column}") for g in slope_groups(process)]
        return float(sum(theta[i] for i in found if i is not None))

    def _coefficients(self, columns: Sequence[tuple[str, ...]], theta: Floats) -> Floats:
        """Coefficients of every process on terms that stand for one or more columns, ``(K, n)``."""
        return np.array(
            [
                [sum(self._coefficient(p.name, c, theta) for c in group) for group in columns]
                for p in self.model.processes
            ]
        )

    def _base(self, process: ProcessPart, theta: Floats) -> Floats:
        """Log levels by stratum and piece; stratum 0 has had no dispute."""
        pieces = self.system.cuts.shape[1] + 1
        prefix = f"{process.name}:baseline["
        names = [n for n in self.model.names if n.startswith(prefix)]
        out = np.zeros((2, pieces))
        for stratum, fresh in enumerate((1, 0)):
            own = [n for n in names if n.endswith(f"|fresh={fresh}")] or names
            levels = theta[[self.places[n] for n in own]]
            out[stratum, : len(levels)] = levels
            out[stratum, len(levels) :] = levels[-1]
        return out

    def _eta(self, process: ProcessPart, theta: Floats, frailty: Floats) -> Floats:
        """Log offsets by year, rung and dyad, ``(Y, S, U)``."""
        years = len(next(iter(self.static.values())))
        total = np.zeros((years, len(self.situation.dyads)))
        for group in slope_groups(process.name):
            for column, values in self.static.items():
                place = self.places.get(f"{group}:{column}")
                if place is not None:
                    total = total + theta[place] * values
        if process.name == "initiate":
            total = total + frailty
        out = np.repeat(total[:, None, :], len(RUNGS), axis=1)
        if process.source is None:
            for s, rung in enumerate(RUNGS[1:], start=1):
                out[:, s, :] += self._coefficient(process.name, f"in_{rung}", theta)
            # Meetings of allies enter no intensity but their own: they are left out.
            unallied = self.situation.recorded * (1.0 - self.static["alliance"])
            out = np.where(unallied[:, None, :] > 0, out, -np.inf)
        if process.source in (None, "calm") and self.situation.at_risk is not None:
            with np.errstate(divide="ignore"):
                out = out + np.log(self.situation.at_risk)[:, None, :]
        return out

    def _frailty(self, draw: int, step: Floats) -> Floats:
        part = self.model.frailty
        out = np.zeros(len(self.situation.dyads))
        for u, dyad in enumerate(self.situation.dyads):
            known = self.model.by_dyad.get(dyad)
            mean, variance = (known.frailty, known.variance) if known else (0.0, part.sd**2)
            if self.mode:
                out[u] = mean + 0.5 * variance
                continue
            shift = float(np.asarray(known.slope) @ step[part.terms]) if known else 0.0
            noise = float(stream(self.seed, draw, dyad).standard_normal())
            out[u] = mean - shift + noise * math.sqrt(variance)
        return out

    def _walk(self, draw: int, theta: Floats) -> Floats:
        """Shocks of the system from the first year on: its last level, then the walk goes on."""
        walk = self.model.walk
        last = walk.first_year + len(walk.levels) - 1
        first = math.floor(self.situation.time)
        if self.drawn:
            known = np.array(walk.levels[: first - walk.first_year + 1][-1:])
            last = first
        elif first <= last:
            known = np.array(walk.levels[first - walk.first_year :])
        else:
            known = np.array([theta[-1]])
        ahead = max(first + self.years - 1 - last, 0)
        steps = stream(self.seed, draw, 1).standard_normal(ahead) * walk.sd
        path = np.concatenate([known, known[-1] + np.cumsum(steps)])
        return path[-self.years :] if first > last else path[: self.years]


def stream(seed: int, draw: int, part: int) -> np.random.Generator:
    """Open the stream of a part of a draw.

    Part 0 is the coefficients, 1 the shocks, 2 to 999 a scenario's priors, else the dyad.
    """
    key = np.array([seed, draw * 1_000_000 + part], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))


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
