"""The reference classes of a scenario: the nearest meetings on record and what followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from detente.assessments import reference
from detente.assessments.numbers import Quantity
from detente.assessments.reference_populations import (
    CHRONOLOGY,
    POPULATIONS,
    US_RECORD,
    Population,
)
from detente.assessments.schema import (
    Feature,
    FollowUp,
    ReferenceClass,
    ReferenceMeeting,
    Source,
    SummaryRow,
)
from detente.assessments.setting import met_dyads
from detente.core.days import model_time
from detente.core.errors import InputError, UnknownNameError
from detente.core.states import state
from detente.relations.model import ModelFile
from detente.relations.situation import Situation
from detente.relations.terms import RUNGS
from detente.scenarios import Scenario
from detente.scenarios.fields import RECORD_END

USA = 2
NEAREST = 25
ALIKE = {"both_nuclear": "both nuclear-armed", "both_major": "both major powers"}
"""Features in which the nearest equal the case, where any do."""


def case_features(
    scenario: Scenario, situation: Situation, model: ModelFile
) -> dict[str, float | None]:
    """Features of the pair that met, as known the day before, for every population."""
    dyad = met_dyads(scenario)[0]
    u = situation.index(dyad)
    one, two = dyad.split("-")
    x = {k: float(v[0, u]) for k, v in situation.features.items()}
    past = list(scenario.past_of((one, two)))
    conflicts = [e for e in past if e.is_conflict]
    met = [e for e in past if e.kind == "leader"]
    age = {id(e): situation.time - model_time(e.start) for e in past}
    ended = [situation.time - model_time(e.stop) for e in conflicts if e.stop is not None]
    parity = None if x["no_parity"] else x["parity"] + model.centre["parity"]
    wars = [_third_war(scenario, situation, a, b) for a, b in ((one, two), (two, one))]
    return {
        "rivalry": x["rivalry"],
        "both_nuclear": x["both_nuclear"],
        "both_major": x["both_major"],
        "parity": parity,
        "dispute_now": float(situation.rung[u] > 0),
        "war_now": float(situation.rung[u] == RUNGS.index("war")),
        "us_war": wars[0],
        "other_war": wars[1],
        "third_war": max(wars),
        "years_since_dispute": min(ended, default=None),
        "disputes_10y": float(sum(age[id(e)] <= 10 for e in conflicts)),
        "meetings_5y": float(sum(age[id(e)] <= 5 for e in met)),
    }


def _third_war(scenario: Scenario, situation: Situation, one: str, two: str) -> float:
    """Whether a state is at war with another of the scenario's states than its counterpart."""
    war = RUNGS.index("war")
    for u, name in enumerate(situation.names):
        members = {state(c).ccode for c in name.split("-")}
        third = state(one).ccode in members and state(two).ccode not in members
        if third and situation.rung[u] == war:
            return 1.0
    return 0.0


def population_of(scenario: Scenario) -> Population | None:
    """Return the population that speaks to a scenario first, or None if none does."""
    if len(scenario.meeting.parties) != 2:
        return None
    with_usa = any(state(c).ccode == USA for c in scenario.meeting.parties)
    return US_RECORD if with_usa else CHRONOLOGY


def reference_class(
    scenario: Scenario,
    situation: Situation,
    model: ModelFile,
    *,
    seed: int,
    features: Sequence[str] | None = None,
) -> ReferenceClass:
    """Find the nearest meetings and what followed them, from what ships in the package.

    Parameters
    ----------
    scenario, situation, model
        The case.
    seed
        Of the bootstrap over dyads.
    features
        Features that the distance uses (:func:`check_features` first); all that the case states
        where none are given.
    """
    population = population_of(scenario)
    if population is None:
        return _empty()
    case = case_features(scenario, situation, model)
    return class_of(case, population, seed=seed, features=features)


def chronology_class(
    scenario: Scenario,
    situation: Situation,
    model: ModelFile,
    *,
    seed: int,
    features: Sequence[str] | None = None,
) -> ReferenceClass | None:
    """Find the same in the whole chronology, or None where :func:`reference_class` is that."""
    if population_of(scenario) is not US_RECORD:
        return None
    case = case_features(scenario, situation, model)
    return class_of(case, CHRONOLOGY, seed=seed, features=features)


def check_features(features: Sequence[str] | None) -> None:
    """Raise unless every feature is one of a population's."""
    known = {name for population in POPULATIONS.values() for name in population.features}
    for name in features or ():
        if name not in known:
            raise UnknownNameError("feature of the reference class", name, known)


