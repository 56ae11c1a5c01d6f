"""The part of the model card on evidence: meetings, calibration, limits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from detente.relations.card_bias import CALIBRATION_LEVEL, miss
from detente.relations.card_course import course_section
from detente.relations.labels import KINDS, dyad_label, term_label
from detente.relations.markdown import listed, number, ratio, table
from detente.relations.model import (
    CalibrationPart,
    EffectPart,
    ModelFile,
    TermPart,
    rivals,
)
from detente.relations.terms import FEWEST_EVENTS, POWER, SIZE, detectable_ratios

_IN_SAMPLE = (
    "Part of such a gap at the start of disputes would be there if the model were right: the "
    "frailties that rank its rows are fitted to the same events, and drawn towards their mean."
)


def evidence_sections(model: ModelFile) -> list[str]:
    """Write the sections on what the record says of meetings and how well the model fits it."""
    return [
        _meetings(model),
        _not_estimable(model),
        _calibration(model),
        course_section(model),
        _heterogeneity(model),
        _departures(model),
        _uses(model),
    ]


def verdict(effect: EffectPart) -> str:
    """Say what one meeting effect amounts to: inconclusive, lower or higher.

    Inconclusive where the interval of the year-one ratio holds one, or where the lead rivals the
    lag.
    """
    if effect.ratio.lo <= 1.0 <= effect.ratio.hi or rivals(effect.lag, effect.lead):
        return "inconclusive"
    return "lower" if effect.ratio.value < 1.0 else "higher"


def _meetings(model: ModelFile) -> str:
    labels = {p.name: p.label for p in model.processes}
    head = f"""## Meetings

The year-one ratio is the hazard ratio of one meeting, averaged over the year after it. `prior
share` is the prior's part of its precision; `without` is the ratio had these terms had none (as if
all were normal). `detectable` are the ratios that would then be told from one with {POWER:.0%}
power, two-sided test at the {SIZE:.0%} level; the intervals and they take spells as independent
given the covariates and frailties. `by dyad` are the same if only dyads are independent (error by
leaving out one dyad at a time, rough: few have met). `lag` and `lead` are the ratios
in the year after and in the year before a meeting, against recorded time with neither; an event is
exposed if the pair met within the last two half-lives of the slow count. The verdict, by a rule set
before the estimates: *inconclusive* if the interval holds one, or if the lead lies on the same side
of one as the lag and at least as far from it; else *lower* or *higher*."""
    if not model.effects:
        return f"{head}\n\nNo meeting term is in the model."
    what = [f"{labels[e.process]}, {KINDS[e.kind]}" for e in model.effects]
    main = table(
        (
            *("process, meeting", "year-one ratio", "prior share", "without", "detectable"),
            *("by dyad", "verdict"),
        ),
        [
            (
                name,
                ratio(e.ratio.value, e.ratio.lo, e.ratio.hi),
                f"{e.prior_share:.0%}",
                ratio(e.without_prior.value, e.without_prior.lo, e.without_prior.hi),
                *(
                    f"below {number(low)} or above {number(high)}"
                    for low, high in (
                        (e.detectable_below, e.detectable_above),
                        detectable_ratios(e.se_by_dyad),
                    )
                ),
                verdict(e),
            )
            for name, e in zip(what, model.effects, strict=True)
        ],
    )
    behind = table(
        ("process, meeting", "events", "exposed", "dyads", "lag (events)", "lead (events)"),
        [
            (
                name,
                e.events,
                e.exposed_events,
                e.exposed_dyads,
                f"{ratio(e.lag.value, e.lag.lo, e.lag.hi)} ({e.lag_events})",
                f"{ratio(e.lead.value, e.lead.lo, e.lead.hi)} ({e.lead_events})",
            )
            for name, e in zip(what, model.effects, strict=True)
        ],
    )
    said = " ".join(_said(name, e) for name, e in zip(what, model.effects, strict=True))
    return "\n\n".join((head, main, said, behind, _left_out(model, what), _kernels(model, labels)))


def _said(name: str, effect: EffectPart) -> str:
    """One sentence on an effect, from its numbers."""
    start = f"{name[0].upper()}{name[1:]}: {verdict(effect)}"
    holds = effect.ratio.lo <= 1.0 <= effect.ratio.hi
    why = [f"the interval {'holds' if holds else 'leaves out'} one"]
    if rivals(effect.lag, effect.lead):
        why.append(
            f"the year before departs as far the same way ({number(effect.lead.value)} against "
            f"{number(effect.lag.value)})"
        )
    return f"{start} ({listed(why)})."


def _left_out(model: ModelFile, what: Sequence[str]) -> str:
    rows = [
        (name, dyad_label(dyad), ratio(r.value, r.lo, r.hi))
        for name, effect in zip(what, model.effects, strict=True)
        for dyad, r in effect.leave_one_out
    ]
    note = (
        "Without each of the dyads with most exposed events, the meeting terms alone fitted again, "
        "all else held:"
    )
    return f"{note}\n\n{table(('process, meeting', 'left out', 'year-one ratio'), rows)}"


def _kernels(model: ModelFile, labels: dict[str, str]) -> str:
    rows = [
        (
            f"{labels[s.process]}, {KINDS[s.kind]}",
            s.kernels,
            ratio(s.ratio.value, s.ratio.lo, s.ratio.hi),
            f"{s.gain:+.1f}",
        )
        for s in model.sensitivity
    ]
    head = ("process, meeting", "half-lives", "year-one ratio", "log-likelihood gained")
    note = "With other half-lives in place of 6 and 60 months, all else held (never a choice made:"
    return f"{note}\nit shows what does not depend on it):\n\n{table(head, rows)}"


def _not_estimable(model: ModelFile) -> str:
    labels = {p.name: p.label for p in model.processes}
    rows = [
        (
            labels[t.process],
            term_label(t.term),
            t.events,
            t.exposed,
            t.dyads,
            "in the model" if t.fitted else "not estimable",
        )
        for t in model.terms
    ]
    head = ("process", "term", "events of recorded, unallied pairs", "exposed", "dyads", "")
    wars = [
        f"{w.exposed} of the {w.events} entries into war and {w.ends_exposed} of the {w.ends} ends "
        f"of war of recorded, unallied pairs followed {KINDS[w.kind]} within two half-lives"
        for w in model.war_exposure
    ]
    return f"""## Events behind every meeting term, and terms that cannot be estimated

