"""The summary of a sourced case in a terminal."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.text import Text

from detente.assessments.case_prose import compose_case, span_name
from detente.assessments.case_schema import CaseAssessment, CaseFact
from detente.reports.terminal import WIDTH, first_sentence, section, table


def render_case_terminal(document: CaseAssessment, console: Console) -> None:
    """Print the summary of a sourced case: about fifty lines of 80 to 100 columns.

    Parameters
    ----------
    document
        The case; its sentences are computed anew from its values.
    console
        Where it goes; its width is kept, up to 100 columns.
    """
    a, prose = document, compose_case(document)
    scenario = a.meta.scenario
    unknown = [f"{x.question} {first_sentence(x.reason)}" for x in a.not_estimated]
    parts: list[RenderableType] = [
        Text(scenario.title, style="bold"),
        Text(f"A sourced case, not a forecast: {scenario.when}", style="dim"),
        *section("In short", prose["headline"][1:]),
        *section("The essay's claim, here a hypothesis", [scenario.claim]),
        *section("What the record says to it", [scenario.bearing]),
        *section("What is recorded", []),
        _facts([f for f in a.facts if f.part != "after"]),
        *section("What followed", []),
        _facts([f for f in a.facts if f.part == "after"]),
        *section("Meetings like it", prose["reference"]),
        *section("The settlement", prose["settlement"]),
        *section("What this cannot tell", unknown),
    ]
    console.print(Group(*parts), width=min(console.width, WIDTH), highlight=False, markup=False)


def _facts(facts: list[CaseFact]) -> RenderableType:
    if not facts:
        return Text("  Nothing among the facts read.")
    made = table("when", "what", "tier", wrap=True)
    for fact in facts:
        after = "" if fact.years_after is None else f" ({span_name(fact.years_after)} after)"
        tier = fact.tier if fact.doubt is None else f"{fact.tier}?"
        made.add_row(Text(fact.when), Text(fact.label + after), Text(tier))
    if all(fact.doubt is None for fact in facts):
        return made
    return Group(made, Text("  ? a doubt, or sources that disagree: see the report", style="dim"))
