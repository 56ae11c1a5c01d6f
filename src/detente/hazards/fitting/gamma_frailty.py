r"""Gamma frailties: clusters whose hazards are multiplied by gamma variables of mean one.

With variance :math:`1/\nu`, ``D`` events and cumulative hazard :math:`\Lambda` in a cluster, the
integral over its frailty is in closed form,

.. math:: \nu \log \nu - (D + \nu) \log(\Lambda + \nu) + \log\Gamma(D + \nu) - \log\Gamma(\nu),

and the same estimates come from a penalty :math:`\nu (e^u - 1 - u)` on the log frailties ``u``
(Klein 1992, Biometrics 48: 795-806; Therneau, Grambsch and Pankratz 2003, Journal of
Computational and Graphical Statistics 12: 156-175).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar, root_scalar
from scipy.special import digamma, gammaln

Floats = NDArray[np.float64]

# How near the best log standard deviation is found at given cumulative hazards: by the value of
# the integral, which is flat at its maximum, and then by its slope, which is not.
_NEAR, _TOLERANCE = 1e-4, 1e-9
# The slope is followed this far to either side of where the value led.
_WINDOW = 0.01


def marginal_gain(events: Floats, shape: float) -> float:
    """What is added to the penalised log-likelihood at its mode to give the marginal one."""
    gain = events - (events + shape) * np.log1p(events / shape) - events * np.log(shape)
    return float(np.sum(gain + gammaln(events + shape) - gammaln(shape)))


def best_log_sd(events: Floats, cumulative: Floats, bounds: tuple[float, float]) -> float:
    """Log standard deviation that maximises the integral at given cumulative hazards."""

    def lost(log_sd: float) -> float:
        nu = np.exp(-2.0 * log_sd)
        # The logarithm of nu is taken out of both terms: they cancel where it is large.
        kept = -(events + nu) * np.log1p(cumulative / nu) - events * np.log(nu)
        return -float(np.sum(kept + gammaln(events + nu) - gammaln(nu)))

    def slope(log_sd: float) -> float:
        return log_sd_slope(events, cumulative, log_sd)

    found = minimize_scalar(lost, bounds=bounds, method="bounded", options={"xatol": _NEAR})
    low, high = max(bounds[0], found.x - _WINDOW), min(bounds[1], found.x + _WINDOW)
    if slope(low) <= 0.0:
        return low  # at a bound, the bound itself and not a point beside it
    if slope(high) >= 0.0:
        return high
    return float(root_scalar(slope, bracket=(low, high), method="brentq", xtol=_TOLERANCE).root)


def log_sd_slope(events: Floats, cumulative: Floats, log_sd: float) -> float:
    """Slope of the integral by the log standard deviation at given cumulative hazards."""
    nu = np.exp(-2.0 * log_sd)
    digammas = digamma(events + nu) - digamma(nu)
    slope = 1.0 - np.log1p(cumulative / nu) - (events + nu) / (cumulative + nu) + digammas
    return float(-2.0 * nu * np.sum(slope))
