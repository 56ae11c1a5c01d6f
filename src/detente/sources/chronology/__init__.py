"""The chronology of leaders' meetings, and our own coded facts about the record of meetings."""

from __future__ import annotations

from detente.sources.chronology.countries import (
    NOT_A_STATE,
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
from detente.sources.chronology.windows import is_recorded, recorded_windows, windows_of

__all__ = [
    "NOT_A_STATE",
    "demonyms",
    "exceptions",
    "is_recorded",
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
