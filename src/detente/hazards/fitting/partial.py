r"""Cox's partial likelihood, as a likelihood whose baseline is free at each event.

With :math:`r_i = w_i e^{\eta_i}` and :math:`S(t)` their sum over those at risk, Breslow's estimate
of the baseline is :math:`dH(t) = \sum w d / S(t)`, and the gradient is that of the full likelihood
at it, :math:`\sum_i x_i (w_i d_i - r_i \int dH)`. The information is that of the full likelihood
less :math:`\sum_t w_t\,\bar x_t \bar x_t'`, with :math:`\bar x_t` the mean of :math:`x` over the
risk set weighted by :math:`r`. Efron's form has a term for each tied event, with a growing share
of the tied left out of the risk set (Cox 1972, JRSS B 34: 187-220; Breslow 1974, Biometrics 30:
89-99; Efron 1977, JASA 72: 557-565; Therneau and Grambsch 2000, Modeling Survival Data, ch. 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from detente.hazards.model.blocks import Block
from detente.hazards.model.design import Design
from detente.hazards.model.strata import Places, Stratum

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PartialTerms:
    """A stratum at a point: logs are relative to ``shift``.

    ``jump`` ``(m,)`` are the increments of the baseline, ``jump_tied`` ``(m,)`` the part of them
    that those with an event at the time are spared; ``denominator`` ``(s,)`` is the sum of the
    risks of each term. ``risk`` has the risks of each block.
    """

    value: float
    shift: float
    risk: tuple[Floats, ...]
    mean: tuple[Floats, ...]
    denominator: Floats
    jump: Floats
    jump_tied: Floats


def sum_by(index: Ints, levels: int, weight: Floats, x: Floats) -> Floats:
    """Weighted sums of the rows of ``x`` by level, ``(levels, p)``."""
    sums = np.zeros((levels, x.shape[1]))
    _add_rows(index, weight, x, sums)
    return sums


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _add_rows(index: Ints, weight: Floats, x: Floats, sums: Floats) -> None:
    """Add the rows of ``x`` ``(n, p)`` to those of ``sums`` that they belong to."""
    n, p = x.shape
    for i in range(n):
        for j in range(p):
            sums[index[i], j] += weight[i] * x[i, j]


def total_by(index: Ints, levels: int, weight: Floats) -> Floats:
    """Sums of weights by level, ``(levels,)``."""
    return np.bincount(index, weight, levels).astype(np.float64, copy=False)


def partial_terms(design: Design, stratum: Stratum, eta: list[Floats]) -> PartialTerms:
    """Partial log-likelihood of a stratum and the events that each row is expected to have."""
    blocks = [design.blocks[b] for b in stratum.blocks]
    shift = max(float(e.max()) for e in eta)
    m = len(stratum.times)
    sums, tied = np.zeros(m), np.zeros(m)
    risks: list[Floats] = []
    value = 0.0
    for k, (block, e) in enumerate(zip(blocks, eta, strict=True)):
        first, last, happened = stratum.first[k], stratum.last[k], stratum.happened[k]
        e -= shift
        risk = block.weight * np.exp(e)
        _enter(risk, first, last, stratum.opens, sums)
        value += float(block.weight[happened] @ e[happened])
        if stratum.ties == "efron":
            tied += np.bincount(last[happened] - 1, risk[happened], m)
        risks.append(risk)
    denominator, jump, jump_tied, before, upto = _increments(
        sums,
        tied,
        stratum.closes,
        stratum.opens,
        stratum.time_of,
        stratum.share,
        stratum.weight,
    )
    if not denominator.min() > 0:
        value = -np.inf
    value -= float(stratum.weight @ np.log(denominator))
    means: list[Floats] = []
    for block, risk, first, last in zip(blocks, risks, stratum.first, stratum.last, strict=True):
        means.append(_expected(risk, block.event, first, last, before, upto, jump_tied))
    return PartialTerms(value, shift, tuple(risks), tuple(means), denominator, jump, jump_tied)


def risk_means(design: Design, stratum: Stratum, terms: PartialTerms) -> Floats:
    """Mean of every column over the risk set of each term, weighted by the risks, ``(s, q)``."""
    m, q = len(stratum.times), len(stratum.columns)
    sums = np.zeros((m, q))
    tied = np.zeros((m, q)) if stratum.ties == "efron" else None
    for k, b in enumerate(stratum.blocks):
        block, risk = design.blocks[b], terms.risk[k]
        first, last, local = stratum.first[k], stratum.last[k], stratum.local[k]
        _enter_rows(block.x, risk, first, last, stratum.opens, local, sums)
        places = [np.searchsorted(stratum.columns, e) for e in block.effects]
        for place in places:
            _enter_levels(place, risk, first, last, stratum.opens, sums)
        if tied is not None:
            rows = np.flatnonzero(block.event)
            at = last[rows].astype(np.int64) - 1
            tied[:, local] += sum_by(at, m, risk[rows], block.x[rows])
            for place in places:
                np.add.at(tied, (at, place[rows]), risk[rows])
    _sum_back_rows(sums, stratum.closes)
    if tied is None:
        sums /= terms.denominator[:, None]
        return sums
    left_out = stratum.share[:, None] * tied[stratum.time_of]
    return (sums[stratum.time_of] - left_out) / terms.denominator[:, None]


def partial_scores(design: Design, stratum: Stratum, terms: PartialTerms, k: int) -> Floats:
    r"""Scores of the rows of the stratum's block ``k`` for all of its columns, ``(n, q)``.

    The integral of :math:`x_i - \bar x_t` by each row's residual; they sum to the gradient.
    """
    block: Block = design.blocks[stratum.blocks[k]]
    m = len(stratum.times)
    means = risk_means(design, stratum, terms)
    each = stratum.weight / terms.denominator
    share = 1.0 / np.bincount(stratum.time_of, minlength=m)[stratum.time_of]
    drift = sum_by(stratum.time_of, m, each, means)
    spared = sum_by(stratum.time_of, m, each * stratum.share, means)
    centre = sum_by(stratum.time_of, m, share, means)
    starts = np.flatnonzero(stratum.opens)
    upto = np.cumsum(drift, axis=0)
    base = np.where(starts > 0, 1.0, 0.0)[:, None] * upto[starts - 1]
    level = np.cumsum(stratum.opens) - 1
    upto -= base[level]
    before = upto - drift
    first, last = stratum.first[k], stratum.last[k]
    risk, mean = terms.risk[k], terms.mean[k]
    residual = block.weight * block.event - mean
    scores = np.zeros((len(risk), len(stratum.columns)))
    scores[:, stratum.local[k]] = block.x * residual[:, None]
    for effect in block.effects:
        scores[np.arange(len(risk)), np.searchsorted(stratum.columns, effect)] += residual
    ever = np.flatnonzero(first < last)
    scores[ever] += risk[ever, None] * (upto[last[ever] - 1] - before[first[ever]])
    rows = np.flatnonzero(block.event)
    at = last[rows] - 1
    scores[rows] -= block.weight[rows, None] * centre[at] + risk[rows, None] * spared[at]
    return scores


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _enter(
    risk: Floats, first: Places, last: Places, opens: NDArray[np.bool_], sums: Floats
) -> None:
    """Add each row where it leaves the risk set and take it off where it comes, going back."""
    for i in range(len(risk)):
        if first[i] < last[i]:
            sums[last[i] - 1] += risk[i]
            if not opens[first[i]]:
                sums[first[i] - 1] -= risk[i]


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _enter_rows(
    x: Floats,
    risk: Floats,
    first: Places,
    last: Places,
    opens: NDArray[np.bool_],
    local: Ints,
    sums: Floats,
) -> None:
    """The same for the rows of ``x``, ``(n, p)``, into ``sums``, ``(m, q)``."""
    p = x.shape[1]
    for i in range(len(risk)):
        if first[i] < last[i]:
            k = last[i] - 1
            for j in range(p):
                sums[k, local[j]] += risk[i] * x[i, j]
            if not opens[first[i]]:
                k = first[i] - 1
                for j in range(p):
                    sums[k, local[j]] -= risk[i] * x[i, j]


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _enter_levels(
    place: Ints, risk: Floats, first: Places, last: Places, opens: NDArray[np.bool_], sums: Floats
) -> None:
    """The same for indicators of levels."""
    for i in range(len(risk)):
        if first[i] < last[i]:
            sums[last[i] - 1, place[i]] += risk[i]
            if not opens[first[i]]:
                sums[first[i] - 1, place[i]] -= risk[i]


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _sum_back(sums: Floats, closes: NDArray[np.bool_]) -> None:
    """Sum from the last time back, level by level; what rounding drops is carried along."""
    total, lost = 0.0, 0.0
    for k in range(len(sums) - 1, -1, -1):
        if closes[k]:
            total, lost = 0.0, 0.0
        fresh = total + sums[k]
        if abs(total) >= abs(sums[k]):
            lost += (total - fresh) + sums[k]
        else:
            lost += (sums[k] - fresh) + total
        total = fresh
        sums[k] = total + lost


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _sum_back_rows(sums: Floats, closes: NDArray[np.bool_]) -> None:
    """The same for rows of ``sums``, ``(m, q)``."""
    m, q = sums.shape
    total, lost = np.zeros(q), np.zeros(q)
    for k in range(m - 1, -1, -1):
        if closes[k]:
            total[:] = 0.0
            lost[:] = 0.0
        for j in range(q):
            one = sums[k, j]
            fresh = total[j] + one
            if abs(total[j]) >= abs(one):
                lost[j] += (total[j] - fresh) + one
            else:
                lost[j] += (one - fresh) + total[j]
            total[j] = fresh
            sums[k, j] = fresh + lost[j]


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _increments(
    sums: Floats,
    tied: Floats,
    closes: NDArray[np.bool_],
    opens: NDArray[np.bool_],
    time_of: Ints,
    share: Floats,
    weight: Floats,
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Denominator of each term, jumps of each time, spared ones, their sums before and up to it."""
    m = len(sums)
    _sum_back(sums, closes)
    denominator = np.empty(len(time_of))
    jump, jump_tied, before, upto = np.zeros(m), np.zeros(m), np.empty(m), np.empty(m)
    for i in range(len(time_of)):
        k = time_of[i]
        denominator[i] = sums[k] - share[i] * tied[k]
        each = weight[i] / denominator[i]
        jump[k] += each
        jump_tied[k] += each * share[i]
    total = 0.0
    for k in range(m):
        if opens[k]:
            total = 0.0
        before[k] = total
        total += jump[k]
        upto[k] = total
    return denominator, jump, jump_tied, before, upto


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _expected(
    risk: Floats,
    event: Floats,
    first: Places,
    last: Places,
    before: Floats,
    upto: Floats,
    jump_tied: Floats,
) -> Floats:
    mean = np.zeros(len(risk))
    for i in range(len(risk)):
        if first[i] < last[i]:
            grown = upto[last[i] - 1] - before[first[i]]
            if event[i] > 0:
                grown -= jump_tied[last[i] - 1]
            mean[i] = risk[i] * grown
    return mean
