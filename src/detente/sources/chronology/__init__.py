"""Our own coded facts about the record of meetings, as explicit tables beside the code."""

from __future__ import annotations

from detente.sources.chronology.countries import (
    NOT_A_STATE,
    demonyms,
    record_additions,
    record_countries,
    record_names,
    with_ccode,
)

__all__ = [
    "NOT_A_STATE",
    "demonyms",
    "record_additions",
    "record_countries",
    "record_names",
    "with_ccode",
]
