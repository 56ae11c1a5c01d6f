"""``detente meetings``: the chronology of leaders' meetings, as a list and a timeline."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    import polars as pl

_TO_THE_YEAR = re.compile(r"\d{1,4}")


def meetings(
    between: Annotated[
        tuple[str, str] | None,
        typer.Option("--between", metavar="STATE STATE", help="Two parties: code or name."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="From this year or day on.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="To this year or day, included.")
    ] = None,
    status: Annotated[
        Literal["held", "cancelled", "refused"] | None, typer.Option(help="Held or not.")
    ] = None,
    level: Annotated[
        Literal["leader", "ceremonial", "envoy", "congress"] | None,
        typer.Option(
            help="Who met: leader, two or more in power (congresses with leaders too); "
            "congress, three or more powers without."
        ),
    ] = None,
    tier: Annotated[
        Literal["A", "B", "C"] | None,
        typer.Option(help="A: official record; B: a source that was read; C: unchecked."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Meetings listed at most; 0 for all.")] = 20,
    chronology: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Add the meetings of a CSV file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, in the columns of the codebook.")
    ] = False,
) -> None:
    """List meetings of leaders, 971 to 2025: sources, timeline."""
    from rich.console import Console

    from detente.cli.output import print_csv, print_json
    from detente.core.errors import InputError
    from detente.core.states import state
    from detente.reports.chronology import render_meetings
    from detente.sources.chronology import load_meetings
    from detente.sources.chronology.codebook import MEETING_COLUMNS
    from detente.sources.chronology.tables import as_rows

    if as_json and as_csv:
        raise InputError("--json and --csv exclude each other: give one of them")
    pair = None if between is None else (state(between[0]).ccode, state(between[1]).ccode)
    talks = _engagements()
    every = load_meetings(chronology, engagements=talks)
    every = _within(every, _day(since, "--from"), _day(to, "--to"))
    for name, value in (("status", status), ("tier", tier)):
        every = every if value is None else every.filter(**{name: value})
    any_level = _between(every, pair)
    every = every if level is None else every.filter(level=level)
    table = _between(every, pair)
    if as_json:
        print_json(table.to_dicts())
    elif as_csv:
        print_csv([column.name for column in MEETING_COLUMNS], as_rows(table))
    else:
        render_meetings(
            table, Console(), between=pair, limit=limit or None, whole=talks is not None
        )
    if level is not None and table.is_empty():
        _say_levels(any_level, level)
    if pair is not None:
        _say_others(every, pair, found=not table.is_empty())


def _say_levels(rows: pl.DataFrame, level: str) -> None:
    """Say what other levels hold where the one that was asked for holds nothing."""
    if rows.is_empty():
        return
    counts = rows["level"].value_counts(sort=True).sort("count", "level", descending=[True, False])
    told = " and ".join(f"{n} of level {name}" for name, n in counts.iter_rows())
    note = f"note: none of level {level}; the rest of the question holds {told}"
    if level == "congress":
        note += " (a congress where leaders sat is of level leader)"
    typer.echo(note, err=True)


def _say_others(every: pl.DataFrame, pair: tuple[int, int], *, found: bool) -> None:
    """Name the codes that the same lands have in other years, where the answer lacks them."""
    from detente.core.states import in_other_years

    told: list[str] = []
    for code, other in (pair, pair[::-1]):
        lands = {other, *in_other_years(other)}
        counts = {
            there: sum(_between(every, (there, one)).height for one in lands - {there})
            for there in in_other_years(code)
            if there not in pair
        }
        if counts and (any(counts.values()) or not found):
            told.append(_other_years(code, counts))
    if told:
        typer.echo(f"note: {'; '.join(told)}", err=True)


def _other_years(code: int, counts: dict[int, int]) -> str:
    """Say what a state is called in other years, with the meetings that are listed there."""
    from detente.core.states import state

    here = state(code)
    names = [
        f"{state(there).name}, {state(there).abb}" + (f" ({n} meeting{'s' * (n > 1)})" if n else "")
        for there, n in counts.items()
    ]
    return f"{here.name} is {here.abb}: for other years ask for {' or '.join(names)}"


def _engagements() -> pl.DataFrame | None:
    """Return China Vitae's table where it is at hand: its terms do not let it ship."""
    from detente.core.errors import UnavailableError
    from detente.sources import load

    try:
        return load("china_vitae")
    except UnavailableError:
        return None


def _between(table: pl.DataFrame, pair: tuple[int, int] | None) -> pl.DataFrame:
    import polars as pl

    from detente.core.errors import InputError

    if pair is not None and pair[0] == pair[1]:
        raise InputError("--between names one state twice: name two")
    for code in pair or ():
        table = table.filter(pl.col("party_codes").list.contains(code))
    return table


def _within(table: pl.DataFrame, first: dt.date | None, last: dt.date | None) -> pl.DataFrame:
    import polars as pl

    from detente.core.errors import InputError

    if first is not None and last is not None and first > last:
        raise InputError(f"--from is {first}, after --to, {last}: give them in their order")
    if first is not None:
        table = table.filter(pl.col("end") >= first)
    return table if last is None else table.filter(pl.col("start") <= last)


def _day(text: str | None, option: str) -> dt.date | None:
    """Return a day; a year is its first day, or its last for ``--to``."""
    from detente.core.errors import InputError
    from detente.sources.chronology.rules import day

    if text is None:
        return None
    year = _TO_THE_YEAR.fullmatch(text)
    if year is not None:
        text = f"{int(text):04}-{'12-31' if option == '--to' else '01-01'}"
    found = day(text)
    if found is None:
        raise InputError(f"{option} {text!r} is not a day: write YYYY-MM-DD, or a year")
    return found
