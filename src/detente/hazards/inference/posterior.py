"""What is concluded from a fit: clustered standard errors and draws of the posterior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError, FitError, InputError
from detente.hazards.data.intervals import Intervals
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.fitting.likelihood import score_rows
from detente.hazards.fitting.partial import sum_by
from detente.hazards.model.design import Design, build_design

Floats = NDArray[np.float64]

# Fewer clusters than this and the sandwich is an average of too few terms.
_FEWEST_CLUSTERS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """One draw of the posterior: dense part ``(a,)`` and log frailties ``(v,)``."""

    dense: Floats
    frailty: Floats


def clustered_covariance(fit: HazardFit, intervals: Intervals, clusters: Sequence[str]) -> Floats:
    r"""Sandwich covariance of the coefficients, ``(p, p)``, clustered one or two ways.

    One way is :math:`V (\sum_g s_g s_g') V` with the scores of coefficients, walk and frailties
    and the penalised :math:`V`; no small-sample factor. Two ways add the two and take off that
    of their intersection, with negative eigenvalues set to zero (Cameron, Gelbach and Miller
    2011, Journal of Business and Economic Statistics 29: 238-249).

    Parameters
    ----------
    fit, intervals
        A fit and the intervals it was made from.
    clusters
        One or two columns of the intervals table.

    Raises
    ------
    DataError
        If a column is missing or has nulls, there are fewer than ten clusters in one (too few
        for the approximation), or the intervals are not those of the fit.
    """
    clusters = [clusters] if isinstance(clusters, str) else list(clusters)
    if len(set(clusters)) != len(clusters) or len(clusters) not in (1, 2):
        raise DataError(f"cluster by one column or by two that differ, not {clusters}")
    for column in clusters:
        _check_clusters(intervals.table, column)
    design = design_of(fit, intervals)
    influence = _influence(fit, design)
    parts = [_outer(cluster_sums(design, intervals, influence, [c])) for c in clusters]
    if len(clusters) == 1:
        return parts[0]
    both = parts[0] + parts[1] - _outer(cluster_sums(design, intervals, influence, clusters))
    values, vectors = np.linalg.eigh(both)
    return both if values[0] >= 0 else (vectors * np.clip(values, 0.0, None)) @ vectors.T


def design_of(fit: HazardFit, intervals: Intervals) -> Design:
    """Design of a fit, from the intervals it was made from and no others."""
    design = build_design(intervals, fit.spec)
    rows = sum(len(b.event) for b in design.blocks)
    same = (design.names, design.walk_levels, design.frailty_levels, rows)
    if same != (fit.names, fit.walk_levels, fit.frailty_levels, fit.intervals):
        raise DataError("the intervals are not those that the fit was made from")
    return design


def _check_clusters(table: pl.DataFrame, column: str) -> None:
    if column not in table.columns or table[column].null_count():
        raise DataError(f"the column {column!r} to cluster by is missing or has nulls")
    if table[column].n_unique() < _FEWEST_CLUSTERS:
        raise DataError(f"fewer than ten clusters in {column!r}: the sandwich cannot be trusted")


def _influence(fit: HazardFit, design: Design) -> list[Floats]:
    """How far each row moves the coefficients, ``(n, p)``: its score times the covariance."""
    p = len(fit.names)
    out: list[Floats] = []
    rows = score_rows(design, fit.dense, fit.frailty, fit.frailty_variance)
    for block, (scores, residual) in zip(design.blocks, rows, strict=True):
        influence = scores @ fit.covariance[:, :p]
        if block.frailty is not None:
            by_cluster = fit.frailty_slope @ fit.covariance[:, :p]
            influence -= residual[:, None] * by_cluster[block.frailty]
        out.append(influence)
    return out


def _outer(sums: Floats) -> Floats:
    return sums.T @ sums


def cluster_sums(
    design: Design, intervals: Intervals, parts: list[Floats], columns: list[str]
) -> Floats:
    """Sums over the clusters that columns make of what every row of each block has, ``(g, p)``."""
    keys = intervals.table.select(pl.struct(columns).rank("dense").alias("group"), "transition")
    groups = int(np.asarray(keys["group"].max()))
    total = np.zeros((groups, parts[0].shape[1]))
    for block, moved in zip(design.blocks, parts, strict=True):
        of_row = keys.filter(pl.col("transition") == block.name)["group"].to_numpy()
        group = of_row[block.rows].astype(np.int64) - 1
        total += sum_by(group, groups, np.ones(len(group)), moved)
    return total


def draw_posterior(fit: HazardFit, draws: int, *, seed: int) -> tuple[Draw, ...]:
    """Draw from the Laplace posterior, each draw from a stream of its own keyed by its number.

    The dense part is normal at the mode; frailties follow given the dense part. Draw ``i`` does
    not depend on how many are drawn.

    Parameters
    ----------
    fit
        A fit with a covariance.
    draws
        How many, at least one.
    seed
        From 0 to 2**64 - 1.

    Raises
    ------
    InputError, FitError
        An impossible number or seed; a fit without a covariance.
    """
    if draws < 1 or not 0 <= seed < 2**64:
        raise InputError(f"draws must be positive and the seed in [0, 2**64), got {draws}, {seed}")
    if not np.isfinite(fit.covariance).all():
        raise FitError(f"the fit has no covariance to draw from: its status is {fit.status!r}")
    root = np.linalg.cholesky(fit.covariance)
    spread = np.sqrt(fit.frailty_variance)
    out: list[Draw] = []
    for i in range(draws):
        rng = np.random.Generator(np.random.Philox(key=np.array([seed, i], dtype=np.uint64)))
        step = root @ rng.standard_normal(len(fit.dense))
        noise = rng.standard_normal(len(fit.frailty)) * spread
        out.append(Draw(fit.dense + step, fit.frailty - fit.frailty_slope @ step + noise))
    return tuple(out)
