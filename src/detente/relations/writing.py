"""Write a fit: the model file and its card, each complete from the moment it has its name."""

from __future__ import annotations

import json
from pathlib import Path

from detente.core.errors import OutputError
from detente.core.writing import write_texts
from detente.relations.card import render_card
from detente.relations.model import ModelFile

MODEL, CARD = "model.json", "model-card.md"


def write_fit(model: ModelFile, folder: str | Path) -> tuple[Path, Path]:
    """Write ``model.json`` and ``model-card.md``, both or neither.

    Parameters
    ----------
    folder
        Made with its parents where it is not there; files of the same names are replaced.

    Raises
    ------
    OutputError
        If the folder cannot be made or written.
    """
    folder = Path(folder)
    texts = {folder / MODEL: model_text(model), folder / CARD: render_card(model)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_texts(texts)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror})") from error
    return folder / MODEL, folder / CARD


def model_text(model: ModelFile) -> str:
    """Write a model file as one line of JSON."""
    return json.dumps(model.model_dump(mode="json"), separators=(",", ":")) + "\n"
