"""Clustered standard errors against sums written out."""

import numpy as np
import polars as pl
import pytest

from detente.core.errors import DataError
from detente.hazards import (
    Frailty,
    HazardFit,
    HazardSpec,
    Intervals,
    Piecewise,
    Ridge,
    Shared,
    Transition,
    Walk,
    Weibull,
    clustered_covariance,
    fit_hazards,
)

EXACT = 1e-8


def _table(n: int = 150) -> pl.DataFrame:
    rng = np.random.default_rng(17)
    x = rng.normal(size=n)
    end = rng.exponential(np.exp(-0.4 * x))
    return pl.DataFrame(
        {
            "id": np.arange(n),
            "transition": rng.choice(["a", "b"], n),
            "start": 0.0,
            "stop": np.minimum(end, 1.5),
            "event": (end < 1.5).astype(int),
            "x": x,
            "dyad": rng.integers(0, 12, n),
            "year": rng.integers(1990, 2002, n),
            "few": rng.integers(0, 9, n),
            "gap": pl.Series([None, *range(1, n)], dtype=pl.Int64),
        }
    )


TABLE = _table()
SPEC = HazardSpec((Transition("a"), Transition("b")), shared=(Shared("both", "x", ("a", "b")),))


@pytest.fixture(scope="module")
def fit() -> HazardFit:
    return fit_hazards(Intervals(TABLE), SPEC)


def _scores(fit: HazardFit) -> np.ndarray:
    """Score of every row: (in a, in b, x) times (event - expected)."""
    assert fit.names == ("a:baseline[0,inf)", "both:x", "b:baseline[0,inf)")
    a = (TABLE["transition"] == "a").to_numpy().astype(float)
    x = np.column_stack([a, TABLE["x"].to_numpy(), 1 - a])
    residual = TABLE["event"].to_numpy() - np.exp(x @ fit.dense) * TABLE["stop"].to_numpy()
    return x * residual[:, None]


def _meat(scores: np.ndarray, keys: list[object]) -> np.ndarray:
    total: dict[object, np.ndarray] = {}
    for key, score in zip(keys, scores, strict=True):
        total[key] = total.get(key, 0.0) + score
    return sum(np.outer(s, s) for s in total.values())


def test_one_cluster_a_row_is_the_robust_covariance(fit: HazardFit) -> None:
    scores, v = _scores(fit), fit.covariance
    by_hand = v @ (scores.T @ scores) @ v
    ours = clustered_covariance(fit, Intervals(TABLE), ["id"])
    np.testing.assert_allclose(ours, by_hand, atol=EXACT)


def test_one_way_by_hand(fit: HazardFit) -> None:
    v = fit.covariance
    by_hand = v @ _meat(_scores(fit), TABLE["dyad"].to_list()) @ v
    np.testing.assert_allclose(
        clustered_covariance(fit, Intervals(TABLE), ["dyad"]), by_hand, atol=EXACT
    )


def test_two_ways_add_and_take_off_what_is_counted_twice(fit: HazardFit) -> None:
    v, scores = fit.covariance, _scores(fit)
    dyad, year = TABLE["dyad"].to_list(), TABLE["year"].to_list()
    both = list(zip(dyad, year, strict=True))
    by_hand = v @ (_meat(scores, dyad) + _meat(scores, year) - _meat(scores, both)) @ v
    assert np.linalg.eigvalsh(by_hand)[0] > 0
    ours = clustered_covariance(fit, Intervals(TABLE), ["dyad", "year"])
    np.testing.assert_allclose(ours, by_hand, atol=EXACT)


def test_splitting_rows_at_cuts_changes_no_score() -> None:
    spec = HazardSpec((Transition("a", "x", Piecewise((0.4,))),))
    fit = fit_hazards(Intervals(TABLE), spec)
    whole = clustered_covariance(fit, Intervals(TABLE), ["id"])
    at = 0.2
    long = (pl.col("stop") > at) & (pl.col("transition") == "a")
    parts = pl.concat(
        [
            TABLE.filter(~long),
            TABLE.filter(long).with_columns(stop=pl.lit(at), event=pl.lit(0, dtype=pl.Int64)),
            TABLE.filter(long).with_columns(start=pl.lit(at)),
        ]
    )
    split = Intervals(parts)
    again = clustered_covariance(fit_hazards(split, spec), split, ["id"])
    np.testing.assert_allclose(again, whole, atol=1e-6)


# Rows moved by this weight: the error of the central difference is of its square.
NUDGE = 1e-3


@pytest.mark.parametrize(
    ("frailty", "tolerance"),
    # With frailties the fit also moves their variances, which the sandwich holds fixed.
    [(None, 1e-4), (Frailty("pair", "dyad", ("a", "b"), 0.6), 0.05)],
    ids=["walk", "walk and frailty"],
)
def test_the_influence_of_a_cluster_is_its_derivative(
    frailty: Frailty | None, tolerance: float
) -> None:
    spec = HazardSpec(
        (Transition("a", baseline=Weibull()), Transition("b")),
        shared=(Shared("both", "x", ("a", "b")),),
        ridges=(Ridge(("both:*",), 0.5),),
        walk=Walk("system", "year", ("a", "b"), 0.4),
        frailty=frailty,
    )

    def coefficients(year: int, weight: float) -> np.ndarray:
        w = pl.when(pl.col("year") == year).then(weight).otherwise(1.0)
        return fit_hazards(Intervals(TABLE.with_columns(weight=w)), spec).coefficients

    years = TABLE["year"].unique().to_list()
    moved = [(coefficients(y, 1 + NUDGE) - coefficients(y, 1 - NUDGE)) / (2 * NUDGE) for y in years]
    by_difference = sum(np.outer(m, m) for m in moved)
    fit = fit_hazards(Intervals(TABLE), spec)
    ours = clustered_covariance(fit, Intervals(TABLE), ["year"])
    np.testing.assert_allclose(ours, by_difference, atol=tolerance * np.abs(by_difference).max())


@pytest.mark.parametrize(
    ("clusters", "match"),
    [
        (["few"], "fewer than ten clusters in 'few'"),
        (["dyad", "few"], "fewer than ten clusters in 'few'"),
        (["none"], "'none' to cluster by is missing"),
        (["gap"], "'gap' to cluster by is missing or has nulls"),
        ([], "one column or by two"),
        (["dyad", "dyad"], "by two that differ"),
        (["dyad", "year", "id"], "one column or by two"),
    ],
)
def test_bad_clusters(fit: HazardFit, clusters: list[str], match: str) -> None:
    with pytest.raises(DataError, match=match):
        clustered_covariance(fit, Intervals(TABLE), clusters)


def test_other_intervals_than_those_of_the_fit(fit: HazardFit) -> None:
    with pytest.raises(DataError, match="not those that the fit was made from"):
        clustered_covariance(fit, Intervals(TABLE[:-1]), ["dyad"])
