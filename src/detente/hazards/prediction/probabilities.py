r"""Transition probabilities by product integral, with standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detente.core.errors import InputError, UnknownNameError
from detente.hazards.data.moves import Moves
from detente.hazards.prediction.product import backward, forward
from detente.hazards.prediction.steps import CumulativeHazards
from detente.hazards.prediction.transition_table import Direction, TransitionProbabilities, error_of

Floats = NDArray[np.float64]
Variance = Literal["auto", "aalen", "greenwood", "delta"]


def transition_probabilities(
    cumulative: CumulativeHazards,
    moves: Moves,
    *,
    start: float | None = None,
    end: float | None = None,
    from_state: str | Sequence[float] | None = None,
    direction: Direction = "forward",
    variance: Variance | None = "auto",
    covariance: bool = False,
) -> TransitionProbabilities:
    r"""Transition probabilities of a Markov model by product integral.

    .. math:: \hat P(s, t) = \prod_{u \in (s, t]} \{I + d\hat A(u)\},

    with the matrix exponential in place of each factor where the hazards are continuous.

    Parameters
    ----------
    cumulative
        Hazards on the forward clock (or of a state that is never entered), in any unit of time.
    moves
        States and legal moves; every legal move needs its hazard in ``cumulative``.
    start, end
        From (default: where the hazards start) and to (default: the last time) on the axis.
    from_state
        One state, probabilities ``(S,)`` to start from, or ``None`` for every state.
    direction
        ``forward``: from ``start`` to every time; ``fixed horizon``: from every time to ``end``.
    variance
        ``aalen``: Aalen-type, the numbers of mstate's ``probtrans``; ``greenwood``: exact for
        multinomial noise; ``delta``: noise by Aalen, parameters by the delta method over the
        whole path (``aalen`` and ``greenwood`` take the steps of the parameters' part for
        independent); ``auto``: ``greenwood`` or ``aalen`` as the hazards are, ``delta`` without
        noise; ``None``: no standard errors.
    covariance
        Whether to keep the covariance of each row, ``(T, R, S, S)``.

    Raises
    ------
    InputError
        Hazards on the reset clock of a state that can be entered: the process is not Markov, so
        use :func:`sample_paths`. Moves without hazards, impossible times.

    Notes
    -----
    A source of the formulas: Andersen, Borgan, Gill and Keiding (1993, Statistical Models Based on
    Counting Processes, section IV.4). The unbiasedness of either needs the Markov property and
    independent censoring. Hazards continuous between the times count as constant over a step. At
    covariates far from those at risk a hazard may jump by more than one; then everybody leaves.

    Examples
    --------
    >>> import polars as pl
    >>> from detente.hazards import Intervals, Moves, nelson_aalen, transition_probabilities
    >>> moves = Moves(("well", "dead"), (("well", "dead"),))
    >>> rows = pl.DataFrame({"id": [1, 2, 3, 4], "from": "well", "to": "dead",
    ...     "start": 0.0, "stop": [1.0, 2.0, 3.0, 4.0], "event": [1, 0, 1, 0]})
    >>> hazards = nelson_aalen(Intervals(rows))
    >>> transition_probabilities(hazards, moves).of("well", "well").tolist()
    [1.0, 0.75, 0.375]
    """
    places = _places(cumulative, moves)
    start = cumulative.origin if start is None else float(start)
    end = float(cumulative.times[-1]) if end is None and len(cumulative.times) else end
    end = start if end is None else float(end)
    if not start <= end or start < cumulative.origin or not np.isfinite(end):
        raise InputError(f"start and end must be ordered and from {cumulative.origin:g} on")
    variance = _kind(cumulative, variance)
    window = _window(cumulative, places, start, end, [a for a, _ in moves.arrows])
    if direction == "forward":
        return _forward(window, moves, from_state, variance, covariance)
    if direction != "fixed horizon" or covariance:
        raise InputError(
            'the direction is "forward" or "fixed horizon" (which keeps no covariance)'
        )
    return _fixed_horizon(window, moves, from_state, variance)


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Steps between two times, in the order of the moves."""

    start: float
    end: float
    times: Floats
    smooth: Floats
    jump: Floats
    noise: Floats
    step_covariance: Floats
    slopes: Floats
    parameters: Floats
    jumping: NDArray[np.bool_]


