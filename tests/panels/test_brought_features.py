"""Features made from files that the user brings: here from small files in the published forms."""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from detente import sources
from detente.core.errors import ChecksumError, UnavailableError
from detente.panels import UNITS, feature, panel, read_recipe
from detente.sources import fetch

from . import digests

pytestmark = pytest.mark.data

ORACLES = Path(__file__).resolve().parents[3] / "shared" / "oracles" / "panels"
D7 = "d7_stateyears_gw_civil"
STATES = [2, 200, 255, 260, 345, 365]
FEATURES = {"terrain": (1990, 2015), "creg": (1943, 2015)}
# Shares of 16 digits are squared in another order than R's.
NEAR = 1e-12


def rugged_file(folder: Path, *, usa: float = 1.1) -> Path:
    path = folder / "rugged_data.csv"
    rows = f"USA,{usa}\nGBR,0.9\nDEU,0.6\nSCG,2.1\nRUS,0.9\nYEM,2.3\n"
    path.write_text(f"isocode,rugged\n{rows}")
    return path


def mountain_file(folder: Path) -> Path:
    path = folder / "mountainous.dta"
    table = {"ccode": [2, 200, 255, 365, 679], "newlmtnest": [3.2, 2.0, 2.4, 2.7, 3.3]}
    pd.DataFrame(table).to_stata(path, write_index=False)
    return path


def group_file(folder: Path, name: str, shares: tuple[int, int]) -> Path:
    path = folder / name
    rows = [
        f"X,{code},{year},group {at},{share}"
        for code in (2, 200, 260, 365, 345)
        for year in range(1945, 2014)
        for at, share in enumerate(shares)
        if (code, year) != (200, 2000)
    ]
    path.write_text("\n".join(["Country,COWcode,Year,Group Name,Group Estimate", *rows]))
    return path


