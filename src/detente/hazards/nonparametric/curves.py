r"""A survival curve with its pointwise limits and its simultaneous bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import InputError
from detente.hazards.nonparametric.bands import equal_precision_critical, hall_wellner_critical
from detente.hazards.prediction.steps import Scale, limits, scaled_limits

Floats = NDArray[np.float64]
Band = Literal["hall-wellner", "equal precision"]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    r"""A Kaplan-Meier curve at the times of its events.

    All arrays are ``(T,)``: ``values`` are the survival, ``variance`` Greenwood's sum
    :math:`\sum d / \{Y (Y - d)\}` (the variance of the log of the survival) and
    ``aalen_variance`` that of the Nelson-Aalen estimate, :math:`\sum d / Y^2`. ``size`` is the
    number of units (sum of weights where there are weights); the curve is 1 at ``origin``.
    """

    times: Floats
    at_risk: Floats
    events: Floats
    values: Floats
    variance: Floats
    aalen_variance: Floats
    size: float
    origin: float

    @property
    def standard_errors(self) -> Floats:
        """Greenwood's standard error of the survival, ``(T,)``; zero where nobody is left."""
        with np.errstate(invalid="ignore"):
            return np.where(self.values > 0, self.values * np.sqrt(self.variance), 0.0)

    def at(self, times: Floats | float) -> Floats:
        """Survival at given times, ``(len(times),)``."""
        asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
        return np.r_[1.0, self.values][np.searchsorted(self.times, asked, side="right")]

    def interval(self, level: float = 0.95, scale: Scale = "log") -> tuple[Floats, Floats]:
        """Pointwise confidence limits, ``(T,)`` each."""
        return limits(self.values, self.standard_errors, level, scale)

    def band(
        self,
        level: float = 0.95,
        kind: Band = "equal precision",
        scale: Scale = "log-log",
        *,
        window: tuple[float, float] | None = None,
    ) -> pl.DataFrame:
        r"""Simultaneous band: holds the whole curve over a window with the stated probability.

        Parameters
        ----------
        level
            Asymptotic probability.
        kind
            ``equal precision`` (Nair) or ``hall-wellner``.
        scale
            ``plain``, ``log`` or ``log-log``.
        window
            First and last time; all event times with survival in (0, 1) if left out. A band of
            equal precision over a window that begins with very few events is wide.

        Returns
        -------
        polars.DataFrame
            time, survival, low, high at the event times of the window.
        """
        inside = (self.values > 0) & (self.values < 1)
        if window is not None:
            inside &= (self.times >= window[0]) & (self.times <= window[1])
        if inside.sum() < 2:
            raise InputError("the window of a band needs two event times with survival in (0, 1)")
        value, variance = self.values[inside], self.variance[inside]
        share = self.size * variance / (1.0 + self.size * variance)
        if kind == "equal precision":
            width: Floats | float = equal_precision_critical(level, share[0], share[-1])
            error = value * np.sqrt(variance)
        elif kind == "hall-wellner":
            width = hall_wellner_critical(level, share[0], share[-1])
            error = value * (1.0 + self.size * variance) / np.sqrt(self.size)
        else:
            raise InputError(f'a band is "equal precision" or "hall-wellner", not {kind!r}')
        low, high = scaled_limits(value, error, width, scale)
        return pl.DataFrame(
            {"time": self.times[inside], "survival": value, "low": low, "high": high}
        )

    def quantile(self, share: float = 0.5) -> float:
        """First time by which at least this share has left; NaN if never (survfit's rule).

        Where the survival equals ``1 - share`` over a stretch, its middle.
        """
        if not 0.0 < share < 1.0:
            raise InputError(f"the share lies between 0 and 1, not {share}")
        below = np.flatnonzero(self.values <= 1.0 - share + _FLAT)
        if not len(below):
            return float("nan")
        first = int(below[0])
        flat = abs(self.values[first] - (1.0 - share)) <= _FLAT and first + 1 < len(self.times)
        return float((self.times[first] + self.times[first + 1]) / 2 if flat else self.times[first])

    def restricted_mean(self, end: float) -> tuple[float, float]:
        """Mean time up to ``end`` and its standard error (Klein and Moeschberger 2003, 4.5.2)."""
        if not end > self.origin:
            raise InputError(f"the end must come after {self.origin:g}")
        kept = self.times < end
        edges = np.r_[self.origin, self.times[kept], end]
        area = np.diff(edges) * np.r_[1.0, self.values[kept]]
        later = np.cumsum(area[::-1])[::-1][1:]
        steps = np.diff(self.variance[kept], prepend=0.0)
        used = later > 0
        return float(area.sum()), float(np.sqrt((later[used] ** 2 * steps[used]).sum()))

    def table(self) -> pl.DataFrame:
        """Table: time, at_risk, events, survival, se."""
        return pl.DataFrame(
            {
                "time": self.times,
                "at_risk": self.at_risk,
                "events": self.events,
                "survival": self.values,
                "se": self.standard_errors,
            }
        )


# Survival within this of the share asked for counts as equal to it.
_FLAT = 1e-12