def class_of(
    case: Mapping[str, float | None],
    population: Population,
    *,
    seed: int,
    features: Sequence[str] | None = None,
    leaving_out: Sequence[str] = (),
) -> ReferenceClass:
    """Return the reference class of a case, as it stands in an assessment.

    Parameters
    ----------
    case
        Features as known the day before; those that the population has not are left aside.
    population
        Where to draw from.
    seed
        Of the bootstrap over dyads.
    features
        Features that the distance uses; all that the case states where none are given.
    leaving_out
        Ids of meetings not to take.
    """
    known = {name: value for name, value in case.items() if name in population.features}
    asked = [name for name in features or known if name in population.features]
    if not any(known.get(name) is not None for name in asked):
        return _nothing_in_common(population, features)
    exact = tuple(name for name in ALIKE if name in asked and known.get(name) is not None)
    find = partial(
        reference.nearest,
        known,
        NEAREST,
        features=asked,
        population=population,
        leaving_out=leaving_out,
        seed=seed,
    )
    try:
        found = find(exact=exact)
    except InputError:
        exact, found = (), find()
    return ReferenceClass(
        description=found.description,
        features=[Feature(id=f.id, label=f.label, weight=1 / f.scale) for f in found.features],
        distance=found.distance,
        meetings=[_meeting(r, population) for r in found.meetings.to_dicts()],
        summary=[_row(r) for r in found.summary],
        notes=[*_alike(exact), *found.notes],
    )


def _alike(exact: Sequence[str]) -> list[str]:
    if not exact:
        return []
    kinds = " and ".join(ALIKE[name] for name in exact)
    return [f"Only pairs like the case in being, or not being, {kinds}."]


def _nothing_in_common(population: Population, features: Sequence[str] | None) -> ReferenceClass:
    asked = ", ".join(features or ()) or "none"
    return _missing(
        f"No reference class from the {population.id}: it has none of the features asked for that "
        f"the case states ({asked})."
    )


def _empty() -> ReferenceClass:
    return _missing(
        "No reference class: the record of meetings is searched by pairs, and more than two states "
        "take part."
    )


def _missing(description: str) -> ReferenceClass:
    return ReferenceClass(
        description=description,
        features=[],
        distance="none",
        meetings=[],
        summary=[],
        notes=["The record of meetings does not reach this case: missing, not zero."],
    )


def reference_sources() -> list[Source]:
    """Citations of the classes."""
    return [Source(id=p.source_id, citation=p.source, url=None) for p in POPULATIONS.values()]


def _meeting(row: dict[str, Any], population: Population) -> ReferenceMeeting:
    follow = [
        FollowUp(kind=kind, year=row[f"first_{kind}_year"], years_after=row[f"years_to_{kind}"])
        for kind in reference.OUTCOMES
        if row[f"first_{kind}_year"] is not None and row[f"years_to_{kind}"] is not None
    ]
    return ReferenceMeeting(
        id=row["id"],
        date=row["date"],
        last_day=row["last_day"],
        pair=pair_label(row["ccode1"], row["ccode2"]),
        place=row["place"] or "place not given",
        counterpart=_counterpart(row),
        persons=[p.strip() for p in (row["persons"] or "").split(";") if p.strip()],
        distance=round(row["distance"], 4),
        features={k: None if row[k] is None else float(row[k]) for k in population.features},
        outcomes={
            str(h): {o: row[f"{o}_{h}"].replace("_", " ") for o in reference.OUTCOMES}
            for h in reference.HORIZONS
        },
        follow_ups=follow,
        observed_to=RECORD_END,
        source_id=population.source_id,
    )


def _counterpart(row: dict[str, Any]) -> str:
    """Return the other state of a pair of the United States, else both states."""
    if "state" in row:
        return row["state"]
    return row["state2"] if row["ccode1"] == USA else f"{row['state1']} and {row['state2']}"


def _row(row: reference.ReferenceRow) -> SummaryRow:
    return SummaryRow(
        horizon=row.horizon,
        outcome=row.outcome,
        group=row.group,
        n=row.n,
        censored=row.censored,
        under_way=row.under_way,
        dyads=row.dyads,
        pairs=[pair_label(*pair) for pair in row.pairs],
        apart=row.apart,
        events=row.events,
        estimate=Quantity(
            value=row.estimate,
            unit="probability",
            lo=min((v for v in (row.lo, row.lo_dyads) if v is not None), default=None),
            hi=max((v for v in (row.hi, row.hi_dyads) if v is not None), default=None),
            level=None if row.lo is None else row.level,
            reason=row.reason,
        ),
        method=row.method,
    )


def pair_label(ccode1: int, ccode2: int) -> str:
    """Write a pair of COW codes as scenarios do: ``USA-RUS``."""
    return "-".join(x.iso3 or x.abb for x in (state(ccode1), state(ccode2)))
