"""The model card: what was fitted, on what, what it shows, and where it fails, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from scipy.stats import norm

from detente.relations.card_evidence import evidence_sections
from detente.relations.labels import column_label
from detente.relations.markdown import number, ratio, reflowed, table
from detente.relations.model import ModelFile, ProcessPart
from detente.relations.specification import specification
from detente.relations.terms import LEVEL

_Z = float(norm.ppf(0.5 + LEVEL / 2))
_DAYS = 365.25

_LEAVES = {
    None: "marks of a dyad in any rung",
    "calm": "out of calm",
    "dispute": "out of dispute",
    "war": "out of war",
}


def render_card(model: ModelFile) -> str:
    """Write the card of a model: every number in it is computed from the file.

    Returns
    -------
    str
        Markdown, ending in one newline.
    """
    sections = [
        _head(model),
        _data(model),
        _processes(model),
        _structure(model),
        _priors(model),
        _baselines(model),
        _coefficients(model),
        *evidence_sections(model),
    ]
    return "\n\n".join(reflowed(s.strip()) for s in sections) + "\n"


def _head(model: ModelFile) -> str:
    c = model.coverage
    events = sum(p.events for p in model.processes)
    return f"""# Model card: relations between states, {c.first_year}-{c.last_year}

Written by `detente fit` from the model file beside it; no number here is typed in.

A multi-state event history of pairs of states (dyads) on three rungs, calm, dispute and war, with
meetings of leaders and of envoys as marks. {len(model.processes)} processes, {events:,} events and
{len(model.names)} coefficients in one joint likelihood, fitted by maximising it with its priors
(status: {model.status}; log-likelihood {model.log_likelihood:,.1f}, averaged over the frailties of
dyads). Intervals are {LEVEL:.0%} intervals unless another level is named.

- model file: format version {model.version}, fingerprint `{model.fingerprint[:16]}`
- code that fitted it: sha256 `{model.code[:16]}`
{_previous(model)}"""


def _previous(model: ModelFile) -> str:
    """What changed since the model that shipped before."""
    before = model.previous
    if before is None:
        return ""
    data = "the same data" if before.same_data else "other data"
    if before.largest is None:
        moved = f"other coefficients (the first: {before.at})"
    elif before.largest == 0:
        moved = "no coefficient moved"
    else:
        moved = f"no coefficient moved by more than {number(before.largest)} standard errors"
    gain = model.log_likelihood - before.log_likelihood
    return (
        f"- since the model before it (`{before.fingerprint[:16]}`, code `{before.code[:16]}`): "
        f"{data}, {moved}; log-likelihood {gain:+,.1f}"
    )


def _data(model: ModelFile) -> str:
    c = model.coverage
    met = ", ".join(f"{n:,} of {level}s" for level, n in sorted(c.meetings.items(), reverse=True))
    rows = [
        (f"`{d.dataset}`", d.version, ", ".join(f"`{h[:12]}`" for h in list(d.sha256.values())[:2]))
        for d in model.data
    ]
    files = table(("dataset", "version", "sha256 of its files (first two)"), rows)
    return f"""## What it was fitted on

All politically relevant dyads (contiguous, or with a major power) of {c.first_year}-{c.last_year}:
{c.dyads:,} dyads, {c.intervals:,} rows at risk, split wherever a covariate or a function of the
past changes. Annual covariates are those of the year before. Meetings ({met}) enter where a record
of them exists: dyads of the United States from {c.recorded_from} to {c.recorded_to} (exclusive).
Elsewhere meetings are missing, not zero. The datasets (`detente data info NAME` gives address,
licence, citation and known faults):

{files}"""


def _processes(model: ModelFile) -> str:
    rows = [
        (
            p.label,
            _LEAVES[p.source],
            f"{p.events:,}",
            f"{p.exposure:,.0f}",
            number(p.events / p.exposure),
        )
        for p in model.processes
    ]
    head = ("process", "who is at risk", "events", "dyad-years at risk", "events a dyad-year")
    return f"""## Processes

{table(head, rows)}

Joining a dispute or a war is possible only while a member of the dyad is in one with a third state;
an onset with no such conflict open the day before counts as the dyad's own."""


def _structure(model: ModelFile) -> str:
    parts = [f"- **{_group_label(model, k)}**: {_in_words(f)}" for k, f in model.formulas.items()]
    halved = ", ".join(
        f"{kind}s {h:g} years" for kind, h in sorted(set(model.kernels.values()), key=str)
    )
    return f"""## What each rate depends on

Every rate is exp(baseline on the time in the rung + slopes x covariates), per year.

{chr(10).join(parts)}

The start of a war from calm and the escalation of a dispute share the slopes named "war entry".
The start of disputes also has a frailty of the dyad and yearly shocks of the whole system (a random
walk). Past events enter as log(1 + decayed count), with half-lives: {halved}. Terms of leaders and
envoys met are zero for dyads with a defence pact; beside them stand their dyad means, so that the
slopes compare a dyad with itself at other times (Mundlak 1978)."""


