"""Tables of the report: every cell is a number of the assessment, rounded by one set of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detente.assessments import rounding as say
from detente.assessments.schema import (
    Assessment,
    Contrast,
    Covariate,
    MinimumDetectable,
    NuclearRow,
    Quantity,
    Series,
)
from detente.assessments.sentences import place_of

NONE = "–"  # noqa: RUF001 (an en dash is what a table shows for nothing)
"""An empty cell."""


MARKS = (1.0, 5.0, 10.0)
"""Years shown for every pair, beside the horizon."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: caption, heads of the columns, rows of text; the first column heads its row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def estimate(quantity: Quantity, scale: say.Scale = say.PERCENT) -> str:
    """Value with its interval in brackets; a probability in the scale of its column."""
    q = quantity
    if q.value is None:
        return f"none: {q.reason}"
    if q.unit == "probability":
        if q.lo is None or q.hi is None:
            return say.number(q.value, scale) + scale.sign
        return chance(q.value, q.lo, q.hi, scale)
    show = say.ratio if q.unit == "hazard ratio" else _plain
    if q.lo is None or q.hi is None:
        return show(q.value)
    return f"{show(q.value)} [{show(q.lo)} to {show(q.hi)}]"


def _plain(value: float) -> str:
    if value == 0.0 or 0.01 <= abs(value) < 1e6:
        return say.digits(value)
    mantissa, power = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(power)}"


def at(series: Series, index: int, scale: say.Scale) -> str:
    """Probability and interval of a series at one of its years, in the scale of its table."""
    return chance(series.mean[index], series.lo[index], series.hi[index], scale)


def scale_at(series: Iterable[Series], places: Iterable[int]) -> say.Scale:
    """One scale for several series at some of their years, chosen by the largest number."""
    every = list(series)
    return say.scale_of(v for i in places for x in every for v in (x.mean[i], x.lo[i], x.hi[i]))


def scale_for(quantities: Iterable[Quantity]) -> say.Scale:
    """One scale for several quantities, chosen by the largest number."""
    return say.scale_of(v for q in quantities for v in (q.value, q.lo, q.hi) if v is not None)


def chance(value: float, lo: float, hi: float, scale: say.Scale) -> str:
    """Probability and interval in a scale: ``38% [21 to 62]``, ``3.5 [1.7 to 7.0] in 1,000``."""
    mean, low, high = (say.number(v, scale) for v in (value, lo, hi))
    if scale.sign == "%":
        return f"{mean}% [{low} to {high}]"
    return f"{mean} [{low} to {high}]{scale.sign}"


def whole_years(series: Series) -> list[int]:
    """Places of the whole years in a series' grid, and of its end."""
    last = len(series.years) - 1
    places = [i for i, y in enumerate(series.years) if float(y).is_integer() and y > 0]
    return places if last in places else [*places, last]


def over_time(caption: str, columns: Sequence[tuple[str, Series]]) -> Table:
    """One row for each whole year, one column for each series.

    Parameters
    ----------
    caption
        Of the table.
    columns
        Head and series; all on one grid.
    """
    grid = columns[0][1]
    places = whole_years(grid)
    scale = scale_at((series for _, series in columns), places)
    rows = [
        (f"{grid.years[i]:.10g}", *(at(series, i, scale) for _, series in columns)) for i in places
    ]
    return Table(caption, ("Years", *(head for head, _ in columns)), tuple(rows))


