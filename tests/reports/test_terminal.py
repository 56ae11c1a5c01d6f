"""The summary in a terminal: one screen, the answer first, free text as text."""

import io

import pytest
from rich.console import Console

from detente.assessments import rounding as say
from detente.assessments.schema import Assessment, Series
from detente.reports import render_terminal
from detente.reports.figure import capital
from detente.reports.terminal import LIMITS
from reports.factory import make

LINES = 75
"""A long screen; the summary aims at about fifty lines of 100 columns."""


def printed(assessment: Assessment, width: int) -> str:
    stream = io.StringIO()
    render_terminal(assessment, Console(file=stream, width=width, force_terminal=False))
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 100, 160])
def test_it_fits_its_columns_and_a_screen(assessment: Assessment, width: int) -> None:
    lines = printed(assessment, width).splitlines()
    assert max(map(len, lines)) <= min(width, 100)
    assert len(lines) <= LINES


def test_the_answer_comes_first(assessment: Assessment) -> None:
    text = printed(assessment, 100)
    assert text.index(assessment.evidence.verdict.sentence) < text.index("Chances within")
    assert "percentage points lower" in " ".join(text.split())
    assert "38% [21 to 62]" in text


def test_the_arms_stand_at_the_year_of_the_headline_and_at_the_horizon(
    assessment: Assessment,
) -> None:
    lines = printed(assessment, 100).splitlines()
    (head,) = [
        i for i, line in enumerate(lines) if line.endswith("dispute or worse [90% interval]")
    ]
    assert lines[head + 1].split("  ")[-1].strip() == "within 10 years"
    assert "within 1 year " in lines[head + 1]
    f = assessment.focus
    series = next(
        x.series
        for x in assessment.forecasts.outcomes
        if (x.dyad, x.outcome, x.arm) == (f.dyad, f.outcome, f.arm)
    )
    label = next(x.label for x in assessment.arms if x.id == f.arm)
    (row,) = [line for line in lines[head : head + 5] if line.strip().startswith(capital(label))]
    for years in (1.0, 10.0):
        assert f"{say.number(series.mean[series.years.index(years)], say.PERCENT)}% [" in row


def test_small_and_large_chances_share_a_unit(assessment: Assessment) -> None:
    """The pair that is nearest to war is shown beside one whose chance of war is tiny."""
    every = assessment.forecasts.outcomes
    tiny = [
        x.model_copy(update={"series": _times(x.series, 1e-4)})
        if (x.dyad, x.outcome) == ("USA-RUS", "war")
        else x
        for x in every
    ]
    forecasts = assessment.forecasts.model_copy(update={"outcomes": tiny})
    text = printed(assessment.model_copy(update={"forecasts": forecasts}), 100)
    chances = text[text.index("Chances within") : text.index("more pairs")]
    assert "USA-RUS" in chances
    assert " in 1" not in chances


def _times(series: Series, factor: float) -> Series:
    ends = {name: [factor * v for v in getattr(series, name)] for name in ("mean", "lo", "hi")}
    return series.model_copy(update=ends)


def test_every_section_is_there(assessment: Assessment) -> None:
    text = printed(assessment, 100)
    for title in ("Meetings like this one", "nuclear tail", "is data", "cannot tell"):
        assert title in text


def test_console_markup_in_a_scenario_is_text() -> None:
    a = make()
    scenario = a.meta.scenario.model_copy(update={"title": "[bold]A title[/bold] [link=x]y[/]"})
    meta = a.meta.model_copy(update={"scenario": scenario})
    text = printed(a.model_copy(update={"meta": meta}), 100)
    assert "[bold]A title[/bold] [link=x]y[/]" in text


def test_the_first_limits_are_shown_by_their_first_sentence(assessment: Assessment) -> None:
    limits = [f"Limit number {i}: so it is. And more." for i in range(9)]
    text = printed(assessment.model_copy(update={"limits": limits}), 100)
    assert text.count("Limit number ") == LIMITS
    assert f"Limit number {LIMITS - 1}: so it is." in text
    assert "And more." not in text
