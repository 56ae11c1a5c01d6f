"""From the public record to the intervals that the model is fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from detente import sources
from detente.core.provenance import Provenance
from detente.hazards import Intervals
from detente.histories import load_spells
from detente.histories.features import FeatureTables, centres, filled
from detente.histories.meetings import load_us_meetings, recorded
from detente.histories.risk import MEETING_KERNELS, RECORD, RiskTables, risk_tables
from detente.histories.system import politically_relevant_spells
from detente.relations.terms import ERAS, EXPOSED_COUNT, MEETING_PROCESSES, PERIODS, PROCESSES

FEATURE_SOURCES = (
    "nmc",
    "cow_majors",
    "contiguity",
    "atop",
    "democracy",
    "rivalries",
    "nuclear_status",
)
CONFLICT_SOURCES = ("dyadic_mid", "mid5_part", "gml_part", "mie", "cow_interstate_wars")
MEETING_SOURCES = ("us_travels", "us_visits", "leaders", "gw_cow")
SOURCES = ("cow_states", *FEATURE_SOURCES, *CONFLICT_SOURCES, *MEETING_SOURCES)
"""Every dataset that the fitted model reads."""


@dataclass(frozen=True, slots=True)
class RecordTables:
    """The tables the model is built from, loaded once."""

    relevant: pl.DataFrame
    spells: pl.DataFrame
    meetings: pl.DataFrame
    window: tuple[date, date]
    features: FeatureTables
    provenance: tuple[Provenance, ...]


@dataclass(frozen=True, slots=True)
class FittingRecord:
    """Intervals of every process, and what was done to the covariates on the way.

    ``centre`` are the means taken off the covariates that may be missing; ``means`` the means
    of :func:`meeting_means`.
    """

    intervals: Intervals
    centre: dict[str, float]
    means: pl.DataFrame
    until: date


def load_record() -> RecordTables:
    """Load every table from the mirror or the cache.

    Raises
    ------
    UnavailableError
        Names the dataset to pull.
    """
    tables = {n: sources.load(n) for n in ("cow_states", *FEATURE_SOURCES)}
    features = FeatureTables(*(tables[n] for n in FEATURE_SOURCES))
    relevant = politically_relevant_spells(
        tables["cow_states"], tables["contiguity"], tables["cow_majors"]
    )
    window = recorded("leader")
    return RecordTables(
        relevant=relevant,
        spells=load_spells(),
        meetings=counted_meetings(load_us_meetings()),
        window=(window.start, min(window.stop, RECORD[1])),
        features=features,
        provenance=tuple(sources.provenance(n) for n in SOURCES),
    )


def counted_meetings(meetings: pl.DataFrame) -> pl.DataFrame:
    """Meetings that the model counts: held, of leaders or envoys, with a state of the system."""
    return meetings.filter(
        (pl.col("status") == "held")
        & pl.col("level").is_in(["leader", "envoy"])
        & pl.col("ccode2").is_not_null()
    )


def fitting_record(record: RecordTables, *, until: date = RECORD[1]) -> FittingRecord:
    """Build the intervals of every process, from what was known before ``until``."""
    risk = risk_tables(
        record.relevant, record.spells, record.meetings, record.window, record.features, until=until
    )
    centre = centres(risk.calm)
    means = meeting_means(risk)
    parts: list[pl.DataFrame] = []
    for process in PROCESSES:
        rows = _at_risk(risk, process.name)
        rows = with_terms(filled(rows, centre), means)
        parts.append(rows.with_columns(pl.lit(process.name).alias("transition")))
    table = pl.concat(parts, how="diagonal").with_columns(pl.col("sid").alias("id"))
    return FittingRecord(Intervals(table), centre, means, until)


def _at_risk(risk: RiskTables, process: str) -> pl.DataFrame:
    """Rows at risk of a process, ``event`` 1 where it happened.

    An onset counts as joining only where a linked conflict was open the day before; else the
    dyad started on its own. Rows of calm are split where linked wars change, not linked
    disputes, so that their gate is read on the day before they end.
    """
    joins = {"dispute/joining": "linked", "war/joining": "linked_war"}
    if process in ("initiate", "attack"):
        rung = "dispute" if process == "initiate" else "war"
        gate = "linked_end" if process == "initiate" else "linked_war"
        own = pl.col("event") == f"{rung}/initiation"
        alone = (pl.col("event") == f"{rung}/joining") & (pl.col(gate) == 0)
        return _marked(risk.calm, own | alone)
    if process in ("join", "enter"):
        rung = "dispute" if process == "join" else "war"
        rows = risk.linked.filter(pl.col(joins[f"{rung}/joining"]) > 0)
        return _marked(rows, pl.col("event") == f"{rung}/joining")
    if process in ("subside", "escalate"):
        return _marked(risk.dispute, pl.col("event") == ("calm" if process == "subside" else "war"))
    if process in ("end", "cool"):
        return _marked(risk.war, pl.col("event") == ("calm" if process == "end" else "dispute"))
    level = "leader" if process == "leaders" else "envoy"
    rows = risk.meetings.filter(pl.col("recorded") > 0)
    return _marked(rows, pl.col(f"met_{level}") == 1)


def _marked(rows: pl.DataFrame, happened: pl.Expr) -> pl.DataFrame:
    return rows.with_columns(happened.fill_null(value=False).cast(pl.Int8).alias("event"))


def meeting_means(risk: RiskTables) -> pl.DataFrame:
    """Means over the recorded time of every recorded dyad.

    ``mean_leaders`` and ``mean_envoys`` are those of the meeting terms (Mundlak 1978,
    Econometrica 46: 69-85), ``usual_leaders`` and ``usual_envoys`` of all meetings, allies' too.
    """
    weight = pl.col("stop") - pl.col("start")
    columns = {
        f"{mean}_{kind}": value(f"{kind}_60m")
        for mean, value in (("mean", _term), ("usual", lambda k: pl.col(k).log1p()))
        for kind in ("leaders", "envoys")
    }
    return (
        risk.meetings.filter(pl.col("recorded") > 0)
        .group_by("dyad")
        .agg(((value * weight).sum() / weight.sum()).alias(name) for name, value in columns.items())
        .sort("dyad")
    )


def _term(kernel: str) -> pl.Expr:
    """Return a meeting term: saturating, and only for pairs without a defence pact."""
    return pl.col(kernel).log1p() * (1.0 - pl.col("alliance"))


def with_terms(rows: pl.DataFrame, means: pl.DataFrame) -> pl.DataFrame:
    """Add the columns that the formulas name."""
    rows = rows.join(means, on="dyad", how="left", maintain_order="left")
    return rows.with_columns(
        pl.col("disputes").log1p().alias("past_disputes"),
        pl.col("wars").log1p().alias("past_wars"),
        *(pl.col(k).log1p().alias(f"past_{k}") for k in MEETING_KERNELS),
        *((_term(k) * pl.col("recorded")).alias(f"met_{k}") for k in MEETING_KERNELS),
        *((pl.col(m).fill_null(0.0) * pl.col("recorded")).alias(m) for m in means.columns[1:]),
        *_rungs(rows),
        *(_from(year, "since") for year in PERIODS),
        *(_from(year, "era") for year in ERAS),
        (pl.col("dyad") // 1000).alias("ccode1"),
        (pl.col("dyad") % 1000).alias("ccode2"),
    ).drop("rung", strict=False)


def _from(year: int, prefix: str) -> pl.Expr:
    return (pl.col("year") >= year).cast(pl.Float64).alias(f"{prefix}_{year}")


def _rungs(rows: pl.DataFrame) -> list[pl.Expr]:
    if "rung" not in rows.columns:
        return [pl.lit(0.0).alias("in_dispute"), pl.lit(0.0).alias("in_war")]
    return [(pl.col("rung") == r).cast(pl.Float64).alias(f"in_{r}") for r in ("dispute", "war")]


def exposed_events(table: pl.DataFrame) -> pl.DataFrame:
    """Events that a meeting term could learn from.

    An event is exposed when the decayed count of the pair's meetings of the kind (recorded, no
    defence pact) is at least :data:`~detente.relations.terms.EXPOSED_COUNT`.

    Returns
    -------
    polars.DataFrame
        ``process``, ``term``, ``events`` (of recorded unallied dyads), ``exposed``, ``dyads``.
    """
    rows: list[dict[str, object]] = []
    for process in MEETING_PROCESSES:
        happened = table.filter(
            (pl.col("transition") == process)
            & (pl.col("event") == 1)
            & (pl.col("recorded") > 0)
            & (pl.col("alliance") == 0)
        )
        for kernel in MEETING_KERNELS:
            exposed = happened.filter(pl.col(kernel) >= EXPOSED_COUNT)
            rows.append(
                {
                    "process": process,
                    "term": f"met_{kernel}",
                    "events": happened.height,
                    "exposed": exposed.height,
                    "dyads": exposed["dyad"].n_unique(),
                }
            )
    return pl.DataFrame(rows)


def war_exposure(table: pl.DataFrame) -> list[dict[str, object]]:
    """Count entries into war and ends of war that followed a meeting within two half-lives.

    Of recorded pairs without a defence pact; one row each for leaders and envoys.
    """
    happened = table.filter(
        (pl.col("event") == 1) & (pl.col("recorded") > 0) & (pl.col("alliance") == 0)
    )
    into_war = [p.name for p in PROCESSES if p.target == "war"]
    entries = happened.filter(pl.col("transition").is_in(into_war))
    ends = happened.filter(pl.col("transition") == "end")
    return [
        {
            "kind": kind,
            "events": entries.height,
            "exposed": entries.filter(pl.col(f"{kind}_60m") >= EXPOSED_COUNT).height,
            "ends": ends.height,
            "ends_exposed": ends.filter(pl.col(f"{kind}_60m") >= EXPOSED_COUNT).height,
        }
        for kind in ("leaders", "envoys")
    ]