def differences(assessment: Assessment, contrasts: Sequence[Contrast]) -> Table:
    """Differences with interval, Monte Carlo error and detectable effect, by pair and arm."""
    a = assessment
    horizon = a.meta.scenario.horizon_years
    marks = [*(y for y in MARKS if y < horizon), horizon]
    arms = {x.id: x.label for x in a.arms}
    outcomes = {x.id: x.label for x in a.outcomes}
    scale = _scale_of_differences(contrasts, marks)
    rows = [
        (
            f"{c.dyad}: {outcomes[c.outcome]}",
            f"{arms[c.arm]} rather than {arms[c.reference]}",
            *(_difference(c, years, scale) for years in marks),
            say.digits(c.difference.mc_se[-1] * scale.factor) + scale.points,
            detectable(c.mde, scale) if c.estimated else NONE,
            "yes" if c.estimated else "no",
        )
        for c in sorted(contrasts, key=lambda c: not c.estimated)
    ]
    columns = (
        "Pair and outcome",
        "Arms",
        *(f"Difference within {say.years_name(y)}" for y in marks),
        "Monte Carlo error of the last",
        "Detectable",
        "Estimated effect",
    )
    return Table("Differences of probability between arms", columns, tuple(rows))


def _scale_of_differences(contrasts: Sequence[Contrast], years: Sequence[float]) -> say.Scale:
    """One scale for the differences at some years and the smallest effects detectable."""
    shown = ((c.difference, place_of(c.difference, y)) for c in contrasts for y in years)
    values = [v for x, i in shown for v in (x.mean[i], x.lo[i], x.hi[i])]
    ends = (v for c in contrasts for v in (c.mde.difference_lo, c.mde.difference_hi))
    return say.scale_of([*values, *(v for v in ends if v is not None)])


def _difference(contrast: Contrast, years: float, scale: say.Scale) -> str:
    series = contrast.difference
    i = place_of(series, years)
    mean, lo, hi = series.mean[i], series.lo[i], series.hi[i]
    if contrast.same_intensities:
        return "exactly 0"
    if not any((mean, lo, hi)):
        return "0: no sampled future differs"
    q = Quantity(value=mean, lo=lo, hi=hi, level=series.level, unit=series.unit)
    return signed(q, scale)


def detectable(mde: MinimumDetectable, scale: say.Scale) -> str:
    """Write the smallest effect that would have been seen, or the reason why there is none."""
    parts: list[str] = []
    if mde.difference_lo is not None and mde.difference_hi is not None:
        low, high = (say.digits(v * scale.factor) for v in (mde.difference_lo, mde.difference_hi))
        when = f" within {say.years_name(mde.at_years)}" if mde.at_years is not None else ""
        parts.append(f"below {low} or above {high}{scale.points}{when}")
    if mde.hazard_ratio_lo is not None and mde.hazard_ratio_hi is not None:
        low, high = say.ratio(mde.hazard_ratio_lo), say.ratio(mde.hazard_ratio_hi)
        parts.append(f"hazard ratio below {low} or above {high}")
    return "; ".join(parts) or f"none: {mde.reason}"


def overview(assessment: Assessment, arm: str) -> Table:
    """Probabilities of every outcome at some years and the horizon, in one arm."""
    a = assessment
    shown = [x for x in a.forecasts.outcomes if x.arm == arm]
    grid = shown[0].series.years if shown else [a.meta.scenario.horizon_years]
    places = [i for i, y in enumerate(grid) if y in MARKS and y < grid[-1]] + [len(grid) - 1]
    rungs = {r.id: r.label for r in a.rungs}
    outcomes = {o.id: o.label for o in a.outcomes}
    scale = scale_at((x.series for x in shown), places)
    rows = [
        (
            " – ".join(d.names),  # noqa: RUF001
            rungs[d.rung],
            outcomes[x.outcome],
            *(at(x.series, i, scale) for i in places),
        )
        for d in a.setting.dyads
        for x in shown
        if x.dyad == d.id
    ]
    heads = ("Pair", "Now", "Outcome", *(f"within {say.years_name(grid[i])}" for i in places))
    return Table("Chances of every outcome, with their intervals", heads, tuple(rows))


