# Everything a fresh machine needs is Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEST ?= build/cstocases

.PHONY: export test lint clean

export: $(VENV)/ready
	@$(BIN)/cstocases export $(DEST) --force

test: $(VENV)/test-ready
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: $(VENV)/lint-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) build dist

$(VENV)/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/test-ready: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --group test
	@touch $@

$(VENV)/lint-ready: $(VENV)/test-ready
	$(BIN)/python -m pip install --quiet --group lint
	@touch $@
