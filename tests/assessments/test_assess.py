"""The whole of an assessment: what it holds, and that its words follow the meeting terms."""

from __future__ import annotations

import re

import numpy as np
import pytest

from detente.assessments.assess import assess
from detente.assessments.limits import level_bias, lowest_risk
from detente.assessments.reference_intervals import FEWEST_PAIRS
from detente.assessments.schema import Assessment, Contrast
from detente.core.errors import InputError, ScenarioError, UnknownNameError
from detente.relations.model import ModelFile, RatioPart, load_model, rivals
from detente.scenarios import Scenario, load_case, load_scenario, template_text
from detente.scenarios.load import parse_scenario

DRAWS, FUTURES, YEARS = 8, 25, 1.0
STRONG = -1.0
"""Planted in the leaders' terms of the start of disputes: futures are paired, no noise hides it."""


@pytest.fixture(scope="module")
def alaska() -> Scenario:
    return load_scenario("alaska-2025")


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return load_model()


@pytest.fixture(scope="module")
def shipped(alaska: Scenario, model: ModelFile) -> Assessment:
    return assess(alaska, model, draws=DRAWS, futures=FUTURES, horizon=YEARS)


def planted(model: ModelFile, value: float) -> ModelFile:
    """The model with every meeting term at a value, without doubt."""
    places = [i for i, n in enumerate(model.names) if ":met_" in n]
    mean, covariance = np.array(model.mean), np.array(model.full_covariance)
    mean[places] = 0.0
    mean[[i for i in places if model.names[i].startswith("initiate:met_leaders")]] = value
    covariance[places, :] = covariance[:, places] = 0.0
    rows = [row[: i + 1].tolist() for i, row in enumerate(covariance)]
    return model.with_parts(mean=mean.tolist(), covariance=rows)


def contrast(a: Assessment, dyad: str = "USA-RUS", outcome: str = "dispute") -> Contrast:
    return next(c for c in a.contrasts if (c.dyad, c.outcome, c.arm) == (dyad, outcome, "leaders"))


def sentence(a: Assessment) -> str:
    return a.prose["headline"][0]


def test_every_pair_has_forecasts(shipped: Assessment, alaska: Scenario):
    pairs = {alaska.label(d.parties) for d in alaska.dyads}
    for arm in alaska.arms:
        for outcome in ("dispute", "war"):
            found = {
                f.dyad
                for f in shipped.forecasts.outcomes
                if (f.arm, f.outcome) == (arm.name, outcome)
            }
            assert found == pairs
    ends = {f.dyad for f in shipped.forecasts.outcomes if f.outcome == "end"}
    assert ends == {"RUS-UKR"}
    assert {u.dyad for u in shipped.forecasts.unavailable} == pairs - ends


def test_pairs_that_did_not_meet_are_not_estimated(shipped: Assessment):
    for c in shipped.contrasts:
        met = (c.dyad, c.outcome) == ("USA-RUS", "dispute")
        assert c.estimated == met
        assert (c.reason is None) == met


def test_no_sentence_is_empty(shipped: Assessment):
    assert all(text.strip() for section in shipped.prose.values() for text in section)
    assert len(shipped.prose["headline"]) >= 3
    assert all(text.strip() for text in shipped.limits)


def test_events_are_marked_as_the_model_counts_them(shipped: Assessment, alaska: Scenario):
    events = shipped.setting.events
    assert {e.counted for e in events if e.confidence == "low"} == {False}
    for entry in alaska.dyads:
        allied = entry.defence_pact is not None and entry.defence_pact.value
        silent = allied or "USA" not in entry.parties
        past = [e for e in alaska.past_of(entry.parties) if e.is_conflict or not silent]
        marked = [e for e in events if e.counted and set(e.parties) == set(entry.parties)]
        assert [(e.kind, e.start) for e in marked] == [(e.kind, e.start) for e in past]
        assert [e.end for e in marked] == [None if e.ongoing else e.end or e.start for e in past]


def test_numbers_of_limits_and_diagnostics(shipped: Assessment, model: ModelFile):
    assert any(str(model.coverage.last_year) in text for text in shipped.limits)
    assert {*level_bias(model), *lowest_risk(model)} <= set(shipped.prose["limits"])
    found = {d.id: d for d in shipped.evidence.diagnostics}
    assert found["supercritical"].value is not None
    assert 0 <= found["supercritical"].value <= DRAWS
    assert found["monte-carlo"].value is not None
    assert 0 < found["monte-carlo"].value < 1
    assert found["fit"].note == model.status


def test_zeroed_meeting_terms_change_nothing(alaska: Scenario, model: ModelFile):
    a = assess(alaska, planted(model, 0.0), draws=DRAWS, futures=FUTURES, horizon=YEARS)
    for c in a.contrasts:
        assert not any((*c.difference.mean, *c.difference.lo, *c.difference.hi))
        assert c.same_intensities
    assert "exactly no difference" in sentence(a)


