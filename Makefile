# Centralino. `make run` sets up and runs everything; `make test` passes the tests. No root, no system packages.

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

CONSOLE := console/built/index.html

.PHONY: run setup console test test-fast check format screenshots clean

run: setup  ## Set up, serve the sample company, place demo calls, keep serving
	@$(MAKE) --no-print-directory console || echo "The pages under /console could not be built (see above); the rest works. Again: make console"
	$(BIN)/centralino run

console: $(CONSOLE)  ## Build the console's application, with the machine's Node 20.19+ or one from the package index

setup: .venv/.installed  ## Install and fetch the speech models
	$(BIN)/centralino setup

test: .venv/.developing setup console  ## All tests: units, rooms, whole calls with real sound
	$(BIN)/python scripts/console_app.py test
	$(BIN)/python -m pytest -n 3 --dist loadfile --reruns 2 -rfER --ignore=tests/calls
	$(BIN)/python -m pytest -n 2 --dist loadfile --reruns 2 -rfER tests/calls

test-fast: .venv/.developing  ## Without the whole calls
	$(BIN)/python -m pytest -n 3 --dist loadfile --ignore=tests/calls

check: .venv/.developing  ## Lint, types, the arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/console_app.py check

format: .venv/.developing
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: .venv/.developing setup console  ## Make the pictures in docs/screenshots anew, from real pages and calls
	CENTRALINO_SCREENSHOTS=docs/screenshots $(BIN)/python -m pytest tests/console/pages/test_screenshots.py -k pictures_are_made

clean:  ## Remove the environment and caches of this checkout (models stay in the user's cache)
	rm -rf console/built console/react/node_modules console/react/openapi.json console/react/src/api/schema.d.ts
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(CONSOLE): .venv/.installed $(shell find console/react -type f -not -path '*/node_modules/*' -not -name openapi.json -not -name schema.d.ts) $(shell find console -name '*.py')
	$(BIN)/python scripts/console_app.py build

.venv/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Centralino needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12 run")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || (echo "python3 -m venv failed: install your system's venv package (Debian: python3-venv)"; rm -rf .venv; exit 1)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/.developing: .venv/.installed
	$(BIN)/python -m pip install --quiet --group dev --editable ".[sip,webrtc]"
	@touch $@
