"""Sums of products in a fixed order.

BLAS and ``einsum`` add in an order, and with fused steps, that the processor decides: the last
digit of a product then differs from machine to machine, and so would a file.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detente.core.errors import InputError

__all__ = ["dot"]

Floats = npt.NDArray[np.float64]


def dot(a: Floats, x: Floats) -> Floats:
    """Sum of products along the last axis, term after term: the same bits on any machine.

    Parameters
    ----------
    a
        Shape (..., n).
    x
        Shape (n,).

    Returns
    -------
    Shape (...).

    Raises
    ------
    InputError
        If the last axis of ``a`` is not as long as ``x``: one term is never spread over several.

    Examples
    --------
    >>> dot(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([10.0, 1.0]))
    array([12., 34.])
    """
    if x.shape != a.shape[-1:]:
        raise InputError(f"terms of shape {a.shape} and weights of shape {x.shape} do not match")
    if not len(x):
        return np.zeros(a.shape[:-1])
    return np.cumsum(a * x, axis=-1)[..., -1]
