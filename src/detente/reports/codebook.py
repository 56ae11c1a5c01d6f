"""The page of the chronology: rules, columns, exceptions and coverage, from its tables.

``detente data document`` writes it as ``docs/chronology.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.resources import files

import polars as pl
from scipy.stats import binomtest

from detente.core.errors import UnknownNameError
from detente.core.states import abb
from detente.histories.chronology import meeting_pairs
from detente.sources.chronology import (
    exceptions,
    load_checks,
    load_meetings,
    load_settlements,
    load_unsettled_wars,
    recorded_windows,
)
from detente.sources.chronology.codebook import (
    CHECK_COLUMNS,
    CHECKED,
    DRAWS,
    LEVELS,
    MEETING_COLUMNS,
    RESULTS,
    SETTLEMENT_COLUMNS,
    TIERS,
    UNSETTLED_COLUMNS,
    Column,
)

ERAS = {
    "before 1801": 0,
    "1801-1815": 1801,
    "1816-1847": 1816,
    "1848-1871": 1848,
    "1872-1914": 1872,
    "1915-1932": 1915,
    "1933-1945": 1933,
    "1946-1962": 1946,
    "1963-1979": 1963,
    "1980-1991": 1980,
    "1992-2002": 1992,
    "2003-2018": 2003,
    "2019-2025": 2019,
}
"""First year of each era."""

LEAST = 4
"""Rows that a pair needs for a line of its own."""

_LEVEL = 0.9
_SHOWN = ("1801-1815", "2019-2025")


def codebook_text() -> str:
    """Return the page of the chronology as Markdown, from what ships alone."""
    import jinja2

    meetings, settlements = load_meetings(), load_settlements()
    held = meetings.filter(pl.col("status") == "held")
    doubtful = meetings.filter((pl.col("tier") == "B") & (pl.col("confidence") == "low"))
    years = pl.col("start").dt.year()
    template = (files("detente.reports") / "templates" / "chronology.md.j2").read_text("utf-8")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(template).render(
        meetings=meetings.height,
        settlements=settlements.height,
        tiers=_tiers(meetings, settlements),
        checked=_checked(meetings),
        meeting_columns=_columns(MEETING_COLUMNS),
        settlement_columns=_columns(SETTLEMENT_COLUMNS),
        unsettled_columns=_columns(UNSETTLED_COLUMNS),
        check_columns=_columns(CHECK_COLUMNS),
        unsettled=_unsettled(),
        exceptions=_table(("check", "row", "reason"), exceptions().iter_rows()),
        windows=_windows(),
        eras=_by_era(meetings),
        least=LEAST,
        pairs=_by_pair(meetings),
        monarchs=meetings.filter(years.is_between(1816, 1914)).height,
        not_held=meetings.height - held.height,
        held=held.height,
        no_outcome=held["outcome"].null_count(),
        settlements_b=settlements.filter(pl.col("tier") == "B").height,
        doubtful=", ".join(f"`{name}`" for name in doubtful["id"]),
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _tiers(meetings: pl.DataFrame, settlements: pl.DataFrame) -> str:
    rows = [
        (name, *(table.filter(pl.col("tier") == tier).height for tier in TIERS), table.height)
        for name, table in (("meetings", meetings), ("settlements", settlements))
    ]
    return _table(("table", *TIERS, "all"), rows)


def _checked(meetings: pl.DataFrame) -> dict[str, object]:
    """Return what the page says of the rows held against a second source."""
    checks = load_checks()
    ours = checks.filter(pl.col("table") == "meetings")
    answered = ours.filter(pl.col("result") != "not found")
    corrected = ours.filter(pl.col("result") == "corrected")
    drawn = answered.filter(pl.col("draw") == "random")
    errors = drawn.filter(pl.col("result") == "corrected").height
    share = binomtest(errors, drawn.height).proportion_ci(_LEVEL, method="wilson")
    wrong = set(corrected["wrong"].explode())
    sound = [f"`{name}`" for name in ("parties", "persons", "status") if name not in wrong]
    alone = meetings.join(ours.filter(pl.col("result") == "not found"), on="id", how="semi")
    doubted = alone.filter(pl.col("confidence") == "low")["id"]
    return {
        **{name: checks.filter(pl.col("table") == name).height for name in CHECKED},
        "results": _results(checks),
        "answered": answered.height,
        "corrected": corrected.height,
        "drawn": drawn.height,
        "errors": errors,
        "share": f"{errors / drawn.height:.0%}, {_LEVEL:.0%} interval {share.low:.0%} to "
        f"{share.high:.0%}",
        "wrong": "; ".join(f"in {name} {_wrong(checks, name)}" for name in CHECKED),
        "days_off": f"{corrected['days_off'].min()} to {corrected['days_off'].max()}",
        "sound": " or ".join(filter(None, (", ".join(sound[:-1]), *sound[-1:]))),
        "doubted": ", ".join(f"`{name}`" for name in doubted),
    }


def _results(checks: pl.DataFrame) -> str:
    rows: list[tuple[object, ...]] = []
    for table in CHECKED:
        own = checks.filter(pl.col("table") == table)
        draws = [draw for draw in DRAWS if draw in own["draw"]]
        parts = [(draw, own.filter(pl.col("draw") == draw)) for draw in draws]
        for draw, part in (*parts, *([("all", own)] if len(parts) > 1 else [])):
            found = (part.filter(pl.col("result") == result).height for result in RESULTS)
            rows.append((table, draw, *found, part.height))
    return _table(("table", "drawn", *RESULTS, "all"), rows)


def _wrong(checks: pl.DataFrame, table: str) -> str:
    names = checks.filter(pl.col("table") == table).select(pl.col("wrong").explode()).drop_nulls()
    counts = names.group_by("wrong").len().sort("len", "wrong", descending=[True, False])
    return ", ".join(f"`{name}` {count}" for name, count in counts.iter_rows())


def _columns(columns: Sequence[Column]) -> str:
    return _table(
        ("column", "meaning", "required"),
        ((f"`{c.name}`", c.meaning, "yes" if c.required else "") for c in columns),
    )


def _unsettled() -> str:
    rows = load_unsettled_wars().select("cow_war", "war", "ended", "reason", "source")
    return _table(("war", "name", "ended", "reason", "source"), rows.iter_rows())


def _windows() -> str:
    heads = ("pair", "from", "to", "complete for", "source", "note")
    rows = [
        (
            f"{_name(row['ccode1'])} {_name(row['ccode2'])}",
            row["start"],
            row["stop"],
            _scope(row["scope"], row["needs"]),
            row["source"],
            row["note"],
        )
        for row in recorded_windows().iter_rows(named=True)
    ]
    return _table(heads, rows) + "\n\n`to` is the first day outside."


def _scope(scope: str, needs: str | None) -> str:
    told = "all held meetings" if scope == "all" else "journeys and visits"
    return told if needs is None else f"{told}; only with `{needs}`"


def _name(code: int) -> str:
    try:
        return abb(code)
    except UnknownNameError:
        return str(code)


def _era() -> pl.Expr:
    era = pl.lit(next(iter(ERAS)))
    for name, year in ERAS.items():
        era = pl.when(pl.col("start").dt.year() >= year).then(pl.lit(name)).otherwise(era)
    return era.alias("era")


def _by_era(meetings: pl.DataFrame) -> str:
    dated = meetings.filter(pl.col("start").is_not_null()).with_columns(_era())
    rows: list[tuple[object, ...]] = []
    for era in ERAS:
        table = dated.filter(pl.col("era") == era)
        tiers = (table.filter(pl.col("tier") == tier).height for tier in TIERS)
        levels = (table.filter(pl.col("level") == level).height for level in LEVELS)
        rows.append((era, *tiers, *levels, table.filter(pl.col("status") != "held").height))
    return _table(("era", *TIERS, *LEVELS, "not held"), rows)


def _by_pair(meetings: pl.DataFrame) -> str:
    pairs = meeting_pairs(meetings).with_columns(_era())
    names = list(ERAS)
    eras = names[names.index(_SHOWN[0]) : names.index(_SHOWN[1]) + 1]
    top = (
        pairs.group_by("ccode1", "ccode2")
        .len()
        .filter(pl.col("len") >= LEAST)
        .sort("len", "ccode1", "ccode2", descending=[True, False, False])
    )
    rows: list[tuple[str, ...]] = []
    for one, two in top.select("ccode1", "ccode2").iter_rows():
        pair = pairs.filter((pl.col("ccode1") == one) & (pl.col("ccode2") == two))
        cells = [_tally(pair.filter(pl.col("era") == era)) for era in eras]
        rows.append((f"{_name(one)} {_name(two)}", *cells, _tally(pair)))
    return _table(("pair", *eras, "all"), rows)


def _tally(table: pl.DataFrame) -> str:
    counts = [table.filter(pl.col("tier") == tier).height for tier in TIERS]
    return "/".join(map(str, counts)) if any(counts) else "."
