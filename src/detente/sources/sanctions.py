"""Economic sanctions imposed: a table from TIES, and China's (China TIES)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register

_EXTRACT = Repository(
    "kssrr/RepeatedEconomicSanctions",
    "0860557d927f0740792d6f5821f4579a0611e5f8",
    section="ties_extract",
)
_TIES = _EXTRACT.file(
    "ties_custom.csv",
    sha256="0626df7422bffc4e7109e3b4336df8228d923d8416aaf2736dd8893437913e76",
    size=154886,
)
_LAB = Repository(
    "Trade-War-Lab/China-TIES",
    "7062eec59576d81f8df0a50ff3cafd4709abcfc0",
    section="china_sanctions",
)
_SENDER = _LAB.file(
    "CESv1Sender_2025c.csv",
    sha256="971209ffd40216a7bfe8050f486f5543c5934918ea780a3fddf007a5e8664cd1",
    size=36198,
)
LAST_YEAR = 2005
"""The last year TIES covers; episodes it calls ongoing carry 3000."""

_ONGOING = 3000
_CHINA = 710
_STATES = 1000


def read_ties(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per sanction imposed by a state on a state; both years are inside it."""
    raw = pl.read_csv(paths[_TIES.path], infer_schema_length=None, null_values=["NA"])
    ongoing = pl.col("endyear") == _ONGOING
    return (
        raw.filter(pl.col("primarysender") < _STATES, pl.col("targetstate") < _STATES)
        .select(
            pl.col("caseid").cast(pl.Int64).alias("case_id"),
            pl.col("primarysender").cast(pl.Int32).alias("sender"),
            pl.col("targetstate").cast(pl.Int32).alias("target"),
            pl.col("startyear").cast(pl.Int32).alias("threat_year"),
            pl.col("sancstartyear").cast(pl.Int32).alias("start_year"),
            pl.when(~ongoing).then("endyear").cast(pl.Int32).alias("end_year"),
            ongoing.alias("censored"),
            pl.col("finaloutcome").cast(pl.Int32).alias("outcome"),
        )
        .sort("case_id", "sender", "target")
    )


def read_china(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per sanction episode of China on a state; both years are inside it."""
    raw = pl.read_csv(paths[_SENDER.path], infer_schema_length=None, encoding="cp1252")
    return (
        raw.filter(pl.col("ccode_target") < _STATES)
        .select(
            pl.col("caseid_name").str.strip_chars().alias("name"),
            pl.lit(_CHINA, dtype=pl.Int32).alias("sender"),
            pl.col("ccode_target").cast(pl.Int32).alias("target"),
            pl.col("startyear").cast(pl.Int32).alias("start_year"),
            pl.col("endyear").cast(pl.Int32).alias("end_year"),
            (pl.col("threatsanct") == 1).alias("threatened"),
            (pl.col("imposesanct") == 1).alias("imposed"),
        )
        .sort("start_year", "target", "name")
    )


register(
    Dataset(
        name="sanctions",
        title="Threat and Imposition of Economic Sanctions, imposed (an extract)",
        version="4.1, extract",
        repository=_EXTRACT,
        files=(_TIES,),
        bibtex="""@article{morganetal2014,
  author = {Morgan, T. Clifton and Bapat, Navin and Kobayashi, Yoshiharu},
  title = {Threat and Imposition of Economic Sanctions 1945-2005: Updating the {TIES} Dataset},
  journal = {Conflict Management and Peace Science},
  volume = {31},
  number = {5},
  pages = {541--558},
  year = {2014},
}""",
        licence="no licence in the repository, which is not the project's; authors to be cited",
        redistribution="restricted",
        years=(1946, 2005),
        states="731 sanctions of a state on a state; those of or on institutions are left out",
        missing_codes="NA and the year 3000 (under way): null, or said in a column",
        faults=(
            "an extract made for an article: imposed sanctions only, one row per sender and "
            "target; threats without sanctions are not in it",
            "years only",
            "293 episodes have no end: whether they lasted to 2005 is not said",
        ),
        official="https://sanctions.web.unc.edu/",
        checked_against_official="no: the project's own file could not be reached; this is an "
        "extract",
        columns={
            "case_id": "TIES case number",
            "sender": "COW code of the primary sender",
            "target": "COW code of the target",
            "threat_year": "year the case began",
            "start_year": "first calendar year of the sanction",
            "end_year": "last calendar year, null where none is given",
            "censored": "true where no end is given",
            "outcome": "TIES final outcome, code of the source",
        },
        reader=read_ties,
    )
)

register(
    Dataset(
        name="sanctions_china",
        title="China's economic sanctions (China TIES)",
        version="1, 2025c",
        repository=_LAB,
        files=(_SENDER,),
        bibtex="""@article{zhangshanks2025,
  author = {Zhang, Jiakun Jack and Shanks, Spencer},
  title = {Measuring {Chinese} Economic Sanctions 1949-2020: Introducing the {China TIES} Dataset},
  journal = {Conflict Management and Peace Science},
  volume = {42},
  number = {3},
  pages = {328--352},
  year = {2025},
  doi = {10.1177/07388942241248274},
}""",
        licence="no licence file; the authors ask for citation",
        redistribution="restricted",
        years=(1949, 2020),
        states="episodes of China against a state; those against institutions are left out",
        missing_codes="empty cells: null here",
        faults=(
            "days are often blank and 50 episodes have no end: years are given here",
            "one episode can be several rows, one for each target",
        ),
        official="https://github.com/Trade-War-Lab/China-TIES",
        checked_against_official="the copy is the authors' own repository",
        columns={
            "name": "name of the episode",
            "sender": "COW code of China",
            "target": "COW code of the target",
            "start_year": "first calendar year, null where unknown",
            "end_year": "last calendar year, null where none is given",
            "threatened": "true if sanctions were threatened, null where unknown",
            "imposed": "true if sanctions were imposed, null where unknown",
        },
        reader=read_china,
    )
)
