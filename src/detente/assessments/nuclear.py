"""The nuclear tail: an event that has not happened, a prior, and how little data move it.

The event is a hostile nuclear detonation between nuclear-armed states. With rate
``lambda ~ Gamma(a, b)`` (shape, rate) and no event in exposure ``E``,

    lambda | data ~ Gamma(a, b + E),    mean a / (b + E),
    P(event within u units) = 1 - ((b + E) / (b + E + u))^a.

Near misses are not events. Priors are stated per calendar year; in another unit, of which a year
brings ``k``, the rate is ``lambda / k`` and so ``Gamma(a, b k)``.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np
from scipy.special import gammaincinv

from detente.core.errors import DataError, UnknownNameError

EVENT = "a hostile nuclear detonation between nuclear-armed states"
EVENTS_OBSERVED = 0
FIRST_YEAR = 1949
"""The first year in which two states had nuclear weapons."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)

UnitName = Literal["calendar years", "nuclear dyad-years", "crises between nuclear states"]


@dataclass(frozen=True, slots=True)
class PriorSource:
    """The work that a prior is taken from; ``read`` says what of it was read."""

    id: str
    author: str
    title: str
    year: int
    read: str
    entry: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class NuclearPrior:
    """A named gamma prior of the rate per calendar year; ``b`` (years) is 0 if improper."""

    id: str
    name: str
    a: float
    b: float
    published: Mapping[str, float]
    match: str
    note: str
    source: PriorSource

    def __post_init__(self) -> None:
        require(self.a > 0, f"prior {self.id!r}: shape a = {self.a}: expected a > 0")
        require(self.b >= 0, f"prior {self.id!r}: rate b = {self.b}: expected b >= 0")

    @property
    def proper(self) -> bool:
        """Whether the prior is a distribution before any data."""
        return self.b > 0


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much was seen without the event, and how much a calendar year brings.

    Parameters
    ----------
    unit
        What is counted.
    amount
        Units since two states had nuclear weapons, > 0.
    per_year
        Units in a calendar year now, > 0 (1 for calendar years): it turns a prior per year into
        one per unit, and a horizon in years into units.
    """

    unit: UnitName
    amount: float
    per_year: float = 1.0

    def __post_init__(self) -> None:
        for name, value in (("amount", self.amount), ("per_year", self.per_year)):
            ok = bool(np.isfinite(value)) and value > 0
            require(ok, f"exposure in {self.unit}: {name} = {value}: expected a number > 0")


@dataclass(frozen=True, slots=True)
class QuantileShift:
    """A quantile of the rate per unit before and after the data (before: none if improper)."""

    level: float
    prior: float | None
    posterior: float

    @property
    def ratio(self) -> float | None:
        """Posterior over prior."""
        return None if self.prior is None else self.posterior / self.prior


@dataclass(frozen=True, slots=True)
class NuclearPosterior:
    """The rate per unit of exposure given no event: ``Gamma(a, b_prior + exposure)``."""

    prior: NuclearPrior
    exposure: Exposure
    a: float
    b_prior: float

    @property
    def b(self) -> float:
        """Rate parameter of the posterior, in units of exposure."""
        return self.b_prior + self.exposure.amount

    @property
    def mean(self) -> float:
        """Posterior mean of the rate per unit, a / (b + E)."""
        return self.a / self.b

    @property
    def prior_mean(self) -> float | None:
        """Prior mean of the rate per unit, none if the prior is improper."""
        return self.a / self.b_prior if self.b_prior > 0 else None

    @property
    def prior_share(self) -> float:
        """Share of prior exposure in all exposure, b / (b + E)."""
        return self.b_prior / self.b

    def quantile(self, level: float) -> float:
        """Return the posterior quantile of the rate per unit at a level in (0, 1)."""
        return _quantile(self.a, self.b, level)

    def prior_quantile(self, level: float) -> float | None:
        """Return the prior quantile of the rate per unit, none if the prior is improper."""
        return _quantile(self.a, self.b_prior, level) if self.b_prior > 0 else None

    def shifts(self, levels: Sequence[float] = LEVELS) -> tuple[QuantileShift, ...]:
        """Return how far the data moved each quantile."""
        return tuple(
            QuantileShift(level, self.prior_quantile(level), self.quantile(level))
            for level in levels
        )

    def within(self, years: float) -> float:
        """Return the probability of the event within a horizon, rate uncertain.

        Parameters
        ----------
        years
            Horizon in calendar years, >= 0.
        """
        require(years >= 0, f"horizon of {years} years: expected years >= 0")
        units = years * self.exposure.per_year
        return -math.expm1(-self.a * math.log1p(units / self.b))

    def within_quantile(self, years: float, level: float) -> float:
        """Return the quantile of the probability within a horizon, over the rate."""
        require(years >= 0, f"horizon of {years} years: expected years >= 0")
        return -math.expm1(-self.quantile(level) * years * self.exposure.per_year)


def posterior(prior: NuclearPrior, exposure: Exposure) -> NuclearPosterior:
    """Update a prior by an exposure without event.

    Examples
    --------
    >>> jeffreys = nuclear_prior("jeffreys")
    >>> round(posterior(jeffreys, Exposure("calendar years", 76.0)).mean, 5)
    0.00658
    """
    return NuclearPosterior(prior, exposure, prior.a, prior.b * exposure.per_year)


def nuclear_priors() -> tuple[NuclearPrior, ...]:
    """Return the shipped priors, shape and rate matched to what was published."""
    return _shipped()


def nuclear_prior(key: str) -> NuclearPrior:
    """Return the shipped prior with this id.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    known = {prior.id: prior for prior in nuclear_priors()}
    if key not in known:
        raise UnknownNameError("nuclear prior", key, known)
    return known[key]


