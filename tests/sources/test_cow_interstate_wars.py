import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from detente.sources import dataset, load

HEADER = (
    "WarNum,WarName,WarType,ccode,StateName,Side,StartMonth1,StartDay1,StartYear1,EndMonth1,"
    "EndDay1,EndYear1,StartMonth2,StartDay2,StartYear2,EndMonth2,EndDay2,EndYear2,TransFrom,"
    "WhereFought,Initiator,Outcome,TransTo,BatDeath,Version"
)
ONE = "9,Guerre d\xe9cisive,1,1,A,1,4,7,1823,11,13,1823,-8,-8,-8,-8,-8,-8,503,2,1,1,-8,-9,4"
TWO = "9,Guerre d\xe9cisive,1,2,B,2,4,7,1823,5,1,1823,7,2,1823,11,13,1823,503,2,2,2,-8,600,4"


def test_reads_bare_carriage_returns_latin1_and_second_spells(tmp_path: Path):
    wars = dataset("cow_interstate_wars")
    path = tmp_path / "wars.csv"
    path.write_bytes("\r".join([HEADER, ONE, TWO]).encode("latin-1"))
    table = wars.reader({wars.files[0].path: path})
    assert table.columns == list(wars.columns)
    assert table.select("ccode", "spell", "start", "stop").rows() == [
        (1, 1, dt.date(1823, 4, 7), dt.date(1823, 11, 14)),
        (2, 1, dt.date(1823, 4, 7), dt.date(1823, 5, 2)),
        (2, 2, dt.date(1823, 7, 2), dt.date(1823, 11, 14)),
    ]
    assert table["deaths"].to_list() == [None, 600, 600]
    assert table["initiator"].to_list() == [True, False, False]
    assert table["name"].unique().to_list() == ["Guerre d\xe9cisive"]


@pytest.mark.data
def test_the_release(mirror: str):
    assert mirror
    table = load("cow_interstate_wars")
    assert table.columns == list(dataset("cow_interstate_wars").columns)
    assert table["warnum"].n_unique() == 95
    assert table.filter(pl.col("spell") == 1).height == 337
    assert (table["start"] < table["stop"]).all()
    russia = table.filter((pl.col("warnum") == 85) & (pl.col("ccode") == 365)).row(0, named=True)
    assert (russia["start"], russia["stop"]) == (dt.date(1904, 2, 8), dt.date(1905, 9, 16))
