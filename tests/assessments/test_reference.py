"""The reference class: distances, proportions, intervals, and the shipped table."""

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from detente.assessments import reference
from detente.assessments.reference import nearest, shipped_reference
from detente.assessments.reference_contacts import PLACED, not_called_off
from detente.assessments.reference_intervals import (
    FEWEST_PAIRS,
    bootstrap,
    jeffreys,
    limits,
    windows_apart,
)
from detente.assessments.reference_populations import CHRONOLOGY, US_RECORD, Population, case_of
from detente.core.errors import InputError
from detente.histories.chronology import meeting_pairs
from detente.sources.chronology import load_meetings

CASE = {
    "rivalry": 1.0,
    "both_nuclear": 1.0,
    "both_major": 1.0,
    "parity": -1.2,
    "dispute_now": 0.0,
    "other_war": 1.0,
    "years_since_dispute": 5.0,
    "disputes_10y": 3.0,
    "meetings_5y": 1.0,
}
CLOSED_FORM = 1e-12
"""Two ways to the same number in double precision."""

HEADS = ("leader", "ceremonial")
"""Levels of the meetings in which somebody at the head of each state took part."""

ROUNDED = 1e-6
"""Distances are rounded to six decimals."""


def small_table() -> pl.DataFrame:
    """Four meetings of two dyads and two controls, with round features."""
    rows = [
        # kind, ccode2, date, rivalry, parity, dispute_1, dispute_5
        ("meeting", 365, "1960-01-01", 1, 0.0, "yes", "yes"),
        ("meeting", 365, "1970-01-01", 1, -1.0, "no", "yes"),
        ("meeting", 710, "1980-01-01", 0, -1.0, "under way", "under way"),
        ("meeting", 710, "2012-01-01", 0, -2.0, "no", "yes"),
        ("control", 710, "1965-07-01", 0, -1.0, "no", "no"),
        ("control", 40, "2014-07-01", 1, -3.0, "censored", "censored"),
    ]
    table = pl.DataFrame(
        [
            (k, f"m{i}", 2, c, dt.date.fromisoformat(d), r, p, a, b)
            for i, (k, c, d, r, p, a, b) in enumerate(rows)
        ],
        schema=[
            "kind",
            "id",
            "ccode1",
            "ccode2",
            "date",
            "rivalry",
            "parity",
            "dispute_1",
            "dispute_5",
        ],
        orient="row",
    )
    fixed = {
        "dispute_10": "no",
        "war_1": "no",
        "war_5": "no",
        "war_10": "no",
        "dispute_before": "no",
    }
    return table.with_columns(*(pl.lit(v).alias(k) for k, v in fixed.items()))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    table = small_table()
    monkeypatch.setattr(reference, "shipped", lambda population: table)
    return table


def pick(result: reference.ReferenceClass, outcome: str, horizon: int, group: str):
    (row,) = [
        r for r in result.summary if (r.outcome, r.horizon, r.group) == (outcome, horizon, group)
    ]
    return row


def test_the_distance_by_hand(small: pl.DataFrame) -> None:
    parity = small["parity"].to_numpy()
    # Population standard deviation of 0, -1, -1, -2, -1, -3: mean -4/3.
    scale = math.sqrt(((parity + 4 / 3) ** 2).mean())
    result = nearest({"rivalry": 1, "parity": -1.0}, None)
    got = dict(result.meetings.select("id", "distance").iter_rows())
    assert got["m0"] == pytest.approx(math.sqrt((1 / scale) ** 2 / 2), abs=ROUNDED)
    assert got["m1"] == 0.0
    assert got["m2"] == pytest.approx(math.sqrt((1 / 0.5) ** 2 / 2), abs=ROUNDED)
    assert result.meetings["id"].to_list()[0] == "m1"


