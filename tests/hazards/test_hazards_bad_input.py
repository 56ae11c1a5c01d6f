"""Every table and model that cannot be used, and what is said of it."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from detente.core.errors import DataError, FitError, InputError
from detente.hazards import (
    Baseline,
    Cox,
    Frailty,
    Gompertz,
    HazardSpec,
    Intervals,
    Moves,
    Piecewise,
    Ridge,
    Shared,
    Spline,
    Transition,
    Walk,
    Weibull,
    draw_posterior,
    fit_hazards,
)

TABLE = pl.DataFrame(
    {
        "id": range(8),
        "transition": "a",
        "start": 0.0,
        "stop": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        "event": [1, 0, 1, 0, 1, 1, 0, 1],
        "x": [0.1, 2.0, 0.3, 4.0, 5.5, 6.0, 0.7, 8.0],
        "one": 1.0,
        "never": [0, 1, 0, 1, 0, 0, 1, 0],
        "gap": [0.1, None, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
        "nan": [0.1, float("nan"), 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
        "infinite": [0.1, float("inf"), 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
        "ends": [0.1, float("inf"), float("-inf"), 0.4, 0.5, 0.6, 0.7, 0.8],
        "text": ["k", "l"] * 4,
        "hole": ["k", None] * 4,
        "year": range(1900, 1908),
    }
)


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"start": pl.lit(9.0)}, "start must be before stop: row 0 .*8 in all"),
        ({"stop": pl.lit(None, dtype=pl.Float64)}, "start and stop must be finite: row 0"),
        ({"stop": pl.col("infinite") + 1}, "start and stop must be finite: row 1 .*1 in all"),
        ({"start": pl.col("nan") - 1}, "start and stop must be finite: row 1"),
        ({"start": pl.lit("soon")}, "'start' of the intervals table must hold numbers"),
        ({"event": pl.lit(0.5)}, "event must be 0 or 1: row 0"),
        ({"event": pl.lit(2)}, "event must be 0 or 1: row 0"),
        ({"event": pl.lit(None, dtype=pl.Int8)}, "event must be 0 or 1"),
        ({"event": pl.col("text")}, "'event' of the intervals table must hold numbers"),
        ({"entry": pl.lit(0.5)}, "entry must be finite, and not after start"),
        ({"entry": pl.lit(float("-inf"))}, "entry must be finite, and not after start"),
        ({"weight": pl.lit(0.0)}, "weight must be positive and finite"),
        ({"weight": pl.col("infinite")}, "weight must be positive and finite: row 1"),
        ({"offset": pl.col("gap")}, "offset must be finite: row 1"),
        ({"id": pl.lit(None, dtype=pl.Int64)}, "id and transition must not be missing"),
        ({"id": pl.lit(1)}, "intervals of a unit must not overlap .*: row 1 .*7 in all"),
    ],
)
def test_bad_intervals(columns: dict[str, pl.Expr], match: str) -> None:
    with pytest.raises(DataError, match=match):
        Intervals(TABLE.with_columns(**columns))


@pytest.mark.parametrize(
    "ids",
    [
        pl.Series([3, 3, -1, -1]),
        pl.Series([2**64 - 1, 2**64 - 1, 0, 0], dtype=pl.UInt64),
        pl.Series([2**62, 2**62, -(2**62), -(2**62)]),
        pl.Series(["v", "v", "u", "u"]),
        pl.Series([0.5, 0.5, -1.5, -1.5]),
    ],
)
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [1, 3, 0, 2], [3, 2, 1, 0]])
def test_units_of_any_name_keep_their_rows_apart(ids: pl.Series, order: list[int]) -> None:
    rows = pl.DataFrame({"start": [0.0, 2.0, 1.0, 3.0], "stop": [2.0, 3.0, 3.0, 4.0]})
    table = rows.with_columns(id=ids, transition=pl.lit("a"), event=pl.lit(0))[order]
    assert Intervals(table).table["entry"].to_list() == [[0.0, 0.0, 1.0, 1.0][i] for i in order]
    earlier = pl.col("start").replace(2.0, 1.5)
    broken = f"must not overlap .*: row {order.index(1)} .*1 in all"
    with pytest.raises(DataError, match=broken):
        Intervals(table.with_columns(earlier))


def test_missing_columns_are_named() -> None:
    with pytest.raises(DataError, match=r"lacks the columns \['event', 'transition'\]"):
        Intervals(TABLE.drop("event", "transition"))


def _fit(spec: HazardSpec, table: pl.DataFrame = TABLE) -> None:
    fit_hazards(Intervals(table), spec)


@pytest.mark.parametrize(
    ("formula", "match"),
    [
        ("gap", "'a': the formula 'gap' cannot be built: .*null"),
        ("nan", "'a': the formula 'nan' cannot be built: .*null"),
        ("hole", "'a': the formula 'hole' cannot be built: .*null"),
        ("infinite", "'a:infinite' is missing or infinite in row 1 of those at risk, 1 in all"),
        ("ends", "'a:ends' is missing or infinite in row 1 of those at risk, 2 in all"),
        ("np.log(never)", "missing or infinite"),
        ("nowhere", "'nowhere' cannot be built: .*nowhere"),
        ("x +", "cannot be built"),
        ("event ~ x", "one side only"),
        ("x | year", "one side only"),
    ],
)
def test_bad_formulas(formula: str, match: str) -> None:
    with pytest.raises(DataError, match=match):
        _fit(HazardSpec((Transition("a", formula),)))


@pytest.mark.parametrize(
    ("formula", "match"),
    [
        ("one", r"singular.*'a:baseline\[0,inf\)'.*'a:one'|singular.*'a:one'.*collinear"),
        ("x + I(2 * x)", r"singular.*'a:(I\(2 \* x\)|x)'.*collinear"),
        ("never", "diverged.*'a:never'.*separation"),
        ("x + I(1e-4 * never)", r"diverged.*never.*separation"),
    ],
)
def test_models_that_the_table_cannot_answer(formula: str, match: str) -> None:
    with pytest.raises(FitError, match=match):
        _fit(HazardSpec((Transition("a", formula),)))


@pytest.mark.parametrize("formula", ["one", "never", "x + I(2 * x)"])
def test_a_ridge_answers_for_the_table(formula: str) -> None:
    spec = HazardSpec((Transition("a", formula),), ridges=(Ridge(("a:*",), 1.0),))
    assert fit_hazards(Intervals(TABLE), spec).status == "converged"


def test_a_failed_fit_can_be_looked_at() -> None:
    spec = HazardSpec((Transition("a", "one"),))
    fit = fit_hazards(Intervals(TABLE), spec, on_failure="return")
    assert fit.status == "singular"
    assert np.isnan(fit.standard_errors).all()
    with pytest.raises(FitError, match="no covariance to draw from: its status is 'singular'"):
        draw_posterior(fit, 1, seed=0)


def test_a_strong_effect_of_a_long_tail_is_not_separation() -> None:
    # The few largest x hold nearly all the information at the start and none at the end.
    rng = np.random.default_rng(2)
    x = rng.pareto(0.4, 400)
    end = rng.exponential(np.exp(np.minimum(2.0 * x, 600.0)))
    table = pl.DataFrame(
        {
            "id": range(400),
            "transition": "a",
            "start": 0.0,
            "stop": np.minimum(end, 20.0),
            "event": (end < 20.0).astype(int),
            "x": x,
        }
    )
    fit = fit_hazards(Intervals(table), HazardSpec((Transition("a", "x"),)))
    slope, error = fit["a:x"]
    assert x.max() > 1e5
    assert abs(slope + 2.0) < 3 * error


def test_iterations_run_out() -> None:
    with pytest.raises(FitError, match=r"iteration limit.* raise max_iterations"):
        fit_hazards(Intervals(TABLE), HazardSpec((Transition("a", "x"),)), max_iterations=1)
    spec = HazardSpec((Transition("a", "x"),), ridges=(Ridge(("a:x",), "estimate"),))
    with pytest.raises(FitError, match=r"scales not settled.* raise max_scale_updates"):
        fit_hazards(Intervals(TABLE), spec, max_scale_updates=1)


A = (Transition("a"),)
NO_EVENT = TABLE.with_columns(event=pl.lit(0))


@pytest.mark.parametrize(
    ("error", "match", "spec", "table"),
    [
        (
            DataError,
            "no interval is at risk of the transition 'z'",
            HazardSpec((Transition("z"),)),
            TABLE,
        ),
        (DataError, "no interval is at risk", HazardSpec(A), TABLE.head(0)),
        (FitError, "transition 'a' has no event: leave it out", HazardSpec(A), NO_EVENT),
        (
            FitError,
            r"'a:baseline\[8.5,inf\)' has no event: merge its cuts",
            HazardSpec((Transition("a", baseline=Piecewise((8.5,))),)),
            TABLE,
        ),
        (
            FitError,
            r"'a\|never=1' has no event: merge its strata",
            HazardSpec((Transition("a", baseline=Piecewise((2.0,), 1.0, "never")),)),
            TABLE,
        ),
        (
            DataError,
            "'a': 'hole' is missing or has nulls",
            HazardSpec((Transition("a", baseline=Piecewise(by="hole")),)),
            TABLE,
        ),
        (
            DataError,
            "'a': its baseline needs times from 0, and the forward clock has -1",
            HazardSpec((Transition("a", baseline=Weibull(), clock="forward"),)),
            TABLE.with_columns(start=pl.lit(-1.0)),
        ),
        (
            DataError,
            "too short beside its time of entry",
            HazardSpec(A),
            TABLE.with_columns(entry=pl.lit(-1e18)),
        ),
        (
            DataError,
            "column 'hole' of 'dyad' is missing or has nulls",
            HazardSpec(A, frailty=Frailty("dyad", "hole", ("a",))),
            TABLE,
        ),
        (
            DataError,
            "column 'x' of 'system' must hold integers",
            HazardSpec(A, walk=Walk("system", "x", ("a",))),
            TABLE,
        ),
        (
            InputError,
            r"no coefficient is left that matches the ridge \('a:z',\)",
            HazardSpec(A, ridges=(Ridge(("a:z",), 1.0),)),
            TABLE,
        ),
        (
            InputError,
            "no coefficient is left",
            HazardSpec((Transition("a", baseline=Weibull()),), ridges=(Ridge(("*",), 1.0),)),
            TABLE,
        ),
    ],
)
def test_tables_that_do_not_fit_the_model(
    error: type[Exception], match: str, spec: HazardSpec, table: pl.DataFrame
) -> None:
    with pytest.raises(error, match=match):
        _fit(spec, table)


@pytest.mark.parametrize(
    ("match", "make"),
    [
        ("needs transitions", lambda: HazardSpec(())),
        ("every name in it only once", lambda: HazardSpec((*A, *A))),
        ("every name", lambda: HazardSpec(A, walk=Walk("a", "year", ("a",)))),
        (
            "every name",
            lambda: HazardSpec(
                A, ridges=(Ridge(("dyad",), 1.0),), frailty=Frailty("dyad", "x", ("a",))
            ),
        ),
        (
            r"'s' names unknown transitions: \['z'\]",
            lambda: HazardSpec(A, (Shared("s", "x", ("z",)),)),
        ),
        ("'s' needs at least one transition", lambda: HazardSpec(A, (Shared("s", "x", ()),))),
        ('clock is "reset" or "forward"', lambda: Transition("a", clock="back")),
        ("sd of the ridge .* positive number", lambda: Ridge(("x",), 0.0)),
        ("sd of 'w' must be a positive number", lambda: Walk("w", "year", ("a",), -1.0)),
        ("sd of 'f' must be a positive number", lambda: Frailty("f", "x", ("a",), float("nan"))),
        ("or \"estimate\", got 'guess'", lambda: Ridge(("x",), "guess")),
        ("Piecewise.smooth must be a positive number", lambda: Piecewise((1.0,), float("inf"))),
        ("cuts must be positive, finite and increasing", lambda: Piecewise((2.0, 1.0))),
        ("cuts must be positive", lambda: Piecewise((0.0, 1.0))),
        ("cuts must be positive", lambda: Piecewise((1.0, float("nan")))),
        ("cuts must be positive", lambda: Piecewise((1.0, float("inf")))),
    ],
)
def test_models_that_make_no_sense(match: str, make: Callable[[], object]) -> None:
    with pytest.raises(InputError, match=match):
        make()


def _ordered() -> Intervals:
    """Sixty events, the earlier the larger ``x``: its coefficient grows until hazards overflow."""
    times = np.random.default_rng(1).exponential(2.0, 60).round(2) + 0.01
    table = {"id": range(60), "transition": "a", "start": 0.0, "stop": times, "event": 1}
    return Intervals(pl.DataFrame(table).with_columns(x=-pl.col("stop")))


@pytest.mark.parametrize("baseline", [Cox("efron"), Cox(), Gompertz(), Spline()])
def test_a_covariate_that_orders_the_events(baseline: Baseline) -> None:
    spec = HazardSpec((Transition("a", "x", baseline, clock="forward"),))
    with pytest.raises(FitError, match=r"look at .*'a:x'.*separation"):
        fit_hazards(_ordered(), spec)
    fit = fit_hazards(_ordered(), spec, on_failure="return")
    assert fit.status == "diverged"
    assert np.isnan(fit.covariance).all()
    with pytest.raises(FitError, match="diverged"):
        draw_posterior(fit, 1, seed=0)


def test_firth_where_hazards_overflow() -> None:
    spec = HazardSpec((Transition("a", "x", Cox("efron"), clock="forward"),), firth=True)
    with pytest.raises(FitError, match="'a:x'"):
        fit_hazards(_ordered(), spec)


@pytest.mark.parametrize("name", ["weight", "offset"])
def test_a_covariate_named_as_what_rows_carry(name: str) -> None:
    rows = Intervals(TABLE.with_columns(pl.col("x").alias(name)))
    with pytest.raises(DataError, match=f"'{name}'.*another name"):
        fit_hazards(rows, HazardSpec((Transition("a", f"year + {name}"),)))


def test_a_table_that_is_not_polars() -> None:
    with pytest.raises(DataError, match=r"polars DataFrame, not a dict .*from_pandas"):
        Intervals(TABLE.to_dict())  # type: ignore[arg-type]
    with pytest.raises(DataError, match="table of stays must be a polars"):
        Intervals.from_wide({}, Moves.illness_death())  # type: ignore[arg-type]
