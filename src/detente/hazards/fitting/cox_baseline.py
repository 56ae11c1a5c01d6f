r"""The baseline hazard that Cox's model leaves free, as it is estimated at the times of events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.hazards.fitting.likelihood import Evaluation
from detente.hazards.fitting.partial import PartialTerms, risk_means, sum_by, total_by
from detente.hazards.model.baselines import Cox
from detente.hazards.model.design import Design
from detente.hazards.model.strata import Stratum

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CoxBaseline:
    r"""Increments of the baseline hazard of a stratum at covariates of zero.

    For covariates ``x`` at ``columns`` of the dense part, with :math:`V` its covariance there,
    :math:`H(t \mid x) = e^{x'b} \sum \mathrm{hazard}` and its variance is
    :math:`e^{2x'b} [\sum \mathrm{variance} + q'Vq]`,
    :math:`q = \sum (x\,\mathrm{hazard} - \mathrm{drift})`.

    Parameters
    ----------
    stratum
        Name; transitions of the same stratum share the estimate.
    level
        Value of the column that divides the stratum, ``None`` if there is none.
    times
        Distinct times of events on the clock, increasing, ``(m,)``.
    hazard, variance
        Increments there, ``(m,)``: ``sum w d / S0`` and ``sum w d / S0**2``, Efron's form under
        Efron.
    columns
        Places of the covariates in the dense part of the fit, ``(q,)``.
    drift
        Increments of the mean of the covariates times the hazard, ``(m, q)``.
    """

    stratum: str
    level: Any
    times: Floats
    hazard: Floats
    variance: Floats
    columns: Ints
    drift: Floats


def cox_baselines(design: Design, there: Evaluation, dense: Floats) -> dict[str, CoxBaseline]:
    """Baselines of every transition that leaves its own free, ``name|by=level`` if divided."""
    out: dict[str, CoxBaseline] = {}
    for stratum, terms in zip(design.strata, there.strata, strict=True):
        parts = _of_stratum(design, stratum, terms, dense)
        baseline = design.blocks[stratum.blocks[0]].baseline
        for part in parts:
            by = baseline.by if isinstance(baseline, Cox) else None
            level = "" if by is None else f"|{by}={part.level}"
            out |= {f"{design.blocks[b].name}{level}": part for b in stratum.blocks}
    return out


def _of_stratum(
    design: Design, stratum: Stratum, terms: PartialTerms, dense: Floats
) -> tuple[CoxBaseline, ...]:
    m = len(stratum.times)
    # Risks are relative to the shift and to the centre: back to covariates of zero.
    with np.errstate(over="ignore", under="ignore"):
        zero = np.exp(-terms.shift - float(stratum.centre @ dense[stratum.columns]))
        each = zero * stratum.weight / terms.denominator
        square = each * zero / terms.denominator
    hazard, variance = (total_by(stratum.time_of, m, w) for w in (each, square))
    means = risk_means(design, stratum, terms) + stratum.centre
    drift = sum_by(stratum.time_of, m, each, means)
    return tuple(
        CoxBaseline(
            stratum.name,
            level,
            stratum.times[a:b],
            hazard[a:b],
            variance[a:b],
            stratum.columns,
            drift[a:b],
        )
        for level, a, b in zip(stratum.levels, stratum.edges[:-1], stratum.edges[1:], strict=True)
    )
