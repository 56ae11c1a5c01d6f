"""The model of relations as a specification that the engine fits."""

from __future__ import annotations

from detente.hazards import (
    Exponential,
    Frailty,
    HazardSpec,
    Piecewise,
    Ridge,
    Shared,
    Transition,
    Walk,
)
from detente.relations.terms import (
    DAY,
    MARKS,
    MEETING_SD,
    PERIOD_SD,
    POOLING_SD,
    PROCESSES,
    SHARED,
    SLOPE_SD,
    formula,
)

_BASELINES = {
    "initiate": Piecewise((0.25, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0), smooth="estimate", by="fresh"),
    "join": Piecewise((1.0, 5.0, 20.0), smooth="estimate", by="fresh"),
    "attack": Piecewise((2.0, 20.0), smooth=1.0),
    "enter": Piecewise((1.0, 10.0), smooth=1.0),
    "subside": Piecewise(
        (1.25 * DAY, 7 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 1.0, 2.0), smooth="estimate"
    ),
    "escalate": Piecewise((7 * DAY, 30 * DAY, 90 * DAY, 1.0), smooth="estimate"),
    "end": Piecewise((30 * DAY, 90 * DAY, 180 * DAY, 1.0, 2.0, 4.0), smooth="estimate"),
    "cool": Piecewise((90 * DAY, 1.0), smooth=1.0),
    "leaders": Exponential(),
    "envoys": Exponential(),
}


def specification(dropped: dict[str, frozenset[str]] | None = None) -> HazardSpec:
    """Specify the model, less the meeting terms ``dropped`` by process."""
    dropped = dropped or {}
    transitions = tuple(
        Transition(
            p.name,
            MARKS if p.source is None else formula(p.name, dropped.get(p.name, frozenset())),
            _BASELINES[p.name],
        )
        for p in PROCESSES
    )
    return HazardSpec(
        transitions,
        shared=tuple(Shared(s.name, s.formula, s.processes) for s in SHARED),
        ridges=(
            Ridge(("*:met_*",), MEETING_SD),
            Ridge(("*:recorded:*",), POOLING_SD),
            Ridge(("*:since_*",), PERIOD_SD),
            Ridge(("*",), SLOPE_SD),
        ),
        walk=Walk("year", "year", ("initiate",)),
        frailty=Frailty("dyad", "dyad", ("initiate",)),
    )