def test_few_futures_that_happen_to_agree_are_not_said_to_share_intensities(alaska: Scenario):
    a = assess(alaska, draws=2, futures=1, horizon=0.01)
    found = contrast(a)
    assert not any((*found.difference.mean, *found.difference.lo, *found.difference.hi))
    assert not found.same_intensities
    assert "none of the 2 futures differs" in sentence(a)


def test_turned_meeting_terms_turn_numbers_and_sentences(alaska: Scenario, model: ModelFile):
    down, up = (
        assess(alaska, planted(model, v), draws=DRAWS, futures=FUTURES, horizon=YEARS)
        for v in (STRONG, -STRONG)
    )
    assert contrast(down).difference.mean[-1] < 0 < contrast(up).difference.mean[-1]
    assert "percentage points lower" in sentence(down)
    assert "percentage points higher" in sentence(up)


def test_what_is_detectable_is_no_one_path_of_shocks(alaska: Scenario):
    found = [
        contrast(assess(alaska, draws=100, futures=1, horizon=1.0, seed=seed)).mde
        for seed in (20250814, 20250815)
    ]
    # A chance of two in three within the year: a ratio of 1.83 or 0.55 moves it by about 0.15, and
    # a hundred paths of shocks leave an error of 0.01. Single paths ran from 0.02 to 0.21.
    for mde in found:
        assert mde.difference_lo == pytest.approx(-0.15, abs=0.04)
        assert mde.difference_hi == pytest.approx(0.15, abs=0.04)


def test_what_is_detectable_is_told_for_the_years_that_are_forecast(alaska: Scenario):
    short = contrast(assess(alaska, draws=20, futures=20, horizon=0.25)).mde
    year = contrast(assess(alaska, draws=20, futures=20, horizon=2.0)).mde
    assert (short.at_years, year.at_years) == (0.25, 1.0)
    assert short.difference_lo is not None
    assert year.difference_lo is not None
    assert year.difference_lo < short.difference_lo < 0


@pytest.fixture
def two() -> str:
    return template_text()


def test_two_states(two: str):
    a = assess(parse_scenario(two, "two"), draws=2, futures=4)
    assert [d.id for d in a.setting.dyads] == ["USA-RUS"]
    assert {m.source_id for m in a.reference_class.meetings} == {"us-meetings-record"}
    assert a.chronology_class is not None
    assert {m.source_id for m in a.chronology_class.meetings} == {"chronology-of-meetings"}
    assert a.prose["chronology"][0].startswith("In the whole chronology, ")
    for found in (a.reference_class, a.chronology_class):
        for row in found.summary:
            assert len(row.pairs) == row.dyads
            few = row.dyads < FEWEST_PAIRS
            assert {row.estimate.lo is None, row.estimate.level is None} == {few}
            assert bool(row.estimate.reason) == few


def test_what_a_scenario_leaves_out_is_named(two: str, shipped: Assessment):
    told = assess(parse_scenario(two, "two"), draws=2, futures=4).limits[0]
    assert "strategic rivalry (1 of 1 pairs)" in told
    assert "nuclear warheads (2 of 2 states)" in told
    assert "contiguity" not in told
    assert not any("leaves out" in text for text in shipped.limits)


def test_meetings_that_a_scenario_does_not_list_are_named(two: str, shipped: Assessment):
    bare = assess(parse_scenario(two, "two"), draws=2, futures=4)
    (told,) = [t for t in bare.limits if "lists no meeting" in t]
    assert re.match(r"The scenario lists no meeting since 2014 that counts of USA-RUS: none", told)
    assert re.search(r"by the chronology their leaders met \d+ times by the date\.$", told)
    assert "its meetings to 2014 counted and none since" in bare.evidence.verdict.sentence
    listed = two.replace(
        "[[events]]",
        '[[events]]\nkind = "leader"\nparties = ["USA", "RUS"]\nstart = 2021-06-16\n'
        'in_record = true\nnote = "Geneva"\nsource = "press"\nconfidence = "high"\n\n[[events]]',
        1,
    )
    met = assess(parse_scenario(listed, "two"), draws=2, futures=4)
    for a in (met, shipped):
        assert not any("lists no meeting" in t for t in a.limits)
        assert "its own recent meetings counted" in a.evidence.verdict.sentence


def test_meetings_alike_are_chosen_by_the_features_asked_for(two: str):
    a = assess(parse_scenario(two, "two"), draws=2, futures=4, features=["rivalry", "meetings_5y"])
    assert a.chronology_class is not None
    assert [f.id for f in a.reference_class.features] == ["rivalry", "meetings_5y"]
    # The chronology counts earlier meetings of few pairs: it has no such feature.
    assert [f.id for f in a.chronology_class.features] == ["rivalry"]
    with pytest.raises(UnknownNameError, match="feature of the reference class 'colour'"):
        assess(parse_scenario(two, "two"), draws=2, futures=4, features=["colour"])


