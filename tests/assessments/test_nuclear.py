"""The nuclear tail against closed forms and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from detente.assessments.nuclear import (
    LEVELS,
    Exposure,
    NuclearPrior,
    PriorSource,
    match_interval,
    match_median,
    nuclear_prior,
    nuclear_priors,
    posterior,
)
from detente.assessments.nuclear_arms import compare_arms
from detente.core.errors import DataError, UnknownNameError

EXACT = 1e-12
"""Closed forms agree to rounding."""
SPECIAL = 1e-9
"""Two implementations of the incomplete gamma function, one inverted by root finding."""
QUADRATURE = 1e-6
"""The integral of a smooth function by adaptive quadrature."""
SAMPLED = 0.02
"""Relative error of a quantile from 400,000 draws and 400 rate points."""

SOURCE = PriorSource("s", "an author", "a title", 2000, "read")
YEARS = Exposure("calendar years", 76.0)
CRISES = Exposure("crises between nuclear states", 150.0, 1.5)


def prior(a: float, b: float) -> NuclearPrior:
    return NuclearPrior("p", "P", a, b, {}, "given", "note", SOURCE)


@settings(deadline=None, derandomize=True)
@given(
    a=st.floats(0.2, 20),
    b=st.floats(1, 2000),
    amount=st.floats(0.5, 5000),
    per_year=st.floats(0.1, 50),
    years=st.floats(0, 100),
)
def test_posterior_against_scipy(
    a: float, b: float, amount: float, per_year: float, years: float
) -> None:
    after = posterior(prior(a, b), Exposure("nuclear dyad-years", amount, per_year))
    gamma = stats.gamma(a, scale=1 / (b * per_year + amount))
    before = stats.gamma(a, scale=1 / (b * per_year))
    assert after.mean == pytest.approx(gamma.mean(), rel=EXACT)
    assert after.prior_mean == pytest.approx(before.mean(), rel=EXACT)
    assert after.prior_share == pytest.approx(b * per_year / (b * per_year + amount), rel=EXACT)
    for shift in after.shifts():
        assert shift.posterior == pytest.approx(gamma.ppf(shift.level), rel=SPECIAL)
        assert shift.prior == pytest.approx(before.ppf(shift.level), rel=SPECIAL)
        assert shift.ratio == pytest.approx(after.prior_share, rel=SPECIAL)
    units = years * per_year
    rate = b * per_year + amount
    closed = 1 - (rate / (rate + units)) ** a
    assert after.within(years) == pytest.approx(closed, rel=SPECIAL, abs=EXACT)


def test_within_is_the_mean_over_the_rate() -> None:
    after = posterior(prior(1.4, 750.0), YEARS)
    density = stats.gamma(after.a, scale=1 / after.b).pdf
    mean, _ = integrate.quad(lambda r: -math.expm1(-r * 10) * density(r), 0, 0.1, limit=200)
    assert after.within(10) == pytest.approx(mean, rel=QUADRATURE)


def test_by_hand() -> None:
    after = posterior(nuclear_prior("jeffreys"), YEARS)
    assert after.mean == pytest.approx(0.5 / 76, rel=EXACT)
    assert after.within(10) == pytest.approx(1 - math.sqrt(76 / 86), rel=EXACT)
    assert after.within(0) == 0
    chi2_median = stats.chi2(1).ppf(0.5)
    assert after.quantile(0.5) == pytest.approx(chi2_median / (2 * 76), rel=SPECIAL)


def test_jeffreys_is_improper() -> None:
    jeffreys = nuclear_prior("jeffreys")
    assert not jeffreys.proper
    after = posterior(jeffreys, CRISES)
    assert after.prior_share == 0
    assert after.prior_mean is None
    assert all(shift.prior is None and shift.ratio is None for shift in after.shifts())


@pytest.mark.parametrize("key", ["hellman-2008", "experts-2024"])
def test_a_prior_per_year_is_the_same_belief_in_another_unit(key: str) -> None:
    per_year = posterior(nuclear_prior(key), Exposure("calendar years", 76.0))
    per_dyad = posterior(nuclear_prior(key), Exposure("nuclear dyad-years", 76.0 * 30, 30.0))
    assert per_dyad.mean * 30 == pytest.approx(per_year.mean, rel=EXACT)
    assert per_dyad.prior_share == pytest.approx(per_year.prior_share, rel=EXACT)
    assert per_dyad.within(10) == pytest.approx(per_year.within(10), rel=SPECIAL)


def test_shipped_priors_say_what_was_published() -> None:
    assert [p.id for p in nuclear_priors()] == ["jeffreys", "hellman-2008", "experts-2024"]
    hellman = nuclear_prior("hellman-2008")
    gamma = stats.gamma(hellman.a, scale=1 / hellman.b)
    assert gamma.ppf([0.05, 0.95]) == pytest.approx([0.0002, 0.005], rel=SPECIAL)
    assert hellman.published == {"low": 0.0002, "high": 0.005, "level": 0.9}
    experts = nuclear_prior("experts-2024")
    median = stats.gamma(experts.a, scale=1 / experts.b).ppf(0.5)
    assert -math.expm1(-median * 21) == pytest.approx(0.05, rel=SPECIAL)
    assert all(p.source.author and p.source.read and p.note for p in nuclear_priors())


@settings(deadline=None, derandomize=True)
@given(a=st.floats(0.3, 200), b=st.floats(0.01, 1e4), level=st.floats(0.2, 0.99))
def test_matching_an_interval_recovers_the_gamma(a: float, b: float, level: float) -> None:
    low, high = stats.gamma(a, scale=1 / b).interval(level)
    shape, rate = match_interval(float(low), float(high), level)
    # Narrow intervals of sharp gammas leave the shape less sure than rounding.
    assert shape == pytest.approx(a, rel=1e-6)
    assert rate == pytest.approx(b, rel=1e-6)


def test_matching_a_median() -> None:
    shape, rate = match_median(0.05, 21.0, 1.0)
    assert (shape, rate) == (1.0, pytest.approx(math.log(2) * 21 / -math.log(0.95), rel=SPECIAL))


def test_difference_between_arms_is_crises_times_rate() -> None:
    after = posterior(nuclear_prior("hellman-2008"), CRISES)
    result = compare_arms(
        after, arm="leaders", reference="neither", crises=2.5, crises_reference=3.0, level=0.8
    )
    assert result.value == pytest.approx(-0.5 * after.mean, rel=EXACT)
    assert result.lo == pytest.approx(-0.5 * after.quantile(0.9), rel=EXACT)
    assert result.hi == pytest.approx(-0.5 * after.quantile(0.1), rel=EXACT)
    assert "share one rate" in result.statement
    assert "0.5 fewer crises" in result.statement


def test_the_sentence_follows_the_sign() -> None:
    after = posterior(nuclear_prior("jeffreys"), CRISES)

    def said(crises: float) -> str:
        return compare_arms(
            after, arm="a", reference="b", crises=crises, crises_reference=1.0
        ).statement

    assert "1 more crises" in said(2.0)
    assert "1 fewer crises" in said(0.0)
    assert "no fewer and no more crises" in said(1.0)


def test_the_sentence_names_horizon_reference_and_interval() -> None:
    after = posterior(nuclear_prior("jeffreys"), CRISES)
    base = np.linspace(10.0, 30.0, 101)
    shift = np.linspace(-1.0, 2.0, 101)
    found = compare_arms(
        after,
        arm="a",
        reference="b",
        crises=base + shift,
        crises_reference=base,
        within="within 10 years",
    )
    assert (found.crises.mean, found.crises.lo, found.crises.hi) == pytest.approx(
        (0.5, -0.85, 1.85)
    )
    assert found.crises_reference.mean == pytest.approx(20.0)
    assert (
        "the model expects, within 10 years, 0.5 more crises between nuclear states (90% interval: "
        "0.85 fewer to 1.9 more, which includes zero) than the 20 with b"
    ) in found.statement


def test_equal_arms_differ_by_nothing() -> None:
    after = posterior(nuclear_prior("jeffreys"), CRISES)
    draws = np.array([1.0, 2.0, 3.0])
    same = compare_arms(after, arm="a", reference="b", crises=draws, crises_reference=draws)
    assert (same.value, same.lo, same.hi) == (0.0, 0.0, 0.0)


def test_interval_over_draws_against_sampling() -> None:
    rng = np.random.default_rng(7)
    after = posterior(nuclear_prior("jeffreys"), CRISES)
    one, other = rng.gamma(3.0, size=200), rng.gamma(3.0, size=200)
    result = compare_arms(after, arm="a", reference="b", crises=one, crises_reference=other)
    picks = rng.integers(0, 200, 400_000)
    rates = rng.gamma(after.a, 1 / after.b, 400_000)
    lo, hi = np.quantile((one - other)[picks] * rates, [0.05, 0.95])
    assert result.lo == pytest.approx(lo, rel=SAMPLED)
    assert result.hi == pytest.approx(hi, rel=SAMPLED)


def test_a_frozen_result() -> None:
    after = posterior(nuclear_prior("jeffreys"), YEARS)
    with pytest.raises(AttributeError):
        after.a = 2.0  # type: ignore[misc]


def test_bad_input() -> None:
    with pytest.raises(UnknownNameError, match="unknown nuclear prior 'hellman': did you mean"):
        nuclear_prior("hellman")
    for amount in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(DataError, match=r"amount = .*expected a number > 0"):
            Exposure("calendar years", amount)
    with pytest.raises(DataError, match="per_year = 0: expected a number > 0"):
        Exposure("calendar years", 1.0, 0)
    with pytest.raises(DataError, match="shape a = 0: expected a > 0"):
        prior(0, 1)
    with pytest.raises(DataError, match="rate b = -1: expected b >= 0"):
        prior(1, -1)
    after = posterior(nuclear_prior("jeffreys"), CRISES)
    with pytest.raises(DataError, match="horizon of -1 years"):
        after.within(-1)
    for level in (0.0, 1.0):
        with pytest.raises(DataError, match="expected between 0 and 1"):
            after.quantile(level)
    with pytest.raises(DataError, match="wants a rate per crisis, not calendar years"):
        compare_arms(
            posterior(nuclear_prior("jeffreys"), YEARS),
            arm="a",
            reference="b",
            crises=1.0,
            crises_reference=1.0,
        )
    with pytest.raises(DataError, match=r"two arrays of shape \(D,\)"):
        compare_arms(after, arm="a", reference="b", crises=[1.0, 2.0], crises_reference=1.0)
    with pytest.raises(DataError, match="expected finite numbers"):
        compare_arms(after, arm="a", reference="b", crises=math.nan, crises_reference=1.0)
    with pytest.raises(DataError, match="expected 0 < low < high"):
        match_interval(0.005, 0.0002, 0.9)
    with pytest.raises(DataError, match="too wide or too narrow"):
        match_interval(1.0, 1.0 + 1e-9, 0.9)
    with pytest.raises(DataError, match="probability = 1"):
        match_median(1.0, 21.0, 1.0)


def test_levels_are_the_ones_shown() -> None:
    after = posterior(nuclear_prior("experts-2024"), YEARS)
    assert tuple(shift.level for shift in after.shifts()) == LEVELS
    assert after.within_quantile(10, 0.5) == pytest.approx(
        -math.expm1(-10 * after.quantile(0.5)), rel=EXACT
    )
