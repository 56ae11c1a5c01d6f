"""Where the chronology can be taken as complete; elsewhere no meeting listed means unknown."""

from __future__ import annotations

from importlib import resources

import polars as pl

_SCHEMA = {
    "ccode1": pl.Int32,
    "ccode2": pl.Int32,
    "start": pl.Date,
    "stop": pl.Date,
    "scope": pl.String,
    "needs": pl.String,
    "source": pl.String,
    "note": pl.String,
}


def recorded_windows() -> pl.DataFrame:
    """Return the pairs and days for which held leaders' meetings are all listed.

    Returns
    -------
    pl.DataFrame
        ``ccode1`` < ``ccode2``, ``start``, ``stop`` (exclusive),
        ``scope`` (``all``, or ``journeys``: talks on the margins of gatherings may be missing),
        ``needs`` (a dataset whose rows do not ship, or null), ``source``, ``note``. Cancelled
        and refused meetings are complete nowhere.
    """
    with resources.as_file(resources.files("detente.sources.chronology")) as folder:
        return pl.read_csv(folder / "windows.csv", schema=_SCHEMA)


def windows_of(ccode1: int, ccode2: int, *, having: frozenset[str] = frozenset()) -> pl.DataFrame:
    """Return the rows of :func:`recorded_windows` that hold for a pair, in either order.

    Parameters
    ----------
    ccode1, ccode2
        COW codes.
    having
        Datasets whose rows are at hand.

    Examples
    --------
    >>> windows_of(365, 2)["scope"].to_list()
    ['journeys', 'all']
    >>> windows_of(220, 365).height
    0
    """
    low, high = sorted((ccode1, ccode2))
    own = (pl.col("ccode1") == low) & (pl.col("ccode2") == high)
    ready = pl.col("needs").is_null() | pl.col("needs").is_in(sorted(having))
    return recorded_windows().filter(own & ready)
