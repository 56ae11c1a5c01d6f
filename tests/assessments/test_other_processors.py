"""Other processors, by switching off what this one can: the same file, and fits that converge.

NumPy, OpenBLAS, numba and glibc choose their code by what a processor offers, and the last digit of
a number with it. Each can be told to take an older processor's.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN: dict[str, str] = {}
OLD = {
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    "NUMBA_CPU_NAME": "nehalem",
    "NUMBA_CPU_FEATURES": "",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F,-FMA4",
}
OTHER = {
    "OPENBLAS_CORETYPE": "Zen",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "NUMBA_CPU_NAME": "znver3",
    "NUMBA_CPU_FEATURES": "",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        platform.machine() != "x86_64" or sys.platform != "linux",
        reason="the switches are those of x86-64 and Linux",
    ),
]


def _run(
    processor: dict[str, str], *arguments: str, cache: Path
) -> subprocess.CompletedProcess[str]:
    own = {**os.environ, **processor, "NUMBA_CACHE_DIR": str(cache), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, *arguments], env=own, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_an_assessment_is_the_same_bytes(tmp_path: Path) -> None:
    script = "import sys; from detente.cli import main; sys.argv[0] = 'detente'; main()"
    few = ("assess", "alaska-2025", "--draws", "40", "--futures", "50", "--json")
    own, old, other = (
        _run(processor, "-c", script, *few, cache=tmp_path / str(i))
        for i, processor in enumerate((OWN, OLD, OTHER))
    )
    assert len(own) > 100_000
    assert own == old
    assert own == other


def test_fits_converge_and_agree(tmp_path: Path) -> None:
    quiet = ("-q", "-p", "no:cacheprovider", "tests/hazards")
    assert "passed" in _run(OLD, "-m", "pytest", *quiet, cache=tmp_path)
