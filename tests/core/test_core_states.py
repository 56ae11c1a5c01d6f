import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente import core, sources
from detente.core import (
    Dyad,
    InputError,
    UnknownNameError,
    abb,
    in_other_years,
    is_member_year,
    state,
    states,
)

CODES = [member.ccode for member in states()]


def test_the_table_is_whole() -> None:
    assert len(CODES) == 217
    assert sorted(CODES) == CODES
    assert len({member.abb for member in states()}) == 217
    coded = [member.iso3 for member in states() if member.iso3]
    assert len(coded) == len(set(coded))
    assert all(len(iso3) == 3 and iso3.isupper() for iso3 in coded)


@pytest.mark.parametrize(
    ("key", "ccode"),
    [
        (2, 2),
        ("365", 365),
        ("usa", 2),
        ("GMY", 255),
        ("DEU", 255),
        ("UKG", 200),
        ("GBR", 200),
        ("FRA", 220),
        ("POL", 290),
        ("Russia", 365),
        ("soviet union", 365),
        ("West Germany", 260),
        (" Ukraine ", 369),
        ("SRB", 345),
        ("Korea", 730),
    ],
)
def test_a_state_by_code_abbreviation_iso_or_name(key: int | str, ccode: int) -> None:
    assert state(key).ccode == ccode


@pytest.mark.parametrize("key", ["AUS", "SWZ", "MNG", "SLV", "KOR", "CZE"])
def test_codes_that_cow_and_iso_read_otherwise_are_refused(key: str) -> None:
    with pytest.raises(InputError, match="give the COW code or the name"):
        state(key)


def test_unknown_states_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'Russia'"):
        state("Rusia")
    with pytest.raises(UnknownNameError, match="unknown state code '999'"):
        state(999)
    with pytest.raises(UnknownNameError, match="and 187 more"):
        state("@@@@")


def test_abb() -> None:
    assert (abb(255), abb(200), abb(2)) == ("GMY", "UKG", "USA")


@pytest.mark.parametrize(
    ("ccode", "year", "member"),
    [
        (255, 1945, True),
        (255, 1946, False),
        (255, 1990, True),
        (255, 2025, True),
        (260, 1989, True),
        (260, 1991, False),
        (365, 1816, True),
        (369, 1990, False),
        (369, 1991, True),
        (2, 1815, False),
        (999, 2000, False),
    ],
)
def test_membership_years(ccode: int, year: int, member: bool) -> None:
    assert is_member_year(ccode, year) is member


@pytest.mark.data
def test_membership_years_are_those_of_the_release(mirror: str) -> None:
    release = sources.load("cow_states").select(
        "ccode",
        first=pl.col("start").dt.year(),
        last=pl.when(~pl.col("censored")).then(pl.col("stop").dt.offset_by("-1d").dt.year()),
    )
    ours = [(s.ccode, first, last) for s in states() for first, last in s.spells]
    assert ours == release.rows()
    names = sources.load("cow_states").select("ccode", "stateabb", "name").unique().sort("ccode")
    assert [(s.ccode, s.abb, s.name) for s in states()] == names.rows()


def test_dyads_are_unordered() -> None:
    assert Dyad.of("RUS", "USA") == Dyad.of(2, 365) == Dyad.parse("RUS-USA") == Dyad(2, 365)
    assert str(Dyad.parse("DEU-FRA")) == "FRN-GMY"
    assert Dyad.parse("Guinea-Bissau-SEN") == Dyad(404, 433)
    assert sorted([Dyad(200, 365), Dyad(2, 365)])[0] == Dyad(2, 365)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("USA", "two states joined by a hyphen"),
        ("USA-", "two states joined by a hyphen"),
        ("USA-USA", "itself"),
        ("USA-Rusia", "did you mean 'Russia'"),
        ("USA-AUS", "give the COW code"),
    ],
)
def test_a_bad_dyad_says_why(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Dyad.parse(text)


def test_a_dyad_refuses_the_wrong_order_and_unknown_codes() -> None:
    with pytest.raises(InputError, match="must differ and ascend"):
        Dyad(365, 2)
    with pytest.raises(UnknownNameError, match="state code"):
        Dyad(2, 3)


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_every_dyad_reads_back_from_its_codes(one: int, other: int) -> None:
    if one != other:
        dyad = Dyad.of(one, other)
        assert Dyad.parse(f"{dyad.ccode2}-{dyad.ccode1}") == dyad


def test_surface() -> None:
    for name in core.__all__:
        assert getattr(core, name) is not None
    assert sorted(core.__all__) == sorted(set(core.__all__))


@pytest.mark.parametrize("code", CODES)
def test_a_code_of_other_years_is_another_state_that_names_this_one(code: int) -> None:
    for other in in_other_years(code):
        assert other != code
        assert other in CODES
        assert code in in_other_years(other)
