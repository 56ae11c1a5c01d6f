"""``detente assess``: assess a scenario, print a summary, write the report."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from detente.assessments.case_schema import CaseAssessment
    from detente.assessments.published import Document
    from detente.assessments.schema import Assessment
    from detente.scenarios import Case, Scenario

_OF_FORECAST = ("futures", "draws", "horizon", "features", "seed", "model", "workers")
"""Options that a sourced case has no use for."""


def assess(
    context: typer.Context,
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
    chronology: Annotated[
        Path | None,
        typer.Option("--chronology", help="A CSV of more meetings that a sourced case may name."),
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
    """Assess a scenario, its futures by arm; or tell a sourced case."""
    # Idle threads of linear algebra would wait beside the simulation's; few calls need them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from detente.cli.output import folder_of, print_json_text
    from detente.core.errors import InputError
    from detente.scenarios import Case, load_entry

    found = load_entry(scenario)
    if isinstance(found, Case):
        _without_options(context, found.name)
    elif chronology is not None:
        raise InputError(
            f"{found.name}: --chronology adds rows to a sourced case; the reference class of a "
            "forecast is made from what ships"
        )
    with folder_of(out):
        result = (
            _case(found, chronology)
            if isinstance(found, Case)
            else _forecast(
                found,
                model,
                draws=draws,
                futures=futures,
                seed=seed,
                horizon=horizon,
                features=None if features is None else _names(features),
                workers=workers,
                drawn=out is not None,
            )
        )
        written = None if out is None else _written(result, out)
    if as_json:
        print_json_text(result.model_dump_json(indent=1))
        return
    _print(result)
    if written is not None:
        typer.echo(written)


def _without_options(context: typer.Context, name: str) -> None:
    """Refuse the options of a forecast."""
    from detente.core.errors import InputError

    given = [
        option
        for option in _OF_FORECAST
        if (where := context.get_parameter_source(option)) and where.name == "COMMANDLINE"
    ]
    if given:
        raise InputError(
            f"{name}: a sourced case has no futures and no distance: leave out "
            f"{', '.join(f'--{option}' for option in given)}"
        )


def _case(case: Case, chronology: Path | None) -> CaseAssessment:
    from detente.assessments.case import assess_case

    return assess_case(case, chronology=chronology)


def _forecast(
    scenario: Scenario,
    model: Path | None,
    *,
    draws: int,
    futures: int,
    seed: int,
    horizon: float | None,
    features: Sequence[str] | None,
    workers: int | None,
    drawn: bool,
) -> Assessment:
    from detente.assessments.assess import assess as run
    from detente.cli.output import progress_of
    from detente.relations.model import load_model
    from detente.reports import prepare

    fitted = load_model(model)
    with progress_of("futures") as shown:
        return run(
            scenario,
            fitted,
            draws=draws,
            futures=futures,
            seed=seed,
            horizon=horizon,
            features=features,
            workers=workers,
            progress=_preparing(prepare, shown) if drawn else shown,
        )


def _written(result: Document, out: Path) -> str:
    from detente.reports import write_report

    files = write_report(result, out)
    return f"Written: {files.json}, {files.html}"


def _print(result: Document) -> None:
    from rich.console import Console

    from detente.assessments.case_schema import CaseAssessment
    from detente.reports import render_case_terminal, render_terminal

    if isinstance(result, CaseAssessment):
        render_case_terminal(result, Console())
    else:
        render_terminal(result, Console())


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