_HALVINGS = 50
"""Halvings of a log shape's range of 17 that leave less than rounding does."""


def match_interval(low: float, high: float, level: float) -> tuple[float, float]:
    """Return shape and rate of the gamma whose central interval is [low, high].

    The ratio of the two quantiles depends on the shape alone and falls as it rises.

    Parameters
    ----------
    low, high
        Ends of the interval of the rate, 0 < low < high.
    level
        Probability inside, in (0, 1).
    """
    require(0 < low < high, f"interval [{low}, {high}]: expected 0 < low < high")
    require(0 < level < 1, f"level = {level}: expected between 0 and 1")
    tails = ((1 - level) / 2, (1 + level) / 2)

    def excess(log_shape: float) -> float:
        shape = float(np.exp(log_shape))
        lower, upper = (float(gammaincinv(shape, tail)) for tail in tails)
        return float(np.log(upper) - np.log(lower) - np.log(high / low))

    ends = float(np.log(0.05)), float(np.log(1e6))
    reach = excess(ends[0]) > 0 > excess(ends[1])
    require(reach, f"interval [{low}, {high}]: too wide or too narrow for a gamma to match")
    # By halves: scipy's optimisers take longer to import than this takes to run.
    low_end, high_end = ends
    for _ in range(_HALVINGS):
        middle = (low_end + high_end) / 2
        low_end, high_end = (middle, high_end) if excess(middle) > 0 else (low_end, middle)
    shape = float(np.exp((low_end + high_end) / 2))
    return shape, float(gammaincinv(shape, tails[1])) / high


def match_median(probability: float, years: float, shape: float) -> tuple[float, float]:
    """Return shape and rate of the gamma whose median rate gives a probability within years."""
    require(0 < probability < 1, f"probability = {probability}: expected between 0 and 1")
    require(years > 0 and shape > 0, f"years = {years}, shape = {shape}: expected both > 0")
    median = -float(np.log1p(-probability)) / years
    return shape, float(gammaincinv(shape, 0.5)) / median


@cache
def _shipped() -> tuple[NuclearPrior, ...]:
    entry = resources.files("detente.assessments") / "shipped" / "nuclear_priors.toml"
    table = tomllib.loads(entry.read_text(encoding="utf-8"))
    return tuple(_read_prior(item) for item in table["priors"])


def _read_prior(item: Mapping[str, Any]) -> NuclearPrior:
    match item["match"]:
        case "improper":
            names, (a, b) = (), (float(item["shape"]), 0.0)
        case "interval":
            names = ("low", "high", "level")
            a, b = match_interval(item["low"], item["high"], item["level"])
        case "median within":
            names = ("probability", "years")
            a, b = match_median(item["probability"], item["years"], item["shape"])
        case other:
            raise DataError(f"nuclear_priors.toml: prior {item['id']!r}: unknown match {other!r}")
    return NuclearPrior(
        id=item["id"],
        name=item["name"],
        a=a,
        b=b,
        published={name: float(item[name]) for name in names},
        match=item["match"],
        note=item["note"],
        source=PriorSource(**item["source"]),
    )


def _quantile(a: float, b: float, level: float) -> float:
    require(0 < level < 1, f"level = {level}: expected between 0 and 1")
    return float(gammaincinv(a, level)) / b


def require(condition: bool, message: str) -> None:
    """Raise a data error unless a condition holds."""
    if not condition:
        raise DataError(message)
