"""What a model is: transitions, shared terms, priors and effects, as values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from detente.core.errors import InputError
from detente.hazards.model.baselines import (
    Baseline,
    Cox,
    Exponential,
    Gompertz,
    Scale,
    Weibull,
    check_scale,
)


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition: its covariates, its baseline and its clock.

    Parameters
    ----------
    name
        The value of the table's transition column.
    formula
        Right-hand side in formulaic's grammar; the level belongs to the baseline.
    baseline
        Shape of the hazard along the clock.
    clock
        ``reset``: time since the state was entered, R's ``Surv(stop - start, event)``;
        ``forward``: time on the table's axis, ``Surv(start, stop, event)``. The default does away
        with late entry, so a counting process needs ``forward``.
    """

    name: str
    formula: str = "1"
    baseline: Baseline = field(default_factory=Exponential)
    clock: Literal["reset", "forward"] = "reset"

    def __post_init__(self) -> None:
        """Refuse an unknown clock."""
        if self.clock not in ("reset", "forward"):
            raise InputError(f'the clock is "reset" or "forward", not {self.clock!r}')

    @property
    def shapes(self) -> tuple[str, ...]:
        """Names of the shape parameters of the baseline among the coefficients."""
        baseline = self.baseline
        common = baseline.common if isinstance(baseline, Weibull | Gompertz) else None
        return tuple(f"{common or self.name}:{n}" for n in baseline.shape_names)


@dataclass(frozen=True, slots=True)
class Shared:
    """Terms with one coefficient over several transitions (levels of factors are theirs in all)."""

    name: str
    formula: str
    transitions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ridge:
    """A normal prior with mean zero on the coefficients whose names match a pattern.

    A coefficient takes the first ridge that matches it, so the general one goes last.

    Parameters
    ----------
    patterns
        Names, or patterns in :mod:`fnmatch`'s grammar; baseline levels and shapes never match.
    sd
        Standard deviation of the prior, or ``"estimate"`` (one for all that match).
    """

    patterns: tuple[str, ...]
    sd: Scale

    def __post_init__(self) -> None:
        """Refuse an impossible standard deviation."""
        check_scale(f"the sd of the ridge {self.patterns}", self.sd)


@dataclass(frozen=True, slots=True)
class Walk:
    """A Gaussian random walk over the consecutive integers of a column (a calendar year)."""

    name: str
    column: str
    transitions: tuple[str, ...]
    sd: Scale = "estimate"

    def __post_init__(self) -> None:
        """Refuse an impossible standard deviation."""
        check_scale(f"the sd of {self.name!r}", self.sd)


@dataclass(frozen=True, slots=True)
class Frailty:
    """A frailty shared by the rows of a cluster, over one or more transitions.

    ``sd`` is the standard deviation of the log frailty where it is log-normal, of the frailty
    itself (mean one, variance ``sd ** 2``) where it is gamma.
    """

    name: str
    column: str
    transitions: tuple[str, ...]
    sd: Scale = "estimate"
    distribution: Literal["lognormal", "gamma"] = "lognormal"

    def __post_init__(self) -> None:
        """Refuse an unknown distribution and an impossible standard deviation."""
        if self.distribution not in ("lognormal", "gamma"):
            raise InputError(f'a frailty is "lognormal" or "gamma", not {self.distribution!r}')
        check_scale(f"the sd of {self.name!r}", self.sd)


@dataclass(frozen=True, slots=True)
class HazardSpec:
    """A multi-state intensity model.

    ``transitions`` is what is fitted; ``shared``, ``ridges``, ``walk`` and ``frailty`` add terms
    and priors. ``firth`` is Jeffreys's prior on all coefficients, for rare events and separation;
    it goes with no other prior. Names must be unique and every reference must resolve.
    """

    transitions: tuple[Transition, ...]
    shared: tuple[Shared, ...] = ()
    ridges: tuple[Ridge, ...] = ()
    walk: Walk | None = None
    frailty: Frailty | None = None
    firth: bool = False

    def __post_init__(self) -> None:
        """Refuse names that repeat or do not resolve."""
        names = [t.name for t in self.transitions]
        effects = [e for e in (self.walk, self.frailty) if e is not None]
        parts = (*self.shared, *effects)
        every = [*names, *(p.name for p in parts), *("|".join(r.patterns) for r in self.ridges)]
        if not names or len(set(every)) < len(every):
            raise InputError("a model needs transitions, and every name in it only once")
        for part in parts:
            unknown = set(part.transitions) - set(names)
            if unknown:
                raise InputError(f"{part.name!r} names unknown transitions: {sorted(unknown)}")
            if not part.transitions:
                raise InputError(f"{part.name!r} needs at least one transition")
        _check_strata(self.transitions)


def _check_strata(transitions: tuple[Transition, ...]) -> None:
    first: dict[str, Transition] = {}
    for t in transitions:
        if isinstance(t.baseline, Cox):
            one = first.setdefault(t.baseline.stratum or t.name, t)
            if (one.clock, one.baseline) != (t.clock, replace(t.baseline, stratum=_stratum(one))):
                raise InputError(
                    f"{one.name!r} and {t.name!r} share a stratum: give them one clock, the same "
                    "ties and the same column in `by`"
                )


def _stratum(transition: Transition) -> str | None:
    return transition.baseline.stratum if isinstance(transition.baseline, Cox) else None
