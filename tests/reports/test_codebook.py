"""The page of the chronology is what its tables say."""

from pathlib import Path

from detente.reports.codebook import codebook_text
from detente.sources.chronology import exceptions, load_unsettled_wars
from detente.sources.chronology.codebook import (
    MEETING_COLUMNS,
    SETTLEMENT_COLUMNS,
    UNSETTLED_COLUMNS,
)

PAGE = Path(__file__).parents[2] / "docs" / "chronology.md"


def test_the_page_is_current():
    # Where this fails: python -m detente.reports.codebook
    assert PAGE.read_text(encoding="utf-8") == codebook_text()


def test_every_column_and_exception_is_explained():
    text = PAGE.read_text(encoding="utf-8")
    for column in (*MEETING_COLUMNS, *SETTLEMENT_COLUMNS, *UNSETTLED_COLUMNS):
        assert f"| `{column.name}` |" in text
    for row in exceptions()["id"]:
        assert f"| {row} |" in text
    for reason in load_unsettled_wars()["reason"]:
        assert f"| {reason} |" in text
