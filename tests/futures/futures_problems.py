"""Small systems that the tests of the simulator share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from detente.futures import Channel, Coupling, Kernel, Parameters, Start, System

RUNGS = ("calm", "dispute", "war")
RATES = np.array([[0.0, 0.3, 0.02], [2.0, 0.0, 0.5], [0.4, 0.3, 0.0]])


@dataclass(frozen=True)
class Problem:
    system: System
    start: Start
    parameters: Parameters


def make(
    channels,
    log_rates,
    *,
    rungs=RUNGS,
    units=("a",),
    cuts=None,
    kernels=(),
    couplings=(),
    kernel_coef=None,
    coupling_coef=None,
    eta=None,
    walk=(0.0,),
    loading=None,
    rung=None,
    entered=None,
    counts=None,
    time=2025.62,
):
    """A problem with everything not given left neutral; log_rates is (K,) or (K, 2, P)."""
    n_channels, n_units = len(channels), len(units)
    cuts = np.ones((n_channels, 0)) if cuts is None else np.asarray(cuts, float)
    base = np.asarray(log_rates, float)
    if base.ndim == 1:
        base = np.broadcast_to(base[:, None, None], (n_channels, 2, cuts.shape[1] + 1))
    system = System(units, rungs, tuple(channels), cuts, tuple(kernels), tuple(couplings))
    start = Start(
        time,
        np.zeros(n_units) if rung is None else np.asarray(rung),
        np.full(n_units, time - 5.0) if entered is None else np.asarray(entered, float),
        np.zeros(n_units),
        counts,
    )
    none = np.zeros((n_channels, 0))
    parameters = Parameters(
        base,
        np.zeros((1, n_channels, len(rungs), n_units)) if eta is None else np.asarray(eta, float),
        none if kernel_coef is None else np.asarray(kernel_coef, float),
        none if coupling_coef is None else np.asarray(coupling_coef, float),
        np.asarray(walk, float),
        np.zeros(n_channels) if loading is None else np.asarray(loading, float),
    )
    return Problem(system, start, parameters)


def ladder_channels(rates=RATES):
    """Channels and log rates of a Markov chain with the given rates."""
    pairs = [(i, j) for i in range(len(rates)) for j in range(len(rates)) if rates[i][j] > 0]
    channels = [
        Channel(f"{i}-{j}", i, j, pace=float(np.clip(sum(rates[i]), 1e-3, 100))) for i, j in pairs
    ]
    return channels, np.log([rates[i][j] for i, j in pairs])


@pytest.fixture(scope="session")
def chain():
    """Three units, one in each rung, of a Markov chain."""
    channels, rates = ladder_channels()
    return make(channels, rates, units=("a", "b", "c"), rung=[0, 1, 2])


@pytest.fixture(scope="session")
def web():
    """Six units with everything: pieces, kernels of both signs, couplings, a gate, marks, years."""
    units = tuple(f"u{i}" for i in range(6))
    ring = [[(i - 1) % 6, (i + 1) % 6] for i in range(6)]
    near = Coupling("near", (1, 2), np.arange(0, 13, 2), np.concatenate(ring), "any")
    wars = Coupling("wars", (2,), np.arange(0, 13, 2), np.concatenate(ring), "log1p")
    channels = [
        Channel("onset", 0, 1, pace=0.5),
        Channel("join", 0, 2, gate=1, pace=0.5),
        Channel("settle", 1, 0, pace=4.0),
        Channel("escalate", 1, 2, pace=0.5),
        Channel("peace", 2, 0, pace=1.0),
        Channel("meeting", None, None, pace=0.5),
    ]
    kernels = [
        Kernel("past", ("onset", "join"), 3.0),
        Kernel("talks", ("meeting",), 0.5, "identity"),
    ]
    rng = np.random.default_rng(4)
    base = np.log([0.25, 0.3, 3.0, 0.4, 0.8, 0.6])[:, None, None] + np.array([0.0, -0.4, -0.9])
    base = np.repeat(base, 2, axis=1) + np.array([0.0, 0.3])[None, :, None]
    kernel_coef = np.array([[0.8, -0.4], [0.2, 0], [0, 0.3], [0.3, -0.3], [0, 0.2], [0, 0.4]])
    coupling_coef = np.array([[0.5, 0.9], [0, 0.4], [-0.3, 0], [0.3, 1.0], [0, -0.4], [0, 0]])
    return make(
        channels,
        base,
        units=units,
        cuts=np.broadcast_to([0.5, 2.0], (6, 2)),
        kernels=kernels,
        couplings=[near, wars],
        kernel_coef=kernel_coef,
        coupling_coef=coupling_coef,
        eta=0.3 * rng.standard_normal((4, 6, 3, 6)),
        walk=0.2 * rng.standard_normal(5),
        loading=[1, 0.5, 0, 0.5, 0, 0],
        rung=[0, 0, 1, 2, 0, 0],
        counts=rng.random((6, 2)),
    )
