"""Tables of a scenario file: arms, their interventions, and priors that the user names."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from detente.scenarios.fields import (
    Channel,
    Day,
    Line,
    Pair,
    Probability,
    Slug,
    Table,
    Text,
)

Transition = Literal[
    "calm-dispute", "calm-war", "dispute-calm", "dispute-war", "war-calm", "war-dispute"
]


class Window(Table):
    """A span of days, ``stop`` exclusive; without it the span runs to the horizon."""

    start: Day
    stop: Day | None = None

    @model_validator(mode="after")
    def _forward(self) -> Window:
        if self.stop is not None and self.stop <= self.start:
            raise ValueError(f"stop {self.stop} is not after start {self.start}")
        return self


class Hold(Table):
    """Hold one meeting, nature afterwards."""

    kind: Literal["hold"]
    dyad: Pair
    channel: Channel
    date: Day


class Cancel(Window):
    """Let no meeting of these dyads happen between two days."""

    kind: Literal["cancel"]
    dyads: tuple[Pair, ...] = Field(min_length=1)
    channel: Channel


class Scale(Window):
    """Multiply the rate of meetings of these dyads between two days (sustained)."""

    kind: Literal["scale"]
    dyads: tuple[Pair, ...] = Field(min_length=1)
    channel: Channel
    factor: float = Field(ge=0, le=1000)


class Offset(Table):
    """Shift the log intensity of one transition of these dyads by ``delta``."""

    kind: Literal["offset"]
    dyads: tuple[Pair, ...] = Field(min_length=1)
    channel: Transition
    delta: float = Field(ge=-10, le=10, description="added to the log intensity")
    note: Text = Field(description="which covariate is held, and why by this much")


Intervention = Annotated[Hold | Cancel | Scale | Offset, Field(discriminator="kind")]


class Arm(Table):
    """A named set of interventions; the first arm is the reference."""

    name: Slug
    title: Line
    note: Text | None = None
    interventions: tuple[Intervention, ...] = ()


class Prior(Table):
    """What the user believes an arm does to a dyad whose members did not meet.

    With ``probability`` the arm multiplies the intensity of the transition by a hazard ratio,
    log-normal with the given median and central interval; otherwise it does nothing.
    """

    name: Slug
    arm: Slug
    dyad: Pair
    transition: Transition
    probability: Probability
    median: float = Field(gt=0, le=100)
    low: float = Field(gt=0, le=100)
    high: float = Field(gt=0, le=100)
    level: float = Field(gt=0, lt=1)
    source: Slug
    note: Text

    @model_validator(mode="after")
    def _ordered(self) -> Prior:
        if not self.low <= self.median <= self.high:
            raise ValueError("expected low <= median <= high")
        return self


__all__ = [
    "Arm",
    "Cancel",
    "Hold",
    "Intervention",
    "Offset",
    "Prior",
    "Scale",
    "Transition",
    "Window",
]
