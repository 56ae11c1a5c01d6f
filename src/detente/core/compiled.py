"""Where numba keeps what it compiled, when neither the package nor the user's cache can hold it.

Numba asks for a place when a function is defined, not when it is called, and fails without one: a
package installed for reading only, run by a user without a home, could not be imported.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

_VARIABLE = "NUMBA_CACHE_DIR"


def find_cache() -> None:
    """Name numba a folder for temporary files, if it would find no folder to write to.

    It looks where numba looks: at ``NUMBA_CACHE_DIR``, beside the modules, in the user's cache.
    Where one of them can be written, nothing changes.  A folder of another user is never taken,
    since what lies in a cache is run.
    """
    given = os.environ.get(_VARIABLE)
    if (given and _writable(Path(given))) or _writable(Path(__file__).parent / "__pycache__"):
        return
    if (own := _user_cache()) is not None and _writable(own):
        return
    for folder in _temporary():
        if _is_own(folder):
            os.environ[_VARIABLE] = str(folder)
            if (config := sys.modules.get("numba.core.config")) is not None:
                config.CACHE_DIR = str(folder)  # pyright: ignore[reportAttributeAccessIssue]
            return


def _user_cache() -> Path | None:
    """The folder that numba names after the user; None where the user has no home."""
    variable, otherwise = {
        "win32": ("LOCALAPPDATA", None),
        "darwin": (None, "~/Library/Caches"),
    }.get(sys.platform, ("XDG_CACHE_HOME", "~/.cache"))
    place = (variable and os.environ.get(variable)) or otherwise
    if place is None:
        return None
    try:
        return Path(place).expanduser() / "numba"
    except RuntimeError:
        return None


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _temporary() -> list[Path]:
    import tempfile

    user = os.getuid() if hasattr(os, "getuid") else "user"
    found = [Path("/dev/shm")]
    with contextlib.suppress(FileNotFoundError):
        found.insert(0, Path(tempfile.gettempdir()))
    return [place / f"detente-numba-{user}" for place in found]


def _is_own(folder: Path) -> bool:
    """Say whether a folder, made if it was not there, is one that only this user can write."""
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not hasattr(os, "getuid"):
            return stat.S_ISDIR(found.st_mode)
        private = not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        return stat.S_ISDIR(found.st_mode) and private and found.st_uid == os.getuid()
    return False
