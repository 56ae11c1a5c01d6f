"""First and last day of every dyadic dispute, with where each day comes from.

Dyadic MID says which months a dispute of two states spans, but fills unknown days in without
a mark. The day inside the month is therefore taken, in this order, from

1. ``mid5``: the overlap of both participants' episodes (MID 5) where it begins (ends) in that
   month and the day that decides it is known;
2. ``gml``: the same with the Gibler-Miller-Little participants;
3. ``mie``: the first (last) dated incident of the two in the dispute in that month;
4. ``dyadic``: Dyadic MID's own day, unless it is the value that stands for "unknown" there
   (1 for a first day, the end of the month for a last day);
5. ``imputed``: the middle of the days that are left, or one and two thirds into the month
   where the first and the last day of one month are both unknown.

No rule moves a day out of its month. Where Dyadic MID 4.02 ends a dispute in December 2010, the end
of the record it was made from, MID 5 says how long it went on (:func:`followed`).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

KEY = ("dispnum", "ccode1", "ccode2", "part")
SOURCES = ("mid5", "gml", "mie", "dyadic")
"""Where a day may come from, best first; ``imputed`` is none of them."""

EARLIER_RECORD_END = (2010, 12)
"""Last month of MID 4, with which Dyadic MID 4.02 ends disputes that were then under way."""


def dated_disputes(
    dyadic_mid: pl.DataFrame,
    mid5_part: pl.DataFrame,
    gml_part: pl.DataFrame,
    mie: pl.DataFrame,
) -> pl.DataFrame:
    """Return the dyadic disputes with ``start``, ``stop`` (exclusive) and their sources.

    Parameters
    ----------
    dyadic_mid, mid5_part, gml_part, mie
        Tables of :func:`detente.sources.load`.

    Returns
    -------
    pl.DataFrame
        The rows of ``dyadic_mid`` with ``start``, ``stop`` (dates), ``start_source``,
        ``stop_source`` (of :data:`SOURCES`, or ``imputed``).
    """
    dyads = followed(dyadic_mid, mid5_part)
    table = dyads
    for name, people in (("mid5", mid5_part), ("gml", gml_part)):
        table = table.join(_overlaps(dyads, people, name), on=KEY, how="left")
    table = table.join(_incidents(dyads, mie), on=KEY, how="left")
    table = table.with_columns(_own_day("start"), _own_day("end"))
    table = _choose(table)
    return _place(table).drop(
        [f"{end}_{source}" for end in ("start", "end") for source in SOURCES]
        + ["start_rank", "end_rank", "start_pick", "end_pick"]
    )


def followed(dyadic_mid: pl.DataFrame, mid5_part: pl.DataFrame) -> pl.DataFrame:
    """Give disputes that end with the earlier record the end that MID 5 found for them.

    Dyadic MID 4.02 closes 21 disputes in December 2010 because MID 4 does; MID 5 followed them,
    and has some end earlier and some go on to 2014. The end is the first of the two
    participants' last days.
    """
    ends = [f"end_{part}" for part in _PARTS]
    leaves = (
        mid5_part.select("dispnum", "ccode", *ends)
        .sort(*ends, nulls_last=True)
        .group_by("dispnum", "ccode")
        .last()
    )
    table = dyadic_mid
    for n in (1, 2):
        own = leaves.rename({end: f"{end}_{n}" for end in ends} | {"ccode": f"ccode{n}"})
        table = table.join(own, on=["dispnum", f"ccode{n}"], how="left", maintain_order="left")
    at_end = (pl.col("end_year") == EARLIER_RECORD_END[0]) & (
        pl.col("end_month") == EARLIER_RECORD_END[1]
    )
    known = pl.col("end_year_1").is_not_null() & pl.col("end_year_2").is_not_null()
    one_first = _order(1) <= _order(2)
    return table.with_columns(
        pl.when(at_end & known & one_first)
        .then(f"{end}_1")
        .when(at_end & known)
        .then(f"{end}_2")
        .otherwise(end)
        .alias(end)
        for end in ends
    ).select(dyadic_mid.columns)


def _order(n: int) -> pl.Expr:
    return _month("end", f"_{n}") * 100 + pl.col(f"end_day_{n}").fill_null(15)


def _month(end: str, suffix: str = "") -> pl.Expr:
    return pl.col(f"{end}_year{suffix}") * 12 + pl.col(f"{end}_month{suffix}")


def _last_day(end: str) -> pl.Expr:
    first = pl.date(f"{end}_year", f"{end}_month", 1)
    return first.dt.month_end().dt.day().cast(pl.Int32)


def _overlaps(dyadic_mid: pl.DataFrame, people: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the days on which both participants' episodes begin and end to overlap."""
    keep = ["dispnum", "ccode"] + [f"{e}_{p}" for e in ("start", "end") for p in _PARTS]
    episodes = people.select(keep)
    one = episodes.rename({c: f"{c}_1" for c in keep[2:]} | {"ccode": "ccode1"})
    two = episodes.rename({c: f"{c}_2" for c in keep[2:]} | {"ccode": "ccode2"})
    pairs = (
        dyadic_mid.select(*KEY, *keep[2:])
        .join(one, on=["dispnum", "ccode1"])
        .join(two, on=["dispnum", "ccode2"])
    )
    return pairs.group_by(KEY).agg(
        _deciding("start", later=True).min().alias(f"start_{name}"),
        _deciding("end", later=False).max().alias(f"end_{name}"),
    )


