"""The simulator against closed forms: the law of the paths is the one that was asked for."""

import numpy as np
import pytest
from futures_problems import RATES, ladder_channels, make
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from detente.futures import (
    Channel,
    Coupling,
    Enter,
    Hold,
    Kernel,
    Leave,
    Offset,
    Scale,
    simulate,
)

GRID = np.array([0.0, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0])
FUTURES = 40_000
# About two hundred correlated comparisons in this module: P(any |z| > 4.5) is below 0.2%.
Z = 4.5


def check(counts, probability, n=FUTURES):
    probability = np.clip(probability, 0, 1)
    error = np.sqrt(np.maximum(probability * (1 - probability), 1e-12) * n)
    assert np.all(np.abs(counts - n * probability) <= Z * error + 1e-6)


def generator_matrix(rates):
    rates = np.asarray(rates, float)
    return rates - np.diag(rates.sum(axis=1))


def run(problem, *, outcomes=(), grid=GRID, futures=FUTURES, seed=11, **options):
    return simulate(
        problem.system,
        problem.start,
        [problem.parameters],
        outcomes=outcomes,
        grid=grid,
        futures=futures,
        seed=seed,
        **options,
    )


def test_occupancy_is_the_matrix_exponential(chain):
    out = run(chain)
    for u in range(3):
        for g, years in enumerate(GRID):
            check(out.occupancy[0, 0, u, :, g], expm(generator_matrix(RATES) * years)[u])


def test_first_passage_is_the_matrix_exponential_with_the_target_absorbing(chain):
    out = run(chain, outcomes=[Enter("war", ("war",))])
    absorbing = generator_matrix(RATES)
    absorbing[2] = 0
    for g, years in enumerate(GRID):
        for u in (0, 1):
            check(out.first_passage[0, 0, u, 0, g], expm(absorbing * years)[u, 2])


def test_leaving_that_lasts_is_a_thinned_leaving():
    """Leave at rate m; the return comes at rate l, so a leaving lasts with chance exp(-l w)."""
    leave, back, lasting = 1.5, 0.8, 0.75
    problem = make(*ladder_channels([[0, back], [leave, 0]]), rungs=("out", "in"), rung=[1])
    out = run(problem, outcomes=[Leave("end", ("in",), lasting)])
    # Rungs: in, out for less than `lasting` (age tracked), done.  Solve the renewal equation.
    step = 0.002
    grid = np.arange(0, GRID[-1] + step / 2, step)
    # Density of leaving for good after a first stay: leave * survival; failed leavings return
    # after a time with density back * exp(-back s), s < lasting.
    fail = np.where(grid < lasting, back * np.exp(-back * grid), 0.0)
    stay = leave * np.exp(-leave * grid)
    cycle = np.convolve(stay, fail)[: grid.size] * step
    density = stay.copy()
    for _ in range(40):
        density = stay + np.convolve(cycle, density)[: grid.size] * step
    done = np.exp(-back * lasting) * np.cumsum(density) * step
    at = np.minimum(np.interp(GRID, grid, done), 1.0)
    counts = out.first_passage[0, 0, 0, 0]
    error = np.sqrt(FUTURES * at * (1 - at))
    # The Riemann sums are good to about one step times the density.
    assert np.all(np.abs(counts - FUTURES * at) <= Z * error + FUTURES * 2 * leave * step)


