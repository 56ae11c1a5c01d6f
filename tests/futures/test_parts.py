"""How the loop is compiled and cached, and its arithmetic."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numba as nb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.core import random
from detente.futures import kernel
from detente.futures.parts import Compiler
from detente.futures.points import log_floor

INLINED = "arrays counting intensity pages parts points search starting units"


def test_a_change_of_a_part_makes_cached_loops_stale():
    folder = Path(kernel.__file__).parent
    files = [*(folder / f"{name}.py" for name in INLINED.split()), Path(random.__file__)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    assert digest == kernel.PARTS, f'write PARTS = "{digest}" in {kernel.__file__}'


def test_every_file_that_the_loop_inlines_is_in_the_digest():
    folder = Path(kernel.__file__).parent
    parts = {path.stem for path in folder.glob("*.py") if "@part" in path.read_text()}
    assert parts <= {*INLINED.split()}


@pytest.mark.parametrize("wrap", [True, False])
def test_indices_of_parts_count_from_zero(wrap):
    options = {} if wrap else {"pipeline_class": Compiler}

    @nb.njit(boundscheck=True, **options)
    def add(table, i, j):
        table[i, j] += 1.0
        table[:, j] *= 2.0
        return table[i, j]

    assert add(np.ones((2, 3)), 1, 2) == 4.0
    if wrap:
        assert add(np.ones((2, 3)), 1, -1) == 4.0
    else:
        with pytest.raises(IndexError):
            add(np.ones((2, 3)), 1, -1)


@given(st.floats(1e-300, 1e300))
def test_the_floor_of_a_logarithm_is_below_it_and_near(x):
    assert math.log(x) - 0.06 <= log_floor(x) <= math.log(x) + 1e-12
