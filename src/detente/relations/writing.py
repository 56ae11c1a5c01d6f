"""Write a fit: the model file and its card, each complete from the moment it has its name."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

from detente.core.errors import OutputError
from detente.relations.card import render_card
from detente.relations.model import ModelFile

MODEL, CARD = "model.json", "model-card.md"


def write_fit(model: ModelFile, folder: str | Path) -> tuple[Path, Path]:
    """Write ``model.json`` and ``model-card.md``: both to temporary names first, then renamed.

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
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for path, text in texts.items():
                temporary = _temporary(path)
                stack.callback(temporary.unlink, missing_ok=True)
                temporary.write_text(text, encoding="utf-8")
            for path in texts:
                _temporary(path).replace(path)
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written ({error.strerror})") from error
    return folder / MODEL, folder / CARD


def model_text(model: ModelFile) -> str:
    """Write a model file as one line of JSON."""
    return json.dumps(model.model_dump(mode="json"), separators=(",", ":")) + "\n"


def _temporary(path: Path) -> Path:
    return path.with_suffix(path.suffix + ".part")
