"""The public surface: what is exported exists, is documented, and the README is true."""

from __future__ import annotations

import doctest
import importlib
import io
import pkgutil
import re
from pathlib import Path

import pytest

import detente

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FOUND = sorted(pkgutil.walk_packages(detente.__path__, "detente."), key=lambda m: m.name)
MODULES = [m.name for m in FOUND]
PACKAGES = ["detente", *(m.name for m in FOUND if m.ispkg and m.name.count(".") == 1)]


@pytest.mark.parametrize("name", PACKAGES)
def test_all_is_what_is_exported(name: str):
    module = importlib.import_module(name)
    exported = getattr(module, "__all__", [])
    assert len(set(exported)) == len(exported)
    for item in exported:
        thing = getattr(module, item)
        if callable(thing):
            assert thing.__doc__, f"{name}.{item} has no docstring"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str):
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, raise_on_error=False)
    assert failed == 0


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'summit'"):
        detente.summit  # noqa: B018


def test_the_readmes_python_runs():
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    smaller = example.replace("draws=50, futures=50", "draws=4, futures=5")
    assert smaller != example
    exec(compile(smaller, "README.md", "exec"), {})


@pytest.mark.data
def test_the_readmes_panel_runs(mirror):
    (example,) = re.findall(r"```py\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})


def test_no_folder_of_the_source_is_missing_from_the_map():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    folders = [p for p in PACKAGES if p != "detente"]
    assert [f for f in folders if f"| `{f.removeprefix('detente.')}` |" not in text] == []


def demo_text() -> str:
    """What `detente assess alaska-2025` prints, 80 columns wide, without colour."""
    from rich.console import Console

    from detente.reports import render_terminal

    console = Console(width=80, record=True, file=io.StringIO(), color_system=None)
    render_terminal(detente.assess(detente.load_scenario("alaska-2025")), console)
    return "\n".join(line.rstrip() for line in console.export_text().splitlines())


def test_the_readmes_first_screen_is_what_the_demo_prints():
    (block,) = re.findall(r"<!-- demo:begin -->\n```\n(.*?)\n```\n<!-- demo:end -->", README, re.S)
    assert block.strip() in demo_text()
