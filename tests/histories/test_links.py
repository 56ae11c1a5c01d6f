import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.histories.links import LINKS, link_changes, with_links
from detente.histories.risk import days_table
from detente.histories.splitting import split_at

from .conflict_tables import date
from .small_worlds import features, on, spells


def day(text: str) -> int:
    return (date(text) - date("1970-01-01")).days


def stay(a: int, b: int, start: str, stop: str) -> pl.DataFrame:
    rows = [(0, a, b, day(start), day(stop))]
    return pl.DataFrame(rows, schema=["sid", "ccode1", "ccode2", "start", "stop"], orient="row")


def linked(stays: pl.DataFrame, conflicts: pl.DataFrame, *pacts: tuple) -> list[tuple]:
    """Parts of a stay, split at every change: first day and the four links."""
    changes = link_changes(stays, days_table(conflicts), features(atop=list(pacts)).atop)
    parts = split_at(stays.select("sid", "start", "stop"), changes.select("sid", "day"))
    rows = with_links(parts, changes).iter_rows(named=True)
    return [(on(r["start"]), *(int(r[n]) for n in LINKS)) for r in rows]


def test_a_conflict_that_shares_a_member():
    # 10 fights 11; the dyad 10-12 feels it, first a dispute and then a war.
    conflicts = spells(
        (10, 11, 1, "dispute", "1901-03-01", "1901-05-01", "initiation"),
        (10, 11, 1, "war", "1901-05-01", "1901-07-01", None),
        (20, 21, 1, "war", "1901-01-01", "1902-01-01", "initiation"),
        (10, 12, 1, "war", "1899-01-01", "1899-02-01", "initiation"),
    )
    assert linked(stay(10, 12, "1901-01-01", "1902-01-01"), conflicts) == [
        ("1901-01-01", 0, 0, 0, 0),
        ("1901-03-01", 1, 0, 0, 0),
        ("1901-05-01", 1, 1, 0, 0),
        ("1901-07-01", 0, 0, 0, 0),
    ]


def test_its_own_conflict_is_no_link():
    conflicts = spells((10, 12, 1, "war", "1901-03-01", "1901-05-01", "initiation"))
    assert linked(stay(10, 12, "1901-01-01", "1902-01-01"), conflicts) == [
        ("1901-01-01", 0, 0, 0, 0)
    ]


def test_two_links_close_with_the_last():
    conflicts = spells(
        (10, 11, 1, "dispute", "1901-03-01", "1901-06-01", "initiation"),
        (12, 13, 1, "dispute", "1901-04-01", "1901-08-01", "initiation"),
    )
    parts = linked(stay(10, 12, "1901-01-01", "1902-01-01"), conflicts)
    assert [(d, n) for d, n, *_ in parts] == [
        ("1901-01-01", 0),
        ("1901-03-01", 1),
        ("1901-04-01", 1),
        ("1901-06-01", 1),
        ("1901-08-01", 0),
    ]


def test_a_conflict_under_way_when_the_stay_begins():
    conflicts = spells((10, 11, 1, "war", "1900-03-01", "1901-02-01", "initiation"))
    assert linked(stay(10, 12, "1900-12-01", "1901-03-01"), conflicts) == [
        ("1900-12-01", 1, 1, 0, 0),
        ("1901-01-01", 1, 1, 0, 0),
        ("1901-02-01", 0, 0, 0, 0),
    ]