A term with fewer than {FEWEST_EVENTS} exposed events is not in the model. {_missing(model.terms)}

{table(head, rows)}

No meeting term enters any transition to or from war: {listed(wars) or "none is on record"}. None
enters a dyad whose members did not meet: what a meeting changes between third states is not
estimated, and is zero in the model by construction."""


def _missing(terms: Sequence[TermPart]) -> str:
    out = sum(not t.fitted for t in terms)
    return f"{out} of {len(terms)} fall short." if out else f"All {len(terms)} have enough."


def _calibration(model: ModelFile) -> str:
    labels = {p.name: p.label for p in model.processes}
    fifths = [c for c in model.calibration if c.by == "risk fifth"]
    rows = [
        (labels[process], *(f"{c.observed} / {number(c.expected)}" for c in cells))
        for process, cells in _by_process(fifths)
    ]
    width = max((len(row) - 1 for row in rows), default=0)
    rows = [(*row, *["-"] * (width + 1 - len(row))) for row in rows]
    ranks = [f"fifth {i + 1}" for i in range(width)]
    decades = [c for c in model.calibration if c.by == "decade"]
    told = [
        f"- {labels[process]}: {_misses(cells)}"
        for process, cells in _by_process(decades)
        if any(map(miss, cells))
    ]
    bent = [
        f"- {labels[process]}: {_misses(cells, 'fifth {}')}"
        for process, cells in _by_process(fifths)
        if any(map(miss, cells))
    ]
    off = sum(miss(c) is not None for c in model.calibration)
    chance = (1 - CALIBRATION_LEVEL) * len(model.calibration)
    failing = "\n".join(told) or "- none"
    return f"""## Calibration in sample

Observed / expected events by fifth of the risk at the outset (rows ranked by covariates and
effects; the fifths have equal expected counts):

{table(("process", *ranks), rows)}

Fifths outside the {CALIBRATION_LEVEL:.0%} interval of a Poisson count with the expected mean:

{chr(10).join(bent) or "- none"}

{_lowest(fifths, labels)}

Of {len(model.calibration)} groups (fifths and decades of each process), {off} lie outside that
interval; at most about {chance:.0f} would by chance, were events independent, which joint onsets of
many dyads in one dispute are not; and each event counts twice, in a fifth and in a decade. Decades
outside it (observed / expected):

