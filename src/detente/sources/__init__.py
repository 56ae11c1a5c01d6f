"""One module per public dataset: address, licence, citation, checksum, reader."""

import importlib
import pkgutil

from detente.sources.registry import BroughtFile, Dataset, RemoteFile, Repository, dataset, names
from detente.sources.tables import import_file, load, provenance

__all__ = [
    "BroughtFile",
    "Dataset",
    "RemoteFile",
    "Repository",
    "dataset",
    "import_file",
    "load",
    "names",
    "provenance",
]

# Every dataset registers itself on import: a new module is found without a list to keep.
for _module in pkgutil.iter_modules(__path__):
    if not _module.ispkg:
        importlib.import_module(f"{__name__}.{_module.name}")
