import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from detente.core.days import model_time
from detente.histories.risk import RiskTables, risk_tables

from .conflict_tables import date
from .small_worlds import features, meetings, on, relevant, spans, spells

WINDOW = (date("1850-01-01"), date("2015-01-01"))
TABLES = ("calm", "linked", "dispute", "war", "meetings")
# Powers of one half and logs of them, computed in another order.
ROUNDING = 1e-12


def build(
    lasting: pl.DataFrame,
    conflicts: pl.DataFrame,
    met: pl.DataFrame | None = None,
    *,
    window: tuple[dt.date, dt.date] = WINDOW,
    until: str = "2015-01-01",
    **covariates: list[tuple],
) -> RiskTables:
    met = meetings() if met is None else met
    return risk_tables(lasting, conflicts, met, window, features(**covariates), until=date(until))


def axis(text: str) -> float:
    days = (date(text) - date("1970-01-01")).days
    return float(model_time(np.array([days]))[0])


LADDER = (
    (10, 11, 1, "dispute", "1901-03-10", "1901-04-01", "initiation"),
    (10, 11, 1, "war", "1901-04-01", "1901-06-15", None),
    (10, 11, 1, "dispute", "1901-06-15", "1901-06-20", None),
    (10, 11, 2, "war", "1902-02-01", "1902-02-03", "joining"),
)
THREE_YEARS = (10, 11, "1900-01-01", "1903-01-01")


@pytest.fixture(scope="module")
def ladder() -> RiskTables:
    return build(relevant(THREE_YEARS), spells(*LADDER))


def test_up_and_down_the_ladder(ladder: RiskTables):
    assert spans(ladder.calm, "event") == [
        ("1900-01-01", "1901-01-01", None),
        ("1901-01-01", "1901-03-10", "dispute/initiation"),
        ("1901-06-20", "1902-01-01", None),
        ("1902-01-01", "1902-02-01", "war/joining"),
        ("1902-02-03", "1903-01-01", None),
    ]
    assert spans(ladder.dispute, "event") == [
        ("1901-03-10", "1901-04-01", "war"),
        ("1901-06-15", "1901-06-20", "calm"),
    ]
    # Wars and disputes are split each month.
    assert spans(ladder.war, "event") == [
        ("1901-04-01", "1901-05-01", None),
        ("1901-05-01", "1901-06-01", None),
        ("1901-06-01", "1901-06-15", "dispute"),
        ("1902-02-01", "1902-02-03", "calm"),
    ]
    assert ladder.linked.height == ladder.meetings.height == 0


def test_the_clock_starts_with_the_rung(ladder: RiskTables):
    entries = ladder.calm.sort("day")["entry"].to_list()
    expected = ["1900-01-01", "1900-01-01", "1901-06-20", "1901-06-20", "1902-02-03"]
    assert entries == [axis(d) for d in expected]
    assert ladder.dispute.sort("day")["entry"].to_list() == [
        axis(d) for d in ("1901-03-10", "1901-06-15")
    ]
    assert ladder.war.sort("day")["entry"].to_list() == [
        axis(d) for d in (*["1901-04-01"] * 3, "1902-02-01")
    ]


def test_the_first_dispute_ends_the_fresh_stratum(ladder: RiskTables):
    assert ladder.calm.sort("day")["fresh"].to_list() == [1, 1, 0, 0, 0]


def test_the_past_of_every_row(ladder: RiskTables):
    """Episodes begun and wars begun, decayed to the middle of the row as it was planned."""

    def decayed(row: dict, half_life: float, *days: str) -> float:
        middle = 0.5 * (row["start"] + axis(row["planned"]))
        return sum(0.5 ** ((middle - axis(d)) / half_life) for d in days)

    rows = {
        on(r["day"]): r for r in pl.concat([ladder.calm, ladder.dispute], how="diagonal").to_dicts()
    }
    assert rows["1901-01-01"]["disputes"] == rows["1901-01-01"]["wars"] == 0
    # The dispute that is under way is part of its own past, its later war not yet.
    first = rows["1901-03-10"] | {"planned": "1901-04-01"}
    assert first["disputes"] == pytest.approx(decayed(first, 5, "1901-03-10"), rel=ROUNDING)
    assert first["wars"] == 0
    short = rows["1901-06-15"] | {"planned": "1901-07-01"}
    assert short["disputes"] == pytest.approx(decayed(short, 5, "1901-03-10"), rel=ROUNDING)
    late = rows["1902-02-03"] | {"planned": "1903-01-01"}
    begun = ("1901-03-10", "1902-02-01")
    assert late["disputes"] == pytest.approx(decayed(late, 5, *begun), rel=ROUNDING)
    begun = ("1901-04-01", "1902-02-01")
    assert late["wars"] == pytest.approx(decayed(late, 10, *begun), rel=ROUNDING)


