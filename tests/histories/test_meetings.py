"""Meetings read by hand-made entries of the record."""

import datetime as dt

import polars as pl
import pytest

from detente.core.errors import InputError
from detente.histories.leaders import effective_leaders, match_name
from detente.histories.meetings import Recorded, recorded, us_meetings
from detente.sources.chronology.mentions import mentions
from detente.sources.chronology.occasions import occasion

day = dt.date.fromisoformat

LEADERS = pl.DataFrame(
    [
        ("R1", "Khrushchev", 365, day("1953-03-20"), day("1964-10-15"), False),
        ("R2", "Brezhnev", 365, day("1964-10-15"), day("1982-11-11"), False),
        ("A1", "Gorbach", 305, day("1961-04-11"), day("1964-04-03"), False),
        ("B1", "Wilson", 200, day("1964-10-16"), day("1970-06-20"), False),
        ("T1", "Erdogan", 640, day("2003-03-14"), day("2014-08-29"), False),
        ("T2", "Davutoglu", 640, day("2014-08-28"), day("2016-01-01"), True),
    ],
    schema={
        "obsid": pl.String,
        "leader": pl.String,
        "gwcode": pl.Int32,
        "start": pl.Date,
        "stop": pl.Date,
        "censored": pl.Boolean,
    },
    orient="row",
)
CODES = (2, 365, 305, 200, 640)
GW_COW = pl.DataFrame(
    [(c, c, y) for c in CODES for y in range(1900, 2021)],
    schema={"gwcode": pl.Int32, "ccode": pl.Int32, "year": pl.Int32},
    orient="row",
)
STATES = pl.DataFrame(
    [(c, day("1816-01-01"), day("2017-01-01"), True) for c in CODES],
    schema={"ccode": pl.Int32, "start": pl.Date, "stop": pl.Date, "censored": pl.Boolean},
    orient="row",
)


def trip(number: int, start: str, stop: str, country: str, remarks: str, role: str = "president"):
    return {
        "record_id": f"travels/{number}",
        "role": role,
        "traveller": "John F. Kennedy",
        "start": day(start),
        "stop": day(stop),
        "country_id": country,
        "country": country.title(),
        "locale": "Somewhere",
        "remarks": remarks,
    }


def visit(number: int, start: str, stop: str, visitor: str, country: str, description: str):
    return {
        "record_id": f"visits/{number}",
        "start": day(start),
        "stop": day(stop),
        "visitor": visitor,
        "country_id": country,
        "country": country.title(),
        "description": description,
    }


TRAVELS = {
    k: pl.Date if k in ("start", "stop") else pl.String
    for k in trip(1, "1900-01-01", "1900-01-02", "x", "")
}
VISITS = {
    k: pl.Date if k in ("start", "stop") else pl.String
    for k in visit(1, "1900-01-01", "1900-01-02", "x", "x", "")
}


def read(trips=(), visits=()) -> pl.DataFrame:
    return us_meetings(
        pl.DataFrame(list(trips), schema=TRAVELS),
        pl.DataFrame(list(visits), schema=VISITS),
        leaders=LEADERS,
        gw_cow=GW_COW,
        states=STATES,
    )


def levels(table: pl.DataFrame) -> dict[str, str]:
    return dict(table.select("counterpart", "level").iter_rows())


def test_a_leader_met_in_a_third_country_is_a_leaders_meeting() -> None:
    table = read(
        [
            trip(
                1,
                "1961-06-03",
                "1961-06-05",
                "austria",
                "Met with President Schaerf and held talks with Soviet Premier Khrushchev.",
            )
        ]
    )
    assert levels(table) == {"russia": "leader", "austria": "ceremonial"}
    soviet = table.filter(pl.col("counterpart") == "russia").row(0, named=True)
    assert (soviet["ccode1"], soviet["ccode2"], soviet["named"]) == (2, 365, True)
    assert (soviet["name_match"], soviet["multilateral"]) == ("exact", False)
    assert soviet["source_record_ids"] == ["travels/1"]


