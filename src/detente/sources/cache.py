"""Parsed tables as Parquet, keyed by the files' hashes and the code that reads them.

Readers share modules, so an edit of any module of :mod:`detente.sources` makes every table anew.

A table's file name carries the digest of its own bytes, so that a damaged file is noticed and
rebuilt, and one from older readers is never found.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.core.errors import DetenteError, FormatError
from detente.core.writing import draft_of
from detente.sources import brought
from detente.sources.fetch import cache_directory, sha256
from detente.sources.registry import Dataset

_LAYOUT = 1
_DIGITS = 16


def key(dataset: Dataset) -> str:
    """Return the key of a dataset's parsed table: files, reader version and the readers' code."""
    parts = [str(_LAYOUT), dataset.name, str(dataset.reader_version), _code(dataset)]
    parts += sorted(f"{file.path} {file.sha256}" for file in brought.files(dataset))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_DIGITS]


def stored(dataset: Dataset) -> pl.DataFrame | None:
    """Return the parsed table from the cache, or None where it is absent or damaged."""
    for path in sorted(_folder().glob(f"{dataset.name}-{key(dataset)}-*.parquet")):
        try:
            if sha256(path)[:_DIGITS] != path.stem.rsplit("-", 1)[-1]:
                continue
            table = pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError):
            continue
        if table.columns == list(dataset.columns):
            return table
    return None


def store(dataset: Dataset, table: pl.DataFrame) -> Path | None:
    """Write a parsed table (temporary file, then rename) and drop the dataset's older ones.

    Returns None where the cache folder cannot be written: a cache is a convenience, not a need.
    """
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with draft_of(folder / f"{dataset.name}.parquet") as draft:
            table.write_parquet(draft)
            target = folder / f"{dataset.name}-{key(dataset)}-{sha256(draft)[:_DIGITS]}.parquet"
            draft.replace(target)
        for old in folder.glob(f"{dataset.name}-*.parquet"):
            if old != target:
                old.unlink(missing_ok=True)
    except OSError:
        return None
    return target


def parse(dataset: Dataset, paths: Mapping[str, Path]) -> pl.DataFrame:
    """Run a dataset's reader and hold its result to the documented columns.

    Raises
    ------
    FormatError
        If the reader fails or returns other columns than the registered ones.
    """
    where = ", ".join(str(path) for path in list(paths.values())[:2])
    try:
        table = dataset.reader(paths)
    except DetenteError:
        raise
    except Exception as error:
        raise FormatError(
            f"dataset {dataset.name!r}: {where} cannot be read as documented "
            f"({type(error).__name__}: {error}): report this with the version of detente"
        ) from error
    if table.columns != list(dataset.columns):
        raise FormatError(
            f"dataset {dataset.name!r}: the reader of {where} returned columns {table.columns}, "
            f"documented are {list(dataset.columns)}: report this with the version of detente"
        )
    return table


def _folder() -> Path:
    return cache_directory() / "tables"


def _code(dataset: Dataset) -> str:
    source = inspect.getsourcefile(dataset.reader)
    own = sha256(Path(source)) if source and Path(source).is_file() else ""
    return own + _shared_code(Path(__file__).parent)


@functools.cache
def _shared_code(folder: Path) -> str:
    """Return a digest of what readers may import and read: once in a process, some milliseconds."""
    files = sorted([*folder.rglob("*.py"), *folder.glob("*.csv")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
