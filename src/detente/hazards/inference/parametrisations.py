r"""The same fit in the parameters that other software prints, with errors by the delta method.

A level :math:`\eta_0`, slopes :math:`\beta` and a shape of ours become, for

- an exponential: ``rate`` :math:`e^{\eta_0}` (flexsurv ``exp``), ``q`` (msm), ``(Intercept)``
  :math:`-\eta_0` and slopes :math:`-\beta` (survreg);
- a Weibull of shape :math:`a`: ``scale`` :math:`e^{-\eta_0 / a}` and slopes :math:`-\beta / a`
  (flexsurv ``weibull``), ``scale`` :math:`e^{\eta_0}` and slopes :math:`\beta` (flexsurv
  ``weibullPH``), ``(Intercept)`` :math:`-\eta_0 / a`, slopes :math:`-\beta / a` and ``Log(scale)``
  :math:`-\log a` (survreg);
- a Gompertz: ``shape`` and ``rate`` :math:`e^{\eta_0}` (flexsurv ``gompertz``);
- Royston and Parmar's spline: ``gamma0`` :math:`= \eta_0` and the others (flexsurvspline);
- a piecewise constant hazard: ``q`` of the first piece and log ratios to it (msm ``pci``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detente.core.errors import InputError, UnknownNameError
from detente.hazards.fitting.fit import HazardFit
from detente.hazards.model.baselines import Baseline, Exponential, Gompertz, Piecewise, Weibull
from detente.hazards.model.royston_parmar import RoystonParmar
from detente.hazards.model.spec import Transition

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Software = Literal["flexsurv", "flexsurv PH", "survreg", "msm"]

# The imaginary step of a derivative: its square vanishes beside one.
_STEP = 1e-20


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Named estimates ``(k,)`` with their covariance ``(k, k)``."""

    names: tuple[str, ...]
    values: Floats
    covariance: Floats

    @property
    def standard_errors(self) -> Floats:
        """Standard errors, ``(k,)``."""
        return np.sqrt(np.diag(self.covariance))

    def __getitem__(self, name: str) -> tuple[float, float]:
        """Estimate and standard error of one parameter."""
        if name not in self.names:
            raise UnknownNameError("parameter", name, self.names)
        i = self.names.index(name)
        return float(self.values[i]), float(self.standard_errors[i])


def as_printed_by(software: Software, fit: HazardFit, transition: str) -> Estimates:
    """Baseline and slopes of one transition in the parameters of another package.

    Parameters
    ----------
    software
        ``"flexsurv"`` (accelerated failure times for the Weibull, as ``dist = "weibull"``),
        ``"flexsurv PH"`` (``weibullPH``), ``"survreg"`` or ``"msm"`` (covariates at zero, where
        msm centres them unless told not to).
    fit, transition
        A fit and one of its transitions; terms shared with others are included.

    Raises
    ------
    UnknownNameError, InputError
        No such transition; a baseline that the software does not print.

    Examples
    --------
    >>> import polars as pl
    >>> from detente.hazards import HazardSpec, Intervals, fit_hazards
    >>> rows = pl.DataFrame({"id": [1, 2, 3, 4], "transition": ["a->b"] * 4,
    ...     "start": [0.0] * 4, "stop": [2.0, 3.0, 4.0, 1.0], "event": [1, 0, 1, 0]})
    >>> fit = fit_hazards(Intervals(rows), HazardSpec((Transition("a->b"),)))
    >>> rate, error = as_printed_by("flexsurv", fit, "a->b")["rate"]
    >>> round(rate, 3), round(error, 3)
    (0.2, 0.141)
    """
    known = {t.name: t for t in fit.spec.transitions}
    if transition not in known:
        raise UnknownNameError("transition", transition, tuple(known))
    baseline = known[transition].baseline
    level, shape, slopes = _places(fit, known[transition])
    rule = _rule(software, baseline, len(level))
    if rule is None:
        raise InputError(f"{software} prints no {type(baseline).__name__} baseline: use `fit`")
    first, change = rule
    at = [*level, *shape, *slopes]
    values = fit.dense[at]
    p = len(at)
    steps = 1j * _STEP * np.eye(p)
    slope = np.array([change(values + s).imag / _STEP for s in steps]).T
    names = (*first, *(fit.names[i].split(":", maxsplit=1)[1] for i in slopes))
    if software == "survreg" and isinstance(baseline, Weibull):
        names = (*names, "Log(scale)")
    covariance = slope @ fit.covariance[np.ix_(at, at)] @ slope.T
    return Estimates(names, change(values.astype(np.complex128)).real, covariance)


def _places(fit: HazardFit, transition: Transition) -> tuple[list[int], list[int], list[int]]:
    """Places of the levels, of the shapes and of the slopes of a transition."""
    own = f"{transition.name}:"
    groups = [own, *(f"{s.name}:" for s in fit.spec.shared if transition.name in s.transitions)]
    level = [i for i, n in enumerate(fit.names) if n.startswith(f"{own}baseline[")]
    shape = [fit.names.index(n) for n in transition.shapes]
    taken = {*level, *shape}
    slopes = [
        i
        for i, n in enumerate(fit.names)
        if i not in taken and any(n.startswith(group) for group in groups)
    ]
    return level, shape, slopes


_Change = Callable[[Complexes], Complexes]


def _rule(
    software: Software, baseline: Baseline, pieces: int
) -> tuple[tuple[str, ...], _Change] | None:
    """Names of the first parameters and the change from levels, shapes, slopes."""
    match software, baseline:
        case "flexsurv" | "flexsurv PH", Exponential():
            return ("rate",), lambda p: np.r_[np.exp(p[0]), p[1:]]
        case "flexsurv" | "flexsurv PH", Gompertz():
            return ("shape", "rate"), lambda p: np.r_[p[1], np.exp(p[0]), p[2:]]
        case "flexsurv" | "flexsurv PH", RoystonParmar():
            return ("gamma0", *baseline.shape_names), lambda p: p
        case "flexsurv", Weibull():
            return ("shape", "scale"), _accelerated
        case "flexsurv PH", Weibull():
            return ("shape", "scale"), lambda p: np.r_[np.exp(p[1]), np.exp(p[0]), p[2:]]
        case "survreg", Exponential():
            return ("(Intercept)",), lambda p: -p
        case "survreg", Weibull():
            return ("(Intercept)",), _log_location
        case "msm", Exponential() | Piecewise(by=None):
            later = tuple(f"piece {j + 1}" for j in range(1, pieces))
            return ("q", *later), lambda p: np.r_[np.exp(p[0]), p[1:pieces] - p[0], p[pieces:]]
        case _:
            return None


def _accelerated(p: Complexes) -> Complexes:
    a = np.exp(p[1])
    return np.r_[a, np.exp(-p[0] / a), -p[2:] / a]


def _log_location(p: Complexes) -> Complexes:
    a = np.exp(p[1])
    return np.r_[-p[0] / a, -p[2:] / a, -p[1]]
