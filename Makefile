# Two commands: make verify (the suite on embedded moto, ending in a report) and make test (rolecall's own tests).
# Both do all the set-up there is, and need no network once it is done.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
MINISTACK := $(VENV)/ministack/.ready
INPUTS := pyproject.toml constraints.txt

# Tests start Python some hundred times: without bytecode each start takes a third longer.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help verify test check bench clean

help: ## show what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

$(READY): $(INPUTS)
	@$(PYTHON) -c 'import sys; sys.exit("rolecall needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "setting up $(VENV) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# An emulator that nobody here wrote, which pins another botocore. Tests without it are skipped, and say so.
$(MINISTACK): tests/account/ministack.txt | $(READY)
	@$(PYTHON) -m venv $(VENV)/ministack
	@$(VENV)/ministack/bin/python -m pip install --quiet --disable-pip-version-check --requirement $< \
	  && touch $@ || echo "could not install MiniStack; the tests against it will skip" >&2

verify: $(READY) ## verify the chains under policies/ on embedded moto, and leave reports/index.html
	@$(BIN)/python -m pytest $(ARGS)

test: $(READY) $(MINISTACK) ## run rolecall's own tests (four workers: many wait more than they work)
	@$(BIN)/python -m pytest tests -n 4 --dist worksteal -q $(ARGS)

check: $(READY) ## ruff, ruff format, mypy strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(READY) ## measure, beside the peers that are installed
	@$(BIN)/python benchmarks/run.py

clean: ## remove the virtual environment and what runs leave
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find reports -mindepth 1 ! -name .gitkeep -delete
