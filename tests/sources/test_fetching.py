from pathlib import Path

import pytest

from detente import sources
from detente.core import ChecksumError, UnavailableError, UnknownNameError
from detente.sources import fetch, registry

from .fakes import CONTENT, fake, fill

ROWS = [(2, 1816), (365, 1816)]


def leftovers(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.rglob("*") if path.is_file())


def test_a_folder_mirror_is_used(cache: Path, site: Path, monkeypatch) -> None:
    fill(site)
    monkeypatch.setenv("DETENTE_MIRROR", str(site))
    assert sources.load("fake").rows() == ROWS
    assert not (cache / "raw").exists()


def test_a_file_address_is_a_folder(cache: Path, site: Path, monkeypatch) -> None:
    fill(site)
    monkeypatch.setenv("DETENTE_MIRROR", site.as_uri())
    assert sources.load("fake").rows() == ROWS


def test_a_mirror_that_is_no_folder(cache: Path, monkeypatch) -> None:
    monkeypatch.setenv("DETENTE_MIRROR", "/nowhere/at/all")
    with pytest.raises(UnavailableError, match=r"/nowhere/at/all, which is not a folder.*unset it"):
        sources.load("fake")


def test_a_mirror_without_the_file(cache: Path, site: Path, monkeypatch) -> None:
    monkeypatch.setenv("DETENTE_MIRROR", str(site))
    with pytest.raises(UnavailableError, match=r"has no fake/one.csv: put the file there"):
        sources.load("fake")


def test_a_mirror_with_a_wrong_file_is_refused_and_left_alone(
    cache: Path, site: Path, monkeypatch
) -> None:
    fill(site)
    wrong = site / "fake/one.csv"
    wrong.write_bytes(CONTENT["fake/one.csv"].replace(b"365", b"366"))
    monkeypatch.setenv("DETENTE_MIRROR", str(site))
    with pytest.raises(ChecksumError, match=r"one.csv in the mirror is not the registered.*sha256"):
        sources.load("fake")
    assert wrong.exists()
    assert leftovers(cache) == []


def test_a_file_that_cannot_be_read(cache: Path, site: Path, monkeypatch) -> None:
    fill(site)
    monkeypatch.setenv("DETENTE_MIRROR", str(site))

    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fetch, "sha256", refuse)
    with pytest.raises(UnavailableError, match=r"one\.csv cannot be read .*check its permissions"):
        sources.load("fake")


def test_restricted_files_are_not_fetched_unasked(cache: Path, server: str, site: Path) -> None:
    fill(site)
    registry._REGISTRY["fake"] = fake(server)
    with pytest.raises(UnavailableError, match="run `detente data pull fake`, or set DETENTE_MIR"):
        sources.load("fake")
    assert leftovers(cache) == []
    assert sources.load("fake", download=True).rows() == ROWS
    assert sources.load("fake").rows() == ROWS


def test_open_files_are_fetched(cache: Path, server: str, site: Path) -> None:
    fill(site)
    registry._REGISTRY["fake"] = fake(server, redistribution="open")
    assert sources.load("fake").rows() == ROWS
    assert [file.state for file in fetch.status(sources.dataset("fake"))] == ["ready", "ready"]


def test_an_http_mirror_is_used_instead_of_the_address(
    cache: Path, server: str, site: Path, monkeypatch
) -> None:
    fill(site)
    monkeypatch.setenv("DETENTE_MIRROR", server + "/")
    assert sources.load("fake").rows() == ROWS


def test_a_download_with_other_bytes_is_kept_aside(cache: Path, server: str, site: Path) -> None:
    fill(site)
    (site / "fake/one.csv").write_bytes(b"<html>not found, but 200</html>")
    registry._REGISTRY["fake"] = fake(server)
    with pytest.raises(ChecksumError, match=r"did not send the registered file .*\.rejected"):
        sources.load("fake", download=True)
    assert leftovers(cache) == ["one.csv.rejected"]
    fill(site)
    assert sources.load("fake", download=True).rows() == ROWS


def test_a_truncated_download_leaves_nothing(
    cache: Path, truncating_server: str, site: Path
) -> None:
    fill(site)
    registry._REGISTRY["fake"] = fake(truncating_server)
    with pytest.raises(UnavailableError, match=r"could not fetch fake/one.csv.*data pull fake"):
        sources.load("fake", download=True)
    assert leftovers(cache) == []


def test_a_short_file_that_the_server_calls_whole(cache: Path, server: str, site: Path) -> None:
    fill(site)
    (site / "fake/one.csv").write_bytes(CONTENT["fake/one.csv"][:7])
    registry._REGISTRY["fake"] = fake(server)
    with pytest.raises(ChecksumError, match="truncated or other: 7 bytes, expected 27"):
        sources.load("fake", download=True)


def test_a_missing_page(cache: Path, server: str) -> None:
    registry._REGISTRY["fake"] = fake(server)
    with pytest.raises(UnavailableError, match="404"):
        sources.load("fake", download=True)
    assert leftovers(cache) == []


@pytest.mark.usefixtures("no_network")
def test_no_network_and_no_mirror(cache: Path) -> None:
    with pytest.raises(UnavailableError, match=r"no route to host.*check the network.*MIRROR"):
        sources.load("fake", download=True)
    assert leftovers(cache) == []


@pytest.mark.usefixtures("no_network")
def test_a_damaged_raw_file_is_set_aside(cache: Path) -> None:
    fill(cache / "raw")
    (cache / "raw/fake/two.csv").write_bytes(b"ccode\n9\n")
    with pytest.raises(ChecksumError, match=r"two.csv was not the registered.*two.csv.rejected"):
        sources.load("fake")
    assert (cache / "raw/fake/two.csv.rejected").read_bytes() == b"ccode\n9\n"
    with pytest.raises(UnavailableError):
        sources.load("fake")


def test_an_interrupted_download_leaves_nothing(cache: Path, monkeypatch) -> None:
    import pooch

    def interrupt(self, url, output_file, pooch, check_only=False) -> None:
        Path(output_file).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        sources.load("fake", download=True)
    assert leftovers(cache) == []


def test_an_unwritable_cache(tmp_path: Path, server: str, site: Path, monkeypatch) -> None:
    fill(site)
    monkeypatch.delenv("DETENTE_MIRROR", raising=False)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder is needed")
    monkeypatch.setenv("DETENTE_CACHE", str(blocked))
    monkeypatch.setitem(registry._REGISTRY, "fake", fake(server))
    with pytest.raises(UnavailableError, match="can be written"):
        sources.load("fake", download=True)
    monkeypatch.setenv("DETENTE_MIRROR", str(site))
    assert sources.load("fake").rows() == ROWS


def test_a_meter_counts_what_comes(cache: Path, server: str, site: Path) -> None:
    fill(site)
    seen: list[str] = []

    class Meter:
        total: int | None = None

        def update(self, n: int) -> None:
            pass

        def reset(self) -> None:
            pass

        def close(self) -> None:
            seen.append("closed")

    def meter(file: sources.RemoteFile) -> fetch.Meter:
        seen.append(file.path)
        return Meter()

    fetch.locate(fake(server), download=True, meter=meter)
    assert seen == ["fake/one.csv", "closed", "fake/two.csv", "closed"]


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'nmc'"):
        sources.load("nnc")


def test_the_cache_folder_has_a_default(monkeypatch) -> None:
    monkeypatch.delenv("DETENTE_CACHE", raising=False)
    assert fetch.cache_directory().name == "detente"
