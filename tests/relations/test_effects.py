"""Meeting terms: what the prior does to them, and what could be told from no effect."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from detente.relations.model import load_model, without_prior
from detente.relations.terms import MEETING_SD, detectable_ratios

# All is in closed form: what is left is rounding.
EXACT = 1e-10
# The model file keeps eight digits.
STORED = 1e-6
WEIGHTS = np.array([0.3, 0.5])


def test_lifting_the_prior_gives_back_the_record() -> None:
    record = np.array([[9.0, 5.0], [5.0, 7.0]])
    estimate = np.array([-0.4, 0.1])
    posterior = np.linalg.inv(record + np.eye(2) / MEETING_SD**2)
    mean, se = without_prior(posterior @ record @ estimate, posterior, WEIGHTS)
    assert mean == pytest.approx(WEIGHTS @ estimate, abs=EXACT)
    assert se == pytest.approx(math.sqrt(WEIGHTS @ np.linalg.solve(record, WEIGHTS)), abs=EXACT)


def test_terms_that_were_set_have_no_prior_to_lift() -> None:
    assert without_prior(np.array([1.0, 2.0]), np.zeros((2, 2)), WEIGHTS) == (1.3, 0.0)


def test_a_detectable_ratio_is_found_as_often_as_it_is_said_to_be() -> None:
    below, above = detectable_ratios(0.2)
    assert below * above == pytest.approx(1.0, abs=EXACT)
    # 80% of estimates about it lie beyond the bound of a two-sided test at 5%.
    beyond = norm.sf(1.959963984540054 * 0.2, math.log(above), 0.2)
    assert beyond == pytest.approx(0.8, abs=1e-9)


def test_the_shipped_ratios_agree_among_themselves() -> None:
    model = load_model()
    for effect in model.effects:
        assert 1 - (effect.se / effect.se_without_prior) ** 2 == pytest.approx(
            effect.prior_share, rel=STORED
        )
        assert effect.detectable_above == pytest.approx(
            detectable_ratios(effect.se_without_prior)[1], rel=STORED
        )
        bare = effect.without_prior
        spread = math.log(bare.hi / bare.lo) / 2 / norm.ppf(0.95)
        assert spread == pytest.approx(effect.se_without_prior, rel=STORED)
        # The prior draws towards one, and never makes an estimate less sure.
        assert abs(math.log(bare.value)) > abs(effect.log_ratio)
        assert effect.se < effect.se_without_prior
        assert effect.se_by_dyad > 0
