# Freshforce. `make` alone lists what can be made.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
READY := .venv/ready
# Tests wait for Kafka more than they compute: three at a time keep two cores busy; each has a Kafka of its own (1 GB).
WORKERS ?= 3

.PHONY: help venv demo run test lint format bench lock clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name says; do printf '  make %-8s %s\n' "$$name" "$$says"; done

venv: $(READY) ## Create the environment in .venv from the hashed lock

# Nothing but Python 3.11 or newer is needed. An interrupted installation leaves no `ready`, so it is made again.
$(READY): requirements-dev.lock pyproject.toml
	@python=''; for try in "$${PYTHON:-python3.11}" python3.11 python3.12 python3.13 python3; do \
	  if "$$try" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python="$$try"; break; fi; done; \
	if [ -z "$$python" ]; then echo 'Freshforce needs Python 3.11 or newer with venv (set PYTHON=/path/to/python3).' >&2; exit 1; fi; \
	echo "environment: $$("$$python" --version) in .venv"; \
	"$$python" -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## Show it all on this machine: FreshBooks sandbox, Kafka, Salesforce sandbox (ARGS=--keep)
	@$(BIN)/freshforce demo $(ARGS)

run: $(READY) ## Run Freshforce with the settings of the environment and .env (ARGS="--roles ingress")
	@$(BIN)/freshforce run $(ARGS)

test: lint ## The one definition of done: format, lint, types, contracts, tests
	@echo '── tests'
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)
	@echo '── all is well'

lint: $(READY) ## Format check, lint, types, import contracts
	@echo '── format'
	@$(BIN)/ruff format --check --quiet .
	@echo '── lint'
	@$(BIN)/ruff check --quiet .
	@echo '── types'
	@$(BIN)/mypy
	@echo '── import contracts'
	@$(BIN)/lint-imports --no-logo

format: $(READY) ## Format the code and mend what the linter can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(READY) ## Measure beside peers (NAME=ingress; without it: the list)
	@$(BIN)/freshforce bench $(NAME) $(ARGS)

lock: $(READY) ## Pin the newest versions that pyproject.toml allows, with hashes, for Python 3.11 to 3.13
	@$(BIN)/uv pip compile --quiet --universal --upgrade $(LOCK) --extra build -o requirements.lock pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --upgrade $(LOCK) --extra build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

LOCK := --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

clean: ## Remove the environment and caches; state (.freshforce) stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info build dist
	@find app streams tests -name __pycache__ -type d -prune -exec rm -rf {} +
