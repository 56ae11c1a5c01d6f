"""Finding, reading and writing scenario files."""

from __future__ import annotations

from pathlib import Path

import pytest

from detente.core.errors import OutputError, ScenarioError, UnknownNameError
from detente.scenarios import (
    load_entry,
    load_scenario,
    parse_scenario,
    scenario_names,
    template_text,
    write_template,
)
from detente.scenarios.load import MAX_BYTES


def test_the_library_is_listed_and_loads() -> None:
    assert "alaska-2025" in scenario_names()
    for name in scenario_names():
        assert load_entry(name).name == name


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown scenario 'alaska-2024': did you mean"):
        load_scenario("alaska-2024")


def test_a_path_is_read(tmp_path: Path) -> None:
    path = write_template(tmp_path / "mine.toml")
    assert load_scenario(path).name == "my-scenario"
    assert load_scenario(str(path)) == load_scenario(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no\.toml: no such file: give a path, or a name"):
        load_scenario(tmp_path / "no.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="not a file: expected a scenario file"):
        load_scenario(tmp_path)


def test_not_toml() -> None:
    with pytest.raises(ScenarioError, match=r"x\.toml: not valid TOML: "):
        parse_scenario("name = ", "x.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date = 2025-02-30", "not valid TOML"),
        ("name = 'a'\nname = 'b'", "not valid TOML"),
        (f"horizon_years = {'9' * 5000}", "not valid TOML"),
        (f"notes = {'[' * 20000}", "not valid TOML"),
        ("notes = " + "[" * 200 + "]" * 200, "name: is missing"),
    ],
)
def test_hostile_toml(text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        parse_scenario(text, "x.toml")


def test_a_device_is_not_read() -> None:
    with pytest.raises(ScenarioError, match="not a file"):
        load_scenario(Path("/dev/zero"))


def test_a_truncated_file_is_refused() -> None:
    whole = template_text()
    with pytest.raises(ScenarioError, match=r"^x\.toml: "):
        parse_scenario(whole[: len(whole) // 2], "x.toml")


def test_not_text(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b'name = "\xff"')
    with pytest.raises(ScenarioError, match="not UTF-8 text"):
        load_scenario(path)


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(ScenarioError, match="larger than 2000000 bytes"):
        load_scenario(path)


def test_a_template_never_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("mine")
    with pytest.raises(OutputError, match=r"mine\.toml: is there already: choose another name"):
        write_template(path)
    assert path.read_text() == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.toml"]


def test_a_template_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such folder: make it, or choose another place"):
        write_template(tmp_path / "no" / "mine.toml")


def test_an_unwritable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("detente.core.writing.tempfile.mkstemp", refuse)
    with pytest.raises(OutputError, match="cannot be written: Permission denied"):
        write_template(tmp_path / "mine.toml")


def test_nothing_is_left_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("detente.scenarios.template.template_text", fail)
    with pytest.raises(KeyboardInterrupt):
        write_template(tmp_path / "mine.toml")
    assert list(tmp_path.iterdir()) == []
