"""The commented templates of a scenario and of a case, and writing one without harm."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from detente.core.errors import OutputError
from detente.core.writing import draft_of


def template_text(*, case: bool = False) -> str:
    """Return a commented scenario, or sourced case, that validates as it stands."""
    name = "case_template.toml" if case else "template.toml"
    entry = resources.files("detente.scenarios") / name
    return entry.read_text(encoding="utf-8")


def write_template(path: str | Path, *, case: bool = False) -> Path:
    """Write the template to a file that does not exist yet; nothing is left half-written.

    Raises
    ------
    OutputError
        If something is there already, or the folder cannot be written.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise OutputError(f"{path.parent}: no such folder: make it, or choose another place")
    try:
        with draft_of(path) as draft:
            draft.write_text(template_text(case=case), encoding="utf-8")
            # A link fails where a file is, even one made a moment ago; a rename would replace it.
            path.hardlink_to(draft)
    except FileExistsError:
        raise OutputError(f"{path}: is there already: choose another name") from None
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None
    return path
