PYTHON ?= python3
BIN := .venv/bin
MIRROR := $(wildcard ../shared/data)
ifneq ($(MIRROR),)
export DETENTE_MIRROR ?= $(abspath $(MIRROR))
endif

.PHONY: demo test test-slow check bench docs clean

.venv/.demo: pyproject.toml constraints.txt
	test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/.dev: .venv/.demo
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	touch $@

demo: .venv/.demo  ## assess the Alaska meeting with what ships in the package
	$(BIN)/detente assess alaska-2025 --out out/alaska-2025

test: .venv/.dev  ## the tests, under eight minutes on two cores
	$(BIN)/python -m pytest

test-slow: .venv/.dev  ## recovery, coverage and other long statistical runs
	$(BIN)/python -m pytest -m slow

check: .venv/.dev  ## format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

bench: .venv/.dev  ## benchmarks against named rivals, in one run
	$(BIN)/python benchmarks/futures.py
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/panels.py

docs: .venv/.dev  ## the pages that the code writes: datasets, features, chronology; the schema
	$(BIN)/detente data document --out docs

clean:
	rm -rf .venv out build dist .pytest_cache .ruff_cache
