"""Where a number comes from: a record of the bytes read and of the code that read them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Provenance:
    """The bytes behind one table and the reader that made it.

    ``sha256`` holds pairs of place (below a mirror) and digest, sorted by place; ``url`` is the
    address of the repository or file the bytes were first taken from.
    """

    dataset: str
    version: str
    sha256: tuple[tuple[str, str], ...]
    reader_version: int
    url: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", tuple(sorted(self.sha256)))

    def to_dict(self) -> dict[str, object]:
        """Return the record as plain values, for JSON."""
        record = asdict(self)
        record["sha256"] = dict(self.sha256)
        return record

    def fingerprint(self) -> str:
        """Return the hex digest that changes when bytes, version or reader change."""
        return fingerprint([self])


def fingerprint(records: Iterable[Provenance]) -> str:
    """Return one hex digest of several records, whatever their order.

    The address is left out: the same bytes from another place are the same data.
    """
    keys = sorted(
        json.dumps([r.dataset, r.version, r.sha256, r.reader_version], sort_keys=True)
        for r in records
    )
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()
