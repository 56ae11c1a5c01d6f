"""The codebook: the columns of the tables of the chronology, and the values they may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it says, and the values it may take where they are few.

    ``required`` columns are never empty.
    """

    name: str
    meaning: str
    choices: tuple[str, ...] = ()
    required: bool = False


LEVELS = ("leader", "ceremonial", "envoy", "congress")
STATUSES = ("held", "cancelled", "refused")
PRECISIONS = ("day", "within", "month", "year", "unknown")
OCCASIONS = ("calendar", "funeral", "ad hoc")
OUTCOMES = ("none", "communique", "limited", "major agreement", "settlement")
TIERS = ("A", "B", "C")
CONFIDENCES = ("high", "medium", "low")
SOURCE_KINDS = (
    "record",
    "dataset",
    "document",
    "chronology",
    "book",
    "article",
    "page",
    "memory",
)
NEGOTIATORS = ("leaders", "envoys", "both")
ENDINGS = ("absorbed", "cease-fire", "conquest", "faded", "withdrawal")
CHECKED = ("meetings", "settlements")
DRAWS = ("random", "reference class")
RESULTS = ("agrees", "closer", "corrected", "not found")

_PARTIES = (
    Column(
        "parties",
        "states, by their usual English names of the time, in alphabetical order",
        required=True,
    ),
    Column(
        "party_codes",
        "COW code of each party in the same order, `-` where there is none; before 1816 the code "
        "of the state that has one later, where it is the same state (255 for Prussia, 300 for "
        "Austria)",
        required=True,
    ),
)
_SOURCE = (
    Column("source", "author or organisation, title, year"),
    Column(
        "source_kind",
        "`record` (an official record), `dataset`, `document` (treaty text, official statement), "
        "`chronology` (a published list), `book`, `article`, `page` (web page, encyclopedia), "
        "`memory` (tier C only)",
        SOURCE_KINDS,
        required=True,
    ),
    Column(
        "source_locator",
        "ids of the record (`travels/2847`, `visits/202`), or the address; page or entry only if "
        "seen",
    ),
    Column(
        "tier",
        "`A`: matched to an official record or a dataset; `B`: a source that was opened, with "
        "what it says in the note; `C`: a candidate nobody checked, out of every estimate",
        TIERS,
        required=True,
    ),
    Column(
        "confidence",
        "`high` (the source states it plainly), `medium` (some inference), `low` (sources "
        "disagree, or the source is weak)",
        CONFIDENCES,
        required=True,
    ),
    Column("note", "what a tier-B source says, in our words; differences between sources; doubts"),
)

MEETING_COLUMNS: tuple[Column, ...] = (
    Column(
        "id",
        "permanent: `YYYY-MM-place-parties` as first entered, `00` for an unknown month, `unset` "
        "for an unknown place; where a better source moved the day, `start` counts",
        required=True,
    ),
    Column(
        "start",
        "first day (ISO, proleptic Gregorian); of one not held, the first day it was to take "
        "place, or where none was set the day it was called off or declined",
    ),
    Column("end", "last day, itself included"),
    Column(
        "precision",
        "`day`: these are the days; `within`: it lay inside these days (a journey, a gathering); "
        "`month`, `year`: the whole month or year is given; `unknown`: both days empty (tier C "
        "only)",
        PRECISIONS,
        required=True,
    ),
    Column("place", "town or other place, in English; empty where none was set or read"),
    Column("place_ccode", "COW code of the state that held the place"),
    Column(
        "level",
        "`leader`: effective leaders of at least two parties took part; `ceremonial`: one side "
        "sent a head without the power, one elected but not in office, a deputy; `envoy`: no two "
        "effective leaders, ministers on at least one side; `congress`: three or more powers, no "
        "talks of leaders named",
        LEVELS,
        required=True,
    ),
    *_PARTIES,
    Column("persons", "`Name (code)` of each person whom the source names, `-` for no code"),
    Column(
        "status",
        "`held`; `cancelled`: agreed by both, then not held or broken off before its agenda was "
        "opened; `refused`: proposed by one, declined or left unanswered by the other",
        STATUSES,
        required=True,
    ),
    Column("reason", "why it was not held; filled if and only if it was not"),
    Column(
        "occasion",
        "`calendar`: the date was fixed by something else; `funeral`; `ad hoc`: called for itself",
        OCCASIONS,
    ),
    Column("announced", "day of the first public announcement, if a source gives it"),
    Column(
        "under_way",
        "conflict between the parties on the first day in the words of the source, or ids "
        "(`war:139`, `icb:64`); `none` only if looked up; empty: unknown. Where the record of "
        "disputes reaches, `under_way_record` is computed from it when the table is read",
    ),
    Column(
        "initiator",
        "the party or parties (`; `) that proposed it, named as in `parties`, or `third: NAME` for "
        "a mediator, who is none of them, if a source says so",
    ),
    Column("agenda", "short phrases"),
    Column(
        "outcome",
        "what the meeting itself gave: `none` (no agreed text), `communique` (no commitment of "
        "substance), `limited` (single matters), `major agreement` (arms control, normalisation, "
        "alliance, border), `settlement` (ends a war or settles its consequences); empty: not "
        "established",
        OUTCOMES,
    ),
    Column("agreements", "names of the texts signed or agreed there"),
    *_SOURCE,
)
"""Columns of ``meetings.csv``, in the order of the file."""

