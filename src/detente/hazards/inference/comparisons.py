r"""Tests of a fit: against the model without covariates, of chosen coefficients, of nested models.

With :math:`U` the score and :math:`I` the information of the whole model at the best fit without
covariates, :math:`b` the estimates and :math:`V` their covariance, the statistics are
:math:`2(\ell - \ell_0)`, :math:`b' V^{-1} b` and :math:`U' I^{-1} U`, each chi-square with a degree
of freedom for each coefficient (Cox and Hinkley 1974, Theoretical Statistics, ch. 9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from detente.core.errors import FitError, InputError, UnknownNameError
from detente.hazards.data.intervals import Intervals
from detente.hazards.fitting.fit import HazardFit, fit_hazards
from detente.hazards.fitting.likelihood import derivatives, score_rows
from detente.hazards.inference.posterior import cluster_sums, clustered_covariance, design_of
from detente.hazards.model.spec import HazardSpec

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A statistic, its degrees of freedom, and the chance of one as large if nothing is there."""

    statistic: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class NullComparison:
    """A fit beside the one without covariates, of log-likelihood ``null_log_likelihood``."""

    null_log_likelihood: float
    likelihood_ratio: ChiSquare
    wald: ChiSquare
    score: ChiSquare


def compare_with_null(
    fit: HazardFit, intervals: Intervals, *, cluster: str | None = None
) -> NullComparison:
    """Likelihood-ratio, Wald and score tests that no covariate matters.

    Parameters
    ----------
    fit, intervals
        A converged fit without priors on its coefficients, and the intervals it was made from.
    cluster
        A column of the table: Wald and score tests are then the robust ones, by the sandwich.
        The likelihood ratio takes rows as independent all the same.

    Raises
    ------
    InputError, FitError
        A fit without covariates, with priors, or that did not converge.

    Examples
    --------
    >>> import polars as pl
    >>> from detente.hazards import (Cox, HazardSpec, Intervals, Transition, compare_with_null,
    ...     fit_hazards)
    >>> rows = pl.DataFrame({"id": range(6), "transition": "a->b", "start": 0.0,
    ...     "stop": [1.0, 1.0, 6.0, 6.0, 8.0, 9.0], "event": [1, 0, 1, 1, 0, 1],
    ...     "x": [1, 1, 1, 0, 0, 0]})
    >>> iv = Intervals(rows)
    >>> fit = fit_hazards(iv, HazardSpec((Transition("a->b", "x", Cox()),)))
    >>> tests = compare_with_null(fit, iv)
    >>> round(tests.likelihood_ratio.statistic, 3), round(tests.score.statistic, 3)
    (1.479, 1.6)
    """
    _check(fit)
    places = _covariates(fit)
    if not places:
        raise InputError("the fit has no covariate to test")
    null = fit_hazards(intervals, _null(fit.spec))
    design = design_of(fit, intervals)
    point = np.zeros(len(fit.dense))
    for i, name in enumerate(fit.names):
        if name in null.names:
            point[i] = null.dense[null.names.index(name)]
    d = derivatives(design, point, np.zeros(0))
    slope = d.gradient[places]
    if cluster is None:
        covariance = None
        spread = np.linalg.inv(np.linalg.inv(d.information)[np.ix_(places, places)])
    else:
        covariance = clustered_covariance(fit, intervals, [cluster])
        rows = [scores for scores, _ in score_rows(design, point, np.zeros(0))]
        sums = cluster_sums(design, intervals, rows, [cluster])[:, places]
        spread = sums.T @ sums
    gain = 2.0 * (fit.log_likelihood - null.log_likelihood)
    return NullComparison(
        null.log_likelihood,
        _chi_square(gain, len(places)),
        wald_test(fit, [fit.names[i] for i in places], covariance=covariance),
        _chi_square(_form(spread, slope), len(places)),
    )


def wald_test(
    fit: HazardFit, patterns: Sequence[str], *, covariance: Floats | None = None
) -> ChiSquare:
    """Wald test that coefficients are all zero.

    Parameters
    ----------
    fit
        A converged fit.
    patterns
        Names of coefficients, or patterns in :mod:`fnmatch`'s grammar.
    covariance
        Covariance of the coefficients ``(p, p)`` to take instead of the fit's own, such as a
        clustered one.
    """
    _converged(fit)
    patterns = [patterns] if isinstance(patterns, str) else list(patterns)
    places = [
        i for i, n in enumerate(fit.names) if any(n == p or fnmatchcase(n, p) for p in patterns)
    ]
    if not places:
        raise UnknownNameError("coefficient", ", ".join(patterns), fit.names)
    used = fit.covariance if covariance is None else covariance
    statistic = _form(used[np.ix_(places, places)], fit.coefficients[places])
    return _chi_square(statistic, len(places))


def likelihood_ratio_test(smaller: HazardFit, larger: HazardFit) -> ChiSquare:
    """Likelihood-ratio test of a model against one that holds it as a special case.

    Both must be fits of the same intervals, which is checked by their rows and events; that one
    holds the other is for the caller to know.
    """
    for fit in (smaller, larger):
        _check(fit)
    if (smaller.intervals, smaller.events) != (larger.intervals, larger.events):
        raise InputError("the fits are not of the same intervals")
    df = len(larger.names) - len(smaller.names)
    if df < 1:
        raise InputError(f"the larger model has {df} coefficients more than the smaller")
    return _chi_square(2.0 * (larger.log_likelihood - smaller.log_likelihood), df)


def _chi_square(statistic: float, df: int) -> ChiSquare:
    return ChiSquare(statistic, df, float(chi2.sf(max(statistic, 0.0), df)))


def _form(matrix: Any, vector: Floats) -> float:
    return float(vector @ np.linalg.solve(matrix, vector))


def _converged(fit: HazardFit) -> None:
    if fit.status != "converged":
        raise FitError(f"the fit did not converge ({fit.status}): there is nothing to test")


def _check(fit: HazardFit) -> None:
    _converged(fit)
    if fit.scales or fit.spec.firth:
        raise InputError("the fit has priors, whose tests are not these: compare by `aic`")


def _covariates(fit: HazardFit) -> list[int]:
    labels = {label for terms in fit.terms.values() for t in terms for label in t.labels}
    return [i for i, name in enumerate(fit.names) if name in labels]


def _null(spec: HazardSpec) -> HazardSpec:
    return replace(
        spec, transitions=tuple(replace(t, formula="1") for t in spec.transitions), shared=()
    )
