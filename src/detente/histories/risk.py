"""Risk intervals of politically relevant dyads: what could happen, when, given what was known.

Five tables in counting-process form come out of the spells of disputes and wars:

``calm``      at risk of starting a dispute or a war of their own
``linked``    at risk of joining one, while a member is in conflict with a third state
``dispute``   at risk of escalation and of the end of the dispute
``war``       at risk of the end of the war
``meetings``  at risk of a meeting of leaders or of envoys, where the record reaches

Rows are split each January, each quarter where meetings are recorded, at each meeting, and where
a linked conflict begins or ends; stays in dispute and war each month. Functions of the past count
events before a row starts, and decay to the middle of its planned span: from its start to the next
day of the calendar grid, whatever ends it sooner. (Taken at the middle of the row itself they
would be higher wherever an event cuts a row short, and every decaying count would seem to raise
every risk.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.core.days import model_time
from detente.histories.features import FeatureTables, dyad_features
from detente.histories.links import link_changes, with_links
from detente.histories.past import days_since_last, days_to_next, decayed_count
from detente.histories.splitting import grid_cuts, month_starts, split_at, years_of

YEAR = 365.25
RECORD = (date(1816, 1, 1), date(2015, 1, 1))
"""First day of the record of disputes, and the day after its last."""

KERNELS: dict[str, tuple[str, float]] = {
    "disputes": ("dispute", 5.0),
    "wars": ("war", 10.0),
    "leaders_6m": ("leader", 0.5),
    "leaders_60m": ("leader", 5.0),
    "envoys_6m": ("envoy", 0.5),
    "envoys_60m": ("envoy", 5.0),
}
"""Functions of the past: the events they count and their half-life in years."""

_RECORDED = 2
"""The state whose meetings are recorded; it is the first of all its dyads."""
_QUARTER = 3

MEETING_KERNELS = ("leaders_6m", "leaders_60m", "envoys_6m", "envoys_60m")


@dataclass(frozen=True, slots=True)
class RiskTables:
    """Risk intervals by rung; see the module for what each is at risk of.

    Every table has ``dyad`` (1000 * ccode1 + ccode2), ``start``, ``stop`` and ``entry`` in years
    on the calendar axis, ``event`` (name of what happened at ``stop``, or null), ``year``, the
    covariates of :mod:`detente.histories.features`, the links as the row starts, ``linked_end``
    (``linked`` on the day before ``stop``), the kernels, ``at`` (the day, since 1970, to which
    they have decayed), and ``recorded``.
    """

    calm: pl.DataFrame
    linked: pl.DataFrame
    dispute: pl.DataFrame
    war: pl.DataFrame
    meetings: pl.DataFrame


def days_table(table: pl.DataFrame) -> pl.DataFrame:
    """Dates as whole days since 1970."""
    return table.with_columns(pl.col("start", "stop").cast(pl.Date).to_physical().cast(pl.Int64))


def dyad_code() -> pl.Expr:
    """One integer for a dyad."""
    return (pl.col("ccode1") * 1000 + pl.col("ccode2")).cast(pl.Int64).alias("dyad")


def risk_tables(
    relevant: pl.DataFrame,
    spells: pl.DataFrame,
    meetings: pl.DataFrame,
    window: tuple[date, date],
    features: FeatureTables,
    *,
    until: date = RECORD[1],
) -> RiskTables:
    """Build the risk intervals of every politically relevant dyad.

    Parameters
    ----------
    relevant
        Spells of political relevance: ``ccode1``, ``ccode2``, ``start``, ``stop``.
    spells
        Spells of dispute and war (:func:`detente.histories.build_spells`).
    meetings
        Meetings that count, one row each: ``ccode1``, ``ccode2``, ``level``, ``start``.
    window
        First and last day (exclusive) on which meetings of US dyads are recorded.
    until
        Nothing on or after this day is used, whatever the tables hold.
    """
    stop = (until - date(1970, 1, 1)).days
    spells = _cut_off(days_table(spells), stop)
    relevant = _cut_off(days_table(relevant), stop).drop("censored", strict=False)
    meetings = meetings.with_columns(pl.col("start").to_physical().cast(pl.Int64)).filter(
        pl.col("start") < stop
    )
    builder = _Builder(spells, meetings, window, features)
    calm, conflict = _stays(relevant, spells)
    dispute, war = (conflict.filter(pl.col("rung") == r) for r in ("dispute", "war"))
    linked = builder.rows(calm, fine=True).filter(pl.col("linked") > 0)
    return RiskTables(
        calm=builder.rows(calm),
        linked=linked,
        dispute=builder.rows(dispute, months=1),
        war=builder.rows(war, months=1),
        meetings=builder.meeting_rows(pl.concat([calm, conflict.drop("rung")])),
    )


def _cut_off(table: pl.DataFrame, stop: int) -> pl.DataFrame:
    """Forget what happens on or after a day; what lasts to it, or longer, is censored."""
    beyond = pl.col("stop") >= stop
    censored = pl.col("censored") if "censored" in table.columns else pl.lit(value=False)
    known = table.filter(pl.col("start") < stop).with_columns(
        pl.min_horizontal("stop", stop).alias("stop"), (censored | beyond).alias("censored")
    )
    if "settlement" not in table.columns:
        return known
    mark = pl.when(~pl.col("censored")).then(pl.col("settlement"))
    return known.with_columns(mark.alias("settlement"))


def _stays(relevant: pl.DataFrame, spells: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Stays in calm, and in dispute or war, of dyads while they are relevant."""
    spells = spells.sort("ccode1", "ccode2", "start").with_columns(dyad_code())
    inside = _relevant_at_start(spells, relevant)
    next_rung = pl.col("rung").shift(-1).over("dyad", "episode").fill_null("calm")
    target = pl.when(pl.col("censored")).then(None).otherwise(next_rung)
    conflict = inside.with_columns(target.alias("event"), pl.col("start").alias("entry")).select(
        "ccode1", "ccode2", "dyad", "start", "stop", "entry", "event", "rung", "settlement"
    )
    calm = _calm_stays(relevant.with_columns(dyad_code()), spells)
    n = calm.height
    calm = calm.with_columns(pl.arange(0, n, dtype=pl.Int64).alias("sid"))
    conflict = conflict.with_columns(pl.arange(n, n + conflict.height, dtype=pl.Int64).alias("sid"))
    shape = ["sid", "ccode1", "ccode2", "dyad", "start", "stop", "entry", "event", "settlement"]
    return calm.select(shape), conflict.select(*shape, "rung")


