"""What is concluded from a fit: clustered standard errors and draws of the posterior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.errors import DataError
from detente.hazards.design import build_design
from detente.hazards.fit import HazardFit
from detente.hazards.intervals import Intervals
from detente.hazards.likelihood import score_rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw of the posterior: dense part ``(a,)`` and log frailties ``(v,)``."""

    dense: Floats
    frailty: Floats


def clustered_covariance(fit: HazardFit, intervals: Intervals, clusters: Sequence[str]) -> Floats:
    r"""Sandwich covariance of the coefficients, ``(p, p)``, clustered one or two ways.

    One way is :math:`V (\sum_g s_g s_g') V`; two ways add the two and take off that of their
    intersection (Cameron, Gelbach and Miller 2011, Journal of Business and Economic Statistics
    29: 238-249). Effects (walk, frailty) are held at their mode.

    Parameters
    ----------
    clusters
        One or two columns of the intervals table.

    Raises
    ------
    DataError
        If a column is missing, or there are fewer than ten clusters in one: too few for the
        approximation.
    """
    if len(clusters) not in (1, 2):
        raise DataError(f"cluster by one or two columns, not {len(clusters)}")
    for column in clusters:
        if column not in intervals.table.columns:
            raise DataError(f"no column {column!r} to cluster by")
        if intervals.table[column].n_unique() < 10:
            raise DataError(
                f"fewer than ten clusters in {column!r}: the sandwich cannot be trusted"
            )
    p = len(fit.names)
    bread = fit.covariance[:p, :p]
    meat = sum(
        sign * _meat(fit, intervals, columns) for sign, columns in _inclusion(tuple(clusters))
    )
    return bread @ meat @ bread


def _inclusion(clusters: tuple[str, ...]) -> list[tuple[int, tuple[str, ...]]]:
    single = [(1, (c,)) for c in clusters]
    return single if len(clusters) == 1 else [*single, (-1, clusters)]


def _meat(fit: HazardFit, intervals: Intervals, columns: tuple[str, ...]) -> Floats:
    design = build_design(intervals, fit.spec)
    keys = intervals.table.select(pl.struct(columns).rank("dense").alias("g"), "transition")
    groups = int(np.asarray(keys["g"].max()))
    total = np.zeros((groups, len(fit.names)))
    for block in design.blocks:
        group = keys.filter(pl.col("transition") == block.name)["g"].to_numpy()[block.rows] - 1
        scores = score_rows(design, block, fit.dense, fit.frailty)
        np.add.at(total, group, scores)
    return total.T @ total


def draw_posterior(fit: HazardFit, draws: int, *, seed: int) -> tuple[Draw, ...]:
    """Draw from the Laplace posterior, each draw from a stream of its own keyed by its number.

    The dense part is normal at the mode; frailties follow given the dense part. Draw ``i`` does
    not depend on how many are drawn.
    """
    root = np.linalg.cholesky(fit.covariance)
    spread = np.sqrt(fit.frailty_variance)
    out: list[Draw] = []
    for i in range(draws):
        rng = np.random.Generator(np.random.Philox(key=[seed, i]))
        step = root @ rng.standard_normal(len(fit.dense))
        noise = rng.standard_normal(len(fit.frailty)) * spread
        out.append(Draw(fit.dense + step, fit.frailty - fit.frailty_slope @ step + noise))
    return tuple(out)
