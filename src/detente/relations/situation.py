"""Where a set of dyads stands on a day: what the model needs to know to go on from there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from detente.core.days import model_time
from detente.core.states import state
from detente.histories.features import MISSABLE
from detente.histories.risk import KERNELS
from detente.relations.model import ModelFile
from detente.relations.terms import RUNGS
from detente.scenarios import Scenario

Floats = NDArray[np.float64]
USA = 2


NONE_IF_LEFT_OUT: dict[str, dict[str, str]] = {
    "pairs": {
        "contiguity": "contiguity",
        "defence_pact": "defence pact",
        "rivalry": "strategic rivalry",
    },
    "states": {"warheads": "nuclear warheads", "major_power": "standing as a major power"},
}
"""Values of pairs and of states that count as none where a scenario gives none, with their names;
capabilities and democracy are missing there, with an indicator."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Dyads on a day.

    ``features`` holds ``(Y, U)`` values by covariate, one row a calendar year from that of
    ``time`` (the last row is held); ``counts`` the decayed counts of
    :data:`detente.histories.risk.KERNELS`, ``(U, 6)``; ``allies`` the pairs of states with a
    defence pact; ``at_risk`` the share of each year in which a dyad is at risk of leaving calm
    and of meeting, ``(Y, U)``, ``None`` where all are throughout.
    """

    names: tuple[str, ...]
    dyads: tuple[int, ...]
    time: float
    features: dict[str, Floats]
    allies: frozenset[tuple[int, int]]
    rung: NDArray[np.int64]
    entered: Floats
    stratum: NDArray[np.int64]
    counts: Floats
    at_risk: Floats | None = None

    @property
    def recorded(self) -> Floats:
        """1 for the dyads whose meetings are recorded, ``(U,)``."""
        return np.array([float(d // 1000 == USA) for d in self.dyads])

    def index(self, name: str) -> int:
        """Place of a dyad by its name."""
        return self.names.index(name)


def day_number(day: dt.date) -> int:
    """Days since 1970."""
    return (day - dt.date(1970, 1, 1)).days


def situate(scenario: Scenario, model: ModelFile) -> Situation:
    """Bring a scenario to where the model can start.

    Counts of past disputes and meetings are those of the record at its end, decayed, with the
    scenario's own events added (as :meth:`Scenario.past_of` counts them); covariates are the
    scenario's, the concentration of capabilities the model's last known one. What a scenario
    leaves out is missing, as it would be in the record, or none (:data:`NONE_IF_LEFT_OUT`).
    """
    codes = sorted({state(entry.code).ccode for entry in scenario.states})
    dyads = [(a, b) for a, b in combinations(codes, 2)]
    spelled = {state(e.code).ccode: scenario.spelling(e.code) for e in scenario.states}
    names = tuple(f"{spelled[a]}-{spelled[b]}" for a, b in dyads)
    keys = tuple(1000 * a + b for a, b in dyads)
    entries = [scenario.dyad((spelled[a], spelled[b])) for a, b in dyads]
    time = model_time(scenario.date)
    rung = np.array([RUNGS.index(e.rung) for e in entries])
    features, allies = _features(scenario, model, dyads)
    return Situation(
        names=names,
        dyads=keys,
        time=time,
        features=features,
        allies=allies,
        rung=rung,
        entered=np.array([model_time(e.since) for e in entries]),
        stratum=np.array([int(e.disputed_before or e.rung != "calm") for e in entries]),
        counts=_counts(scenario, model, dyads, time),
    )


def _features(
    scenario: Scenario, model: ModelFile, dyads: list[tuple[int, int]]
) -> tuple[dict[str, Floats], frozenset[tuple[int, int]]]:
    states = {state(e.code).ccode: e for e in scenario.states}
    spelled = {c: e.code for c, e in states.items()}
    rows: dict[str, list[float | None]] = {}

    def put(name: str, value: float | None) -> None:
        rows.setdefault(name, []).append(value)

    allies: set[tuple[int, int]] = set()
    for a, b in dyads:
        one, two = states[a], states[b]
        entry = scenario.dyad((spelled[a], spelled[b]))
        shares = sorted(s.cinc.value for s in (one, two) if s.cinc is not None)
        rule = [s.polyarchy.value for s in (one, two) if s.polyarchy is not None]
        majors = sum(bool(s.major_power and s.major_power.value) for s in (one, two))
        touching = entry.contiguity.value if entry.contiguity is not None else 0
        pact = bool(entry.defence_pact and entry.defence_pact.value)
        armed = [bool(s.warheads and s.warheads.value > 0) for s in (one, two)]
        put(
            "parity",
            float(np.log(shares[0] / shares[1])) if len(shares) == 2 and shares[0] > 0 else None,
        )
        put("democracy", min(rule) if len(rule) == 2 else None)
        put("contiguous", float(touching > 0))
        put("land", float(touching == 1))
        put("one_major", float(majors == 1))
        put("both_major", float(majors == 2))
        put("alliance", float(pact))
        put("rivalry", float(bool(entry.rivalry and entry.rivalry.value)))
        put("both_nuclear", float(all(armed)))
        put("concentration", _last_concentration(scenario, model))
        if pact:
            allies.add((a, b))
    features: dict[str, Floats] = {}
    for name, values in rows.items():
        if name in MISSABLE:
            centre = model.centre[name]
            features[name] = np.array([[0.0 if v is None else v - centre for v in values]])
            features[f"no_{name}"] = np.array([[float(v is None) for v in values]])
        else:
            features[name] = np.array([[float(v or 0.0) for v in values]])
    for name in ("mean_leaders", "mean_envoys", "usual_leaders", "usual_envoys"):
        values = [model.means.get(str(1000 * a + b), {}).get(name, 0.0) for a, b in dyads]
        features[name] = np.array([values])
    return features, frozenset(allies)


def _last_concentration(scenario: Scenario, model: ModelFile) -> float | None:
    years = [int(y) for y in model.concentration if int(y) < scenario.date.year]
    return model.concentration[str(max(years))] if years else None


_COUNTED = {"leader": "leader", "envoy": "envoy", "dispute": "dispute", "war": "war"}


def _counts(
    scenario: Scenario, model: ModelFile, dyads: list[tuple[int, int]], time: float
) -> Floats:
    """Decayed counts on the date: the record's at its end, and the scenario's events since."""
    spelled = {state(e.code).ccode: e.code for e in scenario.states}
    end = model_time(scenario.record_end + dt.timedelta(days=1))
    counts = np.zeros((len(dyads), len(KERNELS)))
    for u, (a, b) in enumerate(dyads):
        known = model.by_dyad.get(1000 * a + b)
        past = list(scenario.past_of((spelled[a], spelled[b])))
        for m, (kind, half_life) in enumerate(KERNELS.values()):
            if known is not None:
                counts[u, m] += known.counts[m] * 0.5 ** ((time - end) / half_life)
            ages = [time - model_time(e.start) for e in past if _COUNTED.get(e.kind) == kind]
            counts[u, m] += sum(0.5 ** (age / half_life) for age in ages if age > 0)
    return counts
