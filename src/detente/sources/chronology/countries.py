"""From country names of the State Department's record to COW codes, by an explicit table."""

from __future__ import annotations

from importlib import resources

import polars as pl

from detente.core.errors import DataError

_SCHEMA = {
    "country_id": pl.String,
    "ccode": pl.Int32,
    "from": pl.Date,
    "until": pl.Date,
    "status": pl.String,
    "note": pl.String,
}


def record_countries() -> pl.DataFrame:
    """Return the table of country identifiers, one row per identifier and period.

    Returns
    -------
    pl.DataFrame
        ``country_id``, ``ccode`` (null where not a state), ``from`` and ``until`` (half-open,
        null where unbounded), ``status`` (``state``, or ``not a state of
        the system``: kept and marked, never dropped), ``note``.
    """
    path = resources.files("detente.sources.chronology") / "us_record_countries.csv"
    with resources.as_file(path) as file:
        return pl.read_csv(file, schema=_SCHEMA)


def demonyms() -> pl.DataFrame:
    """Return the words of the record that name a country: ``word``, ``country_id``."""
    path = resources.files("detente.sources.chronology") / "us_record_demonyms.csv"
    with resources.as_file(path) as file:
        return pl.read_csv(file, schema={"word": pl.String, "country_id": pl.String})


def record_names() -> pl.DataFrame:
    """Return names of leaders that the record and Archigos write too differently to compare.

    Returns
    -------
    pl.DataFrame
        ``ccode``, ``name_in_record``, ``leader`` (as in Archigos), ``same`` (false where two
        persons of similar names must be kept apart), ``note``.
    """
    path = resources.files("detente.sources.chronology") / "us_record_names.csv"
    with resources.as_file(path) as file:
        return pl.read_csv(file, schema_overrides={"ccode": pl.Int32, "same": pl.Boolean})


def record_additions() -> pl.DataFrame:
    """Return persons met whom an entry does not name, each with its source and confidence.

    Returns
    -------
    pl.DataFrame
        ``record_id``, ``country_id``, ``title``, ``name``, ``source``, ``confidence``, ``note``.
    """
    path = resources.files("detente.sources.chronology") / "us_record_additions.csv"
    with resources.as_file(path) as file:
        return pl.read_csv(file, infer_schema_length=0)


def with_ccode(
    table: pl.DataFrame,
    states: pl.DataFrame,
    *,
    country: str = "country_id",
    date: str = "start",
    strict: bool = True,
) -> pl.DataFrame:
    """Add ``ccode``, null where the identifier stands for no member of the system on the day.

    ``code`` is the code whether or not the state is a member then (a government in exile, a
    state before its recognition), null where the identifier stands for no state at all.

    Parameters
    ----------
    table
        Rows with an identifier and a day.
    states
        Spells of membership: ``ccode``, ``start``, ``stop`` (exclusive), ``censored``. A
        censored spell is taken to go on.
    country, date
        Names of the two columns.
    strict
        Raise where an identifier has no period on the day; otherwise leave its codes null.

    Raises
    ------
    DataError
        If an identifier has no entry, or none for the day.
    """
    rows = table.with_row_index("_row")
    key = rows.select("_row", pl.col(country).alias("country_id"), pl.col(date).alias("_day"))
    period = key.join(record_countries(), on="country_id", how="left").filter(
        (pl.col("from").is_null() | (pl.col("from") <= pl.col("_day")))
        & (pl.col("until").is_null() | (pl.col("_day") < pl.col("until")))
        & pl.col("status").is_not_null()
    )
    if strict:
        _check(key, period)
    member = (
        period.drop_nulls("ccode")
        .join(states.select("ccode", "start", "stop", "censored"), on="ccode")
        .filter(
            (pl.col("start") <= pl.col("_day"))
            & (pl.col("censored") | (pl.col("_day") < pl.col("stop")))
        )
        .select("_row", "ccode")
    )
    code = period.select("_row", pl.col("ccode").alias("code"))
    return (
        rows.join(code, on="_row", how="left", maintain_order="left")
        .join(member, on="_row", how="left", maintain_order="left")
        .drop("_row")
    )


def _check(key: pl.DataFrame, period: pl.DataFrame) -> None:
    """Raise unless each row has exactly one period."""
    bad = key.join(period.group_by("_row").len().filter(pl.col("len") == 1), on="_row", how="anti")
    if bad.height:
        first = bad.row(0, named=True)
        raise DataError(
            f"country {first['country_id']!r} on {first['_day']} has no single entry in "
            f"sources/chronology/us_record_countries.csv ({bad.height} rows): add it"
        )
