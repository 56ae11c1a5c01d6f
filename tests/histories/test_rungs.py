import datetime as dt

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.histories import build_spells
from detente.histories.days import dated_disputes
from detente.histories.rungs import RECORD_STOP, SCHEMA

from .conflict_tables import (
    date,
    disputes,
    incidents,
    participants,
    states,
    tables,
    wars,
)


def spans(spells: pl.DataFrame) -> list[tuple[str, str, str]]:
    return [
        (r["rung"], r["start"].isoformat(), r["stop"].isoformat())
        for r in spells.iter_rows(named=True)
    ]


def one_day(dispnum: int, day: tuple[int, int, int], **more: object) -> dict:
    return {"dispnum": dispnum, "start": day, "end": day, **more}


def days_of(*args: object, **kwargs: object) -> dict:
    table = tables(disputes(*args), **kwargs)  # type: ignore[arg-type]
    return dated_disputes(*list(table)[:4]).row(0, named=True)


def test_one_day_dispute_stops_the_day_after():
    spells = build_spells(*tables(disputes(one_day(10, (1950, 3, 14)))))
    assert spans(spells) == [("dispute", "1950-03-14", "1950-03-15")]
    assert spells.columns == list(SCHEMA)
    assert dict(spells.schema) == SCHEMA


def test_the_overlap_of_the_participants_gives_the_days():
    # State 1 takes part from the 5th to the 28th, state 2 from the 9th to the 20th.
    row = days_of(
        {"dispnum": 10, "start": (1950, 3, 1), "end": (1950, 4, 30)},
        mid5=participants(
            (10, 1, (1950, 3, 5), (1950, 4, 28)), (10, 2, (1950, 3, 9), (1950, 4, 20))
        ),
    )
    assert (row["start"], row["stop"]) == (date("1950-03-09"), date("1950-04-21"))
    assert (row["start_source"], row["stop_source"]) == ("mid5", "mid5")


def test_a_state_that_enters_twice_opens_with_its_first_entry():
    # State 1 is in from the 5th to the 8th and again from the 20th; state 2 throughout.
    row = days_of(
        {"dispnum": 10, "start": (1950, 3, 1), "end": (1950, 4, 30)},
        mid5=participants(
            (10, 1, (1950, 3, 5), (1950, 3, 8)),
            (10, 1, (1950, 3, 20), (1950, 4, 11)),
            (10, 2, (1950, 3, 2), (1950, 4, 20)),
        ),
    )
    assert (row["start"], row["stop"]) == (date("1950-03-05"), date("1950-04-12"))


def test_a_participant_of_another_month_decides_nothing():
    # The record of the participants begins in February, Dyadic MID in March: the day is unknown.
    row = days_of(
        {"dispnum": 10, "start": (1950, 3, 1), "end": (1950, 4, 10)},
        mid5=participants(
            (10, 1, (1950, 2, 5), (1950, 4, 10)), (10, 2, (1950, 2, 9), (1950, 4, 12))
        ),
    )
    assert (row["start_source"], row["stop_source"]) == ("imputed", "mid5")
    assert (row["start"].month, row["stop"]) == (3, date("1950-04-11"))


def test_sources_of_days_come_in_order():
    base = {"dispnum": 10, "start": (1950, 3, 7), "end": (1950, 5, 31)}
    half = ((1950, 3, None), (1950, 5, None))
    unknown = participants((10, 1, *half), (10, 2, *half))
    gml = participants((10, 1, (1950, 3, 4), (1950, 5, 5)), (10, 2, (1950, 3, 3), (1950, 5, 9)))
    mie = incidents((10, 2, 1, (1950, 3, 20), 16, 4, 0), (10, 1, 2, (1950, 5, 21), 16, 4, 0))
    with_gml = days_of(base, mid5=unknown, gml=gml, mie=mie)
    assert (with_gml["start"], with_gml["stop"]) == (date("1950-03-04"), date("1950-05-06"))
    with_mie = days_of(base, mid5=unknown, gml=unknown, mie=mie)
    assert (with_mie["start"], with_mie["stop"]) == (date("1950-03-20"), date("1950-05-22"))
    assert with_mie["start_source"] == with_mie["stop_source"] == "mie"
    own = days_of(base, mid5=unknown)
    # The 7th cannot stand for "unknown" (that would be the 1st); the 31st does.
    assert (own["start"], own["start_source"]) == (date("1950-03-07"), "dyadic")
    assert own["stop_source"] == "imputed"


