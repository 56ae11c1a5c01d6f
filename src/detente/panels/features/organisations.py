"""Memberships of intergovernmental organisations (COW)."""

from __future__ import annotations

import polars as pl

from detente.panels.joins import pair_years, state_years
from detente.panels.registry import Column, Context, Feature, register

_KINDS = {
    "full": ("sum_igo_full", "full memberships"),
    "associate": ("sum_igo_associate", "associate memberships"),
    "observer": ("sum_igo_observer", "observer seats"),
    "anytype": ("sum_igo_anytype", "memberships and seats of any type"),
}
_of_states = state_years("igo_memberships", {kind: name for kind, (name, _) in _KINDS.items()})
_of_pairs = pair_years("igo_joint", {"joint": "dyadigos"}, source="undirected")


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    return (_of_states if context.sides == ("",) else _of_pairs)(panel, context)


register(
    Feature(
        name="igos",
        title="Intergovernmental organisations: memberships, joint memberships (COW)",
        columns=(
            *[Column(name, what, "number", "state-only") for name, what in _KINDS.values()],
            Column("dyadigos", "organisations of which both are full members", "number", "dyad"),
        ),
        datasets=("igo_memberships", "igo_joint"),
        years=(1816, 2014),
        states="members of the COW state system, and pairs of them",
        missing="the source has no count for the state or the pair in the year",
        join=_join,
    )
)
