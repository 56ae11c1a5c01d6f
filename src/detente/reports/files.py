"""Writing the report: each file is complete from the moment it has its name."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from detente.assessments.case_prose import with_case_prose
from detente.assessments.case_schema import CaseAssessment
from detente.assessments.prose import with_prose
from detente.assessments.published import Document
from detente.core.errors import OutputError
from detente.reports.case_page import render_case
from detente.reports.page import render_html

JSON_NAME = "assessment.json"
HTML_NAME = "report.html"


@dataclass(frozen=True, slots=True)
class Written:
    """Where a report was written."""

    json: Path
    html: Path


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written, before any work is done.

    Parameters
    ----------
    folder
        Made with its parents when it is not there.

    Raises
    ------
    OutputError
        It is a file, or it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _refused(folder, error) from error


def write_report(assessment: Document, folder: Path) -> Written:
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
    if isinstance(assessment, CaseAssessment):
        done = with_case_prose(assessment)
        page = render_case(done)
    else:
        done = with_prose(assessment)
        page = render_html(done)
    write_texts({folder / JSON_NAME: _json(done), folder / HTML_NAME: page})
    return Written(folder / JSON_NAME, folder / HTML_NAME)


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write files together; an interruption leaves nothing partial.

    Parameters
    ----------
    texts
        What to write by path, all in one folder. It is made with its parents when it is not there;
        files of the same names are replaced.

    Raises
    ------
    OutputError
        The folder cannot be made or written.
    """
    folder = next(iter(texts)).parent
    check_folder(folder)
    with contextlib.ExitStack() as stack:
        try:
            ready = [(_temporary(stack, path, text), path) for path, text in texts.items()]
            for temporary, path in ready:
                temporary.replace(path)
        except OSError as error:
            raise _refused(folder, error) from error


_NUMBERS = re.compile(r"\[\s+([-+\d.eE,\s]+?)\s+\]")


def _json(assessment: Document) -> str:
    """Indented JSON, with a series of numbers on one line."""

    def one_line(match: re.Match[str]) -> str:
        return f"[{' '.join(match[1].split())}]"

    return _NUMBERS.sub(one_line, assessment.model_dump_json(indent=1)) + "\n"


def _temporary(stack: contextlib.ExitStack, path: Path, text: str) -> Path:
    """Write beside ``path`` and return where; whatever is left there is removed at the end."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    stack.callback(temporary.unlink, missing_ok=True)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(0o644)
    return temporary


def _refused(folder: Path, error: OSError) -> OutputError:
    why = error.strerror or str(error)
    return OutputError(f"cannot write to {folder}: {why}; choose a folder with --out")
