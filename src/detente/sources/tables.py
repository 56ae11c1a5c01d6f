"""Load a public dataset as a tidy table."""

from __future__ import annotations

import polars as pl

from detente.core.provenance import Provenance
from detente.sources import cache, fetch, registry


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
        If a file is in neither mirror nor cache and may not, or cannot, be downloaded.
    ChecksumError
        If a file has other bytes than the registered ones.
    FormatError
        If a file cannot be read as documented.
    """
    dataset = registry.dataset(name)
    if fetch.mirror_folder() is not None:
        # A mirror that the user chose is held to its word even where the table is known.
        fetch.locate(dataset)
    table = cache.stored(dataset)
    if table is None:
        table = cache.parse(dataset, fetch.locate(dataset, download=download))
        cache.store(dataset, table)
    return table


def provenance(name: str) -> Provenance:
    """Return the record of the bytes and the reader behind a dataset's table."""
    dataset = registry.dataset(name)
    return Provenance(
        dataset=dataset.name,
        version=dataset.version,
        sha256=tuple((file.path, file.sha256) for file in dataset.files),
        reader_version=dataset.reader_version,
        url=dataset.files[0].url if len(dataset.files) == 1 else dataset.repository.address,
    )
