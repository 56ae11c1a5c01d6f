"""Scales and variances settle where they crawl or circle, and lost directions are called so."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from detente.core.errors import FitError
from detente.hazards import (
    Baseline,
    Frailty,
    HazardFit,
    HazardSpec,
    Intervals,
    RoystonParmar,
    Spline,
    Transition,
    Walk,
    Weibull,
    expected_by_row,
    fit_hazards,
    profile_interval,
)
from detente.hazards.fitting import settle
from detente.hazards.fitting.scales import SD_RANGE, Path
from detente.hazards.inference import profile_limits
from detente.hazards.model.baselines import Scale

# Variances at their end solve their equation to about the 1e-6 that none moves by any more.
VARIANCE_TOLERANCE = 1e-5

# Sixteen rows and three events in four clusters.
CIRCLING = """\
stop 3.74 2.28 0.36 3.56 2.53 0.73 0.89 1.14 1.58 0.07 0.87 0.49 1.14 0.56 0.3 1.17
event 0 1 0 1 0 1 0 0 0 0 0 0 0 0 0 0
x 0.806 0.112 -0.778 -1.676 0.737 0.586 -0.929 0.739 0.934 0.615 -0.431 0.065 -2.261 -0.246
    -0.753 -0.763
g 1 3 2 2 1 1 1 1 0 1 1 0 2 3 3 2
"""
# Clusters so far apart that the variances of their frailties follow one another slowly.
SLOW = """\
stop 3.8038 9.5377 0.9126 0.0841 0.5831 1.9949 0.0535 0.0629 0.1331 0.4184 0.4023 3.3433 0.2093
    0.0407 0.0164 2.4341 0.3672 0.0861 2.1613
event 1 0 1 1 1 1 1 1 1 0 0 1 1 1 1 0 1 1 0
x 0.373 -0.61 1.227 -1.134 -0.858 -0.557 -2.586 -1.192 -0.14 -0.927 0.968 1.39 -0.507 -1.4 -0.32
    -0.246 -1.872 -0.374 0.145
g 6 1 12 12 8 5 4 3 3 1 3 4 3 12 9 7 6 12 2
"""
# A walk over five years that have nothing to tell them apart, beside a spline as poor.
CRAWLING = """\
stop 0.4667 0.0679 0.7127 0.1238 0.4384 0.872 0.4882 0.0727 0.769 0.1813 1.1874 0.4932 0.3112
    0.2424 1.8485 0.4522 0.2399 1.0228 0.611 0.4449 0.4208 0.4191 0.2438 0.963 0.3729 0.0122
event 0 1 0 0 0 0 1 1 0 1 0 0 0 0 0 0 0 0 0 1 1 1 0 1 1 0
x 0.538 -1.095 -0.024 -0.851 -1.655 0.819 -0.62 -2.023 -0.124 -0.197 0.486 -1.201 1.06 -0.067
    0.421 -0.917 0.661 0.369 -0.503 -0.345 0.031 -0.773 0.607 -1.716 1.417 1.15
