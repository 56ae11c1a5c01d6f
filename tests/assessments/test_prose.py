"""Sentences follow the numbers: flip a sign and they flip; no difference is said to be none."""

import datetime as dt
import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.assessments import rounding as say
from detente.assessments import schema as s
from detente.assessments.prose import compose, with_prose
from detente.assessments.sentences import compared, detectable, difference, pair_name
from reports.factory import SHARED, make

KEY = "contrast:USA-RUS:dispute:meeting"


def focus_of(a: s.Assessment) -> s.Contrast:
    f = a.focus
    wanted = (f.dyad, f.outcome, f.arm, f.reference)
    return next(c for c in a.contrasts if (c.dyad, c.outcome, c.arm, c.reference) == wanted)


def replaced(a: s.Assessment, contrast: s.Contrast) -> s.Assessment:
    same = (contrast.dyad, contrast.outcome, contrast.arm)
    kept = [contrast if (c.dyad, c.outcome, c.arm) == same else c for c in a.contrasts]
    return a.model_copy(update={"contrasts": kept})


def moved(contrast: s.Contrast, factor: float) -> s.Contrast:
    d = contrast.difference
    ends = [[factor * v for v in values] for values in (d.lo, d.hi)]
    low, high = (list(map(f, *ends)) for f in (min, max))
    update = {"mean": [factor * v for v in d.mean], "lo": low, "hi": high}
    return contrast.model_copy(update={"difference": d.model_copy(update=update)})


def test_flipping_the_sign_flips_the_sentence() -> None:
    a = make(effect=-0.2)
    lower = compose(a)[KEY][0]
    higher = compose(replaced(a, moved(focus_of(a), -1.0)))[KEY][0]
    assert "percentage points lower (" in lower
    assert "percentage points higher (" in higher
    swapped = {"lower": "higher", "higher": "lower"}
    ends = re.findall(r"([\d.]+) (lower|higher)", lower)[-2:]
    turned = re.findall(r"([\d.]+) (lower|higher)", higher)[-2:]
    assert [(n, swapped[side]) for n, side in reversed(ends)] == turned


def test_flipping_the_sign_flips_the_headline() -> None:
    a = make(effect=-0.2)
    flipped = compose(replaced(a, moved(focus_of(a), -1.0)))["headline"][0]
    assert compose(a)["headline"][0] != flipped
    assert "higher (90%" in flipped


@pytest.mark.parametrize(("crises", "told"), [(0.2, True), (-0.2, False), (0.0, False)])
def test_crises_that_go_the_other_way_than_the_chance_are_explained(
    crises: float, told: bool
) -> None:
    a = make(effect=-0.2)
    one = a.nuclear.differences[0]
    moved_by = one.crises.model_copy(update={"value": crises})
    tail = a.nuclear.model_copy(
        update={"differences": [one.model_copy(update={"crises": moved_by})]}
    )
    sentences = compose(a.model_copy(update={"nuclear": tail}))["nuclear"]
    found = [t for t in sentences if "no contradiction to a chance that is lower within 1" in t]
    assert bool(found) == told


def test_zero_is_exactly_no_difference_and_why() -> None:
    a = make()
    same = moved(focus_of(a), 0.0).model_copy(update={"same_intensities": True})
    text = compose(replaced(a, same))[KEY][0]
    assert "sees exactly no difference in the chance of" in text
    assert text.endswith("because it gives both the same intensities.")
    assert "lower" not in text
    assert "higher" not in text


def test_futures_that_happen_not_to_differ_are_no_proof_of_no_difference() -> None:
    a = make()
    text = compose(replaced(a, moved(focus_of(a), 0.0)))[KEY][0]
    made = a.meta.settings.draws * a.meta.settings.futures_per_draw
    assert "exactly" not in text
    assert "intensities" not in text
    assert f"none of the {made:,} futures differs, and more draws and futures may show" in text


def test_a_pair_that_did_not_meet_shares_its_intensities() -> None:
    text = compose(make())["contrast:RUS-UKR:end:meeting"][0]
    assert "no difference was sampled" in text
    assert text.endswith(f"{SHARED}.")


