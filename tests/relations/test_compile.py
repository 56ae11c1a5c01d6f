"""The simulator has exactly the fitted terms: its intensities against the fit's own design."""

import dataclasses
import math

import numpy as np
import polars as pl
import pytest

from detente.futures import Coupling, Parameters
from detente.hazards import Intervals
from detente.hazards.model.design import build_design
from detente.histories.links import LINKS
from detente.relations.compile import Compiled, compile_model
from detente.relations.model import ModelFile, load_model
from detente.relations.situation import Situation
from detente.relations.terms import PROCESSES

from .situations import (
    World,
    altered,
    fitted_specification,
    links_of,
    random_world,
    rows_of,
    without_variance,
)

# Sums of some forty products, in another order.
ROUNDING = 1e-9
SOURCES = {p.name: p.source for p in PROCESSES}


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return load_model()


def random_model(model: ModelFile, rng: np.random.Generator) -> ModelFile:
    """The shipped model with coefficients that are all different."""
    mean = rng.normal(0, 0.5, len(model.mean))
    return altered(model, mean=mean.tolist())


def value(coupling: Coupling, unit: int, rung: np.ndarray) -> float:
    near = coupling.indices[coupling.indptr[unit] : coupling.indptr[unit + 1]]
    return float(np.isin(rung[near], coupling.rungs).any())


def simulated(
    compiled: Compiled, situation: Situation, process: str, year: int, later: float
) -> np.ndarray:
    """Log intensities of a process by dyad, by the equation of detente.futures.system."""
    system, start, values = compiled.system, compiled.start, compiled.parameters[0]
    k = system.channel_index(process)
    out = np.empty(len(system.units))
    for u, rung in enumerate(situation.rung):
        age = situation.time + later - start.entered[u]
        piece = int((age >= system.cuts[k]).sum())
        total = values.log_base[k, start.stratum[u], piece]
        total += values.eta[min(year, len(values.eta) - 1), k, rung, u]
        for m, kernel in enumerate(system.kernels):
            count = start.counts[u, m] * system.kernel_mask[u, m]
            count *= 0.5 ** (later / kernel.half_life)
            total += values.kernel_coef[k, m] * math.log1p(count)
        for q, coupling in enumerate(system.couplings):
            total += values.coupling_coef[k, q] * value(coupling, u, situation.rung)
        out[u] = total + values.loading[k] * values.walk[min(year, len(values.walk) - 1)]
    return out


def table(world: World, model: ModelFile, year: int, later: float) -> pl.DataFrame:
    """Rows at risk of every process: moments after the time asked for, all with an event."""
    situation = world.situation
    rows = rows_of(world, model, year, later)
    at = situation.time + later
    rows = rows.with_columns(
        pl.lit(at).alias("start"),
        pl.lit(at + 1e-7).alias("stop"),
        pl.Series("entry", situation.entered),
        pl.lit(1).alias("event"),
    )
    every = [rows.with_columns(pl.lit(p.name).alias("transition")) for p in PROCESSES]
    return pl.concat(every).with_row_index("id")


@pytest.mark.parametrize("year", [0, 1, 5])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_process_has_the_terms_of_its_fit(model: ModelFile, seed: int, year: int):
    rng = np.random.default_rng(seed)
    world, other = random_world(model, rng), random_model(model, rng)
    situation, later = world.situation, 0.0 if year == 0 else year - 0.5
    compiled = compile_model(other, situation, draws=1, seed=3, horizon=10.0, mode=True)
    design = build_design(Intervals(table(world, other, year, later)), fitted_specification(other))
    assert set(design.names) == set(other.names)
    theta = dict(zip(other.names, other.mean, strict=False))
    level = np.array([theta[n] for n in design.names])
    unallied = (situation.features["alliance"][0] == 0) & (situation.recorded > 0)
    for block in design.blocks:
        want = block.x @ level[block.columns]
        if block.frailty is not None:
            want = want + frailties(other, situation)
            want = want + compiled.parameters[0].walk[year]
        got = simulated(compiled, situation, block.name, year, later)
        marks = SOURCES[block.name] is None
        place = unallied if marks else np.full(len(want), fill_value=True)
        np.testing.assert_allclose(got[place], want[place], rtol=0, atol=ROUNDING)
        assert not np.isfinite(got[~place]).any()


