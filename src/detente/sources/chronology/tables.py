"""The chronology as tidy tables: our rows, and a user's own in the same columns."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import resources
from pathlib import Path

import polars as pl

from detente.core.errors import DataError, InputError
from detente.sources.chronology import rules
from detente.sources.chronology.codebook import (
    CHECK_COLUMNS,
    MEETING_COLUMNS,
    SETTLEMENT_COLUMNS,
    UNSETTLED_COLUMNS,
    Column,
)
from detente.sources.chronology.engagements import engagement_rows

SHIPPED = "shipped"
"""Value of ``origin`` for the rows of the package."""

ENGAGEMENTS = "china_vitae"
"""Value of ``origin`` for rows made from the dataset of that name."""

Check = Callable[..., None]
_NO_CODE = "-"


def load_meetings(
    extra: str | Path | None = None, *, engagements: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the meetings of the chronology, one row each, in the order of their days.

    Parameters
    ----------
    extra
        A CSV file of more meetings in the same columns (``docs/chronology.md``). Its ids must
        not be ours.
    engagements
        The dataset ``china_vitae``, whose terms are not known: its talks do not ship and are
        added from the table.

    Returns
    -------
    pl.DataFrame
        The columns of the codebook as they are named there. ``start``, ``end`` (last day,
        itself included) and ``announced`` are dates; ``place_ccode`` a code; ``parties``,
        ``agenda`` and ``agreements`` lists of text; ``party_codes`` a list of COW codes in the
        order of ``parties``, null where there is none; ``persons`` and ``person_codes`` lists of
        one length. An empty cell is null, in a list column an empty list. ``origin`` is
        ``shipped``, ``china_vitae`` or the name of the extra file.

    Raises
    ------
    DataError
        If a row breaks a rule of the codebook: file, line, column and what is wrong.
    InputError
        If the extra file cannot be read or lacks a column.

    Examples
    --------
    >>> table = load_meetings()
    >>> table.filter(pl.col("id") == "1961-06-vienna-rus-usa")["persons"].to_list()
    [['John F. Kennedy', 'Nikita Khrushchev']]
    """
    rows = _shipped("meetings.csv", MEETING_COLUMNS, rules.check_meetings)
    table = meetings_table(rows, SHIPPED)
    if engagements is not None:
        talks = engagement_rows(engagements, table)
        rules.check_meetings(talks, ENGAGEMENTS, lines=range(1, len(talks) + 1))
        table = pl.concat([table, meetings_table(talks, ENGAGEMENTS)])
    if extra is None:
        return table.sort("start", "id", nulls_last=True)
    place = Path(extra)
    more = meetings_table(_read(place, MEETING_COLUMNS, rules.check_meetings), place.name)
    _no_clash(table, more, place)
    return pl.concat([table, more]).sort("start", "id", nulls_last=True)


def load_settlements() -> pl.DataFrame:
    """Return the settlements that ended great-power wars, in the order of their signature.

    Returns
    -------
    pl.DataFrame
        The columns of the codebook. ``signed`` is a date; ``start``, ``end``, ``talks_start``,
        ``talks_end`` and ``broken_on`` stay text, because some are a year or a month;
        ``parties`` and ``party_codes`` as in :func:`load_meetings`; ``negotiators`` a list.
    """
    rows = _shipped("settlements.csv", SETTLEMENT_COLUMNS, rules.check_settlements)
    whole = ("cow_war", "talks_days", "battle_deaths")
    return _table(rows, SETTLEMENT_COLUMNS).with_columns(
        pl.col("signed").str.to_date(),
        *(pl.col(name).cast(pl.Int64) for name in whole),
        _list("parties"),
        _codes("party_codes"),
        _list("negotiators"),
    )


def load_unsettled_wars() -> pl.DataFrame:
    """Return the great-power wars of COW that ended with no written settlement, one row each.

    Returns
    -------
    pl.DataFrame
        The columns of the codebook: ``cow_war``, ``war``, ``ended``, ``reason``, ``source``,
        ``source_locator``, ``confidence``.

    Examples
    --------
    >>> wars = load_unsettled_wars()
    >>> wars.filter(pl.col("war") == "Sinai War")["ended"].item()
    'cease-fire'
    """
    rows = _shipped("unsettled_wars.csv", UNSETTLED_COLUMNS, rules.check_unsettled)
    return _table(rows, UNSETTLED_COLUMNS).with_columns(pl.col("cow_war").cast(pl.Int32))


def load_checks() -> pl.DataFrame:
    """Return what came of holding rows of tier B against a source that they did not name.

    Returns
    -------
    pl.DataFrame
        The columns of the codebook, one row per row checked: ``table``, ``id``, ``draw``,
        ``result``, ``wrong`` (a list, empty where nothing was), ``days_off`` (null where no day
        was wrong), ``source`` and ``source_locator`` (null where there is none).

    Examples
    --------
    >>> checks = load_checks()
    >>> checks.filter(pl.col("id") == "1978-10-tokyo-chn-jpn").select("result", "wrong").row(0)
    ('corrected', ['end'])
    """
    ids = {"meetings": set(load_meetings()["id"]), "settlements": set(load_settlements()["id"])}
    rows = _shipped("checks.csv", CHECK_COLUMNS, partial(rules.check_checks, ids=ids))
    return _table(rows, CHECK_COLUMNS).with_columns(
        _list("wrong"), pl.col("days_off").cast(pl.Int32)
    )


