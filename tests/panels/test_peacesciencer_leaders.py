"""Against the functions of peacesciencer beyond the panels it printed: leaders.

Where a fault there makes a value wrong, a test of its own shows the right one.
"""

import datetime as dt

import polars as pl
import pytest

from detente import sources
from detente.panels import UNITS, Frame, panel
from detente.panels.people import leader_days
from detente.panels.ranges import overlaps
from detente.panels.systems import last_day
from detente.panels.tables import table as dataset

from .digests import INITIATORS, made_by

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _mirror(mirror: str) -> None:
    del mirror


FLAGS = ("gmlmidonset", "gmlmidongoing", "gmlmidonset_init", "gmlmidongoing_init")
# United in 1990: new states to COW.
UNITED = (pl.col("obsid") == "GFR-1982") & (pl.col("ccode") == 255) & (pl.col("year") == 1990)
NORTH_YEMEN = (pl.col("obsid") == "YEM-1978") & (pl.col("ccode") == 678)


def test_leader_years_of_the_cow_system():
    table = panel("leader-year", years=(1840, 2015)).add("leaders").collect()
    both = UNITED | (NORTH_YEMEN & (pl.col("year") == 1990))
    assert table.filter(both).height == 2
    made_by("create_leaderyears(standardize = 'cow')", table.filter(~both))


def test_leader_days_of_the_cow_system():
    table = panel("leader-day", years=(1840, 2015)).add("leaders").collect()
    left_out = NORTH_YEMEN & (pl.col("date") >= dt.date(1990, 1, 1))
    last = table.filter(left_out)["date"]
    assert (last.len(), last.max()) == (141, dt.date(1990, 5, 21))
    made_by("create_leaderdays(standardize = 'cow')", table.filter(~left_out))


def test_leader_days_of_the_gleditsch_ward_system():
    table = panel("leader-day", years=(1840, 2015), system="gw").add("leaders").collect()
    made_by("create_leaderdays(standardize = 'gw')", table)


def test_leaders_experience():
    table = panel("leader-year", years=(1840, 2015)).add("lead", "lwuf").collect()
    both = UNITED | (NORTH_YEMEN & (pl.col("year") == 1990))
    call = "create_leaderyears(standardize = 'cow') %>% add_lead() %>% add_lwuf()"
    made_by(call, table.filter(~both))


def test_leaders_of_united_states_change_states_on_the_day():
    days = panel("leader-day", years=(1990, 1990), states=[255, 260, 678, 679]).collect()
    spans = days.group_by("obsid", "ccode").agg(
        pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
    )
    assert spans.sort("ccode").rows() == [
        ("GFR-1982", 255, dt.date(1990, 10, 3), dt.date(1990, 12, 31)),
        ("GFR-1982", 260, dt.date(1990, 1, 1), dt.date(1990, 10, 2)),
        ("YEM-1978", 678, dt.date(1990, 1, 1), dt.date(1990, 5, 21)),
        ("YEM-1978", 679, dt.date(1990, 5, 22), dt.date(1990, 12, 31)),
    ]


@pytest.mark.parametrize("initiators", INITIATORS)
def test_disputes_of_leaders(initiators: str):
    table = (
        panel("leader-year", years=(1840, 2015))
        .add("gml_disputes", initiators=initiators)
        .collect()
    )
    twice = UNITED | (NORTH_YEMEN & (pl.col("year") == 1990))
    # They leave out disputes whose leaders the file does not name, though one of them is known.
    unnamed = pl.col("obsid").is_in(["BRA-1840", "AUH-1848"]) & (pl.col("year") <= 1848)
    dropped = table.filter(unnamed, pl.col("gmlmidongoing") == 1).filter(
        (pl.col("obsid") == "AUH-1848") | (pl.col("year") <= 1842)
    )
    assert dropped.select("obsid", "year").rows() == [
        ("AUH-1848", 1848),
        *(("BRA-1840", year) for year in (1840, 1841, 1842)),
    ]
    theirs = table.filter(~twice).join(dropped, on=["obsid", "ccode", "year"], how="anti")
    zeros = dropped.with_columns(pl.lit(0, pl.Int32).alias(name) for name in FLAGS)
    call = (
        "create_leaderyears(standardize = 'cow') %>% "
        f"add_gml_mids(init = 'sidea-{INITIATORS[initiators]}')"
    )
    made_by(call, pl.concat([theirs, zeros]))


def test_a_dispute_is_of_the_leaders_in_office_on_its_days():
    # The dispute of 1961 over Berlin begins after Eisenhower has left.
    table = panel("leader-year", years=(1961, 1961), states=[2, 365]).add("gml_disputes").collect()
    found = dict(table.select("obsid", "gmlmidongoing").rows())
    assert found["USA-1961"] == found["RUS-1953-2"] == 1
    state = panel("state-year", years=(1961, 1961), states=[2]).add("gml_disputes").collect()
    assert state["gmlmidongoing"].item() == 1


