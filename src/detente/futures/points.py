"""Points of a channel's Poisson measure, looked up by band, block and index.

Band b of a channel holds the marks [top 4^(b-1), top 4^b) (the first one [0, top)) and cuts time
into blocks of length L 4^-b.  In a block the points come in order of time: gaps are exponential
(the first from the start of the block), marks uniform in the band, and what lies past the end of
the block is dropped.  One call of Philox gives two points: gap, mark, gap, mark.

The logarithm and the exponential are our own (Tang 1990, "Table-driven implementation of the
logarithm function", and Cody and Waite 1980, in their table-free forms): they need additions,
multiplications and one division, so compilers vectorise them and every machine gives the same bits.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_LN2_BIT = (_LN2_HIGH + _LN2_LOW) * 2.0**-52
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


BLOCK_POINTS = 8.0
"""Expected points in a block of the first band (of the others, three quarters as many)."""
PAGE = 8
"""Points that are looked up at once."""
FIRST_BAND = 2.0
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
def log_floor(x: Any) -> Any:
    """A number between log(x) - 0.06 and, to rounding, log(x): chords between powers of two."""
    return np.float64(_to_bits(x) - np.int64(_ONE_BITS)) * _LN2_BIT  # pyright: ignore[reportCallIssue]


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
