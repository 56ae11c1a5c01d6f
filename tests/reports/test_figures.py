"""Figures: an axis holds what is drawn on it, or the figure says that it does not."""

from __future__ import annotations

from typing import Any

import pytest

from detente.assessments import schema as s
from detente.assessments.prose import compose
from detente.assessments.schema import Quantity
from detente.reports import charts, figures
from detente.reports.marks import Axis
from reports.factory import make


@pytest.fixture
def axes(monkeypatch: pytest.MonkeyPatch) -> list[Axis]:
    """The axes on which rows have been drawn, in order."""
    drawn: list[Axis] = []
    rows = charts.rows

    def seen(labels: Any, spans: Any, axis: Axis, *rest: Any, **options: Any) -> Any:
        drawn.append(axis)
        return rows(labels, spans, axis, *rest, **options)

    monkeypatch.setattr(charts, "rows", seen)
    return drawn


@pytest.mark.parametrize(
    ("lo", "hi", "reach", "cut"),
    [(0.8, 1.3, 2.2, False), (0.02, 3.0, 55.0, False), (0.5, 1e4, 1000.0, True)],
)
def test_the_axis_of_ratios_is_as_wide_as_the_intervals(
    lo: float, hi: float, reach: float, cut: bool, axes: list[Axis]
) -> None:
    a = make()
    ratio = Quantity(value=1.0, unit="hazard ratio", lo=lo, hi=hi, level=0.9)
    narrow = {"hazard_ratio": ratio, "lead_ratio": None, "mde_low": None, "mde_high": None}
    terms = [t.model_copy(update=narrow) for t in a.evidence.terms]
    wide = a.model_copy(update={"evidence": a.evidence.model_copy(update={"terms": terms})})
    figure = figures.terms(wide, compose(wide))
    (axis,) = axes
    assert (axis.lo, axis.hi) == pytest.approx((1 / reach, reach))
    assert figure.note.startswith("Intervals that would reach beyond") == cut


@pytest.mark.parametrize(("mean", "arrow"), [(4.5e-4, False), (3e-7, False), (0.0, True)])
def test_the_axis_of_chances_holds_every_estimate(
    mean: float, arrow: bool, axes: list[Axis]
) -> None:
    a = make()
    first = a.forecasts.outcomes[0].series
    n = len(first.years)

    def changed(series: s.Series, *, rare: bool) -> s.Series:
        low = [mean if rare else max(v, 0.002) for v in series.mean]
        return series.model_copy(
            update={"mean": low, "lo": [0.0 if rare else 0.0015] * n, "hi": [0.9] * n}
        )

    outcomes = [
        x.model_copy(update={"series": changed(x.series, rare=x.dyad == "GBR-FRA")})
        for x in a.forecasts.outcomes
    ]
    forecasts = a.forecasts.model_copy(update={"outcomes": outcomes})
    figure = figures.overview(a.model_copy(update={"forecasts": forecasts}), compose(a))
    if mean:
        assert axes[0].lo <= 100 * mean
    assert ("no sampled future showed" in figure.note) == arrow