_PARTS = ("year", "month", "day")


def _deciding(end: str, *, later: bool) -> pl.Expr:
    """Return the day of the later start (earlier end), if known and in the dispute's month."""
    one, two = _month(end, "_1"), _month(end, "_2")
    first, second = pl.col(f"{end}_day_1"), pl.col(f"{end}_day_2")
    both = pl.max_horizontal(first, second) if later else pl.min_horizontal(first, second)
    both = pl.when(first.is_not_null() & second.is_not_null()).then(both)
    one_decides = one > two if later else one < two
    month = pl.max_horizontal(one, two) if later else pl.min_horizontal(one, two)
    day = pl.when(one == two).then(both).when(one_decides).then(first).otherwise(second)
    return pl.when(month == _month(end)).then(day)


def _incidents(dyadic_mid: pl.DataFrame, mie: pl.DataFrame) -> pl.DataFrame:
    """Return the first and last dated incident of each dyad in its dispute's end months."""
    events = mie.select(
        pl.col("micnum").alias("dispnum"),
        pl.min_horizontal("ccode1", "ccode2").alias("ccode1"),
        pl.max_horizontal("ccode1", "ccode2").alias("ccode2"),
        _month("start").alias("first_month"),
        pl.col("start_day").alias("first_day"),
        _month("end").alias("last_month"),
        pl.col("end_day").alias("last_day"),
    )
    joined = dyadic_mid.join(events, on=["dispnum", "ccode1", "ccode2"])
    first = pl.when(pl.col("first_month") == _month("start")).then("first_day")
    last = pl.when(pl.col("last_month") == _month("end")).then("last_day")
    return joined.group_by(KEY).agg(first.min().alias("start_mie"), last.max().alias("end_mie"))


def _own_day(end: str) -> pl.Expr:
    day = pl.col(f"{end}_day")
    unknown = pl.lit(1) if end == "start" else _last_day("end")
    return pl.when(day != unknown).then(day).alias(f"{end}_dyadic")


def _choose(table: pl.DataFrame) -> pl.DataFrame:
    """Pick the best source of each end; of two that contradict each other the better stays."""
    picks = table.with_columns(
        *(_first_source(end, "pick") for end in ("start", "end")),
        *(_first_source(end, "rank") for end in ("start", "end")),
    )
    crossed = (_month("start") == _month("end")) & (pl.col("start_pick") > pl.col("end_pick"))
    start_loses = crossed & (pl.col("start_rank") > pl.col("end_rank"))
    end_loses = crossed & ~start_loses
    return picks.with_columns(
        pl.when(~start_loses.fill_null(False)).then(pl.col("start_pick", "start_rank")),
        pl.when(~end_loses.fill_null(False)).then(pl.col("end_pick", "end_rank")),
    )


def _first_source(end: str, what: str) -> pl.Expr:
    days = [_valid(end, source) for source in SOURCES]
    if what == "pick":
        return pl.coalesce(days).alias(f"{end}_pick")
    ranks = [pl.when(d.is_not_null()).then(i) for i, d in enumerate(days)]
    return pl.coalesce(ranks).alias(f"{end}_rank")


def _valid(end: str, source: str) -> pl.Expr:
    day = pl.col(f"{end}_{source}")
    return pl.when(day.is_between(1, _last_day(end))).then(day)


def _place(table: pl.DataFrame) -> pl.DataFrame:
    """Put unknown days inside their month and build the dates."""
    same = _month("start") == _month("end")
    first, last = pl.col("start_pick"), pl.col("end_pick")
    both = same & first.is_null() & last.is_null()
    length = _last_day("start")
    ceiling = pl.when(same).then(pl.coalesce(last, length)).otherwise(length)
    floor = pl.when(same).then(pl.coalesce(first, pl.lit(1))).otherwise(pl.lit(1))
    start = pl.when(both).then(1 + (length - 1) // 3).otherwise((1 + ceiling) // 2)
    end = pl.when(both).then(1 + 2 * (length - 1) // 3)
    end = end.otherwise((floor + _last_day("end") + 1) // 2)
    start, end = pl.coalesce(first, start), pl.coalesce(last, end)
    return table.with_columns(
        pl.date("start_year", "start_month", start).alias("start"),
        pl.date("end_year", "end_month", end).dt.offset_by("1d").alias("stop"),
        _name("start", "start_source"),
        _name("end", "stop_source"),
    )


def _name(end: str, name: str) -> pl.Expr:
    rank = pl.col(f"{end}_rank")
    names: Sequence[str] = SOURCES
    chain = pl.lit("imputed")
    for i, source in enumerate(names):
        chain = pl.when(rank == i).then(pl.lit(source)).otherwise(chain)
    return chain.alias(name)
