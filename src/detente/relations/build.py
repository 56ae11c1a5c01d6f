"""Fit the model of relations from the record, and write it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import detente
from detente.hazards import HazardFit, Intervals, fit_hazards
from detente.histories.features import concentration
from detente.histories.past import decayed_count
from detente.histories.risk import KERNELS, MEETING_KERNELS, RECORD, YEAR, days_table, dyad_code
from detente.relations.course import natural_course, with_all_frailties
from detente.relations.evidence import (
    calibration,
    half_life_sensitivity,
    meeting_effects,
)
from detente.relations.model import (
    CalibrationPart,
    CoveragePart,
    DataPart,
    DyadPart,
    EffectPart,
    ExposurePart,
    FrailtyPart,
    ModelFile,
    ProcessPart,
    SensitivityPart,
    TermPart,
    WalkPart,
    fingerprint,
)
from detente.relations.record import (
    FittingRecord,
    RecordTables,
    exposed_events,
    fitting_record,
    war_exposure,
)
from detente.relations.specification import specification
from detente.relations.standing import counts_on
from detente.relations.terms import FEWEST_EVENTS, PROCESSES, slope_groups

# Digits kept of a number in the file: more than any estimate carries.
_DIGITS = 8
_SLOPE_DIGITS = 4

ALTERNATIVE_HALF_LIVES = {"3 and 36 months": (0.25, 3.0), "12 and 120 months": (1.0, 10.0)}


def build_model(
    record: RecordTables, *, progress: Callable[[str], None] | None = None
) -> ModelFile:
    """Fit the model and gather everything that the file holds.

    Raises
    ------
    FitError
        If the fit does not converge.
    """
    say = progress or (lambda text: None)
    code = code_digest()
    say("risk intervals")
    data = fitting_record(record)
    exposed = exposed_events(data.intervals.table)
    dropped = {
        process: frozenset(
            exposed.filter((pl.col("process") == process) & (pl.col("exposed") < FEWEST_EVENTS))[
                "term"
            ].to_list()
        )
        for process in exposed["process"].unique().to_list()
    }
    spec = specification(dropped)
    fit = fit_hazards(data.intervals, spec, progress=say)
    say("meeting terms: leads, detectable effects, other kernels")
    content = {
        **_core(fit, data, record),
        "effects": [_effect(e) for e in meeting_effects(fit, data.intervals)],
        "terms": [
            TermPart(**row, fitted=row["term"] not in dropped[row["process"]]).model_dump()
            for row in exposed.to_dicts()
        ],
        "war_exposure": war_exposure(data.intervals.table),
        "sensitivity": _sensitivity(fit, data, record),
        "calibration": [
            CalibrationPart.model_validate(
                {**row, "expected": _short(row["expected"])}
            ).model_dump()
            for row in calibration(fit, data.intervals).to_dicts()
        ],
        "course": [],
        "nuclear": nuclear_exposure(record).model_dump(),
        "data": [
            DataPart(
                dataset=p.dataset, version=p.version, url=p.url, sha256=dict(p.sha256)
            ).model_dump()
            for p in record.provenance
        ],
        "code": code,
    }
    say("natural course of 1946-2014")
    course = natural_course(with_all_frailties(sealed(content), fit), record, data)
    return sealed({**content, "course": [part.model_dump() for part in course]})


def sealed(content: dict[str, Any]) -> ModelFile:
    """Validate the content of a model file and give it its fingerprint."""
    plain = ModelFile.model_validate({**content, "fingerprint": ""}).model_dump(mode="json")
    return ModelFile.model_validate({**plain, "fingerprint": fingerprint(plain)})


def code_digest() -> str:
    """Digest of the package's own sources that make the fit."""
    root = Path(detente.__file__).parent
    digest = hashlib.sha256()
    for folder in ("core", "sources", "panels", "histories", "hazards", "relations"):
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _short(value: float, digits: int = _DIGITS) -> float:
    return float(f"{value:.{digits}g}")