def test_windows_that_leave_the_record_and_spells_under_way_are_not_counted(
    small: pl.DataFrame,
) -> None:
    result = nearest({"rivalry": 1}, None)
    one = pick(result, "dispute", 1, "met")
    assert (one.n, one.events, one.dyads, one.under_way, one.censored) == (3, 1, 2, 1, 0)
    # The "yes" of 2012 is left out at five years: its window ends after the record.
    five = pick(result, "dispute", 5, "met")
    assert (five.n, five.events, five.dyads, five.under_way, five.censored) == (2, 2, 1, 1, 1)
    assert five.lo_dyads is None
    assert pick(result, "dispute", 1, "not met").censored == 1


def test_k_takes_the_nearest(small: pl.DataFrame) -> None:
    result = nearest({"parity": -2.0}, 1)
    assert result.meetings["id"].to_list() == ["m3"]
    assert result.controls.height == 1


def test_exact_features_hold(small: pl.DataFrame) -> None:
    result = nearest({"rivalry": 0, "parity": 0.0}, None, exact=("rivalry",))
    assert result.meetings["id"].to_list() == ["m2", "m3"]


def test_the_jeffreys_interval_by_symmetry_and_ends() -> None:
    lo, hi = jeffreys(3, 10)
    low, high = jeffreys(7, 10)
    assert lo == pytest.approx(1 - high, abs=CLOSED_FORM)
    assert hi == pytest.approx(1 - low, abs=CLOSED_FORM)
    assert jeffreys(0, 5)[0] == 0.0
    assert jeffreys(5, 5)[1] == 1.0
    assert jeffreys(0, 0) == (None, None)


def test_the_jeffreys_interval_of_one_trial_is_the_arcsine_law() -> None:
    # With no trial the posterior is the prior Beta(1/2, 1/2), whose quantile is sin^2(pi p / 2);
    # one trial without event gives Beta(1/2, 3/2): F(x) = (2/pi)(asin(sqrt x) + sqrt(x(1-x))).
    _, hi = jeffreys(0, 1)
    value = 2 / math.pi * (math.asin(math.sqrt(hi)) + math.sqrt(hi * (1 - hi)))
    assert value == pytest.approx(0.95, abs=1e-9)


def test_the_bootstrap_resamples_dyads_not_meetings() -> None:
    # Two dyads, one always and one never: a resample has both, or twice one of them.
    rng = np.random.Generator(np.random.Philox(1))
    lo, hi = bootstrap(np.array([5.0, 0.0]), np.array([5.0, 5.0]), rng)
    assert (lo, hi) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("x", "n"), [([3.0], [5.0]), ([0.0, 0.0], [5.0, 5.0]), ([2.0, 1.0], [2.0, 1.0])]
)
def test_a_bootstrap_that_cannot_vary_gives_no_interval(x: list[float], n: list[float]) -> None:
    rng = np.random.Generator(np.random.Philox(1))
    assert bootstrap(np.array(x), np.array(n), rng) == (None, None)


@pytest.mark.parametrize("pairs", [1, 2, FEWEST_PAIRS - 1])
def test_few_pairs_give_no_interval_and_the_reason(pairs: int) -> None:
    rng = np.random.Generator(np.random.Philox(1))
    found = limits(np.ones(pairs), np.full(pairs, 2.0), rng)
    assert (found.lo, found.hi, found.lo_dyads, found.hi_dyads) == (None,) * 4
    assert found.reason == f"cases of {pairs} pair{'s' * (pairs > 1)}: too few for an interval"
    assert found.method == f"count; {found.reason}"


@pytest.mark.parametrize(("events", "told"), [(0.0, "with no event"), (2.0, "with only events")])
def test_the_method_claims_no_bootstrap_where_none_was_possible(events: float, told: str) -> None:
    rng = np.random.Generator(np.random.Philox(1))
    n = np.full(FEWEST_PAIRS, 2.0)
    found = limits(np.full(FEWEST_PAIRS, events), n, rng)
    assert (found.lo, found.hi) == jeffreys(int(events) * FEWEST_PAIRS, 2 * FEWEST_PAIRS)
    assert (found.lo_dyads, found.reason) == (None, None)
    assert told in found.method
    assert "bootstrap" not in found.method


