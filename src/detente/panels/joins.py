"""The usual ways to join a table to a panel: by state and year, by pair and year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import polars as pl

from detente.panels.lookup import looked_up
from detente.panels.ranges import expand, merged, periods
from detente.panels.registry import Context, Join
from detente.panels.systems import last_day
from detente.panels.units import CODES, System

Columns = Mapping[str, str] | Sequence[str]


def state_years(dataset: str, columns: Columns, *, system: System = "cow") -> Join:
    """Return the join of a table with one row per state and year.

    Parameters
    ----------
    dataset
        A dataset whose table holds ``ccode`` (or ``gwcode``) and ``year``.
    columns
        The columns to join, or a mapping from their names in the table to those in the panel.
    system
        The system of the table's codes; a panel of the other system is bridged by year.
    """
    names = _names(columns)

    def join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        table = context.unique(dataset, (CODES[system], "year")).lazy()
        chosen = table.select(CODES[system], "year", *(pl.col(a).alias(b) for a, b in names))
        return join_states(panel, context, chosen, system=system)

    return join


def state_constants(dataset: str, columns: Columns) -> Join:
    """Return the join of a table with one row per COW state, whose values hold in every year.

    In a panel of Gleditsch-Ward states each has the row of the COW state that it is bridged to in
    its last year: such a table describes the states that are there now.
    """
    names = _names(columns)

    def join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        table = context.unique(dataset, ("ccode",)).lazy()
        chosen = table.select("ccode", *(pl.col(a).alias(b) for a, b in names))
        if context.system == "gw":
            lasting = bridge_years(context).sort("year").group_by("gwcode").last()
            chosen = lasting.drop("year").join(chosen, on="ccode").drop("ccode")
        return join_states(panel, context, chosen, system=context.system, on=())

    return join


def each_of(parts: Mapping[str, Join]) -> Join:
    """Return the join of several datasets, each of which makes columns of its own.

    A dataset none of whose columns is kept is not read: see ``Column.dataset``.
    """

    def join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        for dataset, part in parts.items():
            if context.datasets is None or dataset in context.datasets:
                panel = part(panel, context)
        return panel

    return join


def join_states(
    panel: pl.LazyFrame,
    context: Context,
    table: pl.LazyFrame,
    *,
    system: System = "cow",
    on: Sequence[str] = ("year",),
    absent: Mapping[str, int] | None = None,
    years: tuple[int, int] | None = None,
) -> pl.LazyFrame:
    """Join a table of states and years to each state of a row.

    Parameters
    ----------
    table
        ``ccode`` (or ``gwcode``), the columns ``on`` and those to join, one row per state and
        moment; they take 1 and 2 after their names in panels of pairs.
    on
        Columns of the moment: ``year``, or ``year, month``, or ``date``.
    absent, years
        Values where the table has no row in the years it covers, by column.
    """
    panel = with_codes(panel, context, system)
    key = CODES[system]
    values = [name for name in table.collect_schema().names() if name not in (key, *on)]
    for side in context.sides:
        own = table.rename({name: f"{name}{side}" for name in values} if side else {})
        state = code(context, system, side)
        panel = looked_up(panel, own, left=(state, *on), right=(key, *on))
        if absent:
            filled = {f"{name}{side}": value for name, value in absent.items()}
            panel = filled_within(panel, filled, years, known=pl.col(state).is_not_null())
    return without_codes(panel, context, system)


def pair_years(
    dataset: str,
    columns: Columns,
    *,
    source: Literal["directed", "undirected"],
    absent: Mapping[str, int] | None = None,
    years: tuple[int, int] | None = None,
) -> Join:
    """Return the join of a table with one row per pair and year, keyed by COW codes.

    Parameters
    ----------
    dataset
        A dataset whose table holds ``ccode1``, ``ccode2`` and ``year``.
    columns
        The columns to join, or a mapping from their names in the table to those in the panel.
    source
        ``undirected``: each pair once, the smaller code first; it serves both directions.
        ``directed``: ``ccode1`` to ``ccode2``; an undirected panel reads the lower to the higher.
    absent, years
        Values where the table has no row in the years it covers, by panel column.
    """
    names = _names(columns)

    def join(panel: pl.LazyFrame, context: Context) -> pl.LazyFrame:
        table = context.unique(dataset, ("ccode1", "ccode2", "year")).lazy()
        chosen = table.select("ccode1", "ccode2", "year", *(pl.col(a).alias(b) for a, b in names))
        return join_pairs(panel, context, chosen, source=source, absent=absent, years=years)

    return join


def join_pairs(
    panel: pl.LazyFrame,
    context: Context,
    table: pl.LazyFrame,
    *,
    source: Literal["directed", "undirected"],
    on: Sequence[str] = ("year",),
    absent: Mapping[str, int] | None = None,
    years: tuple[int, int] | None = None,
) -> pl.LazyFrame:
    """Join a table of pairs (COW codes) and years; see :func:`pair_years`."""
    panel = with_codes(panel, context, "cow")
    codes = [code(context, "cow", side) for side in ("1", "2")]
    if source == "undirected":
        low, high = pl.min_horizontal(codes), pl.max_horizontal(codes)
        panel = panel.with_columns(low.alias("__low"), high.alias("__high"))
        codes = ["__low", "__high"]
    joined = looked_up(panel, table, left=(*codes, *on), right=("ccode1", "ccode2", *on))
    if absent:
        known = pl.all_horizontal(pl.col(name).is_not_null() for name in codes)
        joined = filled_within(joined, absent, years, known=known)
    return without_codes(joined.drop("__low", "__high", strict=False), context, "cow")


def filled_within(
    panel: pl.LazyFrame,
    absent: Mapping[str, int],
    years: tuple[int, int] | None,
    *,
    known: pl.Expr | None = None,
) -> pl.LazyFrame:
    """Write what the absence of a row means in the years covered; null stays outside them.

    ``known`` says in which rows the states have codes in the source's system.
    """
    inside = pl.lit(True) if years is None else pl.col("year").is_between(*years)
    there = inside if known is None else inside & known
    return panel.with_columns(
        pl.when(there & pl.col(name).is_null())
        .then(pl.lit(value))
        .otherwise(pl.col(name))
        .alias(name)
        for name, value in absent.items()
    )


def with_codes(panel: pl.LazyFrame, context: Context, system: System) -> pl.LazyFrame:
    """Add the codes of a system beside the panel's own, by year; a no-op in its own system.

    They stand as ``__ccode``/``__gwcode`` with the suffix of the side; see
    :func:`without_codes`.
    """
    if system == context.system:
        return panel
    bridge = bridge_years(context)
    own, other = context.code, CODES[system]
    for side in context.sides:
        panel = panel.join(
            bridge.rename({other: f"__{other}{side}"}),
            left_on=[f"{own}{side}", "year"],
            right_on=[own, "year"],
            how="left",
            maintain_order="left",
        )
    return panel


def bridge_years(context: Context) -> pl.LazyFrame:
    """Return the panel's state codes with those of the other system: one row per state and year.

    Where two codes of the other system meet one (Serbia in 2006, Germany in 1990), the code that
    is the same in both systems is taken, else the smaller.
    """
    own, other = context.code, "gwcode" if context.system == "cow" else "ccode"
    return (
        context.table("gw_cow")
        .lazy()
        .drop_nulls()
        .sort(own, "year", pl.col(own) != pl.col(other), other)
        .unique([own, "year"], keep="first", maintain_order=True)
        .select(own, "year", other)
    )


def without_codes(panel: pl.LazyFrame, context: Context, system: System) -> pl.LazyFrame:
    """Drop what :func:`with_codes` added."""
    if system == context.system:
        return panel
    return panel.drop([f"__{CODES[system]}{side}" for side in context.sides])


def code(context: Context, system: System, side: str) -> str:
    """Return the name under which a side's code of a system stands after :func:`with_codes`."""
    plain = f"{CODES[system]}{side}"
    return plain if system == context.system else f"__{plain}"


def moments_of(spells: pl.DataFrame, context: Context, by: Sequence[str]) -> pl.LazyFrame:
    """Return one row for each moment of the panel's period that has a day of a spell.

    Parameters
    ----------
    spells
        ``by``, ``start`` and ``stop`` (first day outside); other columns are left out.
    by
        Columns that tell the spells' owners apart.

    Returns
    -------
    pl.LazyFrame
        ``by`` and the columns of the unit's moment, each once.
    """
    period = context.unit.period
    days = spells.select(*by, pl.col("start").alias("first"), last_day("stop").alias("last"))
    return expand(merged(periods(days, period), by), period).lazy()


def years_of(table: pl.LazyFrame, first: str, last: str, keep: Iterable[str]) -> pl.LazyFrame:
    """Return one row for each calendar year from ``first`` to ``last``, both inside."""
    return (
        table.select(*keep, pl.int_ranges(pl.col(first), pl.col(last) + 1).alias("year"))
        .explode("year")
        .with_columns(pl.col("year").cast(pl.Int32))
    )


def _names(columns: Columns) -> list[tuple[str, str]]:
    if isinstance(columns, Mapping):
        return list(columns.items())
    return [(name, name) for name in columns]
