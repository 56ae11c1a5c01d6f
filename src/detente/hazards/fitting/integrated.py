r"""What a fit gains when its gamma frailties are integrated out.

The marginal likelihood is exact, so the log standard deviation :math:`\lambda` is a parameter like
any other. With :math:`V` the covariance at given :math:`\lambda`, the inverse of the information of
both has the blocks :math:`v = -1 / \ell_p''(\lambda)`, the profile's, and
:math:`V + v\, \hat\theta'(\lambda)\, \hat\theta'(\lambda)'`; :math:`v` is at most the variance of a
uniform over the range of scales.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.hazards.fitting.gamma_frailty import log_sd_slope, marginal_gain
from detente.hazards.fitting.newton import Climb, climb
from detente.hazards.fitting.scales import (
    LEAST_INFORMATION,
    SD_RANGE,
    Scales,
    cumulative_by_frailty,
    events_by_frailty,
    prior_of,
)
from detente.hazards.model.design import Design

Floats = NDArray[np.float64]

# Step of the central differences by the log standard deviation, their error about its square.
_STEP = 1e-3
# Sharpness of the modes on both sides, and a limit on the steps to them.
_GAIN, _LIMIT = 1e-16, 60


class Integrated(NamedTuple):
    """What to add to a fit at the mode of its frailties; nothing where they are not gamma.

    To ``log_likelihood``, to the ``penalised`` one, to the log ``frailty`` ``(v,)`` so that a
    normal has its mean, to the ``covariance`` ``(a, a)``; ``scale_errors`` are the standard errors
    of the logarithms of the scales.
    """

    log_likelihood: float
    penalised: float
    frailty: Floats | float
    covariance: Floats | float
    scale_errors: dict[str, float]


def integrated(design: Design, ended: Climb, scales: Scales) -> Integrated:
    """Integrate the gamma frailties of a fit out."""
    prior, frailty = prior_of(design, scales), design.spec.frailty
    if frailty is None or not prior.gamma:
        return Integrated(0.0, 0.0, 0.0, 0.0, {})
    gain = marginal_gain(events_by_frailty(design), prior.frailty)
    error, added = None, 0.0
    shift = 0.0 if design.joint else -0.5 / ended.diagonal
    if frailty.sd == "estimate" and ended.status == "converged":
        error, added = _scale_error(design, ended, scales, frailty.name)
    errors = {} if error is None else {frailty.name: error}
    lost = prior.frailty_penalty(prior.frailties(ended.point))
    # Beside a baseline left free the covariance is that at the fitted scale, as coxph prints it.
    return Integrated(gain - lost, gain, shift, 0.0 if design.joint else added, errors)


def _scale_error(
    design: Design, ended: Climb, scales: Scales, name: str
) -> tuple[float | None, Floats | float]:
    """Standard error of the log scale and what it adds; none at the edge of the range."""
    low, high = SD_RANGE
    if not 1.1 * low < scales[name] < high / 1.1:
        return None, 0.0
    ends: list[tuple[Floats, float]] = []
    for sign in (-1.0, 1.0):
        there = scales | {name: scales[name] * float(np.exp(sign * _STEP))}
        beside = climb(design, ended.point, prior_of(design, there), gain=_GAIN, limit=_LIMIT)
        if beside.status != "converged":
            return None, 0.0
        cumulative = cumulative_by_frailty(design, beside.point, there)
        slope = log_sd_slope(events_by_frailty(design), cumulative, float(np.log(there[name])))
        ends.append((beside.point.dense, slope))
    moved = (ends[1][0] - ends[0][0]) / (2.0 * _STEP)
    curvature = (ends[1][1] - ends[0][1]) / (2.0 * _STEP)
    # The curvature by the logarithm vanishes with the scale itself: a frailty next to none would
    # have an error without bound, and of it rounding would make a part of the covariance.
    information = max(-curvature, LEAST_INFORMATION)
    return float(information**-0.5), np.outer(moved, moved) / information