def test_a_head_who_is_not_the_effective_leader_is_kept_but_not_counted() -> None:
    table = read(
        visits=[
            visit(
                1,
                "1967-06-23",
                "1967-06-26",
                "Chairman Aleksei N. Kosygin",
                "russia",
                "Informal meetings with President Johnson.",
            )
        ]
    )
    assert levels(table) == {"russia": "ceremonial"}


def test_an_envoys_meeting_beside_a_leaders_meeting_is_part_of_it() -> None:
    met = trip(
        1, "1972-05-22", "1972-05-31", "russia", "State visit; met with General Secretary Brezhnev."
    )
    beside = trip(
        2, "1972-05-22", "1972-05-31", "russia", "Met with Foreign Minister Gromyko.", "secretary"
    )
    # The last day of the leaders' meeting is 30 May: 6 June is seven days later, 7 June eight.
    seventh = trip(
        3, "1972-06-06", "1972-06-07", "russia", "Met with Foreign Minister Gromyko.", "secretary"
    )
    eighth = trip(
        4, "1972-06-07", "1972-06-08", "russia", "Met with Foreign Minister Gromyko.", "secretary"
    )
    kept = read([met, beside, seventh, eighth])
    assert kept["meeting_id"].to_list() == ["us-travels-1", "us-travels-4"]


def test_a_minister_abroad_is_the_minister_of_the_country_the_record_names() -> None:
    table = read(
        [
            trip(
                1,
                "1969-05-01",
                "1969-05-02",
                "austria",
                "Met with Soviet Foreign Minister Gromyko.",
                "secretary",
            ),
            trip(
                2,
                "1970-05-01",
                "1970-05-02",
                "austria",
                "Met with Foreign Minister Gromyko.",
                "secretary",
            ),
        ]
    )
    assert table["counterpart"].to_list() == ["russia", "russia"]
    assert set(table["level"]) == {"envoy"}


def test_a_gathering_with_no_talks_named_is_a_congress() -> None:
    table = read(
        [trip(1, "1969-05-01", "1969-05-02", "united-kingdom", "Attended NATO Summit Meeting.")],
        [
            visit(
                1,
                "1970-10-24",
                "1970-10-25",
                "Prime Minister Wilson",
                "united-kingdom",
                "Attended White House dinner on 25th Anniversary of the U.N.",
            )
        ],
    )
    assert set(table["level"]) == {"congress"}
    assert table["multilateral"].all()


@pytest.mark.parametrize(
    "text",
    [
        "Overnight stop en route to Casablanca.",
        "Fishing trip.",
        "Conferred with General Eisenhower.",
    ],
)
def test_a_stop_is_no_meeting(text: str) -> None:
    assert read([trip(1, "1969-05-01", "1969-05-02", "united-kingdom", text)]).is_empty()


def test_a_private_visit_counts_only_if_talks_are_named() -> None:
    alone = visit(
        1, "1969-05-01", "1969-05-02", "Prime Minister Wilson", "united-kingdom", "Private visit."
    )
    talked = alone | {"description": "Met with President Nixon during a private visit."}
    assert read(visits=[alone]).is_empty()
    assert levels(read(visits=[talked])) == {"united-kingdom": "leader"}


def test_a_president_elect_of_the_united_states_is_no_leader_yet() -> None:
    text = "Met with Prime Minister Wilson. [Visit made as President-elect.]"
    assert levels(read([trip(1, "1968-12-01", "1968-12-02", "united-kingdom", text)])) == {
        "united-kingdom": "ceremonial"
    }


def test_after_archigos_a_leader_known_before_is_known_by_name() -> None:
    table = read(
        visits=[
            visit(
                1,
                "2017-05-16",
                "2017-05-17",
                "President Recep Tayyip Erdoğan",
                "turkey",
                "Working visit.",
            )
        ]
    )
    row = table.row(0, named=True)
    assert (row["level"], row["leader_checked"]) == ("leader", False)


