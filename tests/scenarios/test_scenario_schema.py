"""Every way to break a scenario file ends in one error that names file, key and what to do."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from detente.core.errors import ScenarioError
from detente.scenarios import Scenario, build_scenario, template_text
from detente.scenarios.arms import Hold

Data = dict[str, Any]
DAY = dt.date


@pytest.fixture
def data() -> Data:
    """Parsed TOML of the template: two states, one pair, one event, two arms."""
    return tomllib.loads(template_text())


def with_ukraine(data: Data) -> Data:
    """Add a third state and its pairs, so that there is a pair that does not meet."""
    data["states"].append({"code": "UKR"})
    for other in ("USA", "RUS"):
        data["dyads"].append(
            {
                "parties": [other, "UKR"],
                "rung": "calm",
                "since": DAY(1991, 12, 26),
                "disputed_before": False,
                "source": "press",
            }
        )
    return data


def prior(**changes: Any) -> Data:
    """Return a prior on Russia and Ukraine, who do not meet."""
    return {
        "name": "hope",
        "arm": "leaders",
        "dyad": ["RUS", "UKR"],
        "transition": "war-calm",
        "probability": 0.5,
        "median": 1.3,
        "low": 1.0,
        "high": 2.0,
        "level": 0.9,
        "source": "press",
        "note": "mine",
        **changes,
    }


def event(**changes: Any) -> Data:
    """Return a short meeting of the two presidents."""
    return {
        "kind": "leader",
        "parties": ["USA", "RUS"],
        "start": DAY(2021, 6, 16),
        "note": "Geneva",
        "source": "press",
        "confidence": "high",
        **changes,
    }


def test_the_template_is_a_scenario(data: Data) -> None:
    scenario = build_scenario(data, "t.toml")
    assert [arm.name for arm in scenario.arms] == ["neither", "leaders"]
    assert scenario.reference.interventions == ()
    assert isinstance(scenario.arms[1].interventions[0], Hold)


Breaker = Callable[[Data], Any]

BROKEN: dict[str, tuple[Breaker, str]] = {
    "unknown key": (
        lambda d: d.update(horizont_years=3),
        r"\(top level\): unknown key 'horizont_years': did you mean 'horizon_years'\?",
    ),
    "unknown key inside": (
        lambda d: d["states"][0]["cinc"].update(yeer=2020),
        r"states\[0\]\.cinc: unknown key 'yeer': did you mean 'year'\?",
    ),
    "unknown key far from all": (
        lambda d: d["meeting"].update(zzz=1),
        r"meeting: unknown key 'zzz': known: kind, parties",
    ),
    "missing key": (lambda d: d.pop("silence"), r"silence: is missing: add it"),
    "name with spaces": (
        lambda d: d.update(name="My scenario"),
        r"name: does not have the expected form .*'My scenario'",
    ),
    "date as text": (
        lambda d: d.update(date="2025-08-15"),
        r"date: expected a day, unquoted, as 2025-08-15; got '2025-08-15'",
    ),
    "date as number": (lambda d: d.update(date=2025), r"date: expected a day"),
    "date with time": (
        lambda d: d.update(date=dt.datetime(2025, 8, 15, 12)),
        r"date: expected a day",
    ),
    "date out of range": (
        lambda d: d.update(date=DAY(2525, 8, 15)),
        r"date: 2525-08-15 is out of range: expected 1816-01-01 to 2100-12-31",
    ),
    "date inside the record": (
        lambda d: d.update(date=DAY(1990, 1, 1)),
        r"date: 1990-01-01 is inside the record: expected a day after 2014-12-31; .*"
        'kind = "case": `detente scenarios new --case`',
    ),
    "no horizon": (lambda d: d.update(horizon_years=0), r"horizon_years: .*greater than 0"),
    "long horizon": (
        lambda d: d.update(horizon_years=51),
        r"horizon_years: .*less than or equal to 50; got '51'",
    ),
    "horizon not a number": (
        lambda d: d.update(horizon_years=float("nan")),
        r"horizon_years: .*finite",
    ),
    "horizon true": (lambda d: d.update(horizon_years=True), r"horizon_years: expected a number"),
    "long text": (lambda d: d.update(summary="x" * 4001), r"summary: .*at most 4000 characters"),
    "empty text": (lambda d: d.update(title="  "), r"title: .*at least 1 character"),
    "control character": (
        lambda d: d.update(summary="red \x1b[31m"),
        r"summary: holds the control character U\+001B: take it out",
    ),
    "a list that is a table": (lambda d: d.update(states={"code": "USA"}), r"states: expected"),
    "unknown state": (
        lambda d: d["states"][0].update(code="USX"),
        r"states\[0\]\.code: unknown state 'USX'",
    ),
    "state in small letters": (
        lambda d: d["states"][0].update(code="usa"),
        r"states\[0\]\.code: does not have the expected form",
    ),
    "state of two systems": (
        lambda d: d["states"][0].update(code="AUS"),
        r"states\[0\]\.code: state 'AUS' is Australia .* or Austria|Austria .* or Australia",
    ),
    "state not in the system": (
        lambda d: d["states"].append({"code": "GDR"}),
        r"states\[2\]\.code: GDR \(German Democratic Republic\) is not in the state system on "
        r"2025-08-15",
    ),
    "state twice by two codes": (
        lambda d: d["states"].extend([{"code": "GBR"}, {"code": "UKG"}]),
        r"states\[3\]\.code: UKG is the state already listed as GBR",
    ),
    "state not listed": (
        lambda d: d["meeting"].update(parties=["USA", "CHN"]),
        r"meeting\.parties: CHN is not among the states: USA, RUS",
    ),
    "covariate without source": (
        lambda d: d["states"][0]["cinc"].pop("source"),
        r"states\[0\]\.cinc\.source: is missing: add it",
    ),
    "covariate without year": (
        lambda d: d["states"][0]["cinc"].pop("year"),
        r"states\[0\]\.cinc\.year: is missing: add it",
    ),
    "covariate from an unknown source": (
        lambda d: d["states"][0]["cinc"].update(source="nmcc"),
        r"states\[0\]\.cinc\.source: unknown source 'nmcc': did you mean 'nmc'\?",
    ),
    "covariate of the year itself": (
        lambda d: d["states"][0]["cinc"].update(year=2025),
        r"states\[0\]\.cinc\.year: 2025 is not before the year of the date \(2025\)",
    ),
    "share above one": (
        lambda d: d["states"][0]["cinc"].update(value=1.2),
        r"states\[0\]\.cinc\.value: .*less than or equal to 1; got '1\.2'",
    ),
    "share below zero": (
        lambda d: d["states"][0].update(polyarchy={"value": -0.1, "year": 2020, "source": "nmc"}),
        r"states\[0\]\.polyarchy\.value: .*greater than or equal to 0",
    ),
    "Polity out of range": (
        lambda d: d["states"][0].update(polity2={"value": -77, "year": 2015, "source": "nmc"}),
        r"states\[0\]\.polity2\.value: .*greater than or equal to -10",
    ),
    "contiguity out of range": (
        lambda d: d["dyads"][0]["contiguity"].update(value=6),
        r"dyads\[0\]\.contiguity\.value: .*less than or equal to 5",
    ),
    "a pair twice, turned round": (
        lambda d: d["dyads"].append({**d["dyads"][0], "parties": ["RUS", "USA"]}),
        r"dyads\[1\]\.parties: RUS-USA is already dyads\[0\]: keep one of them",
    ),
    "a pair of one": (
        lambda d: d["dyads"].append({**d["dyads"][0], "parties": ["RUS", "RUS"]}),
        r"dyads\[1\]\.parties: names one state twice",
    ),
    "a pair of three": (
        lambda d: d["dyads"][0].update(parties=["USA", "RUS", "USA"]),
        r"dyads\[0\]\.parties",
    ),
    "pairs missing": (
        lambda d: d["states"].extend([{"code": "CHN"}]),
        r"dyads: expected every pair of states; missing: USA-CHN, RUS-CHN",
    ),
    "unknown rung": (
        lambda d: d["dyads"][0].update(rung="tension"),
        r"dyads\[0\]\.rung: .*'calm', 'dispute' or 'war'; got 'tension'",
    ),
    "rung against the events": (
        lambda d: d["dyads"][0].update(rung="war"),
        r"dyads\[0\]: USA-RUS: rung 'war', but the events say calm",
    ),
    "rung without event": (
        lambda d: (d["events"].clear(), d["dyads"][0].update(rung="dispute")),
        r"dyads\[0\]: USA-RUS: rung 'dispute', but no event says so",
    ),
    "war under way without rung": (
        lambda d: d["events"].append(event(kind="war", start=DAY(2025, 8, 10), ongoing=True)),
        r"dyads\[0\]: USA-RUS: rung 'calm', but the events say war",
    ),
    "since against the events": (
        lambda d: d["dyads"][0].update(since=DAY(2020, 1, 1)),
        r"dyads\[0\]: USA-RUS: since 2020-01-01, but the events say 2025-08-02",
    ),
    "since after the date": (
        lambda d: (d["events"].clear(), d["dyads"][0].update(since=DAY(2025, 9, 1))),
        r"dyads\[0\]: USA-RUS: since 2025-09-01 is after the date 2025-08-15",
    ),
    "since before membership": (
        lambda d: with_ukraine(d)["dyads"][1].update(since=DAY(1950, 1, 1)),
        r"dyads\[1\]: USA-UKR: since 1950-01-01: UKR is not in the state system in that year",
    ),
    "past denied": (
        lambda d: d["dyads"][0].update(disputed_before=False),
        r"dyads\[0\]: USA-RUS: disputed_before is false, but there are disputes",
    ),
    "event after the date": (
        lambda d: d["events"].append(event(start=DAY(2025, 8, 18))),
        r"events\[1\]: 2025-08-18 is after the date 2025-08-15",
    ),
    "event inside the record": (
        lambda d: d["events"].append(event(start=DAY(2010, 4, 8))),
        r"events\[1\]: ends 2010-04-08, inside the record: expected events after 2014-12-31",
    ),
    "event twice": (
        lambda d: d["events"].extend([event(), event(parties=["RUS", "USA"])]),
        r"events\[2\]: the leader of 2021-06-16 is listed twice",
    ),
    "event that ends before it starts": (
        lambda d: d["events"].append(event(end=DAY(2021, 6, 15))),
        r"events\[1\]: end 2021-06-15 is before start 2021-06-16",
    ),
    "event over and under way": (
        lambda d: d["events"].append(event(end=DAY(2021, 6, 17), ongoing=True)),
        r"events\[1\]: end is given and ongoing is true",
    ),
    "event of one state": (
        lambda d: d["events"].append(event(parties=["USA", "USA"])),
        r"events\[1\]: parties name a state twice",
    ),
    "congress of two": (
        lambda d: d["events"].append(event(kind="congress")),
        r"events\[1\]: a congress has three or more parties",
    ),
    "war of three": (
        lambda d: with_ukraine(d)["events"].append(
            event(kind="war", parties=["USA", "RUS", "UKR"])
        ),
        r"events\[1\]: a war has two parties: write one event for each pair",
    ),
    "cancelled war": (
        lambda d: d["events"].append(event(kind="war", status="cancelled")),
        r"events\[1\]: status and occasion belong to meetings only",
    ),
    "war in the record of meetings": (
        lambda d: d["events"].append(event(kind="war", in_record=True)),
        r"events\[1\]: in_record belongs to meetings only",
    ),
    "doubt without reason": (
        lambda d: d["events"].append(event(confidence="low")),
        r"events\[1\]: confidence 'low' needs a reason",
    ),
    "event without source": (
        lambda d: d["events"][0].pop("source"),
        r"events\[0\]\.source: is missing: add it",
    ),
    "event from an unknown source": (
        lambda d: d["events"].append(event(source="nowhere-at-all")),
        r"events\[1\]\.source: unknown source 'nowhere-at-all': add it to \[\[sources\]\]",
    ),
    "meeting in the past": (
        lambda d: d["meeting"].update(date=DAY(2025, 8, 1)),
        r"meeting\.date: 2025-08-01 is before the date 2025-08-15",
    ),
    "meeting past the horizon": (
        lambda d: d["meeting"].update(date=DAY(2036, 1, 1)),
        r"meeting\.date: 2036-01-01 is past the horizon",
    ),
    "meeting announced afterwards": (
        lambda d: d["meeting"].update(announced=DAY(2025, 8, 16)),
        r"meeting: announced 2025-08-16 is after the date 2025-08-15",
    ),
    "meeting of one": (
        lambda d: d["meeting"].update(parties=["USA", "USA"]),
        r"meeting\.parties: name one state twice",
    ),
    "meeting of three leaders": (
        lambda d: with_ukraine(d)["meeting"].update(parties=["USA", "RUS", "UKR"]),
        r"meeting: 3 parties: a congress has three or more, others two",
    ),
    "no arms": (lambda d: d.update(arms=[]), r"arms: .*at least 1 item"),
    "arm twice": (
        lambda d: d["arms"][1].update(name="neither"),
        r"arms\[1\]\.name: 'neither' is used twice",
    ),
    "source twice": (
        lambda d: d["sources"].append(d["sources"][0]),
        r"sources\[3\]\.id: 'press' is used twice",
    ),
    "unknown intervention": (
        lambda d: d["arms"][1]["interventions"][0].update(kind="bomb"),
        r"arms\[1\]\.interventions\[0\]: .*'hold', 'cancel', 'scale', 'offset'",
    ),
    "misspelt intervention key": (
        lambda d: d["arms"][1]["interventions"][0].update(chanel="leader"),
        r"arms\[1\]\.interventions\[0\]: unknown key 'chanel': did you mean 'channel'\?",
    ),
    "intervention too late": (
        lambda d: d["arms"][1]["interventions"][0].update(date=DAY(2045, 1, 1)),
        r"arms\[1\]\.interventions\[0\]: 2045-01-01 is out of range: expected 2025-08-15 to "
        r"2035-08-15",
    ),
    "window backwards": (
        lambda d: d["arms"][1].update(
            interventions=[
                {
                    "kind": "cancel",
                    "dyads": [["USA", "RUS"]],
                    "channel": "leader",
                    "start": DAY(2026, 1, 1),
                    "stop": DAY(2025, 9, 1),
                }
            ]
        ),
        r"arms\[1\]\.interventions\[0\]: stop 2025-09-01 is not after start 2026-01-01",
    ),
    "intervention on one state": (
        lambda d: d["arms"][1]["interventions"][0].update(dyad=["USA", "USA"]),
        r"arms\[1\]\.interventions\[0\]: a dyad names one state twice",
    ),
    "probability above one": (
        lambda d: with_ukraine(d).update(priors=[prior(probability=1.5)]),
        r"priors\[0\]\.probability: .*less than or equal to 1; got '1\.5'",
    ),
    "probability below zero": (
        lambda d: with_ukraine(d).update(priors=[prior(probability=-0.1)]),
        r"priors\[0\]\.probability: .*greater than or equal to 0",
    ),
    "prior out of order": (
        lambda d: with_ukraine(d).update(priors=[prior(low=1.5)]),
        r"priors\[0\]: expected low <= median <= high",
    ),
    "prior on those who met": (
        lambda d: with_ukraine(d).update(priors=[prior(dyad=["USA", "RUS"])]),
        r"priors\[0\]\.dyad: its members take part in the meeting",
    ),
    "prior on the reference": (
        lambda d: with_ukraine(d).update(priors=[prior(arm="neither")]),
        r"priors\[0\]\.arm: 'neither' is no arm beside the first: leaders",
    ),
    "prior from an unknown source": (
        lambda d: with_ukraine(d).update(priors=[prior(source="pres")]),
        r"priors\[0\]\.source: unknown source 'pres': did you mean 'press'\?",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_bad_input_is_refused(data: Data, case: str) -> None:
    break_it, message = BROKEN[case]
    break_it(data)
    with pytest.raises(ScenarioError, match=message) as caught:
        build_scenario(data, "mine.toml")
    lines = str(caught.value).split(";\n")
    assert all(line.startswith("mine.toml: ") for line in lines)
    assert "validation error" not in str(caught.value)


def test_many_problems_are_cut_short(data: Data) -> None:
    data["events"].extend(event(source=f"s{i}", start=DAY(2020, 1, 1 + i)) for i in range(15))
    with pytest.raises(ScenarioError, match=r"and 5 more problems$"):
        build_scenario(data, "mine.toml")


def test_a_scenario_cannot_change(data: Data) -> None:
    scenario = build_scenario(data, "t.toml")
    with pytest.raises(ValueError, match="frozen"):
        scenario.name = "other"  # type: ignore[misc]


def test_markup_is_kept_as_text(data: Data) -> None:
    markup = "<script>alert('x')</script> & [bold]"
    data["summary"] = markup
    assert build_scenario(data, "t.toml").summary == markup


def test_codes_of_both_kinds_are_one_state(data: Data) -> None:
    data["states"].append({"code": "GBR"})
    for other, since in (("USA", DAY(1940, 11, 4)), ("RUS", DAY(2014, 10, 30))):
        data["dyads"].append(
            {
                "parties": ["UKG", other],
                "rung": "calm",
                "since": since,
                "disputed_before": True,
                "source": "press",
            }
        )
    scenario = build_scenario(data, "t.toml")
    assert scenario.pair(("GBR", "USA")) == (2, 200)
    assert scenario.label(("UKG", "USA")) == "USA-GBR"
    assert scenario.dyad(("USA", "UKG")).since == DAY(1940, 11, 4)
    with pytest.raises(KeyError):
        scenario.dyad(("USA", "CHN"))


def test_days_of_an_event_are_half_open(data: Data) -> None:
    data["events"].append(event(end=DAY(2021, 6, 18)))
    scenario = build_scenario(data, "t.toml")
    one_day, three_days = scenario.events
    assert one_day.stop == DAY(2025, 8, 2)
    assert three_days.stop == DAY(2021, 6, 19)
    assert [e.start for e in scenario.events_of(("RUS", "USA"))] == [
        DAY(2021, 6, 16),
        DAY(2025, 8, 1),
    ]


def test_a_doubtful_event_is_not_counted(data: Data) -> None:
    data["events"].append(
        event(kind="dispute", start=DAY(2025, 8, 10), confidence="low", reason="one side's word")
    )
    scenario = build_scenario(data, "t.toml")
    assert [e.counted for e in scenario.events] == [True, False]
    assert scenario.dyads[0].since == DAY(2025, 8, 2)


def since_2021() -> list[Data]:
    """One meeting that counts, and three that do not."""
    return [
        event(start=DAY(2021, 6, 16), in_record=True),
        event(start=DAY(2021, 7, 1)),
        event(start=DAY(2021, 7, 2), in_record=True, confidence="low", reason="minutes"),
        event(start=DAY(2021, 7, 3), in_record=True, status="cancelled"),
    ]


def test_the_past_keeps_to_the_yardstick_of_the_record(data: Data) -> None:
    data["events"] += [
        *since_2021(),
        event(kind="dispute", start=DAY(2014, 4, 1), end=DAY(2015, 1, 5)),
    ]
    past = [e.start for e in build_scenario(data, "t.toml").past_of(("RUS", "USA"))]
    assert past == [DAY(2021, 6, 16), DAY(2025, 8, 1)]


def test_what_does_not_count_says_why(data: Data) -> None:
    data["events"] += since_2021()
    scenario = build_scenario(data, "t.toml")
    told = {e.start.day: scenario.uncounted(e) for e in scenario.events if e.start.month != 8}
    assert told[16] is None
    assert "in_record" in (told[1] or "")
    assert told[2] == "its confidence is low"
    assert told[3] == "it was not held"


def test_a_dispute_under_way_and_one_from_a_war(data: Data) -> None:
    data["events"].append(event(kind="dispute", start=DAY(2025, 8, 5), ongoing=True))
    data["dyads"][0].update(rung="dispute", since=DAY(2025, 8, 5))
    assert build_scenario(data, "t.toml").dyads[0].rung == "dispute"
    data["events"].append(event(kind="war", start=DAY(2025, 8, 7), end=DAY(2025, 8, 9)))
    data["dyads"][0].update(since=DAY(2025, 8, 10))
    assert build_scenario(data, "t.toml").dyads[0].since == DAY(2025, 8, 10)


def test_what_began_in_the_record_needs_no_event(data: Data) -> None:
    data["events"].clear()
    data["dyads"][0].update(rung="dispute", since=DAY(2014, 11, 1))
    assert build_scenario(data, "t.toml").dyads[0].rung == "dispute"


def test_a_dispute_may_run_out_of_the_record(data: Data) -> None:
    data["events"].append(event(kind="dispute", start=DAY(2014, 2, 24), end=DAY(2015, 2, 12)))
    assert build_scenario(data, "t.toml").events[1].stop == DAY(2015, 2, 13)


def test_every_intervention_is_a_value(data: Data) -> None:
    window = {"dyads": [["USA", "RUS"]], "start": DAY(2026, 1, 1), "stop": DAY(2027, 1, 1)}
    data["arms"].append(
        {
            "name": "all",
            "title": "All kinds",
            "interventions": [
                {"kind": "cancel", "channel": "envoy", **window},
                {"kind": "scale", "channel": "leader", "factor": 0.5, **window},
                {
                    "kind": "offset",
                    "dyads": [["USA", "RUS"]],
                    "channel": "calm-dispute",
                    "delta": 0.1,
                    "note": "held",
                },
            ],
        }
    )
    with_ukraine(data)["priors"] = [prior()]
    scenario = build_scenario(data, "t.toml")
    assert [act.kind for act in scenario.arms[2].interventions] == ["cancel", "scale", "offset"]
    assert scenario.priors[0].probability == 0.5
    assert hash(scenario.arms[2]) == hash(scenario.arms[2].model_copy())


def test_a_scenario_survives_a_round_trip(data: Data) -> None:
    scenario = build_scenario(data, "t.toml")
    again = Scenario.model_validate(scenario.model_dump(exclude_none=True))
    assert again == scenario
    assert again.fingerprint() == scenario.fingerprint()
    data["events"][0]["note"] += "!"
    assert build_scenario(data, "t.toml").fingerprint() != scenario.fingerprint()


def test_messages_speak_the_language_of_the_file(data: Data) -> None:
    data["states"][0]["cinc"] = 3
    with pytest.raises(ScenarioError) as caught:
        build_scenario(data, "t.toml")
    assert not re.search(r"pydantic|instance of|dict", str(caught.value))
