"""Leaders' operational codes and traits, read from their speeches (PsyCL)."""

from __future__ import annotations

import polars as pl

from detente.panels.registry import Column, Context, Feature, register
from detente.sources.psycl import MEASURES

_YEARS = (1869, 2015)
_ARCHIGOS = {
    "Attlee Clement": "atlee",
    "Campbell Henry": "campbell-bannerman",
    "Cecil Robert": "salisbury",
    "Chamberlain Neville": "chamberlin",
    "Gaddafi Muammar": "qaddafi",
    "Gandhi Indira": "gandhi, i.",
    "Gandhi Rajiv": "gandhi, r.",
    "Gustav Husak": "husak",
    "Harris Benjamin": "harrison",
    "Honeker Erich": "honecker",
    "Krushchev Nakita": "khrushchev",
    "Lubumba Patrice": "lumumba",
    "Mendes Pierre": "mendes-france",
    "Nimeiry Gaafar": "nimeiri",
    "Rajapaska Mahinda": "rajapakse",
    "Roosevelt Franklin": "roosevelt, f.",
    "Roosevelt Theodore": "roosevelt, t.",
    "Sese Seko Mobutu": "mobutu",
    "Zedong Mao": "mao tse-tung",
}
"""Names of PsyCL (last, first) whose leader Archigos spells in another way."""


def _join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    table = _by_office(context)
    for side in context.sides:
        own = table.rename({name: f"psycl_{name}{side}" for name in MEASURES})
        panel = panel.join(
            own.rename({"obsid": f"obsid{side}"}),
            on=[f"obsid{side}", "year"],
            how="left",
            maintain_order="left",
        )
    return panel


def _by_office(context: Context) -> pl.LazyFrame:
    """Return the measures of each time in office and year, where PsyCL has the leader's speeches.

    A leader is found by state, year in office and last name.
    """
    names = (
        context.table("psycl")
        .lazy()
        .with_columns(
            pl.concat_str("lastname", pl.lit(" "), "firstname")
            .replace_strict(_ARCHIGOS, default=pl.col("lastname").str.to_lowercase())
            .alias("surname")
        )
    )
    last = pl.col("stop").dt.offset_by("-1d").dt.year()
    years = pl.int_ranges(pl.col("start").dt.year(), last + 1).cast(pl.List(pl.Int32))
    offices = (
        context.table("leaders")
        .lazy()
        .select("obsid", "gwcode", pl.col("leader").str.to_lowercase(), years.alias("year"))
        .explode("year")
        .join(context.table("gw_cow").lazy(), on=["gwcode", "year"])
    )
    return (
        offices.join(names, on=["ccode", "year"])
        .filter(pl.col("leader").str.ends_with(pl.col("surname")))
        .select("obsid", "year", *MEASURES)
        .unique(["obsid", "year"], keep="first", maintain_order=True)
    )


register(
    Feature(
        name="psycl",
        title="Leaders' operational codes and traits in the year (PsyCL)",
        columns=tuple(
            Column(f"psycl_{name}", meaning, "index", "leader")
            for name, meaning in MEASURES.items()
        ),
        datasets=("psycl", "leaders", "gw_cow"),
        years=_YEARS,
        states="leaders in office with 4,000 words in the year; mostly American and British",
        missing="the leader's speeches of the year are not coded",
        join=_join,
    )
)
