import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["days", "errors", "provenance", "states"])
def test_the_examples_in_docstrings_run(name: str) -> None:
    found = doctest.testmod(importlib.import_module(f"detente.core.{name}"))
    assert found.failed == 0
    assert found.attempted > 0 or name != "states"
