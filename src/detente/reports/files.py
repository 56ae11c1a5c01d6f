"""Writing the report: the document as JSON, and its page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from detente.assessments.case_prose import with_case_prose
from detente.assessments.case_schema import CaseAssessment
from detente.assessments.prose import with_prose
from detente.assessments.published import Document
from detente.reports.case_page import render_case
from detente.reports.page import render_html
from detente.reports.writing import write_texts

JSON_NAME = "assessment.json"
HTML_NAME = "report.html"


@dataclass(frozen=True, slots=True)
class Written:
    """Where a report was written."""

    json: Path
    html: Path


def write_report(assessment: Document, folder: str | Path) -> Written:
    """Write ``assessment.json`` and ``report.html``; an interruption leaves nothing partial.

    Parameters
    ----------
    assessment
        A forecast or a sourced case; its sentences are computed anew from its numbers.
    folder
        Made with its parents when it is not there; files of the same names are replaced.

    Returns
    -------
    Written
        The two paths.

    Raises
    ------
    OutputError
        The folder cannot be made or written.
    """
    place = Path(folder)
    if isinstance(assessment, CaseAssessment):
        done = with_case_prose(assessment)
        page = render_case(done)
    else:
        done = with_prose(assessment)
        page = render_html(done)
    write_texts({place / JSON_NAME: _json(done), place / HTML_NAME: page})
    return Written(place / JSON_NAME, place / HTML_NAME)


_NUMBERS = re.compile(r"\[\n([-+\d.eE,\s]+)\]")


def _json(assessment: Document) -> str:
    """Indented JSON, with a series of numbers on one line."""

    def one_line(match: re.Match[str]) -> str:
        return f"[{' '.join(match[1].split())}]"

    return _NUMBERS.sub(one_line, assessment.model_dump_json(indent=1)) + "\n"
