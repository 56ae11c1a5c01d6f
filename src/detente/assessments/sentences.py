"""Single statements: a pair's names, a difference, what could have been detected."""

from __future__ import annotations

from collections.abc import Sequence

from detente.assessments import rounding as say
from detente.assessments.schema import (
    Assessment,
    Contrast,
    DyadSetting,
    Forecast,
    Quantity,
    Series,
)


def pair_name(dyad: DyadSetting) -> str:
    """Join two states for a sentence, e.g. ``the United States of America and Russia``."""
    return " and ".join(f"the {n}" if n.startswith("United ") else n for n in dyad.names)


def place_of(series: Series, years: float | None) -> int:
    """Find the place in a series nearest to some years; its last one for none."""
    if years is None:
        return len(series.years) - 1
    return min(range(len(series.years)), key=lambda i: abs(series.years[i] - years))


def change(series: Series, at: int) -> str:
    """Write a difference at one place of its series: its side, its size and its interval."""
    mean, lo, hi = series.mean[at], series.lo[at], series.hi[at]
    scale = say.scale_of((mean, lo, hi))
    holds = "includes" if lo <= 0.0 <= hi else "excludes"
    return (
        f"{say.signed(mean, scale, points=True)} ({say.level_name(series.level)} interval: "
        f"{say.signed(lo, scale)} to {say.signed(hi, scale)}, which {holds} zero)"
    )


def difference(assessment: Assessment, contrast: Contrast, years: float | None = None) -> str:
    """Say what one arm changes within some years, with its interval.

    Parameters
    ----------
    assessment
        Where the names of arms, outcomes and dyads are.
    contrast
        The paired difference.
    years
        Years after the date; none for the horizon.

    Returns
    -------
    str
        Lower, higher, exactly no difference and why, or none that the sampled futures show.
    """
    names = Names(assessment)
    series = contrast.difference
    at = place_of(series, years)
    arm, reference = names.arms(contrast)
    chance = (
        f"the chance of {names.outcome(contrast.outcome)} between {names.pair(contrast.dyad)} "
        f"within {say.years_name(series.years[at])}"
    )
    if contrast.same_intensities:
        text = (
            f"Between {arm} and {reference} the model sees exactly no difference in {chance}, "
            "because it gives both the same intensities."
        )
    elif not any((*series.mean, *series.lo, *series.hi)):
        made = assessment.meta.settings
        text = (
            f"Between {arm} and {reference} no difference was sampled in {chance}: none of the "
            f"{say.count(made.draws * made.futures_per_draw)} futures differs, and more draws and "
            "futures may show one."
        )
    else:
        text = f"With {arm} rather than {reference}, the model puts {chance} {change(series, at)}."
    if not contrast.estimated:
        text += f" This is not an estimated effect of the meeting on this pair: {contrast.reason}."
    return text


FEW_DRAWS = 50
"""With fewer draws of the parameters, the ends of a 90% interval are those of two or three."""


def rough(assessment: Assessment) -> list[str]:
    """Say that an interval from few draws is not to be read closely."""
    draws = assessment.meta.settings.draws
    if draws >= FEW_DRAWS:
        return []
    return [
        f"This run took {draws} draws of the model's parameters: intervals from so few are rough, "
        "and on which side of zero one ends says little; take 200 or more."
    ]


def ends_before(contrast: Contrast) -> bool:
    """Whether a run ends before the year for which it is known what could have been detected."""
    years = contrast.mde.at_years
    return years is not None and contrast.difference.years[-1] < years


