"""``detente fit``: with the fit itself replaced, and once for real."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from detente.cli import app
from detente.cli import fit as fit_command
from detente.core.errors import FitError
from detente.relations import build, record
from detente.relations import model as model_module
from detente.relations.comparison import TOLERANCE, compare
from detente.relations.model import DataPart, ModelFile, load_model

SHIPPED = load_model()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["fit", *arguments])


def moved(steps: float, name: str = "initiate:rivalry") -> ModelFile:
    """The shipped model with one coefficient moved by some standard errors."""
    place = SHIPPED.names.index(name)
    mean = list(SHIPPED.mean)
    mean[place] += steps * float(SHIPPED.full_covariance[place, place]) ** 0.5
    return SHIPPED.model_copy(update={"mean": mean})


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[ModelFile]:
    """What the next fit gives; the datasets count as present."""
    results = [SHIPPED]
    monkeypatch.setattr(fit_command, "need", lambda names: None)
    monkeypatch.setattr(record, "load_record", lambda: None)
    monkeypatch.setattr(build, "build_model", lambda tables, progress: results[-1])
    return results


@pytest.mark.usefixtures("fits")
def test_fit_writes_the_model_and_its_card(tmp_path: Path) -> None:
    result = run("--out", str(tmp_path / "a" / "b"))
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == [
        "model-card.md",
        "model.json",
    ]
    assert load_model(tmp_path / "a" / "b" / "model.json") == SHIPPED
    assert "model.json" in result.output


@pytest.mark.usefixtures("fits")
def test_without_a_folder_it_has_one_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run().exit_code == 0
    assert (tmp_path / "detente-model" / "model.json").is_file()


@pytest.mark.usefixtures("fits")
def test_check_of_the_same_fit_passes_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("--check")
    assert result.exit_code == 0, result.output
    assert "the same model" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("steps", "code"), [(0.5 * TOLERANCE, 0), (2 * TOLERANCE, 1)])
def test_check_measures_in_standard_errors(fits: list[ModelFile], steps: float, code: int) -> None:
    fits.append(moved(steps))
    result = run("--check")
    assert result.exit_code == code
    assert f"{steps:.2g} standard errors (initiate:rivalry)" in result.output


def test_check_names_the_data_that_differ(fits: list[ModelFile]) -> None:
    first, *rest = SHIPPED.data
    other = DataPart(**{**first.model_dump(), "sha256": {"x": "0" * 64}})
    fits.append(SHIPPED.model_copy(update={"data": [other, *rest]}))
    result = run("--check")
    assert result.exit_code == 1
    assert f"data differ: {first.dataset}" in result.output


def test_a_coefficient_that_only_one_has_is_never_the_same() -> None:
    fewer = SHIPPED.model_copy(update={"names": SHIPPED.names[:-1], "mean": SHIPPED.mean[:-1]})
    found = compare(fewer, SHIPPED)
    assert (found.at, found.largest, found.same) == (SHIPPED.names[-1], float("inf"), False)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), FitError("did not converge")])
@pytest.mark.usefixtures("fits")
def test_a_fit_that_ends_early_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def stop(tables: object, progress: object) -> ModelFile:
        raise error

    monkeypatch.setattr(build, "build_model", stop)
    result = run("--out", str(tmp_path / "out"))
    assert result.exit_code in (2, 130)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("fits")
def test_a_folder_that_cannot_be_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "build_model", lambda tables, progress: pytest.fail("fitted"))
    (tmp_path / "file").write_text("here")
    result = run("--out", str(tmp_path / "file"))
    assert result.exit_code == 2
    assert "file" in result.stderr


def test_missing_datasets_are_named_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DETENTE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DETENTE_MIRROR", raising=False)
    result = run("--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert f"detente data pull {' '.join(record.SOURCES)}" in result.stderr
    assert not (tmp_path / "out").exists()


def test_only_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_command, "_present", lambda name: name != "mie")
    result = run("--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "1 of the" in result.stderr
    assert "`detente data pull mie`" in result.stderr


def test_help_says_what_is_written() -> None:
    assert "--check" in run("--help").output
    assert SHIPPED.version == model_module.VERSION


@pytest.mark.slow
@pytest.mark.data
def test_the_shipped_model_is_made_again(mirror: str, tmp_path: Path) -> None:
    result = run("--out", str(tmp_path), "--check")
    assert result.exit_code == 0, result.output
