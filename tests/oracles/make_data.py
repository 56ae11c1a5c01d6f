"""Write the synthetic tables that the R scripts of this folder and the tests both read.

To change a table, run it and then every script again: `python make_data.py && ./make_all.sh`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

HERE = Path(__file__).parent
FOLLOW_UP = 10.0
STATES = ("start", "better", "worse", "mixed", "back", "end")
# Rate of leaving, and how it depends on (a, b); the last column is the Weibull shape of the clock.
SIX = {
    ("start", "better"): (0.35, 0.3, -0.4, 1.3),
    ("start", "worse"): (0.40, -0.2, 0.5, 1.0),
    ("start", "back"): (0.05, 0.1, 0.2, 1.0),
    ("start", "end"): (0.06, 0.2, 0.4, 1.0),
    ("better", "mixed"): (0.25, 0.0, 0.4, 1.0),
    ("better", "back"): (0.06, 0.3, 0.0, 0.8),
    ("better", "end"): (0.04, 0.2, 0.5, 1.0),
    ("worse", "mixed"): (0.50, 0.1, -0.3, 1.2),
    ("worse", "back"): (0.08, -0.1, 0.3, 1.0),
    ("worse", "end"): (0.12, 0.4, 0.3, 0.8),
    ("mixed", "back"): (0.12, 0.2, 0.1, 1.0),
    ("mixed", "end"): (0.10, 0.3, 0.2, 1.0),
}
REVERSIBLE = {
    ("well", "ill"): (0.50, 0.4, 0.3, 1.0),
    ("ill", "well"): (0.80, -0.3, 0.0, 1.0),
    ("well", "dead"): (0.06, 0.2, 0.5, 1.0),
    ("ill", "dead"): (0.20, 0.1, 0.2, 1.0),
}


def ties(rng: np.random.Generator) -> pl.DataFrame:
    """Counting process on whole months: ties everywhere, late entries, covariates that change."""
    rows = []
    for unit in range(110):
        entry = int(rng.choice([0, 0, 0, 1, 2, 4]))
        x, z = round(float(rng.normal()), 3), int(rng.random() < 0.4)
        group, cluster = str(rng.choice(["a", "b", "c"])), unit // 3
        weight, offset = round(float(rng.uniform(0.4, 2.2)), 2), round(float(rng.normal(0, 0.3)), 2)
        left = entry
        for stop in range(entry + 1, 15):
            event = int(rng.random() < 0.08 * np.exp(0.5 * x + 0.6 * z + offset))
            lost = rng.random() < 0.04
            turn = rng.random() < 0.15
            if event or lost or turn or stop == 14:
                rows.append((unit, left, stop, event, x, z, group, weight, offset, cluster))
                left, x = stop, round(x + float(rng.normal(0, 0.5)), 3)
                if event or lost:
                    break
    names = ["id", "start", "stop", "event", "x", "z", "group", "weight", "offset", "cluster"]
    return pl.DataFrame(rows, schema=names, orient="row")


def stays(
    rng: np.random.Generator, rates: dict, first: str, units: int, late: float, digits: int
) -> pl.DataFrame:
    """One row for each stay in a state entered at `entry`; some units are seen late."""
    rows = []
    for unit in range(units):
        a, b = round(float(rng.normal()), 2), int(rng.random() < 0.5)
        c = str(rng.choice(list("pqr")))
        seen = round(float(rng.uniform(0, 2)), digits) if rng.random() < late else 0.0
        end = round(float(rng.uniform(3, FOLLOW_UP)), digits)
        state, now = first, 0.0
        while True:
            moves = [(to, r) for (source, to), r in rates.items() if source == state]
            if not moves:
                break
            waits = [
                float((rng.exponential() / (r * np.exp(u * a + v * b))) ** (1 / k))
                for _, (r, u, v, k) in moves
            ]
            wait = max(round(min(waits), digits), 10.0**-digits)
            stop, to = round(now + wait, digits), moves[int(np.argmin(waits))][0]
            start, censored = max(now, seen), stop >= end
            if min(stop, end) > start:
                stop_seen = end if censored else stop
                target = None if censored else to
                rows.append((unit, state, target, start, stop_seen, now, a, b, c))
            if censored:
                break
            state, now = to, stop
    schema = ["id", "from", "to", "start", "stop", "entry", "a", "b", "c"]
    return pl.DataFrame(rows, schema=schema, orient="row", infer_schema_length=None)


def causes(rng: np.random.Generator) -> pl.DataFrame:
    """Three competing causes on whole months, with ties between causes and with censoring."""
    rows = []
    for unit in range(260):
        x, group = round(float(rng.normal()), 3), str(rng.choice(["a", "b"]))
        high = 1.6 if group == "b" else 1.0
        rate = np.array([0.05 * high * np.exp(0.4 * x), 0.03 * np.exp(-0.3 * x), 0.012])
        time, censored = rng.exponential(1 / rate.sum()), rng.uniform(2, 40)
        cause = int(rng.choice(3, p=rate / rate.sum())) + 1
        event = cause if time <= censored else 0
        rows.append((unit, int(np.ceil(min(time, censored))), event, group, x))
    return pl.DataFrame(rows, schema=["id", "time", "cause", "group", "x"], orient="row")


def clusters(rng: np.random.Generator) -> pl.DataFrame:
    """Gamma frailty with variance 0.6 shared by six units each."""
    rows = []
    for cluster in range(45):
        frailty = rng.gamma(1 / 0.6, 0.6)
        for member in range(6):
            x, z = round(float(rng.normal()), 3), int(rng.random() < 0.5)
            time = (rng.exponential() / (0.2 * frailty * np.exp(0.5 * x - 0.4 * z))) ** (1 / 1.4)
            censored = rng.uniform(0.5, 8)
            seen = max(round(float(min(time, censored)), 3), 0.001)
            rows.append((6 * cluster + member, cluster, seen, int(time <= censored), x, z))
    schema = ["id", "cluster", "time", "event", "x", "z"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def lifetimes(rng: np.random.Generator) -> pl.DataFrame:
    """Gompertz lifetimes, rising, some seen from a late age on only."""
    rows: list[tuple[int, float, float, int, float, int]] = []
    while len(rows) < 300:
        x, z = round(float(rng.normal()), 3), int(rng.random() < 0.5)
        rate, shape = 0.08 * np.exp(0.4 * x + 0.5 * z), 0.25
        time = round(float(np.log1p(shape * rng.exponential() / rate) / shape), 3)
        entry = round(float(rng.uniform(0, 3)), 3) if rng.random() < 0.4 else 0.0
        censored = round(float(rng.uniform(2, 12)), 3)
        if min(time, censored) > entry:
            rows.append((len(rows), entry, min(time, censored), int(time <= censored), x, z))
    return pl.DataFrame(rows, schema=["id", "entry", "time", "event", "x", "z"], orient="row")


def main() -> None:
    """Write the tables beside this file."""
    tables = {
        "ties": ties(np.random.default_rng(31)),
        "six_states": stays(np.random.default_rng(32), SIX, "start", 420, 0.2, 2),
        "reversible": stays(np.random.default_rng(33), REVERSIBLE, "well", 160, 0.0, 3),
        "causes": causes(np.random.default_rng(34)),
        "clusters": clusters(np.random.default_rng(35)),
        "lifetimes": lifetimes(np.random.default_rng(36)),
    }
    for name, table in tables.items():
        table.write_csv(HERE / f"{name}.csv")


if __name__ == "__main__":
    main()
