"""Exploration, pursuit and possession of nuclear weapons by state and year."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import polars as pl

from detente.core.errors import FormatError
from detente.core.states import is_member_year
from detente.sources.registry import Dataset, Repository, register

_REPOSITORY = Repository(
    "owid/owid-datasets",
    "48c9992ae317b35ed327fc36d2af75fe8b3ef7ed",
    section="nuclear_status",
)
_TITLE = (
    "Nuclear%20weapons%20proliferation%20%E2%80%93%20OWID%20based%20on%20Bleek%20%282017%29%2C"
    "%20Nuclear%20Threat%20Initiative%20%282022%29"
)
_FILE = _REPOSITORY.file(
    f"datasets/{_TITLE}/{_TITLE}.csv",
    sha256="8b0dd308369cc00385262a10e23dd67c6dbc440ae4ee2c81f1e3f106d3f5aac2",
    size=380728,
    name="owid_nuclear_weapons_proliferation.csv",
)


def names() -> pl.DataFrame:
    """Return our own table of the file's country names: COW code and the years it stands for.

    A name without a code (``ccode`` null) is no member of the COW state system in any year.
    """
    source = resources.files("detente.sources").joinpath("owid_names.csv")
    integers = {"ccode": pl.Int32, "first": pl.Int32, "last": pl.Int32}
    return pl.read_csv(source.read_bytes(), schema_overrides=integers)


def read_status(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per member of the COW system and calendar year with a day of membership."""
    raw = pl.read_csv(paths[_FILE.path])
    known = names()
    strange = sorted(set(raw["Entity"]) - set(known["name"]))
    if strange:
        raise FormatError(f"{paths[_FILE.path]}: no COW code is coded for {', '.join(strange)}")
    matched = raw.join(known.drop_nulls("ccode"), left_on="Entity", right_on="name").filter(
        pl.col("Year") >= pl.col("first").fill_null(0),
        pl.col("Year") <= pl.col("last").fill_null(9999),
    )
    member = [
        is_member_year(ccode, year) for ccode, year in matched.select("ccode", "Year").iter_rows()
    ]
    return (
        matched.filter(pl.Series(member, dtype=pl.Boolean))
        .select(
            "ccode",
            pl.col("Year").cast(pl.Int32).alias("year"),
            pl.col("nuclear_weapons_status").cast(pl.Int32).alias("status"),
        )
        .sort("ccode", "year")
    )


register(
    Dataset(
        name="nuclear_status",
        title="Nuclear weapons: exploration, pursuit, possession (Our World in Data)",
        version="2022",
        repository=_REPOSITORY,
        files=(_FILE,),
        bibtex="""@techreport{bleek2017,
  author = {Bleek, Philipp C.},
  title = {When Did (and Didn't) States Proliferate?},
  institution = {Belfer Center for Science and International Affairs},
  year = {2017},
}

@misc{owidnuclear2022,
  author = {{Our World in Data}},
  title = {Nuclear weapons proliferation, based on {Bleek} (2017) and {Nuclear Threat Initiative}
    (2022)},
  year = {2022},
  url = {https://github.com/owid/owid-datasets},
}""",
        licence="no licence file in the repository; Our World in Data normally CC BY",
        redistribution="restricted",
        years=(1938, 2022),
        states="members of the COW state system, state-years",
        missing_codes="none",
        faults=(
            "names of today stand for the whole period: Germany is read as 255 to 1945, 260 for "
            "1946-1990 and 255 from 1990, Yemen as 678 to 1990 and 679 from 1990, Czechia as 315 "
            "to 1992 and 316 after; in 1990 both codes hold",
            "Belarus, Kazakhstan and Ukraine are never coded as possessors, although Soviet "
            "warheads stayed on their soil after 1991",
            "Abkhazia, South Ossetia and Tibet are not members of the COW system and are left out, "
            "as are years in which a state is no member",
        ),
        official="https://github.com/owid/owid-datasets",
        checked_against_official="no: neither Bleek's report nor the Nuclear Threat Initiative's "
        "pages could be reached; only this copy's bytes are checked",
        columns={
            "ccode": "COW country code",
            "year": "calendar year",
            "status": "0 none, 1 considers, 2 pursues, 3 possesses",
        },
        reader=read_status,
    )
)