def terms(assessment: Assessment) -> Table:
    """Terms of the model and how much of each is data."""
    rows = [
        (
            t.label,
            t.transition,
            estimate(t.hazard_ratio),
            NONE if t.prior_share is None else _percent(t.prior_share),
            NONE if t.without_prior is None else estimate(t.without_prior),
            say.count(t.events),
            NONE if t.exposed_events is None else say.count(t.exposed_events),
            _outside(t.mde_low, t.mde_high),
            NONE if t.lead_ratio is None else estimate(t.lead_ratio),
        )
        for t in assessment.evidence.terms
    ]
    columns = (
        "Term",
        "Transition",
        "Hazard ratio",
        "Prior share",
        "Without the prior",
        "Events",
        "Exposed",
        "Detectable",
        "Before the meeting",
    )
    return Table("Terms of the hazards", columns, tuple(rows))


def _percent(share: float) -> str:
    return say.number(share, say.PERCENT) + say.PERCENT.sign


def _outside(low: float | None, high: float | None) -> str:
    parts = [
        f"{word} {say.ratio(v)}" for word, v in (("below", low), ("above", high)) if v is not None
    ]
    return " or ".join(parts) or NONE


def nuclear(assessment: Assessment) -> Table:
    """Prior and posterior of the rate, for each prior and exposure unit."""
    names = {p.id: p for p in assessment.nuclear.priors}
    every = (*assessment.nuclear.rows, *assessment.nuclear.per_crisis)
    scale = scale_for(r.within_horizon for r in every)

    def line(row: NuclearRow) -> tuple[str, ...]:
        prior = names[row.prior]
        return (
            prior.name,
            f"gamma({prior.a:.6g}, {prior.b:.6g})",
            f"{say.count(row.exposure)} {row.exposure_unit}",
            f"{estimate(row.rate)} {row.rate.unit}",
            _percent(row.prior_share),
            estimate(row.within_horizon, scale),
        )

    columns = (
        "Prior",
        "Shape, rate",
        "Exposure",
        "Posterior rate",
        "Prior share",
        "Within horizon",
    )
    return Table("The nuclear tail", columns, tuple(line(r) for r in every))


def nuclear_differences(assessment: Assessment) -> Table:
    """Differences of the tail between arms: crises times the rate of the prior, a count."""
    priors = {p.id: p.name for p in assessment.nuclear.priors}
    arms = {x.id: x.label for x in assessment.arms}
    found = assessment.nuclear.differences
    scale = scale_for(d.difference for d in found)
    if scale is say.PERCENT:
        scale = say.WHOLE
    rows = [
        (
            priors[d.prior],
            f"{arms[d.arm]} rather than {arms[d.reference]}",
            estimate(d.crises_reference),
            signed(d.crises, say.WHOLE),
            signed(d.difference, scale),
        )
        for d in found
    ]
    return Table(
        "Differences of the tail between arms",
        (
            "Prior",
            "Arms",
            "Crises in the reference",
            "Difference in crises",
            "Difference in expected events",
        ),
        tuple(rows),
    )


def signed(quantity: Quantity, scale: say.Scale) -> str:
    """Difference of probabilities with its sign and interval, in the scale of its column."""
    q = quantity
    if q.value is None:
        return f"none: {q.reason}"
    values = [v for v in (q.value, q.lo, q.hi) if v is not None]
    if not any(values):
        return "exactly 0"
    text = [say.digits(v * scale.factor) for v in values]
    bare = text[0] if len(text) == 1 else f"{text[0]} [{' to '.join(text[1:])}]"
    return f"{bare}{scale.points}"


def covariate(value: Covariate) -> str:
    """Value of a covariate with its unit."""
    v = value.value
    if v is None:
        return f"none: {value.reason}"
    if isinstance(v, bool):
        return "yes" if v else "no"
    if isinstance(v, str):
        return v
    return f"{v:,.4g}" + (f" ({value.unit})" if value.unit else "")


def covariates(caption: str, owners: Sequence[tuple[str, Sequence[Covariate]]]) -> Table:
    """Covariates with year and source, one row for each owner and covariate."""
    rows = [
        (
            owner,
            c.label,
            covariate(c),
            NONE if c.year is None else str(c.year),
            NONE if c.value is None else c.source_id,
        )
        for owner, values in owners
        for c in values
    ]
    return Table(caption, ("Of", "Covariate", "Value", "Year", "Source"), tuple(rows))
