"""A forecast as a document: frozen pydantic models of ``assessment.json``, version 2.0.

Every number carries its unit and interval, or the reason why it has none. Lists refer to arms,
rungs, outcomes, dyads and sources by id, and an id that nothing defines is refused. The other kind
of document is in :mod:`detente.assessments.case_schema`, the JSON schema of both in
:mod:`detente.assessments.published`.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, model_validator

from detente.assessments.numbers import (
    MinimumDetectable,
    Model,
    Quantile,
    Quantity,
    Series,
)
from detente.assessments.parts import (
    Covariate,
    DyadSetting,
    Feature,
    FollowUp,
    Nuclear,
    NuclearDifference,
    NuclearPrior,
    NuclearRow,
    ReferenceClass,
    ReferenceMeeting,
    Setting,
    SettingEvent,
    StateSetting,
    Status,
    SummaryRow,
)

__all__ = [
    "SCHEMA_VERSION",
    "Arm",
    "Assessment",
    "Contrast",
    "Contribution",
    "Covariate",
    "Diagnostic",
    "Drivers",
    "DyadSetting",
    "Evidence",
    "Feature",
    "Focus",
    "FollowUp",
    "Forecast",
    "Forecasts",
    "Meta",
    "MinimumDetectable",
    "Model",
    "ModelMeta",
    "NotEstimable",
    "Nuclear",
    "NuclearDifference",
    "NuclearPrior",
    "NuclearRow",
    "Occupancy",
    "Outcome",
    "Quantile",
    "Quantity",
    "ReferenceClass",
    "ReferenceMeeting",
    "Rung",
    "ScenarioMeta",
    "Series",
    "Setting",
    "SettingEvent",
    "Settings",
    "Source",
    "StateSetting",
    "Status",
    "SummaryRow",
    "Term",
    "Unavailable",
    "Verdict",
]

SCHEMA_VERSION = "2.0"
"""Version of the document; its first part changes when a reader of the older one would break."""


class ScenarioMeta(Model):
    """What was assessed."""

    name: str
    title: str
    date: dt.date
    horizon_years: float = Field(gt=0)
    summary: str = Field(description="free text of the scenario; may hold markup, never trusted")
    notes: list[str] = Field(default=[], description="what else its reader should know; free text")


class Settings(Model):
    """Everything that the numbers depend on beside scenario and model (not the workers)."""

    draws: int = Field(ge=1, description="posterior draws of the parameters")
    futures_per_draw: int = Field(ge=1, description="paired futures in each draw and arm")
    seed: int
    level: float = Field(gt=0, lt=1, description="level of intervals where none is given")


class ModelMeta(Model):
    """The fitted model behind the numbers."""

    name: str
    hash: str
    fitted_from: int = Field(description="first year of the record")
    fitted_to: int = Field(description="last year of the record")
    rows: int
    events: int
    dyads: int | None = None


class Source(Model):
    """A citation that other parts refer to by ``id``."""

    id: str
    citation: str
    url: str | None


class Meta(Model):
    """What made this document."""

    schema_version: Literal["2.0"] = SCHEMA_VERSION
    package_version: str
    scenario: ScenarioMeta
    settings: Settings
    model: ModelMeta
    sources: list[Source]


class Rung(Model):
    """A rung of the ladder."""

    id: str
    label: str


class Arm(Model):
    """An alternative: what is held or cancelled at the scenario's date, nature afterwards."""

    id: str
    label: str
    description: str
    note: str | None = Field(
        default=None, description="e.g. that it extrapolates beyond the record"
    )


class Outcome(Model):
    """A forecast event: ``dispute``, ``war``, ``end`` ..., counted at its first occurrence."""

    id: str
    label: str = Field(description="noun phrase for sentences, e.g. 'a new militarised dispute'")
    definition: str


class Forecast(Model):
    """Probability that an outcome has happened by each year, one dyad and arm."""

    dyad: str
    arm: str
    outcome: str
    series: Series


class Occupancy(Model):
    """Probability of being on a rung in each year, one dyad and arm."""

    dyad: str
    arm: str
    rung: str
    series: Series


class Unavailable(Model):
    """An outcome that is not forecast for a dyad, and why (e.g. no war to end)."""

    dyad: str
    outcome: str
    reason: str


class Forecasts(Model):
    """Probabilities over time."""

    outcomes: list[Forecast]
    occupancy: list[Occupancy]
    unavailable: list[Unavailable]
    notes: list[str]


class Contrast(Model):
    """Paired difference of an outcome's probability: ``arm`` minus ``reference``."""

    dyad: str
    outcome: str
    arm: str
    reference: str
    difference: Series
    estimated: bool = Field(description="false where the arms share the dyad's intensities")
    reason: str | None = Field(description="why it is not estimated")
    same_intensities: bool = Field(
        default=False,
        description="what the arms do enters no intensity of any pair: the futures are the same",
    )
    mde: MinimumDetectable

    @model_validator(mode="after")
    def _explained(self) -> Contrast:
        if not self.estimated and not self.reason:
            raise ValueError("a contrast that is not estimated states a reason")
        return self


