import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from detente.core import FormatError
from detente.sources.rfiles import r_date, read_r


def test_r_dates_are_days_since_1970() -> None:
    days = pl.DataFrame({"day": [0.0, -56248.0, None]})
    found = days.select(r_date("day"))["day"].to_list()
    assert found == [dt.date(1970, 1, 1), dt.date(1816, 1, 1), None]


@pytest.mark.data
def test_a_file_with_a_data_frame(mirror: str) -> None:
    from detente.sources import dataset
    from detente.sources.fetch import locate

    (path,) = locate(dataset("cow_majors")).values()
    frame = read_r(path)
    assert frame.height == 14
    assert frame["ccode"].dtype == pl.Float64


def test_a_file_that_is_no_r_file(tmp_path: Path) -> None:
    path = tmp_path / "x.rda"
    path.write_bytes(b"not R")
    with pytest.raises((FormatError, NotImplementedError, ValueError)):
        read_r(path)
