"""From a sourced case and the records to a document: no model, no forecast."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import detente
from detente.assessments import case_record
from detente.assessments.case_days import when, window, years_after
from detente.assessments.case_prose import with_case_prose
from detente.assessments.case_schema import (
    CaseAssessment,
    CaseChannel,
    CaseFact,
    CaseMeta,
    CaseParty,
    CaseScenario,
    NotEstimated,
)
from detente.assessments.schema import Source
from detente.assessments.similar import reference_sources
from detente.scenarios.case import Case, CaseSource, Fact
from detente.sources.chronology import load_meetings, load_settlements

CHRONOLOGY = Source(
    id="chronology",
    citation="detente, chronology of leaders' meetings and settlements: rows by id, each with its "
    "own source and tier; docs/chronology.md has the rules.",
    url=None,
)


def assess_case(
    case: Case,
    *,
    meetings: pl.DataFrame | None = None,
    settlements: pl.DataFrame | None = None,
    chronology: str | Path | None = None,
) -> CaseAssessment:
    """Gather what is recorded of a case: facts, meetings, what followed, the settlement.

    Parameters
    ----------
    case
        A validated case.
    meetings, settlements
        Tables as :func:`detente.sources.chronology.load_meetings` and
        :func:`~detente.sources.chronology.load_settlements` return them; the shipped ones where
        none are given.
    chronology
        A CSV file of more meetings, added to the shipped ones.

    Raises
    ------
    ScenarioError
        If the case names a row that the chronology lacks, or one of tier C.

    Notes
    -----
    Its numbers are counts of the record or spans between sourced days. Nothing is estimated by
    a model, and a question without a number is listed with the reason.

    Examples
    --------
    >>> from detente.scenarios import load_case
    >>> assess_case(load_case("tilsit-1807")).meetings[0].id
    '1807-06-tilsit-fra-rus'
    """
    meetings = load_meetings(chronology) if meetings is None else meetings
    settlements = load_settlements() if settlements is None else settlements
    case_record.check_rows(case, meetings, settlements)
    return with_case_prose(
        CaseAssessment(
            meta=_meta(case),
            parties=[
                CaseParty(name=p.name, ccode=p.ccode, persons=list(p.persons), note=p.note)
                for p in case.parties
            ],
            facts=[_fact(case, fact, i) for i, fact in enumerate(_ordered(case), start=1)],
            channels=[
                CaseChannel(
                    name=c.name,
                    state=c.state,
                    text=c.text,
                    source_ids=list(c.sources),
                    tier=c.tier,
                )
                for c in case.channels
            ],
            meetings=case_record.case_meetings(case, meetings),
            no_meeting=case.no_meeting,
            reference=case_record.case_reference(case, meetings),
            settlements=case_record.case_settlements(case, settlements),
            no_settlement=case.no_settlement,
            settlement_counts=case_record.settlement_counts(settlements),
            not_estimated=[
                NotEstimated(question=u.question, reason=u.reason) for u in case.unknown
            ],
            limits=_limits(case),
        )
    )


def check_case(case: Case, *, chronology: str | Path | None = None) -> None:
    """Raise unless every row that a case names is one of the chronology that may be told.

    Parameters
    ----------
    case
        A validated case.
    chronology
        A CSV file of more meetings, added to the shipped ones.

    Raises
    ------
    ScenarioError
        As :func:`assess_case` raises it: one line for each such row.

    Examples
    --------
    >>> from detente.scenarios import load_case
    >>> check_case(load_case("tilsit-1807"))
    """
    case_record.check_rows(case, load_meetings(chronology), load_settlements())


def _meta(case: Case) -> CaseMeta:
    records = [CHRONOLOGY, *([] if case.record is None else reference_sources())]
    return CaseMeta(
        package_version=detente.__version__,
        scenario=CaseScenario(
            name=case.name,
            title=case.title,
            date=case.date,
            date_precision=case.date_precision,
            end=case.end,
            when=case.when,
            summary=case.summary,
            claim=case.claim,
            bearing=case.bearing,
            fingerprint=case.fingerprint(),
        ),
        sources=[*(_source(s) for s in case.sources), *records],
    )


def _source(source: CaseSource) -> Source:
    parts = [source.author, *([] if source.year is None else [str(source.year)]), source.title]
    text = ". ".join(part.rstrip(".") for part in parts) + "."
    if source.entry:
        text += f" {source.entry}."
    if source.read:
        text += f" Read: {source.read}."
    return Source(id=source.id, citation=text, url=source.url)


def _ordered(case: Case) -> list[Fact]:
    """Facts by part and day, the undated at the end of their part."""
    parts = ("before", "at", "after")
    known = [(parts.index(f.part), f.start is None, f.start or case.end, f) for f in case.facts]
    return [row[-1] for row in sorted(known, key=lambda row: row[:3])]


def _fact(case: Case, fact: Fact, number: int) -> CaseFact:
    after = fact.part == "after"
    days = (fact.start, fact.end, fact.precision, fact.start_precision)
    span = years_after(case.end, *days) if after else None
    return CaseFact(
        id=f"fact-{number}",
        part=fact.part,
        kind=fact.kind,
        label=fact.label,
        start=fact.start,
        end=fact.end,
        precision=fact.precision,
        start_precision=fact.start_precision,
        when=when(*days),
        text=fact.text,
        doubt=fact.doubt,
        tier=fact.tier,
        confidence=fact.confidence,
        between=fact.between,
        source_ids=list(fact.sources),
        years_after=span,
        within=window(span),
    )


def _limits(case: Case) -> list[str]:
    return [
        "What would have happened otherwise: there is one history of the case, and no model here "
        "reaches it. No difference between meeting and not meeting is given.",
        "Why it happened: the sources say who met, when and what was signed; motives are theirs "
        "to argue.",
        "What nobody read: a fact that is missing here may be in works that were not opened. An "
        "empty cell is 'not established', never 'none'.",
        *case.notes,
    ]
