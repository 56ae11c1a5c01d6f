r"""Diagnostics of a fit: residuals, influence, concordance.

They are those of R's survival, for Cox baselines of any number of transitions, strata and clocks;
residuals, influence and concordance are for parametric baselines as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError
from detente.hazards.data.intervals import Intervals
from detente.hazards.diagnostics.concordance import Concordance, concordance_of
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.fitting.likelihood import score_rows
from detente.hazards.inference.posterior import design_of
from detente.hazards.model.blocks import Block
from detente.hazards.model.design import Design

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Residuals:
    """Residuals of the rows of the fitted transitions, in the order of the table.

    ``table`` has id, transition, start, stop, event, weight, ``martingale`` (events less those
    expected) and ``deviance``; ``score`` and ``dfbeta`` are ``(n, p)`` by the ``names`` of the
    coefficients: what a row of weight one adds to the gradient, and how far the row, with its
    weight, moves the estimates (as survival prints them).
    """

    table: pl.DataFrame
    names: tuple[str, ...]
    score: Floats
    dfbeta: Floats


def residuals(fit: HazardFit, intervals: Intervals) -> Residuals:
    r"""Martingale, deviance, score and dfbeta residuals.

    With :math:`M = d - \hat\Lambda` the deviance residual is
    :math:`\mathrm{sign}(M)\sqrt{-2\{M + d \log(d - M)\}}`; dfbeta is the score times the
    covariance (Therneau and Grambsch 2000, Modeling Survival Data, chapters 4 and 7).

    Parameters
    ----------
    fit, intervals
        A fit and the intervals it was made from.
    """
    design = design_of(fit, intervals)
    fitted = intervals.table.filter(pl.col("transition").is_in([b.name for b in design.blocks]))
    place = _places(fitted, design)
    n, p = fitted.height, len(fit.names)
    expected, score = np.zeros(n), np.zeros((n, p))
    moved = np.zeros((n, p))
    every = score_rows(design, fit.dense, fit.frailty, fit.frailty_variance)
    for block, rows, (scores, residual) in zip(design.blocks, place, every, strict=True):
        scores /= block.weight[:, None]
        np.add.at(expected, rows, block.event - residual / block.weight)
        np.add.at(score, rows, scores[:, :p])
        np.add.at(moved, rows, block.weight[:, None] * (scores @ fit.covariance[:, :p]))
    event = fitted["event"].to_numpy().astype(np.float64)
    martingale = event - expected
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = martingale + np.where(event > 0, event * np.log(event - martingale), 0.0)
    weighted = "weight" in fitted.columns
    kept = fitted.select("id", "transition", "start", "stop", "event").with_columns(
        (fitted["weight"] if weighted else pl.lit(1.0)).alias("weight"),
        martingale=pl.Series(martingale),
        deviance=pl.Series(np.sign(martingale) * np.sqrt(np.maximum(-2.0 * inner, 0.0))),
    )
    return Residuals(kept, fit.names, score, moved)


def influence_by(fit: HazardFit, intervals: Intervals, cluster: str = "id") -> pl.DataFrame:
    """How far leaving out a cluster would move each coefficient, to first order.

    Parameters
    ----------
    fit, intervals
        A fit and the intervals it was made from.
    cluster
        A column of the intervals.

    Returns
    -------
    polars.DataFrame
        A row for each cluster: its value, the change of each coefficient (positive: the cluster
        pulls it up), and ``largest``, the largest change in standard errors; sorted by the last.
    """
    made = residuals(fit, intervals)
    table = intervals.table.filter(
        pl.col("transition").is_in(made.table["transition"].unique().to_list())
    )
    key = _cluster(table, cluster)
    total = np.zeros((int(key.max()) + 1, len(made.names)))
    np.add.at(total, key, made.dfbeta)
    first = table.select(pl.col(cluster)).with_columns(key=pl.Series(key)).unique("key").sort("key")
    largest = np.abs(total / fit.standard_errors).max(axis=1, initial=0.0)
    columns = {name: total[:, j] for j, name in enumerate(made.names)}
    return pl.DataFrame({cluster: first[cluster], **columns, "largest": largest}).sort(
        "largest", descending=True
    )


def concordance(fit: HazardFit, intervals: Intervals, *, cluster: str | None = None) -> Concordance:
    """Concordance of the linear predictor with what happened, over all transitions.

    Rows are compared within a transition (a stratum of the Cox baseline). The standard error is
    the infinitesimal jackknife over rows, or over a column of clusters.

    Parameters
    ----------
    fit, intervals
        A fit and the intervals it was made from.
    cluster
        A column of the intervals; each row is its own cluster if left out.
    """
    design = design_of(fit, intervals)
    fitted = intervals.table.filter(pl.col("transition").is_in([b.name for b in design.blocks]))
    key = np.arange(fitted.height) if cluster is None else _cluster(fitted, cluster)
    place = _places(fitted, design)
    parts = [_compared(fit, design, b) for b in range(len(design.blocks))]
    predictor, start, stop, event, weight, stratum = (
        np.concatenate([np.asarray(part[i], dtype=np.float64) for part in parts]) for i in range(6)
    )
    rows = np.concatenate([p[part[6]] for p, part in zip(place, parts, strict=True)])
    return concordance_of(
        _joined(predictor), start, stop, event, weight, stratum.astype(np.int64), key[rows]
    )


def _places(fitted: pl.DataFrame, design: Design) -> list[Ints]:
    """For each block, the places of its rows in the table of the fitted transitions."""
    kind = fitted["transition"].to_numpy()
    return [np.flatnonzero(kind == b.name)[b.rows] for b in design.blocks]


def _cluster(table: pl.DataFrame, column: str) -> Ints:
    if column not in table.columns or table[column].null_count():
        raise DataError(f"the column {column!r} to cluster by is missing or has nulls")
    return table[column].rank("dense").to_numpy().astype(np.int64) - 1


def predictor_of(fit: HazardFit, block: Block) -> Floats:
    """Linear predictor without the level of the baseline."""
    free = [i for i, c in enumerate(block.columns) if ":baseline[" not in fit.names[int(c)]]
    eta = block.x[:, free] @ fit.dense[block.columns[free]] + block.offset
    for effect in block.effects:
        eta += fit.dense[effect]
    return eta if block.frailty is None else eta + fit.frailty[block.frailty]


def _joined(predictor: Floats) -> Floats:
    """Predictors that differ by rounding alone made equal."""
    values, place = np.unique(predictor, return_inverse=True)
    size = max(1.0, float(np.abs(values).max()))
    fresh = np.diff(values, prepend=-np.inf) > _SAME * size
    return values[np.flatnonzero(fresh)[np.cumsum(fresh) - 1]][place]


# Sums of products of doubles differ by this share at most, however they are ordered.
_SAME = 1e-12
_Compared = tuple[Floats, Floats, Floats, Floats, Floats, Floats, Ints]


def _compared(fit: HazardFit, design: Design, b: int) -> _Compared:
    """Predictor, start, stop, event, weight, stratum and number of the rows to compare."""
    block = design.blocks[b]
    eta = predictor_of(fit, block)
    every = np.arange(len(eta))
    for s, stratum in enumerate(design.strata):
        if b in stratum.blocks:
            k = stratum.blocks.index(b)
            first, last = stratum.first[k], stratum.last[k]
            ever = np.flatnonzero(first < last)
            level = np.searchsorted(stratum.edges, first[ever], side="right")
            # Places among the times of events stand for the times: ties are those of the fit.
            group = level.astype(np.float64) + (s + 1.0) * (1.0 + len(stratum.edges))
            eta = eta + float(stratum.centre @ fit.dense[stratum.columns])
            return (
                eta[ever],
                first[ever].astype(np.float64) - 0.5,
                last[ever].astype(np.float64) - 1.0,
                block.event[ever],
                block.weight[ever],
                group,
                ever,
            )
    group = np.full(len(eta), -1.0 - b)
    return eta, block.start, block.stop, block.event, block.weight, group, every
