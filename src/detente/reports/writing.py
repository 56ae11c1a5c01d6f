"""Files of a report and of the generated pages: each is complete from when it has its name."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from detente.core import writing
from detente.core.errors import OutputError


def check_folder(folder: str | Path) -> None:
    """Refuse a folder that cannot be written, before any work is done.

    Parameters
    ----------
    folder
        Made with its parents when it is not there.

    Raises
    ------
    OutputError
        It is a file, or it cannot be made or written.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _refused(folder, error) from error


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write files together; an interruption leaves nothing partial.

    Parameters
    ----------
    texts
        What to write by path, all in one folder. It is made with its parents when it is not there;
        files of the same names are replaced.

    Raises
    ------
    OutputError
        The folder cannot be made or written.
    """
    folder = next(iter(texts)).parent
    check_folder(folder)
    try:
        writing.write_texts(texts)
    except OSError as error:
        raise _refused(folder, error) from error


def _refused(folder: Path, error: OSError) -> OutputError:
    why = error.strerror or str(error)
    return OutputError(f"cannot write to {folder}: {why}; choose a folder with --out")
