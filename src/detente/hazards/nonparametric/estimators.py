r"""Non-parametric estimates: Nelson-Aalen, Kaplan-Meier, Aalen-Johansen, cumulative incidence.

At an event time with :math:`d_k` events among :math:`Y_k` at risk (sums of weights) the cumulative
hazard steps by :math:`d_k / Y_k` (Aalen 1978, Annals of Statistics 6: 701-726). Late entry is
handled by the risk sets; censoring and late entry must be independent of the future. A weight
counts a row that often, as in R's survival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError, InputError
from detente.hazards.data.intervals import Intervals
from detente.hazards.data.moves import Moves
from detente.hazards.model.baselines import Ties
from detente.hazards.nonparametric.curves import Curve
from detente.hazards.nonparametric.jackknife import influence_covariance
from detente.hazards.prediction.probabilities import transition_probabilities
from detente.hazards.prediction.steps import CumulativeHazards
from detente.hazards.prediction.transition_table import TransitionProbabilities

Floats = NDArray[np.float64]
Clock = Literal["forward", "reset"]
Noise = Literal["aalen", "greenwood"]

# Times closer than this share of the longest are one time: differences of floats tie no more.
_TIE = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Event times ``(T,)``; weights of events and at risk, number of events ``(T, m)``."""

    times: Floats
    events: Floats
    number: Floats
    at_risk: Floats
    first: float


def nelson_aalen(
    intervals: Intervals,
    moves: Moves | None = None,
    *,
    variance: Noise | None = "aalen",
    ties: Ties = "breslow",
    clock: Clock = "forward",
) -> CumulativeHazards:
    r"""Nelson-Aalen estimate of the cumulative hazard of every transition.

    .. math:: \hat A_k(t) = \sum_{u \le t} d_k(u) / Y_k(u)

    Parameters
    ----------
    intervals
        Rows at risk; any unit of time.
    moves
        Transitions in the order wanted; those of the table if left out.
    variance
        ``aalen``: :math:`\sum d_k / Y_k^2`; ``greenwood``: multinomial,
        :math:`\sum d_k (Y - d_k) / Y^3` with covariances :math:`-d_k d_l / Y^3` out of one state.
    ties
        ``breslow``: tied events share a risk set; ``efron``: each leaves it in turn, which is the
        estimate of Fleming and Harrington (1984, Communications in Statistics 13: 2469-2486).
    clock
        The table's axis, or the time since the state was entered.

    Returns
    -------
    CumulativeHazards
        At every time of an event.

    Examples
    --------
    >>> import polars as pl
    >>> from detente.hazards import Intervals, nelson_aalen
    >>> rows = pl.DataFrame({"id": [1, 2, 3], "from": "well", "to": "dead",
    ...     "start": 0.0, "stop": [1.0, 2.0, 3.0], "event": [1, 0, 1]})
    >>> nelson_aalen(Intervals(rows)).of("well->dead").round(3).tolist()
    [0.333, 1.333]
    """
    names, origins = _transitions(intervals, moves)
    if variance not in ("aalen", "greenwood", None):
        raise InputError(f'the variance is "aalen", "greenwood" or None, not {variance!r}')
    if ties not in ("breslow", "efron") or (ties == "efron" and variance == "greenwood"):
        raise InputError(f'ties are "breslow" or "efron" (without "greenwood"), not {ties!r}')
    counts = _counts(intervals, names, clock)
    steps = _ratio(counts.events, counts.at_risk)
    noise = None
    if ties == "efron":
        steps, noise = _in_turn(counts, variance is not None)
    elif variance is not None:
        noise = _noise(counts, steps, origins if variance == "greenwood" else None)
    return CumulativeHazards(
        times=counts.times,
        transitions=names,
        values=np.cumsum(steps, axis=0),
        noise=noise,
        slopes=None,
        parameters=None,
        smooth=np.zeros(len(names), dtype=np.bool_),
        clocks=(clock,) * len(names),
        origin=counts.first,
        greenwood=variance == "greenwood",
    )