def test_ten_pairs_have_both_intervals() -> None:
    rng = np.random.Generator(np.random.Philox(1))
    x = np.array([2.0, 0.0] * (FEWEST_PAIRS // 2))
    found = limits(x, np.full(FEWEST_PAIRS, 2.0), rng)
    assert found.lo_dyads is not None
    assert found.lo_dyads < found.lo < 0.5 < found.hi < found.hi_dyads
    assert "a bootstrap over pairs, where that is wider" in found.method


def test_windows_that_overlap_count_once_within_a_pair() -> None:
    days = [dt.date(1950, 1, 1), dt.date(1955, 1, 1), dt.date(1960, 1, 2), dt.date(1951, 1, 1)]
    cases = pl.DataFrame({"ccode1": 2, "ccode2": [365, 365, 365, 710], "date": days})
    assert windows_apart(cases, 10) == 3
    assert windows_apart(cases, 1) == 4
    assert windows_apart(cases.head(0), 10) == 0


def test_a_class_of_two_pairs_has_no_interval_and_a_broad_one_has() -> None:
    two = nearest(CASE, exact=("both_nuclear", "both_major"))
    for row in two.summary:
        assert set(row.pairs) == {(2, 365), (2, 710)}
        assert (row.lo, row.hi, row.lo_dyads, row.hi_dyads) == (None,) * 4
        assert row.reason == "cases of 2 pairs: too few for an interval"
    every = nearest({"rivalry": 0}, None)
    wide = pick(every, "dispute", 1, "met")
    assert wide.dyads >= FEWEST_PAIRS
    assert wide.lo is not None
    assert wide.lo_dyads is not None


def test_the_same_seed_gives_the_same_class() -> None:
    first, second = nearest(CASE, seed=3), nearest(CASE, seed=3)
    assert first.summary == second.summary
    assert first.notes == second.notes


@pytest.mark.parametrize(
    ("case", "options", "match"),
    [
        ({"trade": 1.0}, {}, r"no feature 'trade'.*detente data pull"),
        ({}, {}, "no feature of the case is given"),
        ({"parity": math.nan}, {}, "'parity' of the case is nan"),
        ({"disputes_10y": -1.0}, {}, "'disputes_10y' of the case is -1"),
        ({"rivalry": 2.0}, {}, "give 0 or 1"),
        ({"parity": 0.0}, {"k": 0}, "k = 0"),
        ({"parity": 0.0}, {"exact": ("parity",)}, "exact on 'parity'"),
    ],
)
def test_bad_cases_are_refused(case: dict, options: dict, match: str) -> None:
    with pytest.raises(InputError, match=match):
        nearest(case, **options)


def test_the_shipped_table_is_complete_and_compact() -> None:
    table = shipped_reference()
    assert set(table["kind"]) == {"meeting", "control"}
    assert (
        table["id"].n_unique() + table.select("id", "ccode2").is_duplicated().sum() <= table.height
    )
    met = table.filter(pl.col("kind") == "meeting")
    assert met["source_record_ids"].null_count() == 0
    assert met["date"].max() < dt.date(2015, 1, 1)
    assert set(US_RECORD.features) <= set(table.columns)
    # A war is a dispute's neighbour: no war within a window without "yes" or "under way" there.
    wars = table.filter((pl.col("war_10") == "yes") & (pl.col("dispute_10") == "no"))
    assert wars.is_empty()
    for outcome in ("dispute", "war"):
        short = table.filter((pl.col(f"{outcome}_1") == "yes") & (pl.col(f"{outcome}_5") != "yes"))
        assert short.is_empty()


def test_the_summary_covers_every_horizon_outcome_and_group() -> None:
    result = nearest(CASE)
    keys = {(r.horizon, r.outcome, r.group) for r in result.summary}
    expected = {
        (h, o, g) for h in (1, 5, 10) for o in ("dispute", "war") for g in ("met", "not met")
    }
    assert keys == expected | {(1, "dispute", "before")}
    assert result.meetings.height == result.controls.height == 25
    assert result.meetings["distance"].is_sorted()


def test_the_chronologys_table_holds_pairs_of_any_adversaries() -> None:
    table = shipped_reference(CHRONOLOGY)
    met = table.filter(pl.col("kind") == "meeting")
    assert set(met["tier"]) == {"A", "B"}
    assert met["date"].min() >= dt.date(1816, 1, 1)
    assert met.filter(pl.col("ccode1") != 2).height > met.height / 5
    assert set(CHRONOLOGY.features) <= set(table.columns)
    assert not table.select("id", "ccode1", "ccode2").is_duplicated().any()


def test_adversaries_who_did_not_meet_are_of_pairs_on_record() -> None:
    from detente.histories import recorded
    from detente.sources.chronology import windows_of

    alone = shipped_reference(CHRONOLOGY).filter(pl.col("kind") == "control")
    us = recorded("leader")
    for one, two, day in alone.select("ccode1", "ccode2", "date").iter_rows():
        own = windows_of(one, two).filter((pl.col("start") <= day) & (pl.col("stop") > day))
        assert own.height or (one == 2 and us.start <= day < us.stop)


def test_a_meeting_of_the_record_is_a_case_of_its_own() -> None:
    case = case_of("1961-06-vienna-rus-usa", 365, 2)
    every = nearest(case, None, population=CHRONOLOGY)
    first = every.meetings.row(0, named=True)
    assert first["distance"] < 0.1
    others = nearest(case, None, population=CHRONOLOGY, leaving_out=["1961-06-vienna-rus-usa"])
    assert others.meetings.height == every.meetings.height - 1
    with pytest.raises(InputError, match="not in the reference class of the chronology"):
        case_of("1807-06-tilsit-fra-rus", 220, 365)


def test_a_feature_of_one_population_is_not_one_of_the_other() -> None:
    with pytest.raises(InputError, match="no feature 'us_war'"):
        nearest({"us_war": 1.0}, population=CHRONOLOGY)


YEAR = "1y"
MET_AFTER_ALL = [
    (365, 1966),  # Glassboro, June 1967
    (365, 1967),
    (710, 1979),  # Deng in Washington, January 1979
    (710, 1995),  # New York, October 1995
    (710, 1996),  # Manila, November 1996
    (710, 2004),  # Wen in Washington, December 2003
    (710, 2014),  # Beijing, November 2014
]


def pair_days(population: Population, kind: str) -> pl.DataFrame:
    rows = shipped_reference(population).filter(pl.col("kind") == kind)
    return rows.select("id", pl.col("ccode1", "ccode2").cast(pl.Int32), "date", "last_day")


def chronology_pairs() -> pl.DataFrame:
    return meeting_pairs(load_meetings()).filter(
        pl.col("tier").is_in(["A", "B"]), pl.col("start").is_not_null()
    )


@pytest.mark.parametrize("population", [US_RECORD, CHRONOLOGY], ids=lambda p: p.id)
def test_no_control_lies_within_a_year_of_any_meeting_of_the_chronology(
    population: Population,
) -> None:
    held = chronology_pairs().filter(status="held").filter(pl.col("level").is_in(HEADS))
    days = pair_days(population, "control").join(
        held.select("ccode1", "ccode2", "start", "end"), on=["ccode1", "ccode2"]
    )
    near = days.filter(
        pl.col("start") <= pl.col("date").dt.offset_by(YEAR),
        pl.col("end") >= pl.col("date").dt.offset_by(f"-{YEAR}"),
    )
    assert days.height > near.height == 0


@pytest.mark.parametrize("population", [US_RECORD, CHRONOLOGY], ids=lambda p: p.id)
def test_years_in_which_heads_met_though_not_as_effective_leaders_are_no_controls(
    population: Population,
) -> None:
    alone = pair_days(population, "control").filter(pl.col("ccode1") == 2)
    days = set(alone.select("ccode2", "date").iter_rows())
    assert not {(code, dt.date(year, 7, 1)) for code, year in MET_AFTER_ALL} & days
    # Glassboro ended on 25 June 1967: the next July is more than a year on.
    assert (365, dt.date(1968, 7, 1)) in days


@pytest.mark.data
@pytest.mark.parametrize("population", [US_RECORD, CHRONOLOGY], ids=lambda p: p.id)
def test_no_control_lies_within_a_year_of_a_head_in_the_us_record(
    mirror: str, population: Population
) -> None:
    from detente.histories import load_us_meetings

    heads = load_us_meetings().filter(
        pl.col("principal") == "president", pl.col("level").is_in([*HEADS, "congress"])
    )
    days = pair_days(population, "control").join(
        heads.select("ccode1", "ccode2", "start", "stop"), on=["ccode1", "ccode2"]
    )
    near = days.filter(
        pl.col("start") <= pl.col("date").dt.offset_by(YEAR),
        pl.col("stop") > pl.col("date").dt.offset_by(f"-{YEAR}"),
    )
    assert days.height > near.height == 0


@pytest.mark.parametrize("population", [US_RECORD, CHRONOLOGY], ids=lambda p: p.id)
def test_no_meeting_counted_as_held_is_one_that_the_chronology_has_as_not_held(
    population: Population,
) -> None:
    same = (
        pair_days(population, "meeting")
        .join(
            chronology_pairs()
            .filter(pl.col("precision").is_in(PLACED))
            .select("ccode1", "ccode2", "start", "end", "status"),
            on=["ccode1", "ccode2"],
        )
        .filter(pl.col("date") <= pl.col("end"), pl.col("start") <= pl.col("last_day"))
    )
    statuses = same.group_by("id", "ccode1", "ccode2").agg("status")
    assert statuses.height > 0
    assert all("held" in found for found in statuses["status"].to_list())
    met = pair_days(population, "meeting").filter(pl.col("ccode1") == 2, pl.col("ccode2") == 365)
    assert met.filter(pl.col("date").dt.year() == 1960).is_empty()


def test_a_journey_is_dropped_only_where_no_meeting_of_those_days_was_held() -> None:
    def row(day: str, stop: str) -> dict[str, object]:
        start, end = dt.date.fromisoformat(day), dt.date.fromisoformat(stop)
        return {"ccode1": 2, "ccode2": 365, "start": start, "stop": end, "status": "held"}

    def ours(day: str, status: str, precision: str = "day", tier: str = "A") -> dict[str, object]:
        start = dt.date.fromisoformat(day)
        end = start + dt.timedelta(days=29 if precision == "month" else 0)
        kept = {"status": status, "precision": precision, "tier": tier}
        return {"ccode1": 2, "ccode2": 365, "start": start, "end": end, **kept}

    record = pl.DataFrame(
        [
            row("1960-05-15", "1960-05-20"),
            row("1970-05-15", "1970-05-17"),
            row("1980-05-15", "1980-05-17"),
            row("1990-05-15", "1990-05-17"),
            row("2000-05-15", "2000-05-17"),
        ]
    )
    pairs = pl.DataFrame(
        [
            ours("1960-05-19", "cancelled"),
            ours("1970-05-15", "refused"),
            ours("1970-05-16", "held"),
            ours("1980-05-01", "cancelled", "month"),
            ours("1990-05-17", "cancelled"),  # the first day outside
            ours("2000-05-15", "cancelled", tier="C"),
        ]
    )
    kept = not_called_off(record, pairs)
    assert kept["start"].dt.year().to_list() == [1970, 1980, 1990, 2000]
    assert kept.columns == record.columns


@pytest.mark.data
def test_the_shipped_table_is_what_the_sources_give(mirror: str, tmp_path) -> None:
    from detente.assessments import reference_build as build

    # Where this fails: python -m detente.assessments.reference_build, and read the difference.
    path, tables = tmp_path / "again.csv", build.load_reference_tables()
    makers = (
        (US_RECORD, build.build_reference),
        (CHRONOLOGY, build.build_chronology_reference),
    )
    for population, make in makers:
        make(tables, to=path)
        table = shipped_reference(population)
        assert_frame_equal(pl.read_csv(path, schema=table.schema), table)
