"""What an assessment cannot tell, and on which side of the record its model errs."""

from __future__ import annotations

from collections.abc import Sequence

from detente.assessments import rounding as say
from detente.assessments.unlisted import unlisted
from detente.relations.card_bias import (
    COURSE_YEARS,
    DISPUTES,
    OPPOSITE,
    WARS,
    CourseTotal,
    Side,
    common_side,
    course_totals,
    lowest_fifth,
    miss,
)
from detente.relations.model import ModelFile
from detente.relations.situation import NONE_IF_LEFT_OUT
from detente.scenarios import Scenario

_WAR_ENDS = (
    "How surely the war under way ends: the pairs of a coalition end a war together, and the model "
    "takes each such end as one of its own, so that the interval is too narrow."
)


def limits(scenario: Scenario, model: ModelFile, *, at_war: bool) -> list[str]:
    """Say what the assessment cannot tell; ``at_war`` if a war is under way on the date."""
    c = model.coverage
    return [
        *_left_out(scenario),
        *unlisted(scenario),
        "What a meeting changes in a war, or for states that were not in the room: the record "
        "holds too few such cases to learn from, and no effect is assumed.",
        "Whether meetings prevent disputes or are held when disputes are already less likely: "
        "the model holds what is recorded of a pair, not what its leaders knew.",
        *level_bias(model),
        *lowest_risk(model),
        *([_WAR_ENDS] if at_war else []),
        f"Anything that changed after {c.last_year}: the model is fitted on {c.first_year} to "
        f"{c.last_year} and is carried to {scenario.date.year} by its own random shocks.",
        "Events since then are this scenario's reading of the sources, not a coder's. "
        f"{scenario.silence.strip()}",
        "The content of talks, their preparation and what was agreed: a meeting is a date here.",
        "How a war ends: its end is any end of fighting for 180 days or more, on any terms.",
    ]


def level_bias(model: ModelFile) -> list[str]:
    """Say how the wars and disputes of the simulated past compare with those of the record.

    An outcome is named where its totals, with the shocks of the system drawn onward and as fitted,
    lie on one side of the record.
    """
    totals = course_totals(model.course)
    named: list[str] = []
    sides: dict[Side, list[str]] = {}
    for outcome, name in ((WARS, "wars"), (DISPUTES, "disputes")):
        found = [t for t in totals if t.outcome == outcome and t.observed]
        if side := common_side(found):
            named.append(f"{_times(found)} times the {name}")
            sides.setdefault(side, []).append(name)
    if not named:
        return []
    first, last = COURSE_YEARS
    so = ", those of ".join(
        f"{' and '.join(names)} likelier too {side} than too {OPPOSITE[side]}"
        for side, names in sides.items()
    )
    return [
        f"Whether the level of these chances is right: simulated over {first} to {last}, with the "
        f"system's shocks as fitted or drawn anew, the model has {' and '.join(named)} that pairs "
        f"of the record began or joined, so that forecasts of "
        f"{so.replace(' likelier', ' are likelier', 1)}."
    ]


def _times(totals: Sequence[CourseTotal]) -> str:
    """Ratios of totals as one number or as a range."""
    ratios = sorted(t.ratio for t in totals if t.ratio is not None)
    ends = list(dict.fromkeys(say.digits(r) for r in (ratios[0], ratios[-1])))
    return " to ".join(ends)


def lowest_risk(model: ModelFile) -> list[str]:
    """Say whether the model expects too many or too few disputes where its risk is lowest.

    Pairs are ranked by effects fitted to the same events, among them frailties drawn towards their
    mean: where risk is lowest, a right model expects more than were seen, too.
    """
    part = lowest_fifth(model.calibration, "initiate")
    side = miss(part) if part else None
    if part is None or side is None:
        return []
    gap = "; part of such a gap arises in any check on the record of the fit, but"
    return [
        "How low the lowest chances are: for pairs of the lowest risk the model expects a fifth of "
        f"the starts of disputes in its record, {say.count(round(part.expected))}, and "
        f"{say.count(part.observed)} were seen{gap if side == 'high' else ';'} if anything these "
        f"chances are too {side}."
    ]


def _left_out(scenario: Scenario) -> list[str]:
    """Say which covariates count as none because the scenario gives no value for them."""
    told: list[str] = []
    for what, entries in (("pairs", scenario.dyads), ("states", scenario.states)):
        for name, label in NONE_IF_LEFT_OUT[what].items():
            if lacking := sum(getattr(entry, name) is None for entry in entries):
                told.append(f"{label} ({lacking} of {len(entries)} {what})")
    if not told:
        return []
    return [
        "What these would change, which the scenario leaves out so that they count as none: "
        f"{', '.join(told)}."
    ]
