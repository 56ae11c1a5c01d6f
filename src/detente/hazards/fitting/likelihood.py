r"""The log-likelihood of a multi-state intensity model, with its first and second derivatives.

For row :math:`i` of transition :math:`k`, at risk over :math:`(t_0, t_1]` with event :math:`d`,

.. math:: \ell_i = w_i \{ d_i (\log h_0(t_1) + \eta_i) - e^{\eta_i}\,\Delta H_0(t_0, t_1) \}

and rows add (Andersen, Borgan, Gill and Keiding, 1993, Statistical Models Based on Counting
Processes, ch. VII). The dense part of the parameter holds coefficients, then levels of the walk;
frailties enter one row each, so their block of the information is diagonal and is kept apart.
Where a frailty is normal with a variance, :math:`e^{\eta}` is its mean, :math:`e^{\eta + v/2}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from detente.hazards.fitting.partial import (
    PartialTerms,
    partial_scores,
    partial_terms,
    risk_means,
    sum_by,
)
from detente.hazards.model.baselines import Shape
from detente.hazards.model.blocks import Block
from detente.hazards.model.design import Design
from detente.hazards.model.strata import Stratum

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Up to this many columns, sums of squares are faster row by row than by matrix products.
_NARROW = 40
# Rows whose squares are summed at once: they stay in the processor's cache.
_CHUNK, _LANES = 8192, 128
# Below this share of its second moment, the variance of a column over the risk sets is rounding.
_ROUNDING = 1e-13


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
    """What the sums over the rows of a block are made of, each ``(n,)``; Cox has no shape."""

    base: Shape | None
    risk: Floats
    mean: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The log-likelihood at a point and the terms of every block there."""

    value: float
    rows: tuple[RowTerms, ...]
    strata: tuple[PartialTerms, ...]


def evaluate(
    design: Design, dense: Floats, frailty: Floats, variance: Floats | float = 0.0
) -> Evaluation:
    """Log-likelihood, averaged over normal frailties; minus infinity where it overflows."""
    total = 0.0
    rows: dict[int, RowTerms] = {}
    strata: list[PartialTerms] = []
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for stratum in design.strata:
            eta = [_predictor(design.blocks[b], dense, frailty) for b in stratum.blocks]
            partial = partial_terms(design, stratum, eta)
            strata.append(partial)
            total += partial.value
            for b, risk, mean in zip(stratum.blocks, partial.risk, partial.mean, strict=True):
                rows[b] = RowTerms(None, risk, mean)
        for b, block in enumerate(design.blocks):
            if b not in rows:
                rows[b], log_intensity = _row_terms(block, dense, frailty, variance)
                gained = np.where(block.event > 0, log_intensity, 0.0)
                total += float(np.sum(block.weight * gained - rows[b].mean))
    in_order = tuple(rows[b] for b in range(len(design.blocks)))
    return Evaluation(total if np.isfinite(total) else -np.inf, in_order, tuple(strata))


def expected_events(
    design: Design, dense: Floats, frailty: Floats, variance: Floats | float = 0.0
) -> tuple[Floats, ...]:
    """Events expected in every row of each block (its cumulative intensity), ``(n,)`` each."""
    there = evaluate(design, dense, frailty, variance)
    return tuple(r.mean / b.weight for b, r in zip(design.blocks, there.rows, strict=True))


def derivatives(
    design: Design, dense: Floats, frailty: Floats, variance: Floats | float = 0.0
) -> Derivatives:
    """Log-likelihood with gradient and information, for given variances of the frailties."""
    return differentiate(design, evaluate(design, dense, frailty, variance))


