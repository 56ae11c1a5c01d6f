"""Files are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from detente.core.writing import draft_of, write_texts


def test_a_draft_that_was_not_renamed_is_gone(tmp_path: Path) -> None:
    place = tmp_path / "a.csv"
    with draft_of(place) as draft:
        draft.write_text("half")
        assert draft.suffix == ".csv"
    with pytest.raises(KeyboardInterrupt), draft_of(place):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_two_drafts_of_one_file_do_not_meet(tmp_path: Path) -> None:
    place = tmp_path / "a.csv"
    with draft_of(place) as one, draft_of(place) as other:
        one.write_text("one")
        other.write_text("other")
        one.replace(place)
        other.replace(place)
    assert place.read_text() == "other"
    assert place.stat().st_mode & 0o777 == 0o644


def test_texts_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("old")
    with pytest.raises(OSError, match="No such file"):
        write_texts({kept: "new", tmp_path / "none" / "b.txt": "b"})
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("kept.txt", "old")]
    write_texts({kept: "new", tmp_path / "b.txt": "b"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "kept.txt": "new",
        "b.txt": "b",
    }
