"""The script that every change must pass, with a stand-in for ``make``."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parents[1] / ".ci" / "run"
_CLOSING = "===== 7 passed in 2.00s ====="
_MAKE = """#!/usr/bin/env bash
if [ "$1" = check ]; then echo "{closing}"; exit 0; fi
trap 'printf "%b" "{after}"; exit 2' INT
printf "%b" "{during}"
[ "{code}" = late ] || exit "{code}"
while :; do sleep 0.1; done
"""

pytestmark = pytest.mark.skipif(
    not _SCRIPT.is_file() or shutil.which("timeout") is None, reason="needs the checkout, coreutils"
)


def _run(folder: Path, during: str, code: str = "late", after: str = ""):
    (folder / ".ci").mkdir()
    script = shutil.copy(_SCRIPT, folder / ".ci" / "run")
    fake = folder / "bin" / "make"
    fake.parent.mkdir()
    fake.write_text(_MAKE.format(closing=_CLOSING, during=during, after=after, code=code))
    fake.chmod(0o755)
    path = f"{fake.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", script],
        env={**os.environ, "PATH": path, "SLOW_SECONDS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_runs_that_end_in_time_lead_to_the_check(tmp_path):
    assert _run(tmp_path, "tests/a.py ...F\\n", code="0")[1][-1] == _CLOSING


def test_runs_that_fail_end_it(tmp_path):
    code, lines = _run(tmp_path, "tests/a.py ...\\n===== 1 failed in 1.00s =====\\n", code="2")
    assert code == 2
    assert lines[-1] == "===== 1 failed in 1.00s ====="


def test_runs_that_are_only_late_are_not_counted(tmp_path):
    code, lines = _run(tmp_path, "tests/a.py ..s. [ 10%]\\ntests/FE.py .")
    assert (code, lines[-1]) == (0, _CLOSING)
    assert any("not counted" in line for line in lines)


@pytest.mark.parametrize("told", ["tests/a.py ..F. [ 10%]\\n", "..E\\n"])
def test_a_failure_before_the_time_was_over_counts(tmp_path, told):
    closing = "===== 1 failed, 3 passed in 9.00s ====="
    code, lines = _run(tmp_path, told, after=f"FAILED tests/a.py::b\\n{closing}\\n")
    assert (code, lines[-1]) == (1, closing)
