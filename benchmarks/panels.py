"""Panels against peacesciencer: time and memory, from cached tables, and a stream of a century.

R's times are those of its oracles (medians of warm runs on two cores, peacesciencer 1.2.9); where
`Rscript` with peacesciencer is installed, R runs in the same run. Ours are medians of warm calls in
one process. Each panel's peak memory is that of a process of its own. Run it with nothing else on
the machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from detente.panels import Panel, panel

# Seconds and megabytes, R 4.2.2, two cores.
STORED = {
    "dyad-years": (2.1, 1260.0),
    "pipeline": (3.7, 1460.0),
    "leader-years": (6.4, 1900.0),
    "state-days": (0.5, 600.0),
}
R_CALLS = {
    "dyad-years": "create_dyadyears(directed = FALSE, subset_years = 1816:2010)",
    "pipeline": "create_dyadyears(directed = FALSE, subset_years = 1816:2010) |> "
    "add_contiguity() |> add_cow_majors() |> filter_prd() |> add_gml_mids(keep = NULL) |> "
    "add_peace_years() |> add_nmc() |> add_democracy() |> add_sdp_gdp()",
    "leader-years": "create_leaderyears(standardize = 'gw')",
    "state-days": "create_statedays(system = 'cow')",
}
GOALS = {"dyad-years": 0.15, "state-days": 0.2, "leader-years": 0.3}
TIMES_FASTER = 20.0
PEAK_MEGABYTES = 400.0
STREAM_MEGABYTES = 600.0


def pipeline() -> Panel:
    return (
        panel("dyad-year", years=(1816, 2010), dyads="relevant")
        .add("contiguity", "majors", "relevance", "gml_disputes", "peace_years")
        .add("capabilities", "democracy", "gdp")
    )


PANELS: dict[str, Callable[[], Panel]] = {
    "dyad-years": lambda: panel("dyad-year", years=(1816, 2010)),
    "pipeline": pipeline,
    "leader-years": lambda: panel("leader-year", years=(1840, 2015), system="gw").add("leaders"),
    "state-days": lambda: panel("state-day", years=(1816, 2016)).add("names"),
}


def warm(call: Callable[[], object], repeats: int) -> float:
    """Median time (s) after one call that warms up."""
    call()
    times: list[float] = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def peak(name: str) -> float:
    """Peak memory (MB) of a process that makes one panel, Python and libraries included."""
    return float(alone("--one", name))


def alone(*arguments: str) -> str:
    command = [sys.executable, __file__, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def one(name: str) -> None:
    PANELS[name]().collect()
    print(_peak())


def _peak() -> float:
    """Peak memory (MB) of this program; the system's counter would hold its parent's too."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rival(name: str, repeats: int) -> float:
    """R's seconds, measured now where it can be, else as stored."""
    stored, _ = STORED[name]
    if shutil.which("Rscript") is None:
        return stored
    code = (
        "suppressMessages(library(peacesciencer)); f <- function() "
        f"{R_CALLS[name]}; invisible(f()); "
        f"cat(median(replicate({repeats}, system.time(f())[['elapsed']])))"
    )
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 and done.stdout else stored


def verdict(what: str, value: float, goal: float, *, below: bool = True) -> None:
    met = value < goal if below else value >= goal
    sign = "<" if below else ">="
    print(f"    {what}: {value:.3g} (goal {sign} {goal:g}): {'met' if met else 'NOT met'}")


def stream(folder: Path) -> None:
    """Write every undirected dyad-day of a century, and say how much memory it took."""
    begin = time.perf_counter()
    place = panel("dyad-day", years=(1900, 1999)).add("majors").sink(folder / "days.parquet")
    import polars as pl

    rows = pl.scan_parquet(place).select(pl.len()).collect().item()
    print(f"{rows} {time.perf_counter() - begin} {_peak()} {place.stat().st_size / 1e6}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--one", choices=PANELS)
    parser.add_argument("--stream", type=Path)
    parser.add_argument("--skip-stream", action="store_true")
    given = parser.parse_args()
    if given.one:
        one(given.one)
        return
    if given.stream:
        stream(given.stream)
        return
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    if shutil.which("Rscript") is None:
        print("Rscript is not installed: stored times stand in for R")
    for name, make in PANELS.items():
        table = make().collect()
        seconds, theirs, memory = warm(make().collect, given.repeats), rival(name, 3), peak(name)
        print(f"\n{name}: {table.height:,} rows, {table.width} columns")
        print(f"    peacesciencer {theirs:.2f} s, {STORED[name][1]:.0f} MB (stored)")
        print(f"    detente {seconds:.3f} s, {memory:.0f} MB at its peak, libraries included")
        if name in GOALS:
            verdict("seconds", seconds, GOALS[name])
        if name == "pipeline":
            verdict("times faster", theirs / seconds, TIMES_FASTER, below=False)
            verdict("megabytes", memory, PEAK_MEGABYTES)
    if not given.skip_stream:
        with tempfile.TemporaryDirectory() as folder:
            rows, seconds, memory, size = alone("--stream", folder).split()
        print(f"\ndyad-days 1900-1999 to Parquet: {int(rows):,} rows, {float(size):.0f} MB written")
        print(f"    {float(seconds):.1f} s")
        verdict("megabytes", float(memory), STREAM_MEGABYTES)


if __name__ == "__main__":
    main()