class Term(Model):
    """A term of the hazards: what it says and how much of that is data."""

    id: str
    label: str
    transition: str
    group: str = Field(description="'meeting' for the meeting terms, else the kind of covariate")
    hazard_ratio: Quantity
    prior_sd: float | None = Field(description="of the log hazard ratio; none: no prior")
    prior_share: float | None = Field(
        ge=0, le=1, description="the prior's part of the precision of the log hazard ratio"
    )
    without_prior: Quantity | None = Field(
        description="the ratio if meeting terms had no prior; none for other terms"
    )
    events: int = Field(ge=0, description="events of the transition")
    exposed_events: int | None = Field(ge=0, description="of these, with the term away from zero")
    mde_low: float | None = Field(
        description="a ratio below it is told from one with 80% power, level 5%, two-sided"
    )
    mde_high: float | None = Field(description="a ratio above it is told from one as surely")
    lead_ratio: Quantity | None = Field(description="the same term before the meeting took place")


class NotEstimable(Model):
    """A term left out because too few events could inform it."""

    id: str
    label: str
    reason: str
    exposed_events: int = Field(ge=0)


class Verdict(Model):
    """What the evidence allows one to say of the meeting's effect."""

    id: Literal["lower", "higher", "inconclusive", "not estimable"]
    sentence: str


class Diagnostic(Model):
    """A check of fit or simulation."""

    id: str
    label: str
    value: float | None
    unit: str
    note: str


class Evidence(Model):
    """How much of the result is data."""

    terms: list[Term]
    not_estimable: list[NotEstimable]
    verdict: Verdict
    diagnostics: list[Diagnostic]


class Contribution(Model):
    """What a term adds to the log hazard, relative to the baseline of its drivers."""

    term: str
    label: str
    log_hazard: Quantity
    multiplier: Quantity


class Drivers(Model):
    """Why a hazard is high or low."""

    dyad: str
    transition: str
    label: str = Field(description="the transition in words")
    baseline: str = Field(description="e.g. 'the average politically relevant dyad'")
    contributions: list[Contribution]


class Focus(Model):
    """The contrast that answers the scenario's question, shown first."""

    dyad: str
    outcome: str
    arm: str
    reference: str


class Assessment(Model):
    """The whole document."""

    kind: Literal["forecast"] = "forecast"
    meta: Meta
    rungs: list[Rung]
    arms: list[Arm] = Field(min_length=1, description="the first is the reference")
    outcomes: list[Outcome]
    focus: Focus
    setting: Setting
    reference_class: ReferenceClass
    chronology_class: ReferenceClass | None = Field(
        default=None,
        description="the same from the whole chronology; none where reference_class is that",
    )
    forecasts: Forecasts
    contrasts: list[Contrast]
    evidence: Evidence
    nuclear: Nuclear
    drivers: list[Drivers]
    limits: list[str]
    prose: dict[str, list[str]] = Field(default={}, description="section -> computed sentences")

    @model_validator(mode="after")
    def _references(self) -> Assessment:
        arms = {x.id for x in self.arms}
        dyads = {x.id for x in self.setting.dyads}
        outcomes = {x.id for x in self.outcomes}
        rungs = {x.id for x in self.rungs}
        sources = {x.id for x in self.meta.sources}
        priors = {x.id for x in self.nuclear.priors}
        covariates = [c for x in (*self.setting.states, *self.setting.dyads) for c in x.covariates]
        classes = [x for x in (self.reference_class, self.chronology_class) if x is not None]
        cited = (*covariates, *self.setting.events, *(m for x in classes for m in x.meetings))
        tail = (*self.nuclear.rows, *self.nuclear.per_crisis, *self.nuclear.differences)
        paired = (*self.contrasts, self.focus)
        timed = (*self.forecasts.outcomes, *self.forecasts.occupancy)
        outcome_rows = (*self.forecasts.outcomes, *self.forecasts.unavailable, *paired)
        dyad_rows = (*timed, *self.forecasts.unavailable, *paired, *self.drivers)
        _defined("dyad", dyads, {x.dyad for x in dyad_rows})
        _defined("outcome", outcomes, {x.outcome for x in outcome_rows})
        _defined("outcome", outcomes, {x.outcome for c in classes for x in c.summary})
        _defined("arm", arms, {x.arm for x in (*timed, *paired, *self.nuclear.differences)})
        _defined("arm", arms, {x.reference for x in (*paired, *self.nuclear.differences)})
        _defined("rung", rungs, {x.rung for x in (*self.setting.dyads, *self.forecasts.occupancy)})
        _defined("source", sources, {x.source_id for x in (*cited, *self.nuclear.priors)})
        _defined("prior", priors, {x.prior for x in tail})
        return self


def _defined(kind: str, known: set[str], used: set[str]) -> None:
    if missing := sorted(used - known):
        raise ValueError(f"{kind} {missing[0]!r} is used and not defined")
