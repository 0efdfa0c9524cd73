# Everything happens in .venv, which the first target that needs it makes.

.DEFAULT_GOAL := help
.PHONY: help demo run test check bench fuzz clean

# The first Python that is new enough; name another with `make PYTHON=/path/to/python …`.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PINS := pyproject.toml constraints.txt

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' Makefile | expand -t 14

demo: .venv/installed ## Send sample issues to three made-up readers, into ./demo/
	@$(BIN)/digest demo

run: .venv/installed ## Run web, scheduler and worker in one process
	@$(BIN)/digest serve

test: .venv/developing ## Run the tests
	@$(BIN)/pytest -q -n auto

check: .venv/developing ## Check style, types and the rule of imports
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: .venv/developing ## Measure speed and memory against what others use
	@for file in bench/[!_]*.py; do \
		name=$$(basename $$file .py); echo "== $$name"; $(BIN)/python -m bench.$$name || exit 1; \
	done

fuzz: .venv/developing ## Look for bytes that break a parser: make fuzz [SECONDS=60] [KINDS='feed dump']
	@$(INSTALL) -e '.[fuzz]'
	@$(BIN)/python -m fuzz.run --seconds $(or $(SECONDS),60) $(KINDS)

clean: ## Remove .venv, caches and the demo; keep data, inbox and outbox
	@rm -rf .venv demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache bench/out fuzz/found \
		tests/lint/node_modules
	@find digest tests bench fuzz -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "paper-digest needs Python 3.11 or newer: \
	install it, or name it with make PYTHON=/path/to/python." >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/installed: $(PINS) | .venv/bin/python
	@echo "Installing paper-digest into .venv, once."
	@$(INSTALL) -e .
	@touch $@

.venv/developing: $(PINS) | .venv/bin/python
	@echo "Installing paper-digest and its development tools into .venv, once."
	@$(INSTALL) -e '.[dev]'
	@touch $@ .venv/installed
