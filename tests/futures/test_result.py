"""Summaries over draws: the interval is the draws', the Monte Carlo error is apart."""

import doctest
import importlib

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
    assert got.monte_carlo == pytest.approx(0.08 / np.sqrt(4000))


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
