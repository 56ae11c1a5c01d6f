"""Readable names of the model's processes, groups of slopes and columns."""

from __future__ import annotations

from detente.core.errors import InputError
from detente.core.states import state

COLUMNS: dict[str, str] = {
    "parity": "log ratio of capabilities, weaker to stronger",
    "no_parity": "capabilities not known",
    "contiguous": "contiguous by land or at most 400 miles of water",
    "land": "contiguous by land",
    "one_major": "exactly one major power",
    "both_major": "both major powers",
    "alliance": "defence pact",
    "democracy": "electoral democracy of the less democratic, per unit",
    "no_democracy": "democracy not known",
    "rivalry": "strategic rivalry",
    "both_nuclear": "both nuclear-armed",
    "concentration": "concentration of capabilities among the major powers",
    "no_concentration": "concentration not known",
    "past_disputes": "past disputes (log of 1 + decayed count)",
    "past_wars": "past wars (log of 1 + decayed count)",
    "linked_war": "a member at war with a third state",
    "ally": "a member in conflict with an ally of the other",
    "ally_war": "a member at war with an ally of the other",
    "recorded": "US dyad, meetings recorded",
    "met_leaders_6m": "leaders met, half-life 6 months",
    "met_leaders_60m": "leaders met, half-life 60 months",
    "met_envoys_6m": "envoys met, half-life 6 months",
    "met_envoys_60m": "envoys met, half-life 60 months",
    "mean_leaders": "dyad mean of leaders met",
    "mean_envoys": "dyad mean of envoys met",
    "past_leaders_60m": "past leaders' meetings (log of 1 + decayed count)",
    "past_envoys_60m": "past envoys' meetings (log of 1 + decayed count)",
    "usual_leaders": "usual level of leaders' meetings of the pair",
    "usual_envoys": "usual level of envoys' meetings of the pair",
    "in_dispute": "in a dispute",
    "in_war": "at war",
}
"""What a column of the model means."""

KINDS = {"leaders": "leaders' meetings", "envoys": "envoys' meetings"}

_HALF_LIVES = {"6m": "6 months", "60m": "60 months"}


def column_label(column: str) -> str:
    """Say what a column means; an unknown one keeps its name."""
    if column.startswith("recorded:"):
        return f"US dyad x {column_label(column.removeprefix('recorded:'))}"
    for prefix in ("since_", "era_"):
        if column.startswith(prefix):
            return f"since {column.removeprefix(prefix)}"
    return COLUMNS.get(column, column)


def term_label(term: str) -> str:
    """Say which meetings a meeting term counts and how long they are remembered."""
    kind, _, half_life = term.removeprefix("met_").partition("_")
    return f"{KINDS.get(kind, kind)}, half-life {_HALF_LIVES.get(half_life, half_life)}"


def dyad_label(dyad: int) -> str:
    """Names of the two states of a dyad code."""
    return "-".join(_name(ccode) for ccode in divmod(dyad, 1000))


def _name(ccode: int) -> str:
    try:
        return state(ccode).name
    except InputError:
        return str(ccode)
