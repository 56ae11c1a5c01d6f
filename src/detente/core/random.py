"""Counter-based random streams: the same key gives the same bits, in any order, on any machine.

Philox 4x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
SC'11) maps a 128-bit counter and a 64-bit key to 128 bits.  A number is looked up by what it is
*for*, never drawn in sequence, so nothing depends on threads, chunks or what else is simulated.

Names enter a key by a hash of their text (`name_key`), so a unit keeps its noise when others come
or go.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from detente.core.errors import InputError

__all__ = ["combine_keys", "generator", "name_key", "philox4x32", "stream_key"]

_MASK = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_ROUNDS = 10


@nb.njit(nogil=True, forceinline=True, cache=True)
def philox_words(  # pyright: ignore[reportUnknownParameterType]
    c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any
) -> Any:
    """Four 32-bit words (as uint64) of Philox 4x32-10; every argument a uint64 below 2**32."""
    for _ in range(_ROUNDS):
        p0 = _MULTIPLIER_0 * c0
        p1 = _MULTIPLIER_1 * c2
        c0 = (p1 >> _HALF) ^ c1 ^ k0
        c2 = (p0 >> _HALF) ^ c3 ^ k1
        c1 = p1 & _MASK
        c3 = p0 & _MASK
        k0 = (k0 + _WEYL_0) & _MASK
        k1 = (k1 + _WEYL_1) & _MASK
    return c0, c1, c2, c3


@nb.njit(nogil=True, cache=True)
def _philox_rows(counters: Any, keys: Any, out: Any) -> None:
    """Fill out (n, 4) from counters (n, 4) and keys (n, 2), all uint64."""
    for i in range(counters.shape[0]):
        words = philox_words(
            counters[i, 0], counters[i, 1], counters[i, 2], counters[i, 3], keys[i, 0], keys[i, 1]
        )
        for j in range(4):
            out[i, j] = words[j]


def philox4x32(counter: npt.ArrayLike, key: npt.ArrayLike) -> npt.NDArray[np.uint32]:
    """Philox 4x32-10 of counters under keys.

    Parameters
    ----------
    counter
        32-bit words, shape (..., 4), least significant first.
    key
        32-bit words, shape (..., 2), broadcast against `counter`.

    Returns
    -------
    Words of shape (..., 4).

    Raises
    ------
    InputError
        When the last axes are not 4 and 2.

    Examples
    --------
    >>> [hex(int(word)) for word in philox4x32([0, 0, 0, 0], [0, 0])]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    counters = np.asarray(counter, dtype=np.uint32).astype(np.uint64)
    keys = np.asarray(key, dtype=np.uint32).astype(np.uint64)
    if counters.ndim == 0 or counters.shape[-1] != 4 or keys.ndim == 0 or keys.shape[-1] != 2:
        raise InputError(
            f"philox4x32 needs counters (..., 4) and keys (..., 2); got {counters.shape} and "
            f"{keys.shape}"
        )
    lead = np.broadcast_shapes(counters.shape[:-1], keys.shape[:-1])
    flat = np.ascontiguousarray(np.broadcast_to(counters, (*lead, 4))).reshape(-1, 4)
    flat_keys = np.ascontiguousarray(np.broadcast_to(keys, (*lead, 2))).reshape(-1, 2)
    out = np.empty_like(flat)
    _philox_rows(flat, flat_keys, out)
    return out.astype(np.uint32).reshape(*lead, 4)


@functools.cache
def name_key(name: str) -> int:
    """Key of 64 bits for a name: BLAKE2b of its UTF-8 text.

    Examples
    --------
    >>> name_key("2-365") == name_key("2-365"), name_key("2-365") == name_key("2-366")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def stream_key(seed: int, *parts: int | str) -> int:
    """Key of 64 bits for a seed and what the stream is for.

    Parameters
    ----------
    seed
        Any integer of at most 64 bits, not negative.
    parts
        Integers or names; their order and type count, so ("1", 2) is not (1, 2).

    Raises
    ------
    InputError
        When the seed is negative or longer than 64 bits.

    Examples
    --------
    >>> stream_key(7, "draw", 0) == stream_key(7, "draw", 1)
    False
    """
    if not 0 <= seed < 2**64:
        raise InputError(f"a seed is an integer from 0 to 2**64 - 1, not {seed}")
    text = "\x1f".join([f"i{seed}", *(f"{type(part).__name__[0]}{part}" for part in parts)])
    return name_key(text)


def combine_keys(
    key: int, rows: npt.NDArray[np.uint64], columns: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    """Keys of 64 bits for every pair of a row key and a column key, under one key.

    Parameters
    ----------
    key
        64 bits, as `stream_key` returns.
    rows, columns
        64-bit keys, shapes (n,) and (m,).

    Returns
    -------
    Keys of shape (n, m): the first 64 bits of Philox on the counter (row, column).
    """
    counter = np.empty((rows.size, columns.size, 4), np.uint64)
    counter[..., 0], counter[..., 1] = (rows & _MASK)[:, None], (rows >> _HALF)[:, None]
    counter[..., 2], counter[..., 3] = columns & _MASK, columns >> _HALF
    words = philox4x32(counter, [key & 0xFFFFFFFF, key >> 32]).astype(np.uint64)
    return words[..., 0] | (words[..., 1] << _HALF)


def generator(seed: int, *parts: int | str) -> np.random.Generator:
    """NumPy generator for a seed and what it is for, independent of every other use.

    Examples
    --------
    >>> a, b = generator(7, "walk", 3), generator(7, "walk", 3)
    >>> bool(a.standard_normal() == b.standard_normal())
    True
    """
    return np.random.Generator(np.random.Philox(key=stream_key(seed, *parts)))
