"""Value types of a scenario file, and the base of its tables."""

from __future__ import annotations

import datetime as dt
import difflib
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Rung = Literal["calm", "dispute", "war"]
Confidence = Literal["high", "medium", "low"]
Conflict = Literal["dispute", "war"]
MeetingKind = Literal["leader", "envoy", "congress"]
Channel = Literal["leader", "envoy"]
Occasion = Literal["calendar", "ad hoc", "funeral"]
Status = Literal["held", "cancelled", "refused"]

RECORD_END = dt.date(2014, 12, 31)
"""Last day of the dispute record that the shipped model is fitted on."""
FIRST_DAY = dt.date(1816, 1, 1)
"""First day of the Correlates of War state system."""
LAST_DAY = dt.date(2100, 12, 31)
"""Bound that catches mistyped years."""


class Table(BaseModel):
    """Base of every table in a scenario: immutable, typed strictly, no unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        str_strip_whitespace=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        """Refuse keys that the table does not have, naming the nearest."""
        if not isinstance(data, Mapping):
            return data
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in data:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
                raise ValueError(f"unknown key {key!r}: {hint}")
        return data


def _clean(text: str) -> str:
    """Refuse control characters: they can rewrite a terminal, and mean nothing in a page."""
    for char in text:
        if unicodedata.category(char) == "Cc" and char not in "\n\t":
            raise ValueError(f"holds the control character U+{ord(char):04X}: take it out")
    return text


def _plausible_day(day: dt.date) -> dt.date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{day} is out of range: expected {FIRST_DAY} to {LAST_DAY}")
    return day


Day = Annotated[dt.date, AfterValidator(_plausible_day)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_clean)]
Text = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_clean)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")]
Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Year = Annotated[int, Field(ge=1816, le=2100)]
Probability = Annotated[float, Field(ge=0, le=1)]
Pair = tuple[Code, Code]


def as_tuples(value: Any) -> Any:
    """Return parsed TOML with every array as a tuple, as the immutable tables want it."""
    if isinstance(value, dict):
        return {key: as_tuples(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(as_tuples(inner) for inner in value)
    return value
