"""The error tree.

::

    DetenteError
    ├── InputError            what the user gave cannot be used
    │   ├── ScenarioError     a scenario file (names the file, the key, what was expected)
    │   ├── UnknownNameError  a name that is not in a registry (suggests the nearest)
    │   └── OutputError       a place that cannot be written
    ├── SourceError           a public dataset
    │   ├── UnavailableError  neither mirror, cache nor network has it
    │   ├── ChecksumError     the bytes are not the registered ones
    │   └── FormatError       the file cannot be read as documented
    ├── DataError             a table that breaks a rule (names the row)
    ├── FitError              a model that cannot be fitted or did not converge
    ├── ModelFileError        a model file that cannot be read or does not match
    └── SimulationError       a system that cannot be simulated

A message says what is wrong, where, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LISTED = 30


class DetenteError(Exception):
    """Root of every error that this package raises on purpose."""


class InputError(DetenteError):
    """What the user gave cannot be used."""


class ScenarioError(InputError):
    """A scenario file breaks the schema."""


class UnknownNameError(InputError):
    """A name that no registry holds."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        rest = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        known_names = f"known: {', '.join(names[:_LISTED])}{rest}" if names else "there is none yet"
        hint = f"did you mean {near[0]!r}?" if near else known_names
        super().__init__(f"unknown {kind} {name!r}: {hint}")


class OutputError(InputError):
    """A place that cannot be written."""


class SourceError(DetenteError):
    """A public dataset cannot be used."""


class UnavailableError(SourceError):
    """Neither the mirror, the cache nor the network has the file."""


class ChecksumError(SourceError):
    """The bytes are not the registered ones."""


class FormatError(SourceError):
    """The file cannot be read as documented."""


class DataError(DetenteError):
    """A table breaks a rule."""


class FitError(DetenteError):
    """A model cannot be fitted, or did not converge."""


class ModelFileError(DetenteError):
    """A model file cannot be read or does not match this version."""


class SimulationError(DetenteError):
    """A system cannot be simulated."""
