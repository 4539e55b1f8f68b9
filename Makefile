# make demo: install, cost a shipped network on every part, and say where the report is
# make test: install what the tests need, then run them
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check performance clean

demo: .venv/core
	$(BIN)/costmodel report mnist-784-128-10 --out report.html

test: .venv/test check
	$(BIN)/pytest -n auto

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

performance: .venv/test
	$(BIN)/pytest -o addopts="" tests/performance --benchmark-only

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/core: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --editable . --constraint constraints.txt
	touch $@

.venv/test: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --editable ".[test,peers]" --constraint constraints.txt
	touch $@ .venv/core

clean:
	rm -rf .venv build *.egg-info
