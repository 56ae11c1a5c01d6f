"""The command line: parse, call one function, render.

Modules of this package import the work they call inside their commands, so that ``--help``
answers at once.
"""

from __future__ import annotations

import atexit
import gc
from typing import Annotated

import typer

from detente import __version__
from detente.cli import assess, data, fit, meetings, panel, scenarios
from detente.cli.commands import Commands
from detente.cli.output import accept_any_encoding

__all__ = ["app", "main"]

_HELP = "What does it change when leaders meet? A laboratory for summit diplomacy."

_COLLECT = 500_000
"""New objects between two rounds of the collector of reference cycles."""

app = typer.Typer(
    name="detente",
    cls=Commands,
    help=_HELP,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"detente {__version__}")
        raise typer.Exit


@app.callback(help=_HELP)
def _options(  # pyright: ignore[reportUnusedFunction]
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Hold the options that come before a command."""


app.command("assess")(assess.assess)
app.command("fit")(fit.fit)
app.command("meetings")(meetings.meetings)
app.command("panel")(panel.panel)
app.add_typer(data.app, name="data")
app.add_typer(scenarios.app, name="scenarios")


def main() -> None:
    """Run the command line."""
    accept_any_encoding()
    # A command is over before the collector's usual rounds, hundreds of them, free anything.
    gc.set_threshold(_COLLECT)
    # Its last round, as the interpreter ends, would walk through all that ends with it.
    atexit.register(gc.freeze)
    app()