def test_an_unknown_day_is_placed_in_the_middle_of_what_is_left_of_its_month():
    # 31 days of March: the 16th. April is known to end on the 30th at the latest: the 16th.
    row = days_of({"dispnum": 10, "start": (1950, 3, 1), "end": (1950, 4, 30)})
    assert (row["start"], row["stop"]) == (date("1950-03-16"), date("1950-04-17"))
    # Known to end on the 9th of the same month: the 5th is the middle of 1 to 9.
    same = days_of({"dispnum": 10, "start": (1950, 3, 1), "end": (1950, 3, 9)})
    assert (same["start"], same["stop"]) == (date("1950-03-05"), date("1950-03-10"))
    # Both unknown in one month: one and two thirds into it.
    both = days_of({"dispnum": 10, "start": (1950, 3, 1), "end": (1950, 3, 31)})
    assert (both["start"], both["stop"]) == (date("1950-03-11"), date("1950-03-22"))
    assert both["start_source"] == both["stop_source"] == "imputed"


def test_days_that_contradict_each_other_keep_the_better_source():
    # The participants begin on the 20th; an incident "ends" the dispute on the 10th.
    row = days_of(
        {"dispnum": 10, "start": (1950, 3, 1), "end": (1950, 3, 31)},
        mid5=participants(
            (10, 1, (1950, 3, 20), (1950, 3, None)), (10, 2, (1950, 3, 20), (1950, 3, None))
        ),
        mie=incidents((10, 1, 2, (1950, 3, 10), 16, 4, 0)),
    )
    assert (row["start"], row["start_source"]) == (date("1950-03-20"), "mid5")
    assert row["stop_source"] == "imputed"
    assert date("1950-03-21") <= row["stop"] <= date("1950-04-01")


def test_disputes_closed_by_the_end_of_mid_4_have_the_end_that_mid_5_found():
    closed = {"dispnum": 10, "start": (2009, 3, 7), "end": (2010, 12, 31)}
    first = (2009, 3, 7)
    # One participant leaves in June 2012, the other stays to August 2013.
    on = days_of(
        closed, mid5=participants((10, 1, first, (2013, 8, 9)), (10, 2, first, (2012, 6, 5)))
    )
    assert (on["stop"], on["stop_source"]) == (date("2012-06-06"), "mid5")
    # MID 5 has it end before: in September 2010, on a day that is not known.
    over = (2010, 9, None)
    before = days_of(closed, mid5=participants((10, 1, first, over), (10, 2, first, over)))
    assert (before["stop"], before["stop_source"]) == (date("2010-09-17"), "imputed")
    # Without both participants, and in any other month, Dyadic MID's end stands.
    alone = days_of(closed, mid5=participants((10, 1, first, (2013, 8, 9))))
    assert alone["stop"] == date("2010-12-17")
    other = {**closed, "end": (2010, 11, 15)}
    kept = days_of(other, mid5=participants(*((10, c, first, (2013, 8, 9)) for c in (1, 2))))
    assert (kept["stop"], kept["stop_source"]) == (date("2010-11-16"), "dyadic")


def test_imputed_days_are_flagged_on_the_spell():
    spells = build_spells(
        *tables(disputes({"dispnum": 10, "start": (1950, 3, 1), "end": (1950, 4, 7)}))
    )
    row = spells.row(0, named=True)
    assert (row["start_imputed"], row["stop_imputed"]) == (True, False)
    assert (row["start_source"], row["stop_source"]) == ("imputed", "dyadic")


def test_overlapping_and_touching_disputes_merge_and_others_do_not():
    spells = build_spells(
        *tables(
            disputes(
                {"dispnum": 1, "start": (1950, 1, 10), "end": (1950, 2, 10), "settlement": 1},
                {"dispnum": 2, "start": (1950, 2, 5), "end": (1950, 3, 3), "settlement": 3},
                # Begins on the day after the last: it touches.
                {"dispnum": 3, "start": (1950, 3, 4), "end": (1950, 3, 9), "settlement": 2},
                # One calm day between.
                {"dispnum": 4, "start": (1950, 3, 11), "end": (1950, 3, 12), "settlement": 4},
            )
        )
    )
    assert spans(spells) == [
        ("dispute", "1950-01-10", "1950-03-10"),
        ("dispute", "1950-03-11", "1950-03-13"),
    ]
    assert spells["episode"].to_list() == [1, 2]
    assert spells["dispnums"].to_list() == [[1, 2, 3], [4]]
    # The mark of the dispute that ends last; an unclear one (4) has none.
    assert spells["settlement"].to_list() == ["imposed", None]


