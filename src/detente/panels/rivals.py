"""Years of strategic rivalries, by the states that were there to carry them on."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from detente.panels.joins import years_of

_AUSTRIA_HUNGARY, _AUSTRIA, _SPLIT = 300, 305, 1919


def rivalry_years(spells: pl.LazyFrame, keep: Iterable[str] = ()) -> pl.LazyFrame:
    """Return one row for each year of each rivalry: ``ccode1``, ``ccode2``, ``keep``, ``year``.

    Both lists of rivalries carry Austria-Hungary's with Serbia on to 1920 under a code that is no
    member after 1918. From 1919 it is Austria's.

    Parameters
    ----------
    spells
        ``ccode1, ccode2, start_year, end_year``, both years inside, and the columns to keep.
    """
    years = years_of(spells, "start_year", "end_year", ("ccode1", "ccode2", *keep))
    gone = pl.col("year") >= _SPLIT
    return years.with_columns(
        pl.when(gone & (pl.col(code) == _AUSTRIA_HUNGARY))
        .then(pl.lit(_AUSTRIA, pl.Int32))
        .otherwise(code)
        .alias(code)
        for code in ("ccode1", "ccode2")
    )
