"""The reference class of a scenario: the nearest meetings in the record and what followed."""

from __future__ import annotations

from typing import Any

from detente.assessments import reference
from detente.assessments.numbers import Quantity
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
from detente.core.states import state
from detente.relations.model import ModelFile
from detente.relations.situation import Situation
from detente.relations.terms import RUNGS
from detente.scenarios import Scenario
from detente.scenarios.fields import RECORD_END

SOURCE_ID = "us-meetings-record"
NEAREST = 25


def case_features(
    scenario: Scenario, situation: Situation, model: ModelFile
) -> dict[str, float | None]:
    """Features of the pair that met, as known the day before."""
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
    return {
        "rivalry": x["rivalry"],
        "both_nuclear": x["both_nuclear"],
        "both_major": x["both_major"],
        "parity": parity,
        "dispute_now": float(situation.rung[u] > 0),
        "war_now": float(situation.rung[u] == RUNGS.index("war")),
        "us_war": _third_war(scenario, situation, one, two),
        "other_war": _third_war(scenario, situation, two, one),
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


def covered(scenario: Scenario) -> bool:
    """Whether the class of US leaders' meetings with adversaries speaks to a scenario."""
    return (
        any(state(c).ccode == 2 for c in scenario.meeting.parties)
        and len(scenario.meeting.parties) == 2
    )


def reference_class(
    scenario: Scenario, situation: Situation, model: ModelFile, *, seed: int
) -> ReferenceClass:
    """Find the nearest meetings and what followed them, from what ships in the package."""
    if not covered(scenario):
        return _empty()
    case = case_features(scenario, situation, model)
    alike = ("both_nuclear", "both_major")
    try:
        found = reference.nearest(case, NEAREST, exact=alike, seed=seed)
    except reference.InputError:
        found = reference.nearest(case, NEAREST, seed=seed)
        alike = ()
    notes = list(found.notes)
    if alike:
        notes.insert(
            0,
            "Only pairs like the case in being, or not being, both nuclear-armed and "
            "both major powers.",
        )
    return ReferenceClass(
        description=found.description,
        features=[Feature(id=f.id, label=f.label, weight=1 / f.scale) for f in found.features],
        distance=found.distance,
        meetings=[_meeting(r) for r in found.meetings.to_dicts()],
        summary=[_row(r) for r in found.summary],
        notes=notes,
    )


def _empty() -> ReferenceClass:
    return ReferenceClass(
        description="No reference class: the record of meetings covers pairs of the United States "
        "only, two at a time.",
        features=[],
        distance="none",
        meetings=[],
        summary=[],
        notes=["The record of meetings does not reach this case: missing, not zero."],
    )


def reference_source() -> Source:
    """Citation of the class."""
    return Source(id=SOURCE_ID, citation=reference.SOURCE, url=None)


def _meeting(row: dict[str, Any]) -> ReferenceMeeting:
    names = [k for k in reference.FEATURES if k in row]
    follow = [
        FollowUp(kind=kind, year=row[f"first_{kind}_year"], years_after=row[f"years_to_{kind}"])
        for kind in reference.OUTCOMES
        if row[f"first_{kind}_year"] is not None and row[f"years_to_{kind}"] is not None
    ]
    return ReferenceMeeting(
        id=row["id"],
        date=row["date"],
        place=row["place"] or "place not given",
        counterpart=row["state"],
        persons=[p.strip() for p in (row["persons"] or "").split(";") if p.strip()],
        distance=round(row["distance"], 4),
        features={k: None if row[k] is None else float(row[k]) for k in names},
        outcomes={
            str(h): {o: row[f"{o}_{h}"].replace("_", " ") for o in reference.OUTCOMES}
            for h in reference.HORIZONS
        },
        follow_ups=follow,
        observed_to=RECORD_END,
        source_id=SOURCE_ID,
    )


def _row(row: reference.ReferenceRow) -> SummaryRow:
    by_dyads = row.lo_dyads is not None and row.hi_dyads is not None
    lo, hi = (row.lo_dyads, row.hi_dyads) if by_dyads else (row.lo, row.hi)
    if row.lo is not None and lo is not None:
        lo = min(lo, row.lo)
    if row.hi is not None and hi is not None:
        hi = max(hi, row.hi)
    none = None if row.estimate is not None else "no case whose whole window the record covers"
    return SummaryRow(
        horizon=row.horizon,
        outcome=row.outcome,
        group=row.group,
        n=row.n,
        dyads=row.dyads,
        events=row.events,
        estimate=Quantity(
            value=row.estimate,
            unit="probability",
            lo=lo,
            hi=hi,
            level=row.level,
            reason=none,
        ),
        method=f"{row.method}; the wider limits are given, meetings of one pair not being "
        "independent",
    )
