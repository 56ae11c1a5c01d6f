"""The event-history engine against R: fits, memory, probabilities, paths, every relevant dyad.

Where `Rscript` with survival is installed, R runs in the same run on the same tables; else the
times stored below stand in for it. mstate and flexsurv are compared with their stored times only.
Ours is timed from a finished :class:`Intervals` and, for the honest ratio, with the making of it,
since `coxph` checks its table too. Medians; run it with nothing else on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import polars as pl

from detente.hazards import Cox, HazardSpec, Intervals, Shared, Transition, fit_hazards

HERE = Path(__file__).resolve().parent
ORACLES = HERE.parents[1] / "shared" / "oracles" / "multistate"
# Seconds on two cores, R 4.2.2, survival 3.5-3, mstate 0.3.3, flexsurv 2.3.2.
STORED = {
    "coxph ebmt3": 0.03,
    "probtrans": 0.15,
    "survfit ebmt3": 0.081,
    "sim.fmsm": 0.067,
    "coxph large": 13.7,
    "coxph large own": 13.8,
}
GOALS = {"cox": 5.0, "memory": 3.0, "probabilities": 10.0, "paths": 1.0, "dyads": 10.0}
EBMT3 = ("dissub1", "dissub2", "age1", "age2", "drmatch", "tcd")
COVARIATES = tuple(f"x{i}" for i in range(1, 21))
ARROWS = tuple(f"{a}->{b}" for a in "abc" for b in "abc" if a != b)


def clock(call: Callable[[], object], repeats: int, timer: Callable[[], float]) -> float:
    """Median time (s), after one call that warms up."""
    call()
    times = []
    for _ in range(repeats):
        begin = timer()
        call()
        times.append(timer() - begin)
    return statistics.median(times)


def wall(call: Callable[[], object], repeats: int) -> float:
    return clock(call, repeats, time.perf_counter)


def verdict(what: str, value: float, goal: float, *, below: bool = False) -> None:
    """Print a ratio or a time beside its goal."""
    met = value < goal if below else value >= goal
    sign = "<" if below else ">="
    print(f"    {what}: {value:.2f} (goal {sign} {goal:g}): {'met' if met else 'NOT met'}")


def rival(job: str, folder: Path, repeats: int, *more: str) -> dict[str, float]:
    """What R prints, or nothing where it is not installed."""
    if shutil.which("Rscript") is None:
        print("    Rscript is not installed: stored times stand in for R")
        return {}
    command = ["Rscript", str(HERE / "engine.R"), job, str(folder), str(repeats), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"    R failed, stored times stand in for it: {done.stderr.strip().splitlines()[-1]}")
        return {}
    return {name: float(value) for name, value in map(str.split, done.stdout.splitlines())}


def ebmt3_table() -> pl.DataFrame:
    """The table of 5,577 rows that mstate prepares, as ours."""
    table = pl.read_csv(ORACLES / "ebmt3_msprep_long.csv", infer_schema_length=None)
    name = pl.concat_str(pl.col("from"), pl.lit("->"), pl.col("to"))
    own = [pl.sum_horizontal(f"{c}.{k}" for k in (1, 2, 3)).alias(c) for c in EBMT3]
    return table.select(
        "id",
        name.alias("transition"),
        pl.col("Tstart").alias("start"),
        pl.col("Tstop").alias("stop"),
        pl.col("status").alias("event"),
        *own,
    )


def ebmt3_spec() -> HazardSpec:
    formula = " + ".join(EBMT3)
    names = ("1->2", "1->3", "2->3")
    return HazardSpec(tuple(Transition(n, formula, Cox("breslow"), "forward") for n in names))


def ebmt3(repeats: int) -> None:
    """Cox on ebmt3, then its transition probabilities."""
    print("\nCox on ebmt3: 5,577 rows, 18 coefficients, Breslow")
    if not ORACLES.is_dir():
        print(f"    skipped: no {ORACLES}")
        return
    theirs = rival("ebmt3", ORACLES, repeats)
    table, spec = ebmt3_table(), ebmt3_spec()
    intervals = Intervals(table)
    fit = fit_hazards(intervals, spec)
    alone = wall(lambda: fit_hazards(intervals, spec), repeats)
    whole = wall(lambda: fit_hazards(Intervals(table), spec), repeats)
    coxph = theirs.get("cox", STORED["coxph ebmt3"])
    print(f"    coxph {coxph:.4f} s   detente {alone:.4f} s, with Intervals {whole:.4f} s")
    print(f"    log-likelihood {fit.log_likelihood:.6f}   R {theirs.get('loglik', np.nan):.6f}")
    verdict("times faster than coxph", coxph / whole, GOALS["cox"])
    probabilities(fit, theirs.get("survfit", STORED["survfit ebmt3"]), repeats)


def probabilities(fit: object, survfit: float, repeats: int) -> None:
    from detente.hazards import Moves, cumulative_hazards, transition_probabilities

    print("\ntransition probabilities of the reference patient, with standard errors")
    moves = Moves(("1", "2", "3"), (("1", "2"), ("1", "3"), ("2", "3")))
    reference = pl.DataFrame({c: [0.0] for c in EBMT3})
    hazards = cumulative_hazards(fit, reference)
    alone = wall(lambda: transition_probabilities(hazards, moves), repeats)
    whole = wall(
        lambda: transition_probabilities(cumulative_hazards(fit, reference), moves), repeats
    )
    print(
        f"    probtrans {STORED['probtrans']:.3f} s (stored)   survfit {survfit:.3f} s (no errors)"
    )
    print(f"    detente {alone:.4f} s, with cumulative hazards {whole:.4f} s")
    verdict("times faster than probtrans", STORED["probtrans"] / alone, GOALS["probabilities"])


def synthetic(rows: int, seed: int) -> pl.DataFrame:
    """Three states, six transitions, about twenty records of a unit; two rows for each record."""
    rng = np.random.default_rng(seed)
    records, steps = rows // 2, 20
    units = records // steps
    effect = 0.1 * rng.standard_normal(len(COVARIATES))
    state, now = rng.integers(0, 3, units), np.zeros(units)
    parts: list[dict[str, np.ndarray]] = []
    for _ in range(steps):
        x = rng.standard_normal((units, len(COVARIATES)))
        rate = 0.05 * np.exp(x @ effect)
        wait = rng.exponential(1.0, (2, units)) / rate
        span = rng.uniform(0.5, 1.5, units)
        first = wait.argmin(axis=0)
        seen = wait.min(axis=0) < span
        stop = np.round(now + np.maximum(np.minimum(wait.min(axis=0), span), 0.01), 2)
        for k in (0, 1):
            goes = (state + 1 + k) % 3
            arrow = 2 * state + goes - (goes > state)  # in the order of ARROWS
            event = (seen & (first == k)).astype(np.int8)
            columns = {"id": np.arange(units), "arrow": arrow, "start": now, "stop": stop}
            parts.append({**columns, "event": event, **dict(zip(COVARIATES, x.T, strict=True))})
        state = np.where(seen, (state + 1 + first) % 3, state)
        now = stop
    table = pl.concat([pl.DataFrame(part) for part in parts])
    names = pl.Series(ARROWS, dtype=pl.String)
    return table.with_columns(names.gather(table["arrow"]).alias("transition")).drop("arrow")


def large_spec(*, common: bool) -> HazardSpec:
    formula = " + ".join(COVARIATES)
    own = "1" if common else formula
    transitions = tuple(Transition(n, own, Cox("breslow"), "forward") for n in ARROWS)
    return HazardSpec(transitions, (Shared("all", formula, ARROWS),) if common else ())


def resident() -> float:
    """Resident memory (MB), and forget the peak so far."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> float:
    text = Path("/proc/self/status").read_text()
    return float(text.split(f"{name}:")[1].split()[0]) / 1024


