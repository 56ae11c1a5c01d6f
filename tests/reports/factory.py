"""A synthetic assessment: invented numbers of plausible size, for the tests of the report only."""

from __future__ import annotations

import datetime as dt
import math

from detente.assessments import schema as s

HORIZON = 10.0
YEARS = [round(0.25 * i, 2) for i in range(1, 41)]
LEVEL = 0.9
DATE = dt.date(2025, 8, 15)
STATES = {
    "USA": (2, "United States of America"),
    "GBR": (200, "United Kingdom"),
    "FRA": (220, "France"),
    "DEU": (255, "Germany"),
    "POL": (290, "Poland"),
    "RUS": (365, "Russia"),
    "UKR": (369, "Ukraine"),
    "CHN": (710, "China"),
}
ARMS = ("neither", "meeting", "envoys")
SHARED = (
    "its members did not meet, so the arms share this pair's intensities, and the arms differ "
    "only through what follows from other pairs"
)


def quantity(value: float, lo: float, hi: float, unit: str) -> s.Quantity:
    return s.Quantity(value=value, lo=lo, hi=hi, level=LEVEL, unit=unit)


def _series(rate: float, spread: float = 2.0) -> s.Series:
    def chance(r: float) -> list[float]:
        return [1.0 - math.exp(-r * y) for y in YEARS]

    mean = chance(rate)
    return s.Series(
        unit="probability",
        level=LEVEL,
        years=YEARS,
        mean=mean,
        lo=chance(rate / spread),
        hi=chance(rate * spread),
        mc_se=[0.01 * m for m in mean],
    )


def _difference(effect: float, rate: float, spread: float) -> s.Series:
    base = [rate * y * math.exp(-rate * y) for y in YEARS]
    ends = [[b * e for b in base] for e in (effect - spread, effect + spread)]
    return s.Series(
        unit="probability",
        level=LEVEL,
        years=YEARS,
        mean=[b * effect for b in base],
        lo=ends[0],
        hi=ends[1],
        mc_se=[0.02 * b for b in base],
    )


def _scaled(series: s.Series, peak: float) -> s.Series:
    def rung(values: list[float]) -> list[float]:
        return [peak * v for v in values]

    return s.Series(
        unit=series.unit,
        level=series.level,
        years=series.years,
        mean=rung(series.mean),
        lo=rung(series.lo),
        hi=rung(series.hi),
        mc_se=rung(series.mc_se),
    )


def _dyads() -> list[s.DyadSetting]:
    names = list(STATES)
    made: list[s.DyadSetting] = []
    for i, one in enumerate(names):
        for two in names[i + 1 :]:
            war = (one, two) == ("RUS", "UKR")
            made.append(
                s.DyadSetting(
                    id=f"{one}-{two}",
                    names=(STATES[one][1], STATES[two][1]),
                    rung="war" if war else "calm",
                    since=dt.date(2022, 2, 24) if war else dt.date(1990 + i, 1, 1),
                    met=(one, two) == ("USA", "RUS"),
                    covariates=[
                        s.Covariate(
                            name="contiguity",
                            label="share a land border",
                            value=(one, two) in {("POL", "RUS"), ("RUS", "UKR"), ("RUS", "CHN")},
                            unit=None,
                            year=2016,
                            source_id="synthetic",
                        )
                    ],
                )
            )
    return made


def _states() -> list[s.StateSetting]:
    made: list[s.StateSetting] = []
    for rank, (abb, (ccode, name)) in enumerate(STATES.items()):
        share = s.Covariate(
            name="cinc",
            label="share of world capabilities",
            value=round(0.14 / (1 + rank), 4),
            unit="share of the world",
            year=2016,
            source_id="synthetic",
        )
        arsenal = s.Covariate(
            name="warheads",
            label="nuclear warheads",
            value=None,
            unit="warheads",
            year=None,
            source_id="synthetic",
            reason="the source stops before the date",
        )
        made.append(s.StateSetting(ccode=ccode, abb=abb, name=name, covariates=[share, arsenal]))
    return made


