"""Latent external territorial threat (Miller)."""

from __future__ import annotations

from detente.panels.joins import state_years
from detente.panels.registry import Column, Feature, register

_PARTS = {
    "": "posterior mean",
    "_sd": "standard deviation",
    "_lwr": "lower bound, 90% interval",
    "_upr": "upper bound, 90% interval",
}
_SOURCE = {"": "", "_sd": "_sd", "_lwr": "_lower", "_upr": "_upper"}
_SERIES = {
    "lterrthreat": ("threat", "pairs weighted by the distance of their capitals"),
    "m_lterrthreat": ("nearness", "pairs weighted by their minimum distance"),
}

register(
    Feature(
        name="territorial_threat",
        title="Latent external territorial threat",
        columns=tuple(
            Column(f"{name}{part}", f"territorial threat, {how}: {meaning}", "latent scale")
            for name, (_, how) in _SERIES.items()
            for part, meaning in _PARTS.items()
        ),
        datasets=("territorial_threat",),
        years=(1816, 2010),
        states="members of the COW state system",
        missing="no estimate; the second series begins in 1885",
        join=state_years(
            "territorial_threat",
            {
                f"{source}{_SOURCE[part]}": f"{name}{part}"
                for name, (source, _) in _SERIES.items()
                for part in _PARTS
            },
        ),
    )
)
