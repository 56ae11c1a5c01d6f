"""The natural course of 1946-2014, simulated from its first day, against the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.days import model_time
from detente.futures import Paths, simulate
from detente.hazards import HazardFit
from detente.histories.features import FEATURES, MISSABLE, dyad_features, filled
from detente.histories.risk import KERNELS, RECORD, days_table, dyad_code
from detente.relations.compile import compile_model
from detente.relations.model import CoursePart, DyadPart, ModelFile
from detente.relations.record import FittingRecord, RecordTables
from detente.relations.situation import Situation, day_number
from detente.relations.standing import counts_on, rungs_on
from detente.relations.terms import RUNGS

Floats = NDArray[np.float64]

WINDOW = (dt.date(1946, 1, 1), RECORD[1])
"""First day of the course, and the day after its last."""
OUTCOMES: dict[str, tuple[str, ...]] = {
    "disputes begun or joined": ("initiate", "join"),
    "disputes joined": ("join",),
    "wars begun or joined": ("attack", "enter", "escalate"),
    "wars joined": ("enter",),
    "leaders' meetings": ("leaders",),
    "envoys' meetings": ("envoys",),
}
"""What is counted, and the processes whose events it adds up."""
Shocks = Literal["drawn", "fitted"]
SHOCKS: tuple[Shocks, ...] = ("drawn", "fitted")
LEVEL = 0.9
DRAWS, FUTURES, SEED = 40, 2, 1946

_MEANS = ("mean_leaders", "mean_envoys", "usual_leaders", "usual_envoys")


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The days on which every dyad is politically relevant, ``(Y, U)`` shares of years.

    ``joined`` is the day since 1970 on which a dyad enters, never before the first day.
    """

    dyads: NDArray[np.int64]
    years: NDArray[np.int64]
    joined: NDArray[np.int64]
    since: NDArray[np.int64]
    share: Floats


def natural_course(
    model: ModelFile,
    record: RecordTables,
    data: FittingRecord,
    *,
    draws: int = DRAWS,
    futures: int = FUTURES,
    seed: int = SEED,
    progress: Callable[[int, int], None] | None = None,
) -> list[CoursePart]:
    """Simulate all politically relevant dyads over :data:`WINDOW`, and count by decade.

    What happens to dyads is simulated from where they stand on the first day; their covariates,
    and which of them are relevant when, are the observed ones. Coefficients and frailties are
    drawn from their posterior. It is done twice: with the shocks of the system drawn onward from
    the first year's level, and with the fitted ones.

    Parameters
    ----------
    model
        With an entry in ``frailty`` for every dyad that should keep what the record says of it;
        the frailty of any other is drawn from its prior.
    draws, futures
        Draws of the parameters, and futures for each.

    Returns
    -------
    list
        One row for each kind of shocks, decade and outcome: observed, and the median and the
        interval at :data:`LEVEL` over all futures of all draws.
    """
    situation, seen = situation_on(record, model), observed(data)
    parts: list[CoursePart] = []
    for shocks in SHOCKS:
        counts = _simulated(model, situation, shocks, draws, futures, seed, progress)
        parts += _against(shocks, counts, seen)
    return parts


