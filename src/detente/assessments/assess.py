"""The main job: from a scenario and the model to an assessment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from numbers import Integral, Real

import detente
from detente.assessments import arms
from detente.assessments.drivers import drivers_of
from detente.assessments.evidence import evidence_of
from detente.assessments.forecasts import (
    LEVEL,
    OUTCOMES,
    Run,
    contrasts_of,
    forecasts_of,
    held_kind,
    learnable,
    run_futures,
)
from detente.assessments.limits import limits
from detente.assessments.prose import with_prose
from detente.assessments.schema import (
    Arm,
    Assessment,
    Focus,
    Meta,
    ModelMeta,
    Rung,
    ScenarioMeta,
    Settings,
)
from detente.assessments.setting import met_dyads, scenario_sources, setting_of
from detente.assessments.similar import (
    check_features,
    chronology_class,
    reference_class,
    reference_sources,
)
from detente.assessments.tail import tail_of, tail_sources
from detente.core.errors import InputError, ScenarioError
from detente.relations.model import ModelFile, load_model
from detente.relations.situation import situate
from detente.relations.terms import RUNGS
from detente.scenarios import Case, Scenario

DRAWS = 200
FUTURES = 100
SEED = 20250815
MOST_FUTURES = 1_000_000
MOST_IN_ALL = 100_000_000
LONGEST = 50.0


def assess(
    scenario: Scenario,
    model: ModelFile | None = None,
    *,
    draws: int = DRAWS,
    futures: int = FUTURES,
    seed: int = SEED,
    horizon: float | None = None,
    features: Sequence[str] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Assessment:
    """Assess a scenario: what it holds, what followed cases like it, and its futures by arm.

    Parameters
    ----------
    scenario
        A validated scenario.
    model
        A fitted model; the shipped one where none is given.
    draws
        Draws of the parameters from their posterior.
    futures
        Paired futures in each draw and arm.
    seed
        The same seed gives the same assessment, whatever the workers.
    horizon
        Years; the scenario's own where none is given.
    features
        Features by which meetings like this one are chosen; all that the scenario states where
        none are given.
    workers, executor, progress
        As :func:`detente.futures.simulate` takes them.

    Raises
    ------
    InputError
        If a number is out of its range, or an argument is of another kind.
    ScenarioError
        If the scenario has no pair of states that meet, or starts before the record's end.

    Notes
    -----
    Intervals hold what the parameters and the system's shocks to come leave open, given the model;
    Monte Carlo errors of the means stand beside them. An effect on a pair whose members did not
    meet is not estimated.
    """
    _check_kinds(scenario, model, draws=draws, futures=futures, seed=seed, horizon=horizon)
    model = model or load_model()
    years = scenario.horizon_years if horizon is None else horizon
    _check(scenario, model, draws, futures, seed, years)
    check_features(features)
    situation = situate(scenario, model)
    at_war = bool((situation.rung == RUNGS.index("war")).any())
    run = run_futures(
        scenario,
        model,
        situation,
        draws=draws,
        futures=futures,
        seed=seed,
        horizon=years,
        workers=workers,
        executor=executor,
        progress=progress,
    )
    return with_prose(
        Assessment(
            meta=_meta(run, draws, futures, seed, years),
            rungs=[Rung(id=r, label=r) for r in RUNGS],
            arms=_arms(run),
            outcomes=list(OUTCOMES),
            focus=_focus(run),
            setting=setting_of(scenario, situation),
            reference_class=reference_class(
                scenario, situation, model, seed=seed % 2**32, features=features
            ),
            chronology_class=chronology_class(
                scenario, situation, model, seed=seed % 2**32, features=features
            ),
            forecasts=forecasts_of(run),
            contrasts=contrasts_of(run),
            evidence=evidence_of(run),
            nuclear=tail_of(run, years),
            drivers=drivers_of(run),
            limits=limits(scenario, model, at_war=at_war),
        )
    )


def _check_kinds(scenario: object, model: object, **numbers: object) -> None:
    """Refuse a name for what it names, and text for a number."""
    if isinstance(scenario, Case):
        raise InputError(f"{scenario.name} is a sourced case, no forecast: give it to assess_case")
    if not isinstance(scenario, Scenario):
        raise InputError(
            f"scenario = {str(scenario)[:60]!r}: give a scenario, as "
            f'load_scenario("alaska-2025") returns it'
        )
    if not isinstance(model, ModelFile | None):
        raise InputError(f"model = {str(model)[:60]!r}: give a model, as load_model(path) returns")
    for name, value in numbers.items():
        kind, told = (Real | None, "number") if name == "horizon" else (Integral, "whole number")
        if not isinstance(value, kind):
            raise InputError(f"{name} = {value!r}: give a {told}")


def _check(
    scenario: Scenario, model: ModelFile, draws: int, futures: int, seed: int, years: float
) -> None:
    if not 2 <= draws <= 10_000:
        raise InputError(f"draws = {draws}: give 2 to 10000 draws of the parameters")
    if not 1 <= futures <= MOST_FUTURES:
        raise InputError(f"futures = {futures}: give 1 to {MOST_FUTURES} futures in each draw")
    if draws * futures > MOST_IN_ALL:
        raise InputError(
            f"{draws} draws x {futures} futures = {draws * futures} in each arm: give "
            f"{MOST_IN_ALL} at most"
        )
    if not 0 <= seed < 2**63:
        raise InputError(f"seed = {seed}: give a whole number from 0 to {2**63 - 1}")
    if not 0 < years <= LONGEST:
        raise InputError(f"horizon = {years}: give more than 0 and at most {LONGEST:g} years")
    if scenario.date.year <= model.coverage.last_year:
        raise ScenarioError(
            f"{scenario.name}: date: {scenario.date} lies inside the years the model was fitted "
            f"on (to {model.coverage.last_year}): expected a later date"
        )
    if len(scenario.arms) < 2:
        raise ScenarioError(
            f"{scenario.name}: arms: one arm compares nothing; expected two or more"
        )


def _meta(run: Run, draws: int, futures: int, seed: int, years: float) -> Meta:
    s, m = run.scenario, run.model
    return Meta(
        package_version=detente.__version__,
        scenario=ScenarioMeta(
            name=s.name,
            title=s.title,
            date=s.date,
            horizon_years=years,
            summary=s.summary,
            notes=list(s.notes),
        ),
        settings=Settings(draws=draws, futures_per_draw=futures, seed=seed, level=LEVEL),
        model=ModelMeta(
            name="relations",
            hash=m.fingerprint,
            fitted_from=m.coverage.first_year,
            fitted_to=m.coverage.last_year,
            rows=m.coverage.intervals,
            events=sum(p.events for p in m.processes),
            dyads=m.coverage.dyads,
        ),
        sources=[*scenario_sources(s), *reference_sources(), *tail_sources()],
    )


def _arms(run: Run) -> list[Arm]:
    return [
        Arm(id=a.name, label=a.title, description=arms.description(a), note=arms.note(a))
        for a in run.scenario.arms
    ]


def _focus(run: Run) -> Focus:
    reference, *others = run.arms
    holds = [a for a in others if held_kind(run, a) == "leaders"]
    dyads = met_dyads(run.scenario)
    told = [d for d in dyads if learnable(run, d)]
    arm = (holds or others)[0]
    return Focus(dyad=(told or dyads)[0], outcome="dispute", arm=arm, reference=reference)
