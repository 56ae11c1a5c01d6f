"""Extra-state and intra-state wars, with the sides that fought (Correlates of War)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.cow_interstate_wars import REPOSITORY, read_release
from detente.sources.registry import Dataset, register
from detente.sources.repositories import COW_TERMS, RESORT_TO_WAR_BIBTEX, UNCHECKED

RECORD_STOP = dt.date(2008, 1, 1)
"""First day after the lists: a war they call ongoing is cut off there."""

_FOLDER = "SourceData/CorrelatesOfWar"
_EXTRA = REPOSITORY.file(
    f"{_FOLDER}/Extra-StateWarData_v4.0.csv",
    sha256="529c325fdf0355ea4e09ce1c0d13d3cb474eaffcfebe13576b7a56207b264104",
    size=23068,
)
_INTRA = REPOSITORY.file(
    f"{_FOLDER}/Intra-StateWarData_v4.1.csv",
    sha256="f699298571bd300b3cec5fd873e5fdbfe9b536a3704b0207edf0fc9414d4d963",
    size=54987,
)
_EXTRA_TYPES = {2: "colonial", 3: "imperial"}
_INTRA_TYPES = {4: "central control", 5: "local issues", 6: "regional", 7: "intercommunal"}
_ONGOING = -7
_CENTURIES = 10_000


def read_extra(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per war, pair of sides and spell of fighting, ``stop`` exclusive."""
    raw = read_release(paths[_EXTRA.path]).rename({"EndDay2 ": "EndDay2"})
    own = (
        pl.col("ccode1").alias("ccode_a"),
        pl.col("SideA").alias("side_a"),
        pl.col("ccode2").alias("ccode_b"),
        pl.col("SideB").alias("side_b"),
        pl.col("BatDeath").cast(pl.String).alias("deaths_a"),
        pl.col("NonStateDeaths").cast(pl.String).alias("deaths_b"),
        (pl.col("Interven") == 1).alias("intervened"),
    )
    return _wars(raw, own, _EXTRA_TYPES)


