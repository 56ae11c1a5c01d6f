"""The onset of disputes on our panel, after Bremer's "Dangerous Dyads".

Bremer (1992, Journal of Conflict Resolution 36: 309-341, abstract) names, for wars of all pairs of
states in 1816-1965: presence of contiguity, absence of alliance, absence of a more advanced
economy, absence of a democratic polity, absence of overwhelming preponderance, presence of a major
power. Here the event is the start of a militarised dispute, on the same pairs and years.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import detente
from detente.hazards import HazardSpec, Intervals, Transition, clustered_covariance, fit_hazards

pytestmark = pytest.mark.data

PAGE = Path(__file__).resolve().parents[2] / "docs" / "panels.md"
SIGNS = {"contiguous": 1, "preponderance": -1, "major": 1, "allied": -1, "democratic": -1}
# Two-sided 5%, errors clustered by pair. The alliance's sign holds, but not beyond it.
CRITICAL = 1.96
UNSURE = {"allied"}
# V-Dem's index of electoral democracy from which on a state counts as one. (Polity's copy lacks the
# Soviet Union, and with it many of the pairs that matter here.)
DEMOCRACY = 0.5


@pytest.fixture(scope="module")
def onsets(mirror) -> Intervals:
    panel = detente.panel("dyad-year", years=(1816, 1965)).add(
        "contiguity", "capabilities", "alliances", "majors", "democracy", "gml_disputes"
    )
    stronger, weaker = pl.max_horizontal("cinc1", "cinc2"), pl.min_horizontal("cinc1", "cinc2")
    needed = ["conttype", "cinc1", "cinc2", "cowmaj1", "cowmaj2", "atop_defense", "gmlmidonset"]
    rows = (
        panel.collect()
        .drop_nulls([*needed, "v2x_polyarchy1", "v2x_polyarchy2"])
        .filter((pl.col("gmlmidongoing") == 0) | (pl.col("gmlmidonset") == 1))
        .select(
            (pl.col("ccode1") * 1000 + pl.col("ccode2")).alias("id"),
            pl.lit("onset").alias("transition"),
            pl.col("year").cast(pl.Float64).alias("start"),
            (pl.col("year") + 1.0).alias("stop"),
            pl.col("gmlmidonset").alias("event"),
            contiguous=(pl.col("conttype") > 0).cast(pl.Float64),
            preponderance=(stronger / weaker.clip(1e-6)).log(),
            major=(pl.max_horizontal("cowmaj1", "cowmaj2") > 0).cast(pl.Float64),
            allied=(pl.col("atop_defense") > 0).cast(pl.Float64),
            democratic=(pl.min_horizontal("v2x_polyarchy1", "v2x_polyarchy2") >= DEMOCRACY).cast(
                pl.Float64
            ),
        )
    )
    return Intervals(rows)


def test_the_signs_of_the_published_model(onsets):
    spec = HazardSpec((Transition("onset", " + ".join(SIGNS), clock="forward"),))
    fit = fit_hazards(onsets, spec)
    errors = np.sqrt(np.diag(clustered_covariance(fit, onsets, ["id"])))
    found = dict(zip(fit.names, zip(fit.coefficients, errors, strict=True), strict=True))
    for name, sign in SIGNS.items():
        estimate, error = found[f"onset:{name}"]
        assert f"| {estimate:.2f} ({error:.2f}) |" in PAGE.read_text(encoding="utf-8"), name
        assert sign * estimate / error > (0.0 if name in UNSURE else CRITICAL), name
