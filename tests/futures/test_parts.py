"""The compiled loop is cached by its own file's text, so that must change with its parts."""

from __future__ import annotations

import hashlib
from pathlib import Path

from detente.core import random
from detente.futures import kernel

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
