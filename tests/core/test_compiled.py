"""Where compiled code is kept when the package and the user's cache cannot be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import detente
from detente.core import compiled

_CODE = """
from detente.core.random import philox4x32
import numba, numpy as np
print(numba.config.CACHE_DIR)
"""


def _run(code: str, package: Path, home: str, temporary: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "PYTHONPATH": str(package), "HOME": home, "TMPDIR": str(temporary)},
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def package(tmp_path):
    """A copy of the package's core beside whose modules nothing can be written, even by root."""
    source = Path(detente.__file__).parent
    copied = tmp_path / "installed" / "detente"
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source / "core", copied / "core", ignore=skipped)
    shutil.copy(source / "__init__.py", copied)
    (copied / "core" / "__pycache__").write_text("a file, so no folder")
    return copied.parent


@pytest.mark.parametrize("first", ["", "import numba\n"])
def test_without_a_home_a_folder_of_temporary_files_holds_the_cache(package, tmp_path, first):
    done = _run(first + _CODE, package, "/dev/null/none", tmp_path)
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_home_is_used_before_temporary_files(package, tmp_path):
    done = _run(_CODE, package, str(tmp_path), tmp_path / "none")
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_a_package_that_can_be_written_keeps_its_cache(package, tmp_path):
    (package / "detente" / "core" / "__pycache__").unlink()
    done = _run(_CODE, package, "/dev/null/none", tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="folders have no owner here")
def test_a_folder_that_others_can_write_is_not_taken(tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path)
    assert not compiled._is_own(tmp_path / "open")
    assert not compiled._is_own(tmp_path / "link")
    assert compiled._is_own(tmp_path / "new")