def test_each_reason_why_nothing_is_estimated_stands_once_with_its_arms() -> None:
    a = make()
    idle = "the arm does nothing to this pair"
    contrasts = [
        c.model_copy(update={"reason": idle}) if c.arm == "envoys" and not c.estimated else c
        for c in a.contrasts
    ]
    prose = compose(a.model_copy(update={"contrasts": contrasts}))
    apart = [t for t in prose["forecast:GBR-RUS"] if "is not estimated" in t]
    meeting, envoys = ({x.id: x.label for x in a.arms}[arm] for arm in ("meeting", "envoys"))
    assert len(apart) == 2
    assert meeting.lower() in apart[0].lower()
    assert envoys.lower() in apart[1].lower()
    assert apart[1].endswith(f"on this pair is not estimated: {idle}.")
    (both,) = [t for t in compose(a)["forecast:GBR-RUS"] if "is not estimated" in t]
    assert f"{meeting} and ".lower() in both.lower()
    part = [t for t in prose["forecast:USA-RUS"] if "is not estimated" in t]
    assert all("the chance of a new war is not" in t for t in part)


def test_what_follows_from_other_pairs_is_no_estimated_effect() -> None:
    a = make()
    shared = next(c for c in a.contrasts if c.dyad == "RUS-UKR" and c.arm == "meeting")
    tiny = moved(focus_of(a), 0.001).difference
    text = difference(a, shared.model_copy(update={"difference": tiny}))
    assert f"not an estimated effect of the meeting on this pair: {SHARED}." in text


def test_no_pair_without_its_statement() -> None:
    a = make()
    prose = compose(a)
    for dyad in a.setting.dyads:
        text = " ".join(prose[f"forecast:{dyad.id}"])
        assert "is not estimated" in text


@pytest.mark.parametrize(
    ("spread", "word"), [(0.5, "which includes zero"), (0.05, "which excludes zero")]
)
def test_interval_says_whether_it_includes_zero(spread: float, word: str) -> None:
    assert word in compose(make(effect=-0.2, spread=spread))[KEY][0]


def test_estimate_inside_the_blind_range_is_said_to_be_small() -> None:
    a = make()
    assert "the estimate is smaller." in compose(a)[KEY][1]
    assert "the estimate is that large" in detectable(moved(focus_of(a), 9.0))[0]


def test_the_answer_stands_where_the_effect_could_be_detected_and_at_the_horizon() -> None:
    near, record, *_, far = compose(make())["headline"]
    assert "within 1 year" in near
    assert "within 1 year by 2.8 percentage points" in record
    assert far.startswith("Within 10 years the model puts it")


def test_the_answer_is_said_once_where_both_are_the_horizon() -> None:
    a = make()
    mde = focus_of(a).mde.model_copy(update={"at_years": None})
    told = compose(replaced(a, focus_of(a).model_copy(update={"mde": mde})))["headline"]
    assert len([text for text in told if text.startswith("With the leaders")]) == 1
    assert "within 10 years by" in told[1]


def test_an_interval_inside_the_blind_range_is_laid_to_the_prior() -> None:
    a = make(spread=0.2)
    text = " ".join(compose(a)["headline"])
    assert "the prior on meeting terms holds the effect near none" in text
    assert "narrower" not in " ".join(compose(make(spread=0.9))["headline"])
    free = [t.model_copy(update={"prior_share": 0.01}) for t in a.evidence.terms]
    evidence = a.evidence.model_copy(update={"terms": free})
    assert "narrower" not in " ".join(
        compose(a.model_copy(update={"evidence": evidence}))["headline"]
    )


def test_few_draws_are_said_to_make_rough_intervals() -> None:
    a = make()

    def told(draws: int) -> str:
        settings = a.meta.settings.model_copy(update={"draws": draws})
        meta = a.meta.model_copy(update={"settings": settings})
        return " ".join(compose(a.model_copy(update={"meta": meta}))["headline"])

    assert "This run took 49 draws" in told(49)
    assert "This run took" not in told(50)


def test_a_run_that_ends_before_the_detectable_year_is_not_compared_with_it() -> None:
    a = make(effect=-0.1, spread=0.1)
    focus = focus_of(a)
    d = focus.difference
    first = {k: getattr(d, k)[:1] for k in ("years", "mean", "lo", "hi", "mc_se")}
    short = focus.model_copy(update={"difference": d.model_copy(update=first)})
    (told,) = detectable(short)
    assert "lowered the chance within 1 year by" in told
    assert told.endswith("this run ends before that.")
    headline = " ".join(compose(replaced(a, short))["headline"])
    assert "no contradiction" not in headline


def test_detectable_effect_by_hazard_ratio() -> None:
    mde = s.MinimumDetectable(hazard_ratio_lo=0.46, hazard_ratio_hi=2.2)
    text = detectable(focus_of(make()).model_copy(update={"mde": mde}))[0]
    assert "multiplied the hazard by less than 0.46 or more than 2.20" in text


