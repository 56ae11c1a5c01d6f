r"""Fit by penalised maximum likelihood, with the scales of the priors from the data.

Newton's method maximises :math:`\ell(\theta) - \tfrac12 \sum_j \lambda_j \theta' S_j \theta`;
frailties are eliminated one by one (their information is diagonal). Scales given as
``"estimate"`` follow the generalised Fellner-Schall update (Wood and Fasiolo 2017, Biometrics
73: 1071-1081), which climbs the Laplace approximation of the marginal likelihood:

.. math:: \sigma_j^2 = \frac{\theta' S_j \theta}{r_j - \lambda_j \mathrm{tr}(V S_j)}

The posterior is the Laplace approximation at the mode; it takes the fitted scales as known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from detente.core.errors import FitError
from detente.hazards.design import Design, build_design
from detente.hazards.intervals import Intervals
from detente.hazards.likelihood import Derivatives, derivatives, log_likelihood
from detente.hazards.spec import HazardSpec

Floats = NDArray[np.float64]
Status = Literal["converged", "iteration limit", "scales not settled", "singular", "diverged"]

# Newton stops when the predicted gain of the next step falls below this many log-likelihood units.
_GAIN = 1e-9
# A log hazard ratio past this is separation, not an estimate.
_RUNAWAY = 30.0
# Scales have settled when none moves by more than this share.
_SCALE_TOLERANCE = 0.005
# A fitted standard deviation is kept in this range: below, the term has no variance to speak of.
_SD_RANGE = (0.005, 20.0)


@dataclass(frozen=True, slots=True)
class HazardFit:
    """A fitted model: estimates, their covariance, the effects and how the fit went.

    ``coefficients`` is ``(p,)`` in the order of ``names``; ``dense`` holds them with the levels of
    the walk, ``covariance`` ``(a, a)`` is theirs. ``frailty`` ``(v,)`` are log frailties at the
    mode, ``frailty_variance`` their variance given the dense part and ``frailty_slope`` ``(v, a)``
    minus the slope of their mode on it, so that a draw of the dense part moves them.
    """

    spec: HazardSpec
    names: tuple[str, ...]
    dense: Floats
    covariance: Floats
    walk_levels: tuple[int, ...]
    frailty_levels: tuple[Any, ...]
    frailty: Floats
    frailty_variance: Floats
    frailty_slope: Floats
    scales: dict[str, float]
    log_likelihood: float
    penalised: float
    status: Status
    iterations: int
    intervals: int
    events: dict[str, int]

    @property
    def coefficients(self) -> Floats:
        """Coefficients, ``(p,)``."""
        return self.dense[: len(self.names)]

    @property
    def standard_errors(self) -> Floats:
        """Model-based standard errors of the coefficients, ``(p,)``."""
        return np.sqrt(np.diag(self.covariance)[: len(self.names)])

    def __getitem__(self, name: str) -> tuple[float, float]:
        """Estimate and standard error of one coefficient."""
        i = self.names.index(name)
        return float(self.dense[i]), float(self.standard_errors[i])


@dataclass(slots=True)
class _Point:
    dense: Floats
    frailty: Floats


def fit_hazards(
    intervals: Intervals,
    spec: HazardSpec,
    *,
    on_failure: Literal["raise", "return"] = "raise",
    max_iterations: int = 60,
    max_scale_updates: int = 60,
    progress: Callable[[str], None] | None = None,
) -> HazardFit:
    """Fit a multi-state intensity model to intervals at risk.

    Parameters
    ----------
    intervals
        Rows at risk, long form; any unit of time, which is then the unit of the hazards.
    spec
        Transitions, shared terms, priors, effects.
    on_failure
        ``raise`` when the fit does not converge, or ``return`` it with its ``status``.
    max_iterations, max_scale_updates
        Limits on Newton steps for given scales, and on updates of the scales.
    progress
        Called with a line of text after each update.

    Raises
    ------
    DataError, FitError
        A table or a model that cannot be fitted, or a fit that did not converge.

    Notes
    -----
    Censoring must be independent of the future given the covariates of the row. Missing
    covariates are refused, never dropped.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame({"id": [1, 2, 3, 4], "transition": ["a->b"] * 4,
    ...     "start": [0.0] * 4, "stop": [2.0, 3.0, 4.0, 1.0], "event": [1, 0, 1, 0]})
    >>> fit = fit_hazards(Intervals(rows), HazardSpec((Transition("a->b"),)))
    >>> round(float(np.exp(fit.coefficients[0])), 3)  # 2 events in 10 units of time
    0.2
    """
    design = build_design(intervals, spec)
    scales = {p.name: 1.0 if p.scale == "estimate" else float(p.scale) for p in design.penalties}
    if spec.frailty is not None:
        scales[spec.frailty.name] = 1.0 if spec.frailty.sd == "estimate" else spec.frailty.sd
    point = _start(design)
    free = _estimated(design)
    status: Status = "scales not settled"
    steps = 0
    solution = None
    for update in range(max_scale_updates):
        status, used, solution = _newton(design, point, scales, max_iterations)
        steps += used
        if status != "converged":
            break
        fresh = _updated_scales(design, point, scales, free, solution)
        moved = max((abs(np.log(fresh[n] / scales[n])) for n in free), default=0.0)
        if progress is not None:
            told = ", ".join(f"{n} {scales[n]:.3f}" for n in free)
            progress(f"update {update + 1}: log-likelihood {solution.value:.3f} {told}")
        if moved < _SCALE_TOLERANCE:
            break
        status = "scales not settled"
        scales = fresh
    assert solution is not None
    fit = _result(design, point, scales, solution, status, steps)
    if status != "converged" and on_failure == "raise":
        raise FitError(_explain(fit))
    return fit


@dataclass(slots=True)
class _Solution:
    value: float
    penalised: float
    covariance: Floats
    slope: Floats
    diagonal: Floats


def _start(design: Design) -> _Point:
    """Start at the crude rate of every level, all else at zero."""
    dense = np.zeros(design.dense)
    for block in design.blocks:
        exposure = float((block.weight * (block.stop - block.start)).sum())
        rate = np.log(float(block.weight @ block.event) / exposure)
        for column in block.columns:
            if ":baseline[" in design.names[int(column)]:
                dense[column] = rate
    return _Point(dense, np.zeros(len(design.frailty_levels)))


def _estimated(design: Design) -> list[str]:
    free = [p.name for p in design.penalties if p.scale == "estimate"]
    frailty = design.spec.frailty
    return [*free, frailty.name] if frailty is not None and frailty.sd == "estimate" else free


def _precision(design: Design, scales: dict[str, float]) -> Floats:
    matrix = np.zeros((design.dense, design.dense))
    for p in design.penalties:
        matrix[np.ix_(p.columns, p.columns)] += p.matrix / scales[p.name] ** 2
    return matrix


def _objective(design: Design, point: _Point, precision: Floats, tau: float, value: float) -> float:
    dense, frailty = point.dense, point.frailty
    return value - 0.5 * float(dense @ precision @ dense) - 0.5 * tau * float(frailty @ frailty)


def _tau(design: Design, scales: dict[str, float]) -> float:
    frailty = design.spec.frailty
    return 0.0 if frailty is None else scales[frailty.name] ** -2


def _newton(
    design: Design, point: _Point, scales: dict[str, float], limit: int
) -> tuple[Status, int, _Solution | None]:
    """Climb to the mode for given scales; ``point`` is moved in place."""
    precision, tau = _precision(design, scales), _tau(design, scales)
    solution: _Solution | None = None
    for step in range(limit):
        d = derivatives(design, point.dense, point.frailty)
        current = _objective(design, point, precision, tau, d.value)
        solved = _step(design, point, d, precision, tau)
        if solved is None:
            return "singular", step, _blank(design, d, current)
        move, frailty_move, gain, factor, slope, diagonal = solved
        covariance = linalg.cho_solve(factor, np.eye(design.dense))
        solution = _Solution(d.value, current, covariance, slope, diagonal)
        if gain < _GAIN:
            return "converged", step, solution
        if not _line_search(design, point, move, frailty_move, precision, tau, current):
            return ("converged" if gain < 1e-6 else "diverged"), step, solution
        if np.abs(point.dense[: len(design.names)]).max() > _RUNAWAY:
            return "diverged", step, solution
    return "iteration limit", limit, solution


def _blank(design: Design, d: Derivatives, current: float) -> _Solution:
    a, v = design.dense, len(design.frailty_levels)
    return _Solution(d.value, current, np.full((a, a), np.nan), np.zeros((v, a)), np.ones(v))


def _step(design: Design, point: _Point, d: Derivatives, precision: Floats, tau: float) -> Any:
    gradient = d.gradient - precision @ point.dense
    frailty_gradient = d.frailty_gradient - tau * point.frailty
    diagonal = d.diagonal + tau
    slope = d.cross / diagonal[:, None] if len(diagonal) else d.cross
    schur = d.information + precision - d.cross.T @ slope
    reduced = gradient - slope.T @ frailty_gradient
    size = np.sqrt(np.clip(np.diag(schur), 1e-300, None))
    if linalg.eigvalsh(schur / np.outer(size, size), subset_by_index=[0, 0])[0] < 1e-11:
        return None
    factor = linalg.cho_factor(schur)
    move = linalg.cho_solve(factor, reduced)
    frailty_move = frailty_gradient / diagonal - slope @ move if len(diagonal) else frailty_gradient
    gain = 0.5 * float(gradient @ move + frailty_gradient @ frailty_move)
    return move, frailty_move, gain, factor, slope, diagonal


def _line_search(
    design: Design,
    point: _Point,
    move: Floats,
    frailty_move: Floats,
    precision: Floats,
    tau: float,
    current: float,
) -> bool:
    for halving in range(30):
        share = 0.5**halving
        trial = _Point(point.dense + share * move, point.frailty + share * frailty_move)
        value = log_likelihood(design, trial.dense, trial.frailty)
        if _objective(design, trial, precision, tau, value) > current:
            point.dense, point.frailty = trial.dense, trial.frailty
            return True
    return False


def _updated_scales(
    design: Design,
    point: _Point,
    scales: dict[str, float],
    free: list[str],
    solution: _Solution | None,
) -> dict[str, float]:
    assert solution is not None
    fresh = dict(scales)
    for p in design.penalties:
        if p.name in free:
            theta = point.dense[p.columns]
            block = solution.covariance[np.ix_(p.columns, p.columns)]
            trace = float(np.sum(block * p.matrix)) / scales[p.name] ** 2
            fresh[p.name] = _scale(float(theta @ p.matrix @ theta), p.rank - trace)
    frailty = design.spec.frailty
    if frailty is not None and frailty.name in free:
        spread = np.einsum("va,ab,vb->v", solution.slope, solution.covariance, solution.slope)
        variance = float(np.sum(1.0 / solution.diagonal + spread))
        freedom = len(point.frailty) - variance / scales[frailty.name] ** 2
        fresh[frailty.name] = _scale(float(point.frailty @ point.frailty), freedom)
    return fresh


def _scale(quadratic: float, freedom: float) -> float:
    sd = np.sqrt(quadratic / max(freedom, 1e-8))
    return float(np.clip(sd, *_SD_RANGE))


def _result(
    design: Design,
    point: _Point,
    scales: dict[str, float],
    solution: _Solution,
    status: Status,
    steps: int,
) -> HazardFit:
    return HazardFit(
        spec=design.spec,
        names=design.names,
        dense=point.dense.copy(),
        covariance=solution.covariance,
        walk_levels=design.walk_levels,
        frailty_levels=design.frailty_levels,
        frailty=point.frailty.copy(),
        frailty_variance=1.0 / solution.diagonal,
        frailty_slope=solution.slope,
        scales=scales,
        log_likelihood=solution.value,
        penalised=solution.penalised,
        status=status,
        iterations=steps,
        intervals=sum(len(b.event) for b in design.blocks),
        events={b.name: int(b.event.sum()) for b in design.blocks},
    )


def _explain(fit: HazardFit) -> str:
    hint = {
        "singular": "columns are collinear, constant, or without events: drop one or add a ridge",
        "diverged": "a coefficient runs away (separation): merge levels or add a ridge",
        "iteration limit": "raise max_iterations or simplify the model",
        "scales not settled": "raise max_scale_updates or fix a scale",
    }.get(fit.status, "")
    worst = fit.names[int(np.nanargmax(np.abs(fit.coefficients)))]
    return (
        f"the fit did not converge ({fit.status}) after {fit.iterations} steps; "
        f"largest coefficient {worst!r} = {float(np.nanmax(np.abs(fit.coefficients))):.3g}; {hint}"
    )
