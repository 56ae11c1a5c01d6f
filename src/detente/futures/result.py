"""What comes out of a simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from detente.core.errors import SimulationError
from detente.futures.arrays import Tallies, Trace
from detente.futures.interventions import Intervention
from detente.futures.outcomes import Outcome
from detente.futures.system import Start, System

__all__ = ["Estimate", "Futures", "Paths"]

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Every event of every future, in order of arm, draw, future and time.

    Parameters
    ----------
    arm, draw, future, unit, channel
        Indices, shape (N,).  Channel -1: the unit joins.
    time
        Years, shape (N,).
    """

    arm: Counts
    draw: Counts
    future: Counts
    unit: Counts
    channel: Counts
    time: Floats

    @classmethod
    def from_traces(cls, traces: Sequence[tuple[int, Trace]]) -> Paths:
        """Sort what the tasks traced."""
        where = [trace.where[: trace.size[0]] for _, trace in traces]
        table = np.concatenate(where)
        time = np.concatenate([trace.time[: trace.size[0]] for _, trace in traces])
        sizes = [len(part) for part in where]
        draw = np.repeat(np.array([number for number, _ in traces], np.int64), sizes)
        # Within one future the tasks wrote events in order, so a stable sort keeps that order.
        order = np.lexsort((table[:, 1], draw, table[:, 0]))
        table, time, draw = table[order], time[order], draw[order]
        return cls(table[:, 0], draw, table[:, 1], table[:, 2], table[:, 3], time)


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A quantity by unit and grid year: its mean over draws, and two separate uncertainties.

    Parameters
    ----------
    mean
        Mean over draws and futures.
    lower, upper
        Interval over the draws (what the parameters leave open, and whatever else is drawn with
        them), the noise of finitely many futures removed; not a number with one draw.
    monte_carlo
        Standard error of the mean from finitely many draws and futures: by how much another seed
        would move it.  With one draw, from the futures alone.
    level
        Of the interval.
    """

    mean: Floats
    lower: Floats
    upper: Floats
    monte_carlo: Floats
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class Futures:
    """Counts over paired futures: A arms, D draws, U units, O outcomes, S rungs, G grid years.

    Parameters
    ----------
    units, rungs, channels, arms, outcomes
        Names, in the order of the axes; the first arm is the reference.
    grid
        Years from t0, shape (G,).
    futures
        Futures for each draw.
    seed, max_events, interventions, settings
        What was asked for.
    first_passage
        Futures in which an outcome has happened by a grid year, shape (A, D, U, O, G).
    plus, minus
        Futures in which it has in the arm and not in the reference, and the other way, same shape.
    occupancy
        Futures that stand in a rung at a grid year, shape (A, D, U, S, G).
    joint
        Futures in rung r in the reference and in another, s, in the arm: (A, D, U, S, S, G); the
        diagonal is zero.
    firings, squares, gaps
        Firings of a channel within the grid: their sum, the sum of their squares, and of their
        squared difference to the reference in the same future, shape (A, D, U, K).
    runaways
        Futures stopped because their events passed `max_events`, or the intensity of one 10000 per
        year, shape (A, D).  They stay in every count, in the rungs where they stopped.
    voided
        Held transitions that found the unit in another rung, shape (A, D).
    events, searches
        Events, and searches for a point: what the simulation cost, shape (A, D).
    paths
        Every event, where asked for.
    """

    units: tuple[str, ...]
    rungs: tuple[str, ...]
    channels: tuple[str, ...]
    arms: tuple[str, ...]
    outcomes: tuple[str, ...]
    grid: Floats
    futures: int
    seed: int
    max_events: int
    start_time: float
    interventions: Mapping[str, tuple[Intervention, ...]]
    first_passage: Counts
    plus: Counts
    minus: Counts
    occupancy: Counts
    joint: Counts
    firings: Counts
    squares: Counts
    gaps: Counts
    runaways: Counts
    voided: Counts
    events: Counts
    searches: Counts
    paths: Paths | None = field(default=None, repr=False)

    @classmethod
    def from_tallies(
        cls,
        *,
        system: System,
        start: Start,
        arms: Mapping[str, Sequence[Intervention]],
        outcomes: tuple[Outcome, ...],
        grid: Floats,
        futures: int,
        seed: int,
        max_events: int,
        tallies: Tallies,
        rung: Counts,
        paths: Paths | None,
    ) -> Futures:
        """Sum the kernel's differences along the grid and name the axes."""
        occupancy = tallies.occupancy
        for u in np.flatnonzero(rung >= 0):
            occupancy[:, :, u, rung[u], 0] += futures
        for counts in (tallies.passage, occupancy):
            np.cumsum(counts, axis=-1, out=counts)
        for counts in (tallies.plus, tallies.minus, tallies.joint):
            np.cumsum(counts[1:], axis=-1, out=counts[1:])
        return cls(
            units=system.units,
            rungs=system.rungs,
            channels=tuple(channel.name for channel in system.channels),
            arms=tuple(arms),
            outcomes=tuple(item.name for item in outcomes),
            grid=grid,
            futures=futures,
            seed=seed,
            max_events=max_events,
            start_time=float(start.time),
            interventions={name: tuple(items) for name, items in arms.items()},
            first_passage=tallies.passage,
            plus=tallies.plus,
            minus=tallies.minus,
            occupancy=occupancy,
            joint=tallies.joint,
            firings=tallies.firings,
            squares=tallies.squares,
            gaps=tallies.gaps,
            runaways=tallies.status[..., 0],
            voided=tallies.status[..., 1],
            events=tallies.status[..., 2],
            searches=tallies.status[..., 3],
            paths=paths,
        )

    def probability(self, outcome: str, *, arm: str | None = None, level: float = 0.9) -> Estimate:
        """P(outcome has happened by each grid year), arrays of shape (U, G)."""
        a, o = self._arm(arm), self._position("outcome", outcome, self.outcomes)
        share = self.first_passage[a, :, :, o] / self.futures
        return summarise(share, share * (1 - share) / self._spare(), level)

    def difference(self, outcome: str, arm: str, *, level: float = 0.9) -> Estimate:
        """P(outcome by each grid year) in the arm less that in the reference, shape (U, G)."""
        a, o = self._arm(arm), self._position("outcome", outcome, self.outcomes)
        plus, minus = self.plus[a, :, :, o], self.minus[a, :, :, o]
        return self._paired(plus, minus, level)

    def standing(
        self, rungs: Sequence[str], *, arm: str | None = None, level: float = 0.9
    ) -> Estimate:
        """P(the unit stands in one of `rungs` at each grid year), arrays of shape (U, G)."""
        inside = self._inside(rungs)
        share = self.occupancy[self._arm(arm)][:, :, inside].sum(axis=2) / self.futures
        return summarise(share, share * (1 - share) / self._spare(), level)

    def standing_difference(
        self, rungs: Sequence[str], arm: str, *, level: float = 0.9
    ) -> Estimate:
        """P(standing in one of `rungs`) in the arm less that in the reference, shape (U, G)."""
        inside, joint = self._inside(rungs), self.joint[self._arm(arm)]
        plus = joint[:, :, ~inside][:, :, :, inside].sum(axis=(2, 3))
        minus = joint[:, :, inside][:, :, :, ~inside].sum(axis=(2, 3))
        return self._paired(plus, minus, level)

    def rate(self, channel: str, *, arm: str | None = None, level: float = 0.9) -> Estimate:
        """Expected firings of a channel in a future, over the whole grid, shape (U,)."""
        a, k = self._arm(arm), self._position("channel", channel, self.channels)
        mean = self.firings[a, :, :, k] / self.futures
        variance = self.squares[a, :, :, k] / self.futures - mean**2
        return summarise(mean, variance / self._spare(), level)

    def rate_difference(self, channel: str, arm: str, *, level: float = 0.9) -> Estimate:
        """Expected firings in the arm less those in the reference, shape (U,)."""
        a, k = self._arm(arm), self._position("channel", channel, self.channels)
        mean = (self.firings[a, :, :, k] - self.firings[0, :, :, k]) / self.futures
        variance = self.gaps[a, :, :, k] / self.futures - mean**2
        return summarise(mean, variance / self._spare(), level)

    def _paired(self, plus: Counts, minus: Counts, level: float) -> Estimate:
        mean = (plus - minus) / self.futures
        variance = (plus + minus) / self.futures - mean**2
        quiet = (plus + minus == 0).mean(axis=0)
        return summarise(mean, variance / self._spare(), level, quiet=quiet)

    def _spare(self) -> int:
        return max(self.futures - 1, 1)

    def _arm(self, name: str | None) -> int:
        return 0 if name is None else self._position("arm", name, self.arms)

    def _inside(self, rungs: Sequence[str]) -> npt.NDArray[np.bool_]:
        positions = [self._position("rung", rung, self.rungs) for rung in rungs]
        inside = np.zeros(len(self.rungs), bool)
        inside[positions] = True
        return inside

    @staticmethod
    def _position(kind: str, name: str, names: tuple[str, ...]) -> int:
        if name not in names:
            raise SimulationError(f"unknown {kind} {name!r}; there are {', '.join(names)}")
        return names.index(name)