@pytest.fixture(scope="module")
def own_cache(mirror: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of its own into which all four files were imported."""
    del mirror
    folder = tmp_path_factory.mktemp("brought")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DETENTE_CACHE", str(folder / "cache"))
        sources.import_file("ruggedness", rugged_file(folder))
        sources.import_file("mountains", mountain_file(folder))
        even = group_file(folder, "EthnicGroupsLong_v1.02.csv", (50, 50))
        sources.import_file("creg_ethnic", even)
        one = group_file(folder, "ReligiousGroupsLong_v1.02.csv", (90, 10))
        sources.import_file("creg_religious", one)
        yield folder


@pytest.fixture
def bare_cache(mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache into which nothing was imported."""
    del mirror
    monkeypatch.setenv("DETENTE_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize(
    ("unit", "which"),
    [
        ("state-year", {"states": [2, 200, 255, 345, 365]}),
        ("state-year", {"states": [2, 200, 260, 345, 365], "system": "gw"}),
        ("dyad-year", {"dyads": [(2, 200), (2, 365)]}),
        ("leader-year", {"states": [2, 200, 365]}),
        ("leader-dyad-year", {"dyads": [(2, 365)]}),
    ],
)
def test_rows_stay_and_values_are_null_outside_coverage(name: str, unit: str, which) -> None:
    each, years = feature(name), FEATURES[name]
    frame = panel(unit, years=years, **which)
    plain, joined = frame.collect(), frame.add(name).collect()
    assert joined.select(plain.columns).equals(plain)
    names = each.names_in(UNITS[unit])
    assert joined.columns == [*plain.columns, *names]
    outside = joined.filter(~pl.col("year").is_between(*each.years))
    for column in names:
        assert outside[column].null_count() == outside.height, column
        assert joined[column].count() > 0, column
    assert {column[-1] for column in names} >= ({"1", "2"} if "dyad" in unit else set())


@pytest.mark.usefixtures("own_cache")
def test_terrain_is_that_of_the_states_of_today() -> None:
    gw = panel("state-year", years=(1980, 1991), system="gw", states=[260, 265, 345, 678, 680])
    found = gw.add("terrain").collect().select("gwcode", "rugged", "newlmtnest").unique()
    # The Federal Republic and the Yemen Arab Republic are the states of today to Gleditsch and
    # Ward; the German Democratic Republic and South Yemen have gone.
    assert found.sort("gwcode").rows() == [
        (260, 0.6, 2.4),
        (265, None, None),
        (345, 2.1, None),
        (678, 2.3, 3.3),
        (680, None, None),
    ]
    cow = panel("state-year", years=(1989, 1991), states=[255, 260, 679]).add("terrain").collect()
    assert cow.select("ccode", "rugged").unique().sort("ccode").rows() == [
        (255, 0.6),
        (260, None),
        (679, 2.3),
    ]


@pytest.mark.usefixtures("own_cache")
def test_groups_follow_the_codes_of_either_system() -> None:
    # 260 to Gleditsch and Ward throughout; to COW 260, and 255 from October 1990. The bridge takes
    # the Germany of 1990 for 260.
    gw = panel("state-year", years=(1989, 1992), system="gw", states=[260]).add("creg").collect()
    assert gw["ethfrac"].to_list() == [0.5] * 4
    cow = panel("state-year", years=(1989, 1992), states=[255, 260]).add("creg").collect()
    assert cow.select("ccode", "year").rows() == [
        (255, 1990),
        (255, 1991),
        (255, 1992),
        (260, 1989),
        (260, 1990),
    ]
    assert cow["ethfrac"].to_list() == [None, 0.5, 0.5, 0.5, 0.5]
    assert cow["ethpol"].to_list() == [None, 1.0, 1.0, 1.0, 1.0]
    assert cow["relfrac"].drop_nulls().to_list() == pytest.approx([0.18] * 4, abs=NEAR)


@pytest.mark.usefixtures("own_cache")
def test_a_null_has_its_reason() -> None:
    told = panel("state-year", years=(1999, 2014), states=[200]).add("creg").reasons("ethfrac")
    missing = dict(told.filter(pl.col("reason").is_not_null()).select("year", "reason").rows())
    assert missing == {
        2000: feature("creg").missing,
        2014: "outside the years of creg_ethnic, creg_religious: 1945-2013",
    }


@pytest.mark.usefixtures("own_cache")
def test_values_of_the_year_before() -> None:
    made = panel("state-year", years=(1945, 1946), states=[2]).add("creg").lag("ethfrac")
    assert made.collect()["ethfrac_lag1"].to_list() == [None, 0.5]


def test_the_error_names_file_page_and_command(bare_cache: Path) -> None:
    made = panel("state-year", years=(2000, 2000), states=[2]).add("terrain")
    message = r"rugged_data\.csv .*https://diegopuga\.org.*`detente data import ruggedness FILE`"
    with pytest.raises(UnavailableError, match=message):
        made.collect()
    with pytest.raises(UnavailableError, match=message):
        made.recipe()
    assert "nunnpuga2012r" in made.cite()


def test_columns_of_one_file_need_no_other(bare_cache: Path) -> None:
    sources.import_file("ruggedness", rugged_file(bare_cache))
    plain = panel("dyad-year", years=(2000, 2000), dyads=[(2, 365)])
    made = plain.add("terrain", only=("rugged1", "rugged2"))
    assert made.collect().row(0) == (2, 365, 2000, 1.1, 0.9)
    assert made.datasets == ("cow_states", "ruggedness")
    assert "giblermiller2014etts" not in made.cite()
    both = panel("state-year", years=(2000, 2000), states=[2]).add(
        "terrain", "creg", only=["rugged"]
    )
    assert both.collect().row(0) == (2, 2000, 1.1)
    assert both.datasets == ("cow_states", "ruggedness")
    with pytest.raises(UnavailableError, match="data import mountains FILE"):
        plain.add("terrain").collect()


def test_a_recipe_holds_to_the_file(bare_cache: Path) -> None:
    path = rugged_file(bare_cache)
    sources.import_file("ruggedness", path)
    made = panel("state-year", years=(2000, 2001), states=[2]).add("terrain", only=("rugged",))
    table, place = made.collect(), bare_cache / "panel.toml"
    place.write_text(made.recipe(table))
    assert f'[brought]\nruggedness = "{fetch.sha256(path)}"' in place.read_text()
    assert read_recipe(place).collect().equals(table)
    sources.import_file("ruggedness", rugged_file(bare_cache, usa=1.2))
    with pytest.raises(ChecksumError, match=r"another file for 'ruggedness' \(sha256 .*import tha"):
        read_recipe(place)
    assert made.collect()["rugged"].to_list() == [1.2, 1.2]


def test_a_recipe_in_another_cache_asks_for_its_file(bare_cache: Path, monkeypatch) -> None:
    path = rugged_file(bare_cache)
    sources.import_file("ruggedness", path)
    made = panel("state-year", years=(2000, 2001), states=[2]).add("terrain", only=("rugged",))
    table, place = made.collect(), bare_cache / "panel.toml"
    place.write_text(made.recipe(table))
    monkeypatch.setenv("DETENTE_CACHE", str(bare_cache / "other"))
    digest = fetch.sha256(path)[:16]
    with pytest.raises(UnavailableError, match=rf"sha256 {digest}.*none was imported.*rugged_data"):
        read_recipe(place)
    sources.import_file("ruggedness", path)
    assert read_recipe(place).collect().equals(table)


def test_columns_of_one_file_are_lagged_and_explained_without_the_other(bare_cache: Path) -> None:
    sources.import_file("creg_religious", group_file(bare_cache, "ReligiousGroups.csv", (90, 10)))
    made = panel("state-year", years=(2013, 2015), states=[2], system="gw")
    made = made.add("creg", only=("relfrac",)).lag("relfrac")
    assert made.collect()["relfrac_lag1"].to_list() == pytest.approx([0.18, 0.18, None], abs=NEAR)
    told = made.reasons("relfrac").filter(pl.col("reason").is_not_null())
    assert set(told["reason"]) == {"outside the years of creg_religious: 1945-2013"}


# What peacesciencer prints of these columns, for whoever has the files.

TERRAIN_FILES = {
    "ruggedness": ("rugged_data.csv", "rugged.rda"),
    "mountains": ("mountainous.dta", "rugged.rda"),
}
GROUP_FILES = {
    "creg_ethnic": ("EthnicGroupsLong_v1.02.csv", "creg.rda"),
    "creg_religious": ("ReligiousGroupsLong_v1.02.csv", "creg.rda"),
}
SERBIA, YUGOSLAVIA = 340, 345
GONE = (265, 315, 511, 680, 711, 817)
"""States without a successor of the same code: not among the countries of 2000."""
NEW = (341, 347, 626)
"""Montenegro, Kosovo and South Sudan, which became states later."""


def bring(names: dict[str, tuple[str, ...]], cache: Path) -> None:
    """Import the true files from the folder ``brought`` of the mirror, or skip."""
    del cache
    mirror = fetch.mirror_folder()
    for dataset, files in names.items():
        found = [
            mirror / "brought" / f for f in files if mirror and (mirror / "brought" / f).is_file()
        ]
        if not found:
            pytest.skip(f"needs one of {', '.join(files)} in the folder brought of the mirror")
        sources.import_file(dataset, found[0])


def printed() -> dict[str, dict[str, float]]:
    path = ORACLES / f"{D7}.json"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    return json.loads(path.read_text())["columns"]


def state_years(*names: str) -> pl.DataFrame:
    """Gleditsch-Ward state-years 1946-2019, with whether the state is a microstate."""
    made = panel("state-year", years=(1946, 2019), system="gw").add(*names).collect()
    small = sources.load("gw_states").select("gwcode", "microstate").unique()
    return made.join(small, on="gwcode", how="left", maintain_order="left")


def comparable(table: pl.DataFrame) -> pl.DataFrame:
    """The rows to which the package gives terrain: no microstate, none gone or new, no Serbia."""
    apart = (*GONE, *NEW, SERBIA, YUGOSLAVIA)
    return table.filter(~pl.col("microstate"), ~pl.col("gwcode").is_in(apart))


@pytest.mark.usefixtures("own_cache")
def test_the_rows_with_terrain_are_those_that_the_package_counts() -> None:
    known = printed()
    assert comparable(state_years()).height == known["rugged"]["n"] == known["newlmtnest"]["n"]


def test_terrain_is_what_the_package_prints(bare_cache: Path) -> None:
    known = printed()
    bring(TERRAIN_FILES, bare_cache)
    wanted = {
        "rows": known["rugged"]["n"],
        "columns": {n: known[n] for n in ("rugged", "newlmtnest")},
    }
    digests.agrees(comparable(state_years("terrain")), wanted, near=NEAR)


def test_groups_are_what_the_package_prints(bare_cache: Path) -> None:
    known = printed()
    bring(GROUP_FILES, bare_cache)
    names = ("ethfrac", "ethpol", "relfrac", "relpol")
    # There the code 340 becomes 345 in 1991 and 2006 alone: Yugoslavia lacks the years between,
    # and Serbia the year in which it begins.
    year, code = pl.col("year"), pl.col("gwcode")
    theirs = ~((code == YUGOSLAVIA) & year.is_between(1993, 2005))
    theirs &= ~((code == SERBIA) & (year == 2006))
    found = state_years("creg").with_columns(
        pl.when(theirs).then(pl.col(n)).alias(n) for n in names
    )
    wanted = {"rows": found.height, "columns": {name: known[name] for name in names}}
    digests.agrees(found, wanted, near=NEAR)