def test_two_entries_of_one_stay_are_one_meeting() -> None:
    table = read(
        visits=[
            visit(
                1,
                "1969-05-01",
                "1969-05-05",
                "Prime Minister Wilson",
                "united-kingdom",
                "State visit.",
            ),
            visit(
                2,
                "1969-05-02",
                "1969-05-03",
                "Prime Minister Wilson",
                "united-kingdom",
                "Met with President Nixon.",
            ),
        ]
    )
    assert table["source_record_ids"].to_list() == [["visits/1", "visits/2"]]


def test_recorded_windows_are_half_open_and_refuse_other_levels() -> None:
    assert recorded("leader") == Recorded(day("1906-11-14"), day("2024-12-03"))
    assert recorded("envoy").stop == day("2025-02-20")
    with pytest.raises(InputError, match="unknown level 'congress'"):
        recorded("congress")  # type: ignore[arg-type]


def test_mentions_give_office_name_and_country() -> None:
    found = mentions(
        "Attended funeral of Chancellor Adenauer; met with Egyptian President Sadat and Foreign "
        "Minister Fahmy, and with King Hussein of Jordan. Saw UN Secretary General Thant."
    )
    assert [(m.office, m.name, m.country_id) for m in found] == [
        ("state", "Sadat", "egypt"),
        ("minister", "Fahmy", "egypt"),
        ("monarch", "Hussein", "jordan"),
    ]


def test_the_country_of_a_person_of_two_offices_stands_in_the_first():
    (met,) = mentions(
        "Met with Director of the Chinese Communist Party Central Foreign Affairs Commission and "
        "Foreign Minister Wang Yi."
    )
    assert (met.office, met.name, met.country_id) == ("minister", "Wang Yi", "china")
    (host,) = mentions(
        "Met with the Director of the Chinese library, and Foreign Minister Wang Yi."
    )
    assert host.country_id is None


def test_lists_of_offices_are_met_or_gathered() -> None:
    met = mentions("Met with the Presidents of Peru, Colombia, and Bolivia.")
    assert [(m.country_id, m.gathered) for m in met] == [
        ("peru", False),
        ("colombia", False),
        ("bolivia", False),
    ]
    gathered = mentions(
        "Attended Summit of the Heads of State and Government of Canada and France."
    )
    assert [m.gathered for m in gathered] == [True, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Attended the funeral of Emperor Hirohito.", "funeral"),
        ("Attended the G\u20137 Summit Meeting.", "calendar"),
        ("Met with President Clinton at the UN General Assembly.", "calendar"),
        ("Summit meeting with President Yeltsin.", "ad hoc"),
        ("State visit.", None),
    ],
)
def test_occasions(text: str, expected: str | None) -> None:
    assert occasion(text) == expected


@pytest.mark.parametrize(
    ("name", "leader", "expected"),
    [
        ("Leonid I. Brezhnev", "Brezhnev", "exact"),
        ("Francois Mitterrand", "Mitterand", "close"),
        ("Mohammed VI", "Muhammad VI", "exact"),
        ("Kim Jong Pil", "Hee Park", None),
        ("Kim Young Sam", "Kim Dae Jung", None),
        ("Mackenzie King", "King", "exact"),
        ("Bulganin", "Khrushchev", None),
    ],
)
def test_names_match_by_telling_words(name: str, leader: str, expected: str | None) -> None:
    assert match_name(name, leader) == expected


def test_leaders_change_code_with_the_bridge() -> None:
    leaders = LEADERS.head(1).with_columns(pl.lit(260, dtype=pl.Int32).alias("gwcode"))
    bridge = pl.DataFrame(
        [(260, None, 1953), (260, None, 1954), *((260, 260, y) for y in range(1955, 1965))],
        schema={"gwcode": pl.Int32, "ccode": pl.Int32, "year": pl.Int32},
        orient="row",
    )
    table = effective_leaders(leaders, bridge)
    assert table.select("ccode", "start", "stop").rows() == [
        (260, day("1953-03-20"), day("1964-10-15"))
    ]
