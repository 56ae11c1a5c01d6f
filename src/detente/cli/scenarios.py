"""``detente scenarios``: the library of scenarios and cases, and files of your own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from detente.cli.commands import USAGE, Commands, say
from detente.cli.output import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detente.scenarios import Case, Scenario
    from detente.scenarios.entries import Event

app = typer.Typer(cls=Commands, help="Scenarios: list, show, check, start your own.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[
    str, typer.Argument(metavar="NAME", help="A scenario; see `scenarios list`, or a TOML file.")
]


@app.command("list")
def list_scenarios(as_json: Json = False) -> None:
    """List the scenarios of the library."""
    from detente.scenarios import load_entry, scenario_names

    known = sorted((load_entry(name) for name in scenario_names()), key=lambda item: item.date)
    if as_json:
        print_json([_brief(item) for item in known])
        return
    rows = [(item.name, _kind(item), _day_of(item), item.title) for item in known]
    print_table(("name", "kind", "date", "title"), rows)
    typer.echo("A case is sourced facts without a forecast; `detente assess NAME` tells either.")


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """Show a scenario: states, pairs, what happened, arms, sources."""
    from detente.scenarios import Case, load_entry

    item = load_entry(name)
    if as_json:
        print_json(item.model_dump(mode="json", exclude_none=True))
        return
    typer.echo(f"{item.title}\n")
    if isinstance(item, Case):
        _show_case(item)
        return
    typer.echo(f"{item.summary}\n")
    typer.echo(f"As of {item.date}, {item.horizon_years:g} years ahead.")
    _show_meeting(item)
    _show_dyads(item)
    _show_events(item.events, f"What happened since {item.record_end}")
    if item.aftermath:
        _show_events(item.aftermath, "What has happened after the date (no number uses it)")
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
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A TOML file, or a scenario of the library.")
    ],
    chronology: Annotated[
        Path | None,
        typer.Option("--chronology", help="A CSV of more meetings that a sourced case may name."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a scenario file; each problem names its key."""
    from detente.core.errors import InputError, ScenarioError
    from detente.scenarios import Case, load_entry, scenario_names

    try:
        item = load_entry(file if file in scenario_names() else Path(file))
        if isinstance(item, Case):
            _check_case(item, chronology)
        elif chronology is not None:
            raise InputError(f"{file}: --chronology adds rows to a sourced case")
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
    if isinstance(item, Case):
        typer.echo(
            f"{file}: valid case: {len(item.parties)} parties, {len(item.facts)} facts, "
            f"{len(item.meetings)} rows of the chronology, {len(item.sources)} sources"
        )
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
    case: Annotated[
        bool, typer.Option("--case", help="Start a sourced case, which tells an event.")
    ] = False,
) -> None:
    """Write a commented template; an existing file is kept.

    A scenario is forecast from a date after the record. An event inside the record is told as a
    sourced case: --case writes the template of one.
    """
    from detente.scenarios.template import write_template

    written = write_template(file, case=case)
    typer.echo(f"wrote {written}: edit it, then `detente scenarios validate {written}`")


def _check_case(case: Case, chronology: Path | None) -> None:
    from detente.assessments.case import check_case

    check_case(case, chronology=chronology)


def _kind(item: Scenario | Case) -> str:
    from detente.scenarios import Case

    return "case" if isinstance(item, Case) else "forecast"


def _day_of(item: Scenario | Case) -> str:
    from detente.scenarios import Case

    year_only = isinstance(item, Case) and item.date_precision == "year"
    return f"{item.date.year:04}" if year_only else item.date.isoformat()


def _brief(item: Scenario | Case) -> dict[str, object]:
    from detente.scenarios import Case

    told = {
        "name": item.name,
        "kind": _kind(item),
        "title": item.title,
        "date": item.date.isoformat(),
    }
    if isinstance(item, Case):
        return {
            **told,
            "end": item.end.isoformat(),
            "parties": [party.name for party in item.parties],
            "meetings": list(item.meetings),
            "settlements": list(item.settlements),
        }
    return {
        **told,
        "horizon_years": item.horizon_years,
        "states": [state.code for state in item.states],
        "arms": [arm.name for arm in item.arms],
    }


def _show_case(item: Case) -> None:
    from detente.assessments.case_days import when

    typer.echo(f"{item.summary}\n")
    typer.echo(f"A sourced case, no forecast: {item.when}.")
    typer.echo(f"The essay's claim, a hypothesis: {item.claim}")
    typer.echo(f"What the record says to it: {item.bearing}\n")
    rows = [
        (
            when(fact.start, fact.end, fact.precision, fact.start_precision),
            fact.part,
            fact.label,
            fact.tier,
            fact.sources,
        )
        for fact in item.facts
    ]
    columns = ("when", "part", "what", "tier", "sources")
    print_table(columns, rows, title="Facts")
    typer.echo(f"Rows of the chronology: {', '.join(item.meetings) or item.no_meeting}")
    typer.echo(f"Settlements: {', '.join(item.settlements) or item.no_settlement}\n")
    for note in item.notes:
        typer.echo(f"Note: {note}\n")
    print_table(
        ("id", "source", "year"),
        [(s.id, f"{s.author}: {s.title}", str(s.year or "-")) for s in item.sources],
        title="Sources",
    )


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


def _show_events(events: Sequence[Event], title: str) -> None:
    rows = [
        (
            event.start,
            "under way" if event.ongoing else event.end or event.start,
            event.kind if event.status == "held" else f"{event.kind} ({event.status})",
            "-".join(event.parties),
            event.confidence,
            event.source,
        )
        for event in sorted(events, key=lambda event: (event.start, event.parties))
    ]
    columns = ("first day", "last day", "kind", "parties", "confidence", "source")
    print_table(columns, rows, title=title)
