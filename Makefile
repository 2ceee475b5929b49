# `make simulate` and `make test` need Python 3.11 or newer and make, and nothing else: they make the environment
# themselves, from requirements.lock and with every package's hash checked.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:

# The first Python on this machine that is new enough; `make PYTHON=/path/to/python ...` says otherwise.
ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
ifndef PYTHON
PYTHON := $(shell for each in python3 python3.13 python3.12 python3.11 python; do \
	if $$each -c '$(ENOUGH)' >/dev/null 2>&1; then echo $$each; break; fi; done)
endif

VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := 0.13.9

.PHONY: simulate test test-fast check bench format messages lock setup clean

simulate: $(READY) ## the whole pool on 100,000 paths; workbook and tables in outputs/
	$(BIN)/alatau-fin simulate $(ARGS)

test: check ## everything: format, lint, types, all tests, on as many processes as cores
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

test-fast: check ## the same without the slow tests
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

check: $(READY) ## format, lint and types only
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY) ## what a scenario costs in our kernel, in numpy, in C and in PySAM; also outputs/bench.json
	$(BIN)/python -m benchmarks

format: $(READY) ## rewrite the code in the one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(READY) ## bring the Russian and Kazakh catalogues up to date with the texts of the code and the models
	$(BIN)/python -m tools.messages

setup: $(READY)

# Re-done when the lock changes. The stamp is written last, so that a set-up which was
# interrupted is done again from an empty folder.
$(READY): requirements.lock
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c '$(ENOUGH)'; then \
		echo "Python 3.11 or newer is needed; say where it is: make PYTHON=/path/to/python" >&2; exit 1; fi
	rm -rf $(VENV)
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

# One lock for Python 3.11 and newer on Linux, macOS and Windows. Keeps what is pinned unless UPGRADE is given:
# `make lock UPGRADE=--upgrade` or `UPGRADE="--upgrade-package numpy"`.
lock:
	"$(PYTHON)" -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	$(VENV)-lock/bin/uv pip compile --quiet --native-tls --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra dev $(UPGRADE) --output-file requirements.lock pyproject.toml
	rm -rf $(VENV)-lock

clean: ## leave only what is in git, and the outputs
	rm -rf $(VENV) $(VENV)-lock build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
