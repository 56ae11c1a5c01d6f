"""Totals of the natural course, its count by chance, and the fifth of the lowest risk."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import poisson

from detente.relations.card import render_card
from detente.relations.card_bias import (
    COURSE_YEARS,
    CourseTotal,
    common_side,
    course_totals,
    lowest_fifth,
    miss,
)
from detente.relations.card_course import course_in_words, outside_by_chance, totals_in_words
from detente.relations.course import DRAWS, FUTURES, WINDOW
from detente.relations.model import CalibrationPart, CoursePart, ModelFile, load_model

COVERAGE_ERROR = 0.003
"""Four standard errors of a share of 0.12 in 200,000 trials."""


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return load_model()


def flat(text: str) -> str:
    return " ".join(text.split())


def cell(**changes: Any) -> CoursePart:
    base = {
        "shocks": "drawn",
        "decade": "1960",
        "outcome": "wars begun or joined",
        "observed": 10,
        "median": 20.0,
        "lo": 5.0,
        "hi": 50.0,
    }
    return CoursePart.model_validate({**base, **changes})


def unbiased(model: ModelFile) -> ModelFile:
    course = [c.model_copy(update={"median": float(c.observed)}) for c in model.course]
    return model.model_copy(update={"course": course})


def fifth(observed: int, expected: float, process: str = "initiate") -> CalibrationPart:
    return CalibrationPart(
        process=process, by="risk fifth", group="1", observed=observed, expected=expected
    )


def test_the_years_are_those_that_are_simulated() -> None:
    assert (WINDOW[0].year, WINDOW[1].year - 1) == COURSE_YEARS


def test_totals_are_those_of_the_file(model: ModelFile) -> None:
    text = render_card(model)
    plain = [c.model_dump() for c in model.course]
    for total in course_totals(model.course):
        cells = [c for c in plain if (c["shocks"], c["outcome"]) == (total.shocks, total.outcome)]
        seen = sum(c["observed"] for c in cells)
        median = sum(c["median"] for c in cells)
        above = sum(c["median"] > c["observed"] for c in cells)
        row = f"| {total.outcome} | {seen:,} | {median:,.1f}".removesuffix(".0")
        assert f"{row} | " in text
        assert total.ratio == pytest.approx(median / seen)
        assert (total.above, total.periods) == (above, len(cells))
        assert f" | {above} of {len(cells)} |" in text


def test_the_words_hold_the_ratios_of_the_file(model: ModelFile) -> None:
    text = flat(render_card(model))
    for shocks in ("drawn", "fitted"):
        for outcome, name in (
            ("wars begun or joined", "wars"),
            ("disputes begun or joined", "disputes"),
        ):
            cells = [c for c in model.course if (c.shocks, c.outcome) == (shocks, outcome)]
            times = sum(c.median for c in cells) / sum(c.observed for c in cells)
            assert times > 1
            assert f"{times:.2g} times the {name}" in text
    assert text.count("Forecasts of disputes and wars are therefore likelier too high") == 2


def test_a_course_without_bias_states_none(model: ModelFile) -> None:
    text = flat(render_card(unbiased(model)))
    assert "Its bias" not in text
    assert "likelier" not in text
    assert text.count("has about as many disputes, wars, leaders' meetings and envoys'") == 2


@pytest.mark.parametrize(("median", "side", "other"), [(20.0, "high", "low"), (5.0, "low", "high")])
def test_the_side_turns_with_the_total(median: float, side: str, other: str) -> None:
    (total,) = course_totals([cell(median=median)])
    said = totals_in_words([total])
    assert f"{median / 10:.2g} times the wars" in said
    assert f"Forecasts of wars are therefore likelier too {side} than too {other}." in said


def test_totals_on_both_sides_have_none_in_common() -> None:
    high, low, near = (CourseTotal("drawn", "x", 100, s, 1, 1) for s in (200.0, 50.0, 102.0))
    assert common_side([high, high]) == "high"
    assert common_side([low]) == "low"
    assert common_side([high, low]) is common_side([high, near]) is common_side([]) is None


def test_a_record_without_events_has_no_ratio(model: ModelFile) -> None:
    empty = cell(observed=0, median=3.0, lo=0.0)
    (total,) = course_totals([empty])
    assert total.ratio is None
    text = render_card(model.model_copy(update={"course": [empty]}))
    assert "| wars begun or joined | 0 | 3 | - | 1 of 1 |" in text


def test_a_new_future_leaves_the_interval_as_often_as_stated() -> None:
    rng = np.random.default_rng(1)
    runs, futures = 200_000, 80
    low, high = np.quantile(rng.random((runs, futures)), [0.05, 0.95], axis=1)
    new = rng.random(runs)
    share = float(np.mean((new < low) | (new > high)))
    assert outside_by_chance(futures, 0.9) == pytest.approx(share, abs=COVERAGE_ERROR)


def test_the_count_by_chance_stands_with_its_caveat() -> None:
    said = course_in_words([cell(observed=n) for n in [1] * 24 + [10] * 24])
    share = 2 * (1 + (DRAWS * FUTURES - 1) * 0.05) / (DRAWS * FUTURES + 1)
    assert f"about {share * 48:.0f} of 48 would by chance" in said
    assert "No count by chance holds strictly." in said
    assert "by chance" not in course_in_words([cell()])


def test_an_interval_too_wide_to_fail_is_named() -> None:
    assert "An interval such as [5, 8883] can hardly fail" in course_in_words([cell(hi=8883.0)])
    assert "hardly" not in course_in_words([cell()])


@pytest.mark.parametrize("expected", [0.0, 0.4, 3.6, 97.6, 458.4])
def test_a_miss_is_one_of_the_poisson_interval(expected: float) -> None:
    low, high = poisson.ppf([0.025, 0.975], max(expected, 1e-12))
    for observed in range(int(2 * expected) + 5):
        side = "high" if observed < low else "low" if observed > high else None
        assert miss(fifth(observed, expected)) == side, observed


def test_the_lowest_fifth_is_put_in_words(model: ModelFile) -> None:
    part = lowest_fifth(model.calibration, "initiate")
    assert part is not None
    assert miss(part) == "high"
    text = flat(render_card(model))
    assert f"start of a dispute ({part.expected:.0f} for {part.observed})" in text
    even, few = (
        flat(render_card(model.model_copy(update={"calibration": [fifth(n, 100.0)]})))
        for n in (100, 150)
    )
    assert "the model is inside that interval throughout" in even
    assert "fewer than were seen of start of a dispute (100 for 150)" in few
    assert "Part of such a gap" in text
    assert "Part of such a gap" not in even + few