def test_pieces_reset_with_the_rung_and_years_and_walk_do_not():
    """Survival in a rung with a baseline in pieces, covariates and shocks by calendar year."""
    cuts, base = np.array([0.4, 1.5]), np.log([0.9, 0.2, 1.6])
    eta, walk, loading, age = np.array([0.0, 0.7, -0.5]), np.array([0.3, -0.2]), 0.8, 0.3
    problem = make(
        [Channel("onset", 0, 1, pace=0.5)],
        np.broadcast_to(base, (1, 2, 3)),
        cuts=[cuts],
        rungs=("calm", "dispute"),
        eta=eta[:, None, None, None] * np.ones((3, 1, 2, 1)),
        walk=walk,
        loading=[loading],
        entered=[2025.62 - age],
    )
    out = run(problem, outcomes=[Enter("dispute", ("dispute",))])
    fine = np.linspace(0, 10, 1_000_001)
    year = np.floor(2025.62 + fine).astype(int) - 2025
    rate = np.exp(
        base[np.searchsorted(cuts, fine + age, side="right")]
        + eta[np.minimum(year, 2)]
        + loading * walk[np.minimum(year, 1)]
    )
    total = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(fine))])
    check(out.first_passage[0, 0, 0, 0], 1 - np.exp(-np.interp(GRID, fine, total)))


def test_clock_and_stratum_change_on_leaving_calm():
    """Calm is left at rate 0.5 the first time and, for a year after a return, at rate 3."""
    first, again, late, back = 0.5, 3.0, 0.1, 2.0
    base = np.log([[[first, first], [again, late]], [[back, back], [back, back]]])
    problem = make(
        [Channel("onset", 0, 1, pace=1.0), Channel("end", 1, 0, pace=2.0)],
        base,
        cuts=[[1.0], [1.0]],
        rungs=("calm", "dispute"),
    )
    out = run(problem, grid=np.array([0.5, 1.0, 3.0]))
    step = 1 / 2000
    n = 6000
    fresh, busy = 1.0, 0.0
    calm_by_age = np.zeros(n + 1)
    exact = {}
    age_rate = np.where(np.arange(n + 1) * step < 1.0, again, late)
    for i in range(1, n + 1):
        out_fresh = fresh * -np.expm1(-first * step)
        out_calm = calm_by_age * -np.expm1(-age_rate * step)
        out_busy = busy * -np.expm1(-back * step)
        fresh -= out_fresh
        busy += out_fresh + out_calm.sum() - out_busy
        calm_by_age = np.concatenate([[out_busy], (calm_by_age - out_calm)[:-1]])
        exact[i] = busy
    for g, years in enumerate((0.5, 1.0, 3.0)):
        p = exact[round(years / step)]
        error = np.sqrt(FUTURES * p * (1 - p))
        # The scheme is of first order in a step of 1/2000 year: 0.1% of a probability.
        assert abs(out.occupancy[0, 0, 0, 1, g] - FUTURES * p) <= Z * error + 0.002 * FUTURES


def test_self_excitation_has_the_exact_mean():
    """z at time t is geometric in expectation: with intensity exp(a + c z), small chains of z.

    With a half-life so long that nothing decays, z counts firings, and the firings form a pure
    birth process whose forward equation is solved.
    """
    base, gain = np.log(0.4), 0.25
    problem = make(
        [Channel("mark", None, None, pace=0.5)],
        [base],
        rungs=("only",),
        kernels=[Kernel("past", ("mark",), 1e9, "identity")],
        kernel_coef=[[gain]],
    )
    out = run(problem, grid=np.array([3.0]))
    rates = np.exp(base + gain * np.arange(60))
    births = np.diag(rates[:-1], 1) - np.diag(rates)
    law = expm(births * 3.0)[0]
    number = np.arange(60)
    mean = law @ number
    sd = np.sqrt(law @ number**2 - mean**2)
    assert abs(out.firings[0, 0, 0, 0] / FUTURES - mean) <= Z * sd / np.sqrt(FUTURES)