def frailties(model: ModelFile, situation: Situation) -> np.ndarray:
    """Logs of the mean frailties."""
    out = []
    for dyad in situation.dyads:
        known = model.by_dyad.get(dyad)
        out.append(known.frailty + known.variance / 2 if known else model.frailty.sd**2 / 2)
    return np.array(out)


def test_gates_triggers_and_couplings(model: ModelFile):
    world = random_world(model, np.random.default_rng(4))
    situation = world.situation
    system = compile_model(model, situation, draws=1, seed=1, horizon=5.0).system
    for process, channel in zip(PROCESSES, system.channels, strict=True):
        gate = None if channel.gate is None else system.couplings[channel.gate].name
        ends = [None if s is None else system.rungs[s] for s in (channel.source, channel.target)]
        assert (channel.name, *ends, gate) == (
            process.name,
            process.source,
            process.target,
            process.gate,
        )
    begins = {p.name for p in PROCESSES if p.source == "calm"}
    wars = {p.name for p in PROCESSES if p.target == "war"}
    for kernel in system.kernels:
        counted = {"disputes": begins, "wars": wars, "leaders": {"leaders"}, "envoys": {"envoys"}}
        what = next(k for k in counted if k in kernel.name)
        assert set(kernel.triggers) == counted[what]
    expected = links_of(situation)
    for coupling in system.couplings:
        got = [value(coupling, u, situation.rung) for u in range(len(system.units))]
        assert got == expected[coupling.name].tolist()


def test_counts_reach_only_where_they_are_recorded(model: ModelFile):
    world = random_world(model, np.random.default_rng(5))
    situation = world.situation
    mask = compile_model(model, situation, draws=1, seed=1, horizon=5.0).system
    columns = {k.name: mask.kernel_mask[:, m] for m, k in enumerate(mask.kernels)}
    unallied = situation.recorded * (1 - situation.features["alliance"][0])
    assert columns["past_disputes"].all()
    np.testing.assert_array_equal(columns["recorded:past_disputes"], situation.recorded)
    np.testing.assert_array_equal(columns["met_leaders_6m"], unallied)


# Meetings of allies enter nothing, so none is simulated and their rate is not needed.
ALLIES = {"leaders:alliance", "envoys:alliance"}


def test_every_coefficient_enters_in_one_place(model: ModelFile):
    situation = random_world(model, np.random.default_rng(6)).situation
    # Without variance there is no root to take: the loop is quick.
    everything = set(range(len(model.mean)))
    fixed = altered(model, covariance=without_variance(model, everything))

    def compiled(mean: list[float]) -> Parameters:
        other = fixed.model_copy(update={"mean": mean})
        return compile_model(other, situation, draws=1, seed=1, horizon=2, mode=True).parameters[0]

    base = compiled(model.mean)
    for i, name in enumerate(model.names):
        moved = compiled([*model.mean[:i], model.mean[i] + 1.0, *model.mean[i + 1 :]])
        changed = [
            f.name
            for f in dataclasses.fields(base)
            if not np.array_equal(getattr(base, f.name), getattr(moved, f.name))
        ]
        assert len(changed) == (0 if name in ALLIES else 1), name


def small(model: ModelFile, seed: int, units: int) -> Situation:
    """The first dyads of a random world."""
    full = random_world(model, np.random.default_rng(seed)).situation
    return cut(full, units)


def cut(full: Situation, units: int) -> Situation:
    return dataclasses.replace(
        full,
        names=full.names[:units],
        dyads=full.dyads[:units],
        features={k: v[:, :units] for k, v in full.features.items()},
        rung=full.rung[:units],
        entered=full.entered[:units],
        stratum=full.stratum[:units],
        counts=full.counts[:units],
    )