def _core(fit: HazardFit, data: FittingRecord, record: RecordTables) -> dict[str, Any]:
    p = len(fit.names)
    keep = [*range(p), len(fit.dense) - 1]
    covariance = fit.covariance[np.ix_(keep, keep)]
    return {
        "coverage": _coverage(fit, data, record),
        "processes": _processes(fit, data.intervals),
        "formulas": {t.name: t.formula for t in fit.spec.transitions}
        | {s.name: s.formula for s in fit.spec.shared},
        "kernels": {k: [kind, half_life] for k, (kind, half_life) in KERNELS.items()},
        "centre": {k: _short(v) for k, v in data.centre.items()},
        "names": list(fit.names),
        "mean": [_short(v) for v in fit.dense[keep]],
        "covariance": [[_short(v) for v in covariance[i, : i + 1]] for i in range(len(keep))],
        "typical": typical(fit, data.intervals),
        "scales": {k: _short(v) for k, v in fit.scales.items()},
        "means": {
            str(r["dyad"]): {k: _short(v) for k, v in r.items() if k != "dyad"}
            for r in data.means.to_dicts()
        },
        "walk": WalkPart(
            first_year=fit.walk_levels[0],
            levels=[_short(v) for v in fit.dense[p:]],
            sd=_short(fit.scales["year"]),
        ).model_dump(),
        "frailty": _frailty(fit, data, record, keep).model_dump(),
        "concentration": {
            str(r["year"]): _short(r["concentration"])
            for r in concentration(record.features.nmc, record.features.cow_majors).to_dicts()
            if r["concentration"] is not None
        },
        "log_likelihood": _short(fit.log_likelihood),
        "status": fit.status,
    }


def typical(fit: HazardFit, intervals: Intervals) -> dict[str, dict[str, float]]:
    """Mean of every column that a process's coefficients refer to, weighted by time at risk."""
    out: dict[str, dict[str, float]] = {}
    for process in PROCESSES:
        rows = intervals.of(process.name)
        weight = rows["stop"] - rows["start"]
        own = slope_groups(process.name)
        columns = sorted(
            {n.split(":", 1)[1] for n in fit.names if n.split(":", 1)[0] in own}
            - {n.split(":", 1)[1] for n in fit.names if ":baseline[" in n}
        )
        values = {c: _product(rows, c) for c in columns}
        out[process.name] = {
            c: _short(float((v * weight).sum()) / float(weight.sum())) for c, v in values.items()
        }
    return out


def _product(rows: pl.DataFrame, column: str) -> pl.Series:
    factors = column.split(":")
    value = rows[factors[0]].cast(pl.Float64)
    for factor in factors[1:]:
        value = value * rows[factor]
    return value


def _coverage(fit: HazardFit, data: FittingRecord, record: RecordTables) -> dict[str, Any]:
    table = data.intervals.table
    levels = record.meetings["level"].value_counts().to_dicts()
    return CoveragePart(
        first_year=int(table["year"].min()),  # type: ignore[arg-type]
        last_year=data.until.year - 1,
        dyads=table["dyad"].n_unique(),
        intervals=fit.intervals,
        recorded_from=record.window[0].isoformat(),
        recorded_to=record.window[1].isoformat(),
        meetings={r["level"]: r["count"] for r in sorted(levels, key=lambda r: str(r["level"]))},
    ).model_dump()


def _processes(fit: HazardFit, intervals: Intervals) -> list[dict[str, Any]]:
    counts = {r["transition"]: r for r in intervals.events().to_dicts()}
    baselines = {t.name: t.baseline for t in fit.spec.transitions}
    return [
        ProcessPart(
            name=p.name,
            label=p.label,
            source=p.source,
            target=p.target,
            gate=p.gate,
            cuts=list(baselines[p.name].cuts),
            strata=any(n.startswith(f"{p.name}:") and "|fresh=" in n for n in fit.names),
            events=counts[p.name]["events"],
            intervals=counts[p.name]["intervals"],
            exposure=_short(counts[p.name]["exposure"]),
        ).model_dump()
        for p in PROCESSES
    ]


def _frailty(
    fit: HazardFit, data: FittingRecord, record: RecordTables, keep: list[int]
) -> FrailtyPart:
    """Frailties and the state at the end of the record of every dyad that is relevant there."""
    slope = fit.frailty_slope[:, keep]
    terms = [i for i in range(len(keep)) if np.abs(slope[:, i]).max() > 0]
    place = {d: i for i, d in enumerate(fit.frailty_levels)}
    parts: list[DyadPart] = []
    for row in end_of_record(data, record).to_dicts():
        i = place[row["dyad"]]
        parts.append(
            DyadPart(
                dyad=row["dyad"],
                calm_since=row["calm_since"],
                fresh=row["fresh"],
                counts=[_short(row[k], _SLOPE_DIGITS) for k in KERNELS],
                frailty=_short(fit.frailty[i]),
                variance=_short(fit.frailty_variance[i]),
                slope=[_short(slope[i, j], _SLOPE_DIGITS) for j in terms],
            )
        )
    return FrailtyPart(sd=_short(fit.scales["dyad"]), terms=terms, dyads=parts)


