"""Commands whose every error is one line and exit code 2."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

USAGE = 2
INTERRUPTED = 130

# What the command line itself refuses: typer exports the kinds, not their common base.
_Refused: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")


class Commands(TyperGroup):
    """Commands; what is wrong with a call or with its input ends in one line and exit code 2."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help where no command is named."""
        if not args:
            typer.echo(ctx.get_help(), err=True)
            raise typer.Exit(USAGE)
        return super().parse_args(ctx, args)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run a command line; leave the process with its exit code, unless told not to."""
        alone = extra.pop("standalone_mode", True)
        try:
            code = super().main(args, *rest, standalone_mode=False, **extra)
        except _Refused as error:
            if not alone:
                raise
            message = _lower(error.format_message()).replace(": Value error, ", ": ")
            say(f"{message.rstrip('.')}{_help_of(error)}")
            code = USAGE
        if alone:
            sys.exit(code if isinstance(code, int) else 0)
        return code

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo("interrupted", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            from detente.core.errors import DetenteError

            if not isinstance(error, DetenteError):
                raise
            say(error)
            raise typer.Exit(USAGE) from None


def say(error: object) -> None:
    """Print an error as one line on standard error."""
    typer.echo(f"error: {' '.join(str(error).split())}", err=True)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _help_of(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return "" if context is None else f"; see `{context.command_path} --help`"
