r"""Fit by penalised maximum likelihood, with the scales of the priors from the data.

Newton's method maximises :math:`\ell(\theta) - \tfrac12 \sum_j \lambda_j \theta' S_j \theta`;
frailties are eliminated one by one (their information is diagonal). Scales given as
``"estimate"`` climb an approximate marginal likelihood (:mod:`.scales`). The posterior of the
dense part is the Laplace approximation at the mode, with the fitted scales taken as known.

A cluster with few events has a skewed frailty: a normal at its mode would promise too many events,
and the level would follow. So the frailty of each cluster gets the normal nearest to its posterior
(Hall, Ormerod and Wand 2011, Statistica Sinica 21: 369-389): intensities enter the likelihood as
their mean over it, and draws expect as many events as there were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from detente.core.errors import FitError, UnknownNameError
from detente.hazards.data.intervals import Intervals
from detente.hazards.data.moves import Moves
from detente.hazards.fitting.cox_baseline import CoxBaseline, cox_baselines
from detente.hazards.fitting.integrated import integrated
from detente.hazards.fitting.likelihood import evaluate
from detente.hazards.fitting.newton import Climb, Point, Prior, assemble, eigenvalue_floor
from detente.hazards.fitting.scales import Scales, effective_parameters, prior_of
from detente.hazards.fitting.settle import Status, settle
from detente.hazards.fitting.smoothing import smoothing
from detente.hazards.model.baselines import Cox
from detente.hazards.model.design import Design, build_design
from detente.hazards.model.spec import HazardSpec
from detente.hazards.model.terms import Terms

Floats = NDArray[np.float64]

# A direction has run away when its information has fallen to this share of what it was at the
# start, and its estimate is below this share of its standard error: separation.
_LOST_INFORMATION, _LOST_SIGNAL = 1e-5, 0.1
# By how much a condition number, itself an estimate, must clear that share to need no closer look.
_SURE = 10.0
# Lowest eigenvalue of an information at unit diagonal that is surely not singular.
_REGULAR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class HazardFit:
    """A fitted model: estimates, their covariance, the effects and how the fit went.

    ``coefficients`` is ``(p,)`` in the order of ``names``; ``dense`` holds them with the levels of
    the walk, ``covariance`` ``(a, a)`` is theirs. ``frailty`` ``(v,)`` are posterior means of log
    frailties, ``frailty_variance`` their variance given the dense part and ``frailty_slope``
    ``(v, a)`` minus the slope of their mean on it, so that a draw of the dense part moves them.
    The mean of ``exp`` of a log frailty is ``exp(frailty + frailty_variance / 2)``. ``scales``
    are the standard deviations of the priors by name; ``intervals`` counts rows after splitting;
    ``log_likelihood`` is averaged over normal frailties, integrated over gamma ones;
    ``log_likelihood_at_means`` is that at the means of normal frailties, which the criteria take;
    ``effective_parameters`` counts parameters less what their priors take. An estimated gamma
    frailty is a parameter like any other, and so, to first order, is the smoothness of a spline:
    ``covariance`` allows for them and ``scale_errors`` has the standard errors of the logarithms
    of their scales, none above that of a uniform over the range of scales; beside a Cox baseline
    a gamma frailty's scale, and those of other priors, are taken as known.
    ``start_log_likelihood`` is the one at the start: with Cox baselines alone, the one without
    covariates. ``cox`` has the baseline of every transition that leaves it free, ``terms`` how
    formulas made the covariates of each, ``moves`` the states where the intervals have them. Where
    a Cox baseline has a frailty, the frailties are a part of ``dense`` and ``covariance`` too,
    given which they have no variance.
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
    effective_parameters: float
    log_likelihood_at_means: float
    scale_errors: dict[str, float]
    start_log_likelihood: float
    moves: Moves | None
    terms: dict[str, tuple[Terms, ...]]
    cox: dict[str, CoxBaseline]

    @property
    def aic(self) -> float:
        """Akaike's criterion, by the effective parameters; conditional on normal frailties."""
        return 2.0 * (self.effective_parameters - self.log_likelihood_at_means)

    @property
    def bic(self) -> float:
        """Schwarz's criterion, by the effective parameters and the number of events."""
        size = np.log(sum(self.events.values()))
        return float(size * self.effective_parameters - 2.0 * self.log_likelihood_at_means)

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
        if name not in self.names:
            raise UnknownNameError("coefficient", name, self.names)
        i = self.names.index(name)
        return float(self.dense[i]), float(self.standard_errors[i])


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
    >>> import numpy as np
    >>> import polars as pl
    >>> from detente.hazards import HazardSpec, Intervals, Transition, fit_hazards
    >>> rows = pl.DataFrame({"id": [1, 2, 3, 4], "transition": ["a->b"] * 4,
    ...     "start": [0.0] * 4, "stop": [2.0, 3.0, 4.0, 1.0], "event": [1, 0, 1, 0]})
    >>> fit = fit_hazards(Intervals(rows), HazardSpec((Transition("a->b"),)))
    >>> round(float(np.exp(fit.coefficients[0])), 3)  # 2 events in 10 units of time
    0.2
    """
    design = build_design(intervals, spec)
    start = _start(design)
    ended, scales, status, steps = settle(
        design, start, max_iterations, max_scale_updates, progress or (lambda _: None)
    )
    weak = ended.weak
    if status == "converged" and not spec.firth:
        weak = _lost_direction(design, start, ended, prior_of(design, scales))
        status = "converged" if weak is None else "diverged"
    if status == "singular" and steps and _was_regular(start, ended, prior_of(design, scales)):
        status = "diverged"
    if status != "converged" and on_failure == "raise":
        raise FitError(_explain(design, ended, status, steps, weak))
    moves = intervals.legal_moves() if intervals.has_states else None
    return _result(design, ended, scales, status, steps, moves)


def _start(design: Design) -> Point:
    """Start at the crude rate of every transition and the first shapes, all else at zero."""
    dense = np.zeros(design.dense)
    for block in design.blocks:
        if isinstance(block.baseline, Cox):
            continue
        exposure = block.weight * (block.stop - block.start)
        top = block.offset.max()
        at_risk = float(exposure @ np.exp(block.offset - top))
        rate = np.log(float(block.weight @ block.event) / at_risk) - top
        levels = [c for c in block.columns if ":baseline[" in design.names[int(c)]]
        dense[levels] = rate
        dense[block.shapes] = block.baseline.first_shape
    v = design.eliminated
    return Point(dense, np.zeros(v), np.zeros(v))


def _was_regular(start: Point, ended: Climb, prior: Prior) -> bool:
    """Whether the data held something in every direction at the start."""
    first = assemble(ended.first, start, prior).information
    size = np.sqrt(np.diag(first).clip(1e-300))
    lowest = linalg.eigvalsh(first / np.outer(size, size), subset_by_index=[0, 0])[0]
    return float(lowest) > _REGULAR


def _lost_direction(design: Design, start: Point, ended: Climb, prior: Prior) -> Floats | None:
    """Find a direction in which the data hold nothing at the mode though they did at the start."""
    if not design.dense:
        return None
    first = assemble(ended.first, start, prior).information
    size = np.sqrt(np.abs(np.diag(first)))
    scaled = np.outer(size, size)
    before, after = first / scaled, ended.information / scaled
    # No eigenvalue of a matrix of unit diagonal is above its size.
    if eigenvalue_floor(after) > _SURE * _LOST_INFORMATION * len(after):
        return None
    if linalg.eigvalsh(before, subset_by_index=[0, 0])[0] <= 0:
        return None  # a shape parameter bends the wrong way at the start: nothing to compare with
    # Information that is all but gone is a rounding error beside what there was, of either sign.
    # Beside itself it is a number: so what there was is measured by what is left.
    left = np.sqrt(np.diag(ended.information))
    ratio = np.outer(left, left)
    values, vectors = linalg.eigh(first / ratio, ended.information / ratio)
    moved = (ended.point.dense - start.dense) * left
    signals = np.abs(vectors.T @ (ended.information / ratio) @ moved)
    for value, vector, signal in zip(values[::-1], vectors.T[::-1], signals[::-1], strict=True):
        if value * _LOST_INFORMATION > 1.0 and signal < _LOST_SIGNAL:
            return vector * size / left
    return None


def _result(
    design: Design,
    ended: Climb,
    scales: Scales,
    status: Status,
    steps: int,
    moves: Moves | None,
) -> HazardFit:
    whole = integrated(design, ended, scales)
    frailty = _frailty(design, ended)
    covariance = ended.covariance
    smooth = smoothing(design, ended, covariance, scales)
    return HazardFit(
        spec=design.spec,
        names=design.names,
        dense=ended.point.dense,
        covariance=covariance + whole.covariance + smooth.covariance,
        walk_levels=design.walk_levels,
        frailty_levels=design.frailty_levels,
        frailty=frailty[0] + whole.frailty,
        frailty_variance=frailty[1],
        frailty_slope=frailty[2],
        scales=scales,
        log_likelihood=ended.value + whole.log_likelihood,
        penalised=ended.penalised + whole.penalised,
        status=status,
        iterations=steps,
        intervals=sum(len(b.event) for b in design.blocks),
        events={b.name: int(b.event.sum()) for b in design.blocks},
        effective_parameters=effective_parameters(design, ended, covariance, scales),
        log_likelihood_at_means=_at_means(design, ended) + whole.log_likelihood,
        scale_errors=whole.scale_errors | smooth.scale_errors,
        start_log_likelihood=ended.first.value,
        moves=moves,
        terms=design.terms,
        # A baseline of a fit that failed would look like any other.
        cox=cox_baselines(design, ended.there, ended.point.dense) if status == "converged" else {},
    )


def _at_means(design: Design, ended: Climb) -> float:
    """The log-likelihood at the means of the frailties."""
    if not design.eliminated:
        return ended.value
    return evaluate(design, ended.point.dense, ended.point.frailty).value


def _frailty(design: Design, ended: Climb) -> tuple[Floats, Floats, Floats]:
    """Mean of the log frailties, variance given the dense part, minus their slope on it."""
    if not design.joint:
        return ended.point.frailty, 1.0 / ended.diagonal, ended.slope
    v, a = len(design.frailty_levels), design.dense
    return ended.point.dense[a - v :], np.zeros(v), -np.eye(v, a, a - v)


_HINTS = {
    "singular": "columns are collinear or constant, or the events are too few (or all at one time) "
    "for the shape: drop one or add a ridge",
    "diverged": "no event tells where it ends (separation): merge levels, drop it, add a ridge or "
    "set firth",
    "iteration limit": "raise max_iterations or simplify the model",
    "scales not settled": "raise max_scale_updates or fix a scale",
    "variances not settled": "the frailties have too little to hold them: fix a smaller sd",
}


def _explain(design: Design, ended: Climb, status: Status, steps: int, weak: Floats | None) -> str:
    where = ""
    if weak is not None:
        order = np.argsort(-np.abs(weak))
        worst = [int(i) for i in order[:3] if abs(weak[i]) > 0.1 * abs(weak[order[0]])]
        where = "; look at " + ", ".join(repr(design.dense_names[i]) for i in worst)
    return f"the fit did not converge ({status}) after {steps} steps{where}; {_HINTS[status]}"
