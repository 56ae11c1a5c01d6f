"""Writing files whole: each is complete from the moment it has its name."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path

__all__ = ["draft_of", "write_texts"]

_MODE = 0o644


@contextlib.contextmanager
def draft_of(path: Path) -> Generator[Path]:
    """An empty file beside ``path``, with its ending: fill it, then rename it to ``path``.

    Whatever happens, a draft that was not renamed is gone at the end. No two drafts have one name.

    Raises
    ------
    OSError
        If the folder cannot be written.

    Examples
    --------
    >>> place = Path(tempfile.mkdtemp()) / "told.txt"
    >>> with draft_of(place) as draft:
    ...     _ = draft.write_text("all of it")
    ...     _ = draft.replace(place)
    >>> [path.name for path in place.parent.iterdir()]
    ['told.txt']
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    draft = Path(name)
    try:
        draft.chmod(_MODE)
        yield draft
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write texts by path, all of them or none: an interruption leaves nothing partial.

    Parameters
    ----------
    texts
        In folders that are there; files of the same names are replaced.

    Raises
    ------
    OSError
        If a folder cannot be written, or the disk is full.
    """
    with contextlib.ExitStack() as stack:
        drafts = [(stack.enter_context(draft_of(path)), path) for path in texts]
        for draft, path in drafts:
            with draft.open("w", encoding="utf-8") as file:
                file.write(texts[path])
                file.flush()
                os.fsync(file.fileno())
        for draft, path in drafts:
            draft.replace(path)