def test_the_settlement_is_that_of_the_dispute_that_ends_last_not_the_one_that_began_last():
    spells = build_spells(
        *tables(
            disputes(
                {"dispnum": 1, "start": (1950, 1, 10), "end": (1950, 3, 20), "settlement": 2},
                {"dispnum": 2, "start": (1950, 2, 5), "end": (1950, 2, 20), "settlement": 3},
            )
        )
    )
    assert spells["settlement"].to_list() == ["imposed"]


WAR = {"dispnum": 7, "start": (1904, 1, 10), "end": (1905, 6, 20), "war": (1904, 1905)}


def test_war_inside_a_dispute_has_the_days_that_both_are_in_the_war():
    # Joint days: from the 8th of February (the later entry) to the 3rd of March (the earlier exit).
    listed = wars((5, 1, 1, "1904-02-01", "1905-03-03"), (5, 2, 2, "1904-02-08", "1905-03-09"))
    spells = build_spells(*tables(disputes({**WAR, "settlement": 1}), wars=listed))
    assert spans(spells) == [
        ("dispute", "1904-01-10", "1904-02-08"),
        ("war", "1904-02-08", "1905-03-04"),
        ("dispute", "1905-03-04", "1905-06-21"),
    ]
    assert spells["onset"].to_list() == ["initiation", None, None]
    assert spells["settlement"].to_list() == [None, None, "negotiated"]
    assert spells["start_source"].to_list() == ["dyadic", "cow", "cow"]
    assert spells["stop_source"].to_list() == ["cow", "cow", "dyadic"]
    assert spells["warnums"].to_list() == [[], [5], []]
    assert spells["episode"].to_list() == [1, 1, 1]


def test_allies_in_a_war_do_not_fight_each_other():
    allies = wars((5, 1, 1, "1904-02-01", "1905-03-03"), (5, 2, 1, "1904-02-08", "1905-03-09"))
    spells = build_spells(*tables(disputes(WAR), wars=allies))
    war = spells.filter(pl.col("rung") == "war").row(0, named=True)
    assert war["start_source"] == "flagged"
    assert war["warnums"] == []


def test_a_pair_on_opposite_sides_that_never_met_has_no_war():
    listed = wars((5, 1, 1, "1904-02-01", "1905-03-03"), (5, 2, 2, "1904-02-08", "1905-03-09"))
    calm = build_spells(*tables(disputes({**WAR, "war": None}), wars=listed))
    assert calm["rung"].to_list() == ["dispute"]


def test_the_highest_rung_holds_where_disputes_overlap():
    listed = wars((5, 1, 1, "1904-02-01", "1905-03-03"), (5, 2, 2, "1904-02-08", "1905-03-09"))
    during = {"dispnum": 8, "start": (1904, 5, 5), "end": (1905, 9, 9), "settlement": 3}
    spells = build_spells(*tables(disputes(WAR, during), wars=listed))
    assert spans(spells) == [
        ("dispute", "1904-01-10", "1904-02-08"),
        ("war", "1904-02-08", "1905-03-04"),
        ("dispute", "1905-03-04", "1905-09-10"),
    ]
    assert spells["hihost"].to_list() == [5, 5, 5]
    assert spells["settlement"].to_list()[-1] == "none"


def test_a_war_that_ends_within_a_week_of_its_dispute_ends_it():
    listed = wars((5, 1, 1, "1904-02-01", "1905-06-17"), (5, 2, 2, "1904-02-08", "1905-06-17"))
    spells = build_spells(*tables(disputes({**WAR, "settlement": 2}), wars=listed))
    assert spans(spells)[-1] == ("war", "1904-02-08", "1905-06-18")
    assert spells["settlement"].to_list() == [None, "imposed"]
    # Ten days apart, the dispute goes on.
    far = wars((5, 1, 1, "1904-02-01", "1905-06-10"), (5, 2, 2, "1904-02-08", "1905-06-10"))
    spells = build_spells(*tables(disputes(WAR), wars=far))
    assert spans(spells)[-1] == ("dispute", "1905-06-11", "1905-06-21")


def test_a_dispute_begins_no_later_than_its_war_in_the_same_month():
    # The dispute's own day is the 10th, the war is dated to the 8th of the same month.
    listed = wars((5, 1, 1, "1904-01-08", "1905-03-03"), (5, 2, 2, "1904-01-08", "1905-03-03"))
    spells = build_spells(*tables(disputes(WAR), wars=listed))
    assert spans(spells)[0] == ("war", "1904-01-08", "1905-03-04")
    # Dated to the month before, the war is cut to the dispute: no spell leaves its month.
    early = wars((5, 1, 1, "1903-12-08", "1905-03-03"), (5, 2, 2, "1903-12-08", "1905-03-03"))
    spells = build_spells(*tables(disputes(WAR), wars=early))
    assert spans(spells)[0] == ("war", "1904-01-10", "1905-03-04")