def test_missing_detectable_effect_gives_its_reason() -> None:
    mde = s.MinimumDetectable(reason="too few draws converged")
    text = detectable(focus_of(make()).model_copy(update={"mde": mde}))
    assert text == ["What the record could have shown is not known: too few draws converged."]


def test_term_whose_interval_excludes_one_follows_its_sign() -> None:
    low = " ".join(compose(make(effect=-0.9, spread=0.1))["evidence"])
    high = " ".join(compose(make(effect=0.9, spread=0.1))["evidence"])
    assert "Leaders met, half-life 6 months: a lower hazard" in low
    assert "Leaders met, half-life 6 months: a higher hazard" in high
    assert "every interval includes" in " ".join(compose(make())["evidence"])


def test_term_with_a_lead_as_strong_is_not_credited_to_the_meeting() -> None:
    text = " ".join(compose(make(effect=-0.3, spread=0.1))["evidence"])
    assert "so much of it was there before anyone met" in text


def test_drivers_follow_the_sign_of_the_contribution() -> None:
    a = make()
    one = a.drivers[0]
    flipped = [
        c.model_copy(
            update={
                "log_hazard": c.log_hazard.model_copy(
                    update={"value": -(c.log_hazard.value or 0.0)}
                )
            }
        )
        for c in one.contributions
    ]
    drivers = [one.model_copy(update={"contributions": flipped})]
    before = compose(a)[f"drivers:{one.dyad}:{one.transition}"][0]
    after = compose(a.model_copy(update={"drivers": drivers}))[
        f"drivers:{one.dyad}:{one.transition}"
    ][0]
    assert re.search(r"raised most by strategic rivalry", before)
    assert re.search(r"lowered most by strategic rivalry", after)


def few_pairs(row: s.SummaryRow, pairs: list[str], apart: int = 4) -> s.SummaryRow:
    q = row.estimate
    bare = s.Quantity(value=q.value, unit=q.unit, level=q.level, reason="too few pairs")
    changed = {"pairs": pairs, "dyads": len(pairs), "apart": apart, "estimate": bare}
    return row.model_copy(update=changed)


def with_summary(a: s.Assessment, rows: list[s.SummaryRow]) -> s.Assessment:
    found = a.reference_class.model_copy(update={"summary": rows})
    return a.model_copy(update={"reference_class": found})


def test_cases_of_few_pairs_have_a_share_and_no_interval() -> None:
    a = make()
    two = ["USA-RUS", "USA-CHN"]
    told = compose(with_summary(a, [few_pairs(r, two) for r in a.reference_class.summary]))
    shares = [text for text in told["reference"] if text.startswith("Of 14 meetings like this")]
    assert len(shares) == 2
    assert all(re.search(r"%\)", text) for text in shares)
    assert not any("interval" in text for text in shares)
    assert told["reference"][2] == (
        "All are of 2 pairs (USA-RUS, USA-CHN), and no share rests on more than 4 windows of 10 "
        "years that do not overlap: too few for an interval."
    )


def test_the_pairs_of_both_kinds_are_told_once() -> None:
    told = compose(make())["reference"]
    assert "The meetings are of 12 pairs, the days without one of 34 pairs." in told
    assert sum("pairs" in text for text in told) == 1
    assert all("90% interval" in text for text in told[:2])


def test_where_only_one_kind_has_an_interval_it_is_said_why() -> None:
    a = make()
    rows = [few_pairs(r, ["USA-RUS"]) if r.group == "met" else r for r in a.reference_class.summary]
    told = compose(with_summary(a, rows))["reference"]
    assert (
        "The meetings are of 1 pair (USA-RUS), the days without one of 34 pairs; fewer than 10 "
        "pairs are too few for an interval." in told
    )
    assert re.search(r"10 \(\d+%\) were .* of 311 days .*; 90% interval", told[0])


@pytest.mark.parametrize(("pairs", "told"), [(3, "2 or 3 pairs"), (4, "2 to 4 pairs")])
def test_rows_of_other_numbers_of_pairs_are_told_by_their_ends(pairs: int, told: str) -> None:
    a = make()
    names = [f"A{i}-B{i}" for i in range(pairs)]
    rows = [
        few_pairs(r, names[:2] if r.outcome == "war" else names) for r in a.reference_class.summary
    ]
    assert f"All are of {told}" in " ".join(compose(with_summary(a, rows))["reference"])