def _places(cumulative: CumulativeHazards, moves: Moves) -> list[int]:
    missing = [n for n in moves.names if n not in cumulative.transitions]
    if missing:
        raise InputError(f"the hazards of the moves {missing} are missing")
    entered = {to for _, to in moves.arrows}
    for name, (origin, _) in zip(moves.names, moves.arrows, strict=True):
        clock = cumulative.clocks[cumulative.transitions.index(name)]
        if clock == "reset" and origin in entered:
            raise InputError(
                f"the hazard of {name!r} depends on when {origin!r} was entered, so the process "
                "is not Markov: use sample_paths, or fit it on the forward clock"
            )
    return [cumulative.transitions.index(n) for n in moves.names]


def _kind(cumulative: CumulativeHazards, variance: Variance | None) -> Variance | None:
    if variance not in (None, "auto", "aalen", "greenwood", "delta"):
        raise InputError(f"unknown kind of variance {variance!r}")
    known = cumulative.noise is not None or cumulative.slopes is not None
    if variance == "auto":
        if not known:
            return None
        if cumulative.noise is None:
            return "delta"
        return "greenwood" if cumulative.greenwood else "aalen"
    if variance is not None and not known:
        raise InputError("the cumulative hazards were made without a variance")
    return variance


def _window(
    cumulative: CumulativeHazards,
    places: list[int],
    start: float,
    end: float,
    origins: Sequence[str],
) -> _Window:
    """Cut the steps to (start, end], with part of a step where hazards are continuous."""
    inside = (cumulative.times > start) & (cumulative.times <= end)
    times = cumulative.times[inside]
    flowing = cumulative.smooth[places]
    if flowing.any() and (not len(times) or times[-1] < end):
        if end > cumulative.times[-1]:
            raise InputError(f"the hazards end at {cumulative.times[-1]:g}, before {end:g}")
        times = np.r_[times, end] if end > start else times
    points = np.r_[start, times]
    steps = np.diff(cumulative.at(points)[:, places], axis=0)
    m, p = len(places), 0
    noise = np.zeros((len(times), m, m))
    if cumulative.noise is not None:
        at = np.searchsorted(cumulative.times, times)
        exact = cumulative.times[np.minimum(at, len(cumulative.times) - 1)] == times
        noise[exact] = cumulative.noise[at[exact]][:, places][:, :, places]
    slopes = np.zeros((len(times), m, p))
    parameters = np.zeros((p, p))
    step_covariance = noise
    if cumulative.slopes is not None and cumulative.parameters is not None:
        along = slopes_at(cumulative, points)[:, places]
        slopes, parameters = np.diff(along, axis=0), cumulative.parameters
        bent = np.einsum("tkp,pq,tlq->tkl", along, parameters, along)
        step_covariance = noise + np.diff(bent, axis=0)
    return _Window(
        start=start,
        end=end,
        times=times,
        smooth=np.where(flowing, steps, 0.0),
        jump=_bounded(np.where(flowing, 0.0, steps), origins),
        noise=noise,
        step_covariance=step_covariance,
        slopes=slopes,
        parameters=parameters,
        jumping=~flowing,
    )


def _bounded(jump: Floats, origins: Sequence[str]) -> Floats:
    """Let a jump that would take more than everybody take everybody."""
    bounded = jump.copy()
    for state in set(origins):
        out = [k for k, origin in enumerate(origins) if origin == state]
        total = jump[:, out].sum(axis=1, keepdims=True)
        bounded[:, out] /= np.maximum(total, 1.0)
    return bounded


def slopes_at(cumulative: CumulativeHazards, times: Floats) -> Floats:
    """Derivatives of the hazards at given times, ``(len(times), m, p)``."""
    assert cumulative.slopes is not None
    padded = np.concatenate([np.zeros((1, *cumulative.slopes.shape[1:])), cumulative.slopes])
    out = padded[np.searchsorted(cumulative.times, times, side="right")]
    if cumulative.smooth.any():
        grid = np.r_[cumulative.origin, cumulative.times]
        after = np.clip(np.searchsorted(grid, times), 1, len(grid) - 1)
        share = ((times - grid[after - 1]) / (grid[after] - grid[after - 1]))[:, None, None]
        between = padded[after - 1] * (1.0 - share) + padded[after] * share
        out[:, cumulative.smooth] = between[:, cumulative.smooth]
    return out


def _initial(
    moves: Moves, from_state: str | Sequence[float] | None
) -> tuple[Floats, tuple[str, ...]]:
    if from_state is None:
        return np.eye(len(moves.states)), moves.states
    if isinstance(from_state, str):
        if from_state not in moves.states:
            raise UnknownNameError("state", from_state, moves.states)
        return np.eye(len(moves.states))[[moves.states.index(from_state)]], (from_state,)
    given = np.asarray(from_state, dtype=np.float64)
    right = given.shape == (len(moves.states),) and (given >= 0).all()
    if not right or abs(float(given.sum()) - 1.0) > 1e-9:
        raise InputError("from_state is a state, or one probability for each state that add to 1")
    return given[None, :], ("mixed",)


