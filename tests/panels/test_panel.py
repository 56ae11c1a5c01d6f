"""The interface of panels: rows, features, lags, coverage, reasons, and what is refused."""

import datetime as dt

import polars as pl
import pytest

from detente.core.errors import InputError, OutputError
from detente.panels import all_features, panel

pytestmark = pytest.mark.data


@pytest.fixture(autouse=True)
def _mirror(mirror: str) -> None:
    del mirror


def test_a_panel_is_a_value_and_lazy():
    plain = panel("state-year", years=(1900, 1910))
    added = plain.add("capabilities")
    assert plain.columns == ("ccode", "year")
    assert added.columns[:3] == ("ccode", "year", "milex")
    assert added == plain.add("capabilities")


def test_rows_are_there_where_the_states_are_members_on_a_day():
    # Cuba leaves on 1906-09-25 and comes back on 1909-01-23 (COW).
    years = panel("state-year", years=(1905, 1910), states=[40]).collect()
    months = panel("state-month", years=(1906, 1909), states=[40]).collect()
    assert years["year"].to_list() == [1905, 1906, 1909, 1910]
    assert months.height == 9 + 12
    assert panel("state-day", years=(1906, 1906), states=[40]).collect().height == 268


def test_directed_dyads_hold_both_orders():
    one = panel("dyad-year", years=(1900, 1901)).collect()
    two = panel("dyad-year", years=(1900, 1901), directed=True).collect()
    assert two.height == 2 * one.height
    assert two.equals(two.sort("ccode1", "ccode2", "year"))


def test_a_pair_needs_a_shared_day_not_a_shared_year():
    # The Netherlands come back on 1945-06-25; Germany (255) ends on 1945-05-08.
    years = panel("dyad-year", years=(1945, 1945)).collect()
    pair = (pl.col("ccode1") == 210) & (pl.col("ccode2") == 255)
    assert years.filter(pair).height == 0


def test_a_lag_is_of_the_calendar_and_needs_no_earlier_row():
    lagged = (
        panel("dyad-year", years=(1914, 1915), dyads=[(2, 200)]).add("capabilities").lag("cinc1")
    )
    table = lagged.collect()
    earlier = panel("state-year", years=(1913, 1914), states=[2]).add("capabilities").collect()
    assert lagged.columns[-1] == "cinc1_lag1"
    assert table["cinc1_lag1"].to_list() == earlier["cinc"].to_list()


def test_outside_its_coverage_a_value_is_null_with_a_reason():
    later = panel("state-year", years=(2022, 2024), states=[2], extend=True).add("capabilities")
    reasons = later.reasons("cinc")
    assert reasons["cinc"].is_null().to_list() == [False, True, True]
    assert reasons["reason"].to_list() == [None, *["outside the years of nmc: 1816-2022"] * 2]
    row = later.coverage().row(by_predicate=pl.col("column") == "cinc", named=True)
    assert (row["first"], row["last"], row["last_seen"]) == (1816, 2022, 2022)
    assert row["missing"] == pytest.approx(2 / 3)


def test_a_score_kept_under_another_number_is_not_called_uncovered():
    soviet = panel("state-year", years=(1949, 1950), states=["RUS"]).add("democracy", "polity5")
    found = soviet.reasons("polity2")
    assert found["polity2"].to_list() == [None, None]
    assert all("feature polity5 has those" in reason for reason in found["reason"])
    assert soviet.collect()["polity5"].null_count() == 0


def test_filling_is_asked_for():
    filled = panel("state-year", years=(2023, 2023), states=[2], extend=True)
    assert filled.add("capabilities", fill={"cinc": 0.0}).collect()["cinc"].to_list() == [0.0]
    assert filled.add("capabilities", fill=0).collect().null_count().sum_horizontal().item() == 0


