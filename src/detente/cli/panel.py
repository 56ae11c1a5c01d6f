"""``detente panel``: rows of a unit of analysis and the features joined to them, as a file."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.cli.output import print_frame, print_json, print_table

if TYPE_CHECKING:
    import polars as pl

    from detente.panels import Panel
    from detente.panels.registry import Feature

_LIST_WIDTH = 100
_ROWS_SHOWN = 10


def panel(
    unit: Annotated[
        str | None, typer.Argument(metavar="UNIT", help="Such as dyad-year; see --list.")
    ] = None,
    years: Annotated[str | None, typer.Option(help="First and last year: 1816-2010.")] = None,
    add: Annotated[
        list[str] | None, typer.Option(help="Features, separated by commas; repeatable.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Keep these columns of the features added; repeatable."),
    ] = None,
    system: Annotated[str, typer.Option(help="State system: cow or gw.")] = "cow",
    dyads: Annotated[
        str, typer.Option(help="all, relevant, contiguous, majors, rivals, or USA-RUS,USA-CHN.")
    ] = "all",
    states: Annotated[str | None, typer.Option(help="Such as USA,RUS or 2,365.")] = None,
    directed: Annotated[bool, typer.Option("--directed", help="Both orders of a pair.")] = False,
    extend: Annotated[
        bool, typer.Option("--extend", help="Members at the end of the record stay members.")
    ] = False,
    option: Annotated[
        list[str] | None,
        typer.Option(help="Of a feature: gml_dispute_details.rules=fatality,onset; repeatable."),
    ] = None,
    lag: Annotated[
        str | None, typer.Option(help="Columns to add as they were a year before.")
    ] = None,
    at_risk: Annotated[
        bool, typer.Option("--at-risk", help="Drop years of an event under way from before.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="A .parquet, .csv, .dta or .rds file.")] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="Make the panel of this recipe; refuse other data.")
    ] = None,
    save_recipe: Annotated[
        Path | None, typer.Option(help="Write the recipe, with the hashes of the data.")
    ] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Print years and share missing by column.")
    ] = False,
    cite: Annotated[bool, typer.Option("--cite", help="Print the BibTeX of what went in.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List units and features.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a panel: states, dyads or leaders by year, month, day."""
    from detente.core.errors import InputError
    from detente.panels import check_result, read_recipe

    if listed:
        _list(as_json)
        return
    if recipe is not None:
        said = (unit, years, add, only, states, directed, extend, option, lag, at_risk)
        if any(said) or (system, dyads) != ("cow", "all"):
            raise InputError(
                "a recipe says unit, years, states, features and what is done to them: "
                "leave them out beside --recipe"
            )
        made = read_recipe(recipe)
    else:
        made = _described(unit, years, system, dyads, states, directed, extend)
        columns = None if only is None else [name for text in only for name in _parts(text)]
        made = _joined(made, add or [], option or [], columns)
        made = made if lag is None else made.lag(*_parts(lag))
        made = made.at_risk() if at_risk else made
    if cite:
        typer.echo(made.cite())
    elif coverage:
        _coverage(made, as_json)
    else:
        table = None
        if recipe is not None or save_recipe is not None or out is None:
            table = made.collect()
        if recipe is not None and table is not None:
            check_result(recipe, table)
        _written(made, table, out, save_recipe, as_json)


def _written(
    made: Panel,
    table: pl.DataFrame | None,
    out: Path | None,
    save_recipe: Path | None,
    as_json: bool,
) -> None:
    """Write what was asked for, or show the first rows; a table not needed is never collected."""
    if out is not None:
        made.sink(out)
    if save_recipe is not None:
        _write(save_recipe, made.recipe(table))
    written = [str(place) for place in (out, save_recipe) if place is not None]
    if as_json:
        rows = None if table is None else table.height
        print_json({"rows": rows, "columns": made.columns, "written": written})
    elif written:
        typer.echo(f"wrote {' and '.join(written)}")
    elif table is not None:
        shown = _fitting(table)
        print_frame(
            shown,
            title=made.frame.unit.name,
            rows=_ROWS_SHOWN,
            rest=": --out FILE writes them all",
        )
        if shown.width < table.width:
            typer.echo(f"and {table.width - shown.width} more columns: --json names them all\n")


def _fitting(table: pl.DataFrame) -> pl.DataFrame:
    """Return the first columns, as many as a line holds in readable width."""
    from detente.cli.output import console

    room = console().width
    names: list[str] = []
    for name in table.columns:
        cells = table[name].head(_ROWS_SHOWN).to_list()
        room -= 3 + max(len(name), *(len(str(cell)) for cell in cells), 0)
        if room < 0 and names:
            break
        names.append(name)
    return table.select(names)


def _joined(made: Panel, add: list[str], option: list[str], only: list[str] | None) -> Panel:
    """Add the features named, each with the options given for it and the columns to keep."""
    names = [name for text in add for name in _parts(text)]
    options = _options(names, option)
    if only is not None:
        _keep(made, names, options, only)
    for name in names:
        made = made.add(name, **options.get(name, {}))
    return made