def _group_label(model: ModelFile, group: str) -> str:
    labels = {p.name: p.label for p in model.processes}
    return labels.get(group, group)


def _in_words(formula: str) -> str:
    terms = [t.strip() for t in formula.split("+")]
    named = [column_label(t) for t in terms if t not in ("1", "")]
    return "; ".join(named) if named else "the baseline alone"


def _priors(model: ModelFile) -> str:
    names = {
        "*:met_*": ("slopes of meetings", "given"),
        "*:recorded:*": ("departures of US slopes", "given"),
        "*:since_*": ("steps from period to period", "given"),
        "*": ("all other slopes", "given"),
        "year": ("a year's step of the system's shocks", "estimated"),
        "year:level": ("first level of the system's shocks", "given"),
        "dyad": ("frailty of dyads", "estimated"),
    }
    labels = {p.name: p.label for p in model.processes}
    baselines = {t.name: t.baseline for t in specification().transitions}
    estimated = {n for n, b in baselines.items() if getattr(b, "smooth", None) == "estimate"}
    rows: list[tuple[str, str, str]] = []
    for key, sd in model.scales.items():
        process, _, what = key.partition(":")
        if what == "smooth":
            name = f"step between pieces of the baseline, {labels.get(process, process)}"
            rows.append((name, number(sd), "estimated" if process in estimated else "given"))
        else:
            label, how = names.get(key, (key, "given"))
            rows.append((label, number(sd), how))
    head = ("normal prior of mean zero on the log scale", "standard deviation", "")
    return f"""## Priors and scales

{table(head, rows)}"""


def _interval(model: ModelFile, name: str) -> tuple[float, float, float]:
    i = model.names.index(name)
    mean, se = model.mean[i], math.sqrt(max(float(model.full_covariance[i, i]), 0.0))
    low, middle, high = np.exp([mean - _Z * se, mean, mean + _Z * se])
    return float(middle), float(low), float(high)


def _baselines(model: ModelFile) -> str:
    parts = [_baseline(model, p) for p in model.processes]
    return f"""## Baselines

Rates per dyad-year with every covariate at zero (those that may be missing at their mean), by time
since entering the rung. They are reference levels, not averages.

{chr(10).join(p for p in parts if p)}"""


def _baseline(model: ModelFile, process: ProcessPart) -> str:
    prefix = f"{process.name}:baseline["
    names = [n for n in model.names if n.startswith(prefix)]
    strata = {"|fresh=1": "no dispute so far", "|fresh=0": "after a dispute"}
    used = {k: v for k, v in strata.items() if process.strata} or {"": "rate"}
    edges = [0.0, *process.cuts, math.inf]
    rows: list[Sequence[str]] = []
    for i, (low, high) in enumerate(pairwise(edges)):
        cells: list[str] = []
        for mark in used:
            own = [n for n in names if n.endswith(mark)]
            cells.append(ratio(*_interval(model, own[i])) if i < len(own) else "-")
        rows.append((_span(low, high), *cells))
    return f"**{process.label}**\n\n{table(('time in the rung', *used.values()), rows)}\n"


def _span(low: float, high: float) -> str:
    if high == math.inf:
        return "any time" if low == 0 else f"{_time(low)} or more"
    return f"up to {_time(high)}" if low == 0 else f"{_time(low)} to {_time(high)}"


def _time(years: float) -> str:
    if years < 0.5 and years != 0.25:
        return f"{years * _DAYS:.3g} days"
    if years < 1:
        return f"{years * 12:.3g} months"
    return "1 year" if years == 1 else f"{years:g} years"


def _coefficients(model: ModelFile) -> str:
    groups: dict[str, list[str]] = {}
    for name in model.names:
        group, _, column = name.partition(":")
        if not column.startswith("baseline["):
            groups.setdefault(group, []).append(name)
    parts = [f"**{_group_label(model, g)}**\n\n{_slopes(model, n)}\n" for g, n in groups.items()]
    clear = sum(_clear(model, n) for names in groups.values() for n in names)
    total = sum(len(names) for names in groups.values())
    return f"""## Coefficients

Hazard ratios per unit of each covariate, all else held. The interval of {clear} of the {total}
leaves out one. Period terms add up: "since 1946" is the step from the level before.

{chr(10).join(parts)}"""


def _clear(model: ModelFile, name: str) -> bool:
    _, low, high = _interval(model, name)
    return not low <= 1.0 <= high


def _slopes(model: ModelFile, names: Iterable[str]) -> str:
    rows = [(column_label(n.partition(":")[2]), ratio(*_interval(model, n))) for n in names]
    return table(("covariate", f"hazard ratio [{LEVEL:.0%} interval]"), rows)
