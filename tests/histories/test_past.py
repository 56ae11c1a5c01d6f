import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.histories.past import days_since_last, days_to_next, decayed_count

EVENTS = (np.array([7, 7, 8, 7]), np.array([100, 20, 100, 100]))
# Sums of a few powers of two in another order.
ROUNDING = 1e-12


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_decayed_count_by_hand():
    # Unit 7: day 20, and day 100 twice; the half-life is 40 days.
    known = ints(20, 21, 100, 101, 101)
    at = np.array([20.0, 60.0, 100.0, 100.0, 140.0])
    counts = decayed_count(EVENTS, ints(7, 7, 7, 7, 7), known, at, half_life=40.0)
    # An event of the day itself is not known; after day 100: 2 and a quarter, half of it later.
    np.testing.assert_allclose(counts, [0, 0.5, 0.25, 2.25, 1.125], rtol=ROUNDING)


def test_units_do_not_mix():
    counts = decayed_count(
        EVENTS, ints(6, 8, 9), ints(500, 500, 500), np.full(3, 500.0), half_life=400
    )
    np.testing.assert_allclose(counts, [0, 0.5, 0], rtol=ROUNDING)
    assert days_since_last(EVENTS, ints(6, 8, 9), ints(500, 500, 500)).tolist() == [
        np.inf,
        400,
        np.inf,
    ]
    assert days_to_next(EVENTS, ints(6, 8, 9), ints(0, 0, 0)).tolist() == [np.inf, 100, np.inf]


def test_days_since_and_to_an_event_on_the_day():
    assert days_since_last(EVENTS, ints(7, 7), ints(20, 21)).tolist() == [np.inf, 1]
    assert days_to_next(EVENTS, ints(7, 7, 7), ints(20, 21, 101)).tolist() == [0, 79, np.inf]


def test_no_events():
    none = (ints(), ints())
    assert decayed_count(none, ints(1), ints(5), np.array([5.0]), half_life=3.0).tolist() == [0]
    assert days_since_last(none, ints(1), ints(5)).tolist() == [np.inf]
    assert days_to_next(none, ints(1), ints(5)).tolist() == [np.inf]


@settings(max_examples=60, deadline=None)
@given(
    events=st.lists(st.tuples(st.integers(1, 3), st.integers(-60_000, 20_000)), max_size=12),
    asked=st.lists(
        st.tuples(st.integers(1, 3), st.integers(-60_000, 20_000), st.floats(0, 400)), min_size=1
    ),
    half_life=st.floats(1, 4000),
)
def test_the_sum_of_the_definition(events, asked, half_life):
    table = (ints(*(u for u, _ in events)), ints(*(d for _, d in events)))
    unit, known = ints(*(u for u, _, _ in asked)), ints(*(k for _, k, _ in asked))
    at = known + np.array([w for _, _, w in asked])
    counts = decayed_count(table, unit, known, at, half_life=half_life)
    for count, u, k, t in zip(counts, unit, known, at, strict=True):
        want = sum(0.5 ** ((t - d) / half_life) for v, d in events if v == u and d < k)
        # Ages of tens of thousands of days, decayed in steps or at once.
        assert count == pytest.approx(want, rel=1e-9, abs=1e-300)
