r"""From a fitted model of `detente.hazards` to what the simulator runs.

The simulator's offsets change by whole units of its time and its baselines step with the time since
a state was entered. So time is measured in steps: cell :math:`i` of the calendar runs from
:math:`i` to :math:`i + 1`, and a hazard rises in it as the fitted cumulative hazard does. Where no
hazard has a clock of its own, cells may have any width, for a change of time leaves a Markov
process as it is; a clock that starts again needs steps of one width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from detente.core.errors import InputError, UnknownNameError
from detente.futures.cells import (
    calendar_cells,
    clock_cells,
    constant,
    divided,
    even_cells,
    rises,
)
from detente.futures.system import Channel, LazyParameters, Parameters, Start, System
from detente.hazards.data.moves import Moves
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.prediction.covariate_paths import (
    At,
    Profile,
    check_reach,
    profiles_of,
    table_of,
)
from detente.hazards.prediction.cumulative import draw_profiles

__all__ = ["FittedSystem", "fitted_system"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_T = TypeVar("_T", str, float)
_PACES = (1e-5, 1e3)


@dataclass(frozen=True, slots=True, eq=False)
class FittedSystem:
    """A fitted model for the simulator, whose time is counted in steps from 0.

    Parameters
    ----------
    system, start, parameters
        What `simulate` takes; the rungs are the states, the channels the transitions.
    edges
        Times of the fit at which the steps begin and end, shape (steps + 1,).
    """

    system: System
    start: Start
    parameters: Sequence[Parameters]
    edges: Floats

    def to_steps(self, times: npt.ArrayLike) -> Floats:
        """Simulator's time of times of the fit: for its grid and its interventions.

        Raises
        ------
        InputError
            A time before the start or after the end.
        """
        asked = np.asarray(times, dtype=np.float64)
        last = float(self.to_times(self.system.until))
        if not ((asked >= self.edges[0]) & (asked <= last)).all():
            raise InputError(f"the system reaches from {self.edges[0]:g} to {last:g}")
        steps = np.interp(asked, self.edges, np.arange(len(self.edges), dtype=np.float64))
        return np.minimum(steps, self.system.until)

    def to_times(self, steps: npt.ArrayLike) -> Floats:
        """Times of the fit at times of the simulator: for the events of its paths."""
        asked = np.asarray(steps, dtype=np.float64)
        return np.interp(asked, np.arange(len(self.edges), dtype=np.float64), self.edges)


def fitted_system(
    fit: HazardFit,
    moves: Moves,
    at: At,
    *,
    end: float,
    from_state: str | Mapping[str, str],
    start: float = 0.0,
    entry: float | Mapping[str, float] | None = None,
    draws: int | None = None,
    seed: int = 0,
    steps: int = 400,
    even: bool = False,
) -> FittedSystem:
    r"""Make the simulator's system of any fitted model.

    Several units at once, paired arms and interventions are simulated with it;
    `detente.hazards.sample_paths` is the quick way for units that do not touch each other.

    Parameters
    ----------
    fit, moves
        A fit with a hazard for every move.
    at
        Covariates, constant or along a path, as in `detente.hazards.cumulative_hazards`; a column
        ``unit`` tells several units apart.
    end
        Until when, on the axis of the fit; a path of covariates must reach so far.
    from_state, start, entry
        The state of the units (or of each) at ``start``, and since when it has been held (default:
        since ``start``).
    draws, seed
        Draws of the posterior, the same as in `detente.hazards.drawn_hazards`; the estimates if
        left out.
    steps
        Cells into which hazards that are not constant are cut, of the calendar and of each clock.
    even
        Steps of one length, which `Leave` with a lasting time needs; always so with a reset clock.

    Returns
    -------
    FittedSystem
        Exponential and piecewise hazards are exact; others are so at the edges of their cells.

    Raises
    ------
    InputError
        Impossible numbers, an unknown state or unit, covariates that do not reach, that change
        between steps of one length, or that change a baseline on the reset clock.

    Notes
    -----
    In a cell of width :math:`w` a cumulative hazard is off by at most :math:`w^2 \max|h'|/8`;
    beside a Cox baseline, whose jumps are spread over the cell that they end, by what rises there.
    A jump :math:`dA` counts as :math:`-\log(1 - dA)`, so that staying has the probability that the
    product integral gives; on the reset clock that is exact at the mean log ratio of the units and
    stretches. Log frailties are zero.

    Examples
    --------
    >>> import polars as pl
    >>> from detente.futures import Enter, fitted_system, simulate
    >>> from detente.hazards import HazardSpec, Intervals, Moves, Transition, fit_hazards
    >>> rows = pl.DataFrame({"id": [1, 2, 3, 4], "transition": ["a->b"] * 4,
    ...     "start": [0.0] * 4, "stop": [2.0, 3.0, 4.0, 1.0], "event": [1, 0, 1, 0]})
    >>> fit = fit_hazards(Intervals(rows), HazardSpec((Transition("a->b"),)))
    >>> made = fitted_system(fit, Moves(("a", "b"), (("a", "b"),)), {}, end=5.0, from_state="a")
    >>> out = simulate(made.system, made.start, made.parameters, outcomes=[Enter("b", ("b",))],
    ...                grid=made.to_steps([1.0, 5.0]), futures=20_000, seed=1)
    >>> bool(np.allclose(out.probability("b").mean, 1 - np.exp([-0.2, -1.0]), atol=0.01))
    True
    """
    tables = _tables(at)
    state, since = _standing(moves, list(tables), from_state, start, entry)
    if not (np.isfinite([start, end]).all() and start < end) or steps < 1:
        raise InputError("start and end must be finite, start < end, and steps positive")
    if not (np.isfinite(since).all() and (since <= start).all()):
        raise InputError("a unit must have entered its state at the start or before")
    profiles = tuple(p for own in tables.values() for p in profiles_of(fit, own, moves.names))
    check_reach(profiles, start, end)
    plan = _plan(profiles, moves, fit.dense, (start, end, float(since.min())), steps, even)
    entered = np.zeros(len(state))
    if plan.clocks:
        entered = (since - start) / (plan.edges[1] - start)
    several = [(fit.dense, profiles)]
    if draws is not None:
        several = list(draw_profiles(fit, profiles, draws=draws, seed=seed))
    pace = _paces(plan, fit.dense, profiles)
    system = System(
        units=tuple(tables),
        rungs=moves.states,
        channels=tuple(
            Channel(n, moves.states.index(a), moves.states.index(b), pace=float(p))
            for n, (a, b), p in zip(moves.names, moves.arrows, pace, strict=True)
        ),
        cuts=plan.cuts(),
        until=float(np.interp(end, plan.fine, np.arange(len(plan.fine)))),
    )
    return FittedSystem(
        system=system,
        start=Start(0.0, state, entered, np.zeros(len(state))),
        parameters=LazyParameters(lambda i: plan.parameters(*several[i]), len(several)),
        edges=plan.fine,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Cells of the calendar and of the clocks, shared by the draws.

    ``edges`` of the calendar's cells, each divided into ``parts`` steps; ``clocks`` has the edges
    of the cells of each channel with a clock of its own.
    """

    channels: tuple[str, ...]
    states: int
    edges: Floats
    parts: Ints
    clocks: dict[int, Floats]

    @property
    def fine(self) -> Floats:
        """Edges of the steps."""
        return divided(self.edges, self.parts)

    def cuts(self) -> Floats:
        """Ages at which the baselines step, in steps, ``(K, P - 1)``."""
        most = max((len(c) - 2 for c in self.clocks.values()), default=0)
        out = np.full((len(self.channels), most), np.inf)
        for k, edges in self.clocks.items():
            out[k, : len(edges) - 2] = edges[1:-1] / (self.edges[1] - self.edges[0])
        return out

    def parameters(self, dense: Floats, profiles: tuple[Profile, ...]) -> Parameters:
        """Those of one draw; profiles are in the order of units, then channels."""
        number = len(self.channels)
        base = np.zeros((number, 2, self.cuts().shape[1] + 1))
        eta = np.empty((int(self.parts.sum()), number, self.states, len(profiles) // number))
        with np.errstate(divide="ignore"):
            for k in range(number):
                own = profiles[k::number]
                if k in self.clocks:
                    level = self._level(k, own, dense)
                    base[k] = level[-1]
                    base[k, :, : len(level)] = level
                for u, profile in enumerate(own):
                    eta[:, k, :, u] = self._offset(k, profile, dense)[:, None]
        none = np.zeros((number, 0))
        return Parameters(base, eta, none, none, np.zeros(1), np.zeros(number))

    def _level(self, k: int, own: Sequence[Profile], dense: Floats) -> Floats:
        """Log hazards by age, per step, at covariates of zero."""
        edges, width = self.clocks[k], self.edges[1] - self.edges[0]
        centre = _centre(own, dense)
        rise = rises(_at(own[0], centre), edges, dense)
        return np.log(rise * width / np.diff(edges)) - centre

    def _offset(self, k: int, profile: Profile, dense: Floats) -> Floats:
        """Log ratios by step, or log hazards where there is no clock of their own."""
        if k not in self.clocks:
            return np.repeat(np.log(rises(profile, self.edges, dense) / self.parts), self.parts)
        middle = (self.edges[:-1] + self.edges[1:]) / 2.0
        return profile.eta(dense)[np.searchsorted(profile.edges[1:-1], middle)]


def _plan(
    profiles: tuple[Profile, ...],
    moves: Moves,
    dense: Floats,
    span: tuple[float, float, float],
    steps: int,
    even: bool,
) -> _Plan:
    start, end, since = span
    number = len(moves.names)
    aged = [k for k in range(number) if profiles[k].clock == "reset" and not constant(profiles[k])]
    calendar = [p for i, p in enumerate(profiles) if i % number not in aged]
    clocks: dict[int, Floats] = {}
    for k in aged:
        own = profiles[k::number]
        _check_same_baseline(own)
        centre = _centre(own, dense)
        highest = max(float(np.exp(p.eta(dense) - centre).max()) for p in own)
        clocks[k] = clock_cells(_at(own[0], centre), dense, highest, end - since, steps)
    if aged or even:
        fill = any(not (constant(p) or p.baseline.cuts) for p in calendar)
        edges = even_cells(profiles, start, end, steps, fill=fill)
        parts = np.ones(len(edges) - 1, dtype=np.int64)
    else:
        edges, parts = calendar_cells(profiles, dense, start, end, steps)
    return _Plan(moves.names, len(moves.states), edges, parts, clocks)


def _centre(own: Sequence[Profile], dense: Floats) -> float:
    """Mean log ratio over units and stretches."""
    return float(np.mean([p.eta(dense).mean() for p in own]))


def _at(profile: Profile, log_ratio: float) -> Profile:
    """The profile on its clock, at a ratio that does not change."""
    return replace(
        profile,
        entry=0.0,
        edges=np.array([-np.inf, np.inf]),
        x=np.zeros((1, profile.x.shape[1])),
        offset=np.array([log_ratio]),
        levels=profile.levels[:1],
        cox=profile.cox[:1],
    )


def _check_same_baseline(own: Sequence[Profile]) -> None:
    """Refuse a clock whose baseline is not one for all units and stretches."""
    first = own[0]
    for profile in own:
        same = (profile.levels == first.levels[:1]).all()
        if not same or any(b is not first.cox[0] for b in profile.cox):
            raise InputError(
                f"the baseline of {profile.name!r} is on the reset clock and differs between units "
                "or along the path (`by`): simulate such units apart, or use `sample_paths`"
            )


def _tables(at: At) -> dict[str, pl.DataFrame]:
    """Covariates by unit, in the order of the table."""
    table = table_of(at)
    if "unit" not in table.columns:
        return {"unit": table}
    if table["unit"].null_count():
        raise InputError("a row of covariates has no `unit`")
    parts = table.partition_by("unit", maintain_order=True)
    return {str(part["unit"][0]): part.drop("unit") for part in parts}


def _standing(
    moves: Moves,
    units: list[str],
    from_state: str | Mapping[str, str],
    start: float,
    entry: float | Mapping[str, float] | None,
) -> tuple[Ints, Floats]:
    """State of each unit and since when."""
    states = _by_unit(units, from_state)
    for state in states:
        if state not in moves.states:
            raise UnknownNameError("state", state, moves.states)
    since = _by_unit(units, start if entry is None else entry)
    places = np.array([moves.states.index(s) for s in states], dtype=np.int64)
    return places, np.array(since, dtype=np.float64)


def _by_unit(units: list[str], value: _T | Mapping[str, _T]) -> list[_T]:
    if not isinstance(value, Mapping):
        return [value] * len(units)
    if set(value) != set(units):
        odd = sorted(set(value) ^ set(units))[0]
        raise InputError(f"{odd!r} has either covariates or a state and an entry, not both")
    return [value[unit] for unit in units]


def _paces(plan: _Plan, dense: Floats, profiles: tuple[Profile, ...]) -> Floats:
    """Order of magnitude of the hazard of each channel, per step."""
    made = plan.parameters(dense, profiles)
    high = made.eta.max(axis=(0, 2, 3)) + np.median(made.log_base[:, 0], axis=1)
    return np.clip(np.exp(np.clip(high, -50.0, 50.0)), *_PACES)
