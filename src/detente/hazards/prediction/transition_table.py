"""Transition probabilities as a table over time, with their errors and the stays that they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import InputError, UnknownNameError
from detente.hazards.prediction.steps import Scale, limits

Floats = NDArray[np.float64]
Direction = Literal["forward", "fixed horizon"]


@dataclass(frozen=True, slots=True, eq=False)
class TransitionProbabilities:
    r"""Probabilities :math:`P_{gh}(s, t)` of being in each state, by starting state.

    ``values`` and ``standard_errors`` are ``(T, R, S)``: times, starting rows (``starts``),
    ``states``. Going forward, ``times`` are the ends ``t`` and the start is ``fixed``; with a fixed
    horizon ``times`` are the starts ``s`` and the end is ``fixed``. ``covariance``
    ``(T, R, S, S)`` is that of each row, if asked for; ``stays`` and ``stay_errors`` ``(T, R, S)``
    are expected lengths of stay in each state up to ``t``.
    """

    times: Floats
    states: tuple[str, ...]
    starts: tuple[str, ...]
    values: Floats
    standard_errors: Floats | None
    covariance: Floats | None
    direction: Direction
    fixed: float
    smooth: bool
    stays: Floats
    stay_errors: Floats | None

    def of(self, start: str, end: str) -> Floats:
        """Probability of one pair of states at every time, ``(T,)``."""
        return self.values[:, self._row(start), self._column(end)]

    def error(self, start: str, end: str) -> Floats:
        """Standard error of one pair of states at every time, ``(T,)``."""
        return self._errors()[:, self._row(start), self._column(end)]

    def at(self, times: Sequence[float] | Floats | float) -> Floats:
        """Probabilities at given times, ``(len(times), R, S)``.

        Raises
        ------
        InputError
            A time before the first or, where hazards are continuous, after the last.
        """
        return self._pick(self.values, times)

    def errors_at(self, times: Sequence[float] | Floats | float) -> Floats:
        """Standard errors at given times, ``(len(times), R, S)``."""
        return self._pick(self._errors(), times)

    def interval(self, level: float = 0.95, scale: Scale = "log") -> tuple[Floats, Floats]:
        """Pointwise confidence limits, each ``(T, R, S)``."""
        return limits(self.values, self._errors(), level, scale)

    def stays_at(self, times: Sequence[float] | Floats | float) -> tuple[Floats, Floats]:
        """Expected stays in each state up to given times, and their errors, each ``(n, R, S)``.

        Raises
        ------
        InputError
            Probabilities made without a variance, or to a fixed horizon; a time out of reach.
        """
        if self.stay_errors is None:
            raise InputError("expected stays need forward probabilities made with a variance")
        asked = self._reached(times, late=True)
        return self._between(self.stays, asked), self._between(self.stay_errors, asked)

    def with_covariance(self, covariance: Floats, *, keep: bool) -> TransitionProbabilities:
        """The same probabilities with another covariance ``(T, R, S, S)``; stays lose theirs."""
        return replace(
            self,
            standard_errors=error_of(covariance, self.values),
            covariance=covariance if keep else None,
            stay_errors=None,
        )

    def table(self) -> pl.DataFrame:
        """Long table: time, from, to, probability, se."""
        steps, rows, states = self.values.shape
        error = self.standard_errors
        return pl.DataFrame(
            {
                "time": np.repeat(self.times, rows * states),
                "from": np.tile(np.repeat(np.array(self.starts), states), steps),
                "to": np.tile(np.array(self.states), steps * rows),
                "probability": self.values.ravel(),
                "se": np.full(self.values.size, np.nan) if error is None else error.ravel(),
            }
        ).with_columns(pl.col("se").fill_nan(None))

    def _errors(self) -> Floats:
        if self.standard_errors is None:
            raise InputError("the probabilities were made without a variance")
        return self.standard_errors

    def _row(self, start: str) -> int:
        if start not in self.starts:
            raise UnknownNameError("starting state", start, self.starts)
        return self.starts.index(start)

    def _column(self, end: str) -> int:
        if end not in self.states:
            raise UnknownNameError("state", end, self.states)
        return self.states.index(end)

    def _pick(self, values: Floats, times: Sequence[float] | Floats | float) -> Floats:
        asked = self._reached(times, late=self.smooth)
        if self.smooth:
            return self._between(values, asked)
        return values[np.searchsorted(self.times, asked, side="right") - 1]

    def _reached(self, times: Sequence[float] | Floats | float, *, late: bool) -> Floats:
        asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
        first, last = self.times[0], self.times[-1]
        beyond = late and (asked > last).any()
        if not np.isfinite(asked).all() or (asked < first).any() or beyond:
            raise InputError(f"the probabilities reach from {first:g} to {last:g}")
        return asked

    def _between(self, values: Floats, asked: Floats) -> Floats:
        if len(self.times) == 1:
            return values[np.zeros(len(asked), dtype=np.int64)]
        after = np.clip(np.searchsorted(self.times, asked), 1, len(self.times) - 1)
        gap = self.times[after] - self.times[after - 1]
        share = ((asked - self.times[after - 1]) / gap)[:, None, None]
        return values[after - 1] * (1.0 - share) + values[after] * share


def error_of(covariance: Floats | None, like: Floats) -> Floats:
    """Standard errors from covariances ``(T, R, S, S)``, zero where there are none."""
    if covariance is None:
        return np.zeros_like(like)
    return np.sqrt(np.clip(np.diagonal(covariance, axis1=2, axis2=3), 0.0, None))
