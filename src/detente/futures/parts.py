"""How the parts of the event loop are compiled."""

from __future__ import annotations

from typing import Any

import numba as nb

part: Any = nb.njit(  # pyright: ignore[reportCallIssue]  (its types leave two options out)
    nogil=True,
    forceinline=True,
    error_model="numpy",
    _nrt=False,
    no_cpython_wrapper=True,
    no_cfunc_wrapper=True,
)
"""A part of the loop: inlined where it is called, with no reference counts.

Its code lies in the cached loop, and numba looks at the loop's own file to see whether that is
stale: so ``kernel.PARTS`` names the parts' text, and a test says what it must be.
"""