def test_two_overlapping_intervals_are_no_comparison() -> None:
    told = " ".join(compose(make())["reference"])
    assert "the intervals" not in told


def test_the_same_meetings_twice_are_no_second_sample() -> None:
    a = make()
    above = a.reference_class
    # A day later on the first: the two records differ in the day on which a meeting begins.
    first, *others = above.meetings
    late = dt.timedelta(days=1)
    first = first.model_copy(
        update={"date": first.date + late, "last_day": first.last_day + late, "id": "other"}
    )
    longer = above.model_copy(
        update={
            "meetings": [above.meetings[0].model_copy(update={"last_day": first.last_day}), *others]
        }
    )
    wider = above.model_copy(update={"meetings": [first, *others]})
    same = a.model_copy(update={"reference_class": longer, "chronology_class": wider})
    n = len(above.meetings)
    (text,) = compose(same)["chronology"]
    assert text.startswith(
        f"In the whole chronology, {n} of the {n} nearest meetings are among those above: no "
        "second sample (10 of the 14 counted were followed by "
    )
    touching = a.model_copy(update={"chronology_class": wider})
    (text,) = compose(touching)["chronology"]
    assert (
        f"{n - 1} of the {n} nearest meetings are among those above, the others of the same pairs: "
        "no second sample (" in text
    )
    elsewhere = [first.model_copy(update={"pair": "GBR-RUS"}), *others]
    wider = above.model_copy(update={"meetings": elsewhere})
    (text,) = compose(a.model_copy(update={"chronology_class": wider}))["chronology"]
    assert (
        f"{n - 1} of the {n} nearest meetings are among those above, all {n} of 3 pairs: " in text
    )


def test_other_meetings_are_told_in_full_with_how_many_are_the_same() -> None:
    a = make()
    other = [m.model_copy(update={"pair": "GBR-RUS"}) for m in a.reference_class.meetings]
    n = len(other)
    for same, told in ((0, "none are"), (1, "1 is")):
        meetings = [*a.reference_class.meetings[:same], *other[same:]]
        wider = a.reference_class.model_copy(update={"meetings": meetings})
        sentences = compose(a.model_copy(update={"chronology_class": wider}))["chronology"]
        assert sentences[0].startswith("In the whole chronology, of 14 meetings like this one, ")
        assert sentences[-1] == (
            f"Of the chronology's {n} nearest meetings {told} among the {n} nearest above."
        )
        assert "The meetings are of 12 pairs, the days without one of 34 pairs." in sentences


def chances(a: s.Assessment, values: dict[tuple[str, str], float]) -> s.Assessment:
    def set_to(row: s.NuclearRow) -> s.NuclearRow:
        value = values[row.prior, row.exposure_unit]
        q = s.Quantity(value=value, lo=value / 2, hi=value * 2, level=0.9, unit="probability")
        return row.model_copy(update={"within_horizon": q})

    tail = a.nuclear
    parts = {"rows": tail.rows, "per_crisis": tail.per_crisis}
    changed = {name: [set_to(r) for r in rows] for name, rows in parts.items()}
    return a.model_copy(update={"nuclear": tail.model_copy(update=changed)})


def test_the_prior_alone_is_told_apart_from_the_unit_of_exposure() -> None:
    units = ("calendar years", "nuclear dyad-years", "crises between nuclear states")
    base = {"jeffreys": 0.04, "sceptic": 0.01, "survey": 0.02}
    scale = dict(zip(units, (1.0, 2.0, 0.5), strict=True))
    values = {(p, u): v * scale[u] for p, v in base.items() for u in units}
    # Of the crises the ends are 1:5, of the others 1:4; over all units and priors 1:16.
    values["jeffreys", units[2]] = 0.025
    _, range_told, alone, *_ = compose(chances(make(), values))["nuclear"]
    assert range_told == (
        "Over all priors and units of exposure, the chance within 10 years runs from 0.50% "
        "(90% interval 0.25% to 1.0%) under “Rare event” in crises between nuclear states to 8.0% "
        "(90% interval 4.0% to 16%) under “Jeffreys” in nuclear dyad-years."
    )
    assert alone == (
        "Within one unit, the choice of prior alone changes it by a factor of 4.00 in calendar "
        "years, 4.00 in nuclear dyad-years and 5.00 in crises between nuclear states."
    )


