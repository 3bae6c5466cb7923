# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
# Of bench-advisor and bench-access: a directory of another PostgreSQL's programs, and what else goes to them (ARGS=--help).
PG_BINARIES ?=
ARGS ?=
# This one measures: nothing may run beside it.
MEASURING := tests/test_audit_edfinance.py
.DEFAULT_GOAL := help
.PHONY: help demo test test-thorough check bench bench-advisor bench-access conformance fuzz clean

help: ## Show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

demo: .venv/installed ## Audit the sample application on an embedded PostgreSQL and prove what is recommended
	@$(BIN)/python -m examples.edfinance demo

test: .venv/installed ## Run the tests against a real embedded PostgreSQL, in ten minutes
	@$(BIN)/python -m pytest -n 3 --dist loadfile -m "not thorough" --ignore $(MEASURING)
	@$(BIN)/python -m pytest $(MEASURING)

test-thorough: .venv/installed ## The tests that take long: interruptions, deaths, migrations against the truth, samples
	@$(BIN)/python -m pytest -n 3 --dist loadfile -m thorough

check: .venv/installed ## Formatting, lint, types, import direction
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/installed ## Time each step of the audit and measure the recall of the embeddings
	@$(BIN)/python -m benchmarks

bench-advisor: .venv/bench ## Compare index advisors on TPC-H, TPC-DS and the sample, really built, and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks.advisor $(if $(PG_BINARIES),--programs $(PG_BINARIES)) $(ARGS)

bench-access: .venv/bench-access ## Compare the data layer with drivers and ORMs of Python and Node, and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks.access --page docs/benchmarks.md $(if $(PG_BINARIES),--programs $(PG_BINARIES)) $(ARGS)

conformance: .venv/installed ## Compare planner twins with their sources and write docs/twin-accuracy.md
	@$(BIN)/python -m pytest tests/conformance

fuzz: .venv/installed ## The property tests with other examples (SEED=n: those of a run again), and MINUTES=10 of texts for the parser
	@seed=$${SEED:-$$(date +%s)}; echo "SEED=$$seed"; export PGARCHITECT_TEST_SEED=$$seed; \
	  $(BIN)/python -m pytest -n 3 tests/test_access_nested_random.py tests/test_access_paths.py \
    tests/test_schema_difference_random.py tests/test_schema_ddl_interop.py -m "thorough or not thorough" && \
	  $(BIN)/python -m benchmarks.schema_fuzz $(or $(MINUTES),10) $$seed

clean: ## Remove the virtual environment and caches
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "pgarchitect needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "This Python has no venv module; on Debian and Ubuntu install it with: apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

.venv/bench: .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'
	@touch $@

.venv/bench-access: .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,bench-access]'
	@touch $@