def detectable(contrast: Contrast) -> list[str]:
    """Say what the record could have shown, and whether the estimate is smaller than that."""
    mde = contrast.mde
    if not contrast.estimated:
        return []
    lo, hi = mde.difference_lo, mde.difference_hi
    power = f" with {say.level_name(mde.power)} power" if mde.power is not None else ""
    if lo is not None and hi is not None:
        at = place_of(contrast.difference, mde.at_years)
        mean, years = contrast.difference.mean[at], contrast.difference.years[at]
        scale = say.scale_of((lo, hi))
        inside = "the estimate is smaller" if lo < mean < hi else "the estimate is that large"
        if mde.at_years is not None and ends_before(contrast):
            years, inside = mde.at_years, "this run ends before that"
        return [
            f"This record could have shown an effect{power} only if it lowered the chance within "
            f"{say.years_name(years)} by {say.digits(abs(lo) * scale.factor)}{scale.points} or "
            f"more, or raised it by {say.digits(hi * scale.factor)} or more; {inside}."
        ]
    if mde.hazard_ratio_lo is not None and mde.hazard_ratio_hi is not None:
        return [
            f"This record could have shown an effect{power} only if it multiplied the hazard by "
            f"less than {say.ratio(mde.hazard_ratio_lo)} or more than "
            f"{say.ratio(mde.hazard_ratio_hi)}."
        ]
    return [f"What the record could have shown is not known: {mde.reason}."] if mde.reason else []


def compared(quantity: Quantity, *, none: float = 1.0) -> str:
    """Tell the side of ``none`` on which an interval lies: ``below``, ``above`` or ``includes``."""
    if quantity.lo is None or quantity.hi is None:
        return "unknown"
    return "below" if quantity.hi < none else "above" if quantity.lo > none else "includes"


def not_estimated(assessment: Assessment, dyad: DyadSetting) -> list[str]:
    """Say what is not estimated and why: each reason once, with its arms and outcomes."""
    names = Names(assessment)
    contrasts = [c for c in assessment.contrasts if c.dyad == dyad.id]
    every = list(dict.fromkeys(c.outcome for c in contrasts))
    found: dict[str, list[tuple[str, str]]] = {}
    for c in contrasts:
        if c.reason is not None and not c.estimated:
            found.setdefault(c.reason, []).append((c.arm, c.outcome))
    told: list[str] = []
    for reason, of in found.items():
        arms = joined([names.arm(arm) for arm in dict.fromkeys(arm for arm, _ in of)])
        outcomes = list(dict.fromkeys(outcome for _, outcome in of))
        on = (
            "this pair"
            if outcomes == every
            else f"the chance of {joined([names.outcome(o) for o in outcomes])}"
        )
        told.append(f"An effect of {arms} on {on} is not estimated: {reason}.")
    return told


def joined(items: Sequence[str], word: str = "and") -> str:
    """Join words: ``a``, ``a and b``, ``a, b and c``."""
    *first, last = items
    return f"{', '.join(first)} {word} {last}" if first else last


_ARTICLES = {"A", "An", "The"}
_WORDS = {*_ARTICLES, "No"}


def _opens(label: str, words: set[str]) -> bool:
    return label.partition(" ")[0].capitalize() in words


def _inner(label: str) -> str:
    """Label as it stands inside a sentence: an article loses its capital, a name keeps it."""
    first, _, rest = label.partition(" ")
    return f"{first.lower()} {rest}" if first in _WORDS and rest else label


class Names:
    """Names by id, as they stand in a sentence."""

    def __init__(self, assessment: Assessment) -> None:
        self._arms = {x.id: x.label for x in assessment.arms}
        self._outcomes = {x.id: _inner(x.label) for x in assessment.outcomes}
        self._pairs = {x.id: pair_name(x) for x in assessment.setting.dyads}

    def arm(self, key: str) -> str:
        """Label of an arm; one that does not begin with an article or a no stands in quotes."""
        label = self._arms[key]
        return _inner(label) if _opens(label, _WORDS) else f"“{label}”"

    def arms(self, contrast: Contrast) -> tuple[str, str]:
        """Labels of the two arms of a contrast; both in quotes where one is no plain noun."""
        pair = self._arms[contrast.arm], self._arms[contrast.reference]
        if _opens(pair[0], _ARTICLES):
            return self.arm(contrast.arm), self.arm(contrast.reference)
        return f"“{pair[0]}”", f"“{pair[1]}”"

    def outcome(self, key: str) -> str:
        """Label of an outcome."""
        return self._outcomes[key]

    def pair(self, key: str) -> str:
        """Names of a pair."""
        return self._pairs[key]


def at_horizon(x: Forecast) -> str:
    """Write a forecast's chance at its last year, with the interval."""
    s = x.series
    return say.with_interval(s.mean[-1], s.lo[-1], s.hi[-1], s.level)