def test_with_prose_keeps_every_number() -> None:
    a = make()
    done = with_prose(a)
    assert done.prose == compose(a)
    assert done.model_copy(update={"prose": {}}) == a


def test_sentences_end_and_begin_as_sentences() -> None:
    a = make()
    for section, sentences in compose(a).items():
        for text in sentences:
            assert text.endswith("."), (section, text)
            assert text[0].isupper() or text[0].isdigit(), (section, text)
            assert ".." not in text, (section, text)


def test_pair_takes_an_article_where_english_does() -> None:
    pair = make().setting.dyads[0]
    assert pair_name(pair) == "the United States of America and the United Kingdom"


@pytest.mark.parametrize(
    ("lo", "hi", "side"), [(0.4, 0.9, "below"), (1.1, 2.0, "above"), (0.4, 1.1, "includes")]
)
def test_side_of_an_interval(lo: float, hi: float, side: str) -> None:
    q = s.Quantity(value=(lo + hi) / 2, lo=lo, hi=hi, level=0.9, unit="hazard ratio")
    assert compared(q) == side


def test_side_is_unknown_without_interval() -> None:
    q = s.Quantity(value=0.5, unit="hazard ratio", reason="one event")
    assert compared(q) == "unknown"


def test_what_the_numbers_of_meetings_leave_out_is_said_once() -> None:
    a = make()

    def told(*counts: tuple[int, int, int]) -> list[str]:
        rows = [r for r in a.reference_class.summary if (r.horizon, r.group) == (10, "met")]
        fields = ("n", "censored", "under_way")
        changed = [
            row.model_copy(update=dict(zip(fields, count, strict=True)))
            for row, count in zip(rows, counts, strict=False)
        ]
        one = a.reference_class.model_copy(update={"summary": changed})
        return compose(a.model_copy(update={"reference_class": one}))["reference"]

    said = "Counted are those of the {} nearest of each kind that the record follows for 10 years "
    said += "and that had none under way."
    assert told((19, 4, 2), (20, 5, 0))[-1] == said.format(25)
    assert told((19, 4, 2), (20, 4, 0))[-1] == said.format("24 or 25")
    assert not any("nearest" in text for text in told((25, 0, 0), (25, 0, 0)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0%"),
        (1.0, "100%"),
        (0.37, "37%"),
        (0.042, "4.2%"),
        (0.0999, "10%"),
        (0.0013, "1.3 in 1,000"),
        (0.00002, "2.0 in 100,000"),
        (3e-7, "3.0 in 10 million"),
        (0.996, "99.6%"),
        (0.999999, "more than 99.99%"),
    ],
)
def test_probability_in_words(value: float, text: str) -> None:
    assert say.probability(value) == text


def test_an_interval_shares_the_scale_of_its_statement() -> None:
    assert say.with_interval(0.0013, 0.0006, 0.0029, 0.9) == (
        "1.3 in 1,000 (90% interval 0.60 to 2.9 in 1,000)"
    )


@pytest.mark.parametrize(
    ("value", "text"), [(0.46, "0.46"), (2.2, "2.20"), (12.34, "12"), (0.004, "0.004")]
)
def test_ratio_in_words(value: float, text: str) -> None:
    assert say.ratio(value) == text


def _back(text: str) -> float:
    """Read a written probability as a number again."""
    units: dict[str, Any] = {"%": 1e2, " in 1,000": 1e3, " in 100,000": 1e5, " in 10 million": 1e7}
    sign = max((u for u in units if text.endswith(u)), key=len)
    return float(text.removesuffix(sign).replace(",", "")) / units[sign]


HALF_A_DIGIT = 0.051
"""Two significant digits are within half a unit of the second: 5%, and rounding of the rounded."""


@given(st.floats(min_value=1e-6, max_value=0.99))
def test_a_written_probability_is_within_its_rounding(value: float) -> None:
    assert math.isclose(_back(say.probability(value)), value, rel_tol=HALF_A_DIGIT)


@given(st.floats(min_value=-1.0, max_value=1.0))
def test_a_written_difference_has_the_sign_of_the_number(value: float) -> None:
    text = say.signed(value, say.scale_of((value,)))
    assert ("lower" in text) == (value < -say.RESIDUE)
    assert ("higher" in text) == (value > say.RESIDUE)


def test_what_rounding_leaves_of_zero_is_zero():
    assert say.digits(-1e-17) == "0"
    assert say.signed(3e-19, say.PERCENT) == "no difference"
    assert say.digits(1e-9) == "less than 0.001"
