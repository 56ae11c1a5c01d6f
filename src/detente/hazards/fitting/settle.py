r"""Alternate between the mode at given scales and variances, and these at that mode.

Far from the end a mode need not be sharp, and one update of the variances of normal frailties for
every update of the scales is enough. How far the scales would move then depends on the way there
too, and an extrapolation can go round in circles; so near the end, or where there seems to be
none, modes are sharp and the variances have settled before the scales move on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from detente.hazards.fitting.likelihood import Derivatives
from detente.hazards.fitting.newton import Climb, ClimbStatus, Point, Prior, climb, frailty_variance
from detente.hazards.fitting.scales import SD_RANGE, Path, Scales, first_scales, moves, prior_of
from detente.hazards.model.design import Design

Status = Literal[ClimbStatus, "scales not settled", "variances not settled"]

# Newton stops when the predicted gain of the next step falls below this many log-likelihood
# units; while scales are still moving, the mode need not be so sharp.
_GAIN, _LOOSE_GAIN = 1e-13, 1e-4
# Scales have settled when an update would move none by more than this share.
_SCALE_TOLERANCE = 0.001
# A gamma frailty has an exact likelihood, so its scale is an estimate like any other; beside a Cox
# baseline others print scales as sharp.
_SHARP_TOLERANCE = 1e-7
# Most fits need fewer updates of their scales than this; those that need more are followed sharply.
_HARD = 20
# An update of a share needs no more than its inverse times as much: with more, a scale that has
# settled is thrown far by one beside it that crawls.
_TRUST = 30.0
# Variances of the frailties are fitted when none moves by more than this.
_VARIANCE_TOLERANCE = 1e-6
# Updates of the variances at given scales.
VARIANCE_UPDATES = 200


class Mode(NamedTuple):
    """A climb to the mode, where to go on from, whether it has settled, and all Newton steps."""

    ended: Climb
    onward: Point
    settled: bool
    steps: int


class Settled(NamedTuple):
    """Where the alternation ended, with what scales, how, and after how many Newton steps."""

    ended: Climb
    scales: Scales
    status: Status
    steps: int


def _path(trust: float = np.inf) -> Path:
    low, high = np.log(SD_RANGE)
    return Path(float(low), float(high), trust)


def settled_mode(
    design: Design, start: Point, prior: Prior, *, gain: float, limit: int, updates: int
) -> Mode:
    """Mode at given scales, with the variances of normal frailties that belong to it."""
    point, steps, path = start, 0, Path(-np.inf, np.inf)
    first: Derivatives | None = None
    while True:
        ended = climb(design, point, prior, gain=gain, limit=limit)
        first = first or ended.first
        ended, steps = replace(ended, first=first), steps + ended.steps
        if ended.status != "converged":
            return Mode(ended, ended.point, False, steps)
        old, fresh = ended.point.variance, frailty_variance(ended, prior)
        settled = float(np.abs(fresh - old).max(initial=0.0)) < _VARIANCE_TOLERANCE
        if settled or updates == 0:
            return Mode(ended, replace(ended.point, variance=fresh), settled, steps)
        if old.all():  # none is known at the start
            log = path.next(np.log(old), np.log(fresh / old))
            fresh = np.minimum(np.exp(log), 1.0 / prior.frailty)
        point, updates = replace(ended.point, variance=fresh), updates - 1


def settle(
    design: Design, start: Point, limit: int, updates: int, progress: Callable[[str], None]
) -> Settled:
    """Alternate between the mode at given scales and variances, and these at that mode."""
    scales, free = first_scales(design)
    exact = design.joint or prior_of(design, scales).gamma
    tolerance = _SHARP_TOLERANCE if exact else _SCALE_TOLERANCE
    first: Derivatives | None = None
    point, steps, sharp, path = start, 0, exact or not free, _path()
    update = 0
    while True:
        ended, point, settled, taken = settled_mode(
            design,
            point,
            prior_of(design, scales),
            gain=_GAIN if sharp else _LOOSE_GAIN,
            limit=limit,
            updates=VARIANCE_UPDATES if sharp else 0,
        )
        first = first or ended.first
        ended, steps = replace(ended, first=first), steps + taken
        told = ", ".join(f"{n} {scales[n]:.3f}" for n in free)
        progress(f"update {update}: log-likelihood {ended.value:.3f} {told}".rstrip())
        if ended.status != "converged":
            return Settled(ended, scales, ended.status, steps)
        move = moves(design, ended, scales, free)
        small = np.abs(move).max(initial=0.0) < tolerance
        if small and sharp:
            status = "converged" if settled else "variances not settled"
            return Settled(ended, scales, status, steps)
        if update >= updates:
            return Settled(ended, scales, "scales not settled", steps)
        if not sharp and (small or update == _HARD):
            sharp, path = True, _path(_TRUST)
        else:
            fresh = path.next(np.log([scales[n] for n in free]), move)
            scales = scales | dict(zip(free, np.exp(fresh).tolist(), strict=True))
        update += 1
