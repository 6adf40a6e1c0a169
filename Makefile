# Foretell: run, test, check. Needs python3 (3.11 or newer, with venv) and make; all else goes into .venv.

PYTHON ?= python3
WORKERS ?= 2
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RULES := logic/rules

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint check bench curves format schema vocabulary web lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp ## play the tutorial, then serve its cluster until interrupted (PORT=8000)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/tutorial/play.sh
	@rm -f $(VENV)/tutorial.db $(VENV)/tutorial.db-shm $(VENV)/tutorial.db-wal
	@echo
	@$(BIN)/foretell serve --store sqlite:///$(VENV)/tutorial.db --load tutorial=examples/tutorial/cluster.yaml \
		--port $(PORT) --log-format text

test: $(VENV)/dev.stamp ## run all tests (WORKERS=2)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: $(VENV)/dev.stamp ## check format, style, types, imports and rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	cd .links && ../$(BIN)/lint-imports --config ../pyproject.toml --cache-dir ../.import_linter_cache
	$(BIN)/python tools/lint_rules.py $(RULES)

check: lint test ## lint and test: what has to pass before a merge

bench: $(VENV)/dev.stamp ## run every benchmarks/bench_*.py
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

curves: $(VENV)/dev.stamp ## measure growth, memory and forecasts, and draw the curves in docs (CURVES="--limit 30")
	$(BIN)/python benchmarks/suite.py --json benchmarks/measured.json $(CURVES)
	$(BIN)/python benchmarks/draw.py benchmarks/measured.json docs

format: $(VENV)/dev.stamp ## format the code and mend what can be mended
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

schema: $(VENV)/run.stamp ## write api/schema.graphql anew
	$(BIN)/python -c 'from foretell.api.graphql.schema import schema_text; print(schema_text(), end="")' > api/schema.graphql

vocabulary: $(VENV)/run.stamp ## write docs/vocabulary.md anew
	$(BIN)/foretell rules --vocabulary > docs/vocabulary.md

web: ## build the playground page anew (needs node 20)
	npm ci --prefix web --no-audit --no-fund
	node web/build.mjs

# The versions in the lock files are kept where they still fit; UPGRADE=--upgrade takes the newest.
COMPILE = CUSTOM_COMPILE_COMMAND="make lock" .venv-lock/bin/pip-compile --quiet --generate-hashes --allow-unsafe \
	--strip-extras --build-deps-for editable --no-header --annotation-style line --no-emit-options \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(UPGRADE)

# The tests cover what is optional, too.
EXTRAS = --extra postgres --extra oidc --extra telemetry --extra dev

lock: ## pin the dependencies anew (UPGRADE=--upgrade)
	test -x .venv-lock/bin/pip-compile || $(PYTHON) -m venv --clear .venv-lock
	.venv-lock/bin/python -m pip install --quiet --quiet --disable-pip-version-check 'pip-tools>=7.6,<8'
	$(COMPILE) --output-file requirements/run.lock pyproject.toml
	$(COMPILE) $(EXTRAS) --constraint requirements/run.lock --output-file requirements/dev.lock pyproject.toml

clean: ## remove what the other targets made
	rm -rf $(VENV) .venv-lock build *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/run.stamp: requirements/run.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Foretell needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --quiet --quiet --require-hashes --requirement requirements/run.lock
	$(PIP) install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	$(PIP) install --quiet --quiet --require-hashes --requirement requirements/dev.lock
	@touch $@