SETTLEMENT_COLUMNS: tuple[Column, ...] = (
    Column("id", "permanent: `YYYY-MM-DD-place`, the day of the signature", required=True),
    Column("war", "usual English name of the war", required=True),
    Column("cow_war", "number in COW's inter-state wars"),
    Column("start", "first day or year of the war between these parties"),
    Column("end", "last day or year of the war"),
    *_PARTIES,
    Column("signed", "day of the signature (ISO, proleptic Gregorian)", required=True),
    Column("precision", "as for meetings", PRECISIONS, required=True),
    Column("place", "where it was signed"),
    Column("treaty", "name of the treaty"),
    Column(
        "negotiated_by",
        "`leaders`: effective leaders on both sides; `envoys`; `both`: an effective leader in "
        "person on at least one side, envoys beside",
        NEGOTIATORS,
    ),
    Column("negotiators", "who, where a source names them"),
    Column("channel", "how the two sides talked, in a phrase"),
    Column("talks_start", "first day, month or year of the talks that ended in it"),
    Column("talks_end", "last day of the talks"),
    Column("talks_days", "days from first to last, where both are days"),
    Column("battle_deaths", "deaths in battle in the whole war, all sides together"),
    Column("exhaustion_note", "what a source says of the state of the two sides"),
    Column("exhaustion_source", "where the two columns before come from"),
    Column("broken_on", "day, month or year of the next war or breach between former enemies"),
    Column("broken_by", "what broke it, in a phrase"),
    Column("broken_war", "that war, `war:NNN` in COW's list or by name"),
    *_SOURCE,
)
"""Columns of ``settlements.csv``, in the order of the file."""

UNSETTLED_COLUMNS: tuple[Column, ...] = (
    Column("cow_war", "number in COW's inter-state wars", required=True),
    Column("war", "usual English name of the war", required=True),
    Column(
        "ended",
        "`conquest`: one side's government or army was overthrown and no text was signed with it; "
        "`withdrawal`: one side went home; `cease-fire`: fire stopped by a declaration of one side "
        "or at the call of a third; `faded`: it stopped by and by; `absorbed`: it went on as "
        "another war",
        ENDINGS,
        required=True,
    ),
    Column("reason", "how it ended, in our words, and what was not found", required=True),
    Column("source", "author or organisation, title, year", required=True),
    Column("source_locator", "the address, or the dataset and its file", required=True),
    Column(
        "confidence",
        "as for meetings: that there is no text is a finding of a search, never certain",
        CONFIDENCES,
        required=True,
    ),
)
"""Columns of ``unsettled_wars.csv``, in the order of the file."""

CHECK_COLUMNS: tuple[Column, ...] = (
    Column("table", "the table of the row that was checked", CHECKED, required=True),
    Column("id", "its id there; a row is checked once", required=True),
    Column(
        "draw",
        "`random`: drawn at random from the settlements, or from the meetings of tier B; "
        "`reference class`: one of the other meetings of adversaries since 1945 in the reference "
        "class that shipped then",
        DRAWS,
        required=True,
    ),
    Column(
        "result",
        "what a source that the row did not name says. `agrees`: the same; `closer`: closer days, "
        "which were taken over; `corrected`: the row was wrong and was mended; `not found`: no "
        "such source could be opened",
        RESULTS,
        required=True,
    ),
    Column(
        "wrong",
        "the columns of the row that were wrong (`start` of a settlement is the first year of its "
        "war); filled if and only if it was corrected",
    ),
    Column(
        "days_off",
        "by how many days the first or the last day of a meeting was wrong, the larger of the two; "
        "filled if and only if one was",
    ),
    Column("source", "that source, in short; empty if and only if none was found"),
    Column("source_locator", "its address, where that was kept"),
)
"""Columns of ``checks.csv``, in the order of the file."""
