"""The natural course: where dyads stand in 1946, and how futures are counted."""

import dataclasses
import datetime as dt
from functools import cache

import numpy as np
import polars as pl
import pytest

from detente.core.days import model_time
from detente.futures import Paths
from detente.hazards import Intervals
from detente.histories.risk import KERNELS
from detente.relations import course
from detente.relations.compile import compile_model
from detente.relations.course import OUTCOMES, WINDOW
from detente.relations.model import load_model
from detente.relations.record import FittingRecord, RecordTables, load_record
from detente.relations.situation import day_number
from detente.relations.standing import counts_on, rungs_on

FIRST = WINDOW[0]
CHANNELS = ("initiate", "join", "enter", "end", "leaders")


def day(year: int, month: int = 1) -> dt.date:
    return dt.date(year, month, 1)


def small_record(*spells: tuple[int, int, str, int, dt.date, dt.date]) -> RecordTables:
    """A record of a few spells (states, rung, episode, first day, day after the last)."""
    columns = ("ccode1", "ccode2", "rung", "episode", "start", "stop")
    meetings = {"ccode1": [2], "ccode2": [365], "level": ["leader"], "start": [day(1945, 7)]}
    empty = pl.DataFrame()
    return RecordTables(
        relevant=empty,
        spells=pl.DataFrame(spells, schema=columns, orient="row"),
        meetings=pl.DataFrame(meetings),
        window=(day(1906), day(2015)),
        features=None,  # type: ignore[arg-type]
        provenance=(),
    )


def test_the_rung_on_a_day_is_the_one_under_way_or_calm_since_the_last() -> None:
    record = small_record(
        (2, 20, "dispute", 1, day(1900), day(1901)),
        (2, 200, "dispute", 1, day(1945), day(1945, 6)),
        (2, 200, "war", 1, day(1945, 6), day(1946, 2)),
        (2, 365, "dispute", 1, FIRST, day(1947)),
    )
    found = rungs_on(record, FIRST)
    assert found.rows() == [
        (2020, "calm", day_number(day(1901))),
        (2200, "war", day_number(day(1945, 6))),
    ]


def test_counts_decay_from_what_came_before_the_day() -> None:
    five = dt.date(1941, 1, 1)
    record = small_record(
        (2, 365, "dispute", 1, five, day(1941, 6)),
        (2, 365, "war", 1, day(1941, 6), day(1942)),
        (2, 365, "dispute", 2, FIRST, day(1947)),
    )
    counts = counts_on(record, np.array([2365, 2020]), FIRST)
    years = (FIRST - five).days / 365.25
    assert counts.columns == list(KERNELS)
    assert counts["disputes"].to_list() == pytest.approx([0.5 ** (years / 5), 0.0])
    assert counts["wars"][0] == pytest.approx(0.5 ** ((FIRST - day(1941, 6)).days / 3652.5))
    assert counts["leaders_6m"][0] == pytest.approx(0.5 ** ((FIRST - day(1945, 7)).days / 182.625))
    assert counts["envoys_60m"].to_list() == [0.0, 0.0]


def test_futures_are_counted_by_run_decade_and_outcome() -> None:
    # Two draws of two futures: run 0 joins once in the 1940s, run 3 enters a war in the 1950s.
    paths = Paths(
        arm=np.zeros(3, np.int64),
        draw=np.array([0, 0, 1]),
        future=np.array([0, 1, 1]),
        unit=np.zeros(3, np.int64),
        channel=np.array([1, 3, 2]),
        time=np.array([1949.99, 1950.0, 1950.0]),
    )
    channels = (*CHANNELS, *{c for of in OUTCOMES.values() for c in of} - set(CHANNELS))
    counts = course._counted(paths, channels, runs=4, futures=2)
    assert counts[1940, "disputes joined"].tolist() == [1, 0, 0, 0]
    assert counts[1940, "disputes begun or joined"].tolist() == [1, 0, 0, 0]
    assert counts[1950, "wars joined"].tolist() == [0, 0, 0, 1]
    assert counts[1950, "leaders' meetings"].tolist() == [0, 0, 0, 0]
    assert {decade for decade, _ in counts} == set(range(1940, 2020, 10))


def test_intervals_are_quantiles_of_the_runs() -> None:
    counts = {(1950, "wars joined"): np.arange(101)}
    (part,) = course._against("drawn", counts, {(1950, "wars joined"): 7})
    assert (part.shocks, part.decade, part.observed) == ("drawn", "1950", 7)
    assert (part.lo, part.median, part.hi) == pytest.approx((5.0, 50.0, 95.0))
    (none,) = course._against("fitted", counts, {})
    assert none.observed == 0


