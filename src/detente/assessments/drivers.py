"""Why a hazard is high or low: what each group of terms adds to it."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from detente.assessments.forecasts import LEVEL, Run
from detente.assessments.numbers import Quantity
from detente.assessments.schema import Contribution, Drivers
from detente.assessments.setting import met_dyads
from detente.core.sums import dot
from detente.histories.risk import KERNELS
from detente.relations.terms import RUNGS, slope_groups

_Z = float(ndtri(0.5 + LEVEL / 2))

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("capabilities", "balance of capabilities", ("parity", "no_parity")),
    ("system", "concentration of capabilities among the powers", ("concentration",)),
    ("contiguity", "contiguity", ("contiguous", "land")),
    ("majors", "major-power status", ("one_major", "both_major")),
    ("alliance", "defence pact", ("alliance",)),
    ("democracy", "electoral democracy", ("democracy", "no_democracy")),
    ("rivalry", "strategic rivalry", ("rivalry",)),
    ("nuclear", "both nuclear-armed", ("both_nuclear",)),
    ("past", "past disputes and wars", ("past_disputes", "past_wars")),
    ("third", "wars with third states", ("linked_war", "ally", "ally_war")),
    ("period", "level of the period since 1992", ("since_",)),
    ("met", "recent meetings", ("met_",)),
    ("record", "pairs with recorded meetings: their level", ("mean_", "recorded")),
)


def drivers_of(run: Run) -> list[Drivers]:
    """Break down the hazards that carry the result: of the pairs that met, and of wars' ends."""
    out: list[Drivers] = []
    for dyad in met_dyads(run.scenario):
        u = run.situation.index(dyad)
        if run.situation.rung[u] == RUNGS.index("calm"):
            out.append(_drivers(run, dyad, "initiate", "the start of a dispute"))
        if run.situation.rung[u] == RUNGS.index("dispute"):
            out.append(_drivers(run, dyad, "subside", "the end of the dispute"))
    for u, dyad in enumerate(run.situation.names):
        if run.situation.rung[u] == RUNGS.index("war"):
            out.append(_drivers(run, dyad, "end", "the end of the war"))
    return out


def _drivers(run: Run, dyad: str, process: str, label: str) -> Drivers:
    known = run.model.process(process)
    values = column_values(run, dyad)
    parts = [_group(run, process, values, g) for g in GROUPS]
    contributions = [p for p in parts if p is not None]
    if process == "initiate":
        contributions.append(_frailty(run, dyad))
    contributions.sort(key=lambda c: -abs(c.log_hazard.value or 0.0))
    return Drivers(
        dyad=dyad,
        transition=f"{known.source}-{known.target}",
        label=label,
        baseline="the average politically relevant pair at the same risk, 1816 to "
        f"{run.model.coverage.last_year}",
        contributions=contributions,
    )


def column_values(run: Run, dyad: str) -> dict[str, float]:
    """Value of every column of the model for a dyad on the date."""
    situation = run.situation
    u = situation.index(dyad)
    values = {k: float(v[0, u]) for k, v in situation.features.items()}
    recorded = float(situation.recorded[u])
    unallied = recorded * (1.0 - values["alliance"])
    for i, kernel in enumerate(KERNELS):
        z = math.log1p(float(situation.counts[u, i]))
        values[f"past_{kernel}"] = z
        values[f"met_{kernel}"] = z * unallied
    for coupling in run.compiled.system.couplings:
        near = coupling.indices[coupling.indptr[u] : coupling.indptr[u + 1]]
        values[coupling.name] = float(any(situation.rung[int(v)] in coupling.rungs for v in near))
    for name in list(values):
        values[f"recorded:{name}"] = recorded * values[name]
    values["recorded"] = recorded
    year = math.floor(situation.time)
    for name in run.model.names:
        column = name.split(":", 1)[1]
        if column.startswith(("since_", "era_")):
            values[column] = float(year >= int(column.split("_")[1]))
    return values


def _group(
    run: Run, process: str, values: dict[str, float], group: tuple[str, str, tuple[str, ...]]
) -> Contribution | None:
    key, label, columns = group
    groups = slope_groups(process)
    typical = run.model.typical[process]
    gap = np.zeros(len(run.model.mean))
    for i, name in enumerate(run.model.names):
        owner, column = name.split(":", 1)
        if owner not in groups or not _belongs(column, columns):
            continue
        gap[i] = values.get(column, 0.0) - typical.get(column, 0.0)
    if not gap.any():
        return None
    shift = float(dot(np.asarray(run.model.mean), gap))
    se = math.sqrt(dot(dot(run.model.full_covariance, gap), gap))
    return _contribution(key, label, shift, se)


def _belongs(column: str, columns: tuple[str, ...]) -> bool:
    """Whether a column is of a group; interactions with the record go with the record."""
    if column.startswith("recorded"):
        return "recorded" in columns
    return any(column == c or (c.endswith("_") and column.startswith(c)) for c in columns)


def _frailty(run: Run, dyad: str) -> Contribution:
    code = run.situation.dyads[run.situation.index(dyad)]
    known = run.model.by_dyad.get(code)
    mean, variance = (known.frailty, known.variance) if known else (0.0, run.model.frailty.sd**2)
    return _contribution(
        "frailty", "the pair's own record, beyond its covariates", mean, math.sqrt(variance)
    )


def _contribution(key: str, label: str, shift: float, se: float) -> Contribution:
    low, high = shift - _Z * se, shift + _Z * se
    return Contribution(
        term=key,
        label=label,
        log_hazard=Quantity(value=shift, unit="log hazard", lo=low, hi=high, level=LEVEL),
        multiplier=Quantity(
            value=math.exp(shift),
            unit="hazard ratio",
            lo=math.exp(low),
            hi=math.exp(high),
            level=LEVEL,
        ),
    )
