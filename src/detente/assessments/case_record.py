"""What the records hold for a sourced case: the chronology, the settlements, the disputes."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, cast

import polars as pl

from detente.assessments import reference
from detente.assessments.case_days import partial_name, when, years_between
from detente.assessments.case_schema import (
    CaseMeeting,
    CaseReference,
    CaseSettlement,
    SeriesMeeting,
    SettlementCount,
)
from detente.assessments.numbers import Quantity
from detente.assessments.parts import SummaryRow
from detente.assessments.reference_intervals import PAIR, too_few, windows_apart
from detente.assessments.similar import pair_label
from detente.core.errors import ScenarioError
from detente.scenarios.case import Case, Pair
from detente.scenarios.fields import RECORD_END

SOURCED = ("A", "B")
"""Tiers that may be told; a candidate of tier C is never a fact."""
FIRST_SETTLEMENT = dt.date(1648, 1, 1)
"""The record of settlements begins here; older rows serve their case only."""


def check_rows(case: Case, meetings: pl.DataFrame, settlements: pl.DataFrame) -> None:
    """Raise unless every row that the case names is in the chronology, of tier A or B.

    Raises
    ------
    ScenarioError
        One line for each row that is not.
    """
    parts = (
        ("meetings", case.meetings, meetings),
        ("settlements", case.settlements, settlements),
    )
    found = [
        f"{case.name}: {part}: {problem}"
        for part, keys, table in parts
        for key in keys
        if (problem := _problem(table, key)) is not None
    ]
    if found:
        raise ScenarioError(";\n".join(found))


def case_meetings(case: Case, table: pl.DataFrame) -> list[CaseMeeting]:
    """Return the rows of the chronology that the case names, by day."""
    rows = table.filter(pl.col("id").is_in(case.meetings)).sort("start", "id")
    made = [_meeting(row) for row in rows.iter_rows(named=True)]
    for i, one in enumerate(made):
        later = next((m for m in made[i + 1 :] if m.status == "held"), None)
        if one.status == "held" and one.end and later is not None and later.start:
            gap = max(years_between(one.end, later.start), 0.0)
            made[i] = one.model_copy(update={"years_to_next": gap})
    return made


def case_settlements(case: Case, table: pl.DataFrame) -> list[CaseSettlement]:
    """Return the settlements that the case names, by the day of their signature."""
    rows = table.filter(pl.col("id").is_in(case.settlements)).sort("signed", "id")
    return [_settlement(row) for row in rows.iter_rows(named=True)]


def settlement_counts(table: pl.DataFrame) -> list[SettlementCount]:
    """Count the sourced settlements since 1648 by who negotiated them."""
    known = table.filter(pl.col("tier").is_in(SOURCED), pl.col("signed") >= FIRST_SETTLEMENT)
    counts = known.group_by(pl.col("negotiated_by").fill_null("not read")).len()
    return [
        SettlementCount(negotiated_by=name, settlements=n)
        for name, n in counts.sort("len", "negotiated_by", descending=[True, False]).iter_rows()
    ]


def case_reference(case: Case, meetings: pl.DataFrame) -> CaseReference:
    """Return the meetings like the case that a record reaches, or the reason why none does."""
    around = _around(case, meetings)
    if case.record is None:
        return CaseReference(
            reached=False,
            reason=case.no_record,
            description="So no share and no rate is given.",
            series=[],
            summary=[],
            listed=around,
            notes=_notes(around),
        )
    table = reference.shipped_reference()
    met, alone = (_of_pair(table, case.record, kind) for kind in ("meeting", "control"))
    return CaseReference(
        reached=True,
        reason=None,
        description=(
            f"The {met.height} meetings of effective leaders of the two that the State "
            f"Department's record names from {case.record.first.year} to "
            f"{case.record.last.year}, and beside them {alone.height} days of the same years, 1 "
            "July each, with no meeting of heads on record within a year on either side."
        ),
        series=[_series(row) for row in met.iter_rows(named=True)],
        summary=_summary(met, alone),
        listed=around,
        notes=[
            "One pair of states: its meetings are not independent, their windows overlap, and "
            "there are no other pairs to take an interval over. So none is given.",
            "Days are those of the journey or visit as recorded, not of the talks.",
            "A case with a dispute under way on its day is not at risk of a new one and is left "
            "out of the counts.",
            *_notes(around),
        ],
    )


def _problem(table: pl.DataFrame, key: str) -> str | None:
    tiers = table.filter(pl.col("id") == key)["tier"]
    if tiers.is_empty():
        return f"{key!r} is no row of the chronology"
    if tiers[0] not in SOURCED:
        return (
            f"{key!r} is of tier {tiers[0]}, which nobody has checked: a case tells tiers A and B "
            "only"
        )
    return None


def _meeting(row: dict[str, Any]) -> CaseMeeting:
    kept = ("id", "start", "end", "precision", "place", "level", "status", "reason", "parties")
    more = ("persons", "occasion", "under_way", "outcome", "agreements", "tier", "confidence")
    return CaseMeeting(
        **{name: row[name] for name in (*kept, *more, "note")},
        when=when(row["start"], row["end"], row["precision"]),
        citation=row["source"],
        locator=row["source_locator"],
    )


def _settlement(row: dict[str, Any]) -> CaseSettlement:
    war = str(row["broken_war"] or "").removeprefix("war:")
    by = row["broken_by"] or (f"war {war} of the COW record" if war else "")
    broken = [part for part in (partial_name(row["broken_on"] or ""), by) if part]
    kept = ("id", "war", "treaty", "signed", "parties", "negotiated_by", "negotiators", "channel")
    return CaseSettlement(
        **{name: row[name] for name in (*kept, "talks_days", "battle_deaths", "tier", "note")},
        when=when(row["signed"], row["signed"], "day"),
        exhaustion=_joined(row["exhaustion_note"], row["exhaustion_source"]),
        broken=": ".join(broken) or None,
        citation=row["source"],
        locator=row["source_locator"],
    )


def _joined(note: str | None, source: str | None) -> str | None:
    return f"{note} ({source})" if note and source else note


def _around(case: Case, table: pl.DataFrame) -> list[CaseMeeting]:
    """Other sourced meetings of two or more of the parties, within the case's years around it."""
    codes = [party.ccode for party in case.parties if party.ccode is not None]
    if not case.around_years or len(codes) < 2:
        return []
    reach = dt.timedelta(days=365.25 * case.around_years)
    near = table.filter(
        pl.col("tier").is_in(SOURCED),
        ~pl.col("id").is_in(case.meetings),
        pl.col("start") <= case.end + reach,
        pl.col("end") >= case.date - reach,
        pl.col("party_codes").list.set_intersection(codes).list.drop_nulls().list.len() >= 2,
    )
    return [_meeting(row) for row in near.sort("start", "id").iter_rows(named=True)]