def test_relevance_that_begins_late_lapses_or_meets_an_onset():
    lasting = relevant(
        (10, 11, "1900-01-01", "1901-05-01"),  # lapses inside a war
        (10, 11, "1905-01-01", "1906-01-01"),  # and comes back
        (20, 21, "1900-01-01", "1901-05-01"),  # lapses on the day of an onset
        (30, 31, "1900-06-01", "1901-01-01"),  # begins inside a war
        (40, 41, "1900-06-01", "1900-09-01"),  # begins with one
    )
    conflicts = spells(
        (10, 11, 1, "war", "1901-04-01", "1901-06-15", "initiation"),
        (20, 21, 1, "war", "1901-05-01", "1901-05-03", "initiation"),
        (30, 31, 1, "war", "1900-05-01", "1900-07-01", "initiation"),
        (40, 41, 1, "war", "1900-06-01", "1900-07-01", "initiation"),
    )
    risk = build(lasting, conflicts)
    assert spans(risk.calm, "ccode1", "event", "entry") == [
        ("1900-01-01", "1901-01-01", 10, None, axis("1900-01-01")),
        ("1901-01-01", "1901-04-01", 10, "war/initiation", axis("1900-01-01")),
        ("1905-01-01", "1906-01-01", 10, None, axis("1901-06-15")),
        ("1900-01-01", "1901-01-01", 20, None, axis("1900-01-01")),
        ("1901-01-01", "1901-05-01", 20, "war/initiation", axis("1900-01-01")),
        ("1900-07-01", "1901-01-01", 30, None, axis("1900-07-01")),
        ("1900-07-01", "1900-09-01", 40, None, axis("1900-07-01")),
    ]
    # A war that began while the pair was relevant is followed to its end; one from before is not.
    assert spans(risk.war, "ccode1", "event") == [
        ("1901-04-01", "1901-05-01", 10, None),
        ("1901-05-01", "1901-06-01", 10, None),
        ("1901-06-01", "1901-06-15", 10, "calm"),
        ("1901-05-01", "1901-05-03", 20, "calm"),
        ("1900-06-01", "1900-07-01", 40, "calm"),
    ]


# 10 and 11 fight; 12 joins late against 10, on the first day against 11; 13 after it is over.
GATED = (
    (10, 11, 1, "dispute", "1901-03-01", "1901-09-01", "initiation"),
    (10, 12, 1, "dispute", "1901-05-01", "1901-06-01", "joining"),
    (11, 12, 1, "dispute", "1901-03-01", "1901-03-02", "joining"),
    (11, 13, 1, "dispute", "1901-10-01", "1901-10-02", "joining"),
)
GATES = relevant(*((a, b, "1901-01-01", "1902-01-01") for a, b in ((10, 12), (11, 12), (11, 13))))


def test_joining_through_an_open_gate():
    risk = build(GATES, spells(*GATED))
    happened = pl.col("event").is_not_null()
    # In the table of calm the row begins in January, before the gate opens: the last day tells.
    assert spans(risk.calm.filter(happened), "ccode1", "linked", "linked_end") == [
        ("1901-01-01", "1901-05-01", 10, 0, 1),
        ("1901-01-01", "1901-03-01", 11, 0, 0),
        ("1901-01-01", "1901-10-01", 11, 0, 0),
    ]
    assert spans(risk.linked.filter(pl.col("ccode1") == 10), "event") == [
        ("1901-03-01", "1901-03-02", None),
        ("1901-03-02", "1901-05-01", "dispute/joining"),
        ("1901-06-01", "1901-09-01", None),
    ]
    assert risk.linked.filter((pl.col("ccode2") == 13) & happened).height == 0


def test_linked_wars_split_every_table():
    wars = (
        (10, 11, 1, "war", "1901-02-07", "1901-02-20", "initiation"),
        (11, 12, 1, "dispute", "1901-02-03", "1901-03-01", "initiation"),
    )
    lasting = relevant((11, 12, "1901-01-01", "1902-01-01"))
    risk = build(lasting, spells(*wars))
    assert spans(risk.dispute, "linked_war", "event") == [
        ("1901-02-03", "1901-02-07", 0, None),
        ("1901-02-07", "1901-02-20", 1, None),
        ("1901-02-20", "1901-03-01", 0, "calm"),
    ]


US = relevant((2, 365, "1901-01-01", "1902-01-01"))
TALKS = meetings(
    (2, 365, "leader", "1901-02-10"),
    (2, 365, "envoy", "1901-02-10"),
    (2, 365, "leader", "1901-12-01"),
    (2, 200, "leader", "1901-06-01"),
)
SEEN = (date("1901-01-20"), date("1901-11-01"))


