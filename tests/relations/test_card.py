"""The model card: numbers from the file, sentences that follow them."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

import pytest

from detente.core.errors import OutputError
from detente.relations.card import render_card
from detente.relations.card_course import course_in_words
from detente.relations.card_evidence import rivals, verdict
from detente.relations.labels import column_label, dyad_label, term_label
from detente.relations.markdown import listed, number, ratio, reflowed, table
from detente.relations.model import (
    CoursePart,
    EffectPart,
    ModelFile,
    RatioPart,
    WarExposurePart,
    load_model,
)
from detente.relations.writing import write_fit


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return load_model()


@pytest.fixture(scope="module")
def card(model: ModelFile) -> str:
    return render_card(model)


def changed(model: ModelFile, **fields: Any) -> ModelFile:
    return model.model_copy(update=fields)


def with_effects(model: ModelFile, change: Callable[[EffectPart], dict[str, Any]]) -> ModelFile:
    return changed(model, effects=[e.model_copy(update=change(e)) for e in model.effects])


def test_every_part_is_there_and_no_number_is_missing(card: str, model: ModelFile) -> None:
    titles = [line for line in card.splitlines() if line.startswith("## ")]
    assert len(titles) == len(set(titles)) == 13
    assert not re.search(r"\b(nan|inf)\b|[{}]", card)
    for process in model.processes:
        assert f"| {process.events:,} |" in card
    for dataset in model.data:
        assert f"| `{dataset.dataset}` | {dataset.version} |" in card


def test_tables_have_rows_of_one_length(card: str) -> None:
    for block in card.split("\n\n"):
        if block.startswith("|"):
            bars = {line.replace("\\|", "").count("|") for line in block.splitlines()}
            assert len(bars) == 1, block


def test_effects_stand_with_their_interval_their_lead_and_what_was_detectable(
    card: str, model: ModelFile
) -> None:
    for effect in model.effects:
        for r in (effect.ratio, effect.lag, effect.lead):
            assert ratio(r.value, r.lo, r.hi) in card
        assert number(effect.detectable_below) in card
        assert f"| {effect.events} | {effect.exposed_events} | {effect.exposed_dyads} |" in card


def test_a_coefficient_is_shown_as_a_hazard_ratio(model: ModelFile) -> None:
    place = model.names.index("initiate:rivalry")
    mean = list(model.mean)
    mean[place] = -mean[place]
    flipped = render_card(changed(model, mean=mean))
    before, after = (
        float(text.split("| strategic rivalry | ")[1].split(" [")[0])
        for text in (render_card(model), flipped)
    )
    assert before == pytest.approx(math.exp(model.mean[place]), rel=5e-3)  # three digits
    assert after == pytest.approx(1 / before, rel=1e-2)  # two numbers of three digits


def test_the_words_follow_the_effect(model: ModelFile, card: str) -> None:
    assert "Start of a dispute, leaders' meetings: inconclusive" in card
    clear = {
        "lower": RatioPart(value=0.5, lo=0.3, hi=0.8),
        "higher": RatioPart(value=2.0, lo=1.3, hi=3.1),
    }
    lead = RatioPart(value=1.0, lo=0.7, hi=1.4)
    for word, found in clear.items():
        text = render_card(
            with_effects(model, lambda e: {"ratio": found, "lag": found, "lead": lead})  # noqa: B023
        )
        assert f"Start of a dispute, leaders' meetings: {word} (the interval leaves out" in text
        assert text.count(f"| {word} |") == len(model.effects)


def test_a_lead_that_rivals_the_lag_makes_a_clear_ratio_inconclusive(model: ModelFile) -> None:
    clear = RatioPart(value=0.5, lo=0.3, hi=0.8)
    effect = model.effects[0].model_copy(update={"ratio": clear, "lag": clear})
    for lead, word in ((0.4, "inconclusive"), (0.7, "lower"), (2.5, "lower")):
        part = RatioPart(value=lead, lo=lead / 2, hi=lead * 2)
        assert rivals(clear, part) == (word == "inconclusive")
        assert verdict(effect.model_copy(update={"lead": part})) == word


def test_a_term_left_out_is_listed_as_not_estimable(model: ModelFile, card: str) -> None:
    assert "not estimable |" not in card
    first = model.terms[0].model_copy(update={"fitted": False, "exposed": 9})
    text = render_card(changed(model, terms=[first, *model.terms[1:]]))
    assert f"1 of {len(model.terms)} fall short" in text
    assert f"| 9 | {first.dyads} | not estimable |" in text


def test_exposed_entries_into_war_are_counted(model: ModelFile) -> None:
    part = WarExposurePart(kind="leaders", events=17, exposed=2, ends=15, ends_exposed=4)
    text = " ".join(render_card(changed(model, war_exposure=[part])).split())
    assert "2 of the 17 entries into war and 4 of the 15 ends of war" in text


def course(observed: int) -> CoursePart:
    return CoursePart(
        shocks="drawn",
        decade="1960",
        outcome="wars joined",
        observed=observed,
        median=5,
        lo=2,
        hi=9,
    )


@pytest.mark.parametrize(("observed", "side"), [(1, "fewer"), (10, "more")])
def test_the_course_says_where_it_fails(model: ModelFile, observed: int, side: str) -> None:
    assert f"The record has {side} wars joined in the 1960s." in course_in_words([course(observed)])
    text = render_card(changed(model, course=[course(observed)]))
    assert f"**{observed}; 5 [2, 9]**" in text
    assert "**Where it fails**" in text


def test_a_course_that_holds_says_so(model: ModelFile) -> None:
    text = render_card(changed(model, course=[course(9)]))
    assert "lies inside the interval in all 1 cells" in text
    assert "Where it fails" not in text
    assert "It has not been simulated." in render_card(changed(model, course=[]))


def test_calibration_names_the_decades_that_are_off(model: ModelFile) -> None:
    part = model.calibration[0]
    good = part.model_copy(update={"by": "decade", "group": "1850", "observed": 10, "expected": 9})
    bad = good.model_copy(update={"group": "1870", "observed": 30})
    text = render_card(changed(model, calibration=[good, bad]))
    assert "1870s 30 / 9.00" in text
    assert "1850s" not in text
    assert "Of 2 groups (fifths and decades of each process), 1 lie outside" in text


def test_labels_are_words() -> None:
    assert column_label("recorded:rivalry") == "US dyad x strategic rivalry"
    assert column_label("since_1946") == "since 1946"
    assert column_label("new_column") == "new_column"
    assert term_label("met_envoys_6m") == "envoys' meetings, half-life 6 months"
    assert dyad_label(2365) == "United States of America-Russia"
    assert dyad_label(2001) == "United States of America-1"


def test_every_coefficient_has_a_label(model: ModelFile) -> None:
    columns = {n.split(":", 1)[1] for n in model.names if ":baseline[" not in n}
    bare = [c for c in columns if column_label(c) == c]
    assert not bare


def test_markdown() -> None:
    assert [number(x) for x in (0, 0.5, 0.00012, 123.0, 45678.0)] == [
        "0", "0.500", "1.2e-04", "123", "45,678",
    ]  # fmt: skip
    assert listed([]) == ""
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert table(("a|b",), [(1,)]) == "| a\\|b |\n| --- |\n| 1 |"
    long = " ".join(["word"] * 60)
    text = reflowed(f"# {long}\n\n{long}\n\n- {long}\n- short")
    heading, paragraph, items = text.split("\n\n")
    assert heading == f"# {long}"
    assert max(map(len, paragraph.splitlines())) <= 100
    assert items.splitlines()[1].startswith("  word")
    assert items.splitlines()[-1] == "- short"


def test_a_fit_is_written_whole(model: ModelFile, card: str, tmp_path: Any) -> None:
    paths = write_fit(model, str(tmp_path / "new"))
    assert [p.name for p in paths] == ["model.json", "model-card.md"]
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["model-card.md", "model.json"]
    assert paths[1].read_text(encoding="utf-8") == card
    assert json.loads(paths[0].read_text(encoding="utf-8"))["fingerprint"] == model.fingerprint
    assert load_model(str(paths[0])) == model
    (tmp_path / "file").write_text("here")
    with pytest.raises(OutputError, match="cannot be written"):
        write_fit(model, tmp_path / "file")


def test_the_shipped_card_is_that_of_the_shipped_model(card: str) -> None:
    from importlib import resources

    place = resources.files("detente.relations") / "shipped" / "model-card.md"
    assert place.read_text(encoding="utf-8") == card
