r"""Smooth baselines: a penalised spline of the log hazard, a natural spline of its cumulation.

Both bend the hazard along the clock by several shape parameters and leave its level to the design.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numba as nb
import numpy as np
from numpy.typing import NDArray
from scipy.special import roots_legendre

from detente.core.errors import DataError, InputError
from detente.hazards.model.baselines import Bends, Scale, Shape, Uncut, check_scale

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Cubic B-splines on one piece, by powers of the place on it: row r is the r-th power.
_BASIS = np.array([[1, 4, 1, 0], [-3, 0, 3, 0], [3, -6, 3, 0], [-1, 3, -3, 1]]) / 6.0
_ORDER = 4
# Nodes of the quadrature on each piece.
_NODES = 12


@dataclass(frozen=True, slots=True)
class Spline(Uncut):
    r"""Penalised cubic spline of the log hazard over a function ``u`` of the clock.

    .. math:: \log h(t) = \eta + b u + \sum_j \beta_j \phi_j(u), \qquad \beta_j \sim N(0, \sigma^2)

    The :math:`\phi_j` are B-splines at equal distances in the directions of their second
    differences, so the prior is on those and leaves the straight line free (Eilers and Marx 1996,
    Statistical Science 11: 89-121): with ``smooth`` near zero this is the Gompertz hazard where
    ``u`` is the time, close to the Weibull where it is its logarithm. Outside ``span`` the hazard
    stays at its last value. Cumulative hazards are by Gauss's quadrature on each piece, with a
    relative error below 1e-10 unless the log hazard changes by more than ten over one piece.

    Parameters
    ----------
    pieces
        How many pieces of the clock, at least two; the prior keeps many from doing harm.
    smooth
        The standard deviation of second differences, ``"estimate"``, or ``None`` for no penalty.
    over
        ``"time"`` or ``"log time"``.
    span
        First and last time of the spline; ``None`` for those at risk (of events and exits, for
        the logarithm). A fit holds the one it used.
    """

    pieces: int = 8
    smooth: Scale | None = "estimate"
    over: Literal["time", "log time"] = "time"
    span: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Refuse too few pieces, an impossible span or standard deviation."""
        if self.pieces < 2:
            raise InputError(f"a spline needs at least 2 pieces, got {self.pieces}")
        if self.over not in ("time", "log time"):
            raise InputError(f'a spline runs over "time" or "log time", not {self.over!r}')
        if self.smooth is not None:
            check_scale("Spline.smooth", self.smooth)
        if self.span is not None:
            low, high = self.span
            if not self.earliest <= low < high < np.inf or (low == 0 and self.over == "log time"):
                raise InputError(f"the span of a spline over {self.over} cannot be {self.span}")

    @property
    def shape_names(self) -> tuple[str, ...]:
        """The slope of the straight line, then the bends."""
        return ("slope", *(f"bend[{j}]" for j in range(1, self.pieces + 2)))

    @property
    def earliest(self) -> float:
        """Zero for the logarithm, else any time."""
        return 0.0 if self.over == "log time" else -np.inf

    @property
    def bends(self) -> Bends | None:
        """All but the slope, if they have a prior."""
        return None if self.smooth is None else Bends(self.pieces + 1, self.smooth)

    def resolved(self, start: Floats, stop: Floats, event: Floats) -> Spline:
        """Spline with a span: the one given, or that of the intervals."""
        if self.span is not None:
            return self
        low = float(stop[event > 0].min() if self.over == "log time" else start.min())
        high = float(stop.max())
        if not low < high:
            raise DataError(f"a spline over {self.over} needs exits at more than one time")
        return replace(self, span=(low, high))

    def evaluate(self, start: Floats, stop: Floats, shape: Floats) -> Shape:
        """Evaluate over intervals ``(start, stop]``."""
        if self.span is None:
            raise InputError("give the spline its span: the table is not at hand here")
        first, last = self._axis(np.array(self.span))
        directions = _directions(self.pieces, first, last)
        coefficients = directions @ shape
        local = np.stack([_BASIS @ directions[j : j + _ORDER] for j in range(self.pieces)])
        powers = np.stack([_BASIS @ coefficients[j : j + _ORDER] for j in range(self.pieces)])
        whole = self._moments(np.arange(self.pieces), np.ones(self.pieces), powers)
        at_stop, at_start = (self._partial(t, powers) for t in (stop, start))
        return _spline_shape(local, powers, whole, (at_start, at_stop))

    def _axis(self, time: Floats) -> Floats:
        return np.log(time) if self.over == "log time" else time

    def _partial(self, time: Floats, powers: Floats) -> _Partial:
        """Integrals from the start of the piece where each time falls, with what is outside."""
        assert self.span is not None
        first, last = self._axis(np.array(self.span))
        inside = np.clip(time, *self.span)
        at = (self._axis(inside) - first) / (last - first) * self.pieces
        piece = np.clip(at.astype(np.int64), 0, self.pieces - 1)
        place = np.clip(at - piece, 0.0, 1.0)
        moments = self._moments(piece, place, powers)
        outside = np.flatnonzero(time != inside)
        constant = np.exp(_polynomial(powers[piece[outside]], place[outside]))
        constant *= time[outside] - inside[outside]
        moments[outside] += constant[:, None] * place[outside, None] ** np.arange(7)
        return _Partial(piece, place, moments)

    def _moments(self, piece: Ints, place: Floats, powers: Floats) -> Floats:
        """Integrals of powers 0 to 6 of the place times the hazard, up to ``place``, ``(n, 7)``."""
        assert self.span is not None
        first, last = self._axis(np.array(self.span))
        width = (last - first) / self.pieces
        # The measure along the axis: time itself, or its logarithm with its own exponential.
        tilt = np.array([first, width]) if self.over == "log time" else np.zeros(2)
        return _moments(piece, place, powers, width, tilt, *_quadrature())


