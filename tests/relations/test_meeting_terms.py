"""What the meeting terms do in the simulation: nothing if they are zero, the opposite if turned."""

import dataclasses
import datetime as dt

import numpy as np
import pytest

from detente.core.days import model_time
from detente.futures import Cancel, Enter, Futures, Hold, Leave, simulate
from detente.relations.compile import compile_model
from detente.relations.model import ModelFile, load_model
from detente.relations.situation import USA, situate
from detente.relations.terms import DAY
from detente.scenarios import load_scenario

from .situations import altered, without_variance

HELD = model_time(dt.date(2025, 8, 15))
PAIR = "USA-RUS"
OUTCOMES = (
    Enter("dispute or war", ("dispute", "war")),
    Enter("war", ("war",)),
    Leave("calm", ("war",), 0.5),
)


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return load_model()


def places(model: ModelFile) -> list[int]:
    return [i for i, n in enumerate(model.names) if ":met_" in n]


def scaled(model: ModelFile, factor: float) -> ModelFile:
    """The meeting terms multiplied, and held there."""
    mean = np.array(model.mean)
    mean[places(model)] *= factor
    return altered(
        model, mean=mean.tolist(), covariance=without_variance(model, set(places(model)))
    )


def arms(model: ModelFile, *, draws: int, futures: int) -> Futures:
    """The meeting of the leaders against none, an envoys' meeting beside it."""
    situation = situate(load_scenario("alaska-2025"), model)
    compiled = compile_model(model, situation, draws=draws, seed=4, horizon=5.5)
    return simulate(
        compiled.system,
        compiled.start,
        compiled.parameters,
        outcomes=OUTCOMES,
        grid=[0.5, 1.0, 2.0, 5.0],
        futures=futures,
        seed=4,
        arms={
            "neither": (),
            "leaders": (Hold(PAIR, "leaders", HELD),),
            "envoys": (Hold(PAIR, "envoys", HELD),),
        },
    )


def test_without_meeting_terms_every_difference_is_zero(model: ModelFile):
    out = arms(scaled(model, 0.0), draws=4, futures=400)
    assert not out.plus.any()
    assert not out.minus.any()
    assert not out.joint.any()
    # The meetings themselves differ: one was held.
    leaders = out.firings[..., out.channels.index("leaders")].sum(axis=(1, 2))
    assert leaders[1] > leaders[0]


def alone(model: ModelFile, futures: int) -> Futures:
    """The pair that meets, without the others or later meetings, at the mode of the model."""
    full = situate(load_scenario("alaska-2025"), model)
    u = full.index(PAIR)
    situation = dataclasses.replace(
        full,
        names=(PAIR,),
        dyads=full.dyads[u : u + 1],
        features={k: v[:, u : u + 1] for k, v in full.features.items()},
        rung=full.rung[u : u + 1],
        entered=full.entered[u : u + 1],
        stratum=full.stratum[u : u + 1],
        counts=full.counts[u : u + 1],
    )
    compiled = compile_model(model, situation, draws=1, seed=4, horizon=5.5, mode=True)
    # A meeting brings others, of envoys too, that pull in directions of their own.
    later = tuple(Cancel(kind, start=HELD + DAY) for kind in ("leaders", "envoys"))
    return simulate(
        compiled.system,
        compiled.start,
        compiled.parameters,
        outcomes=OUTCOMES,
        grid=[5.0],
        futures=futures,
        seed=4,
        arms={"neither": later, "leaders": (Hold(PAIR, "leaders", HELD), *later)},
    )


def test_turned_meeting_terms_turn_the_difference(model: ModelFile):
    """The shipped terms mix signs, so that those planted are of one sign, and then turned."""
    gaps = []
    for slope in (0.7, -0.7):
        mean = np.array(model.mean)
        mean[[i for i, n in enumerate(model.names) if n.startswith("initiate:met_leaders")]] = slope
        out = alone(altered(model, mean=mean.tolist()), futures=8000)
        more, fewer = (int(x[1, 0, 0, 0, -1]) for x in (out.plus, out.minus))
        # Three standard deviations of a fair coin over the futures that differ.
        assert abs(more - fewer) > 3 * np.sqrt(more + fewer) > 0, (more, fewer)
        gaps.append(more - fewer)
    assert gaps[0] > 0 > gaps[1]


def test_meetings_reach_only_disputes_of_recorded_pairs(model: ModelFile):
    """Wars have no meeting terms; of the pairs here, those of the United States have."""
    situation = situate(load_scenario("alaska-2025"), model)
    compiled = compile_model(model, situation, draws=1, seed=4, horizon=1.0)
    met = [m for m, k in enumerate(compiled.system.kernels) if k.name.startswith("met_")]
    used = np.flatnonzero(compiled.parameters[0].kernel_coef[:, met].any(axis=1))
    moves = {c.name for c in compiled.system.channels if c.target is not None}
    names = {compiled.system.channels[k].name for k in used} & moves
    assert names == {n.split(":")[0] for n in model.names if ":met_" in n}
    reached = compiled.system.kernel_mask[:, met].any(axis=1)
    assert reached.any()
    for dyad in np.array(situation.dyads)[reached]:
        assert dyad // 1000 == USA
