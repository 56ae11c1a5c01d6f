"""The chronology of leaders' meetings, and our own coded facts about the record of meetings."""

from __future__ import annotations

from detente.sources.chronology.countries import (
    demonyms,
    record_additions,
    record_countries,
    record_names,
    with_ccode,
)
from detente.sources.chronology.tables import (
    exceptions,
    load_checks,
    load_meetings,
    load_settlements,
    load_unsettled_wars,
)
from detente.sources.chronology.windows import recorded_windows, windows_of

__all__ = [
    "demonyms",
    "exceptions",
    "load_checks",
    "load_meetings",
    "load_settlements",
    "load_unsettled_wars",
    "record_additions",
    "record_countries",
    "record_names",
    "recorded_windows",
    "windows_of",
    "with_ccode",
]
