"""Correlates of War inter-state wars 4.0: participants and their days."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.repositories import COW_TERMS, RESORT_TO_WAR_BIBTEX, UNCHECKED

REPOSITORY = Repository(
    "jenna-jordan/international-relations-database",
    "5a1da16f4042190f2426a5c6ae7ffdc2b4a2b5a9",
    section="cow_wars",
)
_FILE = REPOSITORY.file(
    "SourceData/CorrelatesOfWar/Inter-StateWarData_v4.0.csv",
    sha256="2535e30b145141c331a07d12d91e498ad8bdd3db32ba8d3bd88c4fda54817731",
    size=31698,
)


def read_wars(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per war, participant and spell of fighting, ``stop`` exclusive."""
    raw = read_release(paths[_FILE.path])
    spells = [_spell(raw.filter(pl.col(f"StartYear{n}") > 0), n) for n in (1, 2)]
    return pl.concat(spells).sort("warnum", "ccode", "start")


def read_release(path: Path) -> pl.DataFrame:
    """Read a war list as released: Latin-1, and lines that end in a bare carriage return."""
    text = path.read_bytes().decode("latin-1")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return pl.read_csv(io.StringIO(lines), infer_schema_length=None)


def _spell(rows: pl.DataFrame, n: int) -> pl.DataFrame:
    first, last = f"Start{{}}{n}", f"End{{}}{n}"
    return rows.select(
        pl.col("WarNum").cast(pl.Int32).alias("warnum"),
        pl.col("WarName").str.strip_chars().alias("name"),
        pl.col("ccode").cast(pl.Int32),
        pl.col("Side").cast(pl.Int32).alias("side"),
        _date(first).alias("start"),
        _date(last).dt.offset_by("1d").alias("stop"),
        pl.lit(n, dtype=pl.Int32).alias("spell"),
        (pl.col(first.format("Day")) > 0).alias("start_known"),
        (pl.col(last.format("Day")) > 0).alias("stop_known"),
        (pl.col("Initiator") == 1).alias("initiator"),
        pl.col("Outcome").cast(pl.Int32).alias("outcome"),
        pl.when(pl.col("BatDeath") >= 0).then("BatDeath").cast(pl.Int64).alias("deaths"),
    )


def _date(pattern: str) -> pl.Expr:
    return pl.date(*(pattern.format(part) for part in ("Year", "Month", "Day")))


DATASET = register(
    Dataset(
        name="cow_interstate_wars",
        title="Correlates of War inter-state wars, participants",
        version="4.0",
        repository=REPOSITORY,
        files=(_FILE,),
        bibtex=RESORT_TO_WAR_BIBTEX,
        licence=COW_TERMS,
        redistribution="restricted",
        years=(1823, 2003),
        states="337 participants of 95 wars, members of the COW state system",
        missing_codes="-8 (no second spell) is no row, -9 (one count of deaths) becomes null",
        faults=(
            "lines end in a bare carriage return",
            "the list ends with 2007: the wars of 2008 to 2014 are not in it",
            "opposite sides of a war are not opponents: many pairs of the world wars never met",
        ),
        official="https://correlatesofwar.org/data-sets/cow-war/",
        checked_against_official=UNCHECKED,
        columns={
            "warnum": "COW war number",
            "name": "name of the war in the release",
            "ccode": "COW country code",
            "side": "1 or 2",
            "start": "first day of fighting of this spell",
            "stop": "first day after it",
            "spell": "1, or 2 where the state fought twice in the same war",
            "start_known": "true if the release gives the first day",
            "stop_known": "true if the release gives the last day",
            "initiator": "true if the state began the war",
            "outcome": "1 winner, 2 loser, 3 tie, 4 transformed, 5 ongoing, 6 stalemate, "
            "7 below war level, 8 changed sides",
            "deaths": "battle deaths of the state",
        },
        reader=read_wars,
    )
)
