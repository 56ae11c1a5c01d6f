"""``detente data``: the public datasets, their terms and what they hold."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.cli.commands import USAGE, Commands, say
from detente.cli.output import print_frame, print_json, print_table

if TYPE_CHECKING:
    from detente.core.errors import DetenteError
    from detente.sources import Dataset

app = typer.Typer(cls=Commands, help="The public datasets: list, fetch, import, cite, audit.")

_FILES_SHOWN = 5
_ROWS_SHOWN = 30

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Names = Annotated[
    list[str] | None, typer.Argument(metavar="NAME", help="Datasets; see `data list`.")
]


@app.command("list")
def list_datasets(as_json: Json = False) -> None:
    """List the datasets: years, terms, title."""
    from detente import sources

    known = [sources.dataset(name) for name in sources.names()]
    if as_json:
        print_json(
            [
                {
                    "name": item.name,
                    "title": item.title,
                    "version": item.version,
                    "years": item.years,
                    "redistribution": item.redistribution,
                    "brought": bool(item.brought),
                }
                for item in known
            ]
        )
        return
    rows = [(d.name, _years(d), d.terms, d.version, d.title) for d in known]
    print_table(("name", "years", "terms", "version", "title"), rows)
    typer.echo("restricted: fetched only when you ask (`detente data pull NAME`).")
    typer.echo("brought: a file that you bring (`detente data import NAME FILE`; see `data info`).")


@app.command()
def info(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A dataset; see `data list`.")],
    as_json: Json = False,
) -> None:
    """Describe a dataset: address, terms, citation, columns, faults."""
    from detente import sources
    from detente.sources import brought
    from detente.sources.citations import citations

    item = sources.dataset(name)
    if as_json:
        print_json(_record(item))
        return
    lines = [
        ("title", item.title),
        ("version", item.version),
        ("years", _years(item)),
        ("states", item.states),
        ("licence", item.licence),
        ("redistribution", item.redistribution),
        ("missing codes", item.missing_codes),
        ("official release", item.official),
        ("checked against it", item.checked_against_official),
        *_whence(item),
        *([("notes", item.notes)] if item.notes else []),
    ]
    print_table(("dataset", item.name), lines)
    print_table(("column", "meaning"), item.columns.items())
    print_table(("known faults",), [(fault,) for fault in item.faults])
    print_table(("cite",), [(entry.text(),) for entry in citations([name])])
    files = [(file.path, file.size, file.sha256[:16]) for file in brought.files(item)]
    if files:
        print_table(("file", "bytes", "sha256"), files[:_FILES_SHOWN])
    if len(files) > _FILES_SHOWN:
        typer.echo(f"and {len(files) - _FILES_SHOWN} more files: see --json")


@app.command("import")
def import_file(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A dataset that you bring.")],
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Its file; see `data info NAME`.")],
    as_json: Json = False,
) -> None:
    """Check a file that you bring for a dataset and keep a copy."""
    from detente import sources
    from detente.sources import brought

    table = sources.import_file(name, path)
    (kept,) = brought.files(sources.dataset(name))
    row = {"name": name, "file": path.name, "rows": table.height, "bytes": kept.size}
    row["sha256"] = kept.sha256
    if as_json:
        print_json(row)
    else:
        print_table(tuple(row), [tuple(row.values())])


@app.command()
def pull(
    names: Names = None,
    every: Annotated[bool, typer.Option("--all", help="All datasets.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch datasets (or check the mirror) and parse them."""
    from detente.cli.pulling import pull_one, transfer
    from detente.core.errors import DetenteError, InputError

    if bool(names) == every:
        raise InputError("name the datasets to pull, or give --all (see `detente data list`)")
    done: list[dict[str, Any]] = []
    failures: list[DetenteError] = []
    with transfer(quiet=as_json) as meter:
        for item in _chosen(names, fetched=every):
            try:
                done.append(pull_one(item, meter))
            except DetenteError as error:
                failures.append(error)
    if as_json:
        print_json(done)
    elif done:
        columns = ("name", "files", "bytes", "rows", "place")
        print_table(columns, [[row[column] for column in columns] for row in done])
    for error in failures:
        say(error)
    if failures:
        raise typer.Exit(USAGE)


