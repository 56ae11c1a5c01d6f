"""Planted worlds: histories of pairs whose meetings are confounded and whose effect is known.

Pairs differ for good in how often they start disputes; leaders meet the more (or the less) often
the more dangerous the pair is, and if asked while it is in a dispute and after disputes. What a
meeting does to the start of disputes is planted. The first twenty years are not looked at, so that
counts of the past have settled. The paths become spells and meetings, these the risk intervals
of the package, and the fit has the structure of the shipped model: two meeting kernels, the
pair's mean beside them, a frailty.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from detente.futures import Channel, Enter, Kernel, Parameters, Paths, Start, System, simulate
from detente.hazards import (
    Frailty,
    HazardFit,
    HazardSpec,
    Intervals,
    Ridge,
    Transition,
    fit_hazards,
)
from detente.histories.features import FeatureTables
from detente.histories.risk import RiskTables, risk_tables
from detente.relations.evidence import HALF_LIVES, year_weights
from detente.relations.record import meeting_means, with_terms

PAIRS, BURN, YEARS, FIRST = 60, 20, 100, 1880
RATE, SUBSIDE, MEET = 0.08, 2.0, 0.25
"""Rates a year of a pair of middling danger: disputes start, disputes end, leaders meet."""
SPREAD, PAST = 0.7, 0.4
"""Standard deviation of the pairs' log rates; slope on log(1 + past disputes)."""
Z90 = 1.6448536269514722
FORMULA = "past_disputes + met_leaders_6m + met_leaders_60m + mean_leaders"
START, STOP = dt.date(FIRST + BURN, 1, 1), dt.date(FIRST + BURN + YEARS, 1, 1)


@dataclass(frozen=True)
class Planted:
    """What is planted: ``ratio`` in the year after a meeting, ``pull`` of danger on meetings.

    ``feedback`` is the pull of disputes themselves, under way and past.
    """

    ratio: float
    pull: float
    feedback: float = 0.0

    @property
    def slopes(self) -> tuple[float, float]:
        """Slopes on the two kernels, equal, that make up the ratio."""
        slope = float(np.log(self.ratio)) / sum(year_weights(HALF_LIVES).values())
        return slope, slope


@dataclass(frozen=True)
class Interval:
    """A log ratio and its ninety per cent interval."""

    value: float
    se: float

    def covers(self, ratio: float) -> bool:
        return abs(self.value - float(np.log(ratio))) < Z90 * self.se


SYSTEM = System(
    units=tuple(f"pair {i}" for i in range(PAIRS)),
    rungs=("calm", "dispute"),
    channels=(
        Channel("initiate", 0, 1),
        Channel("subside", 1, 0, pace=2.0),
        Channel("leaders", None, None),
    ),
    cuts=np.ones((3, 0)),
    kernels=(
        Kernel("past_disputes", ("initiate",), 5.0),
        Kernel("met_leaders_6m", ("leaders",), 0.5),
        Kernel("met_leaders_60m", ("leaders",), 5.0),
    ),
)


World = tuple[pl.DataFrame, pl.DataFrame]
"""Spells and meetings."""


def histories(planted: Planted, worlds: int, seed: int, *, spread: float = SPREAD) -> list[World]:
    """Spells and meetings of as many worlds, each with pairs of its own."""
    rng = np.random.default_rng(seed)
    danger = rng.normal(0, spread, (worlds, PAIRS))
    start = Start(
        time=float(FIRST),
        rung=np.zeros(PAIRS),
        entered=np.full(PAIRS, float(FIRST)),
        stratum=np.zeros(PAIRS),
    )
    paths = simulate(
        SYSTEM,
        start,
        [_parameters(planted, d) for d in danger],
        outcomes=[Enter("dispute", ("dispute",))],
        grid=[float(BURN + YEARS)],
        futures=1,
        seed=seed,
        paths=True,
    ).paths
    assert paths is not None
    return [_tables(paths, world) for world in range(worlds)]


def _parameters(planted: Planted, danger: np.ndarray) -> Parameters:
    eta = np.zeros((1, 3, 2, PAIRS))
    eta[0, 0], eta[0, 2] = danger, planted.pull * danger
    eta[0, 2, 1] += 0.7 * planted.feedback
    kernel = np.array([[PAST, *planted.slopes], [0, 0, 0], [0.3 * planted.feedback, 0, 0]])
    base = np.log([RATE, SUBSIDE, MEET])[:, None, None] * np.ones((1, 2, 1))
    return Parameters(base, eta, kernel, np.zeros((3, 0)), np.zeros(1), np.zeros(3))


