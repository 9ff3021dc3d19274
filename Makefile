# Everything a fresh machine needs is Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEST ?= build/cstocases

.PHONY: export test lint release-check clean

export: $(VENV)/ready
	@$(BIN)/cstocases export $(DEST) --force

test: $(VENV)/test-ready
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: $(VENV)/lint-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Every change of the data since the newest tag has an entry in the changelog.
release-check: $(VENV)/ready
	@tag=$$(git describe --tags --abbrev=0 2>/dev/null); \
	if [ -n "$$tag" ]; then $(BIN)/python -m cstocases diff "git:$$tag" . --home . --changelog CHANGELOG.md; \
	else echo "no version is tagged yet, so there is nothing to compare the data with"; fi

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
