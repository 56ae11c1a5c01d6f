"""The nuclear tail of an assessment: priors, exposures, and the arms' share of it."""

from __future__ import annotations

import numpy as np

from detente.assessments import nuclear as gamma
from detente.assessments.forecasts import LEVEL, Run
from detente.assessments.nuclear_arms import Spread, compare_arms
from detente.assessments.numbers import Quantile, Quantity
from detente.assessments.rounding import years_name
from detente.assessments.schema import (
    Nuclear,
    NuclearDifference,
    NuclearPrior,
    NuclearRow,
    Source,
)

_ONSETS = ("initiate", "join", "attack", "enter")


def tail_of(run: Run, horizon: float) -> Nuclear:
    """Gather the tail: every prior in every unit, per crisis, and by arm."""
    priors = gamma.nuclear_priors()
    per_year, per_crisis = _exposures(run)
    return Nuclear(
        event=gamma.EVENT,
        events=gamma.EVENTS_OBSERVED,
        priors=[
            NuclearPrior(id=p.id, name=p.name, source_id=p.source.id, a=p.a, b=p.b, note=p.note)
            for p in priors
        ],
        rows=[_row(gamma.posterior(p, e), horizon) for e in per_year for p in priors],
        per_crisis=[_row(gamma.posterior(p, per_crisis), horizon) for p in priors],
        differences=_differences(run, per_crisis, horizon),
        notes=_notes(run),
    )


def tail_sources() -> list[Source]:
    """Citations of the priors."""
    return [
        Source(
            id=p.source.id,
            citation=f"{p.source.author}. {p.source.year}. {p.source.title}."
            + (f" {p.source.entry}." if p.source.entry else ""),
            url=p.source.url,
        )
        for p in gamma.nuclear_priors()
    ]


def _exposures(run: Run) -> tuple[list[gamma.Exposure], gamma.Exposure]:
    seen = run.model.nuclear
    years = run.scenario.date.year - seen.first_year
    return [
        gamma.Exposure("calendar years", float(years)),
        gamma.Exposure("nuclear dyad-years", seen.dyad_years, seen.pairs),
    ], gamma.Exposure("crises between nuclear states", float(seen.crises), seen.crises_per_year)


def _row(x: gamma.NuclearPosterior, horizon: float) -> NuclearRow:
    tails = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
    before = [(s.level, s.prior) for s in x.shifts()]
    return NuclearRow(
        prior=x.prior.id,
        exposure_unit=x.exposure.unit,
        exposure=x.exposure.amount,
        rate=Quantity(
            value=x.mean,
            unit=f"per unit of {x.exposure.unit}",
            lo=x.quantile(tails[0]),
            hi=x.quantile(tails[1]),
            level=LEVEL,
        ),
        prior_share=x.prior_share,
        prior_quantiles=[Quantile(p=p, value=v) for p, v in before if v is not None],
        posterior_quantiles=[Quantile(p=s.level, value=s.posterior) for s in x.shifts()],
        within_horizon=Quantity(
            value=x.within(horizon),
            unit="probability",
            lo=x.within_quantile(horizon, tails[0]),
            hi=x.within_quantile(horizon, tails[1]),
            level=LEVEL,
        ),
    )


def _crises(found: Spread) -> Quantity:
    return Quantity(
        value=found.mean, unit="crises within the horizon", lo=found.lo, hi=found.hi, level=LEVEL
    )


def _differences(run: Run, per_crisis: gamma.Exposure, horizon: float) -> list[NuclearDifference]:
    reference, *others = run.arms
    base = crises(run, 0)
    out: list[NuclearDifference] = []
    titles = {a.name: f"“{a.title}”" for a in run.scenario.arms}
    for i, arm in enumerate(others, start=1):
        for prior in gamma.nuclear_priors():
            found = compare_arms(
                gamma.posterior(prior, per_crisis),
                arm=titles[arm],
                reference=titles[reference],
                crises=crises(run, i),
                crises_reference=base,
                level=LEVEL,
                within=f"within {years_name(horizon)}",
            )
            out.append(
                NuclearDifference(
                    prior=prior.id,
                    arm=arm,
                    reference=reference,
                    crises=_crises(found.crises),
                    crises_reference=_crises(found.crises_reference),
                    difference=Quantity(
                        value=found.value,
                        unit="expected events within the horizon",
                        lo=found.lo,
                        hi=found.hi,
                        level=LEVEL,
                    ),
                    statement=found.statement,
                )
            )
    return out


def crises(run: Run, arm: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Give the expected crises between nuclear-armed pairs of the scenario, by draw, ``(D,)``."""
    futures = run.futures
    units = run.situation.features["both_nuclear"][0] > 0
    channels = [futures.channels.index(c) for c in _ONSETS]
    counts = futures.firings[arm][:, units][:, :, channels]
    return counts.sum(axis=(1, 2)) / futures.futures


def _notes(run: Run) -> list[str]:
    seen = run.model.nuclear
    return [
        "Near misses are not events.",
        f"Exposure: calendar years from {seen.first_year} to the scenario's date; dyad-years of "
        f"nuclear-armed states to {seen.last_year}, the source's last year; {seen.crises} disputes "
        f"between such states to {seen.crises_to}, the record's last year.",
        "The figures are of all pairs of nuclear-armed states in the world; the differences "
        "between arms of the scenario's own pairs.",
    ]