def _relevant_at_start(spells: pl.DataFrame, relevant: pl.DataFrame) -> pl.DataFrame:
    """Keep the episodes of dyads that were relevant the day before, or the day, they began."""
    first = spells.group_by("dyad", "episode").agg(
        pl.col("ccode1", "ccode2").first(), pl.col("start").min().alias("onset")
    )
    known = (
        first.join(relevant.select("ccode1", "ccode2", "start", "stop"), on=["ccode1", "ccode2"])
        .filter((pl.col("start") <= pl.col("onset")) & (pl.col("stop") >= pl.col("onset")))
        .select("dyad", "episode")
        .unique()
    )
    return spells.join(known, on=["dyad", "episode"], how="semi").sort("dyad", "start")


def _calm_stays(relevant: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """Relevant time outside disputes and wars, with what ended each stay."""
    episodes = spells.group_by("dyad", "episode").agg(
        pl.col("start").min().alias("onset"),
        pl.col("stop").max().alias("offset"),
        pl.col("rung", "onset").sort_by("start").first().name.prefix("first_"),
    )
    base = relevant.select("ccode1", "ccode2", "dyad", "start", "stop").with_row_index("rid")
    pieces = base.join(episodes, on="dyad", how="left").filter(
        pl.col("onset").is_null()
        | ((pl.col("onset") <= pl.col("stop")) & (pl.col("offset") > pl.col("start")))
    )
    none = base.join(pieces.select("rid").unique(), on="rid", how="anti").with_columns(
        pl.lit(None, dtype=pl.Int64).alias("onset"),
        pl.lit(None, dtype=pl.Int64).alias("offset"),
        pl.lit(None, dtype=pl.String).alias("first_rung"),
        pl.lit(None, dtype=pl.String).alias("first_onset"),
    )
    pieces = pl.concat([pieces, none], how="diagonal").sort("rid", "onset")
    before = pl.col("offset").shift(1).over("rid").fill_null(pl.col("start"))
    gaps = pieces.with_columns(
        before.alias("from"), pl.col("onset").fill_null(pl.col("stop")).alias("until")
    )
    ended = (
        pl.when(pl.col("onset").is_not_null())
        .then(pl.col("first_rung") + "/" + pl.col("first_onset"))
        .alias("event")
    )
    tails = (
        pieces.filter(pl.col("offset").is_not_null())
        .group_by("rid")
        .last()
        .filter(pl.col("offset") < pl.col("stop"))
        .select(
            "ccode1",
            "ccode2",
            "dyad",
            pl.col("offset").alias("from"),
            pl.col("stop").alias("until"),
        )
        .with_columns(pl.lit(None, dtype=pl.String).alias("event"))
    )
    gaps = gaps.select("ccode1", "ccode2", "dyad", "from", "until", ended)
    calm = (
        pl.concat([gaps, tails])
        .filter(pl.col("from") < pl.col("until"))
        .rename({"from": "start", "until": "stop"})
        .with_columns(pl.lit(None, dtype=pl.String).alias("settlement"))
        .sort("dyad", "start")
    )
    ends = episodes.select("dyad", pl.col("offset").alias("since")).sort("since")
    return (
        calm.sort("start")
        .join_asof(ends, left_on="start", right_on="since", by="dyad", check_sortedness=False)
        .with_columns(pl.col("since").fill_null(pl.col("start")).alias("entry"))
        .sort("dyad", "start")
    )


class _Builder:
    """Split stays and give every row its covariates."""

    def __init__(
        self,
        spells: pl.DataFrame,
        meetings: pl.DataFrame,
        window: tuple[date, date],
        features: FeatureTables,
    ) -> None:
        self.conflicts = spells
        self.window = tuple((d - date(1970, 1, 1)).days for d in window)
        self.features = features
        self.meetings = meetings.with_columns(dyad_code())
        self.events = _past_events(spells, self.meetings)

    def rows(self, stays: pl.DataFrame, *, fine: bool = False, months: int = 12) -> pl.DataFrame:
        """Rows of stays, split every so many months at least.

        ``fine`` splits at every linked conflict, else only at linked wars.
        """
        changes = link_changes(stays, self.conflicts, self.features.atop)
        cuts = [self._calendar(stays, months)]
        wars = (pl.col("linked_war") != 0) | (pl.col("ally_war") != 0)
        moved = changes if fine else changes.filter(wars)
        cuts.append(moved.select("sid", "day"))
        parts = split_at(stays.select("sid", "start", "stop"), pl.concat(cuts))
        return self._covariates(with_links(parts, changes), stays, months)

    def meeting_rows(self, stays: pl.DataFrame) -> pl.DataFrame:
        """Rows of recorded dyads in any rung, ending at each meeting."""
        first, last = self.window
        kept = stays.filter(
            (pl.col("ccode1") == _RECORDED) & (pl.col("stop") > first) & (pl.col("start") < last)
        ).with_columns(
            pl.max_horizontal("start", pl.lit(first)).alias("start"),
            pl.min_horizontal("stop", pl.lit(last)).alias("stop"),
            pl.lit(None, dtype=pl.String).alias("event"),
        )
        changes = link_changes(kept, self.conflicts, self.features.atop)
        parts = split_at(kept.select("sid", "start", "stop"), self._calendar(kept, 12))
        rows = self._covariates(with_links(parts, changes), kept, 12)
        return _with_rung(self._met(rows), self.conflicts)

    def _met(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Say on which rows a meeting of each level falls at the end."""
        for level in ("leader", "envoy"):
            days = self.meetings.filter(pl.col("level") == level).select(
                "dyad", pl.col("start").alias("end"), pl.lit(1).alias(f"met_{level}")
            )
            rows = rows.join(days.unique(), on=["dyad", "end"], how="left").with_columns(
                pl.col(f"met_{level}").fill_null(0)
            )
        return rows

    def _calendar(self, stays: pl.DataFrame, months: int) -> pl.DataFrame:
        """Cuts of the grid; each quarter and at each meeting where meetings are recorded."""
        span = stays.select("sid", "start", "stop")
        recorded = stays.filter(pl.col("ccode1") == _RECORDED)
        met = recorded.join(self.meetings.select("dyad", pl.col("start").alias("day")), on="dyad")
        edges = recorded.select("sid", pl.lit(list(self.window)).alias("day")).explode("day")
        return pl.concat(
            [
                grid_cuts(span, months),
                grid_cuts(recorded.select("sid", "start", "stop"), min(months, _QUARTER)),
                met.select("sid", "day"),
                edges.with_columns(pl.col("day").cast(pl.Int64)),
            ]
        )

    def _covariates(self, parts: pl.DataFrame, stays: pl.DataFrame, months: int) -> pl.DataFrame:
        stay = stays.select("sid", "ccode1", "ccode2", "dyad", "entry", "event", "settlement")
        rows = parts.join(stay, on="sid", how="left", maintain_order="left").with_columns(
            pl.when(pl.col("last")).then(pl.col("event")).alias("event"),
            pl.Series("year", years_of(parts["start"].to_numpy())),
        )
        rows = dyad_features(rows, self.features)
        rows = rows.with_columns(_planned_middle(rows, months).alias("at"))
        rows = rows.with_columns(self._kernels(rows))
        first, last = self.window
        recorded = (
            (pl.col("ccode1") == _RECORDED) & (pl.col("start") >= first) & (pl.col("stop") <= last)
        ).cast(pl.Float64)
        return rows.with_columns(
            recorded.alias("recorded"),
            pl.col("start").alias("day"),
            pl.col("stop").alias("end"),
            *(pl.Series(c, model_time(rows[c].to_numpy())) for c in ("start", "stop", "entry")),
        ).drop("last")

    def _kernels(self, rows: pl.DataFrame) -> list[pl.Series]:
        unit, known = rows["dyad"].to_numpy(), rows["start"].to_numpy() + 1
        columns = [
            pl.Series(
                name,
                decayed_count(
                    self.events[kind],
                    unit,
                    known,
                    rows["at"].to_numpy(),
                    half_life=half_life * YEAR,
                ),
            )
            for name, (kind, half_life) in KERNELS.items()
        ]
        had = decayed_count(self.events["dispute"], unit, known, known, half_life=1e12)
        end = rows["stop"].to_numpy()
        for level in ("leader", "envoy"):
            since = days_since_last(self.events[level], unit, known) / YEAR
            columns.append(pl.Series(f"since_{level}", since))
            # Of the future: for the test of leads alone, never a covariate of the model.
            columns.append(
                pl.Series(f"until_{level}", days_to_next(self.events[level], unit, end) / YEAR)
            )
        return [*columns, pl.Series("fresh", (had == 0).astype(np.int64))]


def _planned_middle(rows: pl.DataFrame, months: int) -> pl.Series:
    """Middle, in days, between the start of a row and the next day of its grid after it."""
    start = rows["start"].to_numpy()
    if not len(start):
        return pl.Series([], dtype=pl.Float64)
    ends = np.empty(len(start))
    quarterly = rows["ccode1"].to_numpy() == _RECORDED
    for own, step in ((quarterly, min(months, _QUARTER)), (~quarterly, months)):
        grid = month_starts(int(start.min()), int(start.max()) + 400, step)
        ends[own] = grid[np.searchsorted(grid, start[own], side="right")]
    return pl.Series(0.5 * (start + ends))


def _past_events(
    spells: pl.DataFrame, meetings: pl.DataFrame
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Days of onsets of disputes and of wars and of meetings, by dyad."""
    coded = spells.with_columns(dyad_code())
    onsets = coded.group_by("dyad", "episode").agg(pl.col("start").min())
    wars = coded.filter(pl.col("rung") == "war")
    out = {"dispute": _pair(onsets), "war": _pair(wars)}
    for level in ("leader", "envoy"):
        out[level] = _pair(meetings.filter(pl.col("level") == level))
    return out


def _pair(table: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return table["dyad"].to_numpy(), table["start"].to_numpy()


def _with_rung(rows: pl.DataFrame, conflicts: pl.DataFrame) -> pl.DataFrame:
    spells = conflicts.select(
        dyad_code(), pl.col("start").alias("began"), pl.col("stop").alias("over"), "rung"
    ).sort("began")
    held = rows.sort("day").join_asof(
        spells, left_on="day", right_on="began", by="dyad", check_sortedness=False
    )
    rung = pl.when(pl.col("over") > pl.col("day")).then(pl.col("rung")).fill_null("calm")
    return held.with_columns(rung.fill_null("calm").alias("rung")).drop("began", "over")