def _rate(index: int, dyad: str) -> float:
    return 0.06 if dyad in {"USA-RUS", "USA-CHN"} else 0.003 * (1 + index % 7)


def _forecasts(dyads: list[s.DyadSetting], effect: float) -> s.Forecasts:
    outcomes: list[s.Forecast] = []
    occupancy: list[s.Occupancy] = []
    unavailable: list[s.Unavailable] = []
    for index, dyad in enumerate(dyads):
        war = dyad.rung == "war"
        for arm in ARMS:
            rate = _rate(index, dyad.id)
            if dyad.met and arm == "meeting":
                rate *= 1.0 + effect
            rates = {"end": 0.2} if war else {"dispute": rate, "war": rate / 60}
            for outcome, r in rates.items():
                outcomes.append(
                    s.Forecast(dyad=dyad.id, arm=arm, outcome=outcome, series=_series(r))
                )
            on = _scaled(_series(1.2), 0.4 * rate + 0.002)
            fought = _war_occupancy() if war else _scaled(_series(0.8, 3.0), rate / 60 + 1e-6)
            calm = s.Series(
                unit="probability",
                level=LEVEL,
                years=YEARS,
                mean=[1 - a - b for a, b in zip(on.mean, fought.mean, strict=True)],
                lo=[1 - a - b for a, b in zip(on.hi, fought.hi, strict=True)],
                hi=[1 - a - b for a, b in zip(on.lo, fought.lo, strict=True)],
                mc_se=on.mc_se,
            )
            for rung, series in (("calm", calm), ("dispute", on), ("war", fought)):
                occupancy.append(s.Occupancy(dyad=dyad.id, arm=arm, rung=rung, series=series))
        why = "they are at war" if war else "no war between them is under way"
        for outcome in ("dispute", "war") if war else ("end",):
            unavailable.append(s.Unavailable(dyad=dyad.id, outcome=outcome, reason=why))
    return s.Forecasts(
        outcomes=outcomes, occupancy=occupancy, unavailable=unavailable, notes=["Synthetic."]
    )


def _war_occupancy() -> s.Series:
    def stay(r: float) -> list[float]:
        return [0.96 * math.exp(-r * y) + 0.02 for y in YEARS]

    return s.Series(
        unit="probability",
        level=LEVEL,
        years=YEARS,
        mean=stay(0.2),
        lo=stay(0.36),
        hi=stay(0.11),
        mc_se=[0.002] * len(YEARS),
    )


def _contrasts(dyads: list[s.DyadSetting], effect: float, spread: float) -> list[s.Contrast]:
    made: list[s.Contrast] = []
    for index, dyad in enumerate(dyads):
        for outcome in ("end",) if dyad.rung == "war" else ("dispute", "war"):
            for arm in ARMS[1:]:
                rate = _rate(index, dyad.id) / (60 if outcome == "war" else 1)
                met = dyad.met and outcome == "dispute"
                size = effect * (1.0 if arm == "meeting" else 0.4)
                made.append(
                    s.Contrast(
                        dyad=dyad.id,
                        outcome=outcome,
                        arm=arm,
                        reference="neither",
                        difference=_difference(size, rate, spread)
                        if met
                        else _difference(0.0, rate, 0.0),
                        estimated=met,
                        reason=None
                        if met
                        else "no meeting term enters wars"
                        if dyad.met
                        else SHARED,
                        mde=s.MinimumDetectable(
                            power=0.8,
                            level=LEVEL,
                            hazard_ratio_lo=0.46,
                            hazard_ratio_hi=2.2,
                            difference_lo=-0.028,
                            difference_hi=0.055,
                            at_years=1.0,
                        )
                        if met
                        else s.MinimumDetectable(reason="the effect is not estimated"),
                    )
                )
    return made


_PLACES = (
    ("Vienna", 1961, 3),
    ("Glassboro", 1967, None),
    ("Moscow", 1972, 1),
    ("Washington", 1973, None),
    ("Beijing", 1972, None),
    ("Vladivostok", 1974, 5),
    ("Helsinki", 1975, 4),
    ("Geneva", 1985, None),
    ("Reykjavik", 1986, None),
    ("Washington", 1987, None),
    ("Malta", 1989, None),
    ("Vancouver", 1993, 6),
    ("Helsinki", 1997, 2),
    ("Beijing", 2009, None),
)


