"""States, moves, and tables as people keep them."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from detente.core.errors import DataError, InputError, UnknownNameError
from detente.hazards import Intervals, Moves

ORACLES = Path(__file__).resolve().parents[3] / "shared" / "oracles" / "multistate"
ILL = Moves.illness_death()


def test_moves_are_named_and_ordered() -> None:
    assert ILL.names == ("well->ill", "well->dead", "ill->dead")
    assert ILL.absorbing == ("dead",)
    assert ILL.arrow("ill->dead") == ("ill", "dead")
    assert ILL.out_of("well") == ("well->ill", "well->dead")
    assert ILL.name("well", "dead") == "well->dead"
    assert ILL.matrix() == [[0, 1, 2], [0, 0, 3], [0, 0, 0]]
    assert not ILL.cyclic
    assert Moves.illness_death(recovery=True).cyclic
    assert Moves.competing_risks("alive", ["cancer", "other"]).names == (
        "alive->cancer",
        "alive->other",
    )


def test_a_matrix_gives_the_order_of_the_transitions() -> None:
    matrix = [[None, 2, 1], [float("nan"), 0, 3], [None, False, None]]
    moves = Moves.from_matrix(["a", "b", "c"], matrix)
    assert moves.names == ("a->c", "a->b", "b->c")
    assert Moves.from_matrix(["a", "b", "c"], moves.matrix()) == moves
    marks = [[False, True, True], [False, False, True], [False, False, False]]
    assert Moves.from_matrix(["a", "b", "c"], marks).names == ("a->b", "a->c", "b->c")


@pytest.mark.parametrize(
    ("states", "arrows", "names", "match"),
    [
        (("a", "a"), (("a", "a"),), (), "states of the moves must differ"),
        (("a", "b"), (("a", "b"), ("a", "b")), (), "arrows of the moves must differ"),
        (("a", "b"), (), (), "moves need arrows"),
        (("a", "b"), (("a", "b"),), ("x", "y"), "as many names: 1, 2"),
        (("a", "b"), (("a", "a"),), (), "does not leave its state"),
        (("a", "b"), (("a", "c"),), (), "unknown state 'c'"),
    ],
)
def test_moves_that_make_no_sense(
    states: tuple[str, ...],
    arrows: tuple[tuple[str, str], ...],
    names: tuple[str, ...],
    match: str,
) -> None:
    with pytest.raises(InputError, match=match):
        Moves(states, arrows, names)


def test_unknown_moves_are_named() -> None:
    with pytest.raises(UnknownNameError, match="unknown transition 'dead->ill'"):
        ILL.arrow("dead->ill")
    with pytest.raises(UnknownNameError, match="unknown state 'sick'"):
        ILL.out_of("sick")
    with pytest.raises(UnknownNameError, match="unknown move 'dead->ill'"):
        ILL.name("dead", "ill")
    with pytest.raises(InputError, match="must be 2 x 2"):
        Moves.from_matrix(["a", "b"], [[0, 1]])


STAYS = pl.DataFrame(
    {
        "id": [1, 1, 2, 3],
        "from": ["well", "ill", "well", "well"],
        "to": ["ill", None, "dead", ""],
        "start": [0.0, 2.0, 0.0, 1.0],
        "stop": [2.0, 5.0, 4.0, 3.0],
        "x": [1, 1, 2, 3],
    }
)


def test_stays_become_rows_at_risk() -> None:
    iv = Intervals.from_wide(STAYS, ILL)
    rows = iv.table.select("id", "transition", "start", "stop", "event", "x").rows()
    assert rows == [
        (1, "well->ill", 0.0, 2.0, 1, 1),
        (1, "well->dead", 0.0, 2.0, 0, 1),
        (1, "ill->dead", 2.0, 5.0, 0, 1),
        (2, "well->ill", 0.0, 4.0, 0, 2),
        (2, "well->dead", 0.0, 4.0, 1, 2),
        (3, "well->ill", 1.0, 3.0, 0, 3),
        (3, "well->dead", 1.0, 3.0, 0, 3),
    ]
    assert iv.event_table().rows() == [
        ("well", 0, 1, 1, 1, 3),
        ("ill", 0, 0, 0, 1, 1),
        ("dead", 0, 0, 0, 1, 1),
    ]


def test_times_become_the_same_rows() -> None:
    table = pl.DataFrame(
        {
            "id": [1, 2, 3],
            "ill": [2.0, 4.0, 3.0],
            "was ill": [1, 0, 0],
            "end": [5.0, 4.0, 3.0],
            "died": [0, 1, 0],
            "x": [1, 2, 3],
            "from when": [0.0, 0.0, 1.0],
        }
    )
    iv = Intervals.from_times(
        table,
        ILL,
        time={"ill": "ill", "dead": "end"},
        status={"ill": "was ill", "dead": "died"},
        since="from when",
        keep=["x"],
    )
    assert iv.table.equals(Intervals.from_wide(STAYS, ILL).table.select(iv.table.columns))


def test_a_start_in_another_state() -> None:
    table = pl.DataFrame(
        {"ill": [0.0, 2.0], "s": [0, 1], "end": [5, 4], "d": [1, 0], "at": ["ill", "well"]}
    )
    iv = Intervals.from_times(
        table, ILL, time={"ill": "ill", "dead": "end"}, status={"ill": "s", "dead": "d"}, start="at"
    )
    assert iv.events()["events"].to_list() == [1, 0, 1]
    assert "at" in iv.table.columns


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"to": pl.lit("well")}, "a move must be legal .*: row 0 of the table of stays .*4 in all"),
        ({"from": pl.lit("sick")}, "from must be one of the states: row 0 of the table of stays"),
        ({"start": pl.lit(0.0)}, "two states at once"),
        ({"start": pl.col("stop")}, "start must be before stop: row 0"),
        (
            {"from": pl.lit("well"), "to": pl.lit("ill")},
            "not at risk after it left the state: row 0",
        ),
        ({"to": pl.lit(None, dtype=pl.String)}, "must be the one moved to: row 2 of"),
    ],
)
def test_stays_that_break_a_rule(columns: dict[str, pl.Expr], match: str) -> None:
    with pytest.raises(DataError, match=match):
        Intervals.from_wide(STAYS.with_columns(**columns), ILL)


LONG = Intervals.from_wide(STAYS, ILL).table


@pytest.mark.parametrize(
    ("table", "match"),
    [
        (LONG.with_columns(to=pl.lit("well")), "a transition must be a legal move: row 0"),
        (
            LONG.drop("from", "to").with_columns(transition=pl.lit("a->b")),
            "a transition must be a legal move: row 0",
        ),
        (LONG.with_columns(event=pl.lit(1)), "a stay ends with one event: row 0"),
        (
            LONG.with_columns(
                stop=pl.when(pl.col("id") == 2)
                .then(pl.col("stop") + pl.col("event").neg() + 1)
                .otherwise("stop")
            ),
            "not at risk after it left the state: row 3",
        ),
        (LONG.drop("from", "transition"), "lacks the column 'transition', or 'from' and 'to'"),
    ],
)
def test_rows_that_break_a_rule_of_the_moves(table: pl.DataFrame, match: str) -> None:
    with pytest.raises(DataError, match=match):
        Intervals(table, ILL)


def test_without_moves_there_is_no_event_table() -> None:
    table = LONG.drop("from", "to")
    with pytest.raises(DataError, match="no states: give `moves`"):
        Intervals(table).event_table()
    assert Intervals(table, ILL).event_table().equals(Intervals(LONG, ILL).event_table())


def test_moves_are_read_off_a_table() -> None:
    assert Intervals(LONG).legal_moves() == Moves.of_table(LONG)
    numbers = pl.DataFrame({"from": [10, 2], "to": [2, 1], "transition": ["b", "a"]})
    assert Moves.of_table(numbers) == Moves(("1", "2", "10"), (("2", "1"), ("10", "2")), ("a", "b"))


BAD_TIMES = pl.DataFrame({"ill": [2.0, 4.0], "s": [1, 0], "end": [5.0, 6.0], "d": [1, 0]})


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"s": pl.lit(2)}, "the status 's' must be 0 or 1: row 0 of the table"),
        ({"end": pl.lit(float("inf"))}, "a time is missing or infinite: row 0"),
        ({"ill": pl.lit(None, dtype=pl.Float64)}, "a time is missing or infinite: row 0"),
        ({"ill": pl.lit(0.0), "s": pl.lit(1)}, "'well' must be left after it is entered .*: row 0"),
        ({"d": pl.lit(1)}, "one way out of 'well' is lost to sight before another: row 1"),
    ],
)
def test_times_that_break_a_rule(columns: dict[str, pl.Expr], match: str) -> None:
    with pytest.raises(DataError, match=match):
        _times(BAD_TIMES.with_columns(**columns), ILL)


def _times(table: pl.DataFrame, moves: Moves) -> Intervals:
    return Intervals.from_times(
        table, moves, time={"ill": "ill", "dead": "end"}, status={"ill": "s", "dead": "d"}
    )


def test_times_need_columns_and_no_cycle() -> None:
    with pytest.raises(
        DataError, match=r"no time column of the states, or in the table: \['end'\]"
    ):
        _times(BAD_TIMES.drop("end"), ILL)
    with pytest.raises(InputError, match="entered again need one row a stay"):
        _times(BAD_TIMES, Moves.illness_death(recovery=True))


def test_rows_are_split_and_told_their_time() -> None:
    rows = pl.DataFrame(
        {"id": [1, 2], "transition": "a", "start": [1.0, 4.0], "stop": [4.0, 5.0], "event": [1, 0]}
    )
    split = Intervals(rows).split_at([2.0, 3.0, 4.0])
    assert split.table.select("id", "start", "stop", "event", "time").rows() == [
        (1, 1.0, 2.0, 0, 2.0),
        (1, 2.0, 3.0, 0, 3.0),
        (1, 3.0, 4.0, 1, 4.0),
        (2, 4.0, 5.0, 0, 5.0),
    ]
    since = Intervals(rows).split_at([2.0], clock="reset")
    assert since.table["time"].to_list() == [2.0, 3.0, 1.0]
    assert since.table["stop"].to_list() == [3.0, 4.0, 5.0]
    with pytest.raises(InputError, match="must be finite"):
        Intervals(rows).split_at([float("nan")])


def test_preparation_is_msprep() -> None:
    # msprep(time = c(NA, "prtime", "rfstime"), status = c(NA, "prstat", "rfsstat"), ebmt3)
    if not ORACLES.is_dir():
        pytest.skip(f"the numbers printed by mstate are not at {ORACLES}")
    table = pl.read_csv(ORACLES / "data_ebmt3.csv", infer_schema_length=None)
    moves = Moves(("1", "2", "3"), (("1", "2"), ("1", "3"), ("2", "3")), ("1", "2", "3"))
    iv = Intervals.from_times(
        table.with_columns(pl.col("prtime", "rfstime") / 365.25),
        moves,
        time={"2": "prtime", "3": "rfstime"},
        status={"2": "prstat", "3": "rfsstat"},
    )
    oracle = json.loads((ORACLES / "multistate.json").read_text())["ebmt3_msprep"]
    assert iv.table.height == oracle["rows"]
    assert [list(row[1:]) for row in iv.event_table().rows()] == oracle["events"]
    theirs = pl.read_csv(ORACLES / "ebmt3_msprep_long.csv", infer_schema_length=None)
    theirs, ours = theirs.sort("id", "trans"), iv.table.sort("id", "transition")
    for a, b in (("start", "Tstart"), ("stop", "Tstop"), ("event", "status")):
        np.testing.assert_allclose(ours[a], theirs[b], rtol=1e-14)
