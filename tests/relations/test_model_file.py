"""The model as a file: the shipped one, a round trip, and files that are refused."""

import json
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from detente.core.errors import ModelFileError
from detente.relations.build import code_digest
from detente.relations.model import ModelFile, fingerprint, load_model
from detente.relations.terms import (
    FEWEST_EVENTS,
    MEETING_PROCESSES,
    MEETING_TERMS,
    PROCESSES,
)
from detente.relations.writing import model_text, write_fit


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return load_model()


@pytest.fixture
def content(model: ModelFile) -> dict:
    return model.model_dump(mode="json")


def test_the_fingerprint_is_that_of_the_content(content: dict):
    assert fingerprint(content) == content["fingerprint"]
    assert fingerprint({**content, "mean": [0.0, *content["mean"][1:]]}) != content["fingerprint"]


def test_a_written_file_is_read_back_the_same(model: ModelFile, tmp_path: Path):
    path, card = write_fit(model, tmp_path / "new")
    again = load_model(path)
    assert again == model
    assert fingerprint(again.model_dump(mode="json")) == model.fingerprint
    assert set((tmp_path / "new").iterdir()) == {path, card}


def test_the_shipped_file_is_as_it_was_written(model: ModelFile):
    shipped = resources.files("detente.relations") / "shipped" / "model.json"
    assert shipped.read_text(encoding="utf-8") == model_text(model)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda text: text[: len(text) // 2], "not JSON"),
        (lambda text: "", "not JSON"),
        (lambda text: "[1, 2]", "not a model file"),
        (lambda text: '{"format": "another"}', "not a model file"),
        (
            lambda text: text.replace('"version":"1"', '"version":"0"', 1),
            "version '0'.*detente fit",
        ),
        (lambda text: text.replace('"centre"', '"center"', 1), "centre"),
        (lambda text: json.dumps({**json.loads(text), "more": 1}), "more"),
        (lambda text: json.dumps({**json.loads(text), "mean": "high"}), "mean"),
    ],
)
def test_files_that_are_refused(model: ModelFile, tmp_path: Path, change, match: str):
    path = tmp_path / "model.json"
    path.write_text(change(model_text(model)))
    with pytest.raises(ModelFileError, match=f"model.json: .*{match}"):
        load_model(path)


def test_files_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(ModelFileError, match="cannot be read"):
        load_model(tmp_path / "none.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(ModelFileError, match="cannot be read"):
        load_model(tmp_path / "binary.json")


def test_every_term_of_the_specification_is_in_the_file(model: ModelFile):
    """From the formulas, and the cuts of the baselines."""
    terms = {f"{g}:{c}" for g, f in model.formulas.items() for c in _columns(f)}
    for process in model.processes:
        strata = ("|fresh=0", "|fresh=1") if process.strata else ("",)
        edges = ["0", *(f"{c:g}" for c in process.cuts), "inf"]
        for low, high in pairwise(edges):
            terms |= {f"{process.name}:baseline[{low},{high}){s}" for s in strata}
    assert terms == set(model.names)
    assert len(set(model.names)) == len(model.names)
    assert len(model.mean) == len(model.names) + 1
    assert [p.name for p in model.processes] == [p.name for p in PROCESSES]


def _columns(formula: str) -> set[str]:
    return {part.strip() for part in formula.split("+")} - {"1"}


def test_terms_without_enough_exposed_events_are_left_out(model: ModelFile):
    assert {(t.process, t.term) for t in model.terms} == {
        (p, t) for p in MEETING_PROCESSES for t in MEETING_TERMS
    }
    for term in model.terms:
        assert term.fitted == (term.exposed >= FEWEST_EVENTS)
        assert (f"{term.process}:{term.term}" in model.names) == term.fitted
    met = [n for n in model.names if ":met_" in n]
    assert {n.split(":")[0] for n in met} <= set(MEETING_PROCESSES)


def test_the_covariance_is_one(model: ModelFile):
    n = len(model.mean)
    assert [len(row) for row in model.covariance] == list(range(1, n + 1))
    covariance = model.full_covariance
    size = np.sqrt(np.diag(covariance))
    assert np.linalg.eigvalsh(covariance / np.outer(size, size))[0] > 0
    assert np.isfinite(model.mean).all()


def test_every_number_of_a_dyad_is_there(model: ModelFile):
    dyads = model.frailty.dyads
    assert len({d.dyad for d in dyads}) == len(dyads)
    assert all(len(d.slope) == len(model.frailty.terms) for d in dyads)
    assert all(len(d.counts) == len(model.kernels) for d in dyads)
    # A record can only sharpen what the prior leaves open.
    assert all(0 < d.variance <= model.frailty.sd**2 * (1 + 1e-6) for d in dyads)
    assert all(d.fresh == (d.counts[0] == 0) for d in dyads)


def test_the_walk_ends_with_the_record(model: ModelFile):
    walk = model.walk
    assert walk.first_year == model.coverage.first_year
    assert walk.first_year + len(walk.levels) - 1 == model.coverage.last_year
    assert walk.levels[-1] == pytest.approx(model.mean[-1])


def test_events_add_up(model: ModelFile):
    """Dyads leave calm as often as they start, join, attack or enter; calibration agrees."""
    for process in model.processes:
        groups = [c for c in model.calibration if c.process == process.name]
        for by in ("decade", "risk fifth"):
            own = [c for c in groups if c.by == by]
            assert sum(c.observed for c in own) == process.events
            # At the mode every level of a baseline expects what it saw, but for its smoothing.
            assert sum(c.expected for c in own) == pytest.approx(process.events, rel=0.05)


def test_the_digest_of_the_code_is_one(model: ModelFile):
    assert len(model.code) == len(code_digest()) == 64


def test_the_root_of_the_covariance_is_its_cholesky_factor():
    model = load_model()
    free = np.flatnonzero(np.diag(model.full_covariance) > 0)
    block = np.ix_(free, free)
    root = model.covariance_root[block]
    assert np.array_equal(root, np.tril(root))
    size = np.sqrt(np.diag(model.full_covariance)[free])
    gap = root @ root.T - model.full_covariance[block]
    # The digits of the file are cut at about this much of a variance.
    np.testing.assert_allclose(gap / np.outer(size, size), 0.0, atol=1e-8)