def _reference() -> s.ReferenceClass:
    meetings: list[s.ReferenceMeeting] = []
    for rank, (place, year, dispute) in enumerate(_PLACES):
        start = dt.date(year, 6, 10)
        followed = (
            [] if dispute is None else [("dispute", dispute)] + ([("war", 7)] if rank == 0 else [])
        )
        outcomes: dict[str, dict[str, s.Status]] = {}
        for horizon in (1, 5, 10):
            known: s.Status = "censored" if year + horizon > 2014 else "no"
            outcomes[str(horizon)] = {
                kind: "yes" if any(k == kind and y <= horizon for k, y in followed) else known
                for kind in ("dispute", "war")
            }
        meetings.append(
            s.ReferenceMeeting(
                id=f"synthetic-{rank}",
                date=start,
                last_day=start,
                pair="USA-CHN" if place == "Beijing" else "USA-RUS",
                place=place,
                counterpart="China" if place == "Beijing" else "Russia",
                persons=["A. President", "B. Secretary"],
                distance=0.1 * rank,
                features={"rivalry": 1.0, "disputes": 0.4 + 0.05 * rank, "gap": None},
                outcomes=outcomes,
                follow_ups=[
                    s.FollowUp(kind=k, year=year + y, years_after=y + 0.2) for k, y in followed
                ],
                observed_to=dt.date(2014, 12, 31),
                source_id="synthetic",
            )
        )
    rows: list[s.SummaryRow] = []
    for horizon in (1, 5, 10):
        for outcome, share in (("dispute", 0.09), ("war", 0.004)):
            for group, n in (("met", 14), ("not met", 311), ("before", 14)):
                p = min(0.9, share * horizon * (0.8 if group == "met" else 1.0))
                rows.append(
                    s.SummaryRow(
                        horizon=horizon,
                        outcome=outcome,
                        group=group,
                        n=n,
                        censored=1,
                        under_way=0,
                        dyads=12 if group != "not met" else 34,
                        pairs=[f"A{i}-B{i}" for i in range(12 if group != "not met" else 34)],
                        apart=n // horizon,
                        events=round(p * n),
                        estimate=quantity(p, p / 2.5, min(1.0, p * 1.8), "probability"),
                        method="Wilson interval",
                    )
                )
    return s.ReferenceClass(
        description="Meetings of US presidents with the leaders of adversaries, invented here.",
        features=[
            s.Feature(id="rivalry", label="strategic rivalry", weight=1.0),
            s.Feature(id="disputes", label="disputes in ten years", weight=1.0),
            s.Feature(id="gap", label="years since the last meeting", weight=0.5),
        ],
        distance="Weighted Euclidean distance of standardised features.",
        meetings=meetings,
        summary=rows,
        notes=["Meetings of one pair overlap in what followed them, so they are not independent."],
    )


def _evidence(effect: float, spread: float) -> s.Evidence:
    def term(key: str, label: str, size: float, group: str, exposed: int | None) -> s.Term:
        meeting = group == "meeting"
        return s.Term(
            id=key,
            label=label,
            transition="calm-dispute",
            group=group,
            hazard_ratio=quantity(
                math.exp(size), math.exp(size - spread), math.exp(size + spread), "hazard ratio"
            ),
            prior_sd=0.5 if meeting else 2.0,
            prior_share=0.38 if meeting else 0.01,
            without_prior=quantity(0.8, 0.5, 1.3, "hazard ratio") if meeting else None,
            events=2811,
            exposed_events=exposed,
            mde_low=0.46 if meeting else None,
            mde_high=2.2 if meeting else None,
            lead_ratio=quantity(0.73, 0.46, 1.17, "hazard ratio") if meeting else None,
        )

    return s.Evidence(
        terms=[
            term("leader6", "Leaders met, half-life 6 months", effect, "meeting", 31),
            term("leader60", "Leaders met, half-life 60 months", effect / 3, "meeting", 88),
            term("rivalry", "Strategic rivalry", 1.4 + spread, "dyad", 1630),
            term("contiguity", "Share a border", 1.1 + spread, "dyad", 1400),
        ],
        not_estimable=[
            s.NotEstimable(
                id="leader-war",
                label="Leaders met, on entering war",
                reason="fewer than ten events of war followed a recorded meeting",
                exposed_events=0,
            )
        ],
        verdict=s.Verdict(
            id="inconclusive",
            sentence="Synthetic verdict: the record does not tell lower from higher.",
        ),
        diagnostics=[
            s.Diagnostic(
                id="supercritical",
                label="Draws whose coupling is supercritical",
                value=0.0,
                unit="draws",
                note="None of 200.",
            )
        ],
    )


