"""Numbers in a document: each with its unit and interval, or the reason why it has none."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Unit = Annotated[
    str, Field(description="'probability', 'hazard ratio', 'per year', 'log hazard' ...")
]


class Model(BaseModel):
    """Base of every part: immutable, no unknown keys, no NaN and no infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Quantity(Model):
    """A number with its unit and interval; ``reason`` says why either is missing."""

    value: float | None
    unit: Unit
    lo: float | None = None
    hi: float | None = None
    level: float | None = Field(default=None, gt=0, lt=1, description="level of [lo, hi], e.g. 0.9")
    reason: str | None = Field(default=None, description="why the value or the interval is missing")

    @model_validator(mode="after")
    def _complete(self) -> Quantity:
        bare = self.value is None or self.lo is None or self.hi is None or self.level is None
        if bare and not self.reason:
            raise ValueError("a quantity without value or interval states a reason")
        if self.lo is not None and self.hi is not None and self.lo > self.hi:
            raise ValueError(f"interval is upside down: lo {self.lo} > hi {self.hi}")
        return self


def _rounded(values: list[float]) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


Values = Annotated[list[float], AfterValidator(_rounded)]
"""Numbers over time; six significant digits are kept, so that machines agree to the last one."""


class Series(Model):
    """A quantity over time: the mean, its interval, and the Monte Carlo error beside them."""

    unit: Unit
    level: float = Field(gt=0, lt=1, description="level of [lo, hi]; parameter uncertainty only")
    years: list[float] = Field(min_length=1, description="years since the scenario's date, rising")
    mean: Values
    lo: Values
    hi: Values
    mc_se: Values = Field(description="Monte Carlo standard error of the mean")

    @model_validator(mode="after")
    def _aligned(self) -> Series:
        if {len(x) for x in (self.mean, self.lo, self.hi, self.mc_se)} != {len(self.years)}:
            raise ValueError("mean, lo, hi and mc_se have one value for each year")
        if any(b <= a for a, b in zip(self.years, self.years[1:], strict=False)):
            raise ValueError("years rise")
        if any(a > b for a, b in zip(self.lo, self.hi, strict=True)):
            raise ValueError("interval is upside down: lo > hi")
        return self


class MinimumDetectable(Model):
    """The smallest effect that the record would have shown, on either side of no difference."""

    power: float | None = Field(default=None, gt=0, lt=1)
    level: float | None = Field(default=None, gt=0, lt=1)
    hazard_ratio_lo: float | None = None
    hazard_ratio_hi: float | None = None
    difference_lo: float | None = Field(default=None, description="of probability, below 0")
    difference_hi: float | None = Field(default=None, description="of probability, above 0")
    at_years: float | None = Field(
        default=None, description="years after the date of the differences; none: the horizon"
    )
    reason: str | None = Field(default=None, description="why there is none")

    @model_validator(mode="after")
    def _explained(self) -> MinimumDetectable:
        bounds = (
            self.hazard_ratio_lo,
            self.hazard_ratio_hi,
            self.difference_lo,
            self.difference_hi,
        )
        if all(bound is None for bound in bounds) and not self.reason:
            raise ValueError("a missing minimum detectable effect states a reason")
        return self


class Quantile(Model):
    """One quantile of a rate."""

    p: float = Field(gt=0, lt=1)
    value: float
