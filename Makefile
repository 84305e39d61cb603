# Two commands: `make demo` and `make test`. Both make the virtual environment first. What each target
# is for, and how long it takes: CONTRIBUTING.md.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml constraints.txt
OLDEST := .venv-oldest
STAGES := lint types unit model integration acceptance

# Tests that need no service of their own share the cores.
PYTEST := $(BIN)/pytest -q
PARALLEL := -n auto --maxprocesses 4 --dist worksteal

.PHONY: demo dev test $(STAGES) test-oldest catalog clean

demo: $(VENV)/.local
	@$(BIN)/python -m stripe_flows.cli.demo

dev: $(VENV)/.local
	@$(BIN)/stripe-flows dev

test: $(VENV)/.dev
	$(BIN)/python tools/run_stages.py $(MAKE) $(STAGES)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

unit: $(VENV)/.dev
	$(PYTEST) $(PARALLEL) tests/unit

# The journal's protocol, explored.
model: $(VENV)/.dev
	$(PYTEST) $(PARALLEL) tests/model

integration: $(VENV)/.dev
	$(PYTEST) tests/integration

acceptance: $(VENV)/.dev
	$(PYTEST) tests/acceptance

# The tests of one folder: make test-cli, test-simulator, test-journal. They are in a folder of that
# name, or their names begin with it (tests/integration/test_journal_begin.py). The sweeps through all
# operations and all known mistakes are left out.
test-%: $(VENV)/.dev
	@files="$$(find tests/unit tests/integration -type d -name '$*' ; \
	  find tests/unit tests/integration -name 'test_$*.py' -o -name 'test_$*_*.py')"; \
	[ -n "$$files" ] || { echo "there is no folder $* in tests/unit, and no file test_$*.py"; exit 2; }; \
	set -x; $(PYTEST) $(PARALLEL) -m "not sweep" $$files

# With the oldest versions of what we depend on; not part of `make test`.
test-oldest: $(OLDEST)/.dev
	$(OLDEST)/bin/pytest -q tests/unit tests/integration tests/acceptance/test_api.py \
	  tests/acceptance/test_cli.py

catalog: $(VENV)/.dev
	$(BIN)/python tools/make_catalog.py
	$(BIN)/python tools/make_objects.py
	$(BIN)/python tools/make_operations_page.py
	$(BIN)/python tools/make_stubs.py

clean:
	rm -rf $(VENV) $(OLDEST) .stripe-flows build dist *.egg-info

$(VENV)/bin/python $(OLDEST)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "stripe-flows needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "making a virtual environment in $(@D:/bin=), with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(@D:/bin=)

$(VENV)/.local: $(VENV)/bin/python $(SOURCES)
	@echo "installing stripe-flows and what it needs on one machine into $(VENV);" \
	  "this takes about half a minute, once ..."
	@$(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt -e '.[local]'
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python $(SOURCES)
	@echo "installing stripe-flows and what its tests need into $(VENV):" \
	  "$$(grep -c == constraints.txt) packages; this takes about a minute, once ..."
	@$(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.local

$(OLDEST)/.dev: $(OLDEST)/bin/python pyproject.toml constraints-oldest.txt
	@echo "installing stripe-flows and the oldest versions of what it needs into $(OLDEST);" \
	  "this takes about a minute, once ..."
	@$(OLDEST)/bin/pip install -qq --disable-pip-version-check -c constraints-oldest.txt -e '.[dev]'
	@touch $@
