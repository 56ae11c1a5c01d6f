"""Files that the user brings: what is kept of them, and the digest they are held to.

Some datasets lie at no fixed address with known bytes. Their user imports a file once; a copy is
kept in the cache beside a record of its digest, and the copy is used only while it has it.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from detente.core.errors import ChecksumError, InputError, OutputError, UnavailableError
from detente.core.writing import draft_of, write_texts
from detente.sources import fetch
from detente.sources.registry import Dataset, RemoteFile

_DIGITS = 16
_KINDS = {"name": str, "source": str, "sha256": str, "size": int}


@dataclass(frozen=True, slots=True)
class Brought:
    """The file that was brought for a dataset: name, where it came from, digest, size in bytes."""

    name: str
    source: str
    sha256: str
    size: int


def record(dataset: Dataset) -> Brought | None:
    """Return what was brought for a dataset, or None where nothing was (or it cannot be read)."""
    try:
        found: Any = json.loads(_record_path(dataset).read_text(encoding="utf-8"))
        kinds = {key: type(value) for key, value in found.items()}
    except (OSError, ValueError, AttributeError):
        return None
    return Brought(**found) if kinds == _KINDS else None


def files(dataset: Dataset) -> tuple[RemoteFile, ...]:
    """Return a dataset's files: those registered, or the one that was brought."""
    kept = record(dataset) if dataset.brought else None
    if kept is None:
        return dataset.files
    return (RemoteFile(_place(dataset), dataset.official, kept.sha256, kept.size),)


def state(dataset: Dataset) -> fetch.State:
    """Say whether a file was brought and its copy still has the recorded bytes."""
    kept = record(dataset)
    if kept is None:
        return "absent"
    path = _copy_path(dataset, kept)
    try:
        return "ready" if fetch.sha256(path) == kept.sha256 else "wrong"
    except OSError:
        return "wrong"


def locate(dataset: Dataset) -> dict[str, Path]:
    """Return the verified copy of the file that was brought.

    Raises
    ------
    UnavailableError
        If none was: what the file is, where it is published, and the command that imports it.
    ChecksumError
        If the copy is gone or has other bytes than were imported.
    """
    kept = record(dataset)
    if kept is None:
        raise UnavailableError(
            f"dataset {dataset.name!r} ({dataset.title}) is one that you bring: get "
            f"{wanted(dataset)} (published at: {dataset.official}), then run "
            f"`detente data import {dataset.name} FILE`"
        )
    path = _copy_path(dataset, kept)
    if state(dataset) != "ready":
        raise ChecksumError(
            f"dataset {dataset.name!r}: {path} is not the {kept.name} that was imported (sha256 "
            f"{kept.sha256[:_DIGITS]}...): run `detente data import {dataset.name} FILE` again"
        )
    return paths(dataset, path)


def wanted(dataset: Dataset) -> str:
    """Return the forms in which a dataset may be brought, in words."""
    forms = [f"{form.name} (columns {', '.join(form.columns)})" for form in dataset.brought]
    return " or ".join(dict.fromkeys(forms))


def paths(dataset: Dataset, path: Path) -> dict[str, Path]:
    """Return a file as a dataset's reader takes it."""
    return {_place(dataset): path}


def checked(dataset: Dataset, path: Path) -> str:
    """Return the sha256 of a file that may be imported for a dataset.

    Raises
    ------
    InputError
        If the dataset is fetched, not brought, or the path is no file that can be read.
    """
    if not dataset.brought:
        raise InputError(
            f"dataset {dataset.name!r} is fetched from a fixed address, not brought: run "
            f"`detente data pull {dataset.name}`"
        )
    try:
        if not path.is_file():
            raise InputError(f"{path} is not a file: give the path of {wanted(dataset)}")
        return fetch.sha256(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error}): check its permissions"
        ) from error


def keep(dataset: Dataset, path: Path, digest: str) -> Brought:
    """Copy a file into the cache and record it in place of what was brought before.

    ``digest`` is the sha256 of the bytes that were checked.

    Raises
    ------
    InputError
        If the file changed since it was checked.
    OutputError
        If the cache cannot be written.
    """
    kept = Brought(path.name, str(path.resolve()), digest, path.stat().st_size)
    target, place = _copy_path(dataset, kept), _record_path(dataset)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(place) as draft:
            shutil.copyfile(path, draft)
            if fetch.sha256(draft) != digest:
                raise InputError(f"{path} changed while it was read: import it again")
            draft.replace(target)
        # The record is what counts: until it is renamed, the file brought before stays in use.
        write_texts({place: json.dumps(asdict(kept))})
        for old in target.parent.iterdir():
            if old != target:
                old.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be kept in {place.parent} ({error.strerror or error}): check that the "
            f"cache can be written, or set {fetch.CACHE_VARIABLE}"
        ) from error
    return kept


def _folder() -> Path:
    return fetch.cache_directory() / "brought"


def _record_path(dataset: Dataset) -> Path:
    return _folder() / f"{dataset.name}.json"


def _copy_path(dataset: Dataset, kept: Brought) -> Path:
    return _folder() / dataset.name / f"{kept.sha256[:_DIGITS]}-{kept.name}"


def _place(dataset: Dataset) -> str:
    return f"brought/{dataset.name}"
