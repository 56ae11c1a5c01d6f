"""The page of the chronology is what its tables say."""

import math
import re
from collections import Counter
from pathlib import Path
from statistics import NormalDist

from detente.reports.codebook import codebook_text
from detente.sources.chronology import exceptions, load_checks, load_meetings, load_unsettled_wars
from detente.sources.chronology.codebook import (
    CHECK_COLUMNS,
    MEETING_COLUMNS,
    SETTLEMENT_COLUMNS,
    UNSETTLED_COLUMNS,
)

PAGE = Path(__file__).parents[2] / "docs" / "chronology.md"


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == codebook_text(), "run `make docs`"


def test_every_column_and_exception_is_explained():
    text = PAGE.read_text(encoding="utf-8")
    for column in (
        *MEETING_COLUMNS,
        *SETTLEMENT_COLUMNS,
        *UNSETTLED_COLUMNS,
        *CHECK_COLUMNS,
    ):
        assert f"| `{column.name}` |" in text
    for row in exceptions()["id"]:
        assert f"| {row} |" in text
    for reason in load_unsettled_wars()["reason"]:
        assert f"| {reason} |" in text


def test_what_the_page_says_of_the_checks_is_what_the_table_holds():
    text = PAGE.read_text(encoding="utf-8")
    rows = [row for row in load_checks().iter_rows(named=True) if row["table"] == "meetings"]
    found = Counter(row["result"] for row in rows)
    counts = [found[result] for result in ("agrees", "closer", "corrected", "not found")]
    assert f"| meetings | all | {' | '.join(map(str, counts))} | {len(rows)} |" in text
    for draw in ("random", "reference class"):
        part = Counter(row["result"] for row in rows if row["draw"] == draw)
        counts = [part[result] for result in ("agrees", "closer", "corrected", "not found")]
        assert f"| meetings | {draw} | {' | '.join(map(str, counts))} | {part.total()} |" in text
    answered = len(rows) - found["not found"]
    assert f"Of the {answered} meetings for which one was found {found['corrected']} were" in text
    drawn = Counter(row["result"] for row in rows if row["draw"] == "random")
    n, wrong = drawn.total() - drawn["not found"], drawn["corrected"]
    share, z = wrong / n, NormalDist().inv_cdf(0.95)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    told = f"{share:.0%}, 90% interval {middle - half:.0%} to {middle + half:.0%}, Wilson's"
    assert f"of the {n} of\nthese that were drawn at random {wrong} ({told})" in text
    ends = sum("end" in row["wrong"] for row in rows)
    assert f"in meetings `end` {ends}, " in text
    confidence = dict(load_meetings().select("id", "confidence").iter_rows())
    alone = [row["id"] for row in rows if row["result"] == "not found"]
    for name in alone:
        told = re.search(rf"perhaps never held: .*`{name}`", text) is not None
        assert told == (confidence[name] == "low"), name
