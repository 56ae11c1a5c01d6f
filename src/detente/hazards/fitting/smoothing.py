r"""What the covariance of a fit gains when how smooth a spline is was itself estimated.

With :math:`\lambda = \sigma^{-2}` and :math:`\rho = \log \sigma`, the mode moves by
:math:`J = d\hat\theta / d\rho = 2 \lambda V S \hat\theta`. The slope of the marginal likelihood by
:math:`\rho`, the likelihood's information held, is
:math:`\lambda \{\mathrm{tr}(V S) + \hat\theta' S \hat\theta\} - r`, and its information

.. math:: I_{jk} = 2 \lambda_j (\mathrm{tr}\, V S_j + \hat\theta' S_j \hat\theta)\, 1_{j = k}
    - \lambda_j \lambda_k \{2\, \mathrm{tr}(V S_j V S_k) + 4\, \hat\theta' S_j V S_k \hat\theta\}.

To first order the covariance is :math:`V + J I^{-1} J'` (Kass and Steffey 1989, JASA 84: 717-726;
Wood, Pya and Safken 2016, JASA 111: 1548-1563). Without it bands are too narrow, most of all where
a spline was taken for smoother than it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.hazards.fitting.newton import Climb
from detente.hazards.fitting.scales import LEAST_INFORMATION, Scales
from detente.hazards.model.design import Design

Floats = NDArray[np.float64]


class Smoothing(NamedTuple):
    """What to add to the covariance ``(a, a)``, and the standard errors of the log scales."""

    covariance: Floats | float
    scale_errors: dict[str, float]


def smoothing(design: Design, ended: Climb, covariance: Floats, scales: Scales) -> Smoothing:
    """Let the scales of splines vary as the data leave them to; nothing if none was estimated."""
    bent = {f"{t.name}:smooth" for t in design.spec.transitions if t.baseline.bends is not None}
    parts = [p for p in design.penalties if p.name in bent and p.scale == "estimate"]
    if not parts or ended.status != "converged":
        return Smoothing(0.0, {})
    theta = ended.point.dense
    pulls, information = np.zeros((len(theta), len(parts))), np.zeros((len(parts), len(parts)))
    spread: list[Floats] = []
    for j, p in enumerate(parts):
        precision = p.matrix / scales[p.name] ** 2
        pulls[p.columns, j] = precision @ theta[p.columns]
        spread.append(covariance[:, p.columns] @ precision)
        trace = float(np.trace(spread[j][p.columns]))
        information[j, j] = 2.0 * (trace + float(theta @ pulls[:, j]))
    moved = 2.0 * covariance @ pulls
    information -= 2.0 * pulls.T @ moved
    for j, p in enumerate(parts):
        for k, q in enumerate(parts):
            information[j, k] -= 2.0 * float(np.sum(spread[k][p.columns] * spread[j][q.columns].T))
    values, vectors = np.linalg.eigh(information)
    variance = (vectors / (values.clip(0.0) + LEAST_INFORMATION)) @ vectors.T
    errors = {p.name: float(np.sqrt(v)) for p, v in zip(parts, np.diag(variance), strict=True)}
    return Smoothing(moved @ variance @ moved.T, errors)
