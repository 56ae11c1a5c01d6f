"""On which side of the record the model errs: totals of its course, and its lowest risks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import pdtr

from detente.relations.model import CalibrationPart, CoursePart

CALIBRATION_LEVEL = 0.95
"""Observed events outside this interval of a Poisson count of the expected ones are named."""
COURSE_YEARS = (1946, 2014)
"""First and last year of the natural course."""
WARS, DISPUTES = "wars begun or joined", "disputes begun or joined"
NEAR = 1.05
"""A simulated total within this factor of the record's is not said to be on either side."""

Side = Literal["high", "low"]
OPPOSITE: dict[Side, Side] = {"high": "low", "low": "high"}


@dataclass(frozen=True, slots=True)
class CourseTotal:
    """One outcome over all periods of the natural course.

    ``simulated`` is the sum of the periods' medians, ``above`` of ``periods`` have a median above
    the record.
    """

    shocks: str
    outcome: str
    observed: int
    simulated: float
    above: int
    periods: int

    @property
    def ratio(self) -> float | None:
        """Simulated against recorded; none where the record has no such event."""
        return self.simulated / self.observed if self.observed else None

    @property
    def side(self) -> Side | None:
        """Whether the simulated total is above or below the record by more than :data:`NEAR`."""
        if self.simulated > NEAR * self.observed:
            return "high"
        return "low" if self.simulated < self.observed / NEAR else None


def course_totals(course: Iterable[CoursePart]) -> list[CourseTotal]:
    """Add up the periods of the natural course, by kind of shocks and outcome.

    Examples
    --------
    >>> part = CoursePart(
    ...     shocks="drawn", decade="1960", outcome=WARS, observed=10, median=84, lo=6, hi=315
    ... )
    >>> course_totals([part])[0].ratio
    8.4
    """
    groups: dict[tuple[str, str], list[CoursePart]] = {}
    for part in course:
        groups.setdefault((part.shocks, part.outcome), []).append(part)
    return [
        CourseTotal(
            shocks=shocks,
            outcome=outcome,
            observed=sum(p.observed for p in parts),
            simulated=sum(p.median for p in parts),
            above=sum(p.median > p.observed for p in parts),
            periods=len(parts),
        )
        for (shocks, outcome), parts in groups.items()
    ]


def common_side(totals: Sequence[CourseTotal]) -> Side | None:
    """Side of the record on which all of these totals lie; none where they do not agree."""
    sides: set[Side | None] = {total.side for total in totals}
    return sides.pop() if len(sides) == 1 else None


def lowest_fifth(calibration: Iterable[CalibrationPart], process: str) -> CalibrationPart | None:
    """Find the events of a process where its risk is lowest: a fifth of all that are expected."""
    return next(
        (c for c in calibration if (c.process, c.by, c.group) == (process, "risk fifth", "1")),
        None,
    )


def miss(part: CalibrationPart) -> Side | None:
    """Say whether the model expects too many (``high``) or too few (``low``) of these events.

    None where the observed count lies inside the interval at :data:`CALIBRATION_LEVEL` of a
    Poisson count with the expected mean.
    """
    tail = (1 - CALIBRATION_LEVEL) / 2
    mean = max(part.expected, 1e-12)
    if pdtr(part.observed, mean) < tail:
        return "high"
    above = part.observed > 0 and pdtr(part.observed - 1, mean) >= 1 - tail
    return "low" if above else None