def differentiate(design: Design, evaluation: Evaluation) -> Derivatives:
    """Gradient and information where the log-likelihood was evaluated."""
    a, v = design.dense, design.eliminated
    out = Derivatives(
        evaluation.value, np.zeros(a), np.zeros(v), np.zeros((a, a)), np.zeros((v, a)), np.zeros(v)
    )
    for block, terms in zip(design.blocks, evaluation.rows, strict=True):
        residual = block.weight * block.event - terms.mean
        _add_coefficients(out, block, terms, residual)
        _add_effects(out, block, terms, residual)
        if terms.base is not None and len(block.shapes):
            _add_shapes(out, block, terms.base, terms.risk)
        if block.frailty is not None:
            _add_frailty(out, block, terms, residual)
    for stratum, terms in zip(design.strata, evaluation.strata, strict=True):
        _take_off_means(out, design, stratum, terms)
    return out


def _take_off_means(
    out: Derivatives, design: Design, stratum: Stratum, terms: PartialTerms
) -> None:
    """Take off what the baseline, free at every event, explains of the covariates."""
    if not len(stratum.columns):
        return
    means = risk_means(design, stratum, terms)
    means *= np.sqrt(stratum.weight)[:, None]
    places = np.ix_(stratum.columns, stratum.columns)
    information = out.information[places]
    least = _ROUNDING * information.diagonal()
    information -= means.T @ means
    out.information[places] = information
    # What rounding leaves where a column does not vary within any risk set is no information.
    lost = stratum.columns[information.diagonal() < least]
    if len(lost):
        out.information[lost, :], out.information[:, lost] = 0.0, 0.0


def score_rows(
    design: Design, dense: Floats, frailty: Floats, variance: Floats | float = 0.0
) -> Iterator[tuple[Floats, Floats]]:
    """Scores of every row, block by block: dense part ``(n, a)``, frailty of its own ``(n,)``."""
    there = evaluate(design, dense, frailty, variance)
    free = {b: s for s, stratum in enumerate(design.strata) for b in stratum.blocks}
    for b, (block, terms) in enumerate(zip(design.blocks, there.rows, strict=True)):
        residual = block.weight * block.event - terms.mean
        scores = np.zeros((len(residual), design.dense))
        if b in free:
            stratum, partial = design.strata[free[b]], there.strata[free[b]]
            k = stratum.blocks.index(b)
            scores[:, stratum.columns] = partial_scores(design, stratum, partial, k)
            yield scores, residual
            continue
        scores[:, block.columns] = block.x * residual[:, None]
        for effect in block.effects:
            scores[np.arange(len(residual)), effect] += residual
        if terms.base is not None and len(block.shapes):
            gained = (block.weight * block.event)[:, None] * terms.base.d_log_hazard
            scores[:, block.shapes] = gained - terms.risk[:, None] * terms.base.d_cumulative
        yield scores, residual


def _predictor(block: Block, dense: Floats, frailty: Floats) -> Floats:
    eta = block.x @ dense[block.columns] + block.offset
    for effect in block.effects:
        eta += dense[effect]
    if block.frailty is not None:
        eta += frailty[block.frailty]
    return eta


def _row_terms(
    block: Block, dense: Floats, frailty: Floats, variance: Floats | float
) -> tuple[RowTerms, Floats]:
    """Terms of the rows of a parametric block, and the log intensity at their ends."""
    eta = _predictor(block, dense, frailty)
    base = block.baseline.evaluate(block.start, block.stop, dense[block.shapes])
    risk = block.weight * np.exp(eta)
    if block.frailty is not None:
        risk *= np.exp(0.5 * (np.zeros(len(frailty)) + variance))[block.frailty]
    return RowTerms(base, risk, risk * base.cumulative), base.log_hazard + eta


def _add_coefficients(out: Derivatives, block: Block, terms: RowTerms, residual: Floats) -> None:
    if not len(block.columns):
        return
    if len(block.columns) <= _NARROW:
        slope, square = _narrow_sums(block.x, residual, terms.mean)
    else:
        slope = block.x.T @ residual
        square = np.zeros((len(block.columns), len(block.columns)))
        for first in range(0, len(residual), _CHUNK):
            x = block.x[first : first + _CHUNK]
            square += x.T @ (x * terms.mean[first : first + _CHUNK, None])
    out.gradient[block.columns] += slope
    out.information[np.ix_(block.columns, block.columns)] += square


