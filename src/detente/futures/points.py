"""Points of a channel's Poisson measure, looked up by band, cell and index.

Band b of a channel holds the marks [top 4^(b-1), top 4^b) (the first one [0, top)) and cuts time
into cells of length L 4^-b.  In a cell the points come in increasing order of mark, the gaps being
exponential with rate the length of the cell, and each point is uniform in time.  One call of
Philox gives two points: gap, time, gap, time.

The logarithm and the exponential are our own (Tang 1990, "Table-driven implementation of the
logarithm function", and Cody and Waite 1980, in their table-free forms): they need additions,
multiplications and one division, so compilers vectorise them and every machine gives the same bits.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from detente.core.random import philox_words

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_LOG2_E = 1.4426950408889634
_ROUND = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer, kept in the low bits
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_ONE_BITS = 0x3FF0000000000000
_FRACTION = np.int64(0x000FFFFFFFFFFFFF)
_EXPONENT_52 = np.uint64(0x4330000000000000)
_TWO_52 = 4503599627370496.0
_UNIT = 1.0 / 4294967296.0
BAND = np.uint64(16)
LOW = np.uint64(0xFFFFFFFF)
HIGH = np.uint64(32)
_NONE = np.int64(1 << 62)
_INCLUSIVE = 1.0 - 1e-9  # a bound is met by a mark that rounding puts on it


CELL_POINTS = 0.5
"""Points of unit pace in a cell of the first band: cells are this many years over the pace."""
FIRST_BAND = 4.0
"""Upper edge of the first band, in units of the channel's pace."""


@intrinsic
def _to_bits(typing_context: Any, x: Any) -> Any:
    """The bits of a float64 as an int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _from_bits(typing_context: Any, x: Any) -> Any:
    """The float64 with the bits of an int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@nb.njit(nogil=True, forceinline=True, error_model="numpy", cache=True)
def log(x: Any) -> Any:
    """Natural logarithm of a positive, normal float64, to 1 unit in the last place."""
    bits = _to_bits(x) + np.int64(_ONE_BITS - _SQRT_HALF_BITS)  # pyright: ignore[reportCallIssue]
    k = np.float64((bits >> np.int64(52)) - np.int64(1023))
    f = _from_bits((bits & _FRACTION) + np.int64(_SQRT_HALF_BITS)) - 1.0  # pyright: ignore[reportCallIssue]
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = w * (0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332))
    even = z * (
        0.6666666666666735130
        + w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591))
    )
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + (odd + even)) + k * _LN2_LOW)) - f)


@nb.njit(nogil=True, forceinline=True, error_model="numpy", cache=True)
def exp(x: Any) -> Any:
    """Exponential, to 1 unit in the last place; arguments are clipped to [-700, 700]."""
    x = x if x > -700.0 else -700.0
    x = x if x < 700.0 else 700.0
    n = (x * _LOG2_E + _ROUND) - _ROUND
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    a = 0.5 + r * (1.0 / 6.0) + r2 * (1.0 / 24.0 + r * (1.0 / 120.0))
    b = 1.0 / 720.0 + r * (1.0 / 5040.0) + r2 * (1.0 / 40320.0 + r * (1.0 / 362880.0))
    c = 1.0 / 3628800.0 + r * (1.0 / 39916800.0)
    c += r2 * (1.0 / 479001600.0 + r * (1.0 / 6227020800.0))
    p = 1.0 + (r + r2 * (a + r4 * (b + r4 * c)))
    return p * _from_bits((_to_bits(n + _ROUND) << np.int64(52)) + np.int64(_ONE_BITS))  # pyright: ignore[reportCallIssue]


@nb.njit(nogil=True, forceinline=True, error_model="numpy", cache=True)
def uniform(word: Any) -> Any:
    """A 32-bit word as (word + 1/2) / 2^32, inside (0, 1)."""
    return (_from_bits(np.int64(word | _EXPONENT_52)) - (_TWO_52 - 0.5)) * _UNIT  # pyright: ignore[reportCallIssue]


