"""Files that the user brings: kept with their digest, or refused with a reason."""

import json
import math
from pathlib import Path

import pandas as pd
import pytest
import rdata

from detente import sources
from detente.core import (
    ChecksumError,
    FormatError,
    InputError,
    OutputError,
    UnavailableError,
    UnknownNameError,
)
from detente.sources import brought, fetch

RUGGED = "isocode,isonum,country,rugged\nUSA,840,United States,1.5\nDEU,276,Germany,0.5\n"
KEPT = [(2, 1.5), (255, 0.5)]
# A record whose values are of other kinds than were written.
NUMBERS = '{"name": 1, "source": 2, "sha256": 3, "size": 4}'


@pytest.fixture
def rugged(cache: Path, tmp_path: Path) -> Path:
    path = tmp_path / "rugged_data.csv"
    path.write_text(RUGGED)
    return path


def kept_files(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "brought").rglob("*") if path.is_file())


def test_an_imported_file_is_read_from_its_copy(rugged: Path) -> None:
    assert sources.import_file("ruggedness", rugged).rows() == KEPT
    rugged.unlink()
    assert sources.load("ruggedness").rows() == KEPT
    assert brought.state(sources.dataset("ruggedness")) == "ready"


def test_its_digest_is_on_record(rugged: Path) -> None:
    digest = fetch.sha256(rugged)
    sources.import_file("ruggedness", rugged)
    record = sources.provenance("ruggedness")
    assert record.sha256 == (("brought/ruggedness", digest),)
    kept = brought.record(sources.dataset("ruggedness"))
    assert kept == brought.Brought("rugged_data.csv", str(rugged), digest, len(RUGGED))
    first = record.fingerprint()
    rugged.write_text(RUGGED.replace("1.5", "1.6"))
    sources.import_file("ruggedness", rugged)
    assert sources.provenance("ruggedness").fingerprint() != first


def test_without_a_file_the_error_says_which_and_how(cache: Path) -> None:
    message = r"get rugged_data.csv .*diegopuga\.org.*`detente data import ruggedness FILE`"
    with pytest.raises(UnavailableError, match=message):
        sources.load("ruggedness", download=True)
    with pytest.raises(UnavailableError, match=message):
        sources.provenance("ruggedness")
    assert brought.state(sources.dataset("ruggedness")) == "absent"


def test_another_file_takes_its_place(rugged: Path, cache: Path) -> None:
    sources.import_file("ruggedness", rugged)
    rugged.write_text(RUGGED.replace("1.5", "2.5"))
    sources.import_file("ruggedness", rugged)
    assert sources.load("ruggedness").rows() == [(2, 2.5), (255, 0.5)]
    assert len(kept_files(cache)) == 2


def test_a_refused_file_leaves_what_was_there(rugged: Path, cache: Path) -> None:
    sources.import_file("ruggedness", rugged)
    before = kept_files(cache)
    rugged.write_text("isocode,slope\nUSA,1\n")
    with pytest.raises(FormatError, match=r"has the columns isocode, slope: needed are isocode, r"):
        sources.import_file("ruggedness", rugged)
    assert sources.load("ruggedness").rows() == KEPT
    assert kept_files(cache) == before


def test_an_interruption_leaves_what_was_there(rugged: Path, cache: Path, monkeypatch) -> None:
    sources.import_file("ruggedness", rugged)
    before = kept_files(cache)
    rugged.write_text(RUGGED.replace("1.5", "2.5"))

    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(brought, "write_texts", interrupt)
        with pytest.raises(KeyboardInterrupt):
            sources.import_file("ruggedness", rugged)
    assert sources.load("ruggedness").rows() == KEPT
    assert set(before) < set(kept_files(cache))
    sources.import_file("ruggedness", rugged)
    assert len(kept_files(cache)) == 2


