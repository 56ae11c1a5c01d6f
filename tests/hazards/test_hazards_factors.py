"""Factors: which level is the reference, and what a prediction makes of levels."""

import numpy as np
import polars as pl
import pytest

from detente.core.errors import DataError, InputError
from detente.hazards import (
    Cox,
    HazardFit,
    HazardSpec,
    Intervals,
    Transition,
    cumulative_hazards,
    fit_hazards,
)

# Two climbs to one mode.
SAME_MODE = 1e-8
LEVELS = pl.Enum(["none", "some", "all", "unused"])


def _table() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    n = 90
    dose = rng.integers(0, 3, n)
    time = rng.exponential(np.exp(-0.5 * dose))
    names = np.array(["none", "some", "all"])[dose]
    columns = {"id": range(n), "transition": "a", "start": 0.0, "stop": time, "event": 1}
    return pl.DataFrame({**columns, "dose": names})


def _fit(table: pl.DataFrame, formula: str = "dose") -> HazardFit:
    spec = HazardSpec((Transition("a", formula, Cox(), clock="forward"),))
    return fit_hazards(Intervals(table), spec)


@pytest.mark.parametrize("formula", ["dose", "C(dose)"])
def test_the_first_level_of_an_enum_is_the_reference(formula: str) -> None:
    text, ordered = (
        _fit(_table()),
        _fit(_table().with_columns(pl.col("dose").cast(LEVELS)), formula),
    )
    assert text.names == ("a:dose[T.none]", "a:dose[T.some]")  # text goes by the alphabet
    assert ordered.names == (f"a:{formula}[T.some]", f"a:{formula}[T.all]")
    assert ordered.log_likelihood == pytest.approx(text.log_likelihood, abs=SAME_MODE)
    assert ordered.coefficients[1] == pytest.approx(-text.coefficients[0], abs=SAME_MODE)


@pytest.mark.parametrize("kind", [LEVELS, pl.String, pl.Enum(["all"])])
def test_a_prediction_keeps_the_levels_of_the_fit(kind: pl.DataType) -> None:
    fit = _fit(_table().with_columns(pl.col("dose").cast(LEVELS)))
    at = pl.DataFrame({"dose": ["all"]}, schema={"dose": kind})
    none = cumulative_hazards(fit, {"dose": "none"}).values[-1, 0]
    ratio = cumulative_hazards(fit, at).values[-1, 0] / none
    assert np.log(ratio) == pytest.approx(fit["a:dose[T.all]"][0], abs=SAME_MODE)


@pytest.mark.parametrize(
    ("value", "error", "match"),
    [(1e6, InputError, "past the largest number"), (None, DataError, "'x' is null")],
)
def test_covariates_that_cannot_be_predicted_at(
    value: float | None, error: type[Exception], match: str
) -> None:
    fit = _fit(_table().with_columns(x=pl.col("id") % 5 - pl.col("stop").log()), "x")
    with pytest.raises(error, match=match):
        cumulative_hazards(fit, {"x": value})


def test_a_level_that_was_not_fitted() -> None:
    fit = _fit(_table().with_columns(pl.col("dose").cast(LEVELS)))
    at = pl.DataFrame({"dose": ["unused"]}, schema={"dose": LEVELS})
    with pytest.raises(DataError, match="unused"):
        cumulative_hazards(fit, at)