def test_recorded_dyads_split_at_quarters_meetings_and_the_window():
    risk = build(US, spells(), TALKS, window=SEEN)
    assert spans(risk.calm, "recorded") == [
        ("1901-01-01", "1901-01-20", 0),
        ("1901-01-20", "1901-02-10", 1),
        ("1901-02-10", "1901-04-01", 1),
        ("1901-04-01", "1901-07-01", 1),
        ("1901-07-01", "1901-10-01", 1),
        ("1901-10-01", "1901-11-01", 1),
        ("1901-11-01", "1901-12-01", 0),
        ("1901-12-01", "1902-01-01", 0),
    ]


def test_a_meeting_counts_from_the_day_after_the_row_it_ends():
    rows = build(US, spells(), TALKS, window=SEEN).calm.sort("day")
    assert rows["leaders_6m"].to_list()[:2] == [0, 0]
    met = rows.row(2, named=True)
    # Quarters end on the first of April.
    age = 0.5 * (axis("1901-04-01") - axis("1901-02-10"))
    for name, half_life in (("leaders_6m", 0.5), ("envoys_60m", 5.0)):
        assert met[name] == pytest.approx(0.5 ** (age / half_life), rel=ROUNDING)


def test_rows_at_risk_of_a_meeting():
    conflicts = spells((2, 365, 1, "dispute", "1901-03-01", "1901-05-01", "initiation"))
    rows = build(US, conflicts, TALKS, window=SEEN).meetings
    assert spans(rows, "met_leader", "met_envoy", "rung") == [
        ("1901-01-20", "1901-02-10", 1, 1, "calm"),
        ("1901-02-10", "1901-03-01", 0, 0, "calm"),
        ("1901-03-01", "1901-04-01", 0, 0, "dispute"),
        ("1901-04-01", "1901-05-01", 0, 0, "dispute"),
        ("1901-05-01", "1901-07-01", 0, 0, "calm"),
        ("1901-07-01", "1901-10-01", 0, 0, "calm"),
        ("1901-10-01", "1901-11-01", 0, 0, "calm"),
    ]


def test_other_dyads_split_in_january_and_are_not_recorded():
    rows = build(relevant(THREE_YEARS), spells(), meetings((10, 11, "leader", "1901-05-05"))).calm
    assert spans(rows, "recorded") == [
        ("1900-01-01", "1901-01-01", 0),
        ("1901-01-01", "1902-01-01", 0),
        ("1902-01-01", "1903-01-01", 0),
    ]


def test_covariates_are_those_of_the_calendar_year_before():
    pacts = [(10, 11, 1900, True), (10, 11, 1902, True)]
    rows = build(relevant(THREE_YEARS), spells(), atop=pacts).calm
    assert spans(rows, "year", "alliance") == [
        ("1900-01-01", "1901-01-01", 1900, 0),
        ("1901-01-01", "1902-01-01", 1901, 1),
        ("1902-01-01", "1903-01-01", 1902, 0),
    ]


def test_what_lasts_to_the_cut_is_censored():
    # The dispute turns into war on the day of the cut, and lasts longer for a later one.
    for until, event in (("1901-04-01", None), ("1901-03-20", None), ("1901-04-02", "war")):
        rows = build(relevant(THREE_YEARS), spells(*LADDER), until=until).dispute
        assert spans(rows, "event") == [("1901-03-10", min(until, "1901-04-01"), event)]
        assert rows["settlement"].to_list() == [None if event is None else "none"]
    calm = build(relevant(THREE_YEARS), spells(*LADDER), until="1901-03-10").calm
    assert spans(calm, "event")[-1] == ("1901-01-01", "1901-03-10", None)


STATES = (2, 10, 11, 12)
PAIRS = [(a, b) for a in STATES for b in STATES if a < b]
FIRST = date("1900-01-01")


def _day(number: int) -> str:
    return (FIRST + dt.timedelta(number)).isoformat()


@st.composite
def worlds(draw: st.DrawFn, first: int = 0, last: int = 1400) -> tuple[list, list]:
    """Conflicts (episodes of a dyad apart by a day at least) and meetings between two days."""
    conflicts = []
    for a, b in PAIRS:
        days = draw(st.lists(st.integers(first, last), max_size=4, unique=True).map(sorted))
        for number, (start, stop) in enumerate(zip(days[::2], days[1::2], strict=False), start=1):
            if conflicts and conflicts[-1][:2] == (a, b) and conflicts[-1][5] == _day(start):
                continue
            rung, onset = draw(
                st.tuples(
                    st.sampled_from(("dispute", "war")), st.sampled_from(("initiation", "joining"))
                )
            )
            conflicts.append((a, b, number, rung, _day(start), _day(stop), onset))
    held = draw(
        st.lists(
            st.tuples(
                st.sampled_from((10, 11)),
                st.sampled_from(("leader", "envoy")),
                st.integers(first, last),
            ),
            max_size=4,
        )
    )
    return conflicts, [(2, b, level, _day(day)) for b, level, day in held]


