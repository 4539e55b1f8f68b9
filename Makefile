# make demo: install, cost a shipped network on every part, and say where the report is
# make test: install what the tests need, then run them
# make validation: predict and measure what is not yet measured, and write docs/validation.md
# make notebooks: run the notebooks anew and keep what they show
PYTHON ?= python3
BIN := .venv/bin
FIND_CHROMIUM := chromium --version 2> /dev/null || google-chrome --version 2> /dev/null
FIND_NGSPICE := from costmodel.devices.spice.library import find; find()

.PHONY: demo test check performance validation notebooks clean

demo: .venv/core
	$(BIN)/costmodel report mnist-784-128-10 --out report.html

test: .venv/test .venv/nir-1.0.4 .venv/frameworks .venv/ngspice .venv/chromium check
	$(BIN)/pytest -n auto
	PYTHONPATH=.venv/nir-1.0.4 $(BIN)/pytest -o addopts=-q tests/nir_1_0_4
	PYTHONPATH=.venv/frameworks $(BIN)/pytest -o addopts=-q -n auto tests/frameworks

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

performance: .venv/test .venv/speed-peers .venv/chromium
	$(BIN)/pytest -o addopts="" tests/performance --benchmark-only
	PYTHONPATH=.venv/speed-peers $(BIN)/python -m tests.performance.runner_speed
	$(BIN)/python -m tests.performance.page_speed

validation: .venv/test
	$(BIN)/costmodel validate --threads 1 --out validation/measured/scoreboard --report docs/validation.md

notebooks: .venv/test
	$(BIN)/jupyter-execute --inplace notebooks/*.ipynb

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/core: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --editable . --constraint constraints.txt
	touch $@

.venv/test: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --editable ".[test,peers]" --constraint constraints.txt
	touch $@ .venv/core

# Sinabs 3 pins NIR 1.0.4, snnTorch 1.0 needs a later one: the pair lies over the other packages for its own tests.
.venv/nir-1.0.4: .venv/test
	$(BIN)/pip install --quiet --no-deps --upgrade --target $@ nir==1.0.4 nirtorch==2.0.2 sinabs==3.1.3
	touch $@

# Frameworks whose networks have to spike here as there, over the other packages: they ask for other torches, or for the internet.
.venv/frameworks: .venv/test
	$(BIN)/pip install --quiet --no-deps --upgrade --target $@ \
	  loguru==0.7.3 norse==1.1.0 rockpool==3.1.0 sinabs==3.1.3 spikingjelly==2.0.0
	touch $@

# libngspice, which SPICE runs on: the system's, or Debian's, installed, or without the right to do so unpacked where it is found.
.venv/ngspice: .venv/test
	$(BIN)/python -c "$(FIND_NGSPICE)" 2> /dev/null \
	  || { apt-get update -qq; apt-get install -qq -y libngspice0; } \
	  || { cd .venv && apt-get download libngspice0 && dpkg-deb -x libngspice0_*.deb package \
	       && cp package/usr/lib/*/libngspice.so.0* lib/; }
	$(BIN)/python -c "$(FIND_NGSPICE)"
	touch $@

# The browser that the report's page is tested in: the system's, or Debian's, or without the right to install it Playwright's own.
.venv/chromium: .venv/test
	{ $(FIND_CHROMIUM) || { apt-get update -qq && apt-get install -qq -y chromium && chromium --version; } \
	  || $(BIN)/playwright install chromium; } > /dev/null
	touch $@

# What the runner's speed is compared with, besides snnTorch. Norse is compiled against the torch that is installed: a minute.
.venv/speed-peers: .venv/test
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --upgrade --target $@ norse==1.0.0 spikingjelly==0.0.0.0.14
	touch $@

clean:
	rm -rf .venv build *.egg-info
