"""One call from a fit to the probabilities of its states, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import InputError
from detente.hazards.data.moves import Moves
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.model.baselines import Exponential
from detente.hazards.prediction.covariate_paths import At
from detente.hazards.prediction.cumulative import cumulative_hazards
from detente.hazards.prediction.probabilities import transition_probabilities
from detente.hazards.prediction.sampling import SampledPaths, sample_paths
from detente.hazards.prediction.steps import CumulativeHazards, quantile, scaled_limits
from detente.hazards.prediction.transition_table import TransitionProbabilities

Floats = NDArray[np.float64]
Method = Literal["product integral", "simulation"]


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Probabilities of the states at given times, expected stays, with intervals.

    Arrays are ``(T, S)``. ``stay`` is the expected time spent in each state from the start to each
    time. With ``draws`` the intervals are quantiles over draws of the posterior; else they are
    delta-method limits, on the log-log scale for probabilities. ``monte_carlo_error`` is the
    error of the simulation alone, zero without one; the intervals are freed of it.
    """

    times: Floats
    states: tuple[str, ...]
    probability: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    stay: Floats
    stay_low: Floats
    stay_high: Floats
    level: float
    method: Method
    draws: int
    monte_carlo_error: Floats

    def table(self) -> pl.DataFrame:
        """Long table: time, state, probability, low, high, stay, stay_low, stay_high."""
        columns = ("probability", "low", "high", "stay", "stay_low", "stay_high")
        return pl.DataFrame(
            {
                "time": np.repeat(self.times, len(self.states)),
                "state": list(self.states) * len(self.times),
                **{name: getattr(self, name).ravel() for name in columns},
            }
        )


def predict(
    fit: HazardFit,
    at: At,
    *,
    times: Sequence[float] | Floats,
    from_state: str,
    moves: Moves | None = None,
    start: float = 0.0,
    entry: float | None = None,
    level: float = 0.95,
    method: Literal["auto", "product integral", "simulation"] = "auto",
    draws: int = 200,
    paths: int = 1000,
    seed: int = 0,
) -> Prediction:
    """Predict the states of a unit with given covariates, constant or along a path.

    A Markov model goes by the product integral with delta-method errors. A model with a clock that
    is reset in a state that can be entered is not Markov, and is sampled exactly, for draws of the
    parameters.

    Parameters
    ----------
    fit
        A fit that converged.
    at
        Covariates, as in :func:`cumulative_hazards`.
    times
        When, after ``start``, in the unit of the table.
    from_state, start, entry
        The state at ``start``, and since when it has been held (default: since ``start``).
    moves
        The states, where the intervals of the fit did not have them.
    level
        Of the intervals.
    method
        ``auto`` as above, or one of the two.
    draws, paths, seed
        Of the simulation: draws of the parameters, paths for each, seed.

    Raises
    ------
    InputError
        States that are not known, covariates that do not reach, impossible numbers; a product
        integral of a process that is not Markov.

    Notes
    -----
    Log frailties are zero. Intervals take fitted scales of priors as known.

    Examples
    --------
    >>> import polars as pl
    >>> from detente.hazards import HazardSpec, Intervals, Moves, Transition, fit_hazards, predict
    >>> moves = Moves(("well", "dead"), (("well", "dead"),))
    >>> rows = pl.DataFrame({"id": [1, 2, 3, 4], "from": "well", "to": "dead", "start": 0.0,
    ...     "stop": [2.0, 3.0, 4.0, 1.0], "event": [1, 0, 1, 0]})
    >>> fit = fit_hazards(Intervals(rows, moves), HazardSpec((Transition("well->dead"),)))
    >>> predict(fit, {}, times=[5.0], from_state="well").probability.round(3).tolist()
    [[0.368, 0.632]]
    """
    moves = moves or fit.moves
    if moves is None:
        raise InputError("the fit does not know its states: give `moves`")
    quantile(level)
    asked = np.asarray(times, dtype=np.float64).ravel()
    if not len(asked) or not np.isfinite(asked).all() or not (asked >= start).all():
        raise InputError(f"the times must be finite and from {start:g} on")
    if method not in ("auto", "product integral", "simulation"):
        raise InputError(f'the method is "auto", "product integral" or "simulation": {method!r}')
    markov = not _remembers(fit, moves)
    if method == "product integral" or (method == "auto" and markov):
        since = start if entry is None else entry
        hazards = cumulative_hazards(
            fit, at, times=_until(asked, start), transitions=moves.names, entry=since
        )
        return _by_product(hazards, moves, asked, from_state, start, level)
    sampled = sample_paths(
        fit,
        moves,
        at,
        paths=paths,
        seed=seed,
        end=float(asked.max()),
        from_state=from_state,
        start=start,
        entry=entry,
        draws=draws,
    )
    return _by_simulation(sampled, asked, level, draws)