EVERYBODY = relevant(*((a, b, "1900-01-01", "1904-01-01") for a, b in PAIRS))


@settings(max_examples=25, deadline=None)
@given(world=worlds())
def test_every_day_is_at_risk_once_and_every_onset_is_counted_once(world):
    conflicts, held = spells(*world[0]), meetings(*world[1])
    risk = build(EVERYBODY, conflicts, held)
    days = sum((t["end"] - t["day"]).sum() for t in (risk.calm, risk.dispute, risk.war))
    assert days == EVERYBODY.height * (date("1904-01-01") - FIRST).days
    started = risk.calm.filter(pl.col("event").is_not_null())
    # One that opens on the first day of relevance leaves no calm.
    assert started.height == conflicts.filter(pl.col("start") > FIRST).height
    joined = risk.linked.filter(pl.col("event").str.ends_with("joining")).select("sid")
    told = started.filter(
        pl.col("event").str.ends_with("joining") & (pl.col("linked_end") > 0)
    ).select("sid")
    assert sorted(joined["sid"]) == sorted(told["sid"])


CUT = 700
BEFORE = worlds(0, CUT - 40)
AFTER = st.tuples(worlds(CUT, 1400), st.integers(CUT, 1400))


def _cut(known: tuple[list, list], later: tuple[tuple[list, list], int], salt: int) -> RiskTables:
    """A world of which only what is known before the cut should be seen."""
    (fought, met), ends = later
    # One dispute is under way at the cut; what came after it has numbers of its own.
    under_way = (11, 12, 8, "dispute", _day(CUT - 30), _day(ends), "initiation")
    apart = [(*r[:2], r[2] + 9, *r[3:]) for r in fought if r[:2] != (11, 12)]
    lapses = dt.date(1902 + salt, 1 + salt, 1)
    return build(
        EVERYBODY.with_columns(pl.lit(lapses).alias("stop")),
        spells(*known[0], under_way, *apart),
        meetings(*known[1], *met),
        until=_day(CUT),
        nmc=[(c, y, 0.1 + 0.1 * salt * (y >= 1901)) for c in STATES for y in range(1899, 1905)],
        atop=[(2, 10, y, salt > 0) for y in range(1901, 1905)],
        rivalries=[(2, 10, 1899, 1901 + salt, False)],
    )


@settings(max_examples=10, deadline=None)
@given(known=BEFORE, one=AFTER, other=AFTER)
def test_what_comes_after_the_cut_changes_no_bit(known, one, other):
    left, right = _cut(known, one, 0), _cut(known, other, 1)
    for name in TABLES:
        assert_frame_equal(getattr(left, name), getattr(right, name), check_exact=True)


OF_THE_END = ["stop", "end", "event", "settlement", "linked_end"]


@settings(max_examples=10, deadline=None)
@given(world=worlds(), cut=st.integers(50, 1300))
def test_a_row_knows_nothing_of_its_own_end(world, cut):
    """Cut short, a row has the covariates it had: else an event that ends it would move them."""
    conflicts, held = spells(*world[0]), meetings(*world[1])
    whole = build(EVERYBODY, conflicts, held)
    part = build(EVERYBODY, conflicts, held, until=_day(cut))
    day = (FIRST - date("1970-01-01")).days + cut
    for name in TABLES:
        left, right = (
            getattr(risk, name)
            .filter(pl.col("day") < day)
            .drop(
                "sid",
                *OF_THE_END,
                "until_leader",
                "until_envoy",
                "met_leader",
                "met_envoy",
                strict=False,
            )
            .sort("dyad", "day")
            for risk in (whole, part)
        )
        assert_frame_equal(left, right, check_exact=True)


def test_an_end_on_the_day_of_the_cut_is_not_yet_known():
    """The same days to the cut, and four ways on from there."""
    before = (10, 11, 1, "dispute", "1901-03-10")
    ways = (
        [(*before, "1901-06-01", "initiation")],
        [(*before, "1901-06-02", "initiation")],
        [(*before, "1902-06-01", "initiation")],
        [
            (*before, "1901-06-01", "initiation"),
            (10, 11, 1, "war", "1901-06-01", "1901-07-01", None),
        ],
    )
    cut = [build(relevant(THREE_YEARS), spells(*way), until="1901-06-01") for way in ways]
    for other in cut[1:]:
        for name in TABLES:
            assert_frame_equal(getattr(cut[0], name), getattr(other, name), check_exact=True)