def test_a_draw_depends_on_its_number_only(model: ModelFile):
    situation = small(model, 7, 4)
    few = compile_model(model, situation, draws=4, seed=9, horizon=5.0).parameters
    many = compile_model(model, situation, draws=300, seed=9, horizon=5.0).parameters
    assert (len(few), len(many)) == (4, 300)
    for field in dataclasses.fields(few[0]):
        np.testing.assert_array_equal(getattr(few[3], field.name), getattr(many[3], field.name))
        np.testing.assert_array_equal(getattr(few[-1], field.name), getattr(few[3], field.name))
    assert not np.array_equal(few[0].eta, few[1].eta)
    other = compile_model(model, situation, draws=4, seed=10, horizon=5.0).parameters
    assert not np.array_equal(few[0].eta, other[0].eta)
    with pytest.raises(IndexError):
        few[4]


def test_a_dyad_more_leaves_the_draws_of_the_others(model: ModelFile):
    full = small(model, 8, 9)
    part = compile_model(model, cut(full, 5), draws=3, seed=9, horizon=5.0).parameters
    whole = compile_model(model, full, draws=3, seed=9, horizon=5.0).parameters
    for a, b in zip(part, whole, strict=True):
        np.testing.assert_array_equal(a.eta, b.eta[..., :5])
        np.testing.assert_array_equal(a.walk, b.walk)
        np.testing.assert_array_equal(a.log_base, b.log_base)


def test_any_seed_of_64_bits(model: ModelFile):
    situation = small(model, 8, 2)
    low, high = (
        compile_model(model, situation, draws=1, seed=s, horizon=5.0).parameters[0]
        for s in (2**63, 2**64 - 1)
    )
    assert np.isfinite(high.walk).all()
    assert not np.array_equal(low.walk, high.walk)


DRAWS = 1500
# Four standard errors; the seed is fixed.
SIGMAS = 4.0


def test_draws_have_the_covariance_of_the_fit(model: ModelFile):
    """Coefficients that reach the simulator as they are, and the log intensity of a dyad."""
    situation = small(model, 11, 2)
    draws = compile_model(model, situation, draws=DRAWS, seed=5, horizon=1.0).parameters
    system = compile_model(model, situation, draws=1, seed=5, horizon=1.0).system
    k = system.channel_index("initiate")
    columns = [m for m, kernel in enumerate(system.kernels) if kernel.name.startswith("met_")]
    places = [model.place(f"initiate:{system.kernels[m].name}") for m in columns]
    columns = [m for m, place in zip(columns, places, strict=True) if place is not None]
    places = [p for p in places if p is not None]
    sample = np.array([d.kernel_coef[k, columns] for d in draws])
    truth = model.full_covariance[np.ix_(places, places)]
    size = np.sqrt(np.diag(truth))
    np.testing.assert_allclose(
        (sample.mean(axis=0) - np.array(model.mean)[places]) / size,
        0,
        atol=SIGMAS / math.sqrt(DRAWS),
    )
    np.testing.assert_allclose(
        np.cov(sample.T) / np.outer(size, size),
        truth / np.outer(size, size),
        atol=SIGMAS * math.sqrt(2 / DRAWS),
    )


def test_a_dyads_log_offset_has_its_mean_and_variance(model: ModelFile):
    """A frailty follows the coefficients: var = (x - s)' V (x - s) + v."""
    full = random_world(model, np.random.default_rng(12)).situation
    known = [u for u, d in enumerate(full.dyads) if d in model.by_dyad]
    assert known
    situation = dataclasses.replace(full, rung=np.zeros_like(full.rung))
    draws = compile_model(model, situation, draws=DRAWS, seed=6, horizon=1.0).parameters
    k = [p.name for p in model.processes].index("initiate")
    sample = np.array([d.eta[0, k, 0] for d in draws])
    mean, covariance = np.array(model.mean), model.full_covariance
    for u in known:
        part = model.by_dyad[situation.dyads[u]]
        x = static_row(model, situation, u)
        centre = x @ mean + part.frailty
        x[model.frailty.terms] -= part.slope
        variance = x @ covariance @ x + part.variance
        assert abs(sample[:, u].mean() - centre) < SIGMAS * math.sqrt(variance / DRAWS)
        assert abs(sample[:, u].var() / variance - 1) < SIGMAS * math.sqrt(2 / DRAWS)


