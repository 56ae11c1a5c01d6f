"""State identifiers, days and intervals, errors, random streams, ordered sums, provenance."""

from detente.core.compiled import find_cache
from detente.core.days import (
    DAYS_PER_YEAR,
    EPOCH,
    Interval,
    Spans,
    day_at,
    model_time,
    year_bounds,
)
from detente.core.errors import (
    ChecksumError,
    DataError,
    DetenteError,
    FitError,
    FormatError,
    InputError,
    ModelFileError,
    OutputError,
    ScenarioError,
    SimulationError,
    SourceError,
    UnavailableError,
    UnknownNameError,
)
from detente.core.provenance import Provenance, fingerprint
from detente.core.states import (
    Dyad,
    State,
    abb,
    in_other_years,
    is_member_year,
    state,
    states,
)

find_cache()

__all__ = [
    "DAYS_PER_YEAR",
    "EPOCH",
    "ChecksumError",
    "DataError",
    "DetenteError",
    "Dyad",
    "FitError",
    "FormatError",
    "InputError",
    "Interval",
    "ModelFileError",
    "OutputError",
    "Provenance",
    "ScenarioError",
    "SimulationError",
    "SourceError",
    "Spans",
    "State",
    "UnavailableError",
    "UnknownNameError",
    "abb",
    "day_at",
    "fingerprint",
    "in_other_years",
    "is_member_year",
    "model_time",
    "state",
    "states",
    "year_bounds",
]
