"""The published JSON schema of ``assessment.json``: a forecast or a sourced case, by ``kind``."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field, TypeAdapter

from detente.assessments.case_schema import CaseAssessment
from detente.assessments.schema import SCHEMA_VERSION, Assessment

Document = Assessment | CaseAssessment
"""What ``detente assess`` writes."""


def schema_text() -> str:
    """JSON schema of both kinds, as ``make docs`` keeps it in ``docs/assessment.schema.json``.

    Returns
    -------
    str
        Indented JSON with sorted keys and a final line break.
    """
    kinds: TypeAdapter[Document] = TypeAdapter(Annotated[Document, Field(discriminator="kind")])
    schema = kinds.json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"detente assessment, version {SCHEMA_VERSION}"
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


__all__ = ["Document", "schema_text"]
