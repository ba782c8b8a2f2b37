# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := src tests tools benchmarks

.PHONY: demo test test-all check bench docs data law lock clean

demo: $(VENV)/demo.stamp
	$(BIN)/advalorem brief --countries CA,MX --as-of 2025-09-18 --out brief.html

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n 2

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

docs: $(VENV)/docs.stamp
	$(BIN)/sphinx-build -q -W --keep-going docs docs/_build

data: $(VENV)/dev.stamp
	$(BIN)/python tools/build_data.py
	$(BIN)/python tools/compile_tariff.py

law: $(VENV)/dev.stamp
	$(BIN)/python tools/compile_law.py
	$(BIN)/python tools/build_accrual.py
	$(BIN)/python tools/build_decided.py

lock:
	requirements/compile.sh

$(VENV)/%.stamp: requirements/%.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$*.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache docs/_build dist brief.html
