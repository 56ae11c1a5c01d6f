"""Newton's method for a penalised log-likelihood, frailties eliminated one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from detente.hazards.fitting.firth import jeffreys, jeffreys_gradient
from detente.hazards.fitting.likelihood import Derivatives, Evaluation, differentiate, evaluate
from detente.hazards.model.design import Design

Floats = NDArray[np.float64]
ClimbStatus = Literal["converged", "iteration limit", "singular", "diverged"]

# Smallest eigenvalue of the information scaled to a unit diagonal: below, columns are collinear.
_COLLINEAR = 1e-11
# A reciprocal condition number past this, a row, needs no closer look.
_CLEAR = 1e-9
# Newton's steps for the variances, from above, where they are monotone.
_VARIANCE_STEPS = 60
# Where the mode is asked to be sharper than this gain, a last step is taken, unless it promises
# less than what makes any difference.
_SHARP, _EXACT = 1e-9, 1e-22
# A step that promises less than this and finds no gain is at the mode.
_SMALL = 1e-6
# Beside Jeffreys's prior: the share of the information that the objective bends by, below which a
# step is lengthened, and how many times at most.
_SHORT, _LONGEST = 0.5, 20.0
# A step whose gain the rounding of the log-likelihood hides is as good as none.
_ROUNDING = 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Where the likelihood is looked at: dense part ``(a,)``, log frailties ``(v,)``.

    ``variance`` ``(v,)`` is that of the frailties given the dense part; a climb leaves it.
    """

    dense: Floats
    frailty: Floats
    variance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """Precision of the dense part ``(a, a)`` and of every log frailty, normal or log-gamma.

    ``joint`` counts log-gamma frailties at the end of the dense part. ``jeffreys`` adds half the
    log determinant of the information; ``held`` are places that a climb leaves where they are.
    """

    precision: Floats
    frailty: float
    gamma: bool = False
    joint: int = 0
    jeffreys: bool = False
    held: tuple[int, ...] = ()

    def penalty(self, point: Point) -> float:
        """What is taken off the log-likelihood, but for the determinant."""
        dense = float(point.dense @ self.precision @ point.dense)
        return 0.5 * dense + self.frailty_penalty(self.frailties(point))

    def frailties(self, point: Point) -> Floats:
        """Log frailties that are not in the quadratic form, ``(v,)``."""
        return point.dense[len(point.dense) - self.joint :] if self.joint else point.frailty

    def frailty_penalty(self, frailty: Floats) -> float:
        """The share of the log frailties in the penalty."""
        if self.gamma:
            return self.frailty * float(np.sum(np.expm1(frailty) - frailty))
        return 0.5 * self.frailty * float(frailty @ frailty)

    def frailty_slope(self, frailty: Floats) -> Floats:
        """Slope of the penalty by each log frailty, ``(v,)``."""
        return self.frailty * (np.expm1(frailty) if self.gamma else frailty)

    def frailty_bend(self, frailty: Floats) -> Floats | float:
        """Second derivative of the penalty by each log frailty."""
        return self.frailty * np.exp(frailty) if self.gamma else self.frailty


class System(NamedTuple):
    """Newton's equations; ``information`` ``(a, a)`` is that of the dense part alone."""

    gradient: Floats
    frailty_gradient: Floats
    information: Floats
    slope: Floats
    diagonal: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Climb:
    """Where a climb ended, with the local curvature; ``weak`` is the direction that failed.

    ``first`` are the derivatives of the log-likelihood where it started, ``there`` is its
    evaluation where it ended.
    """

    status: ClimbStatus
    point: Point
    steps: int
    value: float
    penalised: float
    information: Floats
    slope: Floats
    diagonal: Floats
    first: Derivatives
    there: Evaluation
    weak: Floats | None = None

    @property
    def covariance(self) -> Floats:
        """Inverse of the information of the dense part, NaN where it has none."""
        none = np.full_like(self.information, np.nan)
        if self.status == "singular" or not len(none):
            return none
        try:
            root = linalg.cho_factor(self.information)
        except (linalg.LinAlgError, ValueError):  # not positive, or past the largest number
            return none
        inverse = linalg.cho_solve(root, np.eye(len(none)))
        return 0.5 * (inverse + inverse.T)


