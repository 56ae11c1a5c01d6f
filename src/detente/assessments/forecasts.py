"""Futures of a scenario by arm: probabilities over time and paired differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from detente.assessments.numbers import MinimumDetectable, Series
from detente.assessments.same import same_intensities
from detente.assessments.schema import (
    Contrast,
    Forecast,
    Forecasts,
    Occupancy,
    Outcome,
    Unavailable,
)
from detente.assessments.setting import met_dyads
from detente.core.days import model_time
from detente.futures import (
    Cancel,
    Enter,
    Estimate,
    Futures,
    Hold,
    Intervention,
    Leave,
    Offset,
    Scale,
    simulate,
)
from detente.relations.compile import Compiled, compile_model
from detente.relations.model import EffectPart, ModelFile
from detente.relations.parameters import stream
from detente.relations.situation import Situation
from detente.relations.terms import LEVEL, POWER, PROCESSES, RUNGS, SIZE
from detente.scenarios import Scenario
from detente.scenarios.arms import Arm as ScenarioArm

STEP = 0.25
LASTING = 180 / 365.25
KINDS = {"leader": "leaders", "envoy": "envoys"}

OUTCOMES = (
    Outcome(
        id="dispute",
        label="a new militarised dispute",
        definition="first entry into a dispute or a war after the date",
    ),
    Outcome(
        id="war",
        label="a new war",
        definition="first entry into war after the date; a war under way does not count",
    ),
    Outcome(
        id="end",
        label="an end of the war for 180 days or more",
        definition="first day out of war that is followed by 180 days out of it",
    ),
)

_ENTER = (Enter("dispute", ("dispute", "war")), Enter("war", ("war",)))
_ASKED = (*_ENTER, Leave("end", ("war",), LASTING))

# Behind the differences that a just detectable meeting would have made: draws at most, and futures
# over all of them. Paths of shocks move such a difference by a tenth of itself with so many.
_DETECTABLE_DRAWS, _DETECTABLE_FUTURES = 100, 4000


@dataclass(frozen=True, slots=True)
class Run:
    """What was simulated, and what it was simulated from."""

    scenario: Scenario
    model: ModelFile
    situation: Situation
    compiled: Compiled
    futures: Futures
    arms: Mapping[str, Sequence[Intervention]]


def run_futures(
    scenario: Scenario,
    model: ModelFile,
    situation: Situation,
    *,
    draws: int,
    futures: int,
    seed: int,
    horizon: float,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Simulate every arm of a scenario."""
    compiled = compile_model(model, situation, draws=draws, seed=seed, horizon=horizon + LASTING)
    arms = {
        a.name: (
            *interventions(a, scenario, situation),
            *priors_of(a, scenario, draws=draws, seed=seed),
        )
        for a in scenario.arms
    }
    out = simulate(
        compiled.system,
        compiled.start,
        compiled.parameters,
        outcomes=_ASKED,
        grid=grid(horizon),
        futures=futures,
        seed=seed,
        arms=arms,
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return Run(scenario, model, situation, compiled, out, arms)


def grid(horizon: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Quarters of a year up to the horizon, which is always a point."""
    points = np.arange(STEP, horizon + 1e-9, STEP)
    return points if len(points) and np.isclose(points[-1], horizon) else np.append(points, horizon)


def interventions(
    arm: ScenarioArm, scenario: Scenario, situation: Situation
) -> tuple[Intervention, ...]:
    """Translate a scenario's interventions into those of the simulator."""
    out: list[Intervention] = []
    for item in arm.interventions:
        if item.kind == "hold":
            name = scenario.label(item.dyad)
            out.append(Hold(name, KINDS[item.channel], max(model_time(item.date), situation.time)))
            continue
        units = tuple(scenario.label(d) for d in item.dyads)
        if item.kind == "offset":
            source, target = item.channel.split("-")
            out += [Offset(c, units, item.delta) for c in processes_between(source, target)]
            continue
        start = model_time(item.start)
        stop = np.inf if item.stop is None else model_time(item.stop)
        if item.kind == "cancel":
            out.append(Cancel(KINDS[item.channel], units, start, stop))
        else:
            out.append(Scale(KINDS[item.channel], units, item.factor, start, stop))
    return tuple(out)


def priors_of(
    arm: ScenarioArm, scenario: Scenario, *, draws: int, seed: int
) -> Iterator[Intervention]:
    """Draw what the user believes an arm does to pairs that did not meet.

    With the prior's probability the log hazard ratio is normal about the log of its median, with
    the spread of its central interval; else it is zero. One value a draw, for good.
    """
    for i, prior in enumerate(scenario.priors):
        if prior.arm != arm.name:
            continue
        spread = math.log(prior.high / prior.low) / (2 * float(ndtri(0.5 + prior.level / 2)))
        deltas: list[float] = []
        for draw in range(draws):
            rng = stream(seed, draw, 2 + i)
            acts, size = rng.random() < prior.probability, rng.standard_normal()
            deltas.append(math.log(prior.median) + spread * size if acts else 0.0)
        units = (scenario.label(prior.dyad),)
        for process in processes_between(*prior.transition.split("-")):
            yield Offset(process, units, tuple(deltas))


def processes_between(source: str, target: str) -> tuple[str, ...]:
    """Name the processes that move a dyad between two rungs."""
    return tuple(p.name for p in PROCESSES if (p.source, p.target) == (source, target))


def forecasts_of(run: Run) -> Forecasts:
    """Probabilities by dyad, arm and outcome, and of standing on each rung."""
    outcomes: list[Forecast] = []
    occupancy: list[Occupancy] = []
    unavailable: list[Unavailable] = []
    names = run.situation.names
    for arm in run.arms:
        asked = {o.id: run.futures.probability(o.id, arm=arm, level=LEVEL) for o in OUTCOMES}
        standing = {r: run.futures.standing((r,), arm=arm, level=LEVEL) for r in RUNGS}
        for u, dyad in enumerate(names):
            for key, estimate in asked.items():
                if _applies(run, u, key):
                    series = _series(run, estimate, u)
                    outcomes.append(Forecast(dyad=dyad, arm=arm, outcome=key, series=series))
            occupancy += [
                Occupancy(dyad=dyad, arm=arm, rung=r, series=_series(run, e, u))
                for r, e in standing.items()
            ]
    for u, dyad in enumerate(names):
        if not _applies(run, u, "end"):
            reason = "no war between the two is under way on the date"
            unavailable.append(Unavailable(dyad=dyad, outcome="end", reason=reason))
    return Forecasts(
        outcomes=outcomes, occupancy=occupancy, unavailable=unavailable, notes=_notes(run)
    )


def _applies(run: Run, unit: int, outcome: str) -> bool:
    return outcome != "end" or run.situation.rung[unit] == RUNGS.index("war")


def _series(run: Run, estimate: Estimate, unit: int, unit_of: str = "probability") -> Series:
    def short(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
        return [float(f"{v:.6g}") for v in values[unit]]

    mean, lo, hi = short(estimate.mean), short(estimate.lower), short(estimate.upper)
    return Series(
        unit=unit_of,
        level=estimate.level,
        years=[float(y) for y in run.futures.grid],
        mean=mean,
        lo=lo,
        hi=hi,
        mc_se=short(estimate.monte_carlo),
    )


def _notes(run: Run) -> list[str]:
    last = run.model.coverage.last_year
    ends = run.model.process("end")
    return [
        f"Ends of wars are learned from {ends.events} ends between pairs in {ends.exposure:.0f} "
        "dyad-years of war, many of them of the same few coalition wars: the interval holds what "
        "this leaves open of the parameters, not whether the next long war is like those.",
        f"Covariates stay at their last known values; the shocks of the system walk on from "
        f"{last}, so the intervals widen with the years that no record covers.",
        "Where few draws saw an event at all, its interval is rough: the futures of a draw are "
        "too few for an event so rare.",
        "Only the pairs of the scenario are simulated: a dispute with a state outside it opens "
        "no way to join.",
        "Meetings are simulated for pairs of the United States without a defence pact, the only "
        "ones whose meetings enter an intensity.",
    ]


def contrasts_of(run: Run) -> list[Contrast]:
    """Differences of every arm from the reference, future by future."""
    reference, *others = run.arms
    met = met_dyads(run.scenario)
    shifts = detectable_shifts(run, others)
    out: list[Contrast] = []
    for arm in others:
        same = same_intensities(run, arm, reference)
        for o in OUTCOMES:
            estimate = run.futures.difference(o.id, arm, level=LEVEL)
            for u, dyad in enumerate(run.situation.names):
                if not _applies(run, u, o.id):
                    continue
                reason = _why_not(run, arm, dyad, o.id, met)
                out.append(
                    Contrast(
                        dyad=dyad,
                        outcome=o.id,
                        arm=arm,
                        reference=reference,
                        difference=_series(run, estimate, u, "difference in probability"),
                        estimated=reason is None,
                        reason=reason,
                        same_intensities=same,
                        mde=_mde(run, arm, dyad, o.id, shifts.get(arm, {}), reason),
                    )
                )
    return out


def held_kind(run: Run, arm: str) -> str | None:
    """Kind of the meeting that an arm holds, if it holds one."""
    kinds = [i.channel for i in run.arms[arm] if isinstance(i, Hold)]
    return kinds[0] if kinds else None


def _why_not(run: Run, arm: str, dyad: str, outcome: str, met: Sequence[str]) -> str | None:
    """Say why a contrast is not an estimate of what the meeting does, or nothing if it is."""
    prior = [p for p in run.scenario.priors if p.arm == arm and run.scenario.label(p.dyad) == dyad]
    if prior:
        return f"the scenario names a prior for this pair ({prior[0].name}): it is no estimate"
    mine = [i for i in run.arms[arm] if dyad in _units(run, i)]
    if any(isinstance(i, Offset) for i in mine):
        return "the arm shifts an intensity of this pair by what the scenario says: an assumption"
    if not mine and held_kind(run, arm) is None:
        return (
            "the arm does nothing to this pair: the arms share its intensities, and differ only "
            "by what other pairs' disputes pass on"
        )
    if not mine and dyad not in met:
        return (
            "the members of this pair did not meet: the arms share its intensities, and differ "
            "only by what other pairs' disputes pass on"
        )
    if not learnable(run, dyad):
        return (
            "the model learns from meetings of the United States with states that it has no "
            "defence pact with: it holds no effect for this pair, and assumes none"
        )
    if not mine:
        return "the arm changes no meeting of this pair"
    if outcome != "dispute":
        return (
            "the record holds too few wars to learn what a meeting does to war: only an effect by "
            "way of disputes is passed on"
        )
    return None


def learnable(run: Run, dyad: str) -> bool:
    """Whether meetings of a pair enter an intensity: recorded, and without a defence pact."""
    system = run.compiled.system
    meeting = [k.name.startswith("met_") for k in system.kernels]
    mask = system.kernel_mask
    return any(meeting) and (mask is None or bool(mask[run.situation.index(dyad)][meeting].any()))


def _units(run: Run, item: Intervention) -> Sequence[str]:
    if isinstance(item, Hold):
        return (item.unit,)
    return item.units or run.situation.names


def _effect(run: Run, arm: str) -> EffectPart | None:
    kind = held_kind(run, arm)
    return None if kind is None else run.model.effect("initiate", kind)


_NO_SINGLE_MEETING = (
    "what is detectable is worked out for one meeting, and this arm holds none on its own"
)


def _mde(
    run: Run,
    arm: str,
    dyad: str,
    outcome: str,
    shifts: dict[str, tuple[float, float]],
    reason: str | None,
) -> MinimumDetectable:
    effect = _effect(run, arm)
    if reason is not None or effect is None or outcome != "dispute":
        return MinimumDetectable(reason=reason or _NO_SINGLE_MEETING)
    below, above = shifts.get(dyad, (None, None))
    return MinimumDetectable(
        power=POWER,
        level=1 - SIZE,
        hazard_ratio_lo=effect.detectable_below,
        hazard_ratio_hi=effect.detectable_above,
        at_years=_detectable_at(run),
        difference_lo=below,
        difference_hi=above,
    )


def _detectable_at(run: Run) -> float:
    """Years at which a difference is held against what is detectable: one, or the horizon."""
    return min(1.0, float(run.futures.grid[-1]))


def detectable_shifts(run: Run, arms: Sequence[str]) -> dict[str, dict[str, tuple[float, float]]]:
    """Difference in P(dispute) had the meeting of an arm had a detectable effect.

    It is taken after a year, or at the horizon where that is nearer. The ratio of the just
    detectable effect, either way, holds for a year from the date. Parameters and shocks are those
    of the forecast's first draws, so that the chances are its chances.

    Returns
    -------
    dict
        By arm that holds a meeting and dyad that met: the differences below and above.
    """
    met = met_dyads(run.scenario)
    effects = {arm: effect for arm in arms if (effect := _effect(run, arm)) is not None}
    if not effects or not met:
        return {}
    time, made = run.situation.time, run.compiled
    parameters = made.parameters[:_DETECTABLE_DRAWS]
    tried: dict[str, tuple[Intervention, ...]] = {"none": ()}
    for arm, effect in effects.items():
        for side, ratio in (("<", effect.detectable_below), (">", effect.detectable_above)):
            shift = Offset("initiate", met, float(np.log(ratio)), time, time + 1.0)
            tried[f"{side}{arm}"] = (shift,)
    out = simulate(
        made.system,
        made.start,
        parameters,
        outcomes=_ENTER[:1],
        grid=[_detectable_at(run)],
        futures=max(1, _DETECTABLE_FUTURES // len(parameters)),
        seed=run.futures.seed,
        arms=tried,
    )
    shifts: dict[str, dict[str, tuple[float, float]]] = {}
    for arm in effects:
        low, high = (out.difference("dispute", f"{side}{arm}").mean[:, 0] for side in "<>")
        places = {d: run.situation.index(d) for d in met}
        shifts[arm] = {d: (float(low[u]), float(high[u])) for d, u in places.items()}
    return shifts
