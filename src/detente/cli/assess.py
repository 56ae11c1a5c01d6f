"""``detente assess``: assess a scenario, print a summary, write the report."""

from __future__ import annotations

import threading
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
        if out is not None:
            # The drawing engine takes a while to start: it does so beside the simulation.
            threading.Thread(target=prepare, daemon=True).start()
        with progress_of("futures") as progress:
            result = run(
                found,
                fitted,
                draws=draws,
                futures=futures,
                seed=seed,
                horizon=horizon,
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