def test_citations_are_those_of_what_went_in():
    plain = panel("state-year", years=(1900, 1910))
    assert [entry.key for entry in plain.citations()] == ["cowstates2016"]
    assert "singer1987rcwd" in plain.add("capabilities").cite()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: panel("state-yaer", years=(1900, 1901)), "unknown unit 'state-yaer'.*state-year"),
        (lambda: panel("state-year", years=(1901, 1900)), "give the first and the last year"),
        (lambda: panel("state-year", years=(1815, 1900)), "recorded from 1816"),
        (lambda: panel("state-year", years=(1900, 2020)), "ends with 2016.*extend=True"),
        (
            lambda: panel("leader-year", years=(1816, 1900)),
            "leaders of a leader-year.*1840 to 2015",
        ),
        (lambda: panel("dispute-year", years=(1900, 2014)), "disputes of .*from 1816 to 2010"),
        (
            lambda: panel("crisis-year", years=(1918, 1920), system="gw"),
            "have the codes of the COW system",
        ),
        (
            lambda: panel("dyad-year", years=(1900, 1901)).add("leaders"),
            "'leaders' does not apply to dyad-year: it applies to leader-day",
        ),
        (lambda: panel("state-year", years=[1990, 1991, 1992]), "give the first and the last year"),
        (lambda: panel("state-year", years=1990), "give the first and the last year"),
        (lambda: panel("state-year", years=("1990", "1991")), "give the first and the last year"),
        (lambda: panel("state-year", years=range(1990, 2000, 2)), "must hold every year"),
        (lambda: panel("state-year", years=range(1990, 1990)), "must hold every year"),
        (lambda: panel("state-year", years=(1900, 1901), states=["Rusia"]), "mean 'Russia'"),
        (lambda: panel("state-year", years=(1900, 1901), states="USA"), r"give a list, as in"),
        (lambda: panel("state-year", years=(1900, 1901), states=[2.5]), "state 2.5: give its cow"),
        (
            lambda: panel("state-year", years=(1900, 1901), system="gw", states=["USA"]),
            "state 'USA': give its gw code, a whole number$",
        ),
        (lambda: panel("dyad-year", years=(1900, 1901), dyads=[(2, 20, 200)]), "name two states"),
        (lambda: panel("dyad-year", years=(1900, 1901), dyads=[("USA", "Rusia")]), "mean 'Russia'"),
        (lambda: panel("state-year", years=(1900, 1901), system="un"), "unknown state system"),
        (lambda: panel("state-year", years=(1900, 1901), dyads="relevant"), "needs a panel of"),
        (lambda: panel("dyad-year", years=(1900, 1901), dyads="relvant"), "mean 'relevant'"),
        (lambda: panel("dyad-year", years=(1900, 1901), dyads=[(2, 2)]), "with itself"),
        (lambda: panel("state-year", years=(1900, 1901)).add("capabilites"), "capabilities"),
        (lambda: panel("state-year", years=(1900, 1901)).add("capabilities", x=1), "no option"),
        (lambda: panel("state-year", years=(1900, 1901)).lag("year"), "unknown column"),
    ],
)
def test_bad_input_is_refused(call, message: str):
    with pytest.raises(InputError, match=message):
        call()


def test_a_feature_is_added_once():
    twice = panel("state-year", years=(1900, 1901)).add("capabilities")
    with pytest.raises(InputError, match="already there"):
        twice.add("capabilities")


def test_unknown_states_are_named():
    with pytest.raises(InputError, match=r"\[3\] are not in the cow"):
        panel("state-year", years=(1900, 1901), states=[2, 3]).collect()


@pytest.mark.parametrize("feature", all_features(), ids=lambda f: f.name)
def test_every_feature_says_what_it_is(feature):
    assert feature.title
    assert feature.missing
    assert feature.states
    assert feature.years[0] <= feature.years[1]
    assert feature.columns
    assert feature.cite() or not feature.datasets
    names = [column.name for column in feature.columns]
    assert len(set(names)) == len(names)


def test_a_stream_of_batches_holds_the_panel(monkeypatch: pytest.MonkeyPatch):
    from detente.panels import rows

    monkeypatch.setattr(rows, "_BATCH", 500)
    frame = panel("dyad-month", years=(1900, 1902), dyads="relevant").add("contiguity", "majors")
    assert frame.lazy().collect(engine="streaming").equals(frame.collect())
    assert frame.lazy().head(700).collect().equals(frame.collect().head(700))
    some = frame.lazy().filter(pl.col("ccode1") == 2).select("ccode2", "month").collect()
    assert some.equals(frame.collect().filter(pl.col("ccode1") == 2).select("ccode2", "month"))


def test_two_rows_of_a_source_for_one_row_of_the_panel_are_refused(monkeypatch):
    from detente.core.errors import DataError
    from detente.panels import tables

    twice = tables.table("nmc").head(3).vstack(tables.table("nmc").head(1))
    plain = tables.table
    monkeypatch.setattr(tables, "table", lambda name: twice if name == "nmc" else plain(name))
    with pytest.raises(DataError, match="share ccode, year, the first at ccode 2, year 1816"):
        panel("state-year", years=(1816, 1816)).add("capabilities").collect()


def test_leaders_of_states_outside_the_system_can_be_kept():
    kept = {"years": (1840, 2015), "system": "gw"}
    inside = panel("leader-year", **kept).collect()
    every = panel("leader-year", **kept, members_only=False).collect()
    assert inside.join(every, on=["obsid", "gwcode", "year"], how="anti").height == 0
    assert every.height > inside.height