@pytest.mark.parametrize("gone", [True, False])
def test_a_copy_with_other_bytes_is_refused(rugged: Path, cache: Path, gone: bool) -> None:
    sources.import_file("ruggedness", rugged)
    (copy,) = (cache / "brought" / "ruggedness").iterdir()
    if gone:
        copy.unlink()
    else:
        copy.write_text(RUGGED.replace("1.5", "9.9"))
    with pytest.raises(ChecksumError, match=r"not the rugged_data\.csv that was imported.*again"):
        sources.load("ruggedness")
    assert brought.state(sources.dataset("ruggedness")) == "wrong"
    sources.import_file("ruggedness", rugged)
    assert sources.load("ruggedness").rows() == KEPT


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 1}', NUMBERS])
def test_a_damaged_record_is_none(rugged: Path, cache: Path, text: str) -> None:
    sources.import_file("ruggedness", rugged)
    (cache / "brought" / "ruggedness.json").write_text(text)
    with pytest.raises(UnavailableError, match="one that you bring"):
        sources.load("ruggedness")


def test_a_file_that_changes_while_it_is_read(rugged: Path, monkeypatch) -> None:
    digest = fetch.sha256(rugged)
    rugged.write_text(RUGGED + "FRA,250,France,1\n")
    with pytest.raises(InputError, match="changed while it was read"):
        brought.keep(sources.dataset("ruggedness"), rugged, digest)
    assert brought.record(sources.dataset("ruggedness")) is None


def test_an_unwritable_cache(rugged: Path, tmp_path: Path, monkeypatch) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder is needed")
    monkeypatch.setenv("DETENTE_CACHE", str(blocked))
    with pytest.raises(OutputError, match=r"cannot be kept in .*blocked.*DETENTE_CACHE"):
        sources.import_file("ruggedness", rugged)


def test_only_what_is_brought_is_imported(rugged: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'nmc' is fetched .*`detente data pull nmc`"):
        sources.import_file("nmc", rugged)
    with pytest.raises(InputError, match=r"is not a file: give the path of rugged_data\.csv"):
        sources.import_file("ruggedness", tmp_path)
    with pytest.raises(UnknownNameError, match="did you mean 'ruggedness'"):
        sources.import_file("ruggednes", rugged)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RUGGED.replace("0.5", "steep"), r"column rugged, row 2 of its data: 'steep' is not a num"),
        (RUGGED.replace("0.5", "505.2"), r"row 2 .* not a number from 0 to 100"),
        (RUGGED.replace("0.5", "-1"), "row 2"),
        (RUGGED.replace("0.5", "inf"), "row 2"),
        (RUGGED + "USA,840,United States,1.4\n", "several values at ccode 2: leave one of them"),
        # Rows are counted in the file, also after those of territories.
        ("isocode,rugged\nABW,1\n\nUSA,steep\n", r"row 3 of its data: 'steep' .*in 1 of 1 rows"),
        (
            RUGGED.replace(",", ";"),
            r"columns isocode;isonum;country;rugged: .*commas between its c",
        ),
        (
            RUGGED.replace("1.5", "1,5"),
            r"Error: found more fields than [^\n]*: give the file as it",
        ),
        ("isocode,rugged,rugged\nUSA,1,2\n", "has 2 columns 'rugged': leave one of them"),
        ("isocode,rugged,Rugged\nUSA,1,2\n", "has 2 columns 'rugged'"),
        (RUGGED.encode("utf-16").decode("latin-1"), "has the columns"),
        ("isocode,rugged\nABW,1\n", "no row of a state that is known"),
        ("isocode,rugged\n", "no row of a state that is known"),
        ("", "cannot be read as a table"),
    ],
)
def test_wrong_values_are_named(rugged: Path, text: str, message: str) -> None:
    rugged.write_text(text)
    with pytest.raises(FormatError, match=message):
        sources.import_file("ruggedness", rugged)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + RUGGED,
        RUGGED.replace("\n", "\r\n"),
        RUGGED.replace(",", ", ").replace("USA", "usa"),
        RUGGED + "\n,,,\n",
    ],
    ids=["mark", "carriage returns", "blanks", "empty rows"],
)
def test_the_same_table_as_editors_save_it(rugged: Path, text: str) -> None:
    rugged.write_bytes(text.encode())
    assert sources.import_file("ruggedness", rugged).rows() == KEPT


