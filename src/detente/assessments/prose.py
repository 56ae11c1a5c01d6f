"""Sentences computed from the numbers of an assessment: flip a sign and the sentence flips.

Each sentence states what the numbers state and no more: an interval that includes zero is said
to include it, and a difference of exactly zero is explained. Rounding follows
:mod:`detente.assessments.rounding`.

Keys of the sections: ``headline``, ``differences``, ``setting``, ``overview``, ``forecast:DYAD``,
``contrast:DYAD:OUTCOME:ARM``, ``reference``, ``chronology``, ``evidence``,
``nuclear``, ``drivers:DYAD:TRANSITION``, ``limits``, ``provenance``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from detente.assessments import rounding as say
from detente.assessments.aftermath import aftermath
from detente.assessments.reference_prose import chronology_sentences, reference_sentences
from detente.assessments.schema import (
    Assessment,
    Contrast,
    Drivers,
    DyadSetting,
    NuclearDifference,
    NuclearRow,
    Quantity,
    Term,
)
from detente.assessments.sentences import (
    Names,
    at_horizon,
    change,
    compared,
    detectable,
    difference,
    ends_before,
    not_estimated,
    pair_name,
    place_of,
    rough,
)


def compose(assessment: Assessment) -> dict[str, list[str]]:
    """Sentences of every section, from the numbers alone.

    Parameters
    ----------
    assessment
        The assessment; its own ``prose`` is not read.

    Returns
    -------
    dict
        Section to sentences, in reading order; the keys are named in the module's docstring.
    """
    a = assessment
    sections: dict[str, list[str]] = {
        "headline": _headline(a),
        "differences": _others(a),
        "setting": _setting(a),
        "overview": _overview(a),
        "aftermath": aftermath(a),
    }
    sections |= {f"forecast:{d.id}": _forecast(a, d) for d in a.setting.dyads}
    sections |= {
        f"contrast:{c.dyad}:{c.outcome}:{c.arm}": [difference(a, c), *detectable(c)]
        for c in a.contrasts
    }
    sections |= {
        "reference": reference_sentences(a),
        "chronology": chronology_sentences(a),
        "evidence": _evidence(a),
        "nuclear": _nuclear(a),
    }
    sections |= {f"drivers:{d.dyad}:{d.transition}": _drivers(a, d) for d in a.drivers}
    return sections | {"limits": list(a.limits), "provenance": _provenance(a)}


def with_prose(assessment: Assessment) -> Assessment:
    """Compute the sentences of an assessment and return it with them."""
    return assessment.model_copy(update={"prose": compose(assessment)})


def _headline(a: Assessment) -> list[str]:
    """Say the difference where it could have been detected, the verdict, then the horizon."""
    focus, verdict = a.focus, a.evidence.verdict.sentence
    wanted = (focus.dyad, focus.outcome, focus.arm, focus.reference)
    for c in a.contrasts:
        if (c.dyad, c.outcome, c.arm, c.reference) == wanted:
            near = difference(a, c, c.mde.at_years)
            told = [near, *rough(a), *detectable(c), *_held_by_prior(a, c)]
            return [*told, verdict, *_later(c)]
    return [verdict]


def _later(contrast: Contrast) -> list[str]:
    """Say the difference at the horizon, where the headline stands at an earlier year."""
    series = contrast.difference
    last = len(series.years) - 1
    same = place_of(series, contrast.mde.at_years) == last
    if same or not any((*series.mean, *series.lo, *series.hi)):
        return []
    years = say.years_name(series.years[last])
    return [f"Within {years} the model puts it {change(series, last)}."]


PRIOR_MATTERS = 0.1
"""Share of a meeting term's estimate from which the prior is named as what narrows an interval."""


def _held_by_prior(a: Assessment, contrast: Contrast) -> list[str]:
    """Say why an interval may lie inside the blind range, and the prior's part in it."""
    lo, hi = contrast.mde.difference_lo, contrast.mde.difference_hi
    shares = [t.prior_share for t in a.evidence.terms if t.group == "meeting" and t.prior_share]
    at = place_of(contrast.difference, contrast.mde.at_years)
    if (
        not contrast.estimated
        or lo is None
        or hi is None
        or max(shares, default=0.0) < PRIOR_MATTERS
        or ends_before(contrast)
        or not any((*contrast.difference.lo, *contrast.difference.hi))
    ):
        return []
    if contrast.difference.lo[at] < lo or contrast.difference.hi[at] > hi:
        return []
    return [
        "That the interval is narrower is no contradiction: to be detected so surely, an effect "
        "must lie well outside such an interval; and the prior on meeting terms holds the effect "
        "near none."
    ]


def _others(a: Assessment) -> list[str]:
    """Say the differences that the headline leaves out: other arms, other estimated contrasts."""
    focus = a.focus
    told: list[str] = []
    for c in a.contrasts:
        if (c.dyad, c.outcome) == (focus.dyad, focus.outcome):
            if c.arm != focus.arm:
                told.append(_beside(a, c))
        elif c.estimated:
            told.append(difference(a, c, c.mde.at_years))
    return told


