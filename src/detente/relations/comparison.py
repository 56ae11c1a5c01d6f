"""Two fits of the model of relations held against each other."""

from __future__ import annotations

import math
from dataclasses import dataclass

from detente.relations.model import ModelFile, PreviousPart

TOLERANCE = 0.01
"""Two fits are the same if no coefficient differs by more than this many standard errors."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a fit differs from a reference.

    ``largest`` is the largest difference of a coefficient in standard errors of the reference,
    ``at`` its name (infinite, with the first such name, where only one fit has a coefficient);
    ``data`` names the datasets whose files differ or that only one has.
    """

    largest: float
    at: str
    data: tuple[str, ...]
    code: bool

    @property
    def same(self) -> bool:
        """Whether data are equal and every coefficient is, to :data:`TOLERANCE`."""
        return not self.data and self.largest <= TOLERANCE


def compare(model: ModelFile, reference: ModelFile) -> Comparison:
    """Hold a fit against a reference, coefficient by coefficient and dataset by dataset."""
    largest, at = _largest(model, reference)
    files = [{d.dataset: d.sha256 for d in m.data} for m in (model, reference)]
    differ = [n for n in sorted({*files[0], *files[1]}) if files[0].get(n) != files[1].get(n)]
    return Comparison(largest, at, tuple(differ), model.code != reference.code)


def with_previous(model: ModelFile, before: ModelFile) -> ModelFile:
    """Note in a fit how it differs from the model that shipped before it.

    A fit with the same numbers keeps what the shipped file says.
    """
    if model.fingerprint == before.fingerprint:
        return model.with_parts(previous=before.previous)
    found = compare(model, before)
    part = PreviousPart(
        fingerprint=before.fingerprint,
        code=before.code,
        same_data=not found.data,
        largest=float(f"{found.largest:.3g}") if math.isfinite(found.largest) else None,
        at=found.at,
        log_likelihood=before.log_likelihood,
    )
    return model.with_parts(previous=part)


def _largest(model: ModelFile, reference: ModelFile) -> tuple[float, str]:
    names, others = _all(model), _all(reference)
    alone = [n for n in (*names, *others) if n not in names or n not in others]
    if alone:
        return math.inf, alone[0]
    largest, at = 0.0, names[0]
    for i, name in enumerate(others):
        se = math.sqrt(float(reference.full_covariance[i, i]))
        difference = abs(model.mean[names.index(name)] - reference.mean[i])
        steps = difference / se if se > 0 else math.inf * difference if difference else 0.0
        if not steps <= largest:
            largest, at = steps, name
    return largest, at


def _all(model: ModelFile) -> list[str]:
    return [*model.names, "last shock of the system"]