def test_pairs_of_leaders_were_in_office_on_a_shared_day():
    # Kennedy and Khrushchev; Johnson takes office on 1963-11-22.
    rows = panel("leader-dyad-year", years=(1961, 1964), dyads=[(2, 365)]).add("leaders").collect()
    pairs = rows.select("leader1", "leader2", "year").rows()
    assert ("Kennedy", "Khrushchev", 1961) in pairs
    assert ("Johnson", "Khrushchev", 1963) in pairs
    # Brezhnev follows on 1964-10-14, when Kennedy is dead.
    assert ("Kennedy", "Brezhnev", 1964) not in pairs
    assert rows.height == len(set(pairs))


def test_lags_of_months_and_days_are_of_the_calendar():
    months = panel("state-month", years=(1914, 1915), states=[2]).add("majors", "capabilities")
    table = months.lag("cinc", years=2).collect()
    wanted = panel("state-year", years=(1912, 1913), states=[2]).add("capabilities").collect()
    assert table["cinc_lag2"].unique(maintain_order=True).to_list() == wanted["cinc"].to_list()
    days = panel("state-day", years=(1899, 1900), states=[2]).add("majors").lag("cowmaj").collect()
    # The United States are a major power from 1898-08-13.
    ago = days.filter(pl.col("date").is_in([dt.date(1899, 8, 12), dt.date(1899, 8, 13)]))
    assert ago["cowmaj"].to_list() == [1, 1]
    assert ago["cowmaj_lag1"].to_list() == [0, 1]
    assert days.columns == ["ccode", "date", "cowmaj", "cowmaj_lag1"]
    assert days["date"].is_sorted()


def test_a_leap_day_is_lagged_to_the_day_before_march():
    frame = panel("state-day", years=(1904, 1904), states=[2]).add("majors").lag("cowmaj")
    leap = frame.collect().filter(pl.col("date") == dt.date(1904, 2, 29))
    assert leap["cowmaj_lag1"].to_list() == [1]


def test_what_is_counted_from_the_rows_is_lagged_by_row():
    frame = panel("dyad-year", years=(1902, 1912), dyads=[(2, 40)]).add("interstate_wars")
    lagged = frame.add("peace_years", of="cowinterongoing").lag("cowinterspell").collect()
    # Cuba is no member in 1907 and 1908.
    assert lagged["cowinterspell_lag1"].to_list() == [None, 0, 1, 2, 3, None, 7, 8, 9]


def test_rows_at_risk_leave_out_years_in_which_an_event_goes_on():
    frame = panel("dyad-year", years=(1939, 1946), dyads=[(200, 255)]).add("interstate_wars")
    kept = frame.at_risk().collect()
    assert frame.collect().height > kept.height
    assert kept.filter(pl.col("cowinterongoing") == 1)["year"].to_list() == [1939]
    two = frame.add("gml_disputes")
    with pytest.raises(InputError, match="name the onset column"):
        two.at_risk()
    assert two.at_risk("cowinteronset").collect().height == kept.height


def test_an_arrow_table_needs_its_library():
    frame = panel("state-year", years=(1900, 1900), states=[2])
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError:
        with pytest.raises(InputError, match="pip install pyarrow"):
            frame.to_arrow()
    else:
        assert frame.to_arrow().num_rows == 1


def test_subsets_of_pairs():
    years = {"years": (1950, 1950)}
    every = panel("dyad-year", **years).add("contiguity", "majors", "relevance", "rivalries")
    table = every.collect()
    chosen = {
        "contiguous": pl.col("conttype") > 0,
        "majors": pl.max_horizontal("cowmaj1", "cowmaj2") == 1,
        "relevant": pl.col("prd") == 1,
        "rivals": pl.col("ongoingrivalry") == 1,
    }
    for name, rule in chosen.items():
        keys = table.filter(rule).select("ccode1", "ccode2", "year")
        assert panel("dyad-year", **years, dyads=name).collect().equals(keys), name


def test_states_are_named_too():
    named = panel("state-year", years=(1950, 1951), states=["USA", "365", "China", 200])
    assert named == panel("state-year", years=range(1950, 1952), states=[2, 365, 710, 200])


@pytest.mark.parametrize("ending", ["parquet", "csv", "dta", "rds"])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, ending):
    (tmp_path / "file").write_text("")
    small = panel("state-year", years=(1950, 1950), states=[2])
    for place in (tmp_path / "file" / f"x.{ending}", tmp_path / "none" / f"x.{ending}"):
        with pytest.raises(OutputError, match=r"cannot be written: (Not a directory|No such file)"):
            small.sink(place)


def test_pairs_are_named_by_states_too():
    one = panel("dyad-year", years=(1950, 1950), dyads=["USA-RUS", ("CHN", 2)])
    assert one.collect().rows() == [(2, 365, 1950), (2, 710, 1950)]
    with pytest.raises(InputError, match="2-817 is on no day of 1816-1816"):
        panel("dyad-year", years=(1816, 1816), dyads=[(2, 817)]).collect()