def _keep(
    made: Panel, names: list[str], options: dict[str, dict[str, Any]], only: list[str]
) -> None:
    """Give each feature, as its option ``only``, those of the columns to keep that it has."""
    from detente.core.errors import InputError, UnknownNameError

    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        given = options.setdefault(name, {})
        if "only" in given:
            raise InputError(f"--only and --option {name}.only both choose columns: give one")
        whole = made.add(name, **given)
        found[name] = whole.columns[len(made.columns) :]
        made = whole
    for column in only:
        if not any(column in columns for columns in found.values()):
            every = [each for columns in found.values() for each in columns]
            raise UnknownNameError("column of --only:", column, every)
    for name, columns in found.items():
        kept = [column for column in only if column in columns]
        if not kept:
            raise InputError(f"--only names no column of {name!r}: leave it out of --add")
        options[name]["only"] = kept


def _options(names: list[str], option: list[str]) -> dict[str, dict[str, Any]]:
    """Return the options given for each of the features named."""
    from detente.core.errors import InputError
    from detente.panels import feature

    options: dict[str, dict[str, Any]] = {}
    for text in option:
        where, equals, value = text.partition("=")
        name, dot, key = where.partition(".")
        if not (equals and dot):
            raise InputError(f"option {text!r} is not of the form feature.option=value")
        default = feature(name).with_defaults({}).get(key)
        options.setdefault(name, {})[key] = _value(value, () if key == "only" else default)
    for name in options:
        if name not in names:
            raise InputError(f"option of feature {name!r}, which is not added: give --add {name}")
    return options


def _value(text: str, default: object) -> object:
    if isinstance(default, bool):
        return text.lower() in ("true", "yes", "1")
    return tuple(_parts(text)) if isinstance(default, tuple) else text


def _described(
    unit: str | None,
    years: str | None,
    system: Any,
    dyads: str,
    states: str | None,
    directed: bool,
    extend: bool,
) -> Panel:
    from detente.core.errors import InputError
    from detente.panels import SUBSETS
    from detente.panels import panel as describe

    if unit is None or years is None:
        raise InputError(
            "give a unit and --years, as in: detente panel dyad-year --years 1816-2010"
        )
    pairs = _parts(dyads) if dyads not in SUBSETS and "-" in dyads else dyads
    return describe(
        unit,
        years=_years(years),
        system=system,
        directed=directed,
        dyads=pairs,
        states=None if states is None else _parts(states),
        extend=extend,
    )


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return _number(first, "first year"), _number(last or first, "last year")


def _number(text: str, what: str) -> int:
    from detente.core.errors import InputError

    try:
        return int(text)
    except ValueError:
        raise InputError(f"{what} {text!r} is not a whole number") from None


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _list(as_json: bool) -> None:
    from detente.panels import UNITS, all_features

    if as_json:
        print_json(
            {
                "units": list(UNITS),
                "features": [
                    {
                        "name": feature.name,
                        "title": feature.title,
                        "years": feature.years,
                        "units": feature.fits,
                        "columns": {c.name: c.meaning for c in feature.columns},
                        "measured_in": {c.name: c.unit or None for c in feature.columns},
                        "datasets": feature.datasets,
                        "missing": feature.missing,
                    }
                    for feature in all_features()
                ],
            }
        )
        return
    print_table(
        ("unit", "actors", "period"), [(u.name, u.actors, u.period) for u in UNITS.values()]
    )
    typer.echo(" Features: years and title; units they join to; units of measurement\n")
    for each in all_features():
        for line in _told(each):
            typer.echo(line)


def _told(feature: Feature) -> list[str]:
    """Tell a feature: its years and title, the units it joins to, what its columns are in."""
    from detente.cli.output import console
    from detente.panels import UNITS

    width = min(console().width, _LIST_WIDTH)
    fit = "all units" if len(feature.fits) == len(UNITS) else ", ".join(feature.fits)
    alike = len({column.unit for column in feature.columns}) == 1
    measured = "; ".join(
        unit if alike else f"{unit} ({', '.join(names)})"
        for unit, names in feature.measures.items()
    )
    parts = (
        (f" {feature.name}  ", f"{feature.span}  {feature.title}"),
        ("     joins to  ", fit),
        ("     in        ", measured or "no unit: 0 or 1, codes, names or words"),
    )
    return [
        line
        for head, text in parts
        for line in wrap(text, width, initial_indent=head, subsequent_indent=" " * len(head))
    ]


def _coverage(made: Panel, as_json: bool) -> None:
    found = made.coverage()
    if as_json:
        print_json(found.to_dicts())
        return
    shown = found.select("column", "feature", "first", "last", "first_seen", "last_seen", "missing")
    print_frame(shown, title="coverage")


def _write(place: Path, text: str) -> None:
    from detente.core.errors import OutputError
    from detente.core.writing import write_texts

    try:
        write_texts({place: text})
    except OSError as error:
        raise OutputError(f"{place} cannot be written: {error.strerror or error}") from error
