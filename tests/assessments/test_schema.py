"""The document: what it refuses, what survives a round trip, and its published JSON schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from detente.assessments import published
from detente.assessments import schema as s
from reports.factory import make

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "assessment.schema.json"
PLACES = 4
"""Values of a series in the small examples."""


def series(**changes: Any) -> dict[str, Any]:
    values = {k: [0.1] * PLACES for k in ("mean", "lo", "hi", "mc_se")}
    return {"unit": "probability", "level": 0.9, "years": [1, 2, 3, 4], **values, **changes}


def test_published_schema_is_current() -> None:
    assert PUBLISHED.read_text("utf-8") == published.schema_text(), "run `make docs`"


def test_json_obeys_the_published_schema() -> None:
    document = json.loads(make().model_dump_json())
    jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text("utf-8"))).validate(document)


def test_published_schema_refuses_an_unknown_key() -> None:
    document = json.loads(make().model_dump_json())
    document["meta"]["colour"] = "blue"
    validator = jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text("utf-8")))
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        validator.validate(document)


def test_round_trip_is_exact() -> None:
    a = make()
    assert s.Assessment.model_validate_json(a.model_dump_json()) == a


def test_documents_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        make().meta.settings.seed = 2  # type: ignore[misc]


def test_every_name_is_exported() -> None:
    assert len(set(s.__all__)) == len(s.__all__)
    assert all(hasattr(s, name) for name in s.__all__)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_no_number_that_json_cannot_hold(bad: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        s.Series.model_validate(series(mean=[bad] * PLACES))


def test_series_keeps_six_significant_digits() -> None:
    value = s.Series.model_validate(series(hi=[0.123456789] * PLACES))
    assert value.hi == [0.123457] * PLACES


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lo": [0.1]}, "one value for each year"),
        ({"years": [1, 2, 2, 3]}, "years rise"),
        ({"lo": [0.3] * PLACES}, "upside down"),
        ({"level": 90}, "less than 1"),
    ],
)
def test_series_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        s.Series.model_validate(series(**changes))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"value": 1.0}, "states a reason"),
        ({"value": None}, "states a reason"),
        ({"value": 1.0, "lo": 2.0, "hi": 1.0, "level": 0.9}, "upside down"),
    ],
)
def test_quantity_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        s.Quantity(unit="hazard ratio", **values)


def test_quantity_without_interval_says_why() -> None:
    assert s.Quantity(value=1.0, unit="count", reason="a count has none").reason


@pytest.mark.parametrize(
    ("part", "field", "message"),
    [
        ("forecasts.outcomes.0", "dyad", "dyad 'nowhere'"),
        ("forecasts.outcomes.0", "outcome", "outcome 'nowhere'"),
        ("forecasts.occupancy.0", "rung", "rung 'nowhere'"),
        ("contrasts.0", "arm", "arm 'nowhere'"),
        ("contrasts.0", "reference", "arm 'nowhere'"),
        ("focus", "dyad", "dyad 'nowhere'"),
        ("drivers.0", "dyad", "dyad 'nowhere'"),
        ("reference_class.meetings.0", "source_id", "source 'nowhere'"),
        ("setting.events.0", "source_id", "source 'nowhere'"),
        ("nuclear.rows.0", "prior", "prior 'nowhere'"),
    ],
)
def test_undefined_reference_is_refused(part: str, field: str, message: str) -> None:
    document = json.loads(make().model_dump_json())
    place: Any = document
    for step in part.split("."):
        place = place[int(step)] if step.isdigit() else place[step]
    place[field] = "nowhere"
    with pytest.raises(ValidationError, match=message):
        s.Assessment.model_validate(document)


def test_contrast_that_is_not_estimated_says_why() -> None:
    document = json.loads(make().model_dump_json())
    shared = next(c for c in document["contrasts"] if not c["estimated"])
    shared["reason"] = None
    with pytest.raises(ValidationError, match="not estimated states a reason"):
        s.Assessment.model_validate(document)


def test_another_major_version_is_refused() -> None:
    document = json.loads(make().model_dump_json())
    document["meta"]["schema_version"] = "1.2"
    with pytest.raises(ValidationError, match="schema_version"):
        s.Assessment.model_validate(document)
