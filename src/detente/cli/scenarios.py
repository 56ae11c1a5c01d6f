"""``detente scenarios``: the library of scenarios, and files of your own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detente.cli.commands import USAGE, Commands, say
from detente.cli.output import print_json, print_table

if TYPE_CHECKING:
    from detente.scenarios import Scenario

app = typer.Typer(cls=Commands, help="Scenarios: list, show, check, start your own.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A scenario; see `scenarios list`, or a TOML file.")
]


@app.command("list")
def list_scenarios(as_json: Json = False) -> None:
    """List the scenarios of the library."""
    from detente.scenarios import load_scenario, scenario_names

    known = [load_scenario(name) for name in scenario_names()]
    if as_json:
        print_json([_brief(item) for item in known])
        return
    print_table(("name", "date", "title"), [(s.name, s.date, s.title) for s in known])


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """Show a scenario: states, pairs, what happened, arms, sources."""
    from detente.scenarios import load_scenario

    item = load_scenario(name)
    if as_json:
        print_json(item.model_dump(mode="json", exclude_none=True))
        return
    typer.echo(f"{item.title}\n")
    typer.echo(f"{item.summary}\n")
    typer.echo(f"As of {item.date}, {item.horizon_years:g} years ahead.")
    _show_meeting(item)
    _show_dyads(item)
    _show_events(item)
    typer.echo(f"How silence is to be read: {item.silence}\n")
    for note in item.notes:
        typer.echo(f"Note: {note}\n")
    print_table(
        ("id", "source", "year"),
        [(s.id, f"{s.author}: {s.title}", str(s.year)) for s in item.sources],
        title="Sources",
    )


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A TOML file.")],
    as_json: Json = False,
) -> None:
    """Check a scenario file; each problem names its key."""
    from detente.core.errors import ScenarioError
    from detente.scenarios import load_scenario

    try:
        item = load_scenario(file)
    except ScenarioError as error:
        problems = str(error).split(";\n")
        if as_json:
            print_json({"valid": False, "problems": problems})
        else:
            for problem in problems:
                say(problem)
        raise typer.Exit(USAGE) from None
    if as_json:
        print_json({"valid": True, **_brief(item)})
        return
    typer.echo(
        f"{file}: valid: {len(item.states)} states, {len(item.dyads)} pairs, "
        f"{len(item.events)} events, {len(item.arms)} arms"
    )


@app.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = Path(
        "scenario.toml"
    ),
) -> None:
    """Write a commented template; an existing file is kept."""
    from detente.scenarios.template import write_template

    written = write_template(file)
    typer.echo(f"wrote {written}: edit it, then `detente scenarios validate {written}`")


def _brief(item: Scenario) -> dict[str, object]:
    return {
        "name": item.name,
        "title": item.title,
        "date": item.date.isoformat(),
        "horizon_years": item.horizon_years,
        "states": [state.code for state in item.states],
        "arms": [arm.name for arm in item.arms],
    }


def _show_meeting(item: Scenario) -> None:
    meeting = item.meeting
    parties = " and ".join(meeting.parties)
    typer.echo(f"Meeting ({meeting.kind}): {parties}, {meeting.place}, {meeting.date}.")
    for at, arm in enumerate(item.arms):
        role = " (reference)" if at == 0 else ""
        typer.echo(f"Arm {arm.name}{role}: {arm.title}.")
    typer.echo("")


def _show_dyads(item: Scenario) -> None:
    rows = [
        (
            item.label(entry.parties),
            entry.rung,
            entry.since,
            entry.contiguity and entry.contiguity.value,
            entry.defence_pact and entry.defence_pact.value,
            entry.rivalry and entry.rivalry.value,
        )
        for entry in item.dyads
    ]
    columns = ("pair", "rung", "since", "contiguity", "defence pact", "rivalry")
    print_table(columns, rows, title="Pairs on the date")


def _show_events(item: Scenario) -> None:
    rows = [
        (
            event.start,
            "under way" if event.ongoing else event.end or event.start,
            event.kind if event.status == "held" else f"{event.kind} ({event.status})",
            "-".join(event.parties),
            event.confidence,
            event.source,
        )
        for event in sorted(item.events, key=lambda event: (event.start, event.parties))
    ]
    columns = ("first day", "last day", "kind", "parties", "confidence", "source")
    print_table(columns, rows, title=f"What happened since {item.record_end}")