{failing}"""


def _lowest(fifths: Sequence[CalibrationPart], labels: dict[str, str]) -> str:
    """Say of which processes the model expects too many or too few where its risk is lowest."""
    said: list[str] = []
    for side, word in (("high", "more"), ("low", "fewer")):
        names = [
            f"{labels[c.process]} ({number(c.expected)} for {c.observed})"
            for c in fifths
            if c.group == "1" and miss(c) == side
        ]
        if names:
            said.append(f"{word} than were seen of {listed(names)}")
    if not said:
        return "Where its risk is lowest (fifth 1), the model is inside that interval throughout."
    found = f"Where its risk is lowest (fifth 1), the model expects {'; '.join(said)}."
    ranked = any(c.process == "initiate" and c.group == "1" and miss(c) == "high" for c in fifths)
    return f"{found} {_IN_SAMPLE}" if ranked else found


def _by_process(
    parts: Iterable[CalibrationPart],
) -> list[tuple[str, list[CalibrationPart]]]:
    return [(k, list(cells)) for k, cells in groupby(parts, key=lambda c: c.process)]


def _misses(cells: Iterable[CalibrationPart], name: str = "{}s") -> str:
    return ", ".join(
        f"{name.format(c.group)} {c.observed} / {number(c.expected)}" for c in cells if miss(c)
    )


def _heterogeneity(model: ModelFile) -> str:
    f, w = model.frailty, model.walk
    known = sorted(f.dyads, key=lambda d: d.frailty)
    ends = ", ".join(
        f"{dyad_label(d.dyad)} x{number(math.exp(d.frailty))}" for d in known[-5:][::-1]
    )
    low = ", ".join(f"{dyad_label(d.dyad)} x{number(math.exp(d.frailty))}" for d in known[:5])
    top = max(range(len(w.levels)), key=lambda i: w.levels[i])
    bottom = min(range(len(w.levels)), key=lambda i: w.levels[i])
    last = w.first_year + len(w.levels) - 1
    return f"""## What covariates leave open: frailty and shocks of the system

Both act on the start of disputes only. The frailty of a dyad has a standard deviation of
{number(f.sd)} on the log scale: a dyad one standard deviation up starts disputes
{number(math.exp(f.sd))} times as often. Of the {len(f.dyads):,} dyads that are relevant at the end
of the record, the highest factors (posterior mean of the log) are {ends or "none"}; the lowest
{low or "none"}.

The shocks of the system move by {number(w.sd)} a year (standard deviation, log scale). They are
highest in {w.first_year + top} (x{number(math.exp(w.levels[top]))}), lowest in
{w.first_year + bottom} (x{number(math.exp(w.levels[bottom]))}), and end at
x{number(math.exp(w.levels[-1]))} in {last}. Beyond it they wander on: an interval over decades is
wide because the record is silent on the level to come."""


def _departures(model: ModelFile) -> str:
    missing = model.typical.get("initiate", {}).get("no_democracy")
    share = "part" if missing is None else f"{missing:.1%}"
    shape = model.coverage
    return f"""## Known faults of the data, and liberties of the model

- Days of disputes that no source has are placed inside their known month and flagged; the duration
  of short disputes rests on them in part. `detente data audit` counts them.
- Strategic rivalries were coded by historians who knew what came later: as a covariate of year *t*
  they carry hindsight, and the fit in sample is flattered by it.
- The record of meetings is one of travel by presidents, secretaries of state and foreign leaders:
  complete for that, not for meetings. Talks on the margins of other gatherings are often missing.
  It covers US dyads only.
- Meetings feed on past meetings through the slow counts (half-life 60 months) only, beside the
  pair's usual level. With the 6-month counts as well, the feedback is supercritical and futures run
  away. The usual level is a mean over the whole record of the pair.
- Disputes change how often leaders meet. In planted worlds where that feedback is strong and
  meetings do nothing, the meeting terms are off by up to their standard error: means over a pair's
  record cannot fully take out what the past does to the pair's meetings.
- The covariance is a Laplace approximation at the mode, frailties are integrated out by a
  variational approximation, and the scales of the priors are taken as known: intervals are a little
  too narrow for it.
- Electoral democracy is missing for {share} of the time at risk of a dispute's start: such time has
  an indicator of its own, at the mean of the rest. The same holds for capabilities.
- Joining, war entry and the ends of disputes and wars have levels that step at the periods listed
  above, instead of a walk; only the start of disputes has shocks of the system.
- The coding of disputes changes within the record. Many disputes end in December 2010 because the
  release that Dyadic MID was made from ends there (MID 5 is used where it has the dispute), and
  others in the last weeks of 2014 because the record does: part of these ends are no ends.
- The record of disputes ends with {shape.last_year}. What came later has no part in the fit."""


def _uses(model: ModelFile) -> str:
    return """## What it must not be used for

- To predict a particular war, or the day of anything: entries into war are rare, many of them in a
  few large wars, and the intervals say so.
- To claim an effect of meetings on wars, on how wars end, or on pairs of states that did not meet:
  no such term exists in the model.
- To claim that a meeting caused what followed where the verdict above is *inconclusive*. A ratio
  near one is no evidence of no effect: read it beside the detectable ratios.
- To carry the meeting terms to pairs without the United States, to allies, or to other centuries.
- To rank states or leaders, or as the ground of a decision of policy. It describes a record."""