def assemble(d: Derivatives, point: Point, prior: Prior) -> System:
    """Add the prior and eliminate the frailties."""
    diagonal = d.diagonal + prior.frailty_bend(point.frailty)
    slope = d.cross / diagonal[:, None]
    system = System(
        gradient=d.gradient - prior.precision @ point.dense,
        frailty_gradient=d.frailty_gradient - prior.frailty_slope(point.frailty),
        information=d.information + prior.precision - d.cross.T @ slope,
        slope=slope,
        diagonal=diagonal,
    )
    if prior.joint:
        places = np.arange(len(point.dense) - prior.joint, len(point.dense))
        system.gradient[places] -= prior.frailty_slope(prior.frailties(point))
        system.information[places, places] += prior.frailty_bend(prior.frailties(point))
    return system


def climb(design: Design, start: Point, prior: Prior, *, gain: float, limit: int) -> Climb:
    """Climb to the mode; stop when the next step promises less than ``gain``."""
    point, here = start, evaluate(design, start.dense, start.frailty, start.variance)
    status: ClimbStatus = "iteration limit"
    weak: Floats | None = None
    step, hidden = 0, np.inf
    first = d = differentiate(design, here)
    while True:
        system, lowest, weak, size = _equations(design, point, d, prior)
        if np.isnan(lowest):  # a likelihood with a top does not lead to where hazards overflow
            status = "diverged"
            break
        if abs(lowest) < _COLLINEAR:
            status = "singular"
            break
        # Away from the mode a shape parameter can bend the wrong way: lean on the diagonal.
        shift = size**2 * (2.0 * max(-lowest, 0.0))
        dense, frailty, promised = _move(system, shift)
        if promised < gain:
            status = "converged" if lowest > 0 else "singular"
            if lowest > 0 and gain < _SHARP and promised > _EXACT:
                point, here = _last_step(design, point, here, (dense, frailty), prior)
            break
        if step >= limit:
            break
        # A gain that rounding hides cannot be searched for: the step is taken while it still helps.
        hides = promised < _ROUNDING * abs(here.value)
        found = None
        if not hides:
            found = _line_search(design, point, here, (dense, frailty), prior, promised)
        elif promised < 0.5 * hidden:
            found = _last_step(design, point, here, (dense, frailty), prior)
        if found is None:
            small = hides or promised < _SMALL
            status = "converged" if small and lowest > 0 else "diverged"
            break
        hidden = promised if hides else np.inf
        point, here = found
        d = differentiate(design, here)
        step += 1
    failed = {"singular": weak, "diverged": (point.dense - start.dense) * size}.get(status)
    penalised = _objective(design, point, here, prior)
    curvature = (system.information, system.slope, system.diagonal)
    return Climb(status, point, step, here.value, penalised, *curvature, first, here, failed)


def frailty_variance(ended: Climb, prior: Prior) -> Floats:
    r"""Variance of every log frailty in the normal that is nearest to its posterior, ``(v,)``.

    It solves :math:`v (m e^{v/2} + \tau) = 1`, ``m`` the events expected at the mean. Gamma
    frailties are integrated out exactly: theirs is zero.
    """
    if prior.gamma:
        return np.zeros(len(ended.diagonal))
    if not len(ended.diagonal):
        return np.zeros(0)
    at_mean = (ended.diagonal - prior.frailty) * np.exp(-0.5 * ended.point.variance)
    if not len(at_mean):
        return at_mean
    # Past one, the solution is below -2 log m: a start far above would take a step for every two.
    bound = np.maximum(1.0, -2.0 * np.log(np.clip(at_mean, 1e-300, None)))
    variance = np.minimum(1.0 / prior.frailty, bound)
    for _ in range(_VARIANCE_STEPS):
        mean = at_mean * np.exp(0.5 * variance)
        slope = mean * (1.0 + 0.5 * variance) + prior.frailty
        variance = variance - (variance * (mean + prior.frailty) - 1.0) / slope
    return variance


def _equations(
    design: Design, point: Point, d: Derivatives, prior: Prior
) -> tuple[System, float, Floats | None, Floats]:
    """Newton's equations and what :func:`_lowest` finds, NaN where they are not finite."""
    system = _hold(assemble(d, point, prior), prior.held)
    if not np.isfinite(system.information).all():
        return system, np.nan, None, np.ones(len(point.dense))
    lowest, weak, size = _lowest(system.information)
    if prior.jeffreys and abs(lowest) >= _COLLINEAR:
        added = jeffreys_gradient(design, point.dense, d.information)
        added[list(prior.held)] = 0.0
        system.gradient[:] += added
    return system, lowest if np.isfinite(system.gradient).all() else np.nan, weak, size