def _beside(a: Assessment, contrast: Contrast) -> str:
    (arm, reference), series = Names(a).arms(contrast), contrast.difference
    if not any((*series.mean, *series.lo, *series.hi)):
        return difference(a, contrast)
    at = place_of(series, contrast.mde.at_years)
    return (
        f"With {arm} rather than {reference} the model puts it, within "
        f"{say.years_name(series.years[at])}, {change(series, at)}."
    )


def _setting(a: Assessment) -> list[str]:
    rungs = {r.id: r.label for r in a.rungs}
    date = f"{a.meta.scenario.date.day} {a.meta.scenario.date:%B %Y}"
    first = a.rungs[0].id
    active = [d for d in a.setting.dyads if d.rung != first]
    calm = len(a.setting.dyads) - len(active)
    sentences: list[str] = []
    for d in active:
        since = f" since {d.since.day} {d.since:%B %Y}" if d.since else ""
        pair = pair_name(d)
        sentences.append(f"{pair[0].upper()}{pair[1:]}: {rungs[d.rung]}{since}.")
    if calm:
        pairs = "pair is" if calm == 1 else "pairs are"
        other = "other " if active else ""
        sentences.append(f"On {date} {calm} {other}{pairs} on the rung “{rungs[first]}”.")
    return sentences


def _overview(a: Assessment) -> list[str]:
    sentences: list[str] = []
    names, arm = Names(a), a.focus.arm
    for outcome in a.outcomes:
        rows = [x for x in a.forecasts.outcomes if x.outcome == outcome.id and x.arm == arm]
        if not rows:
            continue
        rows.sort(key=lambda x: x.series.mean[-1])
        low, top = rows[0], rows[-1]
        chance = f"The chance of {outcome.label} within {say.years_name(top.series.years[-1])}"
        if len(rows) == 1:
            text = f"{chance} is {at_horizon(top)} for {names.pair(top.dyad)}"
        else:
            ends = low.series.mean[-1], top.series.mean[-1]
            scale = say.scale_of(ends)
            lowest, highest = (say.number(v, scale) + scale.sign for v in ends)
            text = (
                f"{chance} runs from {lowest} ({names.pair(low.dyad)}) to {highest} "
                f"({names.pair(top.dyad)})"
            )
        sentences.append(f"{text}.")
    return sentences


def _forecast(a: Assessment, dyad: DyadSetting) -> list[str]:
    arm, names = a.focus.arm, Names(a)
    shown = [x for x in a.forecasts.outcomes if x.dyad == dyad.id and x.arm == arm]
    sentences: list[str] = []
    if shown:
        chances = "; ".join(f"{names.outcome(x.outcome)}, {at_horizon(x)}" for x in shown)
        years = say.years_name(shown[0].series.years[-1])
        sentences.append(f"With {names.arm(arm)}, chances within {years}: {chances}.")
    left = [x for x in a.forecasts.unavailable if x.dyad == dyad.id]
    for reason in dict.fromkeys(x.reason for x in left):
        what = " and ".join(names.outcome(x.outcome) for x in left if x.reason == reason)
        sentences.append(f"Not forecast: {what}, because {reason}.")
    sentences += not_estimated(a, dyad)
    return sentences


def _evidence(a: Assessment) -> list[str]:
    terms = [t for t in a.evidence.terms if t.group == "meeting"]
    sides = [compared(t.hazard_ratio) for t in terms]
    clear = [t for t, side in zip(terms, sides, strict=True) if side in ("below", "above")]
    sentences: list[str] = []
    if terms and not clear:
        sentences.append(
            f"The model gives {len(terms)} ratio{'s' * (len(terms) != 1)} of meetings; every "
            "interval includes one, no effect."
        )
    sentences += [_clear_term(t) for t in clear]
    for t in terms:
        if t.exposed_events is not None and t.prior_share is not None:
            sentences.append(
                f"{t.label}: {t.exposed_events} of {say.count(t.events)} events came while "
                "meetings of the pair still counted; the prior makes "
                f"{say.probability(t.prior_share)} of the precision" + _without_prior(t)
            )
    if a.evidence.not_estimable:
        left = "; ".join(f"{n.label} ({n.exposed_events})" for n in a.evidence.not_estimable)
        sentences.append(f"Left out, with too few exposed events: {left}.")
    return sentences


def _without_prior(term: Term) -> str:
    bare = term.without_prior
    if bare is None or bare.value is None or bare.lo is None or bare.hi is None:
        return "."
    return (
        f"; without it the ratio would be {say.ratio(bare.value)} [{say.ratio(bare.lo)}, "
        f"{say.ratio(bare.hi)}]."
    )


def _clear_term(term: Term) -> str:
    ratio = term.hazard_ratio
    side = "lower" if compared(ratio) == "below" else "higher"
    value = "" if ratio.value is None else f" of {say.ratio(ratio.value)}"
    text = f"{term.label}: a {side} hazard, with a ratio{value} whose interval excludes one"
    lead = term.lead_ratio
    if lead is not None and ratio.value is not None and lead.value is not None:
        before, after = math.log(lead.value), math.log(ratio.value)
        if before * after > 0 and abs(before) >= abs(after):
            text += (
                f"; the ratio before the meeting is {say.ratio(lead.value)}, so much of it was "
                "there before anyone met"
            )
    return f"{text}."


