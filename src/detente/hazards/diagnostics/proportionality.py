r"""The test of proportional hazards, by the score of coefficients that change with time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import stats

from detente.core.errors import InputError
from detente.hazards.data.intervals import Intervals
from detente.hazards.diagnostics.residuals import predictor_of
from detente.hazards.diagnostics.schoenfeld import risk_set_moments
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.inference.posterior import design_of
from detente.hazards.model.blocks import Block
from detente.hazards.model.design import Design

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Transform = Literal["km", "identity", "log", "rank"] | Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalityTest:
    """Score tests that coefficients do not change with time, and scaled Schoenfeld residuals.

    ``table`` has name, chisq, df, p; the last row is GLOBAL. ``events`` has id, transition, time
    of every event and ``transformed`` time, ``scaled`` ``(events, q)`` its residuals by the
    ``names`` of the coefficients: their mean over a stretch of time estimates the coefficient
    there.
    """

    table: pl.DataFrame
    names: tuple[str, ...]
    events: pl.DataFrame
    schoenfeld: Floats
    scaled: Floats


def proportionality_test(
    fit: HazardFit,
    intervals: Intervals,
    *,
    transform: Transform = "km",
    by: Literal["term", "coefficient"] = "term",
) -> ProportionalityTest:
    r"""Score test of proportional hazards for Cox baselines, as survival's ``cox.zph`` has it.

    The model gets a coefficient of :math:`x\, g(t)` for every covariate; the test is the score test
    that they are zero, with the information of the larger model (Grambsch and Therneau 1994,
    Biometrika 81: 515-526, in the exact form of survival 3).

    Parameters
    ----------
    fit, intervals
        A fit with Cox baselines and no prior, and the intervals it was made from.
    transform
        :math:`g`: ``km`` (one less the Kaplan-Meier estimate before the event), ``identity``,
        ``log``, ``rank`` (of the stops), or a function of the times.
    by
        ``term``: one test for the columns of a factor; ``coefficient``: one for each.

    Raises
    ------
    InputError
        A fit with parametric transitions that share coefficients with Cox ones, or with priors.
    """
    design = design_of(fit, intervals)
    columns = _tested(fit, design)
    events, trend, moments, schoenfeld = _moments(fit, design, intervals, columns, transform)
    weight = events["weight"].to_numpy()
    score = (weight * trend) @ schoenfeld
    spare = np.linalg.solve(moments[0], moments[1])
    information = moments[2] - moments[1] @ spare
    names = [fit.names[c] for c in columns]
    groups: dict[str, list[int]] = {}
    for j, name in enumerate(names):
        groups.setdefault(name if by == "coefficient" else _term(name), []).append(j)
    rows = [_test(n, score, information, g) for n, g in groups.items()]
    rows.append(_test("GLOBAL", score, information, list(range(len(names)))))
    covariance = fit.covariance[np.ix_(columns, columns)]
    scaled = schoenfeld @ covariance * len(weight) + fit.dense[columns]
    return ProportionalityTest(
        pl.DataFrame(rows, schema=["name", "chisq", "df", "p"], orient="row"),
        tuple(names),
        events.drop("weight").with_columns(transformed=pl.Series(trend)),
        schoenfeld,
        scaled,
    )


def _tested(fit: HazardFit, design: Design) -> Ints:
    """Places of the coefficients of Cox transitions, which nothing else may use."""
    if not design.strata:
        raise InputError("no transition has a Cox baseline: proportional hazards need no test")
    if design.penalties or fit.spec.firth:
        raise InputError("the test of proportional hazards is for fits without priors or effects")
    free = {b for s in design.strata for b in s.blocks}
    used = [set(b.columns.tolist()) for b in design.blocks]
    mine = set().union(*(used[b] for b in free))
    other = set().union(*(u for b, u in enumerate(used) if b not in free))
    if mine & other:
        raise InputError("Cox and parametric transitions share coefficients: they cannot be tested")
    if not mine:
        raise InputError("the Cox transitions have no covariate to test")
    return np.array(sorted(mine), dtype=np.int64)


def _moments(
    fit: HazardFit, design: Design, intervals: Intervals, columns: Ints, transform: Transform
) -> tuple[pl.DataFrame, Floats, Floats, Floats]:
    """Events with their time and trend, moments ``(3, q, q)``, Schoenfeld residuals."""
    free = sorted({b for s in design.strata for b in s.blocks})
    blocks = [design.blocks[b] for b in free]
    raw = _transformed(blocks, transform)
    happened = np.concatenate([b.event > 0 for b in blocks])
    centre = float(np.concatenate(raw)[happened].mean())
    trend = {b: t - centre for b, t in zip(free, raw, strict=True)}
    q = len(columns)
    moments = np.zeros((3, q, q))
    tables: list[pl.DataFrame] = []
    parts: list[Floats] = []
    trends: list[Floats] = []
    for stratum in design.strata:
        own = [design.blocks[b] for b in stratum.blocks]
        x = np.concatenate([_spread(b, columns) for b in own])
        eta = np.concatenate([predictor_of(fit, b) for b in own])
        weight, event = (np.concatenate([getattr(b, f) for b in own]) for f in ("weight", "event"))
        first, last = np.concatenate(stratum.first), np.concatenate(stratum.last)
        along = np.concatenate([trend[b] for b in stratum.blocks])
        ever = np.flatnonzero(first < last)
        start = first[ever].astype(np.float64) - 0.5
        stop = last[ever].astype(np.float64) - 1.0
        made = np.zeros((len(ever), q))
        risk_set_moments(
            x[ever],
            (weight * np.exp(eta - eta.max()))[ever],
            weight[ever],
            start,
            stop,
            event[ever] > 0,
            np.argsort(start, kind="stable"),
            np.argsort(stop, kind="stable"),
            along[ever],
            stratum.ties == "efron",
            made,
            moments,
        )
        rows = np.concatenate([intervals.of(b.name)["id"].to_numpy()[b.rows] for b in own])
        name = np.concatenate([np.full(len(b.event), b.name, dtype=object) for b in own])
        hit = np.flatnonzero(event[ever] > 0)
        hit = hit[np.argsort(stop[hit], kind="stable")]
        time = stratum.times[(last[ever] - 1)[hit]]
        tables.append(
            pl.DataFrame(
                {
                    "id": rows[ever][hit],
                    "transition": name[ever][hit].tolist(),
                    "time": time,
                    "weight": weight[ever][hit],
                }
            )
        )
        parts.append(made[hit])
        trends.append(along[ever][hit])
    full = moments + np.transpose(np.tril(moments, -1), (0, 2, 1))
    return pl.concat(tables), np.concatenate(trends), full, np.concatenate(parts)


def _spread(block: Block, columns: Ints) -> Floats:
    """Covariates of a block at the columns that are tested, ``(n, q)``."""
    x = np.zeros((len(block.event), len(columns)))
    x[:, np.searchsorted(columns, block.columns)] = block.x
    return x


def _transformed(blocks: list[Block], transform: Transform) -> list[Floats]:
    """The function of time of every row's stop, block by block."""
    stop = np.concatenate([b.stop for b in blocks])
    if callable(transform):
        made = np.asarray(transform(stop), dtype=np.float64)
    elif transform == "identity":
        made = stop
    elif transform == "log":
        if (stop <= 0).any():
            raise InputError("the logarithm of time needs times above zero")
        made = np.log(stop)
    elif transform == "rank":
        made = stats.rankdata(stop)
    elif transform == "km":
        made = _left_before(blocks, stop)
    else:
        raise InputError(f'the transform is "km", "identity", "log", "rank", not {transform!r}')
    if made.shape != stop.shape or not np.isfinite(made).all():
        raise InputError("the transform must give a finite number for every time")
    return np.split(made, np.cumsum([len(b.stop) for b in blocks])[:-1])


def _left_before(blocks: list[Block], stop: Floats) -> Floats:
    """One less the Kaplan-Meier estimate of all rows together, just before each stop."""
    start = np.sort(np.concatenate([b.start for b in blocks]))
    event = np.concatenate([b.event for b in blocks]) > 0
    times, deaths = np.unique(stop[event], return_counts=True)
    entered = np.searchsorted(start, times, side="left")
    gone = np.searchsorted(np.sort(stop), times, side="left")
    survival = np.cumprod(1.0 - deaths / (entered - gone))
    return 1.0 - np.r_[1.0, survival][np.searchsorted(times, stop, side="left")]


def _term(name: str) -> str:
    """Name of the term of a coefficient: what is in brackets is a level of a factor."""
    return re.sub(r"\[[^\]]*\]", "", name)


def _test(name: str, score: Floats, information: Floats, at: list[int]) -> tuple[object, ...]:
    chisq = float(score[at] @ np.linalg.solve(information[np.ix_(at, at)], score[at]))
    return name, chisq, len(at), float(stats.chi2.sf(chisq, len(at)))
