"""Small conflict tables, written as dates, in the form that the sources give."""

import datetime as dt
from dataclasses import dataclass

import polars as pl

Day = tuple[int, int, int | None]
"""Year, month, day; the day is None where it is unknown."""


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def disputes(*rows: dict) -> pl.DataFrame:
    """Dyadic disputes; ``start`` and ``end`` are days, the end inclusive."""
    table = []
    for row in rows:
        (sy, sm, sd), (ey, em, ed) = row["start"], row["end"]
        war = row.get("war")
        table.append(
            {
                "dispnum": row["dispnum"],
                "ccode1": row.get("ccode1", 1),
                "ccode2": row.get("ccode2", 2),
                "part": row.get("part", 1),
                "start_year": sy,
                "start_month": sm,
                "start_day": sd,
                "end_year": ey,
                "end_month": em,
                "end_day": ed,
                "war": war is not None,
                "ongoing": False,
                "orig1": row.get("orig", (True, True))[0],
                "orig2": row.get("orig", (True, True))[1],
                "war_first_year": war[0] if war else None,
                "war_last_year": war[1] if war else None,
                "hihost": row.get("hihost", 5 if war else 4),
                "settlement": row.get("settlement"),
            }
        )
    ints = ("war_first_year", "war_last_year", "settlement")
    return pl.DataFrame(table, schema_overrides=dict.fromkeys(ints, pl.Int32)).cast(
        {pl.Int64: pl.Int32}
    )


PEOPLE = ["dispnum", "ccode", "start_year", "start_month", "start_day"]
PEOPLE += ["end_year", "end_month", "end_day"]


def participants(*rows: tuple[int, int, Day, Day]) -> pl.DataFrame:
    """Participants: dispute, state, first and last day."""
    data = [(dispute, ccode, *start, *end) for dispute, ccode, start, end in rows]
    return pl.DataFrame(data, schema=dict.fromkeys(PEOPLE, pl.Int32), orient="row")


INCIDENT = ["micnum", "ccode1", "ccode2", "start_year", "start_month", "start_day"]
INCIDENT += ["end_year", "end_month", "end_day", "action", "hostlev", "fatalmax1", "fatalmax2"]


def incidents(*rows: tuple[int, int, int, Day, int, int, int]) -> pl.DataFrame:
    """Incidents of one day: dispute, actor, target, day, action, hostility, deaths."""
    data = [(m, a, b, *day, *day, act, level, dead, 0) for m, a, b, day, act, level, dead in rows]
    return pl.DataFrame(data, schema=dict.fromkeys(INCIDENT, pl.Int32), orient="row")


def wars(*rows: tuple[int, int, int, str, str]) -> pl.DataFrame:
    """COW wars: number, state, side, first and last day."""
    data = [
        (n, f"War {n}", c, side, date(a), date(b) + dt.timedelta(1)) for n, c, side, a, b in rows
    ]
    schema = {
        "warnum": pl.Int32,
        "name": pl.String,
        "ccode": pl.Int32,
        "side": pl.Int32,
        "start": pl.Date,
        "stop": pl.Date,
    }
    return pl.DataFrame(data, schema=schema, orient="row")


def states(*rows: tuple[int, str, str]) -> pl.DataFrame:
    """Membership of the system: state, first day, first day after."""
    data = [(ccode, f"State {ccode}", date(a), date(b)) for ccode, a, b in rows]
    schema = {"ccode": pl.Int32, "name": pl.String, "start": pl.Date, "stop": pl.Date}
    return pl.DataFrame(data, schema=schema, orient="row")


@dataclass(frozen=True)
class Tables:
    """The five conflict tables; those not given are empty."""

    dyadic_mid: pl.DataFrame
    mid5_part: pl.DataFrame
    gml_part: pl.DataFrame
    mie: pl.DataFrame
    wars: pl.DataFrame

    def __iter__(self):
        return iter((self.dyadic_mid, self.mid5_part, self.gml_part, self.mie, self.wars))


def tables(dyadic_mid: pl.DataFrame, **given: pl.DataFrame) -> Tables:
    return Tables(
        dyadic_mid,
        given.get("mid5", participants()),
        given.get("gml", participants()),
        given.get("mie", incidents()),
        given.get("wars", wars()),
    )