def _notes(around: list[CaseMeeting]) -> list[str]:
    if not around:
        return []
    return [
        "The chronology before 1943 is a sample of the meetings that were remembered, not a "
        "record of all: it is listed, and no rate is taken from it."
    ]


def _of_pair(table: pl.DataFrame, pair: Pair, kind: str) -> pl.DataFrame:
    return table.filter(
        pl.col("kind") == kind,
        pl.col("ccode1") == pair.ccode1,
        pl.col("ccode2") == pair.ccode2,
        pl.col("date").is_between(pair.first, pair.last),
    ).sort("date", "id")


def _series(row: dict[str, Any]) -> SeriesMeeting:
    return SeriesMeeting(
        id=row["id"],
        date=row["date"],
        place=row["place"] or "place not given",
        persons=[p.strip() for p in (row["persons"] or "").split(";") if p.strip()],
        outcomes={
            str(h): {o: row[f"{o}_{h}"].replace("_", " ") for o in reference.OUTCOMES}
            for h in reference.HORIZONS
        },
        years_to_dispute=row["years_to_dispute"],
        years_to_war=row["years_to_war"],
        observed_to=RECORD_END,
    )


def _summary(met: pl.DataFrame, alone: pl.DataFrame) -> list[SummaryRow]:
    groups = (("met", met), ("not met", alone))
    return [
        _count(table, outcome, horizon, cast(Literal["met", "not met"], group))
        for outcome in reference.OUTCOMES
        for horizon in reference.HORIZONS
        for group, table in groups
    ]


def _count(
    table: pl.DataFrame, outcome: str, horizon: int, group: Literal["met", "not met"]
) -> SummaryRow:
    column = f"{outcome}_{horizon}"
    status, seen = table[column], table.filter(pl.col(column).is_in(["yes", "no"]))
    events, n = int((status == "yes").sum()), seen.height
    under = int((status == "under way").sum())
    pairs = seen.select(PAIR).unique().sort(PAIR).iter_rows()
    reason = too_few(1) if n else "no case at risk"
    return SummaryRow(
        horizon=horizon,
        outcome=outcome,
        group=group,
        n=n,
        censored=table.height - n - under,
        under_way=under,
        dyads=int(n > 0),
        pairs=[pair_label(*pair) for pair in pairs],
        apart=windows_apart(seen, horizon),
        events=events,
        estimate=Quantity(
            value=events / n if n else None,
            unit="probability",
            reason=reason,
        ),
        method=f"count; {reason}",
    )
