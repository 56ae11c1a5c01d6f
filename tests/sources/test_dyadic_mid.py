from pathlib import Path

import polars as pl
import pytest

from detente.sources import dataset, load

BASE = {
    "disno": 5,
    "dyindex": 5.001,
    "statea": 2,
    "stateb": 200,
    "strtday": 1,
    "strtmnth": 7,
    "strtyr": 1902,
    "endday": 24,
    "endmnth": 1,
    "endyear": 1903,
    "outcome": 0,
    "settlmnt": 0,
    "highact": 7,
    "hihost": 3,
    "hihosta": 3,
    "hihostb": 1,
    "orignata": 1,
    "orignatb": 0,
    "rolea": 1,
    "roleb": 4,
    "war": 0,
    "year": 1902,
    "ongo2014": 0,
}


def read(path: Path, rows: list[dict]) -> pl.DataFrame:
    release = dataset("dyadic_mid")
    pl.DataFrame(rows).write_csv(path)
    table = release.reader({release.files[0].path: path})
    assert table.columns == list(release.columns)
    return table


def test_years_and_directions_collapse(tmp_path: Path):
    second = BASE | {"year": 1903, "settlmnt": 1, "outcome": 6, "war": 1, "hihost": 5}
    mirrored = [row | {"statea": 200, "stateb": 2} for row in (BASE, second)]
    # A repeated year after the end of the dispute is a fault of the release.
    beyond = second | {"year": 1904, "settlmnt": 3}
    table = read(tmp_path / "d.csv", [BASE, second, *mirrored, beyond])
    assert table.height == 1
    row = table.row(0, named=True)
    assert (row["ccode1"], row["ccode2"], row["part"]) == (2, 200, 1)
    assert (row["settlement"], row["outcome"]) == (1, 6)
    assert (row["war"], row["war_first_year"], row["war_last_year"]) == (True, 1903, 1903)
    assert row["hihost"] == 5
    assert (row["orig1"], row["orig2"]) == (True, False)


def test_parts_are_kept_and_no_settlement_is_null(tmp_path: Path):
    later = BASE | {"dyindex": 5.002, "strtyr": 1905, "endyear": 1905, "year": 1905}
    table = read(tmp_path / "d.csv", [later, BASE])
    assert table.select("part", "start_year").rows() == [(1, 1902), (2, 1905)]
    assert table["settlement"].to_list() == [None, None]
    assert table["war_first_year"].to_list() == [None, None]


@pytest.mark.data
def test_the_release(mirror: str):
    assert mirror
    table = load("dyadic_mid")
    assert (table["ccode1"] < table["ccode2"]).all()
    assert table.select("dispnum", "ccode1", "ccode2", "part").is_duplicated().sum() == 0
    assert table.select("dispnum", "ccode1", "ccode2").n_unique() == 3511
    assert set(table["settlement"].drop_nulls().unique()) == {1, 2, 3, 4}
    assert (table["war"] == table["war_first_year"].is_not_null()).all()
    # The false war of 1964: the United States and the Soviet Union in the Congo and Vietnam.
    cold = table.filter((pl.col("ccode1") == 2) & (pl.col("ccode2") == 365))
    assert cold.height > 50
    assert not cold["war"].any()