@app.command()
def status(as_json: Json = False) -> None:
    """Say which datasets are here, and whether their bytes are right."""
    from detente.sources import brought, cache, fetch

    rows: list[dict[str, Any]] = []
    for item in _chosen(None):
        states = [file.state for file in fetch.status(item)] or [brought.state(item)]
        rows.append(
            {
                "name": item.name,
                "place": "brought" if item.brought else fetch.place(),
                **{state: states.count(state) for state in ("ready", "absent", "wrong")},
                "parsed": cache.stored(item) is not None,
            }
        )
    place = {"mirror": fetch.mirror(), "cache": str(fetch.cache_directory())}
    if as_json:
        print_json({**place, "datasets": rows})
        return
    columns = ("name", "place", "ready", "absent", "wrong", "parsed")
    print_table(columns, [[row[column] for column in columns] for row in rows])
    typer.echo(f"mirror: {place['mirror'] or 'none (DETENTE_MIRROR is not set)'}")
    typer.echo(f"cache: {place['cache']}")
    gone = {row["place"] for row in rows if row["absent"] or row["wrong"]}
    if gone - {"brought"}:
        typer.echo("fetch what is absent or wrong with `detente data pull NAME`.")
    if "brought" in gone:
        typer.echo("import what you bring with `detente data import NAME FILE`.")


@app.command()
def cite(
    names: Names = None,
    bibtex: Annotated[bool, typer.Option("--bibtex", help="Print BibTeX.")] = False,
    as_json: Json = False,
) -> None:
    """Print the citations of datasets (all, where none is named)."""
    from detente.sources.citations import citations

    entries = citations(item.name for item in _chosen(names))
    if as_json:
        print_json(
            [
                {"key": entry.key, "kind": entry.kind, "text": entry.text(), "bibtex": entry.bibtex}
                for entry in entries
            ]
        )
    elif bibtex:
        typer.echo("\n\n".join(entry.bibtex for entry in entries))
    else:
        typer.echo("\n".join(entry.text() for entry in entries))


@app.command()
def audit(
    table: Annotated[str | None, typer.Option(help="Show one table, whole.")] = None,
    as_json: Json = False,
) -> None:
    """Count what the histories hold, and check the chronology."""
    from detente.core.errors import UnknownNameError
    from detente.relations import audit as relations_audit

    found = relations_audit.audit()
    if table is not None and table not in found.tables:
        raise UnknownNameError("table of the audit", table, found.tables)
    if as_json:
        record = found.to_dict()
        print_json(record if table is None else record[table])
    elif table is not None:
        print_frame(found.tables[table], title=table)
    else:
        for title, frame in found.tables.items():
            print_frame(frame, title=title, rows=_ROWS_SHOWN, rest=f": see --table {title}")


@app.command()
def document(
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("docs"),
) -> None:
    """Write the pages of `docs` that the code makes."""
    from detente.assessments.published import schema_text
    from detente.reports.codebook import codebook_text
    from detente.reports.data_pages import data_page, features_page
    from detente.reports.writing import write_texts

    pages = {
        out / "data.md": data_page(),
        out / "features.md": features_page(),
        out / "chronology.md": codebook_text(),
        out / "assessment.schema.json": schema_text(),
    }
    write_texts(pages)
    for path in pages:
        typer.echo(str(path))


def _chosen(names: list[str] | None, *, fetched: bool = False) -> list[Dataset]:
    from detente import sources

    chosen = [sources.dataset(name) for name in names or sources.names()]
    return [item for item in chosen if not (fetched and item.brought)]


def _years(item: Dataset) -> str:
    return f"{item.years[0]}-{item.years[1]}"


def _whence(item: Dataset) -> list[tuple[str, str]]:
    from detente.sources import brought

    if not item.brought:
        copy = item.copied_from
        return [("repository", f"{copy.address} at {copy.commit[:12]}")]
    kept = brought.record(item)
    return [
        ("bring", f"{brought.wanted(item)}: `detente data import {item.name} FILE`"),
        ("imported", "no file" if kept is None else kept.source),
    ]


def _record(item: Dataset) -> dict[str, object]:
    from detente.sources import brought

    fields = (
        "name title version licence redistribution years states missing_codes faults official "
        "checked_against_official reader_version notes bibtex"
    )
    return {
        **{name: getattr(item, name) for name in fields.split()},
        "repository": None if item.repository is None else item.repository.address,
        "commit": None if item.repository is None else item.repository.commit,
        "columns": dict(item.columns),
        "brought": [asdict(form) for form in item.brought],
        "files": [asdict(file) for file in brought.files(item)],
    }
