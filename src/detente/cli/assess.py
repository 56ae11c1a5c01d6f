"""``detente assess``: assess a scenario, print a summary, write the report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer


def assess(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Name of a scenario, or a TOML file.")
    ],
    futures: Annotated[
        int, typer.Option("--futures", help="Paired futures in each of the draws and arms.")
    ] = 100,
    draws: Annotated[int, typer.Option("--draws", help="Draws of the model's parameters.")] = 200,
    horizon: Annotated[
        float | None, typer.Option("--horizon", help="Years; the scenario's own if not given.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same assessment.")] = 20250815,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for assessment.json and report.html."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", help="A model file; the shipped one if not given.")
    ] = None,
    features: Annotated[
        str | None,
        typer.Option(
            "--features", metavar="NAME,NAME", help="Choose meetings alike by these only."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Threads; one a core if not given.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print assessment.json instead of the summary.")
    ] = False,
) -> None:
    """Assess a scenario: meetings like it, its futures by arm."""
    from rich.console import Console

    from detente.assessments.assess import assess as run
    from detente.cli.output import folder_of, progress_of
    from detente.relations.model import load_model
    from detente.reports import prepare, render_terminal, write_report
    from detente.scenarios import load_scenario

    found = load_scenario(scenario)
    fitted = load_model(model)
    with folder_of(out):
        with progress_of("futures") as shown:
            progress = shown if out is None else _preparing(prepare, shown)
            result = run(
                found,
                fitted,
                draws=draws,
                futures=futures,
                seed=seed,
                horizon=horizon,
                features=None if features is None else _names(features),
                workers=workers,
                progress=progress,
            )
        written = None if out is None else write_report(result, out)
    if as_json:
        typer.echo(result.model_dump_json(indent=1))
        return
    console = Console()
    render_terminal(result, console)
    if written is not None:
        console.print(f"Written: {written.json}, {written.html}")


def _preparing(
    prepare: Callable[[], None], progress: Callable[[int, int], None] | None
) -> Callable[[int, int], None]:
    """Start the drawing engine when the first futures are done, beside the simulation.

    Its start holds the interpreter: earlier it would keep the simulation from starting.
    """
    engine = threading.Thread(target=prepare, daemon=True)

    def tell(done: int, total: int) -> None:
        if engine.ident is None:
            engine.start()
        if progress is not None:
            progress(done, total)

    return tell


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
