"""Meetings of the United States as a feature of panels: counts, and where the record is silent."""

import polars as pl
import pytest

from detente.core.errors import UnknownNameError
from detente.histories.meeting_features import LEVELS, YEARS
from detente.histories.meetings import load_us_meetings, recorded
from detente.panels import all_features, feature, panel

pytestmark = pytest.mark.data
PAIRS = [(2, 365), (2, 200), (200, 365)]


@pytest.fixture(autouse=True)
def _mirror(mirror: str) -> None:
    del mirror


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return (
        panel("dyad-year", years=(1900, 2027), dyads=PAIRS, extend=True)
        .add("us_meetings")
        .collect()
    )


def test_the_counts_are_those_of_the_meetings(rows: pl.DataFrame) -> None:
    met = load_us_meetings().with_columns(pl.col("start").dt.year().alias("year"))
    for level, name in LEVELS.items():
        for other in (365, 200):
            own = rows.filter(ccode1=2, ccode2=other).drop_nulls(name)
            known = met.filter(pl.col("year").is_between(*YEARS[level]), level=level, ccode2=other)
            assert own[name].sum() == known.height > 0


def test_a_pair_without_the_united_states_is_unknown_not_zero(rows: pl.DataFrame) -> None:
    others = rows.filter(ccode1=200)
    assert others["usleadermeetings"].null_count() == others.height
    assert set(others["usmeetingsrecorded"].drop_nulls()) == {0}


def test_only_years_that_the_record_covers_whole_are_counted(rows: pl.DataFrame) -> None:
    for level, name in LEVELS.items():
        seen = rows.filter(ccode1=2).drop_nulls(name)["year"]
        assert (seen.min(), seen.max()) == YEARS[level]
        assert recorded(level).start.year < YEARS[level][0]
        assert recorded(level).stop.year > YEARS[level][1]


def test_it_is_found_by_name_and_in_the_list() -> None:
    assert feature("us_meetings") in all_features()
    with pytest.raises(UnknownNameError, match="us_meetings"):
        feature("us_meeting")
