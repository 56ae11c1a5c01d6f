"""The covariates of the model beside the features of a panel: the same facts, told once a year.

The covariates are those of the last day of the year before, and 0 where a list has no entry; a
panel has the year's, and null outside a source's years. Where both say the same, they agree.
"""

import polars as pl
import pytest

from detente import sources
from detente.histories.features import FeatureTables, dyad_features
from detente.panels import panel

pytestmark = pytest.mark.data

TABLES = ("nmc", "cow_majors", "contiguity", "atop", "democracy", "rivalries", "nuclear_status")
POSSESSES = 3
KEYS = ["ccode1", "ccode2", "year"]
LAGGED = (
    *(f"{name}{side}" for name in ("cinc", "v2x_polyarchy", "nuclear_status") for side in (1, 2)),
    *("atop_defense", "ongoingrivalry"),
)


@pytest.fixture(scope="module")
def both(mirror: str) -> pl.DataFrame:
    assert mirror
    frame = panel("dyad-year", years=(1817, 2014), dyads="relevant")
    made = frame.add("capabilities", "democracy", "nuclear_status", "alliances", "rivalries")
    table = made.lag(*LAGGED).collect().select(*KEYS, pl.col([f"{name}_lag1" for name in LAGGED]))
    tables = FeatureTables(*(sources.load(name) for name in TABLES))
    return dyad_features(table, tables)


def lagged(name: str) -> pl.Expr:
    return pl.col(f"{name}_lag1")


def test_parity_is_of_the_capabilities_of_the_panel(both: pl.DataFrame):
    low, high = (
        extreme(lagged("cinc1"), lagged("cinc2"))
        for extreme in (pl.min_horizontal, pl.max_horizontal)
    )
    known = lagged("cinc1").is_not_null() & lagged("cinc2").is_not_null() & (low > 0)
    apart = both.select(
        parity=pl.col("parity"), wanted=pl.when(known).then((low / high).log())
    ).filter(pl.col("parity").ne_missing(pl.col("wanted")))
    assert apart.height == 0
    assert both["parity"].count() > 0


def test_democracy_is_that_of_the_less_democratic(both: pl.DataFrame):
    known = lagged("v2x_polyarchy1").is_not_null() & lagged("v2x_polyarchy2").is_not_null()
    low = pl.min_horizontal(lagged("v2x_polyarchy1"), lagged("v2x_polyarchy2"))
    wanted = both.select(pl.when(known).then(low)).to_series()
    assert both["democracy"].equals(wanted, check_names=False, null_equal=True)


def test_pacts_and_weapons_are_those_of_the_panel(both: pl.DataFrame):
    assert both.filter(pl.col("alliance") != lagged("atop_defense")).height == 0
    armed = [lagged(f"nuclear_status{side}").fill_null(0) == POSSESSES for side in (1, 2)]
    assert both.filter((pl.col("both_nuclear") == 1) != (armed[0] & armed[1])).height == 0
    assert both["both_nuclear"].sum() > 0


def test_rivalries_are_those_of_the_panel_but_for_austrias(both: pl.DataFrame):
    # The model reads the codes of the list as they stand: Austria-Hungary's rivalry with Serbia.
    apart = both.filter(pl.col("rivalry") != lagged("ongoingrivalry"))
    assert apart.select("ccode1", "ccode2", pl.col("year") - 1).rows() == [
        (305, 345, 1919),
        (305, 345, 1920),
    ]
