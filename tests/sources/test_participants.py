from pathlib import Path

import polars as pl
import pytest

from detente.sources import dataset, load

HEADER = (
    "dispnum,stabb,ccode,stday,stmon,styear,endday,endmon,endyear,sidea,revstate,revtype1,"
    "revtype2,fatality,fatalpre,hiact,hostlev,orig,version"
)


def test_midb_unknown_days_become_null(tmp_path: Path):
    release = dataset("mid5_part")
    path = tmp_path / "midb.csv"
    path.write_text(
        f'{HEADER}\n2,"UKG",200,-9,7,1902,24,1,1903,0,1,1,-9,-9,0,0,1,1,5\n'
        '2,"USA",2,3,7,1902,-9,1,1903,1,1,1,-9,0,0,7,3,0,5\n'
    )
    table = release.reader({release.files[0].path: path})
    assert table.columns == list(release.columns)
    assert table.select("ccode", "side", "start_day", "end_day", "orig", "fatality").rows() == [
        (2, "A", 3, None, False, 0),
        (200, "B", None, 24, True, None),
    ]


@pytest.mark.data
def test_midb(mirror: str):
    assert mirror
    table = load("mid5_part")
    assert table.height == 5883
    assert (table["start_day"].null_count(), table["end_day"].null_count()) == (596, 552)
    assert table["start_month"].is_between(1, 12).all()


@pytest.mark.data
def test_gml(mirror: str):
    assert mirror
    table = load("gml_part")
    assert table.columns == list(dataset("gml_part").columns)
    assert table.height == 5217
    assert (table["start_day"].null_count(), table["end_day"].null_count()) == (595, 440)
    assert set(table["hostlev"].unique()) <= {1, 2, 3, 4, 5}


@pytest.mark.data
def test_hostility_follows_the_action_as_in_midb(mirror: str):
    """The scale that gives GML its hostility is the one that MIDB's own codes follow."""
    assert mirror
    both = load("gml_part").join(
        load("mid5_part"), on=["dispnum", "ccode"], suffix="_mid", how="inner"
    )
    agree = (both["hostlev"] == both["hostlev_mid"]).mean()
    # The revision changed some actions; a shifted scale would leave a third or less in step.
    assert agree is not None
    assert agree > 0.8


@pytest.mark.data
def test_mie(mirror: str):
    assert mirror
    table = load("mie")
    assert table.columns == list(dataset("mie").columns)
    assert table.height == 28_011
    assert table["start_day"].null_count() == 1987
    # Battles of wars, and nothing else, are at the level of war.
    assert ((table["action"] == 22) == (table["hostlev"] == 5)).all()
    assert table.filter(pl.col("ccode1") == pl.col("ccode2")).height == 0