def test_an_imputed_end_that_the_war_runs_across_moves_to_the_edge_of_its_month():
    listed = wars((5, 1, 1, "1904-01-08", "1905-03-03"), (5, 2, 2, "1904-01-08", "1905-03-03"))
    # First day unknown in March 1904, last day unknown in February 1905: the war covers both.
    inside = {"dispnum": 7, "start": (1904, 3, 1), "end": (1905, 2, 28), "war": (1904, 1905)}
    spells = build_spells(*tables(disputes(inside), wars=listed))
    assert spans(spells) == [("war", "1904-03-01", "1905-03-01")]
    assert spells.select("start_imputed", "stop_imputed").row(0) == (True, True)
    # Last day unknown in March 1905: the war's own.
    ends = {**inside, "end": (1905, 3, 31)}
    spells = build_spells(*tables(disputes(ends), wars=listed))
    assert spans(spells) == [("war", "1904-03-01", "1905-03-04")]
    assert spells.select("stop_imputed", "stop_source").row(0) == (False, "cow")


def test_an_unlisted_war_begins_with_the_first_battle():
    mie = incidents(
        (7, 1, 2, (1904, 2, 2), 16, 4, 10),
        (7, 2, 1, (1904, 5, 6), 22, 5, 10),
        (7, 1, 2, (1904, 4, None), 22, 5, 10),
        (9, 1, 2, (1904, 2, 3), 22, 5, 10),
    )
    spells = build_spells(*tables(disputes(WAR), mie=mie))
    assert spans(spells) == [
        ("dispute", "1904-01-10", "1904-05-06"),
        ("war", "1904-05-06", "1905-06-21"),
    ]
    assert spells["start_source"].to_list() == ["dyadic", "mie"]
    assert not spells["start_imputed"].any()


def test_a_war_with_no_dated_battle_is_flagged():
    late = {**WAR, "war": (1905, 1905)}
    spells = build_spells(*tables(disputes(late)))
    assert spans(spells)[-1] == ("war", "1905-01-01", "1905-06-21")
    assert spells.row(-1, named=True)["start_source"] == "flagged"
    assert spells["start_imputed"].to_list() == [False, True]
    assert spells["stop_imputed"].to_list() == [True, False]
    # The first deadly incident of the flagged year is a better place, flagged all the same.
    mie = incidents((7, 1, 2, (1904, 3, 3), 17, 4, 9), (7, 1, 2, (1905, 2, 2), 17, 4, 9))
    deadly = build_spells(*tables(disputes(late), mie=mie))
    assert spans(deadly)[-1] == ("war", "1905-02-02", "1905-06-21")
    assert deadly["start_imputed"].to_list() == [False, True]
    # Flagged for the first year alone, it falls back to a dispute with the year.
    first = build_spells(*tables(disputes({**WAR, "war": (1904, 1904)})))
    assert spans(first) == [
        ("war", "1904-01-10", "1905-01-01"),
        ("dispute", "1905-01-01", "1905-06-21"),
    ]


def test_two_spells_of_one_war_are_two_spells():
    listed = wars(
        (5, 1, 1, "1904-02-01", "1904-04-30"),
        (5, 1, 1, "1904-06-01", "1905-06-20"),
        (5, 2, 2, "1904-02-01", "1905-06-20"),
    )
    spells = build_spells(*tables(disputes(WAR), wars=listed))
    assert spells["rung"].to_list() == ["dispute", "war", "dispute", "war"]
    assert spans(spells)[2] == ("dispute", "1904-05-01", "1904-06-01")


def test_onset_is_initiation_only_if_both_were_there_on_the_first_day():
    spells = build_spells(
        *tables(
            disputes(
                one_day(1, (1950, 1, 5)),
                one_day(2, (1951, 1, 5), orig=(True, False)),
                one_day(3, (1952, 1, 5), orig=(False, False)),
                # Joining one dispute on the day on which another of the two begins.
                one_day(4, (1953, 1, 5), orig=(True, False)),
                one_day(5, (1953, 1, 5)),
            )
        )
    )
    assert spells["onset"].to_list() == ["initiation", "joining", "joining", "initiation"]


def test_spells_under_way_at_the_end_of_the_record_are_censored():
    spells = build_spells(
        *tables(
            disputes(
                {"dispnum": 1, "start": (2014, 5, 5), "end": (2014, 12, 31), "settlement": 3},
                {"dispnum": 2, "start": (2014, 5, 5), "end": (2014, 12, 29), "ccode2": 3},
            ),
            mid5=participants(
                *((1, c, (2014, 5, 5), (2014, 12, 31)) for c in (1, 2)),
            ),
        )
    )
    assert spells["censored"].to_list() == [True, False]
    assert spells["stop"].to_list() == [RECORD_STOP, date("2014-12-30")]
    assert spells["settlement"].to_list() == [None, None]


