"""From a fitted model and a situation to what the simulator runs: exactly the fitted terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detente.futures import Channel, Coupling, Kernel, LazyParameters, Parameters, Start, System
from detente.histories.links import LINKS
from detente.histories.risk import KERNELS, MEETING_KERNELS
from detente.relations.model import ModelFile, ProcessPart
from detente.relations.parameters import DrawnParameters
from detente.relations.situation import Situation
from detente.relations.terms import RUNGS

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
    make = DrawnParameters(
        model,
        situation,
        [m.columns for m in memories],
        pieces=system.cuts.shape[1] + 1,
        seed=seed,
        horizon=horizon,
        mode=mode,
        drawn=shocks == "drawn",
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