def test_the_record_is_counted_in_the_window_and_allies_meetings_left_out() -> None:
    rows = [
        ("initiate", 1, model_time(day(1945, 6)), 0.0),
        ("initiate", 1, model_time(day(1949, 6)), 1.0),
        ("initiate", 0, model_time(day(1949, 6)), 0.0),
        ("join", 1, model_time(day(1950)) + 0.01, 0.0),
        ("leaders", 1, model_time(day(1960, 6)), 1.0),
        ("leaders", 1, model_time(day(1961, 6)), 0.0),
        ("enter", 1, model_time(WINDOW[1]), 0.0),
    ]
    table = pl.DataFrame(rows, schema=["transition", "event", "stop", "alliance"], orient="row")
    table = table.with_columns(start=pl.col("stop") - 0.1, id=pl.arange(0, pl.len()))
    data = FittingRecord(Intervals(table), {}, pl.DataFrame(), WINDOW[1])
    seen = course.observed(data)
    assert seen[1940, "disputes begun or joined"] == 1
    assert (seen[1950, "disputes begun or joined"], seen[1950, "disputes joined"]) == (1, 1)
    assert seen[1960, "leaders' meetings"] == 1
    assert (seen[2010, "wars joined"], seen[2010, "wars begun or joined"]) == (1, 1)


@cache
def real_record() -> RecordTables:
    return load_record()


@pytest.mark.data
def test_1946_stands_as_the_record_has_it(mirror: str) -> None:
    situation = course.situation_on(real_record(), load_model())
    at = {d: u for u, d in enumerate(situation.dyads)}
    assert situation.at_risk is not None
    assert situation.at_risk.shape == (69, len(situation.dyads))
    assert 0.0 <= situation.at_risk.min() <= situation.at_risk.max() <= 1.0
    here = situation.entered <= situation.time
    assert 200 < here.sum() < 400 < len(situation.dyads)
    # The Soviet Union and the United States are at risk throughout, China and India once both
    # are members, and no unit before it joins.
    assert situation.at_risk[:, at[2365]].min() == 1.0
    assert situation.entered[at[710750]] == pytest.approx(1947.6, abs=0.1)
    assert situation.at_risk[0, at[710750]] == 0.0
    assert (2, 20) in situation.allies
    assert (2, 365) not in situation.allies
    assert situation.stratum[at[2365]] == 1


@pytest.mark.data
def test_nothing_after_the_first_day_moves_where_dyads_stand(mirror: str) -> None:
    record, model = real_record(), load_model()
    before = course.situation_on(record, model)
    later = dataclasses.replace(
        record,
        spells=record.spells.filter(pl.col("start") < FIRST),
        meetings=record.meetings.filter(pl.col("start") < FIRST),
    )
    after = course.situation_on(later, model)
    for name in ("rung", "entered", "stratum", "counts"):
        assert np.array_equal(getattr(before, name), getattr(after, name)), name


@pytest.mark.data
def test_drawn_shocks_start_at_the_first_level_and_forget_the_rest(mirror: str) -> None:
    model = load_model()
    situation = course.situation_on(real_record(), model)
    first = model.walk.levels[1946 - model.walk.first_year]
    walks = {
        shocks: compile_model(
            model, situation, draws=1, seed=3, horizon=68.99, shocks=shocks
        ).parameters[0].walk
        for shocks in course.SHOCKS
    }  # fmt: skip
    assert walks["drawn"][0] == walks["fitted"][0] == first
    assert walks["fitted"].tolist() == model.walk.levels[1946 - model.walk.first_year :]
    assert len(walks["drawn"]) == 69
    steps = np.diff(walks["drawn"])
    assert np.std(steps) == pytest.approx(model.walk.sd, rel=0.35)  # 68 steps: se of the sd 9%


@pytest.mark.data
def test_meetings_need_a_record_and_no_pact_and_nobody_acts_out_of_turn(mirror: str) -> None:
    model = load_model()
    situation = course.situation_on(real_record(), model)
    eta = compile_model(model, situation, draws=1, seed=1, horizon=68.99).parameters[0].eta
    names = [p.name for p in model.processes]
    at = {d: u for u, d in enumerate(situation.dyads)}
    open_ = np.isfinite(eta)
    leaders, initiate, end = (names.index(n) for n in ("leaders", "initiate", "end"))
    # The alliance of the war stands in the source until 1945.
    assert not open_[0, leaders, 0, at[2365]]
    assert open_[1:, leaders, 0, at[2365]].all()
    assert not open_[:, leaders, :, at[365710]].any()
    years = situation.features["alliance"][:, at[2020]] == 0
    assert np.array_equal(open_[:, leaders, 0, at[2020]], years)
    assert situation.at_risk is not None
    assert np.array_equal(open_[:, initiate, 0, :], situation.at_risk > 0)
    assert open_[:, end].all()
