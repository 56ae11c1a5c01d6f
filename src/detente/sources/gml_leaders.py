"""Disputes of leaders (Gibler, Miller and Little; Archigos): who took part, and against whom."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.gml_part import DATASET as PARTICIPANTS
from detente.sources.registry import Dataset, register
from detente.sources.repositories import ARCHIGOS_BIBTEX, PEACESCIENCER, UNCHECKED
from detente.sources.rfiles import read_r

_DYADS = PEACESCIENCER.file(
    "data/gml_mid_dirleaderdisps.rda",
    sha256="87245166606869a788b15585241377141b28902086f36896e7b831d1f6b5a400",
    size=56844,
)
_DYAD_YEARS = PEACESCIENCER.file(
    "data/gml_mid_ddlydisps.rda",
    sha256="5ba403e5731aa65128a997478bcfbf1ce7b2e20f052c196493e752bec12612c5",
    size=57308,
)
(_PARTICIPANTS,) = PARTICIPANTS.files
_BIBTEX = f"{PARTICIPANTS.bibtex}\n{ARCHIGOS_BIBTEX}"


def read_participants(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per dispute, state and episode of taking part, ``stop`` exclusive."""
    ends = {
        to: pl.date(*(pl.col(part).cast(pl.Int32) for part in parts))
        for to, parts in {
            "start": ("styear", "stmon", "dummy_stday"),
            "last": ("endyear", "endmon", "dummy_endday"),
        }.items()
    }
    return (
        read_r(paths[_PARTICIPANTS.path])
        .select(
            pl.col("dispnum", "ccode").cast(pl.Int32),
            (pl.col("sidea") == 1).alias("side_a"),
            (pl.col("orig") == 1).alias("orig"),
            ends["start"].alias("start"),
            ends["last"].dt.offset_by("1d").alias("stop"),
            (pl.col("stday") == pl.col("dummy_stday")).alias("start_known"),
            (pl.col("endday") == pl.col("dummy_endday")).alias("stop_known"),
            "obsid_start",
            "obsid_end",
        )
        .sort("dispnum", "ccode", "start", "stop")
    )


def read_dyads(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per dispute, directed pair of leaders and year."""
    return _dyads(paths[_DYADS.path])


def read_dyad_years(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return the rows of :func:`read_dyads` that the source keeps, one per pair and year."""
    return _dyads(paths[_DYAD_YEARS.path])


def _dyads(path: Path) -> pl.DataFrame:
    return (
        read_r(path)
        .select(
            pl.col("dispnum", "ccode1", "ccode2").cast(pl.Int32),
            *("obsid1", "obsid2"),
            pl.col("year").cast(pl.Int32),
            (pl.col("gmlmidonset") == 1).alias("onset"),
            *[(pl.col(f"sidea{i}") == 1).alias(f"side_a{i}") for i in (1, 2)],
            *[(pl.col(f"orig{i}") == 1).alias(f"orig{i}") for i in (1, 2)],
            *("obsid_start1", "obsid_start2", "obsid_end1", "obsid_end2"),
        )
        .sort("ccode1", "ccode2", "year", "obsid1", "obsid2", "dispnum", nulls_last=True)
    )


_LEADER_FAULTS = (
    "a leader whom Archigos does not have is missing: most before 1870, when it begins",
    "leaders have Gleditsch-Ward states, bridged to COW's by year: a few of its states have none",
)
_DYAD_COLUMNS = {
    "dispnum": "dispute number",
    "ccode1": "COW code of one state",
    "ccode2": "COW code of the other",
    "obsid1": "time in office of the leader of ccode1",
    "obsid2": "as obsid1, for ccode2",
    "year": "calendar year with a day of the dispute on which both were in office",
    "onset": "true if either state's part in the dispute begins on the pair's first such day",
    "side_a1": "true if ccode1 is on side A, which acted first",
    "side_a2": "as side_a1, for ccode2",
    "orig1": "true if ccode1 was in the dispute on its first day",
    "orig2": "as orig1, for ccode2",
    "obsid_start1": "time in office of the leader of ccode1 when its part in the dispute began",
    "obsid_start2": "as obsid_start1, for ccode2",
    "obsid_end1": "time in office of the leader of ccode1 when its part in the dispute ended",
    "obsid_end2": "as obsid_end1, for ccode2",
}

register(
    Dataset(
        name="gml_leader_part",
        title="Gibler-Miller-Little Militarized Interstate Disputes, participants and leaders",
        version="2.2.1, Archigos 4.1",
        repository=PEACESCIENCER,
        files=(_PARTICIPANTS,),
        bibtex=_BIBTEX,
        licence=PARTICIPANTS.licence,
        redistribution="restricted",
        years=PARTICIPANTS.years,
        states=PARTICIPANTS.states,
        missing_codes="empty leaders: null",
        faults=(
            *_LEADER_FAULTS,
            "days that are not known are imputed, the first and the last of the month where no "
            "leader changed in it: they say whose dispute it was, not how long it lasted",
            "where a leader changed on a known day, 8 first and 14 last days are moved by the "
            "source to the leader it holds to be meant: they count as not known here",
        ),
        official=PARTICIPANTS.official,
        checked_against_official=UNCHECKED,
        columns={
            "dispnum": "dispute number",
            "ccode": "COW country code",
            "side_a": "true if on side A, which acted first",
            "orig": "true if in the dispute on its first day",
            "start": "first day of this episode of taking part, imputed where not known",
            "stop": "first day after it, imputed where not known",
            "start_known": "true if the first day is not imputed",
            "stop_known": "true if the last day is not imputed",
            "obsid_start": "time in office of the leader at its start",
            "obsid_end": "time in office of the leader at its end",
        },
        reader=read_participants,
    )
)
register(
    Dataset(
        name="gml_leader_dyads",
        title="Gibler-Miller-Little Militarized Interstate Disputes, directed leader-dyad-years",
        version="2.2.1, Archigos 4.1",
        repository=PEACESCIENCER,
        files=(_DYADS,),
        bibtex=_BIBTEX,
        licence=PARTICIPANTS.licence,
        redistribution="restricted",
        years=(1845, 2010),
        states="leaders of states on opposite sides of a dispute on a day",
        missing_codes="empty leaders: null (356 rows on each side)",
        faults=(
            *_LEADER_FAULTS,
            "every state of one side is paired with every state of the other: pairs that never "
            "met in the dispute are in it",
            "rows without leaders are one for a dispute and year, whatever their states",
        ),
        official=PARTICIPANTS.official,
        checked_against_official=UNCHECKED,
        columns=_DYAD_COLUMNS,
        reader=read_dyads,
    )
)
register(
    Dataset(
        name="gml_leader_dyad_years",
        title="Gibler-Miller-Little Militarized Interstate Disputes, one a leader-dyad-year",
        version="2.2.1, Archigos 4.1",
        repository=PEACESCIENCER,
        files=(_DYAD_YEARS,),
        bibtex=_BIBTEX,
        licence=PARTICIPANTS.licence,
        redistribution="restricted",
        years=(1845, 2010),
        states="leaders of states on opposite sides of a dispute on a day",
        missing_codes="empty leaders: null (343 rows on each side)",
        faults=(
            *_LEADER_FAULTS,
            "62 directed leader-dyad-years of gml_leader_dyads have no row: the rule on deaths "
            "keeps the deadliest dispute of all leaders of the two states, not of each pair of "
            "them. No panel reads this table",
        ),
        official=PARTICIPANTS.official,
        checked_against_official=UNCHECKED,
        columns=_DYAD_COLUMNS,
        reader=read_dyad_years,
    )
)
