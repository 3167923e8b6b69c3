# Thin names for the commands in the README; everything works without make as `python -m insight`.
PYTHON ?= python3
# Compiled modules are kept, or each page would compile its libraries again.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
READY := .venv/.ready

.PHONY: reports test campaign benchmarks test-pandas2 lab check setup

reports: setup
	$(BIN)/python -m insight build
	$(BIN)/python -m insight run

# Two workers; the tests of one file stay together, because they share what takes long to make.
test: setup tests/browser/node_modules
	$(BIN)/python -m insight build
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Twenty rounds of ten batches to which everything happens; about half an hour. The short pass stands in `make test`.
campaign: setup
	$(BIN)/python -m insight build
	INSIGHT_CAMPAIGN=$${ROUNDS:-20} $(BIN)/python -m pytest -q -n 2 tests/campaign

# Ratios against the stock tools and a plain script, into benchmarks/results.md; best on an otherwise idle machine.
benchmarks: setup
	$(BIN)/python benchmarks/batch.py

# pandas 3 is locked; pandas 2.3 is allowed, and this shows that it works.
test-pandas2: setup
	test -x .venv-pandas2/bin/python || $(PYTHON) -m venv .venv-pandas2
	VIRTUAL_ENV=.venv-pandas2 $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	VIRTUAL_ENV=.venv-pandas2 $(BIN)/uv pip install --quiet "pandas>=2.3,<3"
	VIRTUAL_ENV=.venv-pandas2 $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	.venv-pandas2/bin/python -m insight build
	.venv-pandas2/bin/python -m pytest

# axe-core for the tests in a browser, which skip and say so where there is no npm or no Chromium.
tests/browser/node_modules: tests/browser/package-lock.json
	! command -v npm > /dev/null || npm ci --silent --prefix tests/browser
	! test -d $@ || touch $@

lab: setup
	$(BIN)/python -m jupyter lab --MultiKernelManager.default_kernel_name=insight \
		--KernelProvisionerFactory.default_provisioner_name=insight-warm notebooks

check: setup
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m pytest -q tests/contracts/test_notebooks.py

setup: $(READY)

# uv comes from the lock by pip, the rest from the lock by uv, then the project itself in place.
$(READY): requirements.lock pyproject.toml $(shell find share -type f)
	$(PYTHON) -c "import sys; sys.exit('insight needs Python 3.11 or newer' if sys.version_info < (3, 11) else 0)"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	awk '/^uv==/ {on=1} on {print} on && !/\\$$/ {exit}' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r .venv/uv.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --require-hashes requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	touch $(READY)