def _simulated(
    model: ModelFile,
    situation: Situation,
    shocks: Shocks,
    draws: int,
    futures: int,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> dict[tuple[int, str], NDArray[np.int64]]:
    horizon = model_time(WINDOW[1]) - situation.time
    compiled = compile_model(
        model, situation, draws=draws, seed=seed, horizon=horizon, shocks=shocks
    )
    result = simulate(
        compiled.system,
        compiled.start,
        compiled.parameters,
        outcomes=(),
        grid=[horizon],
        futures=futures,
        seed=seed,
        chunk=max(1, futures // 2),
        progress=progress,
        paths=True,
    )
    assert result.paths is not None
    return _counted(result.paths, result.channels, draws * futures, futures)


def with_all_frailties(model: ModelFile, fit: HazardFit) -> ModelFile:
    """Copy a model with the frailty of every dyad that was fitted, of those since gone too.

    Only the frailties are meant to be read: what else the record says of a dyad at its end is
    left blank.
    """
    p = len(fit.names)
    keep = [*range(p), len(fit.dense) - 1]
    slope = fit.frailty_slope[:, keep][:, model.frailty.terms]
    parts = [
        DyadPart(
            dyad=int(dyad),
            calm_since=model.coverage.first_year,
            fresh=True,
            counts=[],
            frailty=float(fit.frailty[i]),
            variance=float(fit.frailty_variance[i]),
            slope=slope[i].tolist(),
        )
        for i, dyad in enumerate(fit.frailty_levels)
    ]
    return model.model_copy(update={"frailty": model.frailty.model_copy(update={"dyads": parts})})


def situation_on(record: RecordTables, model: ModelFile) -> Situation:
    """Where every politically relevant dyad of :data:`WINDOW` stands on its first day."""
    first = WINDOW[0]
    calendar = _calendar(record)
    dyads = calendar.dyads
    features, allies = _features(record, model, calendar)
    stays = {row["dyad"]: row for row in rungs_on(record, first).to_dicts()}
    rung = np.zeros(len(dyads), dtype=np.int64)
    stratum = np.zeros(len(dyads), dtype=np.int64)
    entered = np.where(calendar.joined > day_number(first), calendar.joined, calendar.since)
    for u, dyad in enumerate(dyads.tolist()):
        stay = stays.get(dyad)
        stratum[u] = int(stay is not None)
        if stay is not None and calendar.joined[u] == day_number(first):
            rung[u], entered[u] = RUNGS.index(stay["rung"]), stay["since"]
    return Situation(
        names=tuple(f"{d // 1000}-{d % 1000}" for d in dyads.tolist()),
        dyads=tuple(dyads.tolist()),
        time=model_time(first),
        features=features,
        allies=allies,
        rung=rung,
        entered=model_time(entered),
        stratum=stratum,
        counts=counts_on(record, dyads, first).select(list(KERNELS)).to_numpy(),
        at_risk=calendar.share,
    )


def _calendar(record: RecordTables) -> _Calendar:
    low, high = (day_number(d) for d in WINDOW)
    spells = (
        days_table(record.relevant)
        .with_columns(dyad_code())
        .filter((pl.col("stop") > low) & (pl.col("start") < high))
        .sort("dyad", "start")
    )
    firsts = spells.group_by("dyad", maintain_order=True).agg(pl.col("start").min())
    dyads, since = firsts["dyad"].to_numpy(), firsts["start"].to_numpy()
    joined = np.maximum(since, low)
    years = np.arange(WINDOW[0].year, WINDOW[1].year)
    edges = np.array([day_number(dt.date(int(y), 1, 1)) for y in [*years, WINDOW[1].year]])
    place = np.searchsorted(dyads, spells["dyad"].to_numpy())
    inside = np.minimum(edges[1:, None], spells["stop"].to_numpy()) - np.maximum(
        edges[:-1, None], spells["start"].to_numpy()
    )
    days = np.zeros((len(dyads), len(years)))
    np.add.at(days, place, np.maximum(inside, 0).T)
    # Nothing happens to a dyad before it joins: the share is of what is left of that year.
    left = edges[1:, None] - np.maximum(edges[:-1, None], joined)
    share = np.where(left > 0, days.T / np.maximum(left, 1), 0.0)
    return _Calendar(dyads, years, joined, since, share)


def _features(
    record: RecordTables, model: ModelFile, calendar: _Calendar
) -> tuple[dict[str, Floats], frozenset[tuple[int, int]]]:
    """Observed covariates by year, ``(Y, U)``, and the pairs of states that are mostly allied."""
    years, dyads = calendar.years, calendar.dyads
    table = pl.DataFrame(
        {"year": np.repeat(years, len(dyads)), "dyad": np.tile(dyads, len(years))}
    ).with_columns(
        (pl.col("dyad") // 1000).cast(pl.Int32).alias("ccode1"),
        (pl.col("dyad") % 1000).cast(pl.Int32).alias("ccode2"),
        pl.col("year").cast(pl.Int32),
    )
    rows = filled(dyad_features(table, record.features), model.centre)
    columns = [*FEATURES, *(f"no_{c}" for c in MISSABLE)]
    shape = (len(years), len(dyads))
    features = {c: rows[c].fill_null(0.0).to_numpy().reshape(shape) for c in columns}
    for name in _MEANS:
        values = [model.means.get(str(d), {}).get(name, 0.0) for d in dyads.tolist()]
        features[name] = np.array([values])
    return features, _mostly_allied(record)


def _mostly_allied(record: RecordTables) -> frozenset[tuple[int, int]]:
    """Pairs with a defence pact in most of the years in which both exist."""
    known = pl.col("year").is_between(WINDOW[0].year - 1, WINDOW[1].year - 2)
    pacts = (
        record.features.atop.filter(known & pl.col("defense"))
        .group_by("ccode1", "ccode2")
        .agg(pl.col("year").n_unique().alias("allied"))
    )
    alive = record.features.nmc.filter(known).select("ccode", "year")
    both = (
        pacts.join(alive.rename({"ccode": "ccode1"}), on="ccode1")
        .join(alive.rename({"ccode": "ccode2"}), on=["ccode2", "year"])
        .group_by("ccode1", "ccode2")
        .agg(pl.col("allied").first(), pl.len().alias("years"))
        .filter(pl.col("allied") > 0.5 * pl.col("years"))
    )
    return frozenset((int(a), int(b)) for a, b in both.select("ccode1", "ccode2").iter_rows())


def observed(data: FittingRecord) -> dict[tuple[int, str], int]:
    """Events of the record in :data:`WINDOW` by decade and outcome, meetings of unallied pairs."""
    happened = data.intervals.table.filter(
        (pl.col("event") == 1)
        & (pl.col("stop") > model_time(WINDOW[0]))
        & (~pl.col("transition").is_in(["leaders", "envoys"]) | (pl.col("alliance") == 0))
    ).select("transition", _decade(pl.col("stop")).alias("decade"))
    return {
        (int(decade), outcome): rows.filter(pl.col("transition").is_in(processes)).height
        for (decade,), rows in happened.group_by("decade")
        for outcome, processes in OUTCOMES.items()
    }


def _decade(time: pl.Expr) -> pl.Expr:
    # The end of the record, on the axis of days, falls a thousandth before the new year.
    return ((time - 1e-6).floor().cast(pl.Int64) // 10) * 10


def _counted(
    paths: Paths, channels: tuple[str, ...], runs: int, futures: int
) -> dict[tuple[int, str], NDArray[np.int64]]:
    """Events by decade and outcome in every run, ``(runs,)`` each."""
    run = paths.draw * futures + paths.future
    decade = (np.floor(paths.time).astype(np.int64) // 10) * 10
    out: dict[tuple[int, str], NDArray[np.int64]] = {}
    for outcome, processes in OUTCOMES.items():
        of = np.isin(paths.channel, [channels.index(p) for p in processes])
        for ten in range(WINDOW[0].year // 10 * 10, WINDOW[1].year, 10):
            out[ten, outcome] = np.bincount(run[of & (decade == ten)], minlength=runs)
    return out


def _against(
    shocks: Shocks,
    counts: dict[tuple[int, str], NDArray[np.int64]],
    seen: dict[tuple[int, str], int],
) -> list[CoursePart]:
    tail = (1 - LEVEL) / 2
    parts: list[CoursePart] = []
    for (decade, outcome), simulated in counts.items():
        low, median, high = np.quantile(simulated, [tail, 0.5, 1 - tail])
        parts.append(
            CoursePart(
                shocks=shocks,
                decade=str(decade),
                outcome=outcome,
                observed=seen.get((decade, outcome), 0),
                median=float(median),
                lo=float(low),
                hi=float(high),
            )
        )
    return parts
