"""Random situations, and the rows of the fit's own table that stand for the same day."""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
import polars as pl

from detente.hazards import HazardSpec
from detente.histories.features import MISSABLE, filled
from detente.histories.risk import KERNELS
from detente.relations.model import ModelFile
from detente.relations.record import with_terms
from detente.relations.situation import Situation
from detente.relations.specification import specification
from detente.relations.terms import PROCESSES, RUNGS

STATES = (2, 200, 255, 365, 369, 710)
PAIRS = tuple(combinations(STATES, 2))
BINARY = ("contiguous", "land", "one_major", "both_major", "rivalry", "both_nuclear")
YEARS = 3
"""Calendar years with covariates of their own."""


@dataclasses.dataclass(frozen=True)
class World:
    """A situation and the raw covariates by year and dyad that it was made from."""

    situation: Situation
    raw: dict[str, np.ndarray]
    means: pl.DataFrame


def random_world(model: ModelFile, rng: np.random.Generator) -> World:
    """A world of all dyads of six states; some covariates are missing, some pairs allied."""
    shape = (YEARS, len(PAIRS))
    raw: dict[str, np.ndarray] = {c: rng.integers(0, 2, shape).astype(float) for c in BINARY}
    raw["parity"] = -rng.exponential(size=shape)
    raw["democracy"], raw["concentration"] = rng.random(shape), rng.random(shape)
    for name in MISSABLE:
        raw[name][rng.random(shape) < 0.2] = np.nan
    # A pact lasts through the years: who counts as allied does not change under way.
    allied = rng.random(len(PAIRS)) < 0.3
    raw["alliance"] = np.broadcast_to(allied.astype(float), shape)
    columns = ("mean_leaders", "mean_envoys", "usual_leaders", "usual_envoys")
    means = pl.DataFrame({c: rng.random(len(PAIRS)) for c in columns})
    codes = [1000 * a + b for a, b in PAIRS]
    us = [a == 2 for a, _ in PAIRS]
    means = means.with_columns(pl.Series("dyad", codes)).filter(pl.Series(us))
    features = {c: v for c, v in raw.items() if c not in MISSABLE}
    for name in MISSABLE:
        features[name] = np.nan_to_num(raw[name] - model.centre[name])
        features[f"no_{name}"] = np.isnan(raw[name]).astype(float)
    by_dyad = {r["dyad"]: r for r in means.to_dicts()}
    for name in columns:
        features[name] = np.array([[by_dyad.get(c, {}).get(name, 0.0) for c in codes]] * YEARS)
    time = float(rng.uniform(2015, 2030))
    situation = Situation(
        names=tuple(f"{a}-{b}" for a, b in PAIRS),
        dyads=tuple(codes),
        time=time,
        features=features,
        allies=frozenset(p for p, held in zip(PAIRS, allied, strict=True) if held),
        rung=rng.integers(0, 3, len(PAIRS)),
        entered=time - rng.exponential(5.0, len(PAIRS)),
        stratum=rng.integers(0, 2, len(PAIRS)),
        counts=rng.exponential(1.0, (len(PAIRS), len(KERNELS))),
    )
    return World(situation, raw, means.select("dyad", *columns))


def links_of(situation: Situation) -> dict[str, np.ndarray]:
    """Links of every dyad, by their definition."""
    members = [(d // 1000, d % 1000) for d in situation.dyads]
    out = {n: np.zeros(len(members)) for n in ("linked", "linked_war", "ally", "ally_war")}
    for u, pair in enumerate(members):
        for v, third in enumerate(members):
            shared = set(pair) & set(third)
            if u == v or not shared or situation.rung[v] == 0:
                continue
            other, enemy = (set(pair) - shared).pop(), (set(third) - shared).pop()
            ally = tuple(sorted((other, enemy))) in situation.allies
            war = situation.rung[v] == RUNGS.index("war")
            for name, held in zip(out, (True, war, ally, ally and war), strict=True):
                out[name][u] = max(out[name][u], float(held))
    return out


def rows_of(world: World, model: ModelFile, year: int, later: float) -> pl.DataFrame:
    """Rows of the fit's table, one a dyad, ``later`` years after the situation's time."""
    situation = world.situation
    place = min(year, YEARS - 1)
    table = pl.DataFrame(
        {
            "dyad": situation.dyads,
            "rung": [RUNGS[s] for s in situation.rung],
            "year": [int(situation.time) + year] * len(situation.dyads),
            "recorded": [float(d // 1000 == 2) for d in situation.dyads],
            "fresh": 1 - situation.stratum,
            **{c: pl.Series(v[place]).fill_nan(None) for c, v in world.raw.items()},
            **links_of(situation),
        }
    )
    for m, (name, (_, half_life)) in enumerate(KERNELS.items()):
        now = situation.counts[:, m] * 0.5 ** (later / half_life)
        table = table.with_columns(pl.Series(name, now))
    return with_terms(filled(table, model.centre), world.means)


def fitted_specification(model: ModelFile) -> HazardSpec:
    """The specification less the terms that the model says it leaves out."""
    dropped = {
        p.name: frozenset(t.term for t in model.terms if t.process == p.name and not t.fitted)
        for p in PROCESSES
    }
    return specification(dropped)


def altered(model: ModelFile, **parts: object) -> ModelFile:
    """Read the model again with other parts: a copy would keep what it has worked out."""
    return ModelFile.model_validate({**model.model_dump(), **parts})


def without_variance(model: ModelFile, places: set[int]) -> list[list[float]]:
    """Covariance of a file with some coefficients held fixed."""
    return [
        [0.0 if {i, j} & places else v for j, v in enumerate(row)]
        for i, row in enumerate(model.covariance)
    ]
