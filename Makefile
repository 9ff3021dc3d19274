# Everything a fresh machine needs is Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --upgrade --custom-compile-command 'make lock'
AUDIT := pip-audit --strict --vulnerability-service osv --disable-pip --progress-spinner off
DEST ?= build/cstocases
SEED ?= 1
ROUNDS ?= 3
SECONDS ?= 300
ROWS ?= 1000000
RUNS ?= 5

# Tests start many processes: what one compiled, the others need not compile again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: export test pages test-all lint faults fuzz bench lock docs matrix audit release-check release clean

export: $(VENV)/ready
	@$(BIN)/cstocases export $(DEST) --force

# What each commit needs, in minutes.
test: $(VENV)/dev-ready
	$(BIN)/python -m pytest -m "not slow" --numprocesses 2 --dist worksteal

# README, docs, codebook and CITATION.cff as the data now are; says which it wrote.
pages: $(VENV)/dev-ready
	@$(BIN)/python tests/fresh.py

# The rest: killed runs, hostile files, other programs, and three rounds of planted faults. Three at a time, as some wait for another program.
test-all: $(VENV)/dev-ready
	$(BIN)/python -m pytest -m slow --numprocesses 3 --dist worksteal
	$(BIN)/python tests/faults.py --seed $(SEED) --rounds $(ROUNDS)

# Faults of every kind, planted by seed in copies of the data, and which of them were named.
faults: $(VENV)/dev-ready
	$(BIN)/python tests/faults.py --seed $(SEED) --rounds $(ROUNDS)

# Random bytes and words for so many seconds, guided by the code they reach.
fuzz: $(VENV)/dev-ready
	$(BIN)/python tests/fuzz.py $(SECONDS)

# Time and memory beside what a user would pick instead; at a million rows into docs/performance.md.
bench: $(VENV)/dev-ready
	$(BIN)/python tests/bench.py --rows $(ROWS) --runs $(RUNS) $(if $(filter 1000000,$(ROWS)),--write docs/performance.md)

# The documentation as a site, from README.md, CODEBOOK.md and the other pages; a link that leads nowhere is an error.
docs: $(VENV)/dev-ready
	$(BIN)/sphinx-build --quiet --fail-on-warning --conf-dir docs --doctree-dir build/doctrees . build/site

lint: $(VENV)/dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/uv pip check --quiet --python $(BIN)/python

# uv does not read pip's settings.
lock matrix audit $(VENV)/dev-ready: export UV_DEFAULT_INDEX ?= $(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null)

# What the environment is made of, for every system and Python we support: the newest versions that the bounds allow.
lock: $(VENV)/dev-ready
	$(COMPILE) --output-file requirements.txt --group backend pyproject.toml
	$(COMPILE) --output-file requirements-dev.txt --constraints requirements.txt --all-extras --group test --group lint --group tools --group bench --group fuzz --group docs pyproject.toml

# The tests on the lowest versions that the bounds allow, on the newest, and on each Python that this machine has.
matrix: $(VENV)/dev-ready
	.ci/matrix

# Known vulnerabilities of what the lock names. Only a found one is an error: the service cannot be reached from everywhere.
audit: $(VENV)/dev-ready
	@if said=$$($(BIN)/uv tool run --quiet $(AUDIT) --requirement requirements-dev.txt 2>&1); then echo "audited: $$said"; \
	elif echo "$$said" | grep -q '^Found [0-9]'; then echo "$$said"; exit 1; \
	else echo "not audited: $$(echo "$$said" | tail -n 1)"; fi

# Every change of the data since the newest tag has an entry in the changelog.
release-check: $(VENV)/ready
	@$(BIN)/cstocases validate --release
	@tag=$$(git describe --tags --abbrev=0 2>/dev/null); \
	if [ -n "$$tag" ]; then $(BIN)/python -m cstocases diff "git:$$tag" . --home . --changelog CHANGELOG.md; \
	else echo "no version is tagged yet, so there is nothing to compare the data with"; fi

# The files of a release, built from a clean tree and tried in empty environments, in dist/.
release: $(VENV)/dev-ready
	.ci/release

clean:
	rm -rf $(VENV) build dist

# The environment is that of the lock, to the byte; `make lock` renews it.
$(VENV)/ready: pyproject.toml requirements.txt | $(BIN)/python
	$(INSTALL) --require-hashes --requirement requirements.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# uv installs in seconds what takes pip a minute; uv itself comes from the same lock.
$(VENV)/dev-ready: pyproject.toml requirements-dev.txt | $(BIN)/python
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt >$(VENV)/uv.txt
	$(INSTALL) --require-hashes --requirement $(VENV)/uv.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements-dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(VENV)/ready $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
