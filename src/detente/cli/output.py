"""What the commands print: JSON for programs, tables and lines for people."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

_PLAIN_WIDTH = 160

_NEAREST = "detente.nearest"
_MARKS = str.maketrans(
    "\u2013\u2014\u2212\u2018\u2019\u201c\u201d\u00d7\u00b7",
    "---''\"\"x.",
)
"""Dashes, a minus, quotation marks, a sign of multiplication and a dot, as ASCII has them."""


def accept_any_encoding() -> None:
    """Let no character end a command: what an output's encoding lacks is printed as the nearest."""
    codecs.register_error(_NEAREST, _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_NEAREST)


def print_json(value: object) -> None:
    """Print one JSON document; dates and other values without a JSON form as text."""
    print_json_text(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_json_text(text: str) -> None:
    """Print JSON; a character that the output's encoding lacks is escaped, so nothing is lost."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        text = re.sub(r"[^\x00-\x7f]+", lambda found: json.dumps(found[0])[1:-1], text)
    typer.echo(text)


def print_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Print rows as CSV with a header; lines end in a line feed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    typer.echo(text.getvalue(), nl=False)


def console() -> Console:
    """Return a console on standard output, wide where it is not a terminal."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(file=sys.stdout, width=None if terminal else _PLAIN_WIDTH, highlight=False)


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> None:
    """Print a table; numbers to the right, markup in cells as it is."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    body = [list(row) for row in rows]
    heading = None if title is None else Text(title)
    table = Table(title=heading, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for at, name in enumerate(columns):
        numeric = bool(body) and all(isinstance(row[at], int | float | None) for row in body)
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in body:
        table.add_row(*(Text(_cell(value)) for value in row))
    console().print(table)


def print_frame(
    frame: pl.DataFrame, *, title: str, rows: int | None = None, rest: str = ""
) -> None:
    """Print a polars table, or its first rows, how many more there are and how to see the rest."""
    shown = frame if rows is None else frame.head(rows)
    print_table(frame.columns, shown.iter_rows(), title=title)
    hidden = 0 if rows is None else frame.height - rows
    if hidden > 0:
        typer.echo(f"and {hidden} more rows{rest}\n")


@contextmanager
def progress_of(label: str) -> Generator[Callable[[int, int], None] | None]:
    """Show progress on a terminal's standard error; elsewhere be quiet and give nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def folder_of(folder: Path | None) -> Generator[None]:
    """Refuse a folder that cannot be written before the work; leave none behind on a failure."""
    from detente.reports import check_folder

    made = folder is not None and not folder.exists()
    if folder is not None:
        check_folder(folder)
    try:
        yield
    except BaseException:
        if made and folder is not None:
            with suppress(OSError):
                folder.rmdir()
        raise


def _nearest(error: UnicodeError) -> tuple[str, int]:
    """ASCII for the characters that an encoding lacks: without accents, or a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_MARKS)
    parts = (unicodedata.normalize("NFKD", each) for each in text)
    plain = (part.encode("ascii", "ignore").decode() or "?" for part in parts)
    return "".join(plain), error.end


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if value.is_integer():
            return f"{value:,.0f}"
        return f"{value:.3g}" if abs(value) < 1 else f"{value:,.2f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