@nb.njit(nogil=True, error_model="numpy", cache=True)
def more_points(
    k0: Any,
    k1: Any,
    future: Any,
    number: Any,
    cell: Any,
    least: Any,
    t: Any,
    product: Any,
    found: Any,
    chance: Any,
    band: Any,
) -> Any:
    """First point after t of a cell, and its product, given its first two points' (found, chance).

    `product` is that of the first two gaps; a product below `least` ends the cell.
    """
    index = np.uint64(1)
    while product >= least:
        w0, w1, w2, w3 = philox_words(
            future, (band << BAND) | index, number & LOW, number >> HIGH, k0, k1
        )
        product *= uniform(w0)
        x = (np.float64(np.int64(number)) + uniform(w1)) * cell
        if product >= least and t < x < found:
            found, chance = x, product
        product *= uniform(w2)
        x = (np.float64(np.int64(number)) + uniform(w3)) * cell
        if product >= least and t < x < found:
            found, chance = x, product
        index += np.uint64(1)
    return found, chance


@nb.njit(nogil=True, error_model="numpy", cache=True)
def next_point(
    k0: Any,
    k1: Any,
    future: Any,
    cell: Any,
    top: Any,
    cap: Any,
    t: Any,
    end: Any,
    lanes: Any,
    product: Any,
) -> Any:
    """Time and mark of the first point in (t, end) with mark <= cap; infinity where there is none.

    Eight cells are looked up at once.  With gaps -log u, the n-th mark of a cell is at most m where
    u_1 ... u_n >= exp(-m), so the products stand for the marks and one logarithm is taken, of the
    point found.  `lanes` is 8 (not a constant, so that the loop is vectorised, not unrolled) and
    `product` scratch of shape (16,).
    """
    best, mark, low = np.inf, 0.0, 0.0
    band = np.uint64(0)
    while low < cap:
        full = exp(-(top - low) * cell)
        least = full
        if cap < top:
            least = max(full, exp(-(cap - low) * cell) * _INCLUSIVE)
        inverse = 1.0 / cell
        number = np.int64(math.floor(t * inverse))
        while number * cell < min(best, end):
            first = _NONE
            open_lane = _NONE
            for i in range(lanes):
                lane = np.int64(i)
                w0, w1, w2, w3 = philox_words(
                    future,
                    band << BAND,
                    np.uint64(number + lane) & LOW,
                    np.uint64(number + lane) >> HIGH,
                    k0,
                    k1,
                )
                p0 = uniform(w0)
                p1 = p0 * uniform(w2)
                product[i] = p0
                product[8 + i] = p1
                left = np.float64(number + lane)
                code = (lane << np.int64(33)) | np.int64(w1 << np.uint64(1))
                late = (left + uniform(w1)) * cell > t
                first = min(first, code if (p0 >= least) & late else _NONE)
                code = (lane << np.int64(33)) | np.int64(w3 << np.uint64(1)) | np.int64(1)
                late = (left + uniform(w3)) * cell > t
                first = min(first, code if (p1 >= least) & late else _NONE)
                open_lane = min(open_lane, lane if p1 >= least else _NONE)
            found, chance = np.inf, 1.0
            if first < _NONE:
                lane = first >> np.int64(33)
                w1 = np.uint64(first >> np.int64(1)) & LOW
                found = (np.float64(number + lane) + uniform(w1)) * cell
                chance = product[lane + ((first & np.int64(1)) << np.int64(3))]
            # Cells with more than two points, up to the one that holds the point found.
            while open_lane < lanes and (number + open_lane) * cell < found:
                found, chance = more_points(
                    k0,
                    k1,
                    future,
                    np.uint64(number + open_lane),
                    cell,
                    least,
                    t,
                    product[8 + open_lane],
                    found,
                    chance,
                    band,
                )
                open_lane += 1
            if found < best:
                best, mark = found, low - log(chance) * inverse
            number += lanes
        low = top
        top *= 4.0
        cell *= 0.25
        band += np.uint64(1)
    if best >= end:
        best = np.inf
    return best, mark
