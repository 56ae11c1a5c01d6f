r"""Scales of the priors: fixed, or fitted by the generalised Fellner-Schall update.

.. math:: \sigma_j^2 = \frac{\theta' S_j \theta}{r_j - \lambda_j \mathrm{tr}(V S_j)}

(Wood and Fasiolo 2017, Biometrics 73: 1071-1081). The update is a fixed point that may be
approached slowly, so the log standard deviations are extrapolated (Anderson 1965, Journal of the
ACM 12: 547-560; Walker and Ni 2011, SIAM Journal on Numerical Analysis 49: 1715-1735).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detente.hazards.fitting.gamma_frailty import best_log_sd
from detente.hazards.fitting.newton import Climb, Point, Prior
from detente.hazards.model.design import Design

Floats = NDArray[np.float64]
Scales = dict[str, float]

# A fitted standard deviation is kept in this range: below, the term has no variance to speak of.
SD_RANGE = (0.005, 20.0)
# Nothing says less of a scale than that it lies in its range: the precision of a uniform there.
LEAST_INFORMATION = 12.0 / float(np.log(SD_RANGE[1] / SD_RANGE[0])) ** 2
# How many earlier moves the extrapolation looks at, and how far it may go in one update.
_MEMORY, _REACH = 3, 1.5
# An update that proves slow is lengthened so many times; after so many in a row, again each time.
_HASTE, _PATIENCE = 3.0, 5


def first_scales(design: Design) -> tuple[Scales, list[str]]:
    """Take the standard deviations to start from, and the names of those to be fitted."""
    given = {p.name: p.scale for p in design.penalties}
    if design.spec.frailty is not None:
        given[design.spec.frailty.name] = design.spec.frailty.sd
    free = [name for name, sd in given.items() if sd == "estimate"]
    return {n: 1.0 if sd == "estimate" else float(sd) for n, sd in given.items()}, free


def prior_of(design: Design, scales: Scales) -> Prior:
    """Prior at given standard deviations."""
    precision = np.zeros((design.dense, design.dense))
    for p in design.penalties:
        precision[np.ix_(p.columns, p.columns)] += p.matrix / scales[p.name] ** 2
    frailty = design.spec.frailty
    gamma = frailty is not None and frailty.distribution == "gamma"
    return Prior(
        precision,
        0.0 if frailty is None else scales[frailty.name] ** -2,
        gamma=gamma,
        joint=len(design.frailty_levels) if gamma and design.joint else 0,
        jeffreys=design.spec.firth,
    )


def moves(design: Design, climb: Climb, scales: Scales, free: list[str]) -> Floats:
    """How far one update would move each free log standard deviation, ``(len(free),)``."""
    if not free:
        return np.zeros(0)
    covariance = climb.covariance
    parts = {p.name: p for p in design.penalties}
    out: list[float] = []
    frailty = design.spec.frailty
    for name in free:
        if name in parts:
            p = parts[name]
            theta = climb.point.dense[p.columns]
            square = float(theta @ p.matrix @ theta)
            trace = float(np.sum(covariance[np.ix_(p.columns, p.columns)] * p.matrix))
            freedom = p.rank - trace / scales[name] ** 2
        elif frailty is not None and frailty.distribution == "gamma":
            cumulative = cumulative_by_frailty(design, climb.point, scales)
            bounds = (np.log(SD_RANGE[0]), np.log(SD_RANGE[1]))
            best = best_log_sd(events_by_frailty(design), cumulative, bounds)
            out.append(best - np.log(scales[name]))
            continue
        else:
            square = float(climb.point.frailty @ climb.point.frailty)
            spread = np.sum((climb.slope @ covariance) * climb.slope)
            trace = float(np.sum(1.0 / climb.diagonal) + spread)
            freedom = len(climb.diagonal) - trace / scales[name] ** 2
        fresh = np.clip(np.sqrt(square / max(freedom, 1e-8)), *SD_RANGE)
        out.append(float(np.log(fresh / scales[name])))
    return np.array(out)


def events_by_frailty(design: Design) -> Floats:
    """Weighted events of each cluster that shares a frailty, ``(v,)``."""
    total, frailty = np.zeros(len(design.frailty_levels)), design.spec.frailty
    for block in design.blocks:
        if frailty is not None and block.name in frailty.transitions:
            joint = design.dense - len(total)
            level = block.frailty if block.frailty is not None else block.effects[-1] - joint
            total += np.bincount(level, block.weight * block.event, len(total))
    return total


def cumulative_by_frailty(design: Design, mode: Point, scales: Scales) -> Floats:
    """Cumulative hazard of each cluster at the mode of its gamma frailty, ``(v,)``."""
    assert design.spec.frailty is not None
    nu, u = scales[design.spec.frailty.name] ** -2, prior_of(design, scales).frailties(mode)
    return np.clip((events_by_frailty(design) + nu) * np.exp(-u) - nu, 0.0, None)


def effective_parameters(design: Design, climb: Climb, covariance: Floats, scales: Scales) -> float:
    """Parameters less what their priors take: the trace of the smoother.

    Normal frailties count as the parameters that they are worth, a gamma frailty as the one of
    its variance, for it is integrated out.
    """
    prior = prior_of(design, scales)
    worth = design.dense - float(np.sum(prior.precision * covariance))
    frailty = design.spec.frailty
    if frailty is None:
        return worth
    if prior.gamma:
        return worth - prior.joint + (frailty.sd == "estimate")
    spread = np.sum((climb.slope @ covariance) * climb.slope)
    taken = prior.frailty * float(np.sum(1.0 / climb.diagonal) + spread)
    return worth + len(climb.diagonal) - taken


@dataclass(slots=True)
class Path:
    """Way to a fixed point: where it has been, and how far an update would have moved each.

    An extrapolation is followed for up to ``trust`` times an update.
    """

    low: float
    high: float
    trust: float = np.inf
    tried: list[Floats] = field(default_factory=list[Floats])
    moved: list[Floats] = field(default_factory=list[Floats])
    slow: Floats | float = 0.0

    def next(self, here: Floats, move: Floats) -> Floats:
        """Where to look next, from here and from how far an update would move."""
        # A move twice as large as the last: what was learnt there does not hold here.
        if self.moved and np.abs(move).max() > 2.0 * np.abs(self.moved[-1]).max():
            self.tried, self.moved = [], []
        self.tried, self.moved = [*self.tried, here], [*self.moved, move]
        step, k = move, min(len(self.tried) - 1, _MEMORY)
        if k:
            dx, dm = (np.diff(x[-k - 1 :], axis=0).T for x in (self.tried, self.moved))
            step = move - (dx + dm) @ np.linalg.lstsq(dm, move, rcond=1e-8)[0]
            if self.trust < np.inf:
                step = np.clip(step, -self.trust * np.abs(move), self.trust * np.abs(move))
            # An extrapolation against the update itself is not trusted; the update was slow,
            # though. On the way to a bound that has no end, and one step after another hastens;
            # not sooner, for a long step can leap over a maximum to another.
            against = step * move < 0
            self.slow = np.where(against, self.slow + 1.0, 0.0)
            haste = _HASTE ** np.maximum(1.0, self.slow - _PATIENCE)
            step = np.where(against, haste * move, step)
        return np.clip(here + np.clip(step, -_REACH, _REACH), self.low, self.high)
