"""Leaders' experience before office (LEAD) and willingness to use force."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detente.panels.registry import Column, Context, Feature, Join, register

_FLAG = "0 or 1"
_EXPERIENCE = {
    "leveledu": ("education", "education: 0 primary, 1 secondary, 2 university, 3 graduate", ""),
    "milservice": ("military_service", "served in the military", _FLAG),
    "combat": ("combat", "saw combat", _FLAG),
    "rebel": ("rebel", "was a rebel", _FLAG),
    "warwin": ("war_win", "fought in a war that was won", _FLAG),
    "warloss": ("war_loss", "fought in a war that was lost", _FLAG),
    "rebelwin": ("rebel_win", "fought in a rebellion that won", _FLAG),
    "rebelloss": ("rebel_loss", "fought in a rebellion that lost", _FLAG),
    "yrsexper": ("years_experience", "political experience before office", "years"),
    "physhealth": ("physical_illness", "had a physical illness", _FLAG),
    "mentalhealth": ("mental_illness", "had a mental illness", _FLAG),
}
_FORCE = {
    f"theta{model}_{part}": (
        f"theta{model}{suffix}",
        f"willingness to use force, model {model}: {meaning}",
        "latent scale",
    )
    for model in (1, 2, 3, 4)
    for part, suffix, meaning in (("mean", "", "posterior mean"), ("sd", "_sd", "posterior sd"))
}


def leaders(dataset: str, columns: Mapping[str, str]) -> Join:
    """Return the join of a table with one row per time in office, by ``obsid``.

    ``columns`` maps the names of the panel to those of the table; truths become 0 and 1.
    """

    def join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        table = context.unique(dataset, ("obsid",))
        for side in context.sides:
            values = [
                _number(table, source).alias(f"{name}{side}") for name, source in columns.items()
            ]
            own = table.lazy().select(pl.col("obsid").alias(f"obsid{side}"), *values)
            panel = panel.join(own, on=f"obsid{side}", how="left", maintain_order="left")
        return panel

    return join


def _number(table: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int32) if table.schema[name] == pl.Boolean else pl.col(name)


register(
    Feature(
        name="lead",
        title="Leaders' experience and attributes before office (LEAD)",
        columns=tuple(
            Column(name, what, unit, "leader") for name, (_, what, unit) in _EXPERIENCE.items()
        ),
        datasets=("lead",),
        years=(1840, 2015),
        states="leaders of Archigos that LEAD holds: 2,930 of 3,409 times in office",
        missing="the leader is not in LEAD, or LEAD does not know",
        join=leaders("lead", {name: source for name, (source, *_) in _EXPERIENCE.items()}),
    )
)

register(
    Feature(
        name="lwuf",
        title="Leaders' latent willingness to use force",
        columns=tuple(
            Column(name, what, unit, "leader") for name, (_, what, unit) in _FORCE.items()
        ),
        datasets=("lwuf",),
        years=(1840, 2015),
        states="leaders of Archigos with an estimate: 2,930 of 3,409 times in office",
        missing="no estimate for the leader",
        join=leaders("lwuf", {name: source for name, (source, *_) in _FORCE.items()}),
    )
)
