"""The examples in the docstrings run, and the public names are those promised."""

import doctest
import importlib
import pkgutil

import pytest

import detente.hazards

MODULES = [m.name for m in pkgutil.iter_modules(detente.hazards.__path__, "detente.hazards.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_is_an_example() -> None:
    found = doctest.DocTestFinder().find(detente.hazards.fit_hazards)
    assert any(d.examples for d in found)


def test_public_names() -> None:
    assert detente.hazards.__all__ == sorted(detente.hazards.__all__)
    assert all(hasattr(detente.hazards, name) for name in detente.hazards.__all__)
