"""The pages of the datasets and of the features are those that the code writes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente import sources
from detente.cli import app
from detente.panels import all_features
from detente.reports import data_pages
from detente.reports.data_pages import (
    MEASURED,
    data_page,
    described_datasets,
    features_page,
    measured_datasets,
)

DOCS = Path(__file__).parents[2] / "docs"
STALE = "run `make docs`"


def test_the_page_of_the_datasets_is_current() -> None:
    written = (DOCS / "data.md").read_text(encoding="utf-8")
    assert written.split(MEASURED)[0].strip() == described_datasets().strip(), STALE


@pytest.mark.data
def test_what_the_page_counts_is_current(mirror: str) -> None:
    written = (DOCS / "data.md").read_text(encoding="utf-8")
    assert MEASURED + written.split(MEASURED)[1] == measured_datasets() + "\n", STALE
    assert written == data_page(), STALE


def test_the_page_of_the_features_is_current() -> None:
    assert (DOCS / "features.md").read_text(encoding="utf-8") == features_page(), STALE


@pytest.mark.parametrize("name", sources.names())
def test_every_dataset_stands_with_its_terms_faults_and_citation(name: str) -> None:
    page, item = described_datasets(), sources.dataset(name)
    section = page.split(f"\n### {name}\n")[1].split("\n### ")[0].replace("\\|", "|")
    where = [form.name for form in item.brought] or [item.copied_from.commit]
    for text in (item.version, item.licence, *where, *item.faults):
        assert text in section
    assert all(f"| {column} |" in section for column in item.columns)
    assert "- cite: " in section


def test_every_feature_stands_with_its_columns() -> None:
    page = features_page()
    for item in all_features():
        section = page.split(f"\n## {item.name}\n")[1].split("\n## ")[0]
        assert item.missing in section
        assert all(f"| {column.name} |" in section for column in item.columns)


def test_one_command_writes_every_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_pages, "data_page", lambda: "the datasets")  # it needs the datasets
    assert CliRunner().invoke(app, ["data", "document", "--out", str(tmp_path)]).exit_code == 0
    pages = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert pages.pop("data.md") == "the datasets"
    assert set(pages) == {"features.md", "chronology.md", "assessment.schema.json"}
    for name, text in pages.items():
        assert text == (DOCS / name).read_text("utf-8"), STALE