def test_a_meeting_without_the_united_states_is_not_estimated(two: str):
    """The model learns from US meetings: no effect here. The chronology has meetings alike."""
    a = assess(parse_scenario(two.replace('"USA"', '"GBR"'), "two"), draws=2, futures=4)
    c = contrast(a, "GBR-RUS")
    assert not c.estimated
    assert c.mde.difference_lo is None
    assert not any(c.difference.mean)
    assert a.evidence.verdict.id == "not estimable"
    assert {m.source_id for m in a.reference_class.meetings} == {"chronology-of-meetings"}
    assert a.chronology_class is None
    assert "could have shown" not in " ".join(a.prose["headline"])


def test_an_offset_is_an_assumption(two: str):
    start, stop = two.index("[[arms.interventions]]"), two.index("# Other interventions")
    text = (
        two[:start] + '[[arms.interventions]]\nkind = "offset"\ndyads = [["USA", "RUS"]]\n'
        'channel = "calm-dispute"\ndelta = 0.5\nnote = "x"\n' + two[stop:]
    )
    c = contrast(assess(parse_scenario(text, "two"), draws=2, futures=4))
    assert not c.estimated
    assert "assumption" in (c.reason or "")


def test_one_arm_compares_nothing(two: str):
    start, stop = two.index('[[arms]]\nname = "leaders"'), two.index("# Other interventions")
    with pytest.raises(ScenarioError, match="one arm"):
        assess(parse_scenario(two[:start] + two[stop:], "two"), draws=2, futures=4)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"futures": 0}, "futures = 0"),
        ({"futures": 10**9}, "futures = 1000000000"),
        ({"futures": 10**6, "draws": 10**4}, "100000000 at most"),
        ({"draws": 1}, "draws = 1"),
        ({"horizon": float("nan")}, "horizon = nan"),
        ({"horizon": -1.0}, "horizon = -1"),
        ({"seed": -1}, "seed = -1"),
    ],
)
def test_numbers_out_of_range(alaska: Scenario, given: dict[str, float], match: str):
    with pytest.raises(InputError, match=match):
        assess(alaska, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"draws": "50"}, "draws = '50': give a whole number"),
        ({"futures": 2.5}, "futures = 2.5: give a whole number"),
        ({"seed": None}, "seed = None: give a whole number"),
        ({"horizon": "3"}, "horizon = '3': give a number"),
        ({"model": "model.json"}, r"'model.json': give a model, as load_model\(path\)"),
    ],
)
def test_arguments_of_another_kind(alaska: Scenario, given: dict[str, object], match: str):
    with pytest.raises(InputError, match=match):
        assess(alaska, **given)  # type: ignore[arg-type]


def test_a_name_is_no_scenario():
    with pytest.raises(InputError, match=r"'alaska-2025': give a scenario, as load_scenario\("):
        assess("alaska-2025")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"tilsit-1807 is a sourced case.*assess_case"):
        assess(load_case("tilsit-1807"))  # type: ignore[arg-type]


def ratio(value: float) -> RatioPart:
    return RatioPart(value=value, lo=value / 2, hi=value * 2)


@pytest.mark.parametrize(
    ("lag", "lead", "found"),
    [(0.5, 0.5, True), (0.5, 0.4, True), (0.5, 0.6, False), (0.5, 2.5, False), (2.0, 3.0, True)],
)
def test_a_lead_rivals_a_lag_on_its_side_and_as_far(lag: float, lead: float, found: bool):
    assert rivals(ratio(lag), ratio(lead)) is found


@pytest.mark.parametrize(
    ("lo", "hi", "lag", "lead", "found"),
    [
        (0.3, 1.2, 0.5, 1.0, "inconclusive"),
        (0.3, 0.8, 0.5, 0.4, "inconclusive"),
        (0.3, 0.8, 0.5, 0.9, "lower"),
    ],
)
def test_verdict_by_hand(
    two: str, model: ModelFile, lo: float, hi: float, lag: float, lead: float, found: str
):
    effects = [
        {
            **e.model_dump(),
            "ratio": {"value": 0.5, "lo": lo, "hi": hi},
            "lag": ratio(lag).model_dump(),
            "lead": ratio(lead).model_dump(),
        }
        for e in model.effects
    ]
    changed = model.with_parts(effects=effects)
    verdict = assess(parse_scenario(two, "two"), changed, draws=2, futures=2).evidence.verdict
    assert verdict.id == found
    if lead == 0.4:
        assert "before" in verdict.sentence
