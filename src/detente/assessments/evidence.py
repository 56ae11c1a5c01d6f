"""How much of an assessment is data: the terms behind it, and a verdict by a rule set before."""

from __future__ import annotations

import math

import numpy as np

from detente.assessments.forecasts import LEVEL, Run, held_kind, learnable
from detente.assessments.numbers import Quantity
from detente.assessments.schema import Diagnostic, Evidence, NotEstimable, Term, Verdict
from detente.assessments.setting import met_dyads
from detente.assessments.unlisted import lists_meetings
from detente.core.sums import dot
from detente.histories.risk import KERNELS
from detente.relations.model import EffectPart, ModelFile, RatioPart, rivals, without_prior
from detente.relations.terms import POWER, SIZE, SLOPE_SD, detectable_ratios

LABELS = {"leaders": "a leaders' meeting", "envoys": "an envoys' meeting"}
PROCESSES = {"initiate": "calm-dispute", "subside": "dispute-calm"}
IN_WORDS = {"initiate": "the start of a dispute", "subside": "the end of a dispute"}

_SHOWN = {
    "rivalry": "strategic rivalry",
    "contiguous": "contiguity",
    "both_major": "both major powers",
    "both_nuclear": "both nuclear-armed",
    "democracy": "electoral democracy of the less democratic, per unit",
    "alliance": "defence pact",
    "past_disputes": "past disputes, per unit of log(1 + decayed count)",
}


def evidence_of(run: Run) -> Evidence:
    """Gather the meeting terms, the main others, what is not estimable, and the verdict."""
    model = run.model
    terms = [_meeting_term(e) for e in model.effects]
    terms += [t for name, label in _SHOWN.items() if (t := _term(model, name, label)) is not None]
    return Evidence(
        terms=terms,
        not_estimable=_not_estimable(model),
        verdict=verdict(run),
        diagnostics=_diagnostics(run),
    )


def quantity(ratio: RatioPart) -> Quantity:
    """Hazard ratio of a model file as a quantity."""
    return Quantity(value=ratio.value, unit="hazard ratio", lo=ratio.lo, hi=ratio.hi, level=LEVEL)


def _meeting_term(effect: EffectPart) -> Term:
    return Term(
        id=f"{effect.process}:{effect.kind}",
        label=f"{LABELS[effect.kind].capitalize()}, {IN_WORDS[effect.process]}, the year after",
        transition=PROCESSES[effect.process],
        group="meeting",
        hazard_ratio=quantity(effect.ratio),
        prior_sd=effect.prior_sd,
        prior_share=effect.prior_share,
        without_prior=quantity(effect.without_prior),
        events=effect.events,
        exposed_events=effect.exposed_events,
        mde_low=effect.detectable_below,
        mde_high=effect.detectable_above,
        lead_ratio=quantity(effect.lead),
    )


def _term(model: ModelFile, name: str, label: str) -> Term | None:
    place = model.place(f"initiate:{name}")
    if place is None:
        return None
    mean, se = model.mean[place], math.sqrt(model.full_covariance[place, place])
    return Term(
        id=f"initiate:{name}",
        label=label,
        transition="calm-dispute",
        group="dyad",
        hazard_ratio=quantity(RatioPart.of(mean, se)),
        prior_sd=SLOPE_SD,
        prior_share=min(1.0, se**2 / SLOPE_SD**2),
        without_prior=None,
        events=model.process("initiate").events,
        exposed_events=None,
        mde_low=None,
        mde_high=None,
        lead_ratio=None,
    )


def _not_estimable(model: ModelFile) -> list[NotEstimable]:
    out = [
        NotEstimable(
            id=f"{t.process}:{t.term}",
            label=f"{t.term.removeprefix('met_')} on {IN_WORDS[t.process]}",
            reason="fewer exposed events than the model asks for",
            exposed_events=t.exposed,
        )
        for t in model.terms
        if not t.fitted
    ]
    for part in model.war_exposure:
        out.append(
            NotEstimable(
                id=f"war:{part.kind}",
                label=f"{LABELS[part.kind]}, on entering or leaving a war",
                reason=(
                    f"{part.exposed} of the {part.events} entries of recorded pairs into war, and "
                    f"{part.ends_exposed} of their {part.ends} ends of war, followed a meeting "
                    "within two half-lives: too few to learn from"
                ),
                exposed_events=part.exposed,
            )
        )
    return out


