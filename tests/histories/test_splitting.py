import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.core.days import model_time
from detente.histories.splitting import grid_cuts, month_starts, split_at, years_of

from .conflict_tables import date


def day(text: str) -> int:
    return (date(text) - date("1970-01-01")).days


def table(*rows: tuple[int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["sid", "start", "stop"], orient="row")


def cuts(*rows: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"sid": pl.Int64, "day": pl.Int64}, orient="row")


def test_split_by_hand():
    parts = split_at(table((1, 0, 10), (2, 5, 6)), cuts((1, 4), (1, 4), (1, 0), (1, 10), (2, 6)))
    assert parts.rows() == [(1, 0, 4, False), (1, 4, 10, True), (2, 5, 6, True)]


def test_quarters_and_januaries():
    spell = table((1, day("1999-11-15"), day("2001-01-01")))
    quarters = grid_cuts(spell, 3)["day"].to_list()
    assert quarters == [day(d) for d in ("2000-01-01", "2000-04-01", "2000-07-01", "2000-10-01")]
    assert grid_cuts(spell, 12)["day"].to_list() == [day("2000-01-01")]
    assert grid_cuts(spell.clear(), 12).height == 0


def test_days_before_1970():
    assert month_starts(day("1899-12-31"), day("1900-02-01"), 12).tolist()[:2] == [
        day("1899-01-01"),
        day("1900-01-01"),
    ]
    days = np.array([day("1899-12-31"), day("1900-01-01")])
    assert years_of(days).tolist() == [1899, 1900]
    # 1970 less seventy years of 365.25 days, by hand: 25567 days.
    assert model_time(days)[1] == 1970 - 25567 / 365.25


@settings(max_examples=50, deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(-500, 500), st.integers(1, 900)), min_size=1, max_size=5),
    where=st.lists(st.tuples(st.integers(0, 4), st.integers(-500, 1400)), max_size=20),
)
def test_parts_cover_their_spell_and_stop_at_every_cut(spans, where):
    spells = table(*((i, a, a + n) for i, (a, n) in enumerate(spans)))
    parts = split_at(spells, cuts(*where))
    for sid, start, stop in spells.rows():
        own = parts.filter(pl.col("sid") == sid)
        inside = {d for i, d in where if i == sid and start < d < stop}
        assert own["start"].to_list() == sorted({start} | inside)
        assert own["stop"].to_list() == [*own["start"].to_list()[1:], stop]
        assert own["last"].to_list() == [False] * len(inside) + [True]