@pytest.mark.parametrize("coef", [1.1, -1.1])
@pytest.mark.parametrize("transform", ["log1p", "identity"])
def test_decaying_kernel_is_integrated_exactly(coef, transform):
    """First firing with a decaying count at t0: the integrated intensity is a quadrature."""
    z0, half_life, base = 2.5, 0.8, 0.5
    problem = make(
        [Channel("onset", 0, 1, pace=0.5)],
        [np.log(base)],
        rungs=("calm", "dispute"),
        kernels=[Kernel("past", ("onset",), half_life, transform)],
        kernel_coef=[[coef]],
        counts=np.array([[z0]]),
    )
    out = run(problem, outcomes=[Enter("dispute", ("dispute",))])
    fine = np.linspace(0, 10, 200_001)
    z = z0 * 0.5 ** (fine / half_life)
    rate = base * np.exp(coef * (np.log1p(z) if transform == "log1p" else z))
    total = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(fine))])
    check(out.first_passage[0, 0, 0, 0], 1 - np.exp(-np.interp(GRID, fine, total)))


def test_marks_move_the_hazard_by_their_own_history():
    """Meetings at rate m, each doubles onset (no decay): P(no onset) by the forward equation."""
    meet, onset = 0.7, 0.3
    problem = make(
        [Channel("meeting", None, None, pace=0.5), Channel("onset", 0, 1, pace=0.5)],
        np.log([meet, onset]),
        rungs=("calm", "dispute"),
        kernels=[Kernel("met", ("meeting",), 1e9, "identity")],
        kernel_coef=[[0.0], [np.log(2.0)]],
    )
    out = run(problem, outcomes=[Enter("dispute", ("dispute",))])
    n = 25
    hazards = onset * 2.0 ** np.arange(n)
    matrix = np.diag(np.full(n - 1, meet), 1) - np.diag(meet + hazards)
    survival = [expm(matrix * years)[0].sum() for years in GRID]
    check(out.first_passage[0, 0, 0, 0], 1 - np.array(survival))


@pytest.mark.parametrize("form", ["any", "log1p", "count"])
def test_coupled_chains_are_the_product_chain(form):
    """Three units, each counting the two others: the 8-state chain's matrix exponential."""
    onset, end, coef = 0.4, 1.2, 0.9
    other = [[1, 2], [0, 2], [0, 1]]
    near = Coupling("near", (1,), np.array([0, 2, 4, 6]), np.concatenate(other), form)
    problem = make(
        [Channel("onset", 0, 1, pace=0.5), Channel("end", 1, 0, pace=1.0)],
        np.log([onset, end]),
        rungs=("calm", "dispute"),
        units=("a", "b", "c"),
        couplings=[near],
        coupling_coef=[[coef], [-0.5 * coef]],
        rung=[1, 0, 0],
    )
    out = run(problem)
    value = {"any": [0, 1, 1], "log1p": np.log1p([0, 1, 2]), "count": [0, 1, 2]}[form]
    matrix = np.zeros((8, 8))
    for state in range(8):
        for u in range(3):
            n = sum(state >> v & 1 for v in other[u])
            up = state >> u & 1
            rate = end * np.exp(-0.5 * coef * value[n]) if up else onset * np.exp(coef * value[n])
            matrix[state, state ^ (1 << u)] += rate
    matrix = generator_matrix(matrix)
    for g, years in enumerate(GRID):
        law = expm(matrix * years)[1]
        for u in range(3):
            check(out.occupancy[0, 0, u, 1, g], sum(law[s] for s in range(8) if s >> u & 1))


def test_gate_lets_a_unit_join_only_while_a_neighbour_is_in():
    onset, end, join = 0.5, 0.8, 2.0
    near = Coupling("near", (1,), np.array([0, 0, 1]), np.array([0]), "any")
    problem = make(
        [Channel("onset", 0, 1, pace=0.5), Channel("end", 1, 0), Channel("join", 0, 2, gate=0)],
        np.log([onset, end, join]),
        units=("leader", "joiner"),
        couplings=[near],
        coupling_coef=np.zeros((3, 1)),
        eta=np.array([[0, -np.inf], [0, 0], [-np.inf, 0]])[None, :, None, :]
        * np.ones((1, 3, 3, 2)),
    )
    out = run(problem, outcomes=[Enter("in", ("war",))])
    # States: leader calm or in, joiner out; joined is absorbing.
    matrix = np.array([[-onset, onset, 0], [end, -end - join, join], [0, 0, 0]])
    check(out.first_passage[0, 0, 1, 0], [expm(matrix * years)[0, 2] for years in GRID])
    assert out.first_passage[0, 0, 0, 0].sum() == 0