year 0 1 2 3 4 3 3 1 3 1 0 1 1 2 2 3 0 1 2 4 4 0 3 3 4 1
"""


def _columns(text: str) -> dict[str, list[float]]:
    """Columns of a table: a name, its numbers, the next name."""
    columns: dict[str, list[float]] = {}
    for word in text.split():
        if word.isalpha():
            columns[word] = []
        else:
            columns[list(columns)[-1]].append(float(word))
    return columns


def _rows(columns: dict[str, list[float]]) -> Intervals:
    table = pl.DataFrame(columns).with_row_index("id")
    years = pl.col("^year$").cast(pl.Int64)
    return Intervals(table.with_columns(years, transition=pl.lit("a"), start=pl.lit(0.0)))


def _frailty(baseline: Baseline, sd: Scale = "estimate") -> HazardSpec:
    shared = Frailty("g", "g", ("a",), sd)
    return HazardSpec((Transition("a", "x", baseline),), frailty=shared)


def test_scales_do_not_circle_after_variances_that_lag() -> None:
    rows = _rows(_columns(CIRCLING))
    fit = fit_hazards(rows, _frailty(RoystonParmar(inner=1)))
    sd = fit.scales["g"]
    # Its update points to it from either side.
    for side in (-0.05, 0.05):
        beside = fit_hazards(rows, _frailty(RoystonParmar(inner=1), sd=sd * np.exp(side)))
        spread = float(np.sum(beside.frailty**2 + _variance(beside)))
        drawn = np.sqrt(spread / len(beside.frailty)) / beside.scales["g"]
        assert np.sign(drawn - 1.0) == -np.sign(side)


def _variance(fit: HazardFit) -> np.ndarray:
    """Whole variance of each log frailty."""
    slope = fit.frailty_slope
    return fit.frailty_variance + np.sum((slope @ fit.covariance) * slope, axis=1)


def test_a_crawl_to_the_bound_comes_to_its_end() -> None:
    spec = HazardSpec(
        (Transition("a", "x", Spline(pieces=5, over="log time")),), walk=Walk("w", "year", ("a",))
    )
    fit = fit_hazards(_rows(_columns(CRAWLING)), spec)
    assert fit.scales["w"] == pytest.approx(SD_RANGE[0], rel=1e-9)


def test_a_path_hastens_where_its_updates_do_not_end() -> None:
    # The update of a scale that has no variance: the same share whatever the scale.
    path, here, looked = Path(-5.0, 3.0), np.zeros(1), 0
    while here[0] > -5.0:
        here, looked = (
            path.next(here, np.array([-0.0154 + 0.003 * np.exp(2 * here[0])])),
            looked + 1,
        )
    assert looked < 20  # one of three lengths a time needs a hundred


def test_a_scale_that_has_settled_is_not_thrown_by_one_that_crawls() -> None:
    # Where moves hardly differ from one look to the next, an extrapolation divides by next to none.
    far, near = Path(-5.0, 3.0), Path(-5.0, 3.0, trust=30.0)
    looks = [([-0.7, -2.4], [-1.6e-4, -8.9e-3]), ([-0.7005, -2.427], [-1.5e-4, -8.9e-3])]
    steps = [np.zeros(2), np.zeros(2)]
    for here, move in looks:
        steps = [path.next(np.array(here), np.array(move)) - here for path in (far, near)]
    assert abs(steps[1][0]) <= 30.0 * 1.5e-4 + 1e-12 < abs(steps[0][0])


def test_variances_settle_where_they_follow_one_another_slowly() -> None:
    rows = _rows(_columns(SLOW))
    fit = fit_hazards(rows, _frailty(Weibull(), sd=15.0))
    expected = expected_by_row(fit, rows)["a"]
    clusters = rows.table["g"].replace_strict(fit.frailty_levels, range(len(fit.frailty_levels)))
    by_cluster = np.bincount(clusters.to_numpy(), expected, len(fit.frailty_levels))
    variance = fit.frailty_variance
    np.testing.assert_allclose(
        variance * (by_cluster + 15.0**-2), np.ones(len(variance)), atol=VARIANCE_TOLERANCE
    )


@pytest.mark.parametrize("seed", [1, 3, 5, 30])
def test_a_lost_direction_is_lost_whatever_the_rounding(seed: int) -> None:
    # z has no event. Beside the precision of a spline all but straight, what is left of its
    # information is a rounding error of either sign: which seeds fail differs by processor.
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=50), np.arange(50) % 8 == 0
    time, censored = rng.exponential(1, 50) + 0.01, rng.exponential(2, 50)
    columns: dict[str, list[float]] = {
        "stop": np.minimum(time, censored).tolist(),
        "event": ((time <= censored) & ~z).astype(float).tolist(),
        "x": x.tolist(),
        "z": z.astype(float).tolist(),
    }
    spec = HazardSpec((Transition("a", "x + z", Spline(pieces=4)),))
    with pytest.raises(FitError, match=r"diverged.* look at 'a:z'"):
        fit_hazards(_rows(columns), spec)


def test_variances_that_do_not_settle_are_no_matter_of_scales(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settle, "VARIANCE_UPDATES", 2)
    with pytest.raises(FitError, match=r"variances not settled.* fix a smaller sd"):
        fit_hazards(_rows(_columns(SLOW)), _frailty(Weibull(), sd=15.0))


def test_a_profile_that_does_not_settle_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _rows(_columns(SLOW))
    normal = fit_hazards(rows, _frailty(Weibull(), sd=3.0))
    spread = Frailty("g", "g", ("a",), distribution="gamma")
    gamma = fit_hazards(rows, HazardSpec((Transition("a", "x", Weibull()),), frailty=spread))
    monkeypatch.setattr(profile_limits, "VARIANCE_UPDATES", 1)
    with pytest.raises(FitError, match=r"variances not settled.* fix a smaller sd"):
        profile_interval(normal, rows, "a:x")
    monkeypatch.setattr(profile_limits, "_SCALE_UPDATES", 1)
    with pytest.raises(FitError, match=r"scales not settled.* 'g' still moves"):
        profile_interval(gamma, rows, "a:x")
