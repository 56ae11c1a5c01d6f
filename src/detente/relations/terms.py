"""The model of relations between states: its processes, covariates, kernels and priors.

This is the one place that says what is in the model; the fit, the shipped file, the simulator and
the model card all read it from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri

RUNGS = ("calm", "dispute", "war")

LEVEL = 0.9
"""Level of the intervals."""
POWER, SIZE = 0.8, 0.05
"""Power and size of the two-sided test behind a minimum detectable effect."""


def detectable_ratios(se: float) -> tuple[float, float]:
    """Hazard ratios that a two-sided test of ``SIZE`` tells from one with ``POWER``.

    The estimate of the log ratio is taken as normal, and the far tail of the test left out.

    Parameters
    ----------
    se
        Standard error of the log ratio, > 0.

    Returns
    -------
    tuple
        The largest below one, and the smallest above.
    """
    reach = float(ndtri(1 - SIZE / 2) + ndtri(POWER)) * se
    return math.exp(-reach), math.exp(reach)


DAY = 1.0 / 365.25


@dataclass(frozen=True, slots=True)
class Process:
    """One process: the rung it leaves, the rung it enters, and which rows are at risk.

    ``source`` and ``target`` are rungs; both ``None`` for a meeting, which leaves the rung as it
    is. ``gate`` names the link that must be open.
    """

    name: str
    label: str
    source: str | None
    target: str | None
    gate: str | None = None


PROCESSES = (
    Process("initiate", "start of a dispute", "calm", "dispute"),
    Process("join", "joining a dispute", "calm", "dispute", "linked"),
    Process("attack", "war from the first day", "calm", "war"),
    Process("enter", "joining a war", "calm", "war", "linked_war"),
    Process("subside", "end of a dispute", "dispute", "calm"),
    Process("escalate", "dispute becomes war", "dispute", "war"),
    Process("end", "end of a war", "war", "calm"),
    Process("cool", "war returns to dispute", "war", "dispute"),
    Process("leaders", "leaders' meeting", None, None),
    Process("envoys", "envoys' meeting", None, None),
)

DYAD = "parity + no_parity + contiguous + land + one_major + both_major + alliance"
REGIME = "democracy + no_democracy + rivalry + both_nuclear"
PAST = "past_disputes + past_wars"

# US dyads have an intercept of their own and slopes that differ from those of the rest only as
# far as the prior lets them: no other dyads have recorded meetings.
US = (
    "recorded + recorded:parity + recorded:contiguous + recorded:both_major"
    " + recorded:democracy + recorded:rivalry + recorded:past_disputes"
)
MEETINGS = (
    "met_leaders_6m + met_leaders_60m + met_envoys_6m + met_envoys_60m + mean_leaders + mean_envoys"
)
MEETING_TERMS = ("met_leaders_6m", "met_leaders_60m", "met_envoys_6m", "met_envoys_60m")

MEETING_SD = 0.5
"""Prior sd of a meeting term: the log hazard ratio per unit of log(1 + decayed count)."""
POOLING_SD = 0.5
"""Prior sd of how far a slope of US dyads departs from that of all dyads."""
SLOPE_SD = 2.0
"""Prior sd of every other slope: wide, it only keeps rare processes from running away."""
PERIOD_SD = 0.5
"""Prior sd of the step in a level from one period to the next."""
FEWEST_EVENTS = 10
"""Exposed events below which a meeting term is not estimable and stays out of the model."""

EXPOSED_COUNT = 0.5**2
"""Decayed count of meetings from which an event is exposed: one meeting, two half-lives ago.

From there on a meeting term is at least log(1 + 1/4), a third of its value on the day after one.
"""


def formula(process: str, dropped: frozenset[str] = frozenset()) -> str:
    """Right-hand side of a process, without the meeting terms in ``dropped``."""
    parts = FORMULAS[process]
    if process in MEETING_PROCESSES:
        meetings = [t for t in MEETINGS.split(" + ") if t not in dropped]
        parts = f"{parts} + {US} + {' + '.join(meetings)}"
    return parts


MEETING_PROCESSES = ("initiate", "subside")
"""Processes with meeting terms; wars have too few exposed events to learn any from."""

PERIODS = (1914, 1946, 1970, 1992)
"""First years of the periods in which joining, war entry and endings have levels of their own."""
ERAS = (1946, 1970, 1992)
"""First years of the eras in which the rate of recorded meetings has a level of its own."""
_PERIOD = " + ".join(f"since_{year}" for year in PERIODS)

FORMULAS: dict[str, str] = {
    "initiate": f"{DYAD} + {REGIME} + {PAST} + linked_war + concentration + no_concentration",
    "join": f"{DYAD} + {REGIME} + {PAST} + linked_war + ally + ally_war + {_PERIOD}",
    "attack": "1",
    "enter": f"{DYAD} + {REGIME} + {PAST} + ally_war + {_PERIOD}",
    "subside": f"{DYAD} + {REGIME} + {PAST} + linked_war + {_PERIOD}",
    "escalate": "linked_war + ally_war",
    "end": f"parity + contiguous + both_major + democracy + linked_war + {_PERIOD}",
    "cool": "1",
    "leaders": "",
    "envoys": "",
}
# Meetings feed on meetings. With the six-month counts beside the five-year ones the feedback is
# supercritical (a doubling of the counts more than doubles the rate) and futures run away, so only
# the slow counts enter, beside the pair's usual level over its record.
MARKS = (
    "in_dispute + in_war + past_leaders_60m + past_envoys_60m + usual_leaders + usual_envoys"
    " + parity + contiguous + both_major + alliance + democracy + rivalry"
    " + era_1946 + era_1970 + era_1992"
)


@dataclass(frozen=True, slots=True)
class SharedSlopes:
    """Slopes that several processes have in common, beside those of their own."""

    name: str
    formula: str
    processes: tuple[str, ...]


SHARED = (
    SharedSlopes("war entry", f"{DYAD} + {REGIME} + {PAST} + {_PERIOD}", ("attack", "escalate")),
)


def slope_groups(process: str) -> tuple[str, ...]:
    """Names of the groups of coefficients of a process: its own, then those it shares."""
    return (process, *(s.name for s in SHARED if process in s.processes))