def _tables(paths: Paths, world: int) -> World:
    """Days of one world: no two disputes of a pair touch, a dispute lasts a day at least."""
    own = paths.draw == world
    table = pl.DataFrame(
        {
            "ccode2": (101 + paths.unit[own]).astype(np.int32),
            "channel": paths.channel[own],
            "day": np.ceil((paths.time[own] - 1970.0) * 365.25).astype(np.int64),
        }
    ).with_columns(pl.lit(2, dtype=pl.Int32).alias("ccode1"))
    meetings = table.filter(pl.col("channel") == 2).select(
        "ccode1",
        "ccode2",
        pl.lit("leader").alias("level"),
        pl.from_epoch("day", time_unit="d").alias("start"),
    )
    moves = (
        table.filter(pl.col("channel") < 2)
        .sort("ccode2", "day", "channel", maintain_order=True)
        .with_columns(pl.int_range(pl.len()).over("ccode2").alias("n"))
        .with_columns((pl.col("day") - pl.col("n")).cum_max().over("ccode2").alias("day"))
        .with_columns(pl.from_epoch(pl.col("day") + pl.col("n"), time_unit="d").alias("day"))
    )
    spells = (
        moves.with_columns(pl.col("day").shift(-1).over("ccode2").alias("stop"))
        .filter((pl.col("n") % 2 == 0) & (pl.col("day") < STOP))
        .select(
            "ccode1",
            "ccode2",
            (pl.col("n") // 2 + 1).cast(pl.Int32).alias("episode"),
            pl.lit("dispute").alias("rung"),
            pl.col("day").alias("start"),
            pl.col("stop").fill_null(STOP + dt.timedelta(1)),
            pl.lit(value=False).alias("censored"),
            pl.lit("initiation").alias("onset"),
            pl.lit(None, dtype=pl.String).alias("settlement"),
        )
    )
    return spells, meetings


def intervals(spells: pl.DataFrame, meetings: pl.DataFrame) -> tuple[RiskTables, pl.DataFrame]:
    """Risk intervals of a world, and its rows at risk of a dispute with the model's terms."""
    relevant = pl.DataFrame(
        {"ccode1": [2] * PAIRS, "ccode2": range(101, 101 + PAIRS)},
        schema={"ccode1": pl.Int32, "ccode2": pl.Int32},
    ).with_columns(pl.lit(START).alias("start"), pl.lit(STOP).alias("stop"))
    risk = risk_tables(relevant, spells, meetings, (START, STOP), _no_features(), until=STOP)
    rows = with_terms(risk.calm, meeting_means(risk)).with_columns(
        pl.lit("initiate").alias("transition"),
        pl.col("event").is_not_null().cast(pl.Int8),
        pl.col("sid").alias("id"),
    )
    return risk, rows


def _no_features() -> FeatureTables:
    i, dyad = pl.Int32, {"ccode1": pl.Int32, "ccode2": pl.Int32}
    days = {"start": pl.Date, "stop": pl.Date}
    schemas = {
        "nmc": {"ccode": i, "year": i, "cinc": pl.Float64},
        "cow_majors": {"ccode": i, **days, "censored": pl.Boolean},
        "contiguity": {**dyad, **days, "type": i},
        "atop": {**dyad, "year": i, "defense": pl.Boolean},
        "democracy": {"ccode": i, "year": i, "polyarchy": pl.Float64},
        "rivalries": {**dyad, "start_year": i, "end_year": i, "censored": pl.Boolean},
        "nuclear_status": {"ccode": i, "year": i, "status": i},
    }
    return FeatureTables(**{n: pl.DataFrame(schema=s) for n, s in schemas.items()})


def fitted(rows: pl.DataFrame, *, prior: float) -> HazardFit:
    """Fit the structure of the shipped model, with a prior of this sd on the meeting terms."""
    spec = HazardSpec(
        (Transition("initiate", FORMULA),),
        ridges=(Ridge(("*:met_*",), prior), Ridge(("*",), 2.0)),
        frailty=Frailty("dyad", "dyad", ("initiate",)),
    )
    return fit_hazards(Intervals(rows), spec)


def modelled(fit: HazardFit) -> Interval:
    """The ratio in the year after a meeting, as the model card has it."""
    weights = year_weights(HALF_LIVES)
    places = [fit.names.index(f"initiate:met_leaders_{h}") for h in HALF_LIVES]
    w = np.array([weights[h] for h in HALF_LIVES])
    covariance = fit.covariance[np.ix_(places, places)]
    return Interval(float(w @ fit.dense[places]), float(np.sqrt(w @ covariance @ w)))


def naive(rows: pl.DataFrame) -> Interval:
    """Rate in the year after a meeting over the rate in other years."""
    after = pl.col("since_leader") < 1.0
    counts = []
    for part in (rows.filter(after), rows.filter(~after)):
        counts.append((part["event"].sum(), (part["stop"] - part["start"]).sum()))
    (met, time_met), (not_met, time_not) = counts
    value = np.log(met / time_met) - np.log(not_met / time_not)
    return Interval(float(value), float(np.sqrt(1 / met + 1 / not_met)))