def first_passage(
    cumulative: CumulativeHazards,
    moves: Moves,
    to: str | Sequence[str],
    *,
    start: float | None = None,
    end: float | None = None,
    from_state: str | None = None,
) -> TransitionProbabilities:
    """Probability of having reached a state (or one of several) by each time, first passage.

    The states reached are made absorbing, so the probability of being in them is that of having
    been there; of several, it says which came first.

    Parameters
    ----------
    cumulative, moves, start, end, from_state
        As in :func:`transition_probabilities`.
    to
        The states.
    """
    reached = {to} if isinstance(to, str) else set(to)
    if not reached <= set(moves.states):
        raise InputError(f"{sorted(reached - set(moves.states))} are no states of the moves")
    kept = [i for i, (a, _) in enumerate(moves.arrows) if a not in reached]
    if not kept:
        raise InputError("no move is left before these states")
    before = Moves(
        moves.states,
        tuple(moves.arrows[i] for i in kept),
        tuple(moves.names[i] for i in kept),
    )
    return transition_probabilities(cumulative, before, start=start, end=end, from_state=from_state)


def _remembers(fit: HazardFit, moves: Moves) -> bool:
    """Whether a hazard depends on when a state was entered that can be entered."""
    hazards = {t.name: t for t in fit.spec.transitions}
    entered = {b for _, b in moves.arrows}
    return any(
        name in hazards
        and hazards[name].clock == "reset"
        and origin in entered
        and not isinstance(hazards[name].baseline, Exponential)
        for name, (origin, _) in zip(moves.names, moves.arrows, strict=True)
    )


def _until(asked: Floats, start: float) -> Floats:
    return np.unique(np.r_[asked[asked > start], asked.max()])


def _by_product(
    hazards: CumulativeHazards,
    moves: Moves,
    asked: Floats,
    from_state: str,
    start: float,
    level: float,
) -> Prediction:
    made = transition_probabilities(
        hazards, moves, start=start, end=float(asked.max()), from_state=from_state
    )
    value, error = made.at(asked)[:, 0], made.errors_at(asked)[:, 0]
    low, high = scaled_limits(value, error, quantile(level), "log-log")
    stay, stay_error = made.stays_at(asked)
    away = quantile(level) * stay_error
    return Prediction(
        times=asked,
        states=moves.states,
        probability=value,
        standard_error=error,
        low=low,
        high=high,
        stay=stay[:, 0],
        stay_low=np.maximum(stay[:, 0] - away[:, 0], 0.0),
        stay_high=np.minimum(stay[:, 0] + away[:, 0], (asked - start)[:, None]),
        level=level,
        method="product integral",
        draws=0,
        monte_carlo_error=np.zeros_like(value),
    )


def _by_simulation(sampled: SampledPaths, asked: Floats, level: float, draws: int) -> Prediction:
    size = len(sampled.draw) / draws
    share = sampled.occupancy_by_draw(asked)
    probability, error, low, high = _summary(share, share * (1.0 - share) / size, level)
    stays = np.stack([sampled.stays(time) for time in asked], axis=1)
    by_draw = stays.reshape(draws, -1, *stays.shape[1:])
    stay, _, stay_low, stay_high = _summary(by_draw.mean(axis=1), by_draw.var(axis=1) / size, level)
    return Prediction(
        times=asked,
        states=sampled.states,
        probability=probability,
        standard_error=error,
        low=np.clip(low, 0.0, 1.0),
        high=np.clip(high, 0.0, 1.0),
        stay=stay,
        stay_low=np.maximum(stay_low, 0.0),
        stay_high=np.minimum(stay_high, (asked - sampled.start)[:, None]),
        level=level,
        method="simulation",
        draws=draws,
        monte_carlo_error=np.sqrt((share * (1.0 - share)).mean(axis=0) / len(sampled.draw)),
    )


def _summary(values: Floats, noise: Floats, level: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, standard error and limits over draws ``(D, ...)``, freed of Monte Carlo noise."""
    mean, total = values.mean(axis=0), values.var(axis=0)
    share = 1.0 - np.divide(noise.mean(axis=0), total, out=np.ones_like(total), where=total > 0)
    shrunk = mean + (values - mean) * np.sqrt(np.maximum(share, 0.0))
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(shrunk, [tail, 1.0 - tail], axis=0)
    return mean, shrunk.std(axis=0), low, high
