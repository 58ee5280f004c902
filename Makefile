# Khảo Sát Số. `make help` lists what there is.
SHELL := /bin/sh
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .venv/bin/uv
RUN := .venv/bin

# Where the environment forbids bytecode (container images do), each start of the service compiles 3,000 modules again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast check fmt bench tools

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

setup: .venv/.done ## Virtual environment in .venv with the packages pinned in uv.lock

.venv/.done: pyproject.toml uv.lock
	@echo "Setting up .venv (Python packages as pinned in uv.lock) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11 run"; exit 1; }
	@test -x $(RUN)/python || $(PYTHON) -m venv .venv || { echo "Python lacks venv. On Debian: apt install python3-venv"; exit 1; }
	@test -x $(UV) || $(RUN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@VIRTUAL_ENV= $(UV) sync --frozen --extra cluster
	@touch .venv/.done

run: setup ## From a fresh machine to a filled service at http://127.0.0.1:8000
	@exec $(RUN)/khaosat serve --fill

tools: setup
	@sh tests/tools.sh

test: check tools ## Everything that CI checks: linters, types, floor plan, all tests
	@$(RUN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=25

test-fast: setup ## The quick tests only
	@$(RUN)/pytest -q -m "not slow and not browser"

check: setup ## Linter, formatter, types, floor plan
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/mypy
	@$(RUN)/lint-imports

fmt: setup ## Format the code
	@$(RUN)/ruff check --fix --quiet . ; $(RUN)/ruff format .

bench: setup ## Measure speed and memory beside plain numpy and the peers that are installed (svy, R survey)
	@$(RUN)/python -m tests.load.bench