_PER = {
    "calendar years": "per calendar year",
    "nuclear dyad-years": "per nuclear dyad-year",
    "crises between nuclear states": "per crisis between nuclear states",
}


def _nuclear() -> s.Nuclear:
    priors = [
        s.NuclearPrior(
            id=key,
            name=name,
            source_id="synthetic",
            a=a,
            b=b,
            note="Invented.",
        )
        for key, name, a, b in (
            ("jeffreys", "Jeffreys", 0.5, 0.0),
            ("sceptic", "Rare event", 0.5, 250.0),
            ("survey", "Expert survey", 1.0, 80.0),
        )
    ]

    def row(prior: s.NuclearPrior, unit: str, exposure: float) -> s.NuclearRow:
        mean = prior.a / (prior.b + exposure)
        before = prior.a / max(prior.b, 1.0)
        return s.NuclearRow(
            prior=prior.id,
            exposure_unit=unit,
            exposure=exposure,
            rate=quantity(mean, mean * 0.05, mean * 3.2, _PER[unit]),
            prior_share=prior.b / (prior.b + exposure),
            prior_quantiles=[
                s.Quantile(p=p, value=before * k)
                for p, k in ((0.05, 0.01), (0.5, 0.5), (0.95, 3.8))
            ],
            posterior_quantiles=[
                s.Quantile(p=p, value=mean * k) for p, k in ((0.05, 0.01), (0.5, 0.5), (0.95, 3.8))
            ],
            within_horizon=quantity(
                1 - math.exp(-10 * mean),
                1 - math.exp(-0.5 * mean),
                1 - math.exp(-32 * mean),
                "probability",
            ),
        )

    return s.Nuclear(
        event="A hostile nuclear detonation between two nuclear states.",
        events=0,
        priors=priors,
        rows=[
            row(p, u, e)
            for u, e in (("calendar years", 75.0), ("nuclear dyad-years", 900.0))
            for p in priors
        ],
        per_crisis=[row(p, "crises between nuclear states", 22.0) for p in priors],
        differences=[
            s.NuclearDifference(
                prior="survey",
                arm="meeting",
                reference="neither",
                crises=quantity(-0.05, -0.4, 0.3, "crises within the horizon"),
                crises_reference=quantity(3.1, 1.2, 6.4, "crises within the horizon"),
                difference=quantity(-1e-5, -9e-5, 6e-5, "probability"),
                statement=(
                    "The arms share the rate: their difference is the difference in crises times "
                    "the prior."
                ),
            )
        ],
        notes=["Near misses are not events."],
    )


def _drivers() -> list[s.Drivers]:
    made: list[s.Drivers] = []
    for dyad, transition, label in (
        ("USA-RUS", "calm-dispute", "the hazard of a dispute"),
        ("RUS-UKR", "war-calm", "the hazard of the war's end"),
    ):
        contributions = [
            s.Contribution(
                term=key,
                label=text,
                log_hazard=quantity(x, x - 0.4, x + 0.4, "log hazard"),
                multiplier=quantity(
                    math.exp(x), math.exp(x - 0.4), math.exp(x + 0.4), "hazard ratio"
                ),
            )
            for key, text, x in (
                ("rivalry", "strategic rivalry", 1.5),
                ("major", "both are major powers", 1.1),
                ("past", "disputes of the past ten years", 0.6),
                ("nuclear", "both have nuclear weapons", -0.2),
                ("contiguity", "no shared land border", -0.8),
                ("meeting", "leaders met", -0.05),
            )
        ]
        made.append(
            s.Drivers(
                dyad=dyad,
                transition=transition,
                label=label,
                baseline="the average politically relevant pair",
                contributions=contributions,
            )
        )
    return made


