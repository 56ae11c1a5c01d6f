"""From the public record to the fit: what comes after an origin, events counted once, the refit."""

import dataclasses
import datetime as dt

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from detente.hazards import fit_hazards
from detente.relations.evidence import HALF_LIVES, year_weights
from detente.relations.model import RatioPart, load_model
from detente.relations.record import RecordTables, fitting_record, load_record
from detente.relations.terms import MEETING_TERMS, PROCESSES

from .situations import fitted_specification

ORIGIN = dt.date(1970, 1, 1)
STATES = (2, 200, 255, 365, 645, 666, 710, 731, 740)


@pytest.fixture(scope="module")
def record(mirror: str) -> RecordTables:
    return load_record()


@pytest.fixture(scope="module")
def part(record: RecordTables) -> RecordTables:
    """Dyads of a few states, with the conflicts of all."""
    some = pl.col("ccode1").is_in(STATES) & pl.col("ccode2").is_in(STATES)
    return dataclasses.replace(record, relevant=record.relevant.filter(some))


def another_future(record: RecordTables) -> RecordTables:
    """Drop and move what happens from the origin on; what is under way then lasts otherwise."""
    begun = pl.col("start") < ORIGIN
    spells = record.spells.filter(begun).with_columns(
        pl.when(pl.col("stop") >= ORIGIN)
        .then(pl.max_horizontal(pl.col("stop").dt.offset_by("-40d"), pl.lit(ORIGIN)))
        .otherwise("stop")
        .alias("stop")
    )
    meetings = record.meetings.with_columns(
        pl.when(begun).then("start").otherwise(pl.col("start").dt.offset_by("33d")).alias("start")
    )
    tables = record.features
    after = pl.col("year") >= ORIGIN.year
    features = dataclasses.replace(
        tables,
        nmc=tables.nmc.with_columns(pl.when(after).then(0.5).otherwise("cinc").alias("cinc")),
        atop=tables.atop.filter(~after),
        democracy=tables.democracy.filter(~after),
        nuclear_status=tables.nuclear_status.filter(~after),
        rivalries=tables.rivalries.filter(pl.col("start_year") < ORIGIN.year),
    )
    return dataclasses.replace(record, spells=spells, meetings=meetings, features=features)


@pytest.mark.data
def test_what_comes_after_the_origin_changes_no_bit(part: RecordTables):
    one = fitting_record(part, until=ORIGIN)
    other = fitting_record(another_future(part), until=ORIGIN)
    assert_frame_equal(one.intervals.table, other.intervals.table, check_exact=True)
    assert one.centre == other.centre
    assert_frame_equal(one.means, other.means, check_exact=True)
    assert one.intervals.table["year"].max() == ORIGIN.year - 1
    # The test can fail: a day later the other future shows.
    later = ORIGIN + dt.timedelta(400)
    known = [fitting_record(r, until=later).intervals.table for r in (part, another_future(part))]
    assert not known[0].equals(known[1])


@pytest.mark.data
def test_every_event_of_the_record_is_one_event_of_one_process(part: RecordTables):
    table = fitting_record(part).intervals.table
    events = {
        p.name: table.filter((pl.col("transition") == p.name) & (pl.col("event") == 1))
        for p in PROCESSES
    }
    begins = ("initiate", "join", "attack", "enter")
    begun = sum(events[p].height for p in begins)
    keys = pl.concat([events[p].select("dyad", "end") for p in begins])
    assert keys.n_unique() == begun > 100
    left = sum(events[p].height for p in ("subside", "escalate", "end", "cool"))
    # Every stay in dispute or war that began is left, but for those under way at the end.
    assert 0 <= begun - (left - events["escalate"].height - events["cool"].height) < 20
    assert (events["join"]["linked"] == 1).all()
    assert (events["enter"]["linked_war"] == 1).all()


@pytest.mark.data
def test_meeting_terms_are_zero_where_they_are_not_recorded(part: RecordTables):
    table = fitting_record(part).intervals.table
    met = list(MEETING_TERMS)
    silent = table.filter((pl.col("recorded") == 0) | (pl.col("alliance") == 1))
    assert not silent.select(pl.any_horizontal(pl.col(met) != 0).any()).item()
    assert (table.filter(pl.col("recorded") == 1)["dyad"] // 1000 == 2).all()
    assert table.filter(pl.col("recorded") == 1)["year"].min() >= 1906


# Of a standard error: what rounding in the file and the order of sums leave.
SAME = 1e-4


@pytest.mark.data
@pytest.mark.slow
def test_the_shipped_model_is_the_fit_of_the_record(record: RecordTables):
    model = load_model()
    assert {d.dataset: dict(d.sha256) for d in model.data} == {
        p.dataset: dict(p.sha256) for p in record.provenance
    }
    fit = fit_hazards(fitting_record(record).intervals, fitted_specification(model))
    assert fit.names == tuple(model.names)
    errors = np.sqrt(np.diag(model.full_covariance))[: len(fit.names)]
    off = np.abs(fit.coefficients - np.array(model.mean[:-1])) / errors
    assert off.max() < SAME, fit.names[int(off.argmax())]
    np.testing.assert_allclose(fit.standard_errors, errors, rtol=SAME)


def test_weights_of_the_year_after_a_meeting():
    """Mean of log(1 + 2^(-t / h)) over the first year, by Simpson's rule."""
    t = np.linspace(0, 1, 201)
    simpson = np.ones(201)
    simpson[1:-1:2], simpson[2:-1:2] = 4, 2
    for name, half_life in HALF_LIVES.items():
        want = float(simpson @ np.log1p(0.5 ** (t / half_life))) / simpson.sum()
        assert year_weights(HALF_LIVES)[name] == pytest.approx(want, rel=1e-6)


def test_a_ratio_and_its_interval():
    ratio = RatioPart.of(np.log(2.0), 0.5)
    assert ratio.value == pytest.approx(2.0)
    assert np.sqrt(ratio.lo * ratio.hi) == pytest.approx(2.0)
    assert np.log(ratio.hi / ratio.lo) == pytest.approx(2 * 1.6448536 * 0.5)
