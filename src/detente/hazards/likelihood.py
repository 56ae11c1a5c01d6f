r"""The log-likelihood of a multi-state intensity model, with its first and second derivatives.

For row :math:`i` of transition :math:`k`, at risk over :math:`(t_0, t_1]` with event :math:`d`,

.. math:: \ell_i = w_i \{ d_i (\log h_0(t_1) + \eta_i) - e^{\eta_i}\,\Delta H_0(t_0, t_1) \}

and rows add (Andersen, Borgan, Gill and Keiding, 1993, Statistical Models Based on Counting
Processes, ch. VII). The dense part of the parameter holds coefficients, then levels of the walk;
frailties enter one row each, so their block of the information is diagonal and is kept apart.
Where a frailty is normal with a variance, :math:`e^{\eta}` is its mean, :math:`e^{\eta + v/2}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from detente.hazards.baselines import Shape
from detente.hazards.design import Block, Design

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
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


class RowTerms(NamedTuple):
    """What the sums over the rows of a block are made of, each ``(n,)``."""

    base: Shape
    log_intensity: Floats
    risk: Floats
    mean: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The log-likelihood at a point and the terms of every block there."""

    value: float
    rows: tuple[RowTerms, ...]


def evaluate(
    design: Design, dense: Floats, frailty: Floats, variance: Floats | float = 0.0
) -> Evaluation:
    """Log-likelihood, averaged over normal frailties; minus infinity where it overflows."""
    total = 0.0
    rows: list[RowTerms] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for block in design.blocks:
            terms = _row_terms(design, block, dense, frailty, variance)
            rows.append(terms)
            gained = np.where(block.event > 0, terms.log_intensity, 0.0)
            total += float(np.sum(block.weight * gained - terms.mean))
    return Evaluation(total if np.isfinite(total) else -np.inf, tuple(rows))


def expected_events(
    design: Design, block: Block, dense: Floats, frailty: Floats, variance: Floats | float = 0.0
) -> Floats:
    """Events expected in every row of a block (its cumulative intensity), ``(n,)``."""
    return _row_terms(design, block, dense, frailty, variance).mean / block.weight


def derivatives(
    design: Design, dense: Floats, frailty: Floats, variance: Floats | float = 0.0
) -> Derivatives:
    """Log-likelihood with gradient and information, for given variances of the frailties."""
    return differentiate(design, evaluate(design, dense, frailty, variance))


def differentiate(design: Design, evaluation: Evaluation) -> Derivatives:
    """Gradient and information where the log-likelihood was evaluated."""
    a, v = design.dense, len(design.frailty_levels)
    out = Derivatives(
        evaluation.value, np.zeros(a), np.zeros(v), np.zeros((a, a)), np.zeros((v, a)), np.zeros(v)
    )
    for block, terms in zip(design.blocks, evaluation.rows, strict=True):
        residual = block.weight * block.event - terms.mean
        _add_coefficients(out, block, terms, residual)
        if block.walk is not None:
            _add_walk(out, block, design, terms, residual)
        if len(block.shapes):
            _add_shapes(out, block, terms, len(design.names))
        if block.frailty is not None:
            _add_frailty(out, block, design, terms, residual)
    return out


def score_rows(
    design: Design, block: Block, dense: Floats, frailty: Floats, variance: Floats | float = 0.0
) -> tuple[Floats, Floats]:
    """Scores of every row of a block: of the coefficients ``(n, p)``, of its effects ``(n,)``."""
    terms = _row_terms(design, block, dense, frailty, variance)
    residual = block.weight * block.event - terms.mean
    scores = np.zeros((len(residual), len(design.names)))
    scores[:, block.columns] = block.x * residual[:, None]
    if len(block.shapes):
        gained = (block.weight * block.event)[:, None] * terms.base.d_log_hazard
        scores[:, block.shapes] = gained - terms.risk[:, None] * terms.base.d_cumulative
    return scores, residual


def _row_terms(
    design: Design, block: Block, dense: Floats, frailty: Floats, variance: Floats | float
) -> RowTerms:
    eta = block.x @ dense[block.columns] + block.offset
    if block.walk is not None:
        eta += dense[len(design.names) + block.walk]
    if block.frailty is not None:
        eta += frailty[block.frailty]
    base = block.baseline.evaluate(block.start, block.stop, dense[block.shapes])
    risk = block.weight * np.exp(eta)
    if block.frailty is not None:
        risk *= np.exp(0.5 * (np.zeros(len(frailty)) + variance))[block.frailty]
    return RowTerms(base, base.log_hazard + eta, risk, risk * base.cumulative)


def _add_coefficients(out: Derivatives, block: Block, terms: RowTerms, residual: Floats) -> None:
    out.gradient[block.columns] += block.x.T @ residual
    square = block.x.T @ (block.x * terms.mean[:, None])
    out.information[np.ix_(block.columns, block.columns)] += square


def sum_by(index: NDArray[np.int64], levels: int, weight: Floats, x: Floats) -> Floats:
    """Weighted sums of the rows of ``x`` by level, ``(levels, p)``."""
    rows = np.arange(len(index) + 1)
    by_row = sparse.csr_array((weight, index, rows), shape=(len(index), levels))
    return np.asarray(by_row.T @ x)


def _add_walk(
    out: Derivatives, block: Block, design: Design, terms: RowTerms, residual: Floats
) -> None:
    assert block.walk is not None
    first, levels = len(design.names), len(design.walk_levels)
    places = np.arange(first, first + levels)
    out.gradient[places] += np.bincount(block.walk, residual, levels)
    out.information[places, places] += np.bincount(block.walk, terms.mean, levels)
    _add_mixed(out, places, block.columns, sum_by(block.walk, levels, terms.mean, block.x))


def _add_shapes(out: Derivatives, block: Block, terms: RowTerms, first_level: int) -> None:
    """Add the terms of the baseline's shape parameters."""
    gained, places, base = block.weight * block.event, block.shapes, terms.base
    slope = terms.risk[:, None] * base.d_cumulative
    out.gradient[places] += gained @ base.d_log_hazard - slope.sum(axis=0)
    out.information[np.ix_(places, places)] += base.curvature(gained, terms.risk)
    _add_mixed(out, places, block.columns, slope.T @ block.x)
    if block.walk is not None:
        levels = int(block.walk.max()) + 1
        by_level = sum_by(block.walk, levels, terms.risk, base.d_cumulative)
        _add_mixed(out, places, first_level + np.arange(levels), by_level.T)


def _add_mixed(out: Derivatives, rows: Ints, columns: Ints, mixed: Floats) -> None:
    out.information[np.ix_(rows, columns)] += mixed
    out.information[np.ix_(columns, rows)] += mixed.T


def _add_frailty(
    out: Derivatives, block: Block, design: Design, terms: RowTerms, residual: Floats
) -> None:
    assert block.frailty is not None
    levels = len(design.frailty_levels)
    out.frailty_gradient[:] += np.bincount(block.frailty, residual, levels)
    out.diagonal[:] += np.bincount(block.frailty, terms.mean, levels)
    out.cross[:, block.columns] += sum_by(block.frailty, levels, terms.mean, block.x)
    if block.walk is not None:
        first, years = len(design.names), len(design.walk_levels)
        pairs = sparse.coo_array((terms.mean, (block.frailty, block.walk)), shape=(levels, years))
        out.cross[:, first : first + years] += pairs.toarray()
    if len(block.shapes):
        by_level = sum_by(block.frailty, levels, terms.risk, terms.base.d_cumulative)
        out.cross[:, block.shapes] += by_level
