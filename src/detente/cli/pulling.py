"""Fetch datasets with a progress display that is quiet where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from detente import sources
from detente.sources import brought, fetch


class _Meter:
    """One line of the display, as pooch's downloader drives it."""

    def __init__(self, progress: Progress, file: sources.RemoteFile) -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task(file.path, total=file.size)
        # pooch writes the server's length here; the display keeps the registered size.
        self.total: int | None = file.size

    def update(self, n: int) -> None:
        self._progress.advance(self._task, n)

    def reset(self) -> None:
        self._progress.reset(self._task)

    def close(self) -> None:
        self._progress.remove_task(self._task)


@contextmanager
def transfer(*, quiet: bool) -> Generator[fetch.MeterFactory]:
    """Show downloads on standard error while they run, unless quiet or not a terminal."""
    console = Console(file=sys.stderr)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )

    def meter(file: sources.RemoteFile) -> fetch.Meter:
        return _Meter(progress, file)

    with progress:
        yield meter


def pull_one(dataset: sources.Dataset, meter: fetch.MeterFactory) -> dict[str, Any]:
    """Fetch and parse one dataset; return what was done, for printing.

    One that the user brings is not fetched: its copy is checked.
    """
    if dataset.brought:
        brought.locate(dataset)
    fetch.locate(dataset, download=True, meter=meter)
    rows = sources.load(dataset.name).height
    files = brought.files(dataset)
    return {
        "name": dataset.name,
        "files": len(files),
        "bytes": sum(file.size for file in files),
        "rows": rows,
        "place": "brought" if dataset.brought else fetch.status(dataset)[0].place,
    }
