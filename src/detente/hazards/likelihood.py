r"""The log-likelihood of a multi-state intensity model, with its first and second derivatives.

For row :math:`i` of transition :math:`k`, at risk over :math:`(t_0, t_1]` with event :math:`d`,

.. math:: \ell_i = w_i \{ d_i (\log h_0(t_{1i}) + \eta_i) - e^{\eta_i}\,\Delta H_0(t_{0i}, t_{1i}) \}

and rows add (Andersen, Borgan, Gill and Keiding, 1993, Statistical Models Based on Counting
Processes, ch. VII). The dense part of the parameter holds coefficients, then levels of the walk;
frailties enter one row each, so their block of the information is diagonal and is kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from detente.hazards.baselines import Shape
from detente.hazards.design import Block, Design

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Derivatives:
    """Log-likelihood, gradients ``(a,)`` and ``(v,)``, information blocks.

    ``information`` is ``(a, a)``, ``cross`` ``(v, a)``, ``diagonal`` ``(v,)``: minus the Hessian
    of the dense part, between frailties and dense part, and of the frailties.
    """

    value: float
    gradient: Floats
    frailty_gradient: Floats
    information: Floats
    cross: Floats
    diagonal: Floats


def linear_predictor(design: Design, block: Block, dense: Floats, frailty: Floats) -> Floats:
    """Linear predictor of every row of a block, ``(n,)``."""
    eta = block.x @ dense[block.columns] + block.offset
    if block.walk is not None:
        eta += dense[len(design.names) + block.walk]
    if block.frailty is not None:
        eta += frailty[block.frailty]
    return eta


def block_shape(block: Block, dense: Floats) -> Shape:
    """Baseline of a block at the current shape parameter."""
    shape = float(dense[block.shape]) if block.shape >= 0 else 0.0
    return block.baseline.evaluate(block.start, block.stop, shape)


def expected_events(design: Design, block: Block, dense: Floats, frailty: Floats) -> Floats:
    """Events expected in every row of a block (its cumulative intensity), ``(n,)``."""
    eta = linear_predictor(design, block, dense, frailty)
    return np.exp(eta) * block_shape(block, dense).cumulative


def log_likelihood(design: Design, dense: Floats, frailty: Floats) -> float:
    """Log-likelihood without its derivatives."""
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for block in design.blocks:
            eta = linear_predictor(design, block, dense, frailty)
            base = block_shape(block, dense)
            term = block.event * (base.log_hazard + eta) - np.exp(eta) * base.cumulative
            total += float(np.sum(block.weight * term))
    return total if np.isfinite(total) else -np.inf


def derivatives(design: Design, dense: Floats, frailty: Floats) -> Derivatives:
    """Log-likelihood with gradient and information."""
    a, v = design.dense, len(design.frailty_levels)
    gradient, frailty_gradient = np.zeros(a), np.zeros(v)
    information, cross, diagonal = np.zeros((a, a)), np.zeros((v, a)), np.zeros(v)
    total = 0.0
    for block in design.blocks:
        eta = linear_predictor(design, block, dense, frailty)
        base = block_shape(block, dense)
        risk = block.weight * np.exp(eta)
        mean = risk * base.cumulative
        residual = block.weight * block.event - mean
        total += float(np.sum(block.weight * block.event * (base.log_hazard + eta)) - mean.sum())
        np.add.at(gradient, block.columns, block.x.T @ residual)
        _add_coefficients(information, block, mean)
        if block.walk is not None:
            _add_walk(gradient, information, block, design, residual, mean)
        if block.shape >= 0:
            _add_shape(gradient, information, block, base, risk, len(design.names))
        if block.frailty is not None:
            frailty_gradient += np.bincount(block.frailty, residual, v)
            diagonal += np.bincount(block.frailty, mean, v)
            _add_cross(cross, block, design, mean, risk * base.d_cumulative)
    return Derivatives(total, gradient, frailty_gradient, information, cross, diagonal)


def score_rows(design: Design, block: Block, dense: Floats, frailty: Floats) -> Floats:
    """Score contribution of every row of a block to the coefficients, ``(n, p)``."""
    eta = linear_predictor(design, block, dense, frailty)
    base = block_shape(block, dense)
    risk = block.weight * np.exp(eta)
    residual = block.weight * block.event - risk * base.cumulative
    scores = np.zeros((len(eta), len(design.names)))
    scores[:, block.columns] = block.x * residual[:, None]
    if block.shape >= 0:
        scores[:, block.shape] = (
            block.weight * block.event * base.d_log_hazard - risk * base.d_cumulative
        )
    return scores


def _add_coefficients(information: Floats, block: Block, mean: Floats) -> None:
    weighted = block.x * mean[:, None]
    information[np.ix_(block.columns, block.columns)] += block.x.T @ weighted


def _indicator(index: NDArray[np.int64], levels: int) -> sparse.csr_array:
    n = len(index)
    return sparse.csr_array((np.ones(n), index, np.arange(n + 1)), shape=(n, levels))


def _add_walk(
    gradient: Floats,
    information: Floats,
    block: Block,
    design: Design,
    residual: Floats,
    mean: Floats,
) -> None:
    assert block.walk is not None
    first, levels = len(design.names), len(design.walk_levels)
    places = np.arange(first, first + levels)
    gradient[places] += np.bincount(block.walk, residual, levels)
    information[places, places] += np.bincount(block.walk, mean, levels)
    mixed = np.asarray(_indicator(block.walk, levels).T @ (block.x * mean[:, None]))
    information[np.ix_(places, block.columns)] += mixed
    information[np.ix_(block.columns, places)] += mixed.T


def _add_shape(
    gradient: Floats,
    information: Floats,
    block: Block,
    base: Shape,
    risk: Floats,
    first_level: int,
) -> None:
    """Add the terms of the baseline's shape parameter."""
    event, j = block.weight * block.event, block.shape
    gradient[j] += float(event @ base.d_log_hazard - risk @ base.d_cumulative)
    information[j, j] += float(risk @ base.d2_cumulative - event @ base.d2_log_hazard)
    mixed = block.x.T @ (risk * base.d_cumulative)
    information[j, block.columns] += mixed
    information[block.columns, j] += mixed
    if block.walk is not None:
        by_level = np.bincount(block.walk, risk * base.d_cumulative)
        places = first_level + np.arange(len(by_level))
        information[j, places] += by_level
        information[places, j] += by_level


def _add_cross(
    cross: Floats, block: Block, design: Design, mean: Floats, shape_mean: Floats
) -> None:
    assert block.frailty is not None
    levels = len(design.frailty_levels)
    by_cluster = _indicator(block.frailty, levels).T
    cross[:, block.columns] += np.asarray(by_cluster @ (block.x * mean[:, None]))
    if block.walk is not None:
        first, years = len(design.names), len(design.walk_levels)
        pairs = sparse.coo_array((mean, (block.frailty, block.walk)), shape=(levels, years))
        cross[:, first : first + years] += pairs.toarray()
    if block.shape >= 0:
        cross[:, block.shape] += np.bincount(block.frailty, shape_mean, levels)
