"""The command line: parse, call one function, render.

Modules of this package import the work they call inside their commands, so that ``--help``
answers at once.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from detente import __version__
from detente.cli import assess, data, fit, scenarios

__all__ = ["app", "main"]

_HELP = "What does it change when leaders meet? A laboratory for summit diplomacy."
_USAGE = 2
_INTERRUPTED = 130


class _Commands(TyperGroup):
    """The commands; an error of this package ends in one line and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(_INTERRUPTED) from None
        except Exception as error:
            from detente.core.errors import DetenteError

            if not isinstance(error, DetenteError):
                raise
            typer.echo(f"error: {' '.join(str(error).split())}", err=True)
            raise typer.Exit(_USAGE) from None


app = typer.Typer(
    name="detente",
    cls=_Commands,
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
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
app.add_typer(data.app, name="data")
app.add_typer(scenarios.app, name="scenarios")


def main() -> None:
    """Run the command line."""
    app()
