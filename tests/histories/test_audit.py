import json

import polars as pl
import pytest

from detente.histories import Audit
from detente.histories.audit import audit, build_audit

from .conflict_tables import disputes, states, tables, wars
from .test_rungs_system import contiguity, majors

MEMBERS = states(*((c, "1816-01-01", "2017-01-01") for c in (1, 2, 3, 4)))
LISTED = wars(
    (5, 1, 1, "1904-02-01", "1905-03-03"),
    (5, 2, 2, "1904-02-01", "1905-03-03"),
    (5, 3, 2, "1904-02-01", "1905-03-03"),
    (5, 4, 2, "1904-02-01", "1905-03-03"),
)
DISPUTES = disputes(
    # A war in the list; a one-day dispute; a war with a state that the list does not know;
    # two of opposite sides that are short of war.
    {"dispnum": 1, "start": (1904, 1, 10), "end": (1905, 3, 3), "war": (1904, 1905)},
    {"dispnum": 2, "start": (1950, 5, 5), "end": (1950, 5, 5), "settlement": 3},
    {
        "dispnum": 3,
        "ccode1": 2,
        "ccode2": 3,
        "start": (1960, 1, 10),
        "end": (1961, 3, 31),
        "war": (1960, 1960),
        "orig": (True, False),
    },
    {"dispnum": 1, "ccode2": 3, "start": (1904, 4, 2), "end": (1904, 5, 3)},
)


@pytest.fixture(scope="module")
def made() -> Audit:
    extra = {"meetings": pl.DataFrame({"level": ["leader"]})}
    return build_audit(
        *tables(DISPUTES, wars=LISTED),
        MEMBERS,
        contiguity((1, 2, 1, "1816-01-01", "2017-01-01")),
        majors((3, "1816-01-01", "1950-01-01")),
        extra=extra,
    )


def figure(made: Audit, name: str) -> float:
    return dict(made.tables["overview"].rows())[name]


def test_headline_counts(made: Audit):
    assert figure(made, "dyad-disputes") == 4
    assert figure(made, "dyad-wars") == 2
    assert figure(made, "one-day dyad-disputes") == 1
    # One end (31 March 1961) of eight is imputed.
    assert figure(made, "share of dyad-dispute days imputed") == 1 / 8
    assert figure(made, "spells of war") == 2
    # Only 1 and 2 are near; 3 is a major power until 1950.
    assert figure(made, "spells of war, politically relevant") == 1
    assert figure(made, "spells of dispute, politically relevant") == 3


def test_every_dyad_war_is_matched_or_has_a_reason(made: Audit):
    rows = made.tables["wars"].select("dispnum", "matched", "reason").rows()
    assert rows == [
        (1, True, None),
        (3, False, "neither is in a COW inter-state war in these days"),
    ]


def test_every_opposing_pair_is_matched_or_has_a_reason(made: Audit):
    rows = made.tables["cow_pairs"].select("ccode1", "ccode2", "reason").rows()
    assert rows == [
        (1, 2, None),
        (1, 3, "Dyadic MID has the two short of war"),
        (1, 4, "Dyadic MID has no dispute of the two in these days"),
    ]


def test_wars_of_one_side_are_said_to_be():
    rows = disputes(
        {
            "dispnum": 1,
            "ccode1": 2,
            "start": (1904, 4, 2),
            "end": (1904, 5, 3),
            "war": (1904, 1904),
            "ccode2": 3,
        }
    )
    one = build_audit(
        *tables(rows, wars=LISTED),
        MEMBERS,
        contiguity((1, 2, 1, "1816-01-01", "2017-01-01")),
        majors((3, "1816-01-01", "1950-01-01")),
    )
    assert one.tables["wars"]["reason"].to_list() == [
        "same COW war, but on one side or at different times"
    ]


def test_disputes_of_states_outside_the_system_are_listed():
    few = states((1, "1816-01-01", "2017-01-01"), (2, "1816-01-01", "1940-01-01"))
    left = build_audit(
        *tables(DISPUTES, wars=LISTED),
        few,
        contiguity((1, 2, 1, "1816-01-01", "2017-01-01")),
        majors((1, "1816-01-01", "1950-01-01")),
    ).tables["left_out"]
    assert left["dispnum"].to_list() == [1, 2, 3]
    assert left.filter(pl.col("dispnum") == 1)["ccode2"].to_list() == [3]


def test_plain_values_for_json(made: Audit):
    plain = made.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["wars"][0]["start"] == "1904-01-10"
    assert plain["meetings"] == [{"level": "leader"}]


def test_extra_tables_cannot_replace_our_own():
    with pytest.raises(ValueError, match="names of the audit's own tables"):
        build_audit(
            *tables(DISPUTES, wars=LISTED),
            MEMBERS,
            contiguity((1, 2, 1, "1816-01-01", "2017-01-01")),
            majors((3, "1816-01-01", "1950-01-01")),
            extra={"wars": pl.DataFrame()},
        )


@pytest.fixture(scope="module")
def record(mirror: str) -> Audit:
    assert mirror
    return audit()


@pytest.mark.data
def test_dyad_wars_of_the_record_come_from_few_disputes(record: Audit):
    # Counted independently in the specification: 306 dyad-wars, 103 disputes, 44% from five.
    assert figure(record, "dyad-wars") == 306
    assert figure(record, "disputes with a dyad-war") == 103
    assert round(record.tables["concentration"]["share_so_far"][4], 2) == 0.44


@pytest.mark.data
def test_us_disputes_since_1946_mostly_just_stop(record: Audit):
    # Counted independently in the specification: 211 of 267 ended with no settlement.
    counts = record.tables["settlements_usa"].select("settlement", "dyad_disputes").rows()
    assert dict(counts)["none"] == 211
    assert sum(n for _, n in counts) == 267


@pytest.mark.data
def test_each_unmatched_war_of_the_record_has_a_reason(record: Audit):
    for name in ("wars", "cow_pairs"):
        table = record.tables[name]
        assert (table["matched"] == table["reason"].is_null()).all()
    assert record.tables["wars"].height == 306
