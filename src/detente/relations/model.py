"""The fitted model of relations as a file: what ships in the package and what ``fit`` writes."""

from __future__ import annotations

import hashlib
import json
import math
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy.special import ndtri

from detente.core.errors import ModelFileError
from detente.core.sums import dot
from detente.relations.terms import LEVEL, MEETING_SD

Floats = NDArray[np.float64]
VERSION = "1"

_Z = float(ndtri(0.5 + LEVEL / 2))
_HAIR = 1e-9


class Part(BaseModel):
    """Base of every part of the file: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class ProcessPart(Part):
    """A process as it was fitted."""

    name: str
    label: str
    source: str | None
    target: str | None
    gate: str | None
    cuts: list[float] = Field(description="years on the clock at which the level changes")
    strata: bool = Field(description="levels of their own before the first dispute")
    events: int
    intervals: int
    exposure: float = Field(description="dyad-years at risk")


class WalkPart(Part):
    """Yearly shocks of the system on the start of disputes."""

    first_year: int
    levels: list[float] = Field(description="log shock by year, at the mode")
    sd: float = Field(description="standard deviation of a year's step")


class DyadPart(Part):
    """What the record says of one dyad at its end.

    ``frailty`` is the posterior mean of the log frailty, ``variance`` its variance given the
    coefficients, ``slope`` minus the slope of that mean on them (``FrailtyPart.terms``).
    """

    dyad: int = Field(description="1000 * ccode1 + ccode2")
    calm_since: int = Field(description="year since which the dyad is in calm")
    fresh: bool = Field(description="no dispute on the record")
    counts: list[float] = Field(description="decayed counts at the end, see ModelFile.kernels")
    frailty: float
    variance: float
    slope: list[float]


class FrailtyPart(Part):
    """Frailty on the start of disputes."""

    sd: float
    terms: list[int] = Field(description="places of the coefficients that the slopes refer to")
    dyads: list[DyadPart]


class RatioPart(Part):
    """A hazard ratio with its interval at :data:`~detente.relations.terms.LEVEL`."""

    value: float
    lo: float
    hi: float

    @classmethod
    def of(cls, log_ratio: float, se: float) -> RatioPart:
        """Make one from a log ratio and its standard error."""
        low, high = log_ratio - _Z * se, log_ratio + _Z * se
        return cls(value=math.exp(log_ratio), lo=math.exp(low), hi=math.exp(high))


def without_prior(mean: Floats, covariance: Floats, weights: Floats) -> tuple[float, float]:
    """Mean and standard error of a contrast of meeting terms had their prior not been there.

    The prior's precision comes off the posterior's, as if both were normal. Terms without variance
    were set, not fitted: nothing comes off.

    Parameters
    ----------
    mean, covariance
        Of the meeting terms' log hazard ratios, ``(n,)`` and ``(n, n)``.
    weights
        Of the contrast, ``(n,)``.

    Returns
    -------
    tuple
        Log hazard ratio and its standard error.
    """
    if not covariance.any():
        return float(weights @ mean), 0.0
    precision = np.linalg.inv(covariance)
    record = precision - np.eye(len(weights)) / MEETING_SD**2
    value = weights @ np.linalg.solve(record, precision @ mean)
    return float(value), math.sqrt(weights @ np.linalg.solve(record, weights))


def rivals(lag: RatioPart, lead: RatioPart) -> bool:
    """Whether the year before meetings departs from one as far as the year after, the same way."""
    after, before = math.log(lag.value), math.log(lead.value)
    return after * before > 0 and abs(before) >= abs(after)


class EffectPart(Part):
    """What one meeting does to one process, averaged over the year after it, for one kind.

    ``prior_share`` is the prior's part of the posterior precision, and ``without_prior`` the ratio
    had these terms had none. The detectable ratios are those that would then be told from one with
    80% power at the 5% level, two-sided, given the standard error ``se_without_prior``;
    ``se_by_dyad`` is that error if dyads, not spells, are independent. ``lag`` and ``lead``
    are the ratios in the year after and the year before a meeting, against recorded time with
    neither, everything else in the model held: where the lead rivals the lag, what follows a
    meeting is no evidence of what it does.
    """

    process: str
    kind: Literal["leaders", "envoys"]
    ratio: RatioPart
    log_ratio: float
    se: float
    prior_sd: float
    prior_share: float
    without_prior: RatioPart
    se_without_prior: float
    se_by_dyad: float
    detectable_below: float
    detectable_above: float
    events: int
    exposed_events: int
    exposed_dyads: int
    lag: RatioPart
    lead: RatioPart
    lag_events: int
    lead_events: int
    leave_one_out: list[tuple[int, RatioPart]]


class TermPart(Part):
    """A meeting term: exposed events, and whether it is in the model."""

    process: str
    term: str
    events: int
    exposed: int
    dyads: int
    fitted: bool


class WarExposurePart(Part):
    """Entries into war and ends of war of recorded, unallied pairs, and how many were exposed."""

    kind: Literal["leaders", "envoys"]
    events: int
    exposed: int
    ends: int
    ends_exposed: int


class SensitivityPart(Part):
    """The year-one ratio under other kernels."""

    kernels: str
    process: str
    kind: str
    ratio: RatioPart
    gain: float = Field(description="log-likelihood against the model's kernels")


class CalibrationPart(Part):
    """Observed and expected events in sample."""

    process: str
    by: str
    group: str
    observed: int
    expected: float


class CoursePart(Part):
    """The natural course simulated from the start of a window, against the record."""

    shocks: Literal["drawn", "fitted"] = Field(description="shocks of the system after the start")
    decade: str
    outcome: str
    observed: int
    median: float
    lo: float
    hi: float


class ExposurePart(Part):
    """Exposure of nuclear-armed states to each other, to the end of the sources."""

    first_year: int
    last_year: int
    years: float
    dyad_years: float
    crises: int = Field(description="disputes and wars begun between nuclear-armed states")
    crises_to: int = Field(description="last year in which crises are on the record")
    pairs: float = Field(description="pairs of such states in the last year")
    crises_per_year: float = Field(description="mean of the last twenty years on the record")


class DataPart(Part):
    """One dataset behind the fit."""

    dataset: str
    version: str
    url: str
    sha256: dict[str, str]


class CoveragePart(Part):
    """What the fit saw."""

    first_year: int
    last_year: int
    dyads: int
    intervals: int
    recorded_from: str
    recorded_to: str
    meetings: dict[str, int]


class PreviousPart(Part):
    """How the coefficients differ from those of the model that shipped before."""

    fingerprint: str
    code: str
    same_data: bool
    largest: float | None = Field(
        description="largest difference in standard errors; none where the coefficients are others"
    )
    at: str
    log_likelihood: float


def _cholesky(matrix: Floats) -> Floats:
    """Lower Cholesky factor, the same bits on any machine and for any number of threads."""
    lower = np.zeros_like(matrix)
    for j in range(len(matrix)):
        column = matrix[j:, j] - dot(lower[j:, :j], lower[j, :j])
        if not column[0] > 0:
            raise np.linalg.LinAlgError("the covariance is not positive definite")
        lower[j:, j] = column / math.sqrt(column[0])
    return lower


class ModelFile(Part):
    """A fitted model of relations, complete: nothing else is needed to simulate from it.

    ``mean`` and ``covariance`` are of the coefficients in the order of ``names``, with the last
    year's level of the walk as their last entry (Laplace approximation at the mode, scales of the
    priors taken as known).
    """

    format: Literal["detente relations model"] = "detente relations model"
    version: str = VERSION
    fingerprint: str = Field(description="of the numbers, the data and the specification")
    code: str = Field(description="sha256 of the sources of the packages that fitted it")
    coverage: CoveragePart
    processes: list[ProcessPart]
    formulas: dict[str, str]
    kernels: dict[str, tuple[str, float]] = Field(description="event counted, half-life in years")
    centre: dict[str, float] = Field(description="means taken off covariates that may be missing")
    names: list[str]
    mean: list[float]
    covariance: list[list[float]] = Field(description="lower triangle, row by row")
    scales: dict[str, float]
    typical: dict[str, dict[str, float]] = Field(
        description="mean of every column by process, over its time at risk"
    )
    means: dict[str, dict[str, float]] = Field(
        description="means over its record of every recorded dyad, by column"
    )
    walk: WalkPart
    frailty: FrailtyPart
    concentration: dict[str, float] = Field(description="of capabilities, by year")
    log_likelihood: float
    status: str
    effects: list[EffectPart]
    terms: list[TermPart]
    war_exposure: list[WarExposurePart]
    sensitivity: list[SensitivityPart]
    calibration: list[CalibrationPart]
    course: list[CoursePart]
    nuclear: ExposurePart
    data: list[DataPart]
    previous: PreviousPart | None = None

    @cached_property
    def full_covariance(self) -> Floats:
        """Covariance as a symmetric matrix, ``(a, a)``."""
        n = len(self.mean)
        matrix = np.zeros((n, n))
        for i, row in enumerate(self.covariance):
            matrix[i, : i + 1] = row
            matrix[: i + 1, i] = row
        return matrix

    @cached_property
    def covariance_root(self) -> Floats:
        """Lower triangle whose square is the covariance, ``(a, a)``.

        What has no variance stays exactly where it is.
        """
        covariance = self.full_covariance
        size = np.sqrt(np.diag(covariance))
        free = np.flatnonzero(size > 0)
        block = np.ix_(free, free)
        # Digits of the file are cut: a correlation matrix near singular needs a hair of room.
        correlation = covariance[block] / np.outer(size[free], size[free])
        root = np.zeros_like(covariance)
        lower = _cholesky(correlation + _HAIR * np.eye(len(free)))
        root[block] = size[free, None] * lower
        return root

    @cached_property
    def by_dyad(self) -> dict[int, DyadPart]:
        """What the record says of every dyad, by its code."""
        return {d.dyad: d for d in self.frailty.dyads}

    def with_parts(self, **parts: object) -> ModelFile:
        """Copy the model with other parts, validated anew, under a new fingerprint.

        ``model_copy`` would keep what the model has worked out of the old parts.
        """
        plain = ModelFile.model_validate({**self.model_dump(), **parts}).model_dump(mode="json")
        return ModelFile.model_validate({**plain, "fingerprint": fingerprint(plain)})

    def process(self, name: str) -> ProcessPart:
        """Look a process up by name."""
        return next(p for p in self.processes if p.name == name)

    def place(self, name: str) -> int | None:
        """Place of a coefficient in ``mean``, or ``None`` if it is not in the model."""
        return self.names.index(name) if name in self.names else None

    def effect(self, process: str, kind: str) -> EffectPart | None:
        """Summary of a meeting effect, or ``None`` if no term was estimable."""
        found = [e for e in self.effects if e.process == process and e.kind == kind]
        return found[0] if found else None


def fingerprint(content: dict[str, Any]) -> str:
    """Digest of everything in a model file but the digest and what is said of the file before."""
    rest = {k: v for k, v in content.items() if k not in ("fingerprint", "previous")}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def load_model(path: str | Path | None = None) -> ModelFile:
    """Load a model file, or the one that ships in the package.

    Raises
    ------
    ModelFileError
        If the file is missing, cut off or of another version.
    """
    return _shipped() if path is None else _read(Path(path).name, _text(Path(path)))


@lru_cache(maxsize=1)
def _shipped() -> ModelFile:
    place = resources.files("detente.relations") / "shipped" / "model.json"
    return _read("the shipped model", place.read_text(encoding="utf-8"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.reason if isinstance(error, UnicodeDecodeError) else error.strerror
        raise ModelFileError(
            f"{path}: cannot be read as a model file ({why}); `detente fit` writes one"
        ) from error


def _read(name: str, text: str) -> ModelFile:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ModelFileError(
            f"{name}: not JSON (line {error.lineno}); make it again with `detente fit`"
        ) from error
    if not isinstance(content, dict) or content.get("format") != "detente relations model":  # pyright: ignore[reportUnknownMemberType]
        raise ModelFileError(f"{name}: not a model file; `detente fit` writes one")
    if content.get("version") != VERSION:  # pyright: ignore[reportUnknownMemberType]
        raise ModelFileError(
            f"{name}: version {content.get('version')!r}, this package reads {VERSION!r}: "  # pyright: ignore[reportUnknownMemberType]
            "make it again with `detente fit`"
        )
    try:
        return ModelFile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(x) for x in first["loc"])
        raise ModelFileError(f"{name}: {where}: {first['msg']}") from error
