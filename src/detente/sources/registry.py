"""What a public dataset is, and the registry of those this package can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from detente.core.errors import InputError, UnknownNameError

Reader = Callable[[Mapping[str, Path]], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a dataset: where it lies, and the bytes it must have.

    ``path`` is the place below a mirror (``section/file``), ``url`` the raw address at a
    fixed commit, ``sha256`` the digest of the bytes.
    """

    path: str
    url: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Repository:
    """A GitHub repository at a fixed commit; its files lie in the folder ``section`` of a mirror.

    ``name`` is ``owner/name``.
    """

    name: str
    commit: str
    section: str

    @property
    def address(self) -> str:
        """Address of the repository's page."""
        return f"https://github.com/{self.name}"

    def raw(self, path: str) -> str:
        """Return the address of a file's bytes; ``path`` is percent-encoded."""
        return f"https://raw.githubusercontent.com/{self.name}/{self.commit}/{path}"

    def file(self, path: str, *, sha256: str, size: int, name: str | None = None) -> RemoteFile:
        """Register a file at ``path``, under ``name`` in a mirror (its own, if not given)."""
        place = f"{self.section}/{name or path.rsplit('/', 1)[-1]}"
        return RemoteFile(path=place, url=self.raw(path), sha256=sha256, size=size)


@dataclass(frozen=True, slots=True)
class BroughtFile:
    """A form in which a user may bring a dataset: a file's published name and what it must hold.

    ``columns`` are the names it must have; capitals, blanks and underscores make no difference.
    """

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A public dataset: files, terms, citation, coverage, faults and a reader to a tidy table.

    ``reader`` takes the local path of each file, keyed by ``RemoteFile.path``, and returns a
    polars table with exactly ``columns`` (name to meaning and unit), missing codes as null.
    Raise ``reader_version`` when the reader's output changes: it keys the cache.

    A dataset of which no copy with a fixed address and known bytes could be named has neither
    ``repository`` nor ``files``: the user brings one file, in one of the forms ``brought``.
    """

    name: str
    title: str
    version: str
    repository: Repository | None = None
    files: tuple[RemoteFile, ...] = ()
    brought: tuple[BroughtFile, ...] = ()
    bibtex: str
    licence: str
    redistribution: Literal["open", "restricted"]
    years: tuple[int, int]
    states: str
    missing_codes: str
    faults: tuple[str, ...]
    official: str
    checked_against_official: str
    columns: Mapping[str, str]
    reader: Reader
    reader_version: int = 1
    notes: str = field(default="")

    @property
    def terms(self) -> str:
        """How it comes here: ``open``, ``restricted`` (only when asked for) or ``brought``."""
        return "brought" if self.brought else self.redistribution

    @property
    def copied_from(self) -> Repository:
        """The repository that its files are fetched from.

        Raises
        ------
        InputError
            If it has none, because the user brings the file.
        """
        if self.repository is None:
            raise InputError(
                f"dataset {self.name!r} is not fetched: run `detente data info {self.name}`"
            )
        return self.repository


_REGISTRY: dict[str, Dataset] = {}


def register(dataset: Dataset) -> Dataset:
    """Add a dataset to the registry and return it."""
    if dataset.name in _REGISTRY:
        raise ValueError(f"dataset {dataset.name!r} is registered twice")
    _REGISTRY[dataset.name] = dataset
    return dataset


def dataset(name: str) -> Dataset:
    """Look a dataset up by name.

    Raises
    ------
    UnknownNameError
        If no such dataset is registered; the message names the nearest.
    """
    try:
        return _REGISTRY[name]
    except KeyError:
        raise UnknownNameError("dataset", name, _REGISTRY) from None


def names() -> tuple[str, ...]:
    """Names of the registered datasets, sorted."""
    return tuple(sorted(_REGISTRY))
