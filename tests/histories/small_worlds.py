"""Small tables of relevance, conflict, meetings and covariates, written as dates."""

import datetime as dt
from typing import Any

import polars as pl

from detente.histories.features import FeatureTables

from .conflict_tables import date

DYAD = {"ccode1": pl.Int32, "ccode2": pl.Int32}


def _table(rows: list[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def relevant(*rows: tuple[int, int, str, str]) -> pl.DataFrame:
    """Relevance: dyad, first day, first day after."""
    data = [(a, b, date(x), date(y)) for a, b, x, y in rows]
    return _table(data, {**DYAD, "start": pl.Date, "stop": pl.Date})


def spells(*rows: tuple[int, int, int, str, str, str, str | None]) -> pl.DataFrame:
    """Conflict: dyad, episode, rung, first day, first day after, onset of the first spell."""
    data = [(a, b, e, r, date(x), date(y), False, o, "none") for a, b, e, r, x, y, o in rows]
    schema = {**DYAD, "episode": pl.Int32, "rung": pl.String, "start": pl.Date, "stop": pl.Date}
    schema |= {"censored": pl.Boolean, "onset": pl.String, "settlement": pl.String}
    return _table(data, schema)


def meetings(*rows: tuple[int, int, str, str]) -> pl.DataFrame:
    """Meetings: dyad, level, day."""
    data = [(a, b, level, date(day)) for a, b, level, day in rows]
    return _table(data, {**DYAD, "level": pl.String, "start": pl.Date})


def features(**given: list[tuple[Any, ...]]) -> FeatureTables:
    """Covariate tables; those not given are empty."""
    state, i = {"ccode": pl.Int32}, pl.Int32
    schemas: dict[str, dict[str, Any]] = {
        "nmc": {**state, "year": i, "cinc": pl.Float64},
        "cow_majors": {**state, "start": pl.Date, "stop": pl.Date, "censored": pl.Boolean},
        "contiguity": {**DYAD, "start": pl.Date, "stop": pl.Date, "type": i},
        "atop": {**DYAD, "year": i, "defense": pl.Boolean},
        "democracy": {**state, "year": i, "polyarchy": pl.Float64},
        "rivalries": {**DYAD, "start_year": i, "end_year": i, "censored": pl.Boolean},
        "nuclear_status": {**state, "year": i, "status": i},
    }
    return FeatureTables(**{n: _table(given.get(n, []), s) for n, s in schemas.items()})


def on(day: int) -> str:
    """Day since 1970 as text."""
    return (dt.date(1970, 1, 1) + dt.timedelta(day)).isoformat()


def spans(rows: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Rows in order of dyad and day: first day, first day after, then the columns asked for."""
    ordered = rows.sort("dyad", "day").iter_rows(named=True)
    return [(on(r["day"]), on(r["end"]), *(r[c] for c in columns)) for r in ordered]