def test_an_ally_is_one_of_the_year_before():
    # 10 is at war with 11; 11 and 12 have a defence pact in 1901 only: it counts in 1902.
    conflicts = spells((10, 11, 1, "war", "1901-06-01", "1903-06-01", "initiation"))
    pacts = ((11, 12, 1900, False), (11, 12, 1901, True), (11, 12, 1902, False))
    dyad = stay(10, 12, "1901-01-01", "1904-01-01")
    assert linked(dyad, conflicts, *pacts) == [
        ("1901-01-01", 0, 0, 0, 0),
        ("1901-06-01", 1, 1, 0, 0),
        ("1902-01-01", 1, 1, 1, 1),
        ("1903-01-01", 1, 1, 0, 0),
        ("1903-06-01", 0, 0, 0, 0),
    ]
    # The pact of the enemy with the third state, not of the two who fight each other.
    assert linked(dyad, conflicts, (10, 11, 1901, True))[2] == ("1902-01-01", 1, 1, 0, 0)


def test_the_link_on_the_last_day_of_a_coarse_part():
    conflicts = days_table(
        spells(
            (10, 11, 1, "dispute", "1901-03-01", "1901-06-01", "initiation"),
        )
    )
    dyad = stay(10, 12, "1901-01-01", "1902-01-01")
    changes = link_changes(dyad, conflicts, features().atop)
    edges = [day(d) for d in ("1901-03-01", "1901-03-02", "1901-06-01", "1901-06-02")]
    cuts = pl.DataFrame({"sid": [0] * 4, "day": edges})
    rows = with_links(split_at(dyad.select("sid", "start", "stop"), cuts), changes)
    # The last days: 28 February, 1 March, 31 May, 1 June, 31 December.
    assert rows["linked_end"].to_list() == [0, 1, 1, 0, 0]
    assert rows["linked"].to_list() == [0, 1, 1, 0, 0]
    whole = with_links(split_at(dyad.select("sid", "start", "stop"), cuts.clear()), changes)
    assert (whole["linked"].item(), whole["linked_end"].item()) == (0, 0)


STATES = (10, 11, 12, 13)
PAIRS = [(a, b) for a in STATES for b in STATES if a < b]


@settings(max_examples=25, deadline=None)
@given(
    wars=st.lists(
        st.tuples(
            st.sampled_from(PAIRS),
            st.sampled_from(("dispute", "war")),
            st.integers(0, 900),
            st.integers(1, 400),
        ),
        max_size=5,
    ),
    pacts=st.sets(st.tuples(st.sampled_from(PAIRS), st.integers(1899, 1902)), max_size=6),
)
def test_every_day_against_the_definition(wars, pacts):
    origin = day("1900-06-01")
    conflicts = pl.DataFrame(
        [(a, b, r, origin + s, origin + s + n) for (a, b), r, s, n in wars],
        schema={
            "ccode1": pl.Int64,
            "ccode2": pl.Int64,
            "rung": pl.String,
            "start": pl.Int64,
            "stop": pl.Int64,
        },
        orient="row",
    )
    atop = features(atop=[(a, b, y, True) for (a, b), y in sorted(pacts)]).atop
    dyad = stay(10, 12, "1900-01-01", "1903-01-01")
    changes = link_changes(dyad, conflicts, atop)
    parts = split_at(dyad.select("sid", "start", "stop"), changes.select("sid", "day"))
    for row in with_links(parts, changes).iter_rows(named=True):
        for when in {row["start"], (row["start"] + row["stop"]) // 2, row["stop"] - 1}:
            assert [row[n] for n in LINKS] == _by_definition(when, wars, pacts, origin)


def _by_definition(when, wars, pacts, origin) -> list[float]:
    year = int(on(when)[:4])
    held = dict.fromkeys(LINKS, 0.0)
    for pair, rung, start, length in wars:
        shared = set(pair) & {10, 12}
        if not origin + start <= when < origin + start + length or len(shared) != 1:
            continue
        enemy, other = (set(pair) - shared).pop(), ({10, 12} - shared).pop()
        ally = (tuple(sorted((enemy, other))), year - 1) in pacts
        for name, true in (
            ("linked", True),
            ("linked_war", rung == "war"),
            ("ally", ally),
            ("ally_war", ally and rung == "war"),
        ):
            held[name] = max(held[name], float(true))
    return list(held.values())