def measure(folder: Path, repeats: int, *, common: bool) -> None:
    """In a fresh process: fit the large table, print the figures as JSON."""
    spec = large_spec(common=common)
    fit_hazards(Intervals(synthetic(4_000, 2)), spec)  # compile
    before = resident()
    table = read_table(folder)
    size = table.estimated_size("mb")
    loaded = resident() - before
    fits = []
    times, prepared, cpu = [], [], []
    for _ in range(repeats):
        begin, used = time.perf_counter(), time.process_time()
        intervals = Intervals(table)
        prepared.append(time.perf_counter() - begin)
        fits.append(fit_hazards(intervals, spec))
        times.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - used)
        del intervals
    fit = fits[-1]
    out = {
        "seconds": statistics.median(times),
        "cpu": statistics.median(cpu),
        "prepare": statistics.median(prepared),
        "loglik": fit.log_likelihood,
        "coef1": fit[next(n for n in fit.names if n.endswith("x1"))][0],
        "peak_over_table": (_status("VmHWM") - before) / size,
        "table_mb": size,
        "loaded_mb": loaded,
    }
    print(json.dumps(out))


def large(rows: int, repeats: int, *, own: bool) -> None:
    """The million intervals, six transitions and twenty covariates."""
    table = synthetic(rows, 1)
    events = int(table["event"].sum())
    print(f"\nCox on {table.height:,} intervals, {events:,} events, 6 transitions, 20 covariates")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_table(table, folder)
        del table
        theirs = rival("large", folder, 1, *(("own",) if own else ()))
        for label, common in (("common", True), ("own", False))[: 1 + own]:
            stored = STORED["coxph large" if common else "coxph large own"]
            ours = fresh(folder, repeats, common)
            coxph = theirs.get(label, stored)
            kind = "20 common coefficients" if common else "120 coefficients, R fits six times 20"
            print(
                f"    {kind}: coxph {coxph:.1f} s   detente {ours['seconds']:.2f} s "
                f"(Intervals {ours['prepare']:.2f} s)"
            )
            used = theirs.get(f"{label}_cpu", coxph)
            print(f"    processor time: coxph {used:.1f} s   detente {ours['cpu']:.2f} s")
            if common and "loglik" in theirs:
                print(f"    log-likelihood {ours['loglik']:.6f}   R {theirs['loglik']:.6f}")
                print(f"    peak memory of coxph: {theirs['peak_over_table']:.1f} x its table")
            verdict("times faster than coxph", coxph / ours["seconds"], GOALS["cox"])
            print(f"    table {ours['table_mb']:.0f} MB, as loaded {ours['loaded_mb']:.0f} MB")
            verdict("peak over the table", ours["peak_over_table"], GOALS["memory"], below=True)


