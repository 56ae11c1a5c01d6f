"""Meetings of the United States as a feature of panels: counts, and where the record is silent."""

import polars as pl
import pytest

from detente.core.errors import UnknownNameError
from detente.histories.meeting_features import COUNTED, GATHERINGS, HEADS, LEVELS, YEARS
from detente.histories.meetings import load_us_meetings, recorded
from detente.panels import all_features, feature, panel

pytestmark = pytest.mark.data
PAIRS = [(2, 365), (2, 710), (2, 200), (200, 365)]


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


@pytest.mark.parametrize(
    ("other", "year", "effective", "heads", "gatherings"),
    [
        (365, 1967, 0, 1, 0),  # Kosygin at Glassboro
        (365, 2010, 0, 1, 1),  # Medvedev in Washington in June; with others in April
        (710, 1979, 0, 0, 0),  # Deng as Vice Premier: no head
        (710, 1993, 0, 0, 1),  # Jiang at Seattle
        (710, 1995, 0, 1, 0),  # Jiang at New York
        (710, 2010, 0, 1, 1),  # Wen at New York; Hu with others in April
        (710, 2011, 1, 1, 1),  # Hu in Washington, and at Honolulu
        (710, 2014, 0, 0, 1),  # the record has Beijing as a gathering only
    ],
)
def test_heads_who_were_not_the_effective_leader_have_a_column(
    rows: pl.DataFrame, other: int, year: int, effective: int, heads: int, gatherings: int
) -> None:
    row = rows.filter(ccode1=2, ccode2=other, year=year)
    counts = row.select("usleadermeetings", HEADS, GATHERINGS).row(0)
    assert counts == (effective, heads, gatherings)


def test_every_effective_leader_is_a_head(rows: pl.DataFrame) -> None:
    own = rows.filter(ccode1=2).drop_nulls(HEADS)
    assert (own[HEADS] >= own["usleadermeetings"]).all()
    assert (own[HEADS] > own["usleadermeetings"]).any()


def test_a_pair_without_the_united_states_is_unknown_not_zero(rows: pl.DataFrame) -> None:
    others = rows.filter(ccode1=200)
    assert others["usleadermeetings"].null_count() == others.height
    assert set(others["usmeetingsrecorded"].drop_nulls()) == {0}


def test_only_years_that_the_record_covers_whole_are_counted(rows: pl.DataFrame) -> None:
    for name, level in COUNTED.items():
        seen = rows.filter(ccode1=2).drop_nulls(name)["year"]
        assert (seen.min(), seen.max()) == YEARS[level]
        assert recorded(level).start.year < YEARS[level][0]
        assert recorded(level).stop.year > YEARS[level][1]


def test_it_is_found_by_name_and_in_the_list() -> None:
    assert feature("us_meetings") in all_features()
    with pytest.raises(UnknownNameError, match="us_meetings"):
        feature("us_meeting")
