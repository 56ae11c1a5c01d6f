"""Features: the right rows, null outside coverage, and the rules of disputes and peace years."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from detente.core.errors import DataError, InputError, UnknownNameError
from detente.panels import UNITS, all_features, feature, panel
from detente.panels.tables import check_unique, table
from detente.panels.whittling import RULES, whittle
from detente.sources.rfiles import read_r

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _mirror(mirror: str) -> None:
    del mirror


FRAMES = {
    "state": ("state-year", {"states": [2, 200, 365, 710]}),
    "dyad": ("dyad-year", {"dyads": [(2, 200), (2, 365), (200, 365), (365, 710), (2, 710)]}),
    "leader": ("leader-year", {"states": [2, 200, 365, 710]}),
    "leader-dyad": ("leader-dyad-year", {"dyads": [(2, 200), (2, 365)]}),
}
# Peace years read the panel itself; the dispute of a row, and what the user brings, have tests of
# their own.
ELSEWHERE = ("peace_years", "dispute", "terrain", "creg")
FEATURES = [f.name for f in all_features() if f.name not in ELSEWHERE]


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_keeps_the_rows_and_is_null_outside_its_coverage(name: str):
    each = feature(name)
    actors = next(u.actors for u in UNITS.values() if each.applies_to(u) and not u.event)
    unit, which = FRAMES[actors]
    first, last = (1840, 2015) if "leader" in unit else (1816, 2030)
    years = (max(each.years[0] - 2, first), min(each.years[1] + 2, last))
    frame = panel(unit, years=years, extend=True, **which)
    plain, joined = frame.collect(), frame.add(name).collect()
    assert joined.select(plain.columns).equals(plain)
    names = each.names_in(frame.frame.unit)
    assert joined.columns == [*plain.columns, *names]
    outside = joined.filter(~pl.col("year").is_between(*each.years))
    for column in names:
        assert outside[column].null_count() == outside.height, column
    assert any(joined[column].null_count() < joined.height for column in names)


@pytest.mark.parametrize("name", FEATURES)
def test_a_missing_value_has_a_reason(name: str):
    each = feature(name)
    actors = next(u.actors for u in UNITS.values() if each.applies_to(u) and not u.event)
    unit, which = FRAMES[actors]
    first, last = (1840, 2015) if "leader" in unit else (1816, 2030)
    years = (max(min(each.years[1], last) - 1, first), min(each.years[1] + 1, last))
    frame = panel(unit, years=years, extend=True, **which).add(name)
    column = each.names_in(frame.frame.unit)[-1]
    told = frame.reasons(column)
    assert told.filter(pl.col(column).is_null())["reason"].null_count() == 0
    assert told.filter(pl.col(column).is_not_null())["reason"].drop_nulls().len() == 0


def test_rules_in_their_usual_order_choose_the_packages_disputes(mirror: str):
    place = Path(mirror) / "peacesciencer" / "gml_mid_ddydisps.rda"
    if not place.is_file():
        pytest.skip("needs a mirror with the package's own choice of disputes")
    theirs = read_r(place).select(pl.col("ccode1", "ccode2", "year", "dispnum").cast(pl.Int32))
    ours = whittle(table("gml_dyadic")).select(theirs.columns)
    assert ours.equals(theirs.sort("ccode1", "ccode2", "year"))


def test_disputes_of_true_opponents_leave_out_pairs_that_never_met():
    # Crossing the sides of a dispute of 1964 "finds" a war of the two.
    frame = panel("dyad-year", years=(1946, 2014), dyads=[(2, 365)]).add("cow_disputes").collect()
    assert frame["cowmidwarongoing"].sum() == 0
    assert frame["cowmidongoing"].sum() > 0


def test_a_row_of_a_dispute_knows_its_dispute():
    rows = panel("dispute-year", years=(1902, 1902), dyads=[(2, 200)]).add("dispute").collect()
    chosen = rows.filter(pl.col("dispnum") == 2).row(0, named=True)
    assert (chosen["gml_side_a1"], chosen["gml_side_a2"], chosen["gml_hostlev1"]) == (1, 0, 3)


def test_the_order_of_rules_decides():
    rows = pl.DataFrame(
        {
            "ccode1": 2,
            "ccode2": 20,
            "year": 1900,
            "dispnum": [1, 2, 3],
            "onset": [True, False, True],
            "fatality": [0, 6, None],
            "hostlev": [3, 5, 4],
            "mindur": [5, 400, 5],
            "maxdur": [9, 400, 8],
            "reciprocated": [False, True, False],
            "start_month": [2, 1, 3],
        }
    )

    def chosen(*rules: str) -> int:
        return whittle(rows, rules)["dispnum"].item()

    # Deaths that are not known count as more than none.
    assert chosen(*RULES) == 3
    assert chosen("onset", "duration") == 1
    assert chosen("fatality", "onset") == 2
    assert chosen("reciprocation") == 2
    assert chosen("onset", "start_month") == 1
    assert chosen("onset") == 1


def test_an_unknown_rule_is_named():
    frame = panel("dyad-year", years=(1900, 1900), dyads=[(2, 200)])
    with pytest.raises(UnknownNameError, match="did you mean 'fatality'"):
        frame.add("gml_dispute_details", rules=("fatalty",)).collect()


def test_peace_years_need_their_event():
    frame = panel("dyad-year", years=(1900, 1900), dyads=[(2, 200)]).add("peace_years")
    with pytest.raises(InputError, match="add the feature with this column before it"):
        frame.collect()


def test_peace_years_can_count_from_the_event():
    # Cuba and the United States: a dispute in 1902 would be followed by Cuba's absence, 1907-1908.
    frame = panel("dyad-year", years=(1902, 1912), dyads=[(2, 40)]).add("interstate_wars")
    peace = frame.add("peace_years", of="cowinterongoing").collect()
    assert peace["year"].to_list() == [*range(1902, 1907), *range(1909, 1913)]
    assert peace["cowinterspell"].to_list() == [0, 1, 2, 3, 4, 7, 8, 9, 10]


def test_a_table_with_a_row_twice_is_refused():
    rows = pl.DataFrame({"ccode": [2, 2, 20], "year": [1900, 1900, 1900]})
    with pytest.raises(DataError, match=r"'nmc' has 2 rows that share ccode, year.*ccode 2"):
        check_unique(rows, ("ccode", "year"), "nmc")


def test_codes_of_the_other_system_are_bridged_by_year():
    # Germany after 1990 is 255 to COW and 260 to Gleditsch and Ward.
    gw = panel("state-year", years=(1989, 1995), system="gw", states=[260]).add("capabilities")
    cow = panel("state-year", years=(1991, 1995), states=[255]).add("capabilities").collect()
    assert gw.collect().filter(pl.col("year") > 1990)["cinc"].to_list() == cow["cinc"].to_list()