def test_spells_are_cut_to_joint_membership_of_the_system():
    rows = disputes(
        {"dispnum": 1, "start": (1940, 3, 5), "end": (1940, 7, 9)},
        {"dispnum": 2, "start": (1950, 3, 5), "end": (1950, 7, 9)},
    )
    members = states((1, "1816-01-01", "2017-01-01"), (2, "1920-01-01", "1940-06-15"))
    spells = build_spells(*tables(rows), members)
    assert spans(spells) == [("dispute", "1940-03-05", "1940-06-15")]
    assert spells["stop_source"].to_list() == ["system"]


def test_dyads_do_not_mix():
    rows = disputes(
        {"dispnum": 1, "start": (1950, 1, 10), "end": (1950, 2, 10)},
        {"dispnum": 2, "start": (1950, 2, 5), "end": (1950, 3, 3), "ccode2": 3},
    )
    spells = build_spells(*tables(rows))
    assert spells.select("ccode1", "ccode2").rows() == [(1, 2), (1, 3)]
    assert spells["episode"].to_list() == [1, 1]


days = st.dates(dt.date(1990, 1, 1), dt.date(1991, 12, 28))


@st.composite
def conflicts(draw: st.DrawFn) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Up to six disputes of two dyads and up to three wars between their members."""
    rows, fights = [], []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        first, last = sorted((draw(days), draw(days)))
        rows.append(
            {
                "dispnum": number,
                "ccode2": draw(st.sampled_from([2, 3])),
                "start": (first.year, first.month, first.day),
                "end": (last.year, last.month, last.day),
                "war": (first.year, last.year) if draw(st.booleans()) else None,
            }
        )
    for number in range(draw(st.integers(0, 3))):
        first, last = sorted((draw(days), draw(days)))
        for ccode, side in ((1, 1), (2, 2), (3, draw(st.sampled_from([1, 2])))):
            fights.append((number, ccode, side, first.isoformat(), last.isoformat()))
    return disputes(*rows), wars(*fights)


@settings(max_examples=60, deadline=None)
@given(conflicts())
def test_spells_are_disjoint_and_rungs_alternate(given_tables: tuple[pl.DataFrame, pl.DataFrame]):
    rows, listed = given_tables
    spells = build_spells(*tables(rows, wars=listed))
    assert (spells["start"] < spells["stop"]).all()
    follows = spells.with_columns(
        pl.col("stop", "rung", "episode").shift(1).over("ccode1", "ccode2").name.prefix("last_")
    ).filter(pl.col("last_stop").is_not_null())
    assert (follows["start"] >= follows["last_stop"]).all()
    touching = follows.filter(pl.col("start") == pl.col("last_stop"))
    assert (touching["rung"] != touching["last_rung"]).all()
    assert (touching["episode"] == touching["last_episode"]).all()
    apart = follows.filter(pl.col("start") > pl.col("last_stop"))
    assert (apart["episode"] == apart["last_episode"] + 1).all()


@settings(max_examples=40, deadline=None)
@given(conflicts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    given_tables: tuple[pl.DataFrame, pl.DataFrame], random: object
):
    rows, listed = given_tables
    order = list(range(rows.height))
    random.shuffle(order)  # type: ignore[attr-defined]
    spells = build_spells(*tables(rows, wars=listed))
    assert build_spells(*tables(rows[order], wars=listed.reverse())).equals(spells)


@settings(max_examples=40, deadline=None)
@given(conflicts())
def test_every_dispute_month_is_covered_and_no_other(
    given_tables: tuple[pl.DataFrame, pl.DataFrame],
):
    """Spells lie inside the months of the disputes, whatever the days."""
    rows, listed = given_tables
    spells = build_spells(*tables(rows, wars=listed))
    for spell in spells.iter_rows(named=True):
        last = spell["stop"] - dt.timedelta(1)
        same = rows.filter(
            (pl.col("ccode2") == spell["ccode2"]) & pl.col("dispnum").is_in(spell["dispnums"])
        )
        opens = {(y, m) for y, m in same.select("start_year", "start_month").rows()}
        closes = {(y, m) for y, m in same.select("end_year", "end_month").rows()}
        assert (spell["start"].year, spell["start"].month) >= min(opens)
        assert (last.year, last.month) <= max(closes)