def end_of_record(data: FittingRecord, record: RecordTables) -> pl.DataFrame:
    """Decayed counts, stratum and year of the last calm of the dyads at risk at the end."""
    at_risk = data.intervals.of("initiate")["dyad"].unique()
    last = (
        record.relevant.filter(pl.col("stop") >= data.until)
        .with_columns(dyad_code())
        .group_by("dyad")
        .agg(pl.col("start").max())
        .filter(pl.col("dyad").is_in(at_risk.implode()))
        .sort("dyad")
    )
    counts = counts_on(record, last["dyad"].to_numpy(), data.until)
    spells = days_table(record.spells).with_columns(dyad_code())
    ended = spells.group_by("dyad").agg(pl.col("stop").max().alias("ended"))
    table = pl.concat([last, counts], how="horizontal").join(
        ended, on="dyad", how="left", maintain_order="left"
    )
    ended_year = pl.from_epoch(pl.col("ended"), time_unit="d").dt.year()
    return table.with_columns(
        pl.col("ended").is_null().alias("fresh"),
        ended_year.fill_null(pl.col("start").dt.year()).cast(pl.Int64).alias("calm_since"),
    )


def _effect(effect: EffectPart) -> dict[str, Any]:
    return EffectPart.model_validate(_rounded(effect.model_dump())).model_dump()


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return _short(value)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _sensitivity(fit: HazardFit, data: FittingRecord, record: RecordTables) -> list[dict[str, Any]]:
    """Year-one ratios under other half-lives, the columns keeping their places."""
    rows = data.intervals.table.filter(
        pl.col("transition").is_in(["initiate", "subside"]) & (pl.col("recorded") > 0)
    ).select("dyad", "day", "at", "alliance")
    rows = rows.unique(["dyad", "day"], maintain_order=True)
    alternatives: dict[str, pl.DataFrame] = {}
    for name, (short, long) in ALTERNATIVE_HALF_LIVES.items():
        alternatives[name] = _other_kernels(rows, record, short, long)
    table = half_life_sensitivity(fit, data.intervals, alternatives, ALTERNATIVE_HALF_LIVES)
    return [
        SensitivityPart(
            kernels=name,
            process=process,
            kind=kind,
            ratio=_rounded(ratio.model_dump()),
            gain=_short(gain),
        ).model_dump()
        for name, process, kind, ratio, gain in table
    ]


def _other_kernels(
    rows: pl.DataFrame, record: RecordTables, short: float, long: float
) -> pl.DataFrame:
    unit, known = rows["dyad"].to_numpy(), rows["day"].to_numpy() + 1
    at = rows["at"].to_numpy()
    scale = 1.0 - rows["alliance"].to_numpy()
    out = rows.select("dyad", "day")
    for kernel in MEETING_KERNELS:
        kind, half_life = KERNELS[kernel]
        held = record.meetings.filter(pl.col("level") == kind).select(
            dyad_code(), pl.col("start").to_physical().cast(pl.Int64)
        )
        events = (held["dyad"].to_numpy(), held["start"].to_numpy())
        other = short if half_life < 1 else long
        z = decayed_count(events, unit, known, at, half_life=other * YEAR)
        out = out.with_columns(pl.Series(f"met_{kernel}", np.log1p(z) * scale))
    return out


def nuclear_exposure(record: RecordTables) -> ExposurePart:
    """Years in which two states or more had nuclear weapons, dyad-years of such states, crises.

    A crisis is a dispute or war that begins between two states that both have nuclear weapons in
    that year.
    """
    armed = record.features.nuclear_status.filter(pl.col("status") == 3).select("ccode", "year")
    size = armed.group_by("year").len().filter(pl.col("len") >= 2).sort("year")
    pairs = (size["len"] * (size["len"] - 1) / 2).sum()
    onsets = (
        record.spells.group_by("ccode1", "ccode2", "episode")
        .agg(pl.col("start").min())
        .with_columns(pl.col("start").dt.year().cast(armed.schema["year"]).alias("year"))
    )
    for side in ("ccode1", "ccode2"):
        onsets = onsets.with_columns(pl.col(side).cast(armed.schema["ccode"])).join(
            armed.rename({"ccode": side}), on=[side, "year"], how="semi"
        )
    first, last = int(size["year"][0]), int(size["year"][-1])
    return ExposurePart(
        first_year=first,
        last_year=last,
        years=float(last - first + 1),
        dyad_years=float(pairs),
        crises=onsets.height,
        crises_to=RECORD[1].year - 1,
        pairs=float(size["len"][-1] * (size["len"][-1] - 1) / 2),
        crises_per_year=onsets.filter(pl.col("year") >= RECORD[1].year - 20).height / 20,
    )