def _lowest(information: Floats) -> tuple[float, Floats | None, Floats]:
    """Lowest eigenvalue of the information at unit diagonal, its vector, and the scaling.

    Where a condition number shows the eigenvalue to be far from zero, 1 and ``None`` stand in.
    """
    size = np.sqrt(np.clip(np.abs(np.diag(information)), 1e-300, None))
    if not len(size):
        return 1.0, None, size
    scaled = information / np.outer(size, size)
    if eigenvalue_floor(scaled) > _CLEAR * len(scaled):
        return 1.0, None, size
    values, vectors = linalg.eigh(scaled, subset_by_index=[0, 0])
    return float(values[0]), vectors[:, 0], size


def eigenvalue_floor(matrix: Floats) -> float:
    """What a condition number tells the lowest eigenvalue to be above, 0 if it may be negative."""
    factorise, condition = linalg.get_lapack_funcs(("potrf", "pocon"), (matrix,))
    factor, failed = factorise(matrix)
    if failed:
        return 0.0
    norm = float(np.abs(matrix).sum(axis=0).max())
    return norm * float(condition(factor, norm)[0])


def _hold(system: System, held: tuple[int, ...]) -> System:
    """Take places of the dense part out of the equations."""
    if not held:
        return system
    places = list(held)
    gradient, information, slope = (
        x.copy() for x in (system.gradient, system.information, system.slope)
    )
    gradient[places], slope[:, places] = 0.0, 0.0
    information[places, :], information[:, places] = 0.0, 0.0
    information[places, places] = 1.0
    return system._replace(gradient=gradient, information=information, slope=slope)


def _objective(design: Design, point: Point, here: Evaluation, prior: Prior) -> float:
    """Penalised log-likelihood."""
    value = here.value - prior.penalty(point)
    return value + jeffreys(design, here) if prior.jeffreys and np.isfinite(value) else value


def _move(system: System, shift: Floats) -> tuple[Floats, Floats, float]:
    if not len(system.gradient):
        frailty = system.frailty_gradient / system.diagonal
        return system.gradient, frailty, 0.5 * float(system.frailty_gradient @ frailty)
    reduced = system.gradient - system.slope.T @ system.frailty_gradient
    leaning = system.information.copy()
    leaning.flat[:: len(leaning) + 1] += shift
    factorise, solve = linalg.get_lapack_funcs(("potrf", "potrs"), (leaning,))
    factor, failed = factorise(leaning)
    if failed:
        raise linalg.LinAlgError("the information of the step is not positive definite")
    dense, _ = solve(factor, reduced)
    frailty = system.frailty_gradient / system.diagonal - system.slope @ dense
    promised = 0.5 * float(system.gradient @ dense + system.frailty_gradient @ frailty)
    return dense, frailty, promised


def _last_step(
    design: Design, point: Point, here: Evaluation, move: tuple[Floats, Floats], prior: Prior
) -> tuple[Point, Evaluation]:
    """Take a step too small to tell in the objective: it squares the distance to the mode."""
    trial = Point(point.dense + move[0], point.frailty + move[1], point.variance)
    there = evaluate(design, trial.dense, trial.frailty, trial.variance)
    slack = _ROUNDING * abs(here.value)
    fell = _objective(design, trial, there, prior) < _objective(design, point, here, prior) - slack
    return (point, here) if fell else (trial, there)


def _line_search(
    design: Design,
    point: Point,
    here: Evaluation,
    move: tuple[Floats, Floats],
    prior: Prior,
    promised: float,
) -> tuple[Point, Evaluation] | None:
    """Halve the step until the penalised log-likelihood rises."""
    current = _objective(design, point, here, prior)

    def look(share: float) -> tuple[Point, Evaluation, float]:
        dense, frailty = point.dense + share * move[0], point.frailty + share * move[1]
        there = evaluate(design, dense, frailty, point.variance)
        trial = Point(dense, frailty, point.variance)
        return trial, there, _objective(design, trial, there, prior)

    for halving in range(30):
        trial, there, reached = look(0.5**halving)
        if not reached > current:
            continue
        # The information leaves out how Jeffreys's prior bends. A gain far above its promise tells
        # that the objective bends less, and how much further its top may be.
        bend = 2.0 - (reached - current) / promised
        if prior.jeffreys and bend < _SHORT:
            further = look(1.0 / max(bend, 1.0 / _LONGEST))
            if further[2] > reached:
                return further[:2]
        return trial, there
    return None
