"""Ranges of periods: their union, and what two of them share."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.panels.ranges import merged, overlaps

SCHEMA = {"who": pl.Int32, "first": pl.Int32, "last": pl.Int32}
ranges = st.lists(
    st.tuples(st.integers(1, 2), st.integers(-40, 40), st.integers(0, 8)), max_size=12
)


def table(rows: list[tuple[int, int, int]]) -> pl.DataFrame:
    spans = [(who, first, first + length) for who, first, length in rows]
    return pl.DataFrame(spans, schema=SCHEMA, orient="row")


def periods(spans: pl.DataFrame) -> list[tuple[int, int]]:
    return [(who, at) for who, first, last in spans.rows() for at in range(first, last + 1)]


@settings(max_examples=80, deadline=None)
@given(ranges)
def test_merging_is_the_union_of_periods(rows: list[tuple[int, int, int]]):
    spans = table(rows)
    union = merged(spans, ("who",))
    assert periods(union) == sorted(set(periods(spans)))
    # Disjoint and apart: no two ranges of one touch.
    gaps = union.with_columns(pl.col("last").shift(1).over("who").alias("before"))
    assert (gaps["first"] > gaps["before"] + 1).all(ignore_nulls=True)


@settings(max_examples=80, deadline=None)
@given(ranges, ranges)
def test_overlaps_are_the_shared_periods(
    left: list[tuple[int, int, int]], right: list[tuple[int, int, int]]
):
    shared = overlaps(table(left), table(right), ("who",))
    assert set(periods(shared)) == set(periods(table(left))) & set(periods(table(right)))


def test_an_overlap_has_the_columns_of_both():
    left = table([(1, 0, 10)]).with_columns(pl.lit(4).alias("kind"))
    right = table([(1, 5, 20), (1, 11, 1), (2, 0, 3)]).with_columns(pl.lit(7).alias("other"))
    assert overlaps(left, right, ("who",)).rows(named=True) == [
        {"who": 1, "first": 5, "last": 10, "kind": 4, "other": 7}
    ]
