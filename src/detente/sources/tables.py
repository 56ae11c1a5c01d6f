"""Load a public dataset as a tidy table."""

from __future__ import annotations

import contextlib
from pathlib import Path

import polars as pl

from detente.core.provenance import Provenance
from detente.sources import brought, cache, fetch, registry


def load(name: str, *, download: bool = False) -> pl.DataFrame:
    """Return the tidy table of a dataset.

    The parsed table is kept in the user's cache, keyed by the files' hashes and the reader.

    Parameters
    ----------
    name
        A registered dataset; see :func:`detente.sources.names`.
    download
        Fetch missing files although their terms restrict redistribution.

    Returns
    -------
    pl.DataFrame
        The columns that ``dataset(name).columns`` documents; missing values are null.

    Raises
    ------
    UnknownNameError
        If no such dataset is registered.
    UnavailableError
        If a file is in neither mirror nor cache and may not, or cannot, be downloaded; or if it is
        one that the user brings and was not imported.
    ChecksumError
        If a file has other bytes than the registered ones.
    FormatError
        If a file cannot be read as documented.
    """
    dataset = registry.dataset(name)
    if dataset.brought:
        # A table may outlive the record of its file: without the file it is not used.
        brought.locate(dataset)
    elif fetch.mirror_folder() is not None:
        # A mirror that the user chose is held to its word even where the table is known.
        fetch.locate(dataset)
    table = cache.stored(dataset)
    if table is None:
        table = cache.parse(dataset, _located(dataset, download))
        cache.store(dataset, table)
    return table


def import_file(name: str, path: str | Path) -> pl.DataFrame:
    """Take a file that the user brings for a dataset, and return its tidy table.

    The file is checked first; then a copy of it and its sha256 are kept in the user's cache, in
    place of what was brought before.

    Parameters
    ----------
    name
        A dataset that says it is brought by its user: ``dataset(name).brought``.
    path
        The file, in one of the forms named there.

    Raises
    ------
    UnknownNameError
        If no such dataset is registered.
    InputError
        If the dataset is fetched, not brought, or the path is no file that can be read.
    FormatError
        If columns or values are not those of the dataset; nothing is kept then.
    OutputError
        If the cache cannot be written.
    """
    dataset, place = registry.dataset(name), Path(path)
    # Where no such user is known, the path stands for itself.
    with contextlib.suppress(RuntimeError):
        place = place.expanduser()
    digest = brought.checked(dataset, place)
    table = cache.parse(dataset, brought.paths(dataset, place))
    brought.keep(dataset, place, digest)
    cache.store(dataset, table)
    return table


def provenance(name: str) -> Provenance:
    """Return the record of the bytes and the reader behind a dataset's table.

    Raises
    ------
    UnavailableError
        If it is one that the user brings, and no file of it was imported.
    """
    dataset = registry.dataset(name)
    if dataset.brought:
        brought.locate(dataset)
    files = brought.files(dataset)
    return Provenance(
        dataset=dataset.name,
        version=dataset.version,
        sha256=tuple((file.path, file.sha256) for file in files),
        reader_version=dataset.reader_version,
        url=files[0].url if len(files) == 1 else dataset.copied_from.address,
    )


def _located(dataset: registry.Dataset, download: bool) -> dict[str, Path]:
    if dataset.brought:
        return brought.locate(dataset)
    return fetch.locate(dataset, download=download)
