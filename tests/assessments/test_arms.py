"""What an arm does, in words: as its interventions are, whatever its title."""

from __future__ import annotations

import datetime as dt

import pytest

from detente.assessments.arms import SUSTAINED, description, note
from detente.assessments.prose import compose
from detente.scenarios.arms import Arm, Cancel, Hold, Intervention, Offset, Scale
from reports.factory import make

DAY, PAIR = dt.date(2025, 8, 15), ("USA", "RUS")
HOLD = Hold(kind="hold", dyad=PAIR, channel="leader", date=DAY)
CANCEL = Cancel(
    kind="cancel", dyads=(PAIR,), channel="leader", start=DAY, stop=dt.date(2030, 8, 15)
)
SCALE = Scale(kind="scale", dyads=(PAIR,), channel="envoy", start=DAY, factor=0.5)
OFFSET = Offset(
    kind="offset", dyads=(PAIR, ("RUS", "UKR")), channel="calm-dispute", delta=0.0, note="a trial"
)


@pytest.mark.parametrize(
    ("interventions", "told", "sustained"),
    [
        ((), "nothing is held, nature afterwards", False),
        ((HOLD,), "one meeting of leaders of USA-RUS held, nature afterwards", False),
        (
            (CANCEL,),
            "no meeting of leaders of USA-RUS from 2025-08-15 to 2030-08-15, nature elsewhere",
            True,
        ),
        (
            (HOLD, SCALE),
            "one meeting of leaders of USA-RUS held; meetings of envoys of USA-RUS at 0.50 times "
            "their rate from 2025-08-15 on, nature elsewhere",
            True,
        ),
        (
            (OFFSET,),
            "calm-dispute of USA-RUS, RUS-UKR at 1.00 times its intensity (a trial), nature "
            "elsewhere",
            False,
        ),
    ],
)
def test_an_arm_says_what_it_does(
    interventions: tuple[Intervention, ...], told: str, sustained: bool
) -> None:
    arm = Arm(name="arm", title="An arm", interventions=interventions)
    assert description(arm) == told
    assert note(arm) == (SUSTAINED if sustained else None)
    noted = arm.model_copy(update={"note": "Ours."})
    assert note(noted) == (f"Ours. {SUSTAINED}" if sustained else "Ours.")


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("The summit", "With the summit rather than no meeting"),
        ("Twice the meetings", "With “Twice the meetings” rather than “No meeting”"),
        ("No meeting for years", "With “No meeting for years” rather than “No meeting”"),
    ],
)
def test_a_title_that_is_no_plain_noun_stands_in_quotes(title: str, told: str) -> None:
    a = make()
    titles = {a.focus.reference: "No meeting", a.focus.arm: title}
    arms = [x.model_copy(update={"label": titles.get(x.id, x.label)}) for x in a.arms]
    assert compose(a.model_copy(update={"arms": arms}))["headline"][0].startswith(told)