def test_disputes_of_leaders_in_the_other_system():
    cow = panel("leader-year", years=(1900, 2010)).add("gml_disputes").collect()
    gw = panel("leader-year", years=(1900, 2010), system="gw").add("gml_disputes").collect()
    one = cow.group_by("obsid", "year").agg(pl.col(FLAGS).max())
    both = gw.join(one, on=["obsid", "year"], suffix="_cow")
    for name in FLAGS:
        assert both[name].equals(both[f"{name}_cow"], check_names=False, null_equal=True)
    alone = gw.join(one, on=["obsid", "year"], how="anti")
    assert alone.height > 0
    assert alone["gmlmidongoing"].null_count() == alone.height


@pytest.fixture(scope="module")
def pairs_of_leaders(mirror: str) -> pl.DataFrame:
    del mirror
    frame = panel("leader-dyad-year", years=(1870, 2010), directed=True)
    return frame.add("gml_disputes", "gml_dispute_details").collect()


KEYS = ["obsid1", "obsid2", "ccode1", "ccode2", "year"]


def test_the_dispute_of_a_pair_of_leaders_is_the_one_the_source_keeps(
    pairs_of_leaders: pl.DataFrame,
):
    kept = sources.load("gml_leader_dyad_years").drop_nulls(["obsid1", "obsid2"])
    both = kept.join(pairs_of_leaders, on=KEYS)
    # Twenty of theirs are of leaders before 1870.
    assert (kept.height, both.height) == (10_044, 10_024)
    assert (both["dispnum"] == both["gml_dispnum"]).all()
    assert (both["onset"].cast(pl.Int32) == both["gmlmidonset"]).all()
    assert (both["onset"].cast(pl.Int32) == both["gml_onset"]).all()


def test_no_dispute_of_a_pair_of_leaders_is_lost(pairs_of_leaders: pl.DataFrame):
    found = pairs_of_leaders.filter(pl.col("gmlmidongoing") == 1)
    kept = sources.load("gml_leader_dyad_years")
    lost = found.join(kept, on=KEYS, how="anti")
    assert lost.height == 62
    # Gladstone and Casimir-Perier in 1893, over one dispute (number 2300).
    one = lost.filter(pl.col("obsid1") == "UKG-1892", pl.col("ccode2") == 220)
    assert one.select("obsid2", "year", "gml_dispnum").rows() == [("FRN-1893-2", 1893, 2300)]
    assert found["gml_dispnum"].null_count() == 0


def test_disputes_of_pairs_of_leaders_are_those_of_their_days():
    # The table of the source, made again from participants and from leaders' days in office.
    everyone = Frame(UNITS["leader-day"], (1840, 2015))
    part = dataset("gml_leader_part").select(
        *("dispnum", "ccode", "side_a", pl.col("start").alias("began")),
        *(pl.col("start").alias("first"), last_day("stop").alias("last")),
    )
    own = overlaps(part, leader_days(everyone, dataset), ("ccode",))
    sides = [
        own.rename({name: f"{name}{side}" for name in ("ccode", "side_a", "began", "obsid")})
        for side in (1, 2)
    ]
    opposed = overlaps(*sides, ("dispnum",)).filter(
        pl.col("ccode1") != pl.col("ccode2"), pl.col("side_a1") != pl.col("side_a2")
    )
    first, last = (pl.col(name).dt.year() for name in ("first", "last"))
    opens = pl.any_horizontal(pl.col(f"began{side}") == pl.col("first") for side in (1, 2))
    years = opposed.with_columns(
        pl.int_ranges(first, last + 1, dtype=pl.Int32).alias("year")
    ).explode("year")
    keys = ["dispnum", *KEYS]
    made = years.group_by(keys).agg((opens & (pl.col("year") == first)).any().alias("onset"))
    theirs = dataset("gml_leader_dyads").drop_nulls(["obsid1", "obsid2"])
    assert made.sort(keys).equals(theirs.select(*keys, "onset").sort(keys))


def test_who_began_the_dispute_of_a_pair_of_leaders(pairs_of_leaders: pl.DataFrame):
    # In every dispute of the pair a state is on side A or came later, or the other is.
    found = pairs_of_leaders.filter(pl.col("gmlmidongoing") == 1)
    turned = found.rename(
        {f"{n}{a}": f"{n}{b}" for n in ("obsid", "ccode") for a, b in (("1", "2"), ("2", "1"))}
    )
    both = found.join(turned, on=KEYS, suffix="_turned")
    assert both.height == found.height
    for name in FLAGS[2:]:
        assert (both[f"{name}1"] == both[f"{name}2_turned"]).all()
