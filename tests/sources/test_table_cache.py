import shutil
from pathlib import Path

import polars as pl
import pytest

from detente import sources
from detente.core import ChecksumError, FormatError
from detente.sources import cache as tables
from detente.sources import registry

from .fakes import fake, fill

ROWS = [(2, 1816), (365, 1816)]


@pytest.fixture
def stored(cache: Path, site: Path, monkeypatch) -> Path:
    """The Parquet file of the fake dataset, read from a mirror."""
    fill(site)
    monkeypatch.setenv("DETENTE_MIRROR", str(site))
    sources.load("fake")
    (path,) = (cache / "tables").iterdir()
    return path


def test_a_table_is_parsed_once(stored: Path, monkeypatch) -> None:
    def fail(*args: object) -> None:
        raise AssertionError("parsed again")

    monkeypatch.setattr(tables, "parse", fail)
    assert sources.load("fake").rows() == ROWS


def test_a_wrong_mirror_is_refused_although_the_table_is_known(stored: Path, site: Path) -> None:
    (site / "fake/two.csv").write_bytes(b"ccode\n3\n")
    with pytest.raises(ChecksumError, match=r"two\.csv in the mirror"):
        sources.load("fake")


def test_a_known_table_needs_no_files(stored: Path, monkeypatch) -> None:
    monkeypatch.delenv("DETENTE_MIRROR")
    assert sources.load("fake").rows() == ROWS


def test_the_cached_table_equals_the_parsed_one(stored: Path) -> None:
    assert pl.read_parquet(stored).equals(sources.load("fake"))


@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "text"])
def test_a_damaged_table_is_rebuilt_in_silence(stored: Path, damage: str) -> None:
    content = stored.read_bytes()
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    stored.write_bytes(
        {
            "truncated": content[: len(content) // 2],
            "flipped": bytes(flipped),
            "empty": b"",
            "text": b"PAR1 not really",
        }[damage]
    )
    assert sources.load("fake").rows() == ROWS
    assert stored.read_bytes() == content


def test_a_table_of_another_reader_is_rebuilt(stored: Path) -> None:
    registry._REGISTRY["fake"] = fake(reader_version=2)
    assert sources.load("fake").rows() == ROWS
    (path,) = stored.parent.iterdir()
    assert path.name != stored.name


def test_the_key_follows_files_and_reader() -> None:
    assert tables.key(fake()) == tables.key(fake("https://elsewhere.invalid"))
    assert tables.key(fake()) != tables.key(fake(reader_version=2))


@pytest.mark.parametrize("name", ["mid_columns.py", "chronology/xml.py", "owid_names.csv"])
def test_the_key_follows_what_readers_share(tmp_path: Path, monkeypatch, name: str) -> None:
    folder, skipped = tmp_path / "sources", shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(tables.__file__).parent, folder, ignore=skipped)
    monkeypatch.setattr(tables, "__file__", str(folder / "cache.py"))
    before = tables.key(fake())
    with (folder / name).open("a") as file:
        file.write("# another reading")
    tables._shared_code.cache_clear()  # as in another process
    assert tables.key(fake()) != before


def test_writing_is_atomic(stored: Path, monkeypatch) -> None:
    stored.unlink()

    def half(self, target: Path) -> None:
        Path(target).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pl.DataFrame, "write_parquet", half)
    with pytest.raises(KeyboardInterrupt):
        sources.load("fake")
    assert list(stored.parent.iterdir()) == []


def test_undocumented_columns_are_refused(stored: Path) -> None:
    registry._REGISTRY["fake"] = fake(columns=("ccode", "month"), reader_version=3)
    with pytest.raises(FormatError, match=r"returned columns \['ccode', 'year'\], documented"):
        sources.load("fake")


def test_a_reader_that_fails_names_the_file(stored: Path, monkeypatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise pl.exceptions.ComputeError("line 3")

    stored.unlink()
    monkeypatch.setattr(pl, "read_csv", fail)
    with pytest.raises(FormatError, match=r"one.csv.*cannot be read as documented.*line 3"):
        sources.load("fake")
