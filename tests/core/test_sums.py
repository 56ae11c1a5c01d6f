"""Sums of products: their value, their order, and nothing to add."""

import math

import numpy as np
import pytest

from detente.core.errors import InputError
from detente.core.sums import dot


def test_is_the_product() -> None:
    rng = np.random.default_rng(1)
    a, x = rng.normal(size=(3, 4, 50)), rng.normal(size=50)
    np.testing.assert_allclose(dot(a, x), a @ x, rtol=0, atol=1e-13)


def test_adds_in_order() -> None:
    # In any order but this one a unit is not lost.
    assert dot(np.array([1.0, 2.0**53, -(2.0**53)]), np.ones(3)) == 0.0
    assert dot(np.array([2.0**53, -(2.0**53), 1.0]), np.ones(3)) == 1.0
    rng = np.random.default_rng(2)
    a, x, total = rng.normal(size=1000), rng.normal(size=1000), 0.0
    for left, right in zip(a.tolist(), x.tolist(), strict=True):
        total += left * right
    assert float(dot(a, x)) == total
    assert math.fsum(a * x) != total  # it would not be noticed otherwise


def test_nothing_is_zero() -> None:
    assert dot(np.zeros((2, 0)), np.zeros(0)).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("a", "x"), [((3, 1), (4,)), ((3, 4), (1,)), ((3, 4), (3,)), ((), (1,)), ((2, 2), (2, 2))]
)
def test_one_term_is_not_spread_over_several(a: tuple[int, ...], x: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="do not match"):
        dot(np.ones(a), np.ones(x))
