"""International crises: their actors, and the pairs of states in them (ICB)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import UNCHECKED

_REPOSITORY = Repository(
    "hilangoe/CyberCrises", "21c047a73a403d806dc25a0eaa5b52f7f6dd93e0", section="icb_v15"
)
_ACTORS = _REPOSITORY.file(
    "_data/_raw/icb2v15.csv",
    sha256="f835b7bf8cca84a65f51cd6dc0760ab0bdc0f935f377882ee9248eb81582075c",
    size=266357,
)
_DYADS = _REPOSITORY.file(
    "_data/_raw/icbdy_v15.csv",
    sha256="4a4305d2a522d5a76ec228b515c8b90f6841c1dc555469c6fa6633f4bbf354c5",
    size=102882,
)
_BIBTEX = """@book{brecherwilkenfeld2000,
  author = {Brecher, Michael and Wilkenfeld, Jonathan},
  title = {A Study of Crisis},
  publisher = {University of Michigan Press},
  address = {Ann Arbor},
  year = {2000},
}

@misc{icbcodebook15,
  author = {Brecher, Michael and Wilkenfeld, Jonathan and Beardsley, Kyle and James, Patrick and
    Quinn, David},
  title = {International Crisis Behavior Data Codebook, Version 15},
  year = {n.d.},
  url = {https://sites.duke.edu/icbdata/data-collections/},
}"""
_LICENCE = (
    "free to download, codebook and book to be cited; no licence in the repository, no "
    "redistribution grant seen"
)
_OFFICIAL = "https://sites.duke.edu/icbdata/data-collections/"
_UNIFIED = {260: 255, 678: 679}
"""Germany and Yemen carry their old codes in the files after unification."""

_UNIFICATION = 1990
_NO_ACTOR = 9999
_LAST_DAY = 31
_CODED = {
    "trigger": ("triggr", "kind of trigger, 1 verbal act to 9 violent act"),
    "response": ("majres", "kind of major response, 1 none to 9 multiple with violence"),
    "technique": ("crismg", "principal technique of management, 1 negotiation to 8 violence"),
    "violence": ("sevvio", "violence in the technique: 1 none, 2 minor, 3 serious clashes, 4 war"),
    "gravity": (
        "gravty",
        "gravest threat: 0 economic, 1 limited military, 2 political, 3 territorial, 4 influence, "
        "5 grave damage, 6 existence, 7 other",
    ),
    "outcome": ("outcom", "1 victory, 2 compromise, 3 stalemate, 4 defeat, 5 and more: other"),
}


def read_actors(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per crisis actor, ``stop`` exclusive."""
    raw = pl.read_csv(paths[_ACTORS.path], infer_schema_length=None, encoding="utf8-lossy")
    return raw.select(
        pl.col("crisno", "cracno").cast(pl.Int32),
        pl.col("crisname").str.strip_chars().alias("name"),
        _cow("cracid", pl.col("yrtrig")).alias("ccode"),
        _first("yrtrig", "motrig", "datrig").alias("start"),
        _last("yrterm", "moterm", "daterm").dt.offset_by("1d").alias("stop"),
        _known("datrig").alias("start_known"),
        _known("daterm").alias("stop_known"),
        *[pl.col(source).cast(pl.Int32).alias(name) for name, (source, _) in _CODED.items()],
    ).sort("crisno", "cracno")


def read_dyads(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per crisis, pair of states and calendar year, ``stop`` exclusive."""
    raw = pl.read_csv(paths[_DYADS.path], infer_schema_length=None)
    codes = [_cow(name, pl.col("year")) for name in ("statea", "stateb")]
    one_first = codes[0] <= codes[1]
    actors = [pl.when(pl.col(c) != _NO_ACTOR).then(c) for c in ("actnuma", "actnumb")]
    return raw.select(
        pl.col("crisno", "crdynum", "year").cast(pl.Int32),
        pl.col("crisname").str.strip_chars().alias("name"),
        pl.min_horizontal(codes).alias("ccode1"),
        pl.max_horizontal(codes).alias("ccode2"),
        pl.when(one_first).then(actors[0]).otherwise(actors[1]).cast(pl.Int32).alias("cracno1"),
        pl.when(one_first).then(actors[1]).otherwise(actors[0]).cast(pl.Int32).alias("cracno2"),
        _first("trgyrdy", "trgmody", "trgdady").alias("start"),
        _last("trmyrdy", "trmmody", "trmdady").dt.offset_by("1d").alias("stop"),
        _known("trgdady").alias("start_known"),
        _known("trmdady").alias("stop_known"),
        (pl.col("ongoing") == 0).alias("onset"),
    ).sort("crisno", "crdynum", "year")


def _cow(column: str, year: pl.Expr) -> pl.Expr:
    code = pl.col(column).cast(pl.Int32)
    return pl.when(year > _UNIFICATION).then(code.replace(_UNIFIED)).otherwise(code)


def _known(day: str) -> pl.Expr:
    return pl.col(day).is_between(1, _LAST_DAY).fill_null(value=False)


def _first(year: str, month: str, day: str) -> pl.Expr:
    return pl.date(year, month, pl.when(_known(day)).then(day).otherwise(1))


def _last(year: str, month: str, day: str) -> pl.Expr:
    month_end = pl.date(year, month, 1).dt.month_end()
    return pl.when(_known(day)).then(pl.date(year, month, day)).otherwise(month_end)


_WHEN = {
    "start": "day of the trigger; the month's first where the day is unknown",
    "stop": "day after the termination; after the month's last day where the day is unknown",
    "start_known": "true if the release gives the day of the trigger",
    "stop_known": "true if the release gives the day of termination",
}
_MISSING = "66, 77 and 88 stand for a day that is not known; empty cells and 9999 become null"

register(
    Dataset(
        name="icb_actors",
        title="International Crisis Behavior, crisis actors (icb2)",
        version="15",
        repository=_REPOSITORY,
        files=(_ACTORS,),
        bibtex=_BIBTEX,
        licence=_LICENCE,
        redistribution="restricted",
        years=(1918, 2019),
        states="1,100 actors of 496 crises",
        missing_codes=_MISSING,
        faults=(
            "an actor's crisis has its own trigger and end, which differ from the crisis's",
            "Germany and Yemen keep the codes 260 and 678 after 1990: given here as 255 and 679",
            "seven actors have no end (none is coded)",
            "three codes are those of no member: 219 (Vichy), 671 and 672 (Hijaz and Najd)",
        ),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "crisno": "number of the crisis",
            "cracno": "number of the crisis actor",
            "name": "name of the crisis in the source",
            "ccode": "COW country code",
            **_WHEN,
            **{name: meaning for name, (_, meaning) in _CODED.items()},
        },
        reader=read_actors,
    )
)

register(
    Dataset(
        name="icb_dyads",
        title="International Crisis Behavior, crisis dyads by year (icbdy)",
        version="15",
        repository=_REPOSITORY,
        files=(_DYADS,),
        bibtex=_BIBTEX,
        licence=_LICENCE,
        redistribution="restricted",
        years=(1918, 2020),
        states="449 crises between pairs of states, dyad-years; crises of one actor are not in it",
        missing_codes=_MISSING,
        faults=(
            "a pair can have two spells in one crisis (crdynum)",
            "China stands as CAN in crisis 43: the numeric codes are right",
            "Germany and Yemen keep the codes 260 and 678 after 1990: given here as 255 and 679",
        ),
        official=_OFFICIAL,
        checked_against_official=UNCHECKED,
        columns={
            "crisno": "number of the crisis",
            "crdynum": "number of the pair's spell of crisis",
            "year": "calendar year",
            "name": "name of the crisis in the source",
            "ccode1": "COW code of the first state, the smaller",
            "ccode2": "COW code of the second state",
            "cracno1": "crisis actor (see icb_actors) of the first, null if it was none",
            "cracno2": "crisis actor of the second, null if it was none",
            **_WHEN,
            "onset": "true in the first year of the pair's spell",
        },
        reader=read_dyads,
    )
)
