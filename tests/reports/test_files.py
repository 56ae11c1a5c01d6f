"""Writing: both files, complete; a folder that cannot be written; an interruption."""

import errno
import os
from pathlib import Path

import pytest

from detente.assessments.prose import with_prose
from detente.assessments.schema import Assessment
from detente.core.errors import OutputError
from detente.reports import check_folder, files, write_report


def test_both_files_are_written(assessment: Assessment, page: str, tmp_path: Path) -> None:
    written = write_report(assessment, str(tmp_path / "a" / "b"))
    again = Assessment.model_validate_json(written.json.read_text("utf-8"))
    assert again == with_prose(assessment)
    assert written.html.read_text("utf-8") == page
    assert sorted(p.name for p in written.json.parent.iterdir()) == [
        "assessment.json",
        "report.html",
    ]


def test_a_series_stands_on_one_line(assessment: Assessment, tmp_path: Path) -> None:
    text = write_report(assessment, tmp_path).json.read_text("utf-8")
    assert max(len(line) for line in text.splitlines() if '"years"' in line) > len('"years": [')
    assert text.count("\n") < len(text) / 20


def test_files_are_replaced_whole(assessment: Assessment, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("old", "utf-8")
    written = write_report(assessment, tmp_path)
    assert written.html.read_text("utf-8").startswith("<!doctype html>")


def test_a_folder_that_is_a_file_is_refused(assessment: Assessment, tmp_path: Path) -> None:
    place = tmp_path / "taken"
    place.write_text("", "utf-8")
    with pytest.raises(OutputError, match=r"cannot write to .*taken.*--out"):
        write_report(assessment, place)


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", "utf-8")
    with pytest.raises(OutputError, match="Not a directory"):
        check_folder(tmp_path / "taken" / "below")


def test_a_full_disk_leaves_nothing(
    assessment: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        write_report(assessment, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_while_writing_leaves_nothing(
    assessment: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_report(assessment, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_while_rendering_leaves_the_old_report(
    assessment: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Assessment) -> str:
        raise KeyboardInterrupt

    (tmp_path / "report.html").write_text("old", "utf-8")
    monkeypatch.setattr(files, "render_html", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_report(assessment, tmp_path)
    assert [(p.name, p.read_text("utf-8")) for p in tmp_path.iterdir()] == [("report.html", "old")]