def kaplan_meier(
    intervals: Intervals,
    transitions: Sequence[str] | None = None,
    *,
    clock: Clock = "forward",
) -> Curve:
    r"""Kaplan-Meier estimate of staying in a state, with Greenwood's variance.

    .. math:: \hat S(t) = \prod_{u \le t} \{1 - d(u) / Y(u)\}

    Parameters
    ----------
    intervals
        Rows at risk.
    transitions
        Which ways out of the state count (together); all of the table if left out.
    clock
        The table's axis, or the time since the state was entered.

    Returns
    -------
    Curve
        At every time of an event.
    """
    names, _ = _transitions(intervals, None)
    chosen = names if transitions is None else tuple(transitions)
    unknown = sorted(set(chosen) - set(names))
    if unknown or not chosen:
        raise InputError(f"no transitions {unknown} in the intervals: they have {list(names)}")
    counts = _counts(intervals, chosen, clock)
    at_risk = counts.at_risk.max(axis=1)
    events = counts.events.sum(axis=1)
    rows = intervals.of(chosen[0])
    size = float(rows["weight"].sum()) if "weight" in rows.columns else float(rows["id"].n_unique())
    left = np.maximum(at_risk - events, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.where(left > 0, events / (at_risk * left), np.inf)
    value = np.cumprod(left / at_risk)
    return Curve(
        times=counts.times,
        at_risk=at_risk,
        events=events,
        values=value,
        variance=np.cumsum(greenwood),
        aalen_variance=np.cumsum(events / at_risk**2),
        size=size,
        origin=counts.first,
    )


def aalen_johansen(
    intervals: Intervals,
    moves: Moves | None = None,
    *,
    start: float | None = None,
    end: float | None = None,
    from_state: str | Sequence[float] | Literal["observed"] | None = None,
    variance: Literal["greenwood", "aalen", "robust"] | None = "greenwood",
    covariance: bool = False,
    cluster: str = "id",
) -> TransitionProbabilities:
    r"""Aalen-Johansen estimate of the transition probabilities of any multi-state process.

    .. math:: \hat P(s, t) = \prod_{u \in (s, t]} \{I + d\hat A(u)\}

    Parameters
    ----------
    intervals
        Rows at risk on the forward clock; late entry, censoring, returns and weights as they are.
    moves
        States and moves; those of the table (``from`` and ``to``) if left out.
    start, end
        From (default: the least start) and to (default: the last event).
    from_state
        A state, a distribution over the states, ``"observed"`` (that of those at risk at the first
        event after ``start``, as R's ``survfit`` takes it), or ``None`` for every state in turn.
    variance
        ``greenwood`` or ``aalen`` (need the Markov property), or ``robust``: the infinitesimal
        jackknife over clusters, which R's ``survfit`` prints and which needs no Markov property
        for the state occupied (Datta and Satten 2001, Statistics and Probability Letters 55).
        An observed distribution at the start adds its own error, which ``survfit`` does with
        ``influence = TRUE`` alone; give it as numbers to take it for known.
    covariance
        Whether to keep the covariance of each row of probabilities.
    cluster
        Column of the clusters of the robust variance.

    Notes
    -----
    Aalen and Johansen (1978, Scandinavian Journal of Statistics 5: 141-150).
    """
    moves = moves or intervals.legal_moves()
    simple = variance if variance in ("greenwood", "aalen") else None
    hazards = nelson_aalen(intervals, moves, variance=simple)
    start = hazards.origin if start is None else float(start)
    first: float | None = None
    initial = from_state
    if initial == "observed":
        later = hazards.times[hazards.times > start]
        first = float(later[0] if len(later) else np.nextafter(start, np.inf))
        initial = _observed(intervals, moves, first)
    made = transition_probabilities(
        hazards,
        moves,
        start=start,
        end=end,
        from_state=initial,
        variance=simple,
        covariance=covariance,
    )
    if variance != "robust":
        if variance not in ("greenwood", "aalen", None):
            raise InputError(f"unknown kind of variance {variance!r}")
        return made
    robust = influence_covariance(
        intervals, moves, hazards, made.times, made.values, cluster=cluster, observed=first
    )
    return made.with_covariance(robust, keep=covariance)


def cumulative_incidence(
    intervals: Intervals,
    moves: Moves | None = None,
    *,
    variance: Literal["greenwood", "aalen", "robust"] | None = "greenwood",
) -> TransitionProbabilities:
    """Cumulative incidence of competing risks: Aalen-Johansen out of the one initial state.

    Parameters
    ----------
    intervals
        Rows at risk, one for each cause; late entry and weights as they are.
    moves
        :meth:`Moves.competing_risks`; those of the table if left out.
    variance
        As in :func:`aalen_johansen`.

    Raises
    ------
    InputError
        Moves that leave more than one state: use :func:`aalen_johansen`.
    """
    moves = moves or intervals.legal_moves()
    left = sorted({a for a, _ in moves.arrows})
    if len(left) != 1:
        raise InputError(f"competing risks leave one state, these moves leave {left}")
    return aalen_johansen(intervals, moves, from_state=left[0], variance=variance)


def _transitions(
    intervals: Intervals, moves: Moves | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the transitions and of the states they leave (a state each where unknown)."""
    untold = not {"from", "to"} <= set(intervals.table.columns)
    if moves is None and intervals.moves is None and untold:
        names = tuple(sorted(intervals.table["transition"].unique().to_list()))
        return names, names
    moves = moves or intervals.legal_moves()
    return moves.names, tuple(a for a, _ in moves.arrows)


def clock_times(table: pl.DataFrame, clock: str) -> tuple[Floats, Floats]:
    """Starts and stops on a clock, times that differ by rounding alone made equal."""
    start, stop = table["start"].to_numpy(), table["stop"].to_numpy()
    if clock == "forward":
        return start, stop
    if clock != "reset":
        raise InputError(f'the clock is "forward" or "reset", not {clock!r}')
    entry = table["entry"].to_numpy()
    both = np.r_[start - entry, stop - entry]
    values, place = np.unique(both, return_inverse=True)
    near = np.diff(values, prepend=-np.inf) > _TIE * max(1.0, float(np.abs(values).max()))
    first = np.flatnonzero(near)[np.cumsum(near) - 1]
    tied = values[first][place]
    return tied[: len(start)], tied[len(start) :]


def _counts(intervals: Intervals, names: Sequence[str], clock: str) -> _Counts:
    table = intervals.table.filter(pl.col("transition").is_in(list(names)))
    if not table.height:
        raise DataError("no interval is at risk of these transitions")
    start, stop = clock_times(table, clock)
    event = table["event"].to_numpy() == 1
    weight = table["weight"].to_numpy() if "weight" in table.columns else np.ones(table.height)
    kind = table["transition"].to_numpy()
    times = np.unique(stop[event])
    if not len(times):
        raise DataError("there is no event, so there is nothing to estimate")
    events, number, at_risk = np.zeros((3, len(times), len(names)))
    for k, name in enumerate(names):
        own = kind == name
        entered = _before(start[own], weight[own], times)
        gone = _before(stop[own], weight[own], times)
        at_risk[:, k] = entered - gone
        hit = own & event
        at = np.searchsorted(times, stop[hit])
        events[:, k] = np.bincount(at, weight[hit], minlength=len(times))
        number[:, k] = np.bincount(at, minlength=len(times))
    return _Counts(times, events, number, at_risk, min(0.0, float(start.min())))


def _before(points: Floats, weight: Floats, times: Floats) -> Floats:
    """Sum of the weights of the points strictly before each time."""
    order = np.argsort(points, kind="stable")
    total = np.r_[0.0, np.cumsum(weight[order])]
    return total[np.searchsorted(points[order], times, side="left")]


def _ratio(events: Floats, at_risk: Floats) -> Floats:
    return np.where(events > 0, events / np.where(events > 0, at_risk, 1.0), 0.0)


def _in_turn(counts: _Counts, noisy: bool) -> tuple[Floats, Floats | None]:
    """Steps of the hazards and of their covariance when tied events leave one by one."""
    steps, spread = np.zeros_like(counts.events), np.zeros_like(counts.events)
    for t, k in np.argwhere(counts.events > 0):
        number, weight = int(counts.number[t, k]), counts.events[t, k]
        left = counts.at_risk[t, k] - weight * np.arange(number) / number
        steps[t, k] = (weight / number / left).sum()
        spread[t, k] = (weight / number / left**2).sum()
    noise = np.zeros((*steps.shape, steps.shape[1]))
    noise[:, np.arange(steps.shape[1]), np.arange(steps.shape[1])] = spread
    return steps, noise if noisy else None


def _noise(counts: _Counts, steps: Floats, origins: tuple[str, ...] | None) -> Floats:
    """Steps of the covariance, ``(T, m, m)``; with ``origins`` multinomial out of each state."""
    m = steps.shape[1]
    noise = np.zeros((*steps.shape, m))
    each = np.arange(m)
    noise[:, each, each] = _ratio(steps, counts.at_risk)
    if origins is None:
        return noise
    for k in range(m):
        for j in range(m):
            if origins[k] == origins[j]:
                both = np.maximum(counts.at_risk[:, k], counts.at_risk[:, j])
                noise[:, k, j] -= _ratio(steps[:, k] * steps[:, j], both)
    return noise


def _observed(intervals: Intervals, moves: Moves, time: float) -> list[float]:
    """Share of each state among those at risk at a time."""
    share = np.zeros(len(moves.states))
    for i, state in enumerate(moves.states):
        leaving = moves.out_of(state)
        if leaving:
            rows = intervals.of(leaving[0]).filter(
                (pl.col("start") < time) & (pl.col("stop") >= time)
            )
            weighted = "weight" in rows.columns
            share[i] = float(rows["weight"].sum()) if weighted else float(rows.height)
    if share.sum() == 0.0:
        raise DataError(f"nobody is at risk at {time:g}: choose another start")
    return (share / share.sum()).tolist()