def exceptions() -> pl.DataFrame:
    """Return the exceptions that the audit knows: ``check``, ``id``, ``reason``."""
    with resources.as_file(resources.files("detente.sources.chronology")) as folder:
        return pl.read_csv(folder / "exceptions.csv", infer_schema=False)


def meetings_table(rows: Sequence[Mapping[str, str]], origin: str) -> pl.DataFrame:
    """Return rows that keep the codebook's rules as the table of :func:`load_meetings`."""
    table = _table(rows, MEETING_COLUMNS)
    people = [[rules.person(text) for text in rules.split(row["persons"])] for row in rows]
    return table.with_columns(
        *(pl.col(name).str.to_date() for name in ("start", "end", "announced")),
        pl.col("place_ccode").cast(pl.Int32),
        *(_list(name) for name in ("parties", "agenda", "agreements")),
        _codes("party_codes"),
        pl.Series("persons", [[n for n, _ in p] for p in people], dtype=pl.List(pl.String)),
        pl.Series(
            "person_codes",
            [[None if c == _NO_CODE else int(c) for _, c in p] for p in people],
            dtype=pl.List(pl.Int32),
        ),
        pl.lit(origin).alias("origin"),
    ).sort("start", "id", nulls_last=True)


def as_rows(table: pl.DataFrame) -> list[dict[str, str]]:
    """Return meetings in the columns and the text of the codebook: the inverse of the reader."""
    out: list[dict[str, str]] = []
    for row in table.iter_rows(named=True):
        people = zip(row["persons"], row["person_codes"], strict=True)
        persons = [f"{name} ({_NO_CODE if code is None else code})" for name, code in people]
        codes = [_NO_CODE if code is None else str(code) for code in row["party_codes"]]
        text = {**row, "persons": persons, "party_codes": codes}
        out.append({column.name: _cell(text[column.name]) for column in MEETING_COLUMNS})
    return out


def _cell(value: object) -> str:
    if value is None:
        return ""
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _shipped(name: str, columns: Sequence[Column], check: Check) -> list[dict[str, str]]:
    with resources.as_file(resources.files("detente.sources.chronology") / name) as path:
        return _read(path, columns, check)


def _read(path: Path, columns: Sequence[Column], check: Check) -> list[dict[str, str]]:
    names = [column.name for column in columns]
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_header(reader.fieldnames or (), names, path)
            last = reader.line_num
            for row in reader:
                _check_width(row, path, last + 1)
                rows.append(row)
                lines.append(last + 1)
                last = reader.line_num
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except csv.Error as error:
        raise DataError(f"{path}: not well-formed CSV ({error})") from error
    check(rows, path.name, lines=lines)
    return rows


def _check_header(found: Sequence[str], wanted: Sequence[str], path: Path) -> None:
    if len(found) == 1 and found[0].count(";") >= len(wanted) - 1:
        raise DataError(
            f"{path.name}, line 1: the columns are parted by semicolons; save the file with commas "
            "(CSV, UTF-8)"
        )
    missing = [name for name in wanted if name not in found]
    strange = [name for name in found if name not in wanted]
    if missing or strange or len(found) != len(wanted):
        raise DataError(
            f"{path.name}, line 1: the header must be the codebook's columns (missing: "
            f"{', '.join(missing) or 'none'}; not known: {', '.join(strange) or 'none'}); "
            f"`detente meetings --csv` prints them"
        )


def _check_width(row: Mapping[str | None, object], path: Path, line: int) -> None:
    if None in row or any(value is None for value in row.values()):
        raise DataError(
            f"{path.name}, line {line}: more or fewer cells than the header has columns; put cells "
            f"that hold a comma in double quotes"
        )


def _no_clash(ours: pl.DataFrame, more: pl.DataFrame, path: Path) -> None:
    both = more.join(ours, on="id", how="semi")["id"].to_list()
    if both:
        raise DataError(
            f"{path.name}, column 'id': {both[0]!r} is a meeting of the chronology already; "
            f"leave it out or give yours another id"
        )


def _table(rows: Sequence[Mapping[str, str]], columns: Sequence[Column]) -> pl.DataFrame:
    data = {c.name: [row[c.name] or None for row in rows] for c in columns}
    return pl.DataFrame(data, schema={c.name: pl.String for c in columns})


def _list(name: str) -> pl.Expr:
    empty = pl.lit([], dtype=pl.List(pl.String))
    return pl.col(name).str.split("; ").fill_null(empty).alias(name)


def _codes(name: str) -> pl.Expr:
    return (
        pl.col(name).str.split("; ").list.eval(pl.element().replace(_NO_CODE, None).cast(pl.Int32))
    )