def read_intra(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per war, pair of sides and spell of fighting, ``stop`` exclusive."""
    raw = read_release(paths[_INTRA.path])
    # Two rows have lost a comma: the end's year stands in the column of its day.
    lost = pl.col("EndYear1").is_null()
    raw = raw.with_columns(
        pl.when(lost)
        .then(pl.col("EndDay1").abs() % _CENTURIES)
        .otherwise("EndYear1")
        .alias("EndYear1"),
        pl.when(lost).then(-9).otherwise("EndDay1").alias("EndDay1"),
    )
    own = (
        pl.col("CcodeA").alias("ccode_a"),
        pl.col("SideA").alias("side_a"),
        pl.col("CcodeB").alias("ccode_b"),
        pl.col("SideB").alias("side_b"),
        pl.col("SideADeaths").alias("deaths_a"),
        pl.col("SideBDeaths").alias("deaths_b"),
        (pl.col("Intnl") == 1).alias("intervened"),
    )
    return _wars(raw, own, _INTRA_TYPES)


def _wars(raw: pl.DataFrame, own: tuple[pl.Expr, ...], types: dict[int, str]) -> pl.DataFrame:
    spells = [_spell(raw.filter(pl.col(f"StartYear{n}") > 0), own, n, types) for n in (1, 2)]
    return pl.concat(spells).sort("warnum", "ccode_a", "ccode_b", "side_a", "side_b", "start")


def _spell(
    rows: pl.DataFrame, own: tuple[pl.Expr, ...], n: int, types: dict[int, str]
) -> pl.DataFrame:
    ongoing = pl.col(f"EndYear{n}") == _ONGOING
    latest = _last(n).dt.offset_by("1d")
    return rows.select(
        pl.col("WarNum").cast(pl.Int32).alias("warnum"),
        pl.col("WarName").str.strip_chars().alias("name"),
        pl.col("WarType").replace_strict(types, return_dtype=pl.String).alias("type"),
        *own,
        _first(n).alias("start"),
        pl.when(ongoing).then(pl.lit(RECORD_STOP)).otherwise(latest).alias("stop"),
        pl.lit(n, dtype=pl.Int32).alias("spell"),
        _known("Start", n).alias("start_known"),
        _known("End", n).alias("stop_known"),
        ongoing.alias("censored"),
        pl.col("Outcome").cast(pl.Int32).alias("outcome"),
    ).with_columns(
        *[_present(f"ccode_{s}").cast(pl.Int32) for s in "ab"],
        *[
            pl.when(pl.col(f"side_{s}") != "-8").then(pl.col(f"side_{s}").str.strip_chars())
            for s in "ab"
        ],
        *[_present(_number(f"deaths_{s}")) for s in "ab"],
    )


def _first(n: int) -> pl.Expr:
    """Return the first day that the start can be."""
    month = pl.max_horizontal(f"StartMonth{n}", 1)
    return _within(pl.date(f"StartYear{n}", month, 1), pl.max_horizontal(f"StartDay{n}", 1))


def _last(n: int) -> pl.Expr:
    """Return the last day that the end can be."""
    month, day = pl.col(f"EndMonth{n}"), pl.col(f"EndDay{n}")
    first = pl.date(f"EndYear{n}", pl.when(month > 0).then(month).otherwise(12), 1)
    return _within(first, pl.when((month > 0) & (day > 0)).then(day).otherwise(31))


def _within(first: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Return the day of the month that begins with ``first``, or the month's last day."""
    length = first.dt.month_end().dt.day().cast(pl.Int64)
    return first + pl.duration(days=pl.min_horizontal(day, length) - 1)


def _known(bound: str, n: int) -> pl.Expr:
    """Tell whether the release gives a day that exists."""
    month, day = pl.col(f"{bound}Month{n}"), pl.col(f"{bound}Day{n}")
    first = pl.date(pl.col(f"{bound}Year{n}").abs(), pl.when(month > 0).then(month).otherwise(1), 1)
    return (month > 0) & day.is_between(1, first.dt.month_end().dt.day().cast(pl.Int64))


def _number(column: str) -> pl.Expr:
    return pl.col(column).str.replace_all(",", "").cast(pl.Int64)


def _present(column: str | pl.Expr) -> pl.Expr:
    value = pl.col(column) if isinstance(column, str) else column
    return pl.when(value >= 0).then(value)


def _columns(intervened: str, kinds: dict[int, str]) -> dict[str, str]:
    return {
        "warnum": "COW war number",
        "name": "name of the war in the release",
        "type": f"kind of war: {', '.join(kinds.values())}",
        "ccode_a": "COW code of the state on side A, null where none fights there",
        "side_a": "name of side A, null where the row is of an intervention on side B",
        "ccode_b": "COW code of the state on side B, null where none fights there",
        "side_b": "name of side B, null where the row is of an intervention on side A",
        "deaths_a": "battle deaths of side A",
        "deaths_b": "battle deaths of side B",
        "intervened": intervened,
        "start": "first day of fighting; the earliest it can be where the day is unknown",
        "stop": "first day after it; the latest it can be where the day is unknown",
        "spell": "1, or 2 where the sides fought twice in the same war",
        "start_known": "true if the release gives the first day",
        "stop_known": "true if the release gives the last day",
        "censored": "true where the war was under way at the end of the list",
        "outcome": "1 side A wins, 2 side B wins, 3 compromise, 4 transformed, 5 ongoing, "
        "6 stalemate, 7 below war level",
    }


_MISSING = "-8 (not applicable), -9 (unknown) and -7 (ongoing): null, or said in a column"
_OFFICIAL = "https://correlatesofwar.org/data-sets/cow-war/"

register(
    Dataset(
        name="cow_extrastate_wars",
        title="Correlates of War extra-state wars, sides",
        version="4.0",
        repository=REPOSITORY,
        files=(_EXTRA,),
        bibtex=RESORT_TO_WAR_BIBTEX,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1816, 2007),
        states="163 wars of a member of the COW state system against no member",
        missing_codes=_MISSING,
        faults=(
            "lines end in a bare carriage return, and one column's name in a space",
            "side B is never a member of the system, except for a state that intervenes on it",
            "wars under way at the end of 2007 are cut off there",
        ),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns=_columns("true for the row of a state that intervened", _EXTRA_TYPES),
        reader=read_extra,
    )
)

register(
    Dataset(
        name="cow_intrastate_wars",
        title="Correlates of War intra-state wars, sides",
        version="4.1",
        repository=REPOSITORY,
        files=(_INTRA,),
        bibtex="""@book{dixonsarkees2016giw,
  author = {Dixon, Jeffrey S. and Sarkees, Meredith Reid},
  title = {A Guide to Intra-State Wars: An Examination of Civil Wars, 1816-2014},
  publisher = {Sage},
  address = {Thousand Oaks, CA},
  year = {2016},
}

"""
        + RESORT_TO_WAR_BIBTEX,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1818, 2008),
        states="334 wars within a state",
        missing_codes=_MISSING,
        faults=(
            "lines end in a bare carriage return",
            "wars 585 and 682 have lost a comma, so that the end's year stands in the column of "
            "its day: mended here, the day unknown",
            "war 623 starts on a 29 February that 1894 did not have: the day counts as unknown",
            "the list is to 2007 with one end in 2008, although the guide runs to 2014; wars under "
            "way at its end are cut off there",
        ),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns=_columns("true if the war was internationalised", _INTRA_TYPES),
        reader=read_intra,
    )
)
