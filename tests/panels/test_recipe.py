"""Recipes and files: the same panel again, and a refusal where the data are others."""

from pathlib import Path

import pandas as pd
import polars as pl
import pytest
import rdata
from polars.testing import assert_frame_equal

from detente.core.errors import ChecksumError, InputError, OutputError
from detente.panels import Panel, check_result, panel, read_recipe

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _mirror(mirror: str) -> None:
    del mirror


def made() -> Panel:
    return (
        panel("dyad-year", years=(1900, 1905), dyads=[(2, 200), (200, 365)])
        .add("capabilities", only=("cinc1", "cinc2"), fill={"cinc2": 0.5})
        .add("gml_disputes", "peace_years")
        .add("gml_dispute_details", rules=("fatality", "onset"))
        .lag("cinc1", years=2)
        .at_risk()
    )


def test_a_recipe_makes_the_same_panel(tmp_path: Path):
    place = tmp_path / "panel.toml"
    table = made().collect()
    place.write_text(made().recipe(table))
    again = read_recipe(place)
    assert again.recipe() == made().recipe()
    assert_frame_equal(again.collect(), table)
    check_result(place, again.collect())


def test_other_data_are_refused(tmp_path: Path):
    place = tmp_path / "panel.toml"
    text = made().recipe(made().collect())
    place.write_text(text.replace('nmc = "', 'nmc = "0'))
    with pytest.raises(ChecksumError, match=r"panel.toml: dataset 'nmc' is not the one"):
        read_recipe(place)
    place.write_text(text.replace("rows = ", "rows = 1"))
    with pytest.raises(ChecksumError, match="the recipe gave 1"):
        check_result(place, made().collect())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[panel", "is not TOML"),
        ("[panel]\nunit = 'dyad-year'", "needs unit and years"),
        ("[panel]\nunit = 'dyad-year'\nyears = [1900, 1901]\nyaers = 1", "did you mean 'years'"),
        ("brought = 3", r"panel.toml: brought must be a table, \[brought\]"),
        ("data = 'nmc'", "data must be a table"),
        ("[panle]\nunit = 'dyad-year'", "did you mean 'panel'"),
        (
            "[panel]\nunit = 'dyad-year'\nyears = [1900, 1901]\n[[step]]\ndo = 'fly'",
            "expected add, lag or at_risk",
        ),
    ],
)
def test_a_broken_recipe_is_refused(tmp_path: Path, text: str, message: str):
    place = tmp_path / "panel.toml"
    place.write_text(text)
    with pytest.raises(InputError, match=message):
        read_recipe(place)


def test_a_recipe_that_is_not_there(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")


def states() -> Panel:
    return panel("state-year", years=(1998, 2001), states=[2, 955]).add("names", "capabilities")


def test_parquet_and_csv_hold_the_panel(tmp_path: Path):
    table = states().collect()
    back = pl.read_parquet(states().sink(tmp_path / "p.parquet"))
    assert_frame_equal(back, table, categorical_as_str=True, check_dtypes=False)
    text = pl.read_csv(states().sink(tmp_path / "p.csv"))
    assert text["cinc"].to_list() == pytest.approx(table["cinc"].to_list())
    assert list(tmp_path.iterdir()) != []
    assert [p.name for p in tmp_path.glob(".*")] == []


def test_stata_and_r_hold_the_panel(tmp_path: Path):
    import rdata

    table = states().collect()
    stata = pd.read_stata(states().sink(tmp_path / "p.dta"))
    assert stata["state_name"].tolist() == table["state_name"].cast(pl.String).to_list()
    assert stata["cinc"].tolist() == pytest.approx(table["cinc"].to_list(), nan_ok=True)
    r = rdata.read_rds(states().sink(tmp_path / "p.rds"))
    assert list(r.columns) == table.columns
    assert r["tpop"].tolist() == table["tpop"].to_list()


def test_what_cannot_be_written_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"written as .parquet, .csv, .dta, .rds"):
        states().sink(tmp_path / "p.xlsx")
    with pytest.raises(OutputError, match="cannot be written"):
        states().sink(tmp_path / "no folder" / "p.csv")


def test_pandas_holds_nulls_as_nan():
    frame = panel("state-year", years=(2022, 2023), states=[2], extend=True).add("capabilities")
    table = frame.to_pandas()
    assert table["cinc"].isna().tolist() == [False, True]
    assert table["ccode"].tolist() == [2, 2]


def test_an_option_that_is_not_given_has_no_place_in_a_recipe(tmp_path: Path):
    place = tmp_path / "panel.toml"
    pairs = panel("dyad-year", years=(1900, 1901), dyads=[(200, 365)]).add("alliances", "relevance")
    place.write_text(pairs.recipe(pairs.collect()))
    assert_frame_equal(read_recipe(place).collect(), pairs.collect())


def test_days_are_text_in_a_file_of_r(tmp_path: Path):
    place = panel("state-day", years=(1914, 1914), states=[2]).sink(tmp_path / "days.rds")
    days = rdata.read_rds(place)["date"]
    assert [days.iloc[0], days.iloc[-1]] == ["1914-01-01", "1914-12-31"]


def test_a_feature_of_which_nothing_is_kept_is_not_joined():
    made = panel("dyad-year", years=(1900, 1900), dyads=[(2, 200)])
    both = made.add("capabilities", "contiguity", only=("cinc1",))
    assert both.recipe() == made.add("capabilities", only=("cinc1",)).recipe()