def _nuclear(a: Assessment) -> list[str]:
    nuclear = a.nuclear
    names = {p.id: p.name for p in nuclear.priors}
    seen = "No such event is" if nuclear.events == 0 else f"{nuclear.events} such events are"
    sentences = [f"{seen} in the record, so the prior and the years of silence make the answer."]
    rows = sorted(
        (r for r in (*nuclear.rows, *nuclear.per_crisis) if r.within_horizon.value is not None),
        key=lambda r: r.within_horizon.value or 0.0,
    )
    if rows:
        low, high = rows[0], rows[-1]
        within = f"within {say.years_name(a.meta.scenario.horizon_years)}"
        sentences.append(
            f"Over all priors and units of exposure, the chance {within} runs from {_tail(low)} "
            f"under “{names[low.prior]}” in {low.exposure_unit} to {_tail(high)} under "
            f"“{names[high.prior]}” in {high.exposure_unit}."
        )
        sentences += _prior_alone([*nuclear.rows, *nuclear.per_crisis])
    told = [d for d in nuclear.differences if d.arm == a.focus.arm][:1]
    sentences += [d.statement for d in told]
    return sentences + [text for d in told for text in _turned(a, d)]


def _turned(a: Assessment, nuclear: NuclearDifference) -> list[str]:
    """Explain a number of crises that goes the other way than the headline's chance."""
    focus, crises = a.focus, nuclear.crises.value or 0.0
    for c in a.contrasts:
        if (c.dyad, c.outcome, c.arm) == (focus.dyad, focus.outcome, focus.arm):
            series = c.difference
            near = place_of(series, c.mde.at_years)
            if series.mean[near] * crises >= 0.0:
                return []
            sides = ("lower", "more") if crises > 0 else ("higher", "fewer")
            return [
                f"That is no contradiction to a chance that is {sides[0]} within "
                f"{say.years_name(series.years[near])}: the chance is of a first dispute, the "
                "number counts every dispute or war that begins or is joined between two nuclear "
                f"states within {say.years_name(a.meta.scenario.horizon_years)}, several of one "
                f"pair among them, and {sides[1]} of them may come in the later years."
            ]
    return []


def _prior_alone(rows: Sequence[NuclearRow]) -> list[str]:
    """Say by what factor the prior alone changes the chance, within each unit of exposure."""
    factors: dict[str, float] = {}
    for unit in dict.fromkeys(r.exposure_unit for r in rows):
        found = (r.within_horizon.value for r in rows if r.exposure_unit == unit)
        values = [value for value in found if value is not None]
        if len(values) > 1 and min(values) > 0:
            factors[unit] = max(values) / min(values)
    if not factors:
        return []
    told = [f"{say.ratio(factor)} in {unit}" for unit, factor in factors.items()]
    listed = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    return [f"Within one unit, the choice of prior alone changes it by a factor of {listed}."]


def _tail(row: NuclearRow) -> str:
    q = row.within_horizon
    if q.value is None or q.lo is None or q.hi is None or q.level is None:
        return "an unknown value" if q.value is None else say.probability(q.value)
    return say.with_interval(q.value, q.lo, q.hi, q.level)


def _drivers(a: Assessment, drivers: Drivers) -> list[str]:
    known = [
        (c, c.log_hazard.value) for c in drivers.contributions if c.log_hazard.value is not None
    ]
    known.sort(key=lambda pair: -abs(pair[1]))
    raising = [c for c, v in known if v > 0][:2]
    lowering = [c for c, v in known if v < 0][:2]

    def listed(items: Sequence[object]) -> str:
        return " and ".join(str(x) for x in items)

    parts: list[str] = []
    for verb, chosen in (("raised", raising), ("lowered", lowering)):
        if chosen:
            names = [f"{c.label} ({_times(c.multiplier)})" for c in chosen]
            parts.append(f"{verb} most by {listed(names)}")
    pair = Names(a).pair(drivers.dyad)
    if not parts:
        return [f"For {pair}, nothing moves {drivers.label} from {drivers.baseline}."]
    return [f"For {pair}, against {drivers.baseline}, {drivers.label} is {'; '.join(parts)}."]


def _times(multiplier: Quantity) -> str:
    return "unknown" if multiplier.value is None else f"{say.ratio(multiplier.value)} times"


def _provenance(a: Assessment) -> list[str]:
    m, s = a.meta.model, a.meta.settings
    return [
        f"Model “{m.name}”, fitted on {m.fitted_from} to {m.fitted_to}: {say.count(m.rows)} rows, "
        f"{say.count(m.events)} events.",
        f"{say.count(s.draws)} draws of its parameters, {say.count(s.futures_per_draw)} paired "
        f"futures in each, seed {s.seed}.",
        say.RULES,
    ]
