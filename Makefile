# Saisaat: every command a newcomer needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := $(VENV)/.tools
CODE := bot handlers storage sealing console charts sandbox cleaning guard bench deploy tests
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup tools demo demo-script test check format format-check lint types bench screenshots lock clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## the virtual environment, from hashed lock files
$(READY): requirements/dev.txt pyproject.toml
	@echo "· virtual environment (once; about a minute)"
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed; {sys.executable} is {v[0]}.{v[1]}. Say which: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

tools: $(TOOLS) ## what only the tests need: age, node, Chromium, Thai fonts
$(TOOLS): $(READY) deploy/test-tools.sh tests/interop/package-lock.json tests/axe/package-lock.json
	@sh deploy/test-tools.sh
	@touch $@

demo: $(READY) ## everything on this machine: a web chat to tell a tip, the pages of officer, lead and auditor
	@$(BIN)/python -m deploy.demo

demo-script: $(READY) ## the same, played by itself: prints the transcript, ends with exit 0
	@$(BIN)/python -m deploy.demo --script

test: $(READY) $(TOOLS) ## all tests
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

check: format-check lint types test ## format, lint, types, tests (what CI runs)

format: $(READY) ## put the code into its format
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix --quiet $(CODE)

format-check: $(READY)
	@$(BIN)/ruff format --check --quiet $(CODE) || { echo "run: make format"; exit 1; }

lint: $(READY)
	@$(BIN)/ruff check --quiet $(CODE)

types: $(READY)
	@$(BIN)/mypy

bench: $(READY) ## speed and memory beside a floor measured in the same run
	@$(BIN)/python -m bench

screenshots: $(READY) $(TOOLS) ## pictures of the running program for the docs
	@$(BIN)/python -m deploy.screenshots

lock: $(READY) ## renew the hashed lock files (needs uv on the PATH)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet -o requirements/run.txt
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet -c requirements/run.txt -o requirements/dev.txt

clean: ## remove everything that make made
	rm -rf $(VENV) demo-data tests/interop/node_modules tests/axe/node_modules build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