def test_unit_that_joins_later_does_nothing_before():
    channels, rates = ladder_channels()
    near = Coupling("near", (1, 2), np.array([0, 1, 1]), np.array([1]), "any")
    problem = make(
        channels,
        rates,
        units=("a", "late"),
        rung=[0, 1],
        entered=[2020.0, 2026.62],
        couplings=[near],
        coupling_coef=np.zeros((len(channels), 1)),
    )
    out = run(problem)
    assert out.occupancy[0, 0, 1, :, GRID < 1].sum() == 0
    for g, years in enumerate(GRID):
        if years >= 1:
            check(out.occupancy[0, 0, 1, :, g], expm(generator_matrix(RATES) * (years - 1.0))[1])


def test_scale_offset_and_hold_change_the_law_as_stated():
    rate, factor = 0.3, 2.5
    problem = make([Channel("onset", 0, 1, pace=0.25)], [np.log(rate)], rungs=("calm", "dispute"))
    t0 = problem.start.time
    out = run(
        problem,
        outcomes=[Enter("dispute", ("dispute",))],
        arms={
            "nature": (),
            "scaled": (Scale("onset", ("a",), factor, t0 + 0.5, t0 + 2.0),),
            "offset": (Offset("onset", (), np.log(factor), t0 + 0.5, t0 + 2.0),),
            "closed": (Scale("onset", (), 0.0, t0 + 0.5, t0 + 2.0),),
            "held": (Hold("a", "onset", t0 + 1.0),),
        },
    )
    inside = np.clip(GRID - 0.5, 0, 1.5)
    check(out.first_passage[1, 0, 0, 0], 1 - np.exp(-rate * (GRID + (factor - 1) * inside)))
    check(out.first_passage[3, 0, 0, 0], 1 - np.exp(-rate * (GRID - inside)))
    held = np.where(GRID >= 1.0, 1.0, 1 - np.exp(-rate * GRID))
    check(out.first_passage[4, 0, 0, 0], held)
    # log(exp(x)) may round, so scaled and offset agree but for a point on the very edge.
    assert np.abs(out.first_passage[1] - out.first_passage[2]).max() <= 1
    # A transition that is held finds the unit gone where nature has taken it before.
    assert out.voided[4, 0] == out.first_passage[0, 0, 0, 0, GRID == 1.0][0]


def test_kernel_after_a_hold_decays_from_the_hold():
    """A held meeting halves onset, then the effect decays: the difference by quadrature."""
    rate, effect, half_life = 0.6, np.log(0.5), 1.0
    problem = make(
        [Channel("meeting", None, None), Channel("onset", 0, 1, pace=0.5)],
        [-np.inf, np.log(rate)],
        rungs=("calm", "dispute"),
        kernels=[Kernel("met", ("meeting",), half_life, "identity")],
        kernel_coef=[[0.0], [effect]],
    )
    out = run(
        problem,
        outcomes=[Enter("dispute", ("dispute",))],
        arms={"none": (), "met": (Hold("a", "meeting", 2025.62),)},
    )
    solution = solve_ivp(
        lambda t, y: [rate * np.exp(effect * 0.5 ** (t / half_life))],
        (0, 10),
        [0.0],
        t_eval=GRID,
        rtol=1e-9,
    )
    check(out.first_passage[0, 0, 0, 0], 1 - np.exp(-rate * GRID))
    check(out.first_passage[1, 0, 0, 0], 1 - np.exp(-solution.y[0]))
    assert out.firings[1, 0, 0, 0] == FUTURES
