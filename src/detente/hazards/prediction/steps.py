r"""Cumulative hazards of several transitions over one axis of time, with what they do not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from detente.core.errors import InputError, UnknownNameError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Scale = Literal["plain", "log", "log-log"]


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeHazards:
    r"""Cumulative hazards :math:`A_k(t)` of the transitions, at increasing times.

    Parameters
    ----------
    times
        ``(T,)``, increasing; the hazards are zero at ``origin``.
    transitions
        Names, ``(m,)``.
    values
        ``(T, m)``.
    noise
        ``(T, m, m)`` steps of the covariance whose steps are independent (of the events given the
        parameters); ``None`` where there is none.
    slopes
        ``(T, m, p)`` derivatives of ``values`` by the parameters; ``None`` without parameters.
    parameters
        ``(p, p)`` covariance of the parameters.
    smooth
        ``(m,)``: true where the hazard is continuous between the times, false where it jumps.
    clocks
        ``(m,)``: what the times are for each transition, the axis (``forward``) or the time since
        the state was entered (``reset``).
    origin
        Where the hazards start.
    greenwood
        Whether ``noise`` is Greenwood's (multinomial), not Aalen's (Poisson).
    """

    times: Floats
    transitions: tuple[str, ...]
    values: Floats
    noise: Floats | None
    slopes: Floats | None
    parameters: Floats | None
    smooth: Flags
    clocks: tuple[str, ...]
    origin: float = 0.0
    greenwood: bool = False

    @property
    def steps(self) -> Floats:
        """Increments of the hazards, ``(T, m)``."""
        return np.diff(self.values, axis=0, prepend=0.0)

    @property
    def covariance(self) -> Floats | None:
        """Covariance of the hazards at every time, ``(T, m, m)``, as mstate's ``msfit`` has it."""
        total = None if self.noise is None else np.cumsum(self.noise, axis=0)
        if self.slopes is not None and self.parameters is not None:
            bent = np.einsum("tkp,pq,tlq->tkl", self.slopes, self.parameters, self.slopes)
            total = bent if total is None else total + bent
        return total

    @property
    def standard_errors(self) -> Floats:
        """Standard errors ``(T, m)``.

        Raises
        ------
        InputError
            Made without a variance.
        """
        covariance = self.covariance
        if covariance is None:
            raise InputError("the cumulative hazards were made without a variance")
        return np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))

    def at(self, times: Floats | float) -> Floats:
        """Hazards at given times, ``(len(times), m)``: steps where they jump, else interpolated."""
        return self._read(self.values, times)

    def _read(self, values: Floats, times: Floats | float) -> Floats:
        asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
        padded = np.vstack([np.zeros(len(self.transitions)), values])
        out = padded[np.searchsorted(self.times, asked, side="right")]
        grid = np.r_[self.origin, self.times]
        for k in np.flatnonzero(self.smooth):
            out[:, k] = np.interp(asked, grid, padded[:, k])
        return out

    def errors_at(self, times: Floats | float) -> Floats:
        """Standard errors at given times, ``(len(times), m)``, as :meth:`at` has the hazards."""
        return self._read(self.standard_errors, times)

    def interval(self, level: float = 0.95, scale: Scale = "plain") -> tuple[Floats, Floats]:
        """Pointwise confidence limits ``(T, m)`` each, ``plain`` or ``log``."""
        return limits(self.values, self.standard_errors, level, scale, top=np.inf)

    def table(self) -> pl.DataFrame:
        """Long table: time, transition, hazard, se (null without a variance)."""
        m, covariance = len(self.transitions), self.covariance
        error = None if covariance is None else self.standard_errors.ravel()
        return pl.DataFrame(
            {
                "time": np.repeat(self.times, m),
                "transition": list(self.transitions) * len(self.times),
                "hazard": self.values.ravel(),
                "se": pl.Series(error, dtype=pl.Float64)
                if error is not None
                else pl.Series([None] * (m * len(self.times)), dtype=pl.Float64),
            }
        )

    def of(self, transition: str) -> Floats:
        """Hazard of one transition, ``(T,)``."""
        if transition not in self.transitions:
            raise UnknownNameError("transition", transition, self.transitions)
        return self.values[:, self.transitions.index(transition)]


def quantile(level: float) -> float:
    """Normal quantile of a two-sided interval.

    Raises
    ------
    InputError
        A level outside (0, 1).
    """
    if not 0.0 < level < 1.0:
        raise InputError(f"the level of an interval lies between 0 and 1, not {level}")
    return float(stats.norm.ppf(0.5 + level / 2.0))


def limits(
    value: Floats, error: Floats, level: float, scale: Scale, *, top: float = 1.0
) -> tuple[Floats, Floats]:
    """Pointwise limits of estimates that lie between 0 and ``top``, on a scale.

    ``log``: the interval of the log of the value; ``log-log``: of log(-log(value)) (for
    probabilities). Where the value is 0 or ``top`` the limits are the value itself.
    """
    return scaled_limits(value, error, quantile(level), scale, top=top)


def scaled_limits(
    value: Floats, error: Floats, width: float | Floats, scale: Scale, *, top: float = 1.0
) -> tuple[Floats, Floats]:
    """Limits ``width`` standard errors away on a scale."""
    if scale not in ("plain", "log", "log-log"):
        raise InputError(f'the scale is "plain", "log" or "log-log", not {scale!r}')
    if scale == "log-log" and top != 1.0:
        raise InputError('the scale "log-log" is for probabilities')
    inside = (value > 0) & (value < top)
    safe = np.where(inside, value, 0.5)
    away = width * error
    if scale == "plain":
        low, high = value - away, value + away
    elif scale == "log":
        low, high = safe * np.exp(-away / safe), safe * np.exp(away / safe)
    else:
        turn = away / (safe * np.log(safe))
        low, high = safe ** np.exp(-turn), safe ** np.exp(turn)
        low, high = np.minimum(low, high), np.maximum(low, high)
    if scale != "plain":
        low, high = np.where(inside, low, value), np.where(inside, high, value)
    return np.clip(low, 0.0, top), np.clip(high, 0.0, top)
