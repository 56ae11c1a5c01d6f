"""Ethnic and religious groups: from files in the published forms to indices by state and year."""

from pathlib import Path

import pandas as pd
import polars as pl
import pytest
import rdata

from detente import sources
from detente.core import FormatError
from detente.sources.creg import indices

# Sums of a few shares.
NEAR = 1e-12


def groups(tmp_path: Path, rows: str, *, name: str = "EthnicGroupsLong_v1.02.csv") -> Path:
    path = tmp_path / name
    path.write_text("Country,COWcode,Year,Group Name,Group Estimate\n" + rows)
    return path


@pytest.mark.parametrize(
    ("shares", "fractionalised", "polarised"),
    [
        ((0.5, 0.5), 0.5, 1.0),
        ((1.0,), 0.0, 0.0),
        ((0.25,) * 4, 0.75, 0.75),
        # 1 - (.49 + .04 + .01); 1 - (.16 * .7 + .36 * .2 + .64 * .1)
        ((0.7, 0.2, 0.1), 0.46, 0.752),
        ((0.7, None), None, None),
    ],
)
def test_indices_by_hand(shares, fractionalised, polarised) -> None:
    table = pl.DataFrame(
        {"code": 2, "year": 1950, "share": list(shares)}, schema_overrides={"share": pl.Float64}
    )
    *keys, frac, pol = indices(table, "frac", "pol").row(0)
    assert keys == [2, 1950]
    assert (frac, pol) == pytest.approx((fractionalised, polarised), abs=NEAR)


def test_groups_that_stand_twice_count_once(cache: Path, tmp_path: Path) -> None:
    path = groups(tmp_path, "A,700,1951,x,50\nA,700,1951,y,50\nA,700,1951,y,50\n")
    assert sources.import_file("creg_ethnic", path).rows() == [(700, 1951, 0.5, 1.0)]


def test_names_are_told_apart_in_an_older_encoding(cache: Path, tmp_path: Path) -> None:
    path = groups(tmp_path, "")
    text = path.read_text() + "A,700,1951,Bété,50\nA,700,1951,Bètè,50\n"
    path.write_bytes(text.encode("latin-1"))
    assert sources.import_file("creg_ethnic", path).rows() == [(700, 1951, 0.5, 1.0)]


def test_groups_without_a_name_are_not_the_same(cache: Path, tmp_path: Path) -> None:
    path = groups(tmp_path, "A,700,1951,,50\nA,700,1951,NA,50\n")
    assert sources.import_file("creg_ethnic", path).rows() == [(700, 1951, 0.5, 1.0)]


def test_costa_ricas_others_are_counted_in_its_groups(cache: Path, tmp_path: Path) -> None:
    rows = "C,94,1990,Catholic,50\nC,94,1990,Protestant,50\nC,94,1990,Others,20\n"
    path = groups(tmp_path, rows, name="ReligiousGroupsLong_v1.02.csv")
    assert sources.import_file("creg_religious", path).rows() == [(94, 1990, 0.5, 1.0)]


def test_codes_become_those_of_gleditsch_and_ward(cache: Path, tmp_path: Path) -> None:
    even, one = (50, 50), (90, 10)
    countries = [
        (365, even, (1990, 1991)),
        (393, one, (1991, 1992)),
        (345, even, (1991,)),
        (340, one, (1991, 2005, 2006, 2007)),
    ]
    rows = [
        f"X,{code},{year},group {at},{share}"
        for code, shares, years in countries
        for year in years
        for at, share in enumerate(shares)
    ]
    found = sources.import_file("creg_ethnic", groups(tmp_path, "\n".join(rows)))
    fracs = {(code, year): round(frac, 2) for code, year, frac, _ in found.iter_rows()}
    # In the year of a break the older state counts; 340 is 345 until the two part.
    assert fracs == {
        (340, 2006): 0.18,
        (340, 2007): 0.18,
        (345, 1991): 0.5,
        (345, 2005): 0.18,
        (345, 2006): 0.18,
        (365, 1990): 0.5,
        (365, 1991): 0.5,
        (365, 1992): 0.18,
    }


def test_the_state_before_a_break_without_groups_takes_those_after(cache, tmp_path) -> None:
    path = groups(tmp_path, "X,365,1991,x,\nX,393,1991,x,90\nX,393,1991,y,10\n")
    ((code, year, frac, _),) = sources.import_file("creg_ethnic", path).rows()
    assert (code, year, frac) == (365, 1991, pytest.approx(0.18))


def test_the_indices_that_a_package_made_are_taken_as_they_are(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "creg.rda"
    table = {"creg_ccode": [2.0, 393.0], "year": [1950.0, 1995.0]}
    table |= {"ethfrac": [0.25, None], "ethpol": [0.5, None]}
    table |= {"relfrac": [0.75, 0.1], "relpol": [0.5, 0.2]}
    rdata.write_rda(path, {"creg": pd.DataFrame(table)})
    ethnic = [(2, 1950, 0.25, 0.5), (365, 1995, None, None)]
    assert sources.import_file("creg_ethnic", path).rows() == ethnic
    religious = [(2, 1950, 0.75, 0.5), (365, 1995, 0.1, 0.2)]
    assert sources.import_file("creg_religious", path).rows() == religious


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("A,2,1950,x,0.5\nA,2,1950,y,0.5\n", "no group has more than 1 percent"),
        ("A,2,1950,x,70\nA,2,1950,y,70\n", r"2 in 1950 sum to 140% \(1 such years\).*creg\.rda"),
        ("A,2,1950,x,50\nA,2,1950,y,50\nA,2,1951,x,50\nA,2,1951,y,\nA,2,1952,x,40\n", "1952 .*40%"),
        ("A,2,1950,x,101\n", "row 1 of its data: '101' is not a number from 0 to 100"),
        ("A,2,2020,x,50\n", "column year, row 1 of its data: '2020'"),
        ("A,,1950,x,50\n", "column cowcode, row 1 of its data: an empty cell is not a whole"),
    ],
)
def test_groups_that_are_no_shares(cache: Path, tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        sources.import_file("creg_ethnic", groups(tmp_path, rows))


def test_one_file_for_the_other_is_refused(cache: Path, tmp_path: Path) -> None:
    path = groups(tmp_path, "A,2,1950,x,50\nA,2,1950,y,50\n")
    with pytest.raises(FormatError, match="is called ethnic: give ReligiousGroupsLong"):
        sources.import_file("creg_religious", path)