@nb.njit(nogil=True, error_model="numpy", cache=True, fastmath={"contract", "reassoc"})
def _narrow_sums(x: Floats, residual: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Sum ``residual * x`` ``(p,)`` and ``mean * x x'`` ``(p, p)`` over rows, in one pass.

    Columns of a few rows at a time lie side by side, so that the sums run in vector registers.
    """
    n, p = x.shape
    slope, square = np.zeros(p), np.zeros((p, p))
    part, scaled = np.empty((p, _LANES)), np.empty(_LANES)
    for first in range(0, n, _LANES):
        size = min(_LANES, n - first)
        for i in range(size):
            for j in range(p):
                part[j, i] = x[first + i, j]
        for j in range(p):
            total = 0.0
            for i in range(size):
                total += residual[first + i] * part[j, i]
                scaled[i] = mean[first + i] * part[j, i]
            slope[j] += total
            for k in range(j + 1):
                total = 0.0
                for i in range(size):
                    total += scaled[i] * part[k, i]
                square[j, k] += total
    for j in range(p):
        square[:j, j] = square[j, :j]
    return slope, square


def _add_effects(out: Derivatives, block: Block, terms: RowTerms, residual: Floats) -> None:
    """Add the terms of the levels that rows have: a walk, a joint frailty."""
    a = len(out.gradient)
    for k, effect in enumerate(block.effects):
        out.gradient[:] += np.bincount(effect, residual, a)
        here, level = _levels(effect)
        out.information[here, here] += np.bincount(level, terms.mean, len(here))
        _add_mixed(out, here, block.columns, sum_by(level, len(here), terms.mean, block.x))
        for other in block.effects[:k]:
            pairs = sparse.coo_array((terms.mean, (effect, other)), shape=(a, a)).toarray()
            out.information[:] += pairs + pairs.T


def _levels(effect: Ints) -> tuple[Ints, Ints]:
    """Places of an effect's levels, and the level of each row."""
    first = effect.min()
    return np.arange(first, effect.max() + 1), effect - first


def _add_shapes(out: Derivatives, block: Block, base: Shape, risk: Floats) -> None:
    """Add the terms of the baseline's shape parameters."""
    gained, places = block.weight * block.event, block.shapes
    slope = risk[:, None] * base.d_cumulative
    out.gradient[places] += gained @ base.d_log_hazard - slope.sum(axis=0)
    out.information[np.ix_(places, places)] += base.curvature(gained, risk)
    _add_mixed(out, places, block.columns, slope.T @ block.x)
    for effect in block.effects:
        here, level = _levels(effect)
        _add_mixed(out, here, places, sum_by(level, len(here), risk, base.d_cumulative))


def _add_mixed(out: Derivatives, rows: Ints, columns: Ints, mixed: Floats) -> None:
    out.information[np.ix_(rows, columns)] += mixed
    out.information[np.ix_(columns, rows)] += mixed.T


def _add_frailty(out: Derivatives, block: Block, terms: RowTerms, residual: Floats) -> None:
    assert block.frailty is not None
    levels = len(out.diagonal)
    out.frailty_gradient[:] += np.bincount(block.frailty, residual, levels)
    out.diagonal[:] += np.bincount(block.frailty, terms.mean, levels)
    out.cross[:, block.columns] += sum_by(block.frailty, levels, terms.mean, block.x)
    for effect in block.effects:
        here, level = _levels(effect)
        index = (block.frailty, level)
        pairs = sparse.coo_array((terms.mean, index), shape=(levels, len(here))).toarray()
        out.cross[:, here] += pairs
    if terms.base is not None and len(block.shapes):
        by_level = sum_by(block.frailty, levels, terms.risk, terms.base.d_cumulative)
        out.cross[:, block.shapes] += by_level
