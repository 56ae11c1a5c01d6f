r"""What is simulated: units on a ladder of rungs, channels, kernels, couplings, parameters.

The intensity of channel k of unit u just before time t, per year, is zero unless the channel is
live (the unit is in its source rung, and its gate is open), else

.. math::

    \lambda_{ku}(t) = \exp\Big( a_{k,j,p(t-e_u)} + \eta_{y(t),k,s_u,u}
        + \sum_m \gamma_{km} f_m(z_{um}(t)) + \sum_q \kappa_{kq} g_q(n_{qu}(t))
        + \ell_k w_{y(t)} \Big)

with e the time the unit entered its rung s, j its stratum (1 once it has left rung 0), p the piece
of the clock-reset baseline, y the calendar year, z counts of past firings that halve every
half-life, n the neighbours in the rungs that a coupling counts, and w a shock of the whole system.
All rates are per year; times are years on an absolute calendar axis (2025.62).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from detente.core.errors import SimulationError

__all__ = ["Channel", "Coupling", "Kernel", "LazyParameters", "Parameters", "Start", "System"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Channel:
    """One thing that can happen to a unit: a transition between rungs, or a mark.

    Parameters
    ----------
    name
        Unique in the system; the channel's noise is keyed by it.
    source
        Index of the rung it leaves; None for a mark that is possible in any rung.
    target
        Index of the rung it enters; None for a mark (the rung stays).
    gate
        Index of a coupling: the channel is live only while that coupling counts a neighbour.
    pace
        Order of magnitude of its rate (per year) for units that are not at risk at the start; for
        others it is taken from the parameters.  It sets the cells in which the channel's noise is
        looked up, so it decides the cost and which bits are drawn, never the law.
    """

    name: str
    source: int | None
    target: int | None
    gate: int | None = None
    pace: float = 0.25


@dataclass(frozen=True, slots=True)
class Kernel:
    """A decaying count of a unit's own past firings.

    Parameters
    ----------
    name
        Unique in the system.
    triggers
        Names of the channels whose firing adds one.
    half_life
        Years in which the count halves.
    transform
        ``"log1p"`` enters the intensity as log(1 + z), ``"identity"`` as z.
    """

    name: str
    triggers: tuple[str, ...]
    half_life: float
    transform: Literal["log1p", "identity"] = "log1p"


@dataclass(frozen=True, slots=True, eq=False)
class Coupling:
    """A count of a unit's neighbours that are in given rungs.

    Parameters
    ----------
    name
        Unique in the system.
    rungs
        Indices of the rungs that count.
    indptr, indices
        Neighbours of unit u are ``indices[indptr[u]:indptr[u + 1]]`` (CSR, shapes (U + 1,), (n,)),
        each once.
    form
        The value is ``"any"`` 1 if n > 0, ``"log1p"`` log(1 + n), ``"count"`` n.
    """

    name: str
    rungs: tuple[int, ...]
    indptr: npt.NDArray[Any]
    indices: npt.NDArray[Any]
    form: Literal["any", "log1p", "count"] = "any"


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """The structure that all draws and arms share.

    Parameters
    ----------
    units
        Names of the U units; a unit's noise is keyed by its name.
    rungs
        Names of the S rungs; rung 0 is the one whose leaving moves a unit to stratum 1.
    channels
        The K channels; at one instant the earlier channel comes first.
    cuts
        Years since entering the rung at which a channel's baseline steps, shape (K, P - 1),
        increasing, padded with infinity.
    kernels, couplings
        The M kernels and Q couplings.
    kernel_mask
        1 where the record of a kernel's triggers reaches the unit, else 0 (the kernel then stays
        at zero), shape (U, M).  None: it reaches everywhere.
    until
        Time to which the parameters are known; a simulation past it is refused.

    Raises
    ------
    SimulationError
        When names repeat, an index is out of range or a shape is wrong.
    """

    units: tuple[str, ...]
    rungs: tuple[str, ...]
    channels: tuple[Channel, ...]
    cuts: npt.NDArray[Any]
    kernels: tuple[Kernel, ...] = ()
    couplings: tuple[Coupling, ...] = ()
    kernel_mask: npt.NDArray[Any] | None = None
    until: float = math.inf

    def __post_init__(self) -> None:
        _check_names(self)
        for channel in self.channels:
            _check_channel(self, channel)
        for kernel in self.kernels:
            _check_kernel(self, kernel)
        for coupling in self.couplings:
            _check_coupling(self, coupling)
        cuts = np.asarray(self.cuts)
        if cuts.ndim != 2 or cuts.shape[0] != len(self.channels):
            _fail(f"cuts has shape {cuts.shape}; expected ({len(self.channels)}, pieces - 1)")
        rising = (cuts[:, 1:] > cuts[:, :-1]) | np.isinf(cuts[:, 1:])
        if not (np.all(cuts > 0) and np.all(rising)):
            _fail("cuts must be positive and increasing (pad with infinity)")
        mask, shape = self.kernel_mask, (len(self.units), len(self.kernels))
        if mask is not None and np.shape(mask) != shape:
            _fail(f"kernel_mask has shape {np.shape(mask)}; expected {shape}")

    def channel_index(self, name: str) -> int:
        """Index of a channel by name."""
        return _index("channel", name, tuple(channel.name for channel in self.channels))

    def unit_index(self, name: str) -> int:
        """Index of a unit by name."""
        return _index("unit", name, self.units)


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where the units stand when the simulation begins.

    Parameters
    ----------
    time
        Start of the simulation, t0 (years); the first calendar year is its floor.
    rung
        Rung of each unit, shape (U,).
    entered
        Time it entered that rung, shape (U,).  A unit whose time lies after t0 joins the system
        then: before, nothing happens to it, it is in no rung, and no neighbour counts it.
    stratum
        1 where the unit has left rung 0 before, else 0, shape (U,).
    counts
        Decayed counts of the kernels at t0, shape (U, M); None: all zero.
    """

    time: float
    rung: npt.NDArray[Any]
    entered: npt.NDArray[Any]
    stratum: npt.NDArray[Any]
    counts: npt.NDArray[Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """One posterior draw.

    Parameters
    ----------
    log_base
        Log baseline rate (per year) by channel, stratum and piece, shape (K, 2, P).
    eta
        Log offsets by calendar year (1 or more, from the year of t0, the last one held), channel,
        rung and unit, shape (Y, K, S, U); minus infinity where not at risk.
    kernel_coef
        Shape (K, M).
    coupling_coef
        Shape (K, Q).
    walk
        Log shock of the system by calendar year, shape (W,), the last one held.
    loading
        How much each channel follows it, shape (K,).
    """

    log_base: npt.NDArray[Any]
    eta: npt.NDArray[Any]
    kernel_coef: npt.NDArray[Any]
    coupling_coef: npt.NDArray[Any]
    walk: npt.NDArray[Any]
    loading: npt.NDArray[Any]


class LazyParameters(Sequence[Parameters]):
    """Parameters made when they are asked for: memory does not grow with the draws.

    Parameters
    ----------
    make
        Gives those of a draw, from 0.
    draws
        How many.
    """

    def __init__(self, make: Callable[[int], Parameters], draws: int) -> None:
        self._make, self._draws = make, draws

    def __len__(self) -> int:
        return self._draws

    def __getitem__(self, i):  # type: ignore[no-untyped-def, override]
        if isinstance(i, slice):
            return [self._make(j) for j in range(*i.indices(self._draws))]
        if not -self._draws <= i < self._draws:
            raise IndexError(i)
        return self._make(i % self._draws)

    def __iter__(self) -> Iterator[Parameters]:
        return (self._make(i) for i in range(self._draws))


def _fail(message: str) -> None:
    raise SimulationError(message)


def _index(kind: str, name: str, names: tuple[str, ...]) -> int:
    if name not in names:
        raise SimulationError(f"unknown {kind} {name!r}; the system has {', '.join(names[:12])}")
    return names.index(name)


def _check_names(system: System) -> None:
    groups = {
        "unit": system.units,
        "rung": system.rungs,
        "channel": tuple(channel.name for channel in system.channels),
        "kernel": tuple(kernel.name for kernel in system.kernels),
        "coupling": tuple(coupling.name for coupling in system.couplings),
    }
    for kind, names in groups.items():
        if len(set(names)) != len(names):
            repeated = sorted({name for name in names if names.count(name) > 1})
            _fail(f"{kind} names must be unique; repeated: {', '.join(repeated)}")
        if not names and kind in ("unit", "rung", "channel"):
            _fail(f"a system needs at least one {kind}")


def _check_channel(system: System, channel: Channel) -> None:
    rungs, gates = len(system.rungs), len(system.couplings)
    limits = ((channel.source, rungs), (channel.target, rungs), (channel.gate, gates))
    if any(value is not None and not 0 <= value < limit for value, limit in limits):
        _fail(f"channel {channel.name!r}: source, target or gate is out of range")
    if channel.target is not None and channel.source in (None, channel.target):
        _fail(f"channel {channel.name!r}: a transition needs a source other than its target")
    if not 1e-6 <= channel.pace <= 1e3:
        _fail(f"channel {channel.name!r}: pace {channel.pace} is outside [1e-6, 1e3] per year")


def _check_kernel(system: System, kernel: Kernel) -> None:
    for name in kernel.triggers:
        system.channel_index(name)
    if not 0 < kernel.half_life < np.inf:
        _fail(f"kernel {kernel.name!r}: half_life must be a positive number of years")
    if kernel.transform not in ("log1p", "identity"):
        _fail(f"kernel {kernel.name!r}: transform is 'log1p' or 'identity'")


def _check_coupling(system: System, coupling: Coupling) -> None:
    units = len(system.units)
    indptr, indices = np.asarray(coupling.indptr), np.asarray(coupling.indices)
    where = f"coupling {coupling.name!r}"
    if indptr.shape != (units + 1,) or indptr[0] != 0 or indptr[-1] != indices.size:
        _fail(f"{where}: indptr must have {units + 1} entries, from 0 to the number of indices")
    if np.any(np.diff(indptr) < 0) or (
        indices.size and not 0 <= indices.min() <= indices.max() < units
    ):
        _fail(f"{where}: indptr must increase and indices lie in 0..{units - 1}")
    unit = np.repeat(np.arange(units), np.diff(indptr))
    if np.unique(unit * units + indices).size < indices.size:
        _fail(f"{where}: a unit names a neighbour twice; each counts once")
    if any(not 0 <= rung < len(system.rungs) for rung in coupling.rungs):
        _fail(f"{where}: a rung is out of range")
    if coupling.form not in ("any", "log1p", "count"):
        _fail(f"{where}: form is 'any', 'log1p' or 'count'")
