# Every target does the set-up that it needs: a machine with Python >= 3.11 is enough.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEV    := $(VENV)/.installed-dev
LINEAGE := build/index.html
ARGS   ?=
HOST   ?= 127.0.0.1
PORT   ?= 2718

export KEDRO_DISABLE_TELEMETRY := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test lint format engines app report lineage viz clean lock

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## make .venv with what a run on DuckDB needs (nothing to do when it is up to date)

setup-dev: $(DEV) ## add what tests, linting and the other engines need

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else f"Python 3.11 or newer is needed, {sys.executable} is {v.major}.{v.minor}: make PYTHON=python3.x")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(STAMP) requirements-dev.txt
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	@touch $@

run: setup ## simulate, repair, model and prove the classic week (ARGS='--params seed=7' goes to kedro run)
	$(BIN)/kedro run $(ARGS)

test: setup-dev ## run the tests, on all cores (ARGS goes to pytest)
	$(BIN)/pytest --numprocesses=logical --dist=loadscope --no-loadscope-reorder $(ARGS)

lint: setup-dev ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/marimo check --strict marimo_app.py

format: setup-dev ## mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

engines: setup-dev ## run SCENARIO (classic) on every engine that is here and compare the answers
	$(BIN)/kedro engines --scenario $(or $(SCENARIO),classic)

app: setup $(LINEAGE) ## open the control center (HOST=… PORT=…)
	$(BIN)/marimo run marimo_app.py --host $(HOST) --port $(PORT)

report: setup ## write what was published as one HTML file, to share (ARGS='--output report.html')
	$(BIN)/kedro report $(ARGS)

lineage: setup $(LINEAGE) ## draw the lineage graph for the control center

# drawn anew where pipelines or the catalog have changed since
$(LINEAGE): $(STAMP) $(shell find src/factory_simulation/pipelines conf/base -name '*.py' -o -name '*.yml')
	$(BIN)/kedro viz build

viz: setup ## show the lineage graph in the browser
	$(BIN)/kedro viz run

clean: ## remove what runs produced and the caches; .venv and conf/local stay
	rm -rf data/landing data/ground_truth data/warehouse data/reports data/serving data/logs .viz build
	rm -rf .pytest_cache .ruff_cache .mypy_cache .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

lock: setup-dev ## pin the dependency trees anew from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	printf 'duckdb==1.5.5\nsqlglot==30.16.0\n' > $(VENV)/constraints.txt
	$(call pin,build,requirements.txt)
	$(call pin,dev,requirements-dev.txt)

# $(1): the extra; $(2): the file, whose first line stays
define pin
( head -1 $(2); $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra $(1) \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header -c $(VENV)/constraints.txt \
  pyproject.toml ) > $(VENV)/pinned && mv $(VENV)/pinned $(2)
endef
