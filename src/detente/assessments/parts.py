"""Parts of an assessment: the setting, the reference class and the nuclear tail."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from detente.assessments.numbers import Model, Quantile, Quantity

Status = Literal["yes", "no", "censored", "under way"]
"""Did it happen within the window; ``censored``: the record ends first, with nothing until then."""


class Covariate(Model):
    """A covariate's value on the date, with the year it describes and where it is from."""

    name: str
    label: str
    value: bool | int | float | str | None
    unit: str | None = Field(description="none for yes/no and names")
    year: int | None
    source_id: str
    reason: str | None = Field(default=None, description="why the value is missing")

    @model_validator(mode="after")
    def _explained(self) -> Covariate:
        if self.value is None and not self.reason:
            raise ValueError(f"{self.name}: a missing value states a reason")
        return self


class StateSetting(Model):
    """A state named in the scenario."""

    ccode: int
    abb: str
    name: str
    covariates: list[Covariate]


class DyadSetting(Model):
    """A pair of states on the date."""

    id: str = Field(description="e.g. USA-RUS, as written in the scenario")
    names: tuple[str, str]
    rung: str
    since: dt.date | None = Field(description="entry into the rung; none when before the record")
    met: bool = Field(description="its members took part in the meeting that the arms vary")
    covariates: list[Covariate]


class SettingEvent(Model):
    """A dispute, war or meeting between the end of the record and the scenario's date."""

    kind: str
    status: str = Field(default="held", description="of a meeting: held, cancelled or refused")
    parties: list[str]
    start: dt.date = Field(description="first day")
    end: dt.date | None = Field(description="last day, included; none while it is under way")
    note: str
    source_id: str
    confidence: str
    counted: bool = Field(description="it adds to what the record knows of the past of its pair")
    reason: str | None = Field(default=None, description="why it is not counted")

    @model_validator(mode="after")
    def _explained(self) -> SettingEvent:
        if self.counted is (self.reason is not None):
            raise ValueError("an event that is not counted, and no other, states a reason")
        return self


class Setting(Model):
    """Parties, rungs and covariates on the date."""

    states: list[StateSetting]
    dyads: list[DyadSetting]
    events: list[SettingEvent]
    aftermath: list[SettingEvent] = Field(
        default=[], description="what has happened after the date; no number uses it"
    )


class FollowUp(Model):
    """What happened after a meeting of the reference class."""

    kind: str = Field(description="'dispute' or 'war'")
    year: int
    years_after: float = Field(ge=0)


class Feature(Model):
    """A feature that the distance between meetings uses."""

    id: str
    label: str
    weight: float | None = None


class ReferenceMeeting(Model):
    """A meeting of adversaries in the record and what followed it."""

    id: str
    date: dt.date
    last_day: dt.date
    pair: str = Field(description="the two states, e.g. 'USA-RUS'")
    place: str
    counterpart: str
    persons: list[str]
    distance: float = Field(ge=0)
    features: dict[str, float | None]
    outcomes: dict[str, dict[str, Status]] = Field(
        description="horizon in years -> outcome -> status"
    )
    follow_ups: list[FollowUp]
    observed_to: dt.date = Field(description="the record of what followed ends here")
    source_id: str


class SummaryRow(Model):
    """How often an outcome followed, for one group and horizon."""

    horizon: int = Field(gt=0, description="years")
    outcome: str
    group: Literal["met", "not met", "before"]
    n: int = Field(ge=0, description="cases at risk that the record follows as long")
    censored: int = Field(ge=0, description="the other cases that were at risk, not in n")
    under_way: int = Field(ge=0, description="cases with one under way, not in n")
    dyads: int = Field(ge=0, description="pairs of the cases in n")
    pairs: list[str] = Field(description="these pairs, e.g. 'USA-RUS'")
    apart: int = Field(ge=0, description="of the windows after n, those that do not overlap")
    events: int = Field(ge=0)
    estimate: Quantity = Field(description="no interval where the pairs are fewer than ten")
    method: str


class ReferenceClass(Model):
    """The nearest meetings in the record, and adversaries alike who did not meet."""

    description: str
    features: list[Feature]
    distance: str
    meetings: list[ReferenceMeeting]
    summary: list[SummaryRow]
    notes: list[str]


class NuclearPrior(Model):
    """A named gamma prior of the rate: shape ``a``, rate ``b`` in exposure units."""

    id: str
    name: str
    source_id: str
    a: float = Field(gt=0)
    b: float = Field(ge=0, description="0: improper, it has no mean or quantiles before data")
    note: str


class NuclearRow(Model):
    """Prior and posterior of the rate of the event, one prior and exposure unit."""

    prior: str
    exposure_unit: str = Field(description="in the plural, e.g. 'calendar years'")
    exposure: float = Field(ge=0)
    rate: Quantity = Field(description="posterior mean (a + events) / (b + exposure)")
    prior_share: float = Field(ge=0, le=1, description="b / (b + exposure)")
    prior_quantiles: list[Quantile] = Field(description="none if the prior is improper")
    posterior_quantiles: list[Quantile]
    within_horizon: Quantity


class NuclearDifference(Model):
    """Difference between arms: the difference in crises times the prior's rate."""

    prior: str
    arm: str
    reference: str
    crises: Quantity = Field(description="difference in crises, by the draws of the model")
    crises_reference: Quantity = Field(description="crises in the reference")
    difference: Quantity
    statement: str


class Nuclear(Model):
    """The tail without an event to learn from."""

    event: str = Field(description="definition of the event")
    events: int = Field(ge=0, description="events observed")
    priors: list[NuclearPrior]
    rows: list[NuclearRow]
    per_crisis: list[NuclearRow]
    differences: list[NuclearDifference]
    notes: list[str]
