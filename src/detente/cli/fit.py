"""``detente fit``: build the model of relations from the public record."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from detente.relations.comparison import Comparison

_DIFFERS = 1


def fit(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the model and its card; ./detente-model if not."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Compare with the shipped model; write only with --out."),
    ] = False,
) -> None:
    """Fit the model from the datasets; write it and its card."""
    from detente.cli.output import folder_of
    from detente.relations.build import build_model
    from detente.relations.comparison import compare, with_previous
    from detente.relations.model import load_model
    from detente.relations.record import SOURCES, load_record
    from detente.relations.writing import write_fit

    folder = Path("detente-model") if out is None and not check else out
    reference = load_model()
    need(SOURCES)
    with folder_of(folder), _stages() as say:
        say("reading the record")
        model = with_previous(build_model(load_record(), progress=say), reference)
        paths = () if folder is None else write_fit(model, folder)
    for path in paths:
        typer.echo(f"wrote {path}")
    events = sum(p.events for p in model.processes)
    typer.echo(f"{events:,} events, {len(model.names)} coefficients, {model.status}")
    if check:
        found = compare(model, reference)
        typer.echo(_in_words(found))
        if not found.same:
            raise typer.Exit(_DIFFERS)


def need(names: Iterable[str]) -> None:
    """Refuse to start without the datasets that cannot be fetched by the way.

    Raises
    ------
    UnavailableError
        Names every dataset that is missing, and how to get them.
    """
    from detente.core.errors import UnavailableError
    from detente.sources import fetch

    wanted = list(names)
    missing = [name for name in wanted if not _present(name)]
    if missing:
        where = fetch.mirror() or f"the cache {fetch.cache_directory()}"
        raise UnavailableError(
            f"{len(missing)} of the {len(wanted)} datasets of the model are not in {where}: "
            f"fetch them with `detente data pull {' '.join(missing)}`, or set DETENTE_MIRROR"
        )


def _present(name: str) -> bool:
    from detente import sources
    from detente.sources import fetch

    return all(file.state != "absent" for file in fetch.status(sources.dataset(name)))


def _in_words(found: Comparison) -> str:
    lines = [
        f"largest difference from the shipped model: {found.largest:.2g} standard errors "
        f"({found.at})"
    ]
    if found.data:
        lines.append(f"data differ: {', '.join(found.data)}")
    if found.code:
        lines.append("the code has changed since the shipped model was fitted")
    lines.append("the same model" if found.same else "not the same model")
    return "\n".join(lines)


@contextmanager
def _stages() -> Generator[Callable[[str], None]]:
    """Show the stage under way on a terminal's standard error; elsewhere be quiet."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda text: progress.update(task, description=text[:100])