def static_row(model: ModelFile, situation: Situation, unit: int) -> np.ndarray:
    """What multiplies every coefficient in the offset of the start of disputes, first year."""
    x = np.zeros(len(model.mean))
    recorded = situation.recorded[unit]
    for name, values in situation.features.items():
        for column, v in (
            (name, values[0, unit]),
            (f"recorded:{name}", recorded * values[0, unit]),
        ):
            place = model.place(f"initiate:{column}")
            if place is not None:
                x[place] = v
    place = model.place("initiate:recorded")
    assert place is not None
    x[place] = recorded
    return x


def test_a_dyad_without_a_record_takes_the_prior(model: ModelFile):
    situation = dataclasses.replace(small(model, 13, 2), dyads=(998999, 997998), names=("a", "b"))
    k = [p.name for p in model.processes].index("initiate")
    everything = set(range(len(model.mean)))
    flat = altered(
        model, mean=[0.0] * len(model.mean), covariance=without_variance(model, everything)
    )
    draws = compile_model(flat, situation, draws=DRAWS, seed=6, horizon=1.0).parameters
    sample = np.array([d.eta[0, k, 0] for d in draws])
    np.testing.assert_allclose(
        sample.std(axis=0), model.frailty.sd, rtol=SIGMAS * math.sqrt(0.5 / DRAWS)
    )


def test_what_has_no_variance_does_not_move(model: ModelFile):
    fixed = without_variance(model, set(range(len(model.mean))))
    flat = altered(model, covariance=fixed)
    draw, mode = (
        compile_model(flat, small(model, 14, 3), draws=2, seed=6, horizon=1.0, mode=m)
        for m in (False, True)
    )
    np.testing.assert_array_equal(draw.parameters[1].log_base, mode.parameters[1].log_base)
    np.testing.assert_array_equal(draw.parameters[1].kernel_coef, mode.parameters[1].kernel_coef)


def test_the_walk_goes_on_from_its_last_level(model: ModelFile):
    situation = dataclasses.replace(small(model, 15, 2), time=2025.6)
    draws = compile_model(model, situation, draws=DRAWS, seed=8, horizon=10.0).parameters
    paths = np.array([d.walk for d in draws])
    last = model.walk.first_year + len(model.walk.levels) - 1
    assert paths.shape == (DRAWS, 2035 - 2025 + 1)
    step, level = model.walk.sd**2, model.full_covariance[-1, -1]
    ahead = 2025 - last + np.arange(paths.shape[1])
    expected = level + ahead * step
    assert (np.abs(paths.mean(axis=0) - model.mean[-1]) < SIGMAS * np.sqrt(expected / DRAWS)).all()
    np.testing.assert_allclose(paths.var(axis=0), expected, rtol=SIGMAS * math.sqrt(2 / DRAWS))
    steps = np.diff(paths, axis=1)
    np.testing.assert_allclose(steps.var(axis=0), step, rtol=SIGMAS * math.sqrt(2 / DRAWS))
    assert np.abs(np.corrcoef(steps.T) - np.eye(10)).max() < SIGMAS / math.sqrt(DRAWS) * 1.2


def test_years_that_the_fit_has_seen_keep_their_shocks(model: ModelFile):
    last = model.walk.first_year + len(model.walk.levels) - 1
    situation = dataclasses.replace(small(model, 16, 2), time=last - 1.5)
    walk = compile_model(model, situation, draws=1, seed=8, horizon=5.0).parameters[0].walk
    assert len(walk) == math.floor(last + 3.5) - (last - 2) + 1
    seen = model.walk.levels[last - 2 - model.walk.first_year :]
    np.testing.assert_array_equal(walk[:3], seen)
    drawn = compile_model(model, situation, draws=1, seed=8, horizon=5.0, shocks="drawn")
    assert drawn.parameters[0].walk[0] == seen[0]
    assert not np.isin(drawn.parameters[0].walk[1:], seen).any()


def test_couplings_are_those_of_the_record(model: ModelFile):
    situation = small(model, 17, 6)
    system = compile_model(model, situation, draws=1, seed=1, horizon=1.0).system
    assert [c.name for c in system.couplings] == list(LINKS)
