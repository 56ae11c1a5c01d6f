"""What an arm does, in words."""

from __future__ import annotations

import math

from detente.assessments import rounding as say
from detente.scenarios.arms import Arm, Cancel, Hold, Intervention, Offset, Scale, Window

SUSTAINED = "Sustained: the record holds no history like it, so this extrapolates."


def description(arm: Arm) -> str:
    """Say what an arm does: one clause an intervention, nature elsewhere."""
    told = "; ".join(_clause(i) for i in arm.interventions)
    return f"{told or 'nothing is held'}, nature {'afterwards' if not lasts(arm) else 'elsewhere'}"


def note(arm: Arm) -> str | None:
    """Return the scenario's note on an arm; a sustained one is said to reach past the record."""
    told = [arm.note] if arm.note else []
    return " ".join([*told, SUSTAINED] if sustained(arm) else told) or None


def sustained(arm: Arm) -> bool:
    """Whether an arm keeps meetings away, or at another rate, over a span of time."""
    return any(isinstance(i, Cancel | Scale) for i in arm.interventions)


def lasts(arm: Arm) -> bool:
    """Whether anything that an arm does goes on after a day."""
    return any(not isinstance(i, Hold) for i in arm.interventions)


def _clause(item: Intervention) -> str:
    if isinstance(item, Hold):
        return f"one meeting of {item.channel}s of {'-'.join(item.dyad)} held"
    pairs = ", ".join("-".join(d) for d in item.dyads)
    if isinstance(item, Offset):
        return (
            f"{item.channel} of {pairs} at {say.ratio(math.exp(item.delta))} times its intensity "
            f"({item.note})"
        )
    if isinstance(item, Cancel):
        return f"no meeting of {item.channel}s of {pairs} {_span(item)}"
    factor = say.ratio(item.factor)
    return f"meetings of {item.channel}s of {pairs} at {factor} times their rate {_span(item)}"


def _span(item: Window) -> str:
    return f"from {item.start} on" if item.stop is None else f"from {item.start} to {item.stop}"