NUMBERS = ("id", "arrow", "start", "stop", "event", *COVARIATES)


def write_table(table: pl.DataFrame, folder: Path) -> None:
    """Columns of doubles, which R and NumPy read at once."""
    arrow = table["transition"].cast(pl.Enum(ARROWS)).to_physical()
    with (folder / "table.bin").open("wb") as file:
        for name in NUMBERS:
            column = arrow if name == "arrow" else table[name]
            file.write(column.cast(pl.Float64).to_numpy().tobytes())
    (folder / "size.txt").write_text(f"{table.height} {len(NUMBERS)}")


def read_table(folder: Path) -> pl.DataFrame:
    rows = int((folder / "size.txt").read_text().split()[0])
    columns: dict[str, pl.Series] = {}
    with (folder / "table.bin").open("rb") as file:
        for name in NUMBERS:
            values = pl.Series(name, np.fromfile(file, np.float64, rows))
            if name == "arrow":
                names = pl.Series(ARROWS, dtype=pl.String).gather(values.cast(pl.Int64))
                columns["transition"] = names.rename("transition")
            else:
                columns[name] = values.cast(pl.Int64) if name == "id" else values
    return pl.DataFrame(columns)


def fresh(folder: Path, repeats: int, common: bool) -> dict[str, float]:
    kind = "common" if common else "own"
    command = [sys.executable, __file__, "--measure", kind, str(folder), "--repeats", str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def paths(repeats: int) -> None:
    """An exponential illness-death model, fitted: our two ways to sample its futures.

    `sample_paths` returns the paths, as `sim.fmsm` does; `simulate` tallies occupancy and first
    passage as it goes.
    """
    from detente.futures import Enter, fitted_system, simulate
    from detente.hazards import Exponential, Moves, sample_paths

    number, end = 100_000, 20.0
    print(f"\n{number:,} paths of an illness-death model")
    if not ORACLES.is_dir():
        print(f"    skipped: no {ORACLES}")
        return
    table = pl.read_csv(ORACLES / "data_bosms3.csv")
    names = {"Tstart": "start", "Tstop": "stop", "status": "event"}
    moves = Moves.illness_death("1", "2", "3")
    spec = HazardSpec(tuple(Transition(a, baseline=Exponential()) for a in moves.names))
    fit = fit_hazards(Intervals(table.rename(names)), spec)

    def sampled() -> object:
        return sample_paths(fit, moves, {}, paths=number, seed=1, end=end, from_state="1")

    def simulated() -> object:
        made = fitted_system(fit, moves, {}, end=end, from_state="1")
        return simulate(
            made.system,
            made.start,
            made.parameters,
            outcomes=[Enter("dead", ("3",))],
            grid=made.to_steps([5.0, 10.0, 20.0]),
            futures=number,
            seed=1,
        )

    stored = STORED["sim.fmsm"]
    print(f"    sim.fmsm {stored:.3f} s (stored)")
    for name, call in (("sample_paths", sampled), ("fitted_system and simulate", simulated)):
        seconds = wall(call, repeats)
        print(f"    {name} {seconds:.4f} s")
        verdict("times faster than sim.fmsm", stored / seconds, GOALS["paths"])


def dyads() -> None:
    """Piecewise and Weibull models of every process of all politically relevant dyads."""
    print("\npiecewise and Weibull fits of all politically relevant dyads")
    if not os.environ.get("DETENTE_MIRROR"):
        print("    skipped: set DETENTE_MIRROR to the folder of the public datasets")
        return
    from detente.hazards import Baseline, Piecewise, Ridge, Weibull
    from detente.relations.record import fitting_record, load_record
    from detente.relations.terms import PROCESSES, formula

    intervals = fitting_record(load_record()).intervals
    moved = [p.name for p in PROCESSES if p.source is not None]

    def spec(baselines: Iterable[Baseline]) -> HazardSpec:
        transitions = tuple(
            Transition(name, formula(name, frozenset()), baseline)
            for name, baseline in zip(moved, baselines, strict=True)
        )
        return HazardSpec(transitions, ridges=(Ridge(("*",), 1.0),))

    total = 0.0
    for label, baselines in (
        ("piecewise", [Piecewise((1.0, 5.0), smooth=1.0)] * len(moved)),
        ("Weibull", [Weibull()] * len(moved)),
    ):
        model = spec(baselines)
        fit = fit_hazards(intervals, model)
        begin, used = time.perf_counter(), time.process_time()
        fit_hazards(intervals, model)
        seconds, used = time.perf_counter() - begin, time.process_time() - used
        total += seconds
        print(
            f"    {label}: {seconds:.2f} s ({used:.2f} s of processors)   {len(moved)} processes, "
            f"{fit.intervals:,} intervals, {len(fit.names)} coefficients, log-likelihood "
            f"{fit.log_likelihood:.2f}"
        )
    verdict("seconds for both", total, GOALS["dyads"], below=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large table")
    parser.add_argument("--own", action="store_true", help="also a coefficient per transition")
    parser.add_argument("--only", choices=["ebmt3", "large", "paths", "dyads"])
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        kind, folder = options.measure
        measure(Path(folder), options.repeats, common=kind == "common")
        return
    print(f"python {sys.version.split()[0]}, numpy {np.__version__}, medians of {options.repeats}")
    jobs: dict[str, Callable[[], None]] = {
        "ebmt3": lambda: ebmt3(4 * options.repeats),
        "large": lambda: large(options.rows, min(options.repeats, 3), own=options.own),
        "paths": lambda: paths(options.repeats),
        "dyads": dyads,
    }
    for name, job in jobs.items():
        if options.only in (None, name):
            job()


if __name__ == "__main__":
    main()