def _arrows(moves: Moves) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    place = {state: i for i, state in enumerate(moves.states)}
    origin = np.array([place[a] for a, _ in moves.arrows], dtype=np.int64)
    return origin, np.array([place[b] for _, b in moves.arrows], dtype=np.int64)


def _forward(
    window: _Window,
    moves: Moves,
    from_state: str | Sequence[float] | None,
    variance: Variance | None,
    covariance: bool,
) -> TransitionProbabilities:
    initial, starts = _initial(moves, from_state)
    rows, states = initial.shape
    steps, m = len(window.times), len(moves.names)
    noisy = np.zeros((0, m, m)) if variance is None else window.step_covariance
    p = window.slopes.shape[2] if variance == "delta" else 0
    if variance == "delta":
        noisy = window.noise if window.noise.any() else np.zeros((0, m, m))
    values, stays = np.empty((steps, rows, states)), np.empty((steps, rows, states))
    known = (steps if variance is not None else 0, rows, states, states)
    spread, stay_spread = np.zeros(known), np.zeros(known)
    forward(
        initial,
        np.diff(np.r_[window.start, window.times]),
        *_arrows(moves),
        window.smooth,
        window.jump,
        noisy,
        np.ascontiguousarray(window.slopes[:, :, :p]),
        window.jumping,
        window.parameters[:p, :p],
        variance == "greenwood",
        True,
        values,
        spread,
        stays,
        stay_spread,
    )
    values = np.concatenate([initial[None], values])
    full = np.concatenate([np.zeros((1, rows, states, states)), spread]) if known[0] else None
    none = variance is None
    lasting = np.concatenate([np.zeros((1, rows, states, states)), stay_spread])
    return TransitionProbabilities(
        times=np.r_[window.start, window.times],
        states=moves.states,
        starts=starts,
        values=values,
        standard_errors=None if none else error_of(full, values),
        covariance=full if covariance else None,
        direction="forward",
        fixed=window.start,
        smooth=not window.jumping.all(),
        stays=np.concatenate([np.zeros((1, rows, states)), stays]),
        stay_errors=None if none else error_of(lasting, values),
    )


# Half a step of the central difference, in standard deviations of the parameters: the error is
# of the order of its square, the noise of the order of 1e-16 over it.
_NUDGE = 1e-4


def _fixed_horizon(
    window: _Window,
    moves: Moves,
    from_state: str | Sequence[float] | None,
    variance: Variance | None,
) -> TransitionProbabilities:
    states, steps, m = len(moves.states), len(window.times), len(moves.names)
    none, early = np.zeros((0, m, m)), variance == "greenwood"
    noise = none if variance is None else window.step_covariance
    noise = window.noise if variance == "delta" else noise

    def run(nudge: Floats | float, noise: Floats) -> tuple[Floats, Floats]:
        values = np.empty((steps + 1, states, states))
        spread = np.zeros((steps + 1, states, states))
        flowing = ~window.jumping
        smooth = window.smooth + np.where(flowing, nudge, 0.0)
        jump = window.jump + np.where(flowing, 0.0, nudge)
        backward(*_arrows(moves), smooth, jump, noise, early, values, spread)
        return values, spread

    values, spread = run(0.0, noise)
    if variance == "delta" and window.slopes.shape[2]:
        root = _root(window.parameters)
        for direction in np.moveaxis(window.slopes @ root, 2, 0):
            up, down = run(_NUDGE * direction, none)[0], run(-_NUDGE * direction, none)[0]
            spread += ((up - down) / (2.0 * _NUDGE)) ** 2
    starts = _initial(moves, from_state)[1]
    if from_state is not None and not isinstance(from_state, str):
        raise InputError("a fixed horizon needs one state to start from, or None for all")
    keep = [moves.states.index(s) for s in starts]
    # P(s, end) steps down just after each time of a jump: it is right-continuous in s.
    return TransitionProbabilities(
        times=np.r_[window.start, window.times],
        states=moves.states,
        starts=starts,
        values=values[:, keep],
        standard_errors=None if variance is None else np.sqrt(spread[:, keep]),
        covariance=None,
        direction="fixed horizon",
        fixed=window.end,
        smooth=not window.jumping.all(),
        stays=np.full((steps + 1, len(keep), states), np.nan),
        stay_errors=None,
    )


def _root(covariance: Floats) -> Floats:
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)), dtype=np.float64)
