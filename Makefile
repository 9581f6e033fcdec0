# Centralino. `make run` sets up and runs everything; `make test` passes the tests. No root, no system packages.

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run setup test test-fast check format clean

run: setup  ## Set up, serve the sample company, place demo calls, keep serving
	$(BIN)/centralino run

setup: .venv/.installed  ## Install and fetch the speech models
	$(BIN)/centralino setup

test: .venv/.developing setup  ## All tests: units, rooms, whole calls with real sound
	$(BIN)/python -m pytest -n 3 --dist loadfile --ignore=tests/calls
	$(BIN)/python -m pytest tests/calls

test-fast: .venv/.developing  ## Without the whole calls
	$(BIN)/python -m pytest -n 3 --dist loadfile --ignore=tests/calls

check: .venv/.developing  ## Lint, types, the arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.developing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove the environment and caches of this checkout (models stay in the user's cache)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Centralino needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12 run")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || (echo "python3 -m venv failed: install your system's venv package (Debian: python3-venv)"; rm -rf .venv; exit 1)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/.developing: .venv/.installed
	$(BIN)/python -m pip install --quiet --group dev --editable ".[sip]"
	@touch $@