@dataclass(frozen=True, slots=True, eq=False)
class _Partial:
    """Where times fall ``(n,)`` and the moments of the hazard up to there ``(n, 7)``."""

    piece: Ints
    place: Floats
    moments: Floats


def _quadrature() -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre on the unit interval."""
    nodes, weights = roots_legendre(_NODES)
    return 0.5 * (nodes + 1.0), 0.5 * weights


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _moments(
    piece: Ints,
    place: Floats,
    powers: Floats,
    width: float,
    tilt: Floats,
    nodes: Floats,
    weights: Floats,
) -> Floats:
    """Integrals of powers 0 to 6 of the place times the hazard, ``(n, 7)``."""
    out = np.zeros((len(place), 7))
    for i in range(len(place)):
        j, end = piece[i], place[i]
        for q in range(len(nodes)):
            at = nodes[q] * end
            log_hazard = powers[j, 0] + at * (
                powers[j, 1] + at * (powers[j, 2] + at * powers[j, 3])
            )
            log_hazard += tilt[0] + tilt[1] * (j + at)
            term = weights[q] * width * end * np.exp(log_hazard)
            for power in range(7):
                out[i, power] += term
                term *= at
    return out


@nb.njit(nogil=True, error_model="numpy", cache=True)
def _add_rows(out: Floats, piece: Ints, x: Floats, local: Floats, sign: float) -> None:
    """Add ``x`` ``(n, r)`` times the matrix of each row's piece ``(r, k)`` to ``out``."""
    for i in range(len(piece)):
        for r in range(local.shape[1]):
            factor = sign * x[i, r]
            for k in range(local.shape[2]):
                out[i, k] += factor * local[piece[i], r, k]


def _polynomial(powers: Floats, at: Floats) -> Floats:
    return powers[:, 0] + at * (powers[:, 1] + at * (powers[:, 2] + at * powers[:, 3]))


def _directions(pieces: int, first: float, last: float) -> Floats:
    """Coefficients of the B-splines for a unit of slope and of each bend, ``(pieces + 3, k)``."""
    count = pieces + _ORDER - 1
    line = first + (last - first) / pieces * (np.arange(count) - 1.0)
    second = np.diff(np.eye(count), 2, axis=0)
    # The smallest coefficients for given second differences, which the bends are.
    bends = second.T @ np.linalg.inv(second @ second.T)
    return np.column_stack([line, bends]).astype(np.float64)


def _spline_shape(
    local: Floats, powers: Floats, whole: Floats, ends: tuple[_Partial, _Partial]
) -> Shape:
    """Assemble hazards and derivatives from the moments on the pieces."""
    pieces, k = len(local), local.shape[2]
    slopes = np.einsum("jr,jrk->jk", whole[:, :_ORDER], local)
    before = np.concatenate([[0.0], np.cumsum(whole[:, 0])])
    slope_before = np.concatenate([np.zeros((1, k)), np.cumsum(slopes, axis=0)])
    cumulative, slope = np.zeros(len(ends[0].piece)), np.zeros((len(ends[0].piece), k))
    for end, sign in zip(ends, (-1.0, 1.0), strict=True):
        cumulative += sign * (before[end.piece] + end.moments[:, 0])
        slope += sign * slope_before[end.piece]
        _add_rows(slope, end.piece, end.moments[:, :_ORDER], local, sign)
    stop = ends[1]
    d_log_hazard = np.zeros_like(slope)
    _add_rows(d_log_hazard, stop.piece, stop.place[:, None] ** np.arange(_ORDER), local, 1.0)

    def curvature(gained: Floats, risk: Floats) -> Floats:
        moments = np.zeros_like(whole)
        for end, sign in zip(ends, (-1.0, 1.0), strict=True):
            past = np.bincount(end.piece, sign * risk, pieces)
            moments += (past[::-1].cumsum()[::-1] - past)[:, None] * whole
            for power in range(7):
                weight = sign * risk * end.moments[:, power]
                moments[:, power] += np.bincount(end.piece, weight, pieces)
        hankel = moments[:, np.add.outer(np.arange(_ORDER), np.arange(_ORDER))]
        return np.einsum("jrk,jrs,jsl->kl", local, hankel, local)

    log_hazard = _polynomial(powers[stop.piece], stop.place)
    return Shape(log_hazard, d_log_hazard, cumulative, slope, curvature)