def verdict(run: Run) -> Verdict:
    """Say what the record allows of the held meeting and the start of disputes.

    The rule, fixed before any estimate: *inconclusive* where the interval includes one, or where
    the ratio in the year before a meeting is at least as far from one as the ratio in the year
    after, on the same side; else *lower* or *higher*.
    """
    arms = [a for a in run.arms if held_kind(run, a) == "leaders"] or list(run.arms)[1:]
    kind = held_kind(run, arms[0]) if arms else None
    effect = run.model.effect("initiate", kind) if kind else None
    if effect is None:
        sentence = (
            "No arm holds one meeting on its own, and only of such a meeting can it be said how "
            "far what followed goes beyond chance."
        )
        return Verdict(id="not estimable", sentence=sentence)
    if not any(learnable(run, dyad) for dyad in met_dyads(run.scenario)):
        return Verdict(
            id="not estimable",
            sentence="The model learns from meetings of the United States with states that it has "
            "no defence pact with: it cannot speak to this meeting.",
        )
    ratio, lag, lead = effect.ratio, effect.lag, effect.lead
    subject = f"After {LABELS[effect.kind]}, the hazard that a dispute starts"
    seen = (
        f"for a pair that had not met lately, the ratio in the year after is {told(ratio)}, and "
        f"{told(effect.without_prior)} without the prior, which holds it near one. "
        f"{within_reach(effect)} {for_the_pair(run, effect)}"
    )
    if ratio.lo <= 1.0 <= ratio.hi:
        return Verdict(
            id="inconclusive",
            sentence=(
                f"{subject} is not shown to be higher or lower: {seen} Fitted alike, the ratio "
                f"is {told(lead)} in the year before a meeting and {told(lag)} in the year after."
            ),
        )
    if rivals(lag, lead):
        return Verdict(
            id="inconclusive",
            sentence=(
                f"{subject} differs, but no more than before the meeting (ratio in the year "
                f"before {lead.value:.2f}, in the year after {lag.value:.2f}): {seen}"
            ),
        )
    side = "lower" if ratio.value < 1 else "higher"
    return Verdict(id=side, sentence=f"{subject} is {side}: {seen}")


def told(ratio: RatioPart) -> str:
    """Write a ratio with its interval, e.g. ``0.98 [0.73, 1.32]``."""
    return f"{ratio.value:.2f} [{ratio.lo:.2f}, {ratio.hi:.2f}]"


def within_reach(effect: EffectPart) -> str:
    """Say which ratios the record had the power to tell from one, under two assumptions."""
    low, high = detectable_ratios(effect.se_by_dyad)
    wider = effect.se_by_dyad > effect.se_without_prior
    return (
        f"The record had {POWER:.0%} power (two-sided test, level {SIZE:.0%}) only for a ratio "
        f"below {effect.detectable_below:.2f} or above {effect.detectable_above:.2f}"
        + (f"; below {low:.2f} or above {high:.2f} if only pairs are independent." * wider or ".")
    )


def for_the_pair(run: Run, effect: EffectPart) -> str:
    """Say what one more meeting does to the pair that met, given how lately it has met."""
    dyad = next(d for d in met_dyads(run.scenario) if learnable(run, d))
    past = "its own recent meetings counted"
    if not lists_meetings(run.scenario, dyad):
        ends = run.scenario.record_end.year
        past = f"its meetings to {ends} counted and none since (the scenario lists none that count)"
    (month, _), (year, alone) = (pair_ratio(run, dyad, effect, span) for span in (1 / 12, 1.0))
    return (
        f"For {dyad}, with {past}, one more has a ratio of "
        f"{told(month)} over its first month and {told(year)} over its first year "
        f"({told(alone)} without the prior): the terms saturate, and the one that fades fast and "
        "the one that fades slowly need not agree."
    )


def pair_ratio(run: Run, dyad: str, effect: EffectPart, span: float) -> tuple[RatioPart, RatioPart]:
    """Mean direct ratio of one more meeting over its first ``span`` years, later meetings apart.

    Returns
    -------
    tuple
        With the prior on the meeting terms, and without it.
    """
    u = run.situation.index(dyad)
    age = (np.arange(200) + 0.5) / 200 * span
    places: list[int] = []
    found: list[float] = []
    for i, (kernel, (_, half_life)) in enumerate(KERNELS.items()):
        place = run.model.place(f"{effect.process}:met_{kernel}")
        if place is None or not kernel.startswith(effect.kind):
            continue
        fading = 0.5 ** (age / half_life)
        before = float(run.situation.counts[u, i]) * fading
        places.append(place)
        found.append(float(np.mean(np.log1p(before + fading) - np.log1p(before))))
    weights, mean = np.array(found), np.asarray(run.model.mean)[places]
    covariance = run.model.full_covariance[np.ix_(places, places)]
    se = math.sqrt(dot(dot(covariance, weights), weights))
    alone = without_prior(mean, covariance, weights)
    return RatioPart.of(float(dot(mean, weights)), se), RatioPart.of(*alone)


def _diagnostics(run: Run) -> list[Diagnostic]:
    futures = run.futures
    runaway = int((futures.runaways > 0).any(axis=0).sum())
    draws = futures.runaways.shape[1]
    widest = (
        max(
            float(futures.difference("dispute", arm).monte_carlo.max())
            for arm in list(run.arms)[1:]
        )
        if len(run.arms) > 1
        else 0.0
    )
    return [
        Diagnostic(
            id="supercritical",
            label="Draws with a future that ran away",
            value=float(runaway),
            unit="draws",
            note=f"of {draws}; such futures stop at the limit of events and stay in every count",
        ),
        Diagnostic(
            id="monte-carlo",
            label="Largest Monte Carlo error of a difference in P(dispute)",
            value=widest,
            unit="probability",
            note="standard error; it is not part of any interval",
        ),
        Diagnostic(
            id="fit",
            label="Fit of the model",
            value=None,
            unit="status",
            note=run.model.status,
        ),
    ]