def test_a_link_is_followed_and_not_needed_afterwards(rugged: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(rugged)
    assert sources.import_file("ruggedness", link).rows() == KEPT
    rugged.unlink()
    assert sources.load("ruggedness").rows() == KEPT
    with pytest.raises(InputError, match=r"link\.csv is not a file"):
        sources.import_file("ruggedness", link)


def test_a_file_that_cannot_be_read(rugged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(fetch, "sha256", refuse)
    with pytest.raises(InputError, match=r"cannot be read \(Permission denied\): check its perm"):
        sources.import_file("ruggedness", rugged)


def test_a_path_of_a_user_that_is_not_known(cache: Path) -> None:
    with pytest.raises(InputError, match=r"~nobody-of-this-name/a\.csv is not a file"):
        sources.import_file("ruggedness", "~nobody-of-this-name/a.csv")


def test_files_that_are_no_tables(rugged: Path) -> None:
    for ending, message in ((".xlsx", "ends in .xlsx, expected .csv"), (".dta", "as a table")):
        other = rugged.rename(rugged.with_suffix(ending))
        with pytest.raises(FormatError, match=message):
            sources.import_file("ruggedness", other)
        other.rename(rugged)


def test_territories_are_left_out_and_old_codes_known(rugged: Path) -> None:
    rows = "ABW,533,Aruba,0.4\nSCG,891,Serbia and Montenegro,2\nCIV,384,Côte d'Ivoire,\n"
    # The published file is older than its readers' UTF-8.
    rugged.write_bytes((RUGGED + rows).encode("latin-1"))
    assert sources.import_file("ruggedness", rugged).rows() == [*KEPT, (345, 2.0), (437, None)]


def test_mountains_of_a_stata_file(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "mountainous.dta"
    pd.DataFrame({"ccode": [2, 345, 2], "newlmtnest": [3.0, None, 3.0]}).to_stata(path)
    assert sources.import_file("mountains", path).rows() == [(2, 3.0), (345, None)]
    pd.DataFrame({"ccode": [2, 20], "newlmtnest": [3.0, 24.1]}).to_stata(path)
    highest = f"{math.log(101):g}"
    with pytest.raises(FormatError, match=f"row 2 of its data: 24.* from 0 to {highest}"):
        sources.import_file("mountains", path)
    pd.DataFrame({"ccode": [2.5], "newlmtnest": [3.0]}).to_stata(path)
    with pytest.raises(FormatError, match=r"2\.5 is not a whole number"):
        sources.import_file("mountains", path)


def test_one_file_of_r_serves_both_terrains(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "rugged.rda"
    table = pd.DataFrame(
        {
            "ccode": [2.0, 327.0, None],
            "gwcode": [2.0, None, 340.0],
            "rugged": [1.5, 0.1, 2.0],
            "newlmtnest": [3.0, None, 4.0],
        }
    )
    rdata.write_rda(path, {"rugged": table})
    assert sources.import_file("ruggedness", path).rows() == [(2, 1.5)]
    assert sources.import_file("mountains", path).rows() == [(2, 3.0)]
    alone = tmp_path / "rugged.RDS"
    rdata.write_rds(alone, table)
    assert sources.import_file("mountains", alone).rows() == [(2, 3.0)]


def test_codes_of_another_kind_are_no_states(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "rugged_data.dta"
    pd.DataFrame({"isocode": [1.0], "rugged": [1.0]}).to_stata(path)
    with pytest.raises(FormatError, match="no row of a state that is known by its code"):
        sources.import_file("ruggedness", path)


def test_the_record_is_plain_json(rugged: Path, cache: Path) -> None:
    sources.import_file("ruggedness", rugged)
    text = (cache / "brought" / "ruggedness.json").read_text()
    assert json.loads(text).keys() == {"name", "source", "sha256", "size"}
    assert not list((cache / "brought").glob("*.tmp"))
