"""Foreign engagements of Chinese leaders, 2003-2018 (China Vitae)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.sources.registry import Dataset, Repository, register
from detente.sources.rfiles import r_date, read_r

_REPOSITORY = Repository(
    "gbwalker/chinese-diplomacy-and-financing",
    "7b8fd3f6c0686ac95266f6d487b95816239fde48",
    section="china_vitae",
)
_FILE = _REPOSITORY.file(
    "data/leaderdf.rds",
    sha256="ae5465c9cdd10b4f8a229e3d967ae02fc980cfb243fa6c86de6f021c2ff5f9a6",
    size=1140753,
)
_MET = " met with the following"


def read_china_vitae(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per day, person and country named, the text split at its verbs."""
    text = pl.col("text").str.replace_all(r"\s+", " ").str.strip_chars()
    head = text.str.split(_MET).list.first()
    split = head.str.extract_groups(
        r"^(?P<who>.*?) (?:was in|travelled to) (?P<place>.*?)(?: and)?[, ]*$"
    )
    met = text.str.split_exact(_MET, 1).struct.field("field_1").str.strip_prefix(":")
    return (
        read_r(paths[_FILE.path])
        .select(
            r_date("date"),
            split.struct.field("who").alias("person"),
            split.struct.field("place").str.strip_chars(" ,").alias("place"),
            pl.col("country"),
            met.str.split("Others Attending").list.first().str.strip_chars().alias("met"),
        )
        .sort("date", "person", "country", "met", "place", nulls_last=True)
    )


register(
    Dataset(
        name="china_vitae",
        title="China Vitae: foreign engagements of Chinese leaders",
        version=_REPOSITORY.commit[:7],
        repository=_REPOSITORY,
        files=(_FILE,),
        bibtex="""@misc{chinavitae2018,
  author = {{China Vitae}},
  title = {Chinese Leaders' Foreign Engagements, 2003-2018, collected by {G. Walker}},
  year = {2018},
  url = {https://github.com/gbwalker/chinese-diplomacy-and-financing},
}""",
        licence="the repository has no licence file; the terms of China Vitae were not seen",
        redistribution="restricted",
        years=(2003, 2018),
        states="seven leaders and foreign ministers of China with those they met",
        missing_codes="an entry that names nobody met has null in 'met'",
        faults=(
            "a country is matched by its name in the text: a former official counts, and a "
            "meeting in a third country stands under each country named",
            "days may be those of Beijing; some places and days are wrong",
            "entries of gatherings list several heads of whom not all were met alone",
            "not complete for the talks of 2003, the first year",
        ),
        official="http://www.chinavitae.com",
        checked_against_official="no: the site was not reached; the address is the site's name",
        columns={
            "date": "day of the engagement",
            "person": "the Chinese leader or minister",
            "place": "where, as written: province or country, then town",
            "country": "country named in the text, by which the collection is indexed",
            "met": "those met, each with an office in brackets; null where none is named",
        },
        reader=read_china_vitae,
    )
)
