# Four commands, each of which sets up what it needs: `make help`.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench

help:  ## what can be done
	@echo "make demo    the whole chain on real sounds, then a running site (ARGS=--check: run it, keep nothing, say yes or no)"
	@echo "make test    all tests; a second time on PostgreSQL and Redis where they answer on this machine"
	@echo "make check   style, types, import rules, migrations, JavaScript, the compose file"
	@echo "make bench   the measurements that the docs quote (minutes to an hour)"
	@echo "make setup   only the environment in .venv"

setup: .venv/.installed

.venv/.python:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is missing: install it (Debian: apt-get install python3 python3-venv), then try again."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); Earwitness needs Python 3.11 or newer. Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment: install its venv module (Debian: apt-get install python3-venv)."; exit 1; }
	@touch $@

.venv/.installed: .venv/.python requirements.txt requirements-nodeps.txt
	@echo "Installing the Python packages into .venv (2 GB with a CPU build of torch, several more with CUDA; minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt \
	  && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-nodeps.txt \
	  || { echo "The packages could not be installed. Is there a network, and room on the disk? What pip said stands above."; exit 1; }
	@touch $@

.venv/.tools: .venv/.installed requirements-dev.txt requirements-pdf.txt package-lock.json
	@echo "Installing the tools for checks and tests ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt \
	  || { echo "The tools could not be installed. What pip said stands above."; exit 1; }
	@$(BIN)/python -m tests.prepare node
	@touch $@

.venv/.browser: .venv/.tools
	@$(BIN)/python -m tests.prepare chromium
	@touch $@

demo: setup  ## the whole chain, then a running site
	@$(BIN)/python manage.py demo $(ARGS)

test: .venv/.browser  ## all tests
	@$(BIN)/python -m tests.run $(ARGS)

check: .venv/.tools  ## style, types, import rules, migrations, JavaScript, the compose file
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py check --fail-level WARNING
	@$(BIN)/python -m tests.prepare tsc
	@$(BIN)/python -m tests.prepare js
	@$(BIN)/python -m tests.prepare compose
	@echo "All checks passed."

bench: .venv/.browser  ## the measurements that the docs quote
	@$(BIN)/python -m benchmarks.run
