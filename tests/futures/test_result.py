"""Summaries over draws: the interval is the draws', the Monte Carlo error is apart."""

import doctest
import importlib
from dataclasses import replace

import numpy as np
import pytest
from futures_problems import make

import detente.futures
from detente.core import random
from detente.futures import Channel, Enter, simulate
from detente.futures.result import summarise


def test_noise_alone_gives_no_interval():
    """Forty draws of one parameter: the spread of their means is Monte Carlo noise."""
    problem = make([Channel("onset", 0, 1)], [np.log(0.2)], rungs=("calm", "dispute"))
    out = simulate(
        problem.system,
        problem.start,
        [problem.parameters] * 40,
        outcomes=[Enter("dispute", ("dispute",))],
        grid=[2.0],
        futures=100,
        seed=3,
    )
    got = out.probability("dispute")
    raw = np.ptp(out.first_passage[0, :, 0, 0, 0] / 100)
    assert raw > 0.1
    # Between-draw variance is estimated with a chi-square of 39 degrees of freedom about zero.
    assert got.upper[0, 0] - got.lower[0, 0] < 0.6 * raw
    assert got.monte_carlo[0, 0] == pytest.approx(np.sqrt(0.33 * 0.67 / 4000), rel=0.05)
    assert abs(got.mean[0, 0] - (1 - np.exp(-0.4))) < 4 * got.monte_carlo[0, 0]


def test_shrinking_recovers_the_spread_of_the_draws():
    rng = np.random.default_rng(1)
    truth = 0.3 + 0.05 * rng.standard_normal(4000)
    noise = 0.08**2
    got = summarise(truth + np.sqrt(noise) * rng.standard_normal(4000), np.full(4000, noise), 0.9)
    # 90% of a normal lies within 1.645 standard deviations; 4000 draws give it to about 3%.
    assert got.upper - got.lower == pytest.approx(2 * 1.645 * 0.05, rel=0.06)
    # Another 4000 draws would move the mean by their own spread and by the futures'.
    assert got.monte_carlo == pytest.approx(np.hypot(0.05, 0.08) / np.sqrt(4000), rel=0.03)


def test_monte_carlo_error_is_what_another_seed_moves():
    """Draws of a rate differ threefold: far more than 50 futures of each do."""
    problem = make([Channel("onset", 0, 1)], [0.0], rungs=("calm", "dispute"))
    rng, means, told = np.random.default_rng(6), [], []
    for seed in range(60):
        draws = [
            replace(problem.parameters, log_base=np.full_like(problem.parameters.log_base, level))
            for level in np.log(0.3) + 0.6 * rng.standard_normal(30)
        ]
        out = simulate(
            problem.system,
            problem.start,
            draws,
            outcomes=[Enter("dispute", ("dispute",))],
            grid=[2.0],
            futures=50,
            seed=seed,
        ).probability("dispute")
        means.append(out.mean[0, 0])
        told.append(out.monte_carlo[0, 0])
    # Sixty seeds know a standard deviation to a tenth.
    assert np.std(means) == pytest.approx(np.mean(told), rel=0.25)


def test_draws_without_a_difference_tell_no_sign():
    """A few futures in 100 differ: most draws see none, and quantiles of them would end at zero."""
    rng = np.random.default_rng(7)
    effect = 0.02 * np.exp(-0.2 + 0.24 * rng.standard_normal(200))
    plus, minus = rng.poisson(100 * effect * 0.06), rng.poisson(100 * effect * 0.2)
    means = (plus - minus) / 100.0
    noise = ((plus + minus) / 100 - means**2) / 99
    bare = summarise(means, noise, 0.9)
    assert bare.upper < 0  # the fault: three draws in four saw no difference
    told = summarise(means, noise, 0.9, quiet=(plus + minus == 0).mean())
    assert told.lower < told.mean < 0 <= told.upper


def test_one_draw_has_no_interval(chain):
    out = simulate(
        chain.system, chain.start, [chain.parameters], outcomes=[], grid=[1.0], futures=10, seed=1
    )
    got = out.standing(["war"])
    assert np.isnan(got.lower).all()
    assert np.isfinite(got.mean).all()
    assert got.mean.shape == (3, 1)


def test_the_surface_is_what_is_exported_and_examples_run():
    assert all(hasattr(detente.futures, name) for name in detente.futures.__all__)
    assert detente.futures.__all__ == sorted(detente.futures.__all__)
    module = importlib.import_module("detente.futures.simulate")
    names = {name: getattr(detente.futures, name) for name in detente.futures.__all__}
    tests = doctest.DocTestFinder().find(module.simulate, "simulate", globs=names)
    runner = doctest.DocTestRunner()
    for test in tests:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
    assert runner.summarize(verbose=False).attempted > 0
    assert doctest.testmod(random).failed == 0
