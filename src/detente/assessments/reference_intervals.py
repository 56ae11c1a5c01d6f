"""Intervals of the shares in a reference class, and where the cases allow none.

Meetings of one pair are not independent and the windows after them overlap. What informs an
interval is the number of pairs, and few of them tell nothing of the spread between pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import betaincinv

Floats = NDArray[np.float64]

LEVEL = 0.9
"""Level of every interval here."""
FEWEST_PAIRS = 10
"""Pairs below which no interval is given: the bar of the hazards' sandwich errors."""
BOOTSTRAP_DRAWS = 2000

PAIR = ("ccode1", "ccode2")
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a share: as if cases were independent, and by resampling whole pairs.

    ``reason`` says why there are none, ``method`` what was done.
    """

    lo: float | None
    hi: float | None
    lo_dyads: float | None
    hi_dyads: float | None
    reason: str | None
    method: str


def limits(x: Floats, n: Floats, rng: np.random.Generator) -> Limits:
    """Return the limits of a share, or the reason why its cases allow none.

    Parameters
    ----------
    x, n
        Events and cases of each pair, shape (pairs,).
    rng
        Of the bootstrap over pairs.
    """
    if not len(n):
        return _none("no case whose whole window the record covers")
    if len(n) < FEWEST_PAIRS:
        return _none(too_few(len(n)))
    lo, hi = jeffreys(int(x.sum()), int(n.sum()))
    low, high = bootstrap(x, n, rng)
    method = "Jeffreys interval as if cases were independent, which they are not"
    if low is None:
        seen = "only events" if x.sum() else "no event"
        method += f"; with {seen} every resample of the pairs is the same"
    else:
        method += "; at each end a bootstrap over pairs, where that is wider"
    return Limits(lo, hi, low, high, None, method)


def too_few(pairs: int) -> str:
    """Say why cases of so few pairs have no interval."""
    return f"cases of {pairs_name(pairs)}: too few for an interval"


def pairs_name(pairs: int) -> str:
    """Write a number of pairs: ``1 pair``, ``2 pairs``."""
    return f"{pairs} pair{'s' * (pairs != 1)}"


def _none(reason: str) -> Limits:
    return Limits(None, None, None, None, reason, f"count; {reason}")


def jeffreys(events: int, n: int, *, level: float = LEVEL) -> tuple[float | None, float | None]:
    """Return the Jeffreys interval of a proportion; its end is 0 or 1 with no or only events.

    Source: Brown, Cai and DasGupta (2001), Statistical Science 16: 101-133.
    """
    if n == 0:
        return None, None
    tail = (1 - level) / 2
    a, b = events + 0.5, n - events + 0.5
    lo = 0.0 if events == 0 else float(betaincinv(a, b, tail))
    hi = 1.0 if events == n else float(betaincinv(a, b, 1 - tail))
    return lo, hi


def bootstrap(x: Floats, n: Floats, rng: np.random.Generator) -> tuple[float | None, float | None]:
    """Resample whole pairs: meetings of one pair are not independent.

    With one pair, no event or only events every resample is the same: no interval then.
    """
    if len(n) < 2 or x.sum() in (0, n.sum()):
        return None, None
    weights = rng.multinomial(len(n), np.full(len(n), 1 / len(n)), size=BOOTSTRAP_DRAWS)
    ratio = (weights @ x) / (weights @ n)
    lo, hi = np.quantile(ratio, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(lo), float(hi)


def windows_apart(cases: pl.DataFrame, horizon: int) -> int:
    """Count the windows after the cases that do not overlap within a pair, as many as can be.

    Parameters
    ----------
    cases
        With ``ccode1``, ``ccode2`` and ``date``.
    horizon
        Length of a window in years.
    """
    apart = 0
    for _, days in cases.sort("date").group_by(PAIR):
        last = None
        for day in days["date"]:
            if last is None or (day - last).days >= _YEAR * horizon:
                apart, last = apart + 1, day
    return apart