def summarise(
    means: Floats, noise: Floats, level: float, *, quiet: Floats | None = None
) -> Estimate:
    """Mean over draws, the draws' interval without Monte Carlo noise, and that noise apart.

    With draw means y_d of Monte Carlo variance v_d, the spread of the true means is estimated by
    B = S^2 - mean(v) with S^2 the sample variance of y, and the interval is the quantiles of
    ybar + sqrt(B / S^2) (y_d - ybar): deviations shrunk so that their variance is B.  B / S^2 is
    itself uncertain by about sqrt(2 / (D - 1)) and is not put below that, so the interval of a rare
    outcome does not collapse on noise (it is then somewhat too wide, never a point).  Where so few
    draws saw the event that quantiles leave out the mean, the interval is normal with the same
    spread, within the range of the draws.  So it is for a difference where more draws than one tail
    holds saw none at all: they tell no sign, and a quantile among them would tell one.

    Parameters
    ----------
    means
        Draw means, shape (D, ...).
    noise
        Their Monte Carlo variances, same shape.
    level
        Of the interval, between 0 and 1.
    quiet
        Share of the draws in which no future differed, shape (...), for a difference.
    """
    if not 0 < level < 1:
        raise SimulationError(f"level must lie between 0 and 1, not {level}")
    draws = means.shape[0]
    mean = means.mean(axis=0)
    if draws == 1:
        missing: Any = np.full_like(mean, np.nan)
        alone = np.sqrt(np.maximum(noise[0], 0))
        return Estimate(mean, missing, missing.copy(), alone, level)
    spread = means.var(axis=0, ddof=1)
    within = np.maximum(noise, 0).mean(axis=0)
    monte_carlo = np.sqrt(np.maximum(spread, within) / draws)
    between = spread - within
    share = np.divide(between, spread, out=np.ones_like(spread), where=spread > 0)
    shrink = np.sqrt(np.clip(share, min(1.0, np.sqrt(2 / (draws - 1))), 1.0))
    tail = (1 - level) / 2
    low, high = np.quantile(mean + shrink * (means - mean), [tail, 1 - tail], axis=0)
    # An event seen in a few draws only: quantiles say nothing, the spread of the draws does.
    mute = (spread > 0) & ((low == high) | (low > mean) | (high < mean))
    reach = float(ndtri(1 - tail)) * shrink * np.sqrt(spread)
    if quiet is not None:
        mute |= (spread > 0) & (quiet > tail)
    low = np.where(mute, np.maximum(mean - reach, np.minimum(means.min(axis=0), 0.0)), low)
    high = np.where(mute, np.minimum(mean + reach, np.maximum(means.max(axis=0), 0.0)), high)
    return Estimate(mean, low, high, monte_carlo, level)