def make(
    *, effect: float = -0.2, spread: float = 0.5, summary: str = "A synthetic scenario."
) -> s.Assessment:
    """A complete assessment; ``effect`` is the meeting's log hazard ratio, ``spread`` its width."""
    dyads = _dyads()
    return s.Assessment(
        meta=s.Meta(
            package_version="0.0.0",
            scenario=s.ScenarioMeta(
                name="synthetic-2025",
                title="A synthetic meeting, Anchorage, 15 August 2025",
                date=DATE,
                horizon_years=HORIZON,
                summary=summary,
            ),
            settings=s.Settings(draws=200, futures_per_draw=100, seed=1, level=LEVEL),
            model=s.ModelMeta(
                name="synthetic",
                hash="0" * 64,
                fitted_from=1816,
                fitted_to=2014,
                rows=123456,
                events=3120,
                dyads=1400,
            ),
            sources=[
                s.Source(
                    id="synthetic",
                    citation="Invented numbers, made by the factory of the report's tests.",
                    url="https://example.org/synthetic",
                )
            ],
        ),
        rungs=[
            s.Rung(id="calm", label="calm"),
            s.Rung(id="dispute", label="dispute"),
            s.Rung(id="war", label="war"),
        ],
        arms=[
            s.Arm(id="neither", label="no meeting", description="Nobody meets on the date."),
            s.Arm(id="meeting", label="the leaders' meeting", description="The leaders meet."),
            s.Arm(id="envoys", label="an envoys' meeting", description="Envoys meet instead."),
        ],
        outcomes=[
            s.Outcome(
                id="dispute",
                label="a new militarised dispute or worse",
                definition="First entry into dispute or war.",
            ),
            s.Outcome(id="war", label="a new war", definition="First entry into war."),
            s.Outcome(
                id="end",
                label="an end of the war that lasts 180 days",
                definition="First leaving of war that lasts 180 days or more.",
            ),
        ],
        focus=s.Focus(dyad="USA-RUS", outcome="dispute", arm="meeting", reference="neither"),
        setting=s.Setting(
            states=_states(),
            dyads=dyads,
            events=[
                s.SettingEvent(
                    kind="war",
                    parties=["RUS", "UKR"],
                    start=dt.date(2022, 2, 24),
                    end=None,
                    note="Russia's full-scale invasion of Ukraine.",
                    source_id="synthetic",
                    confidence="high",
                    counted=True,
                ),
                s.SettingEvent(
                    kind="leader",
                    parties=["USA", "RUS"],
                    start=dt.date(2023, 3, 31),
                    end=dt.date(2023, 4, 1),
                    note="Two days, invented.",
                    source_id="synthetic",
                    confidence="low",
                    counted=False,
                    reason="its confidence is low",
                ),
                s.SettingEvent(
                    kind="leader",
                    status="cancelled",
                    parties=["USA", "RUS"],
                    start=dt.date(2024, 5, 2),
                    end=dt.date(2024, 5, 2),
                    note="One day, invented.",
                    source_id="synthetic",
                    confidence="high",
                    counted=False,
                    reason="it was not held",
                ),
            ],
        ),
        reference_class=_reference(),
        forecasts=_forecasts(dyads, effect),
        contrasts=_contrasts(dyads, effect, spread),
        evidence=_evidence(effect, spread),
        nuclear=_nuclear(),
        drivers=_drivers(),
        limits=[
            "It cannot say what was agreed, only that people met.",
            "Nothing after 2014 was used to fit the model.",
        ],
    )
