"""How much of the meeting terms is data: exposed events, leads, detectable effects, sensitivity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.hazards import (
    HazardFit,
    HazardSpec,
    Intervals,
    Ridge,
    Transition,
    expected_by_row,
    fit_hazards,
)
from detente.relations.model import EffectPart, RatioPart, without_prior
from detente.relations.terms import (
    EXPOSED_COUNT,
    MEETING_PROCESSES,
    MEETING_SD,
    detectable_ratios,
)

Floats = NDArray[np.float64]
K = TypeVar("K")

KINDS: tuple[Literal["leaders", "envoys"], ...] = ("leaders", "envoys")
HALF_LIVES = {"6m": 0.5, "60m": 5.0}


def year_weights(half_lives: Mapping[K, float]) -> dict[K, float]:
    """Mean of log(1 + decayed count) over the year after one meeting, by half-life in years."""
    t = (np.arange(1000) + 0.5) / 1000
    return {k: float(np.mean(np.log1p(0.5 ** (t / h)))) for k, h in half_lives.items()}


def meeting_effects(fit: HazardFit, intervals: Intervals) -> list[EffectPart]:
    """Summarise the meeting terms of a fit, kind by kind and process by process."""
    rest = expected_by_row(fit, intervals, without=("*:met_*", "*:mean_*"))
    effects: list[EffectPart] = []
    for process in MEETING_PROCESSES:
        rows = intervals.of(process).with_columns(pl.Series("expected", rest[process]))
        rows = rows.filter((pl.col("recorded") > 0) & (pl.col("alliance") == 0))
        apart = _without_each_dyad(rows)
        effects += [_effect(fit, rows, apart, process, kind) for kind in KINDS]
    return effects


def _effect(
    fit: HazardFit,
    rows: pl.DataFrame,
    apart: Sequence[HazardFit],
    process: str,
    kind: Literal["leaders", "envoys"],
) -> EffectPart:
    names = [f"{process}:met_{kind}_{h}" for h in HALF_LIVES]
    weights = year_weights(HALF_LIVES)
    present = [i for i, n in enumerate(names) if n in fit.names]
    places = [fit.names.index(names[i]) for i in present]
    w = np.array([weights[h] for h in HALF_LIVES])[present]
    mean, covariance = fit.dense[places], fit.covariance[np.ix_(places, places)]
    log_ratio, se = float(w @ mean), float(np.sqrt(w @ covariance @ w))
    alone, alone_se = without_prior(mean, covariance, w)
    below, above = detectable_ratios(alone_se)
    singular = kind.removesuffix("s")
    happened = rows.filter(pl.col("event") == 1)
    exposed = happened.filter(pl.col(f"{kind}_60m") >= EXPOSED_COUNT)
    lag, lead = lag_and_lead(rows, singular)
    return EffectPart(
        process=process,
        kind=kind,
        ratio=RatioPart.of(log_ratio, se),
        log_ratio=log_ratio,
        se=se,
        prior_sd=float(MEETING_SD * np.sqrt(w @ w)),
        prior_share=1.0 - (se / alone_se) ** 2,
        without_prior=RatioPart.of(alone, alone_se),
        se_without_prior=alone_se,
        se_by_dyad=_jackknife(apart, kind),
        detectable_below=below,
        detectable_above=above,
        events=happened.height,
        exposed_events=exposed.height,
        exposed_dyads=exposed["dyad"].n_unique(),
        lag=lag,
        lead=lead,
        lag_events=happened.filter(pl.col(f"since_{singular}") < 1.0).height,
        lead_events=happened.filter(pl.col(f"until_{singular}") < 1.0).height,
        leave_one_out=_leave_one_out(rows, kind, exposed),
    )


def _refit(rows: pl.DataFrame, formula: str, ridges: tuple[Ridge, ...]) -> HazardFit:
    """Refit a few terms on rows whose other terms are held, as an offset."""
    table = rows.select(
        pl.arange(0, pl.len()).alias("id"),
        pl.lit("t").alias("transition"),
        pl.lit(0.0).alias("start"),
        pl.lit(1.0).alias("stop"),
        "event",
        pl.col("expected").log().alias("offset"),
        *[c for c in rows.columns if c.startswith(("lag", "lead", "met_", "mean_"))],
    )
    spec = HazardSpec((Transition("t", formula),), ridges=ridges)
    return fit_hazards(Intervals(table), spec, on_failure="return")


def lag_and_lead(rows: pl.DataFrame, singular: str) -> tuple[RatioPart, RatioPart]:
    """Ratios in the year after and the year before a meeting, fitted side by side."""
    marked = rows.with_columns(
        (pl.col(f"since_{singular}") < 1.0).cast(pl.Float64).alias("lag"),
        (pl.col(f"until_{singular}") < 1.0).cast(pl.Float64).alias("lead"),
    )
    fit = _refit(marked, "lag + lead + mean_leaders + mean_envoys", (Ridge(("*",), 2.0),))
    return RatioPart.of(*fit["t:lag"]), RatioPart.of(*fit["t:lead"])


_MET = (
    "met_leaders_6m + met_leaders_60m + met_envoys_6m + met_envoys_60m + mean_leaders + mean_envoys"
)


def _year_ratio(
    fit: HazardFit, kind: str, half_lives: tuple[float, float] = (0.5, 5.0)
) -> RatioPart:
    places = [fit.names.index(f"t:met_{kind}_{h}") for h in HALF_LIVES]
    w = np.array(list(year_weights(dict(enumerate(half_lives))).values()))
    se = float(np.sqrt(w @ fit.covariance[np.ix_(places, places)] @ w))
    return RatioPart.of(float(w @ fit.dense[places]), se)


def _meeting_refit(rows: pl.DataFrame) -> HazardFit:
    return _refit(rows, _MET, (Ridge(("*:met_*",), MEETING_SD), Ridge(("*",), 2.0)))


def _without_each_dyad(rows: pl.DataFrame) -> list[HazardFit]:
    """Refit the meeting terms, their prior lifted, without each dyad that had an event."""
    dyads = rows.filter(pl.col("event") == 1)["dyad"].unique().sort()
    return [_refit(rows.filter(pl.col("dyad") != d), _MET, (Ridge(("*",), 2.0),)) for d in dyads]


def _jackknife(fits: Sequence[HazardFit], kind: str) -> float:
    """Error of the log year-one ratio if dyads, not spells, are independent.

    Leaves out one dyad at a time (Efron and Stein 1981, Annals of Statistics 9: 586-596).
    """
    ratios = np.log([_year_ratio(fit, kind).value for fit in fits])
    return float(np.sqrt((len(ratios) - 1) * np.var(ratios)))


def _leave_one_out(
    rows: pl.DataFrame, kind: str, exposed: pl.DataFrame
) -> list[tuple[int, RatioPart]]:
    """Refit the meeting terms without each of the three dyads with most exposed events."""
    top = exposed["dyad"].value_counts(sort=True).head(3)["dyad"].to_list()
    return [
        (int(dyad), _year_ratio(_meeting_refit(rows.filter(pl.col("dyad") != dyad)), kind))
        for dyad in top
    ]


def half_life_sensitivity(
    fit: HazardFit,
    intervals: Intervals,
    alternatives: Mapping[str, pl.DataFrame],
    half_lives: Mapping[str, tuple[float, float]],
) -> list[tuple[str, str, str, RatioPart, float]]:
    """Refit the meeting terms with other kernels, all else held.

    Parameters
    ----------
    alternatives
        By name, a table with ``dyad``, ``day``, and the four ``met_`` columns of the other kernels.
    half_lives
        By name, the half-lives (years) that stand in for 6 and 60 months.

    Returns
    -------
    list
        Name, process, kind, year-one ratio per unit kernels, gain in log-likelihood.
    """
    rest = expected_by_row(fit, intervals, without=("*:met_*", "*:mean_*"))
    out: list[tuple[str, str, str, RatioPart, float]] = []
    for process in MEETING_PROCESSES:
        rows = intervals.of(process).with_columns(pl.Series("expected", rest[process]))
        rows = rows.filter((pl.col("recorded") > 0) & (pl.col("alliance") == 0))
        base = _meeting_refit(rows)
        for name, table in alternatives.items():
            other = rows.drop([c for c in table.columns if c.startswith("met_")]).join(
                table, on=["dyad", "day"], how="left"
            )
            refit = _meeting_refit(other)
            gain = refit.log_likelihood - base.log_likelihood
            out += [
                (name, process, kind, _year_ratio(refit, kind, half_lives[name]), gain)
                for kind in KINDS
            ]
    return out


def calibration(fit: HazardFit, intervals: Intervals) -> pl.DataFrame:
    """Observed and expected events by process and decade, and by fifth of risk at the outset.

    Rows are ranked by their covariates and effects alone: their time on the clock is not known
    before the event.

    Returns
    -------
    polars.DataFrame
        ``process``, ``by`` (``decade`` or ``risk fifth``), ``group``, ``observed``, ``expected``.
    """
    expected = expected_by_row(fit, intervals)
    relative = expected_by_row(fit, intervals, without=("*:baseline*", "*:log shape"))
    parts: list[pl.DataFrame] = []
    for process, mean in expected.items():
        rate = pl.Series("rate", relative[process]) / (pl.col("stop") - pl.col("start"))
        rows = intervals.of(process).select(
            *("event", "id", "start"),
            pl.Series("expected", mean),
            (pl.col("year") // 10 * 10).cast(pl.String).alias("decade"),
            # Equal rates that rounding tells apart stay in the order of the rows.
            rate.round_sig_figs(9),
        )
        total = float(rows["expected"].sum())
        ranked = rows.sort("rate", "id", "start").with_columns(
            (pl.col("expected").cum_sum() / total * 5 - 1e-9)
            .floor()
            .clip(0, 4)
            .cast(pl.Int64)
            .add(1)
            .cast(pl.String)
            .alias("risk fifth")
        )
        for by in ("decade", "risk fifth"):
            parts.append(
                ranked.group_by(pl.col(by).alias("group"))
                .agg(
                    pl.col("event").sum().cast(pl.Int64).alias("observed"), pl.col("expected").sum()
                )
                .sort("group")
                .select(pl.lit(process).alias("process"), pl.lit(by).alias("by"), pl.all())
            )
    return pl.concat(parts)
