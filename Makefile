# `make` lists what there is. Two commands show the whole: `make demo`, then `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Further options for pip, such as an index that has the small CPU build of torch (README.md).
PIP_ARGS ?=
# Where the question sets and the first reader lie that recipe.toml names.
DATA ?= ../shared
# A file's tests stay together, since they share what is slow to make.
PYTEST = $(BIN)/python -m pytest --numprocesses 2 --dist loadfile
INSTALL = $(BIN)/python -m pip install -qq --constraint .ci/constraints.txt $(PIP_ARGS)

# The demo and the server share one store.
demo serve: export PINCITE_DATA ?= .demo
ANSWERED := When are the results of the kelp sequencing expected?
REFUSED := Who founded the Sandnes Marine Institute?

.PHONY: help setup demo serve test test-slow test-all check bench pictures train

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/installed  ## install Pincite and its tools into .venv (once)

$(VENV)/installed: pyproject.toml .ci/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Pincite needs Python 3.11 or newer; say which: make setup PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing into $(VENV): some minutes, most of them for torch"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --upgrade "pip>=26"
	@$(INSTALL) --editable ".[dev]"
	@touch $@

demo: setup  ## add three articles, ask a question that they answer and one that they do not
	@echo '$$ pincite add tests/data/articles'
	@$(BIN)/pincite add tests/data/articles
	@echo
	@echo '$$ pincite ask "$(ANSWERED)"'
	@$(BIN)/pincite ask "$(ANSWERED)"
	@echo '$$ pincite ask "$(REFUSED)"'
	@$(BIN)/pincite ask "$(REFUSED)" || test $$? -eq 1  # 1: the text does not hold the answer
	@echo "Ask your own:      $(BIN)/pincite --data $(PINCITE_DATA) ask \"...\""
	@echo "Ask in turns:      $(BIN)/pincite --data $(PINCITE_DATA) chat"
	@echo "In the browser:    make serve, then open http://127.0.0.1:8080"

serve: setup  ## start the server, and the chat page, on the demo's articles
	@$(BIN)/pincite serve

test: setup  ## run the tests that are quick
	@$(PYTEST) -m "not slow"

test-slow: setup  ## run the tests that are not: crashes, compiling, the page in a browser
	@.ci/browser
	@$(PYTEST) -m "slow and not long"

test-all: test test-slow  ## run every test, those too that take minutes each
	@$(PYTEST) -m long

check: setup  ## format, lint, types, import rules, docs
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest --quiet tests/test_docs.py

bench: setup  ## time a question against a plain script with the same models
	@$(INSTALL) --editable ".[bench]"
	@$(BIN)/python -m tests.benchmarks.ask

pictures: setup  ## draw the README's pictures of the page anew
	@.ci/browser
	@$(BIN)/python -m tests.browser.pictures

train: setup  ## make the reader anew, from DATA to its model card: some two hours
	@test -d "$(DATA)" || { echo \
	  "There is no folder $(DATA); say where the data lies: make train DATA=folder" >&2; exit 2; }
	@$(INSTALL) --editable ".[train]"
	@$(BIN)/python -m qa.training.train --data $(DATA) --out build/reader
	@$(BIN)/python -m qa.training.export build/reader
	@$(BIN)/python -m qa.training.fit_confidence --data $(DATA)
	@$(BIN)/python -m qa.training.measure --data $(DATA)
