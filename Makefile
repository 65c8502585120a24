# The commands of this project. `make run` is all that a new machine needs: Python 3.11 or newer, and make.
#
#   make setup         install what running needs, and build the browser's files (done by the others when due)
#   make run           everything on this machine: PORT=8001 make run
#   make test          the tests: make test ARGS="tests/ledger -k redeem"
#   make test-nightly  many more histories of the ledger against its model
#   make test-mutations  take each guard of the database away in turn: make test-mutations ARGS="trigger ledger"
#   make check         style, types, architecture, templates, migrations, deployment settings
#   make bench-ledger  postings per second, as ratios: make bench-ledger ARGS=--json
#   make bench-statements  consolidated statements: make bench-statements ARGS="--lines 10000000"
#   make bench-reconciliation  statements of 100,000 lines read and matched
#   make bench-pages   server time, queries and bytes of the pages: make bench-pages ARGS=--json
#   make shots         a screenshot of every page, in both themes and sizes
#   make lock          resolve the dependencies anew
#   make clean         delete what all of these made, the embedded database included

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
export PORT

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: setup run test test-nightly test-mutations check bench-ledger bench-reconciliation bench-statements bench-pages shots lock clean packages packages-dev assets modules-dev

SHELL := /bin/sh
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
STAMPS := .venv/stamps
say = @echo "$(1)" >&2

# Node from the machine, if it is new enough for the bundler, or else from a wheel.
NODE := $(shell node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null && npm --version >/dev/null 2>&1 && command -v node)
# A browser for the tests, from the machine or else from npm.
CHROMIUM := $(shell command -v chromium 2>/dev/null)

ifeq ($(NODE),)
WITH_NODE := $(CURDIR)/$(BIN):
NODE_READY := $(STAMPS)/node
endif
NPM_CI := PATH="$(WITH_NODE)$$PATH" npm ci --ignore-scripts --no-progress --loglevel=error >/dev/null

STATIC_SOURCES := $(shell find static \( -path static/dist -o -path static/fonts \) -prune -o -type f -print)

# What running needs. Python's and npm's packages come in at the same time; collecting the files needs both.

setup:
	@$(MAKE) --no-print-directory --silent --jobs=2 packages assets
	@$(MAKE) --no-print-directory --silent var/static/.collected

packages: $(STAMPS)/packages ;
assets: static/dist/.built ;

$(STAMPS)/uv: requirements-uv.txt
	$(call say,Making .venv)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { echo "Python's venv module is missing; on Debian: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt >&2
	@mkdir -p $(STAMPS) && touch $@

INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r

$(STAMPS)/packages: requirements.txt $(STAMPS)/uv
	$(call say,Installing the Python packages)
	@$(INSTALL) requirements.txt >&2
	@touch $@

$(STAMPS)/node: requirements-node.txt $(STAMPS)/uv
	$(call say,Installing Node)
	@$(INSTALL) requirements-node.txt >&2
	@touch $@

node_modules/.installed: package-lock.json package.json $(NODE_READY)
	$(call say,Installing the npm packages)
	@$(NPM_CI) --omit=dev
	@touch $@

static/dist/.built: node_modules/.installed build.mjs $(STATIC_SOURCES)
	$(call say,Building the browser's files)
	@PATH="$(WITH_NODE)$$PATH" node build.mjs >&2
	@touch $@

var/static/.collected: static/dist/.built $(STAMPS)/packages network/settings.py
	$(call say,Collecting the static files)
	@$(MANAGE) collectstatic --noinput --clear --verbosity 0 >&2
	@touch $@

# What testing and checking need besides. Both include what running needs, and say so by its stamps.

packages-dev: $(STAMPS)/packages-dev ;
modules-dev: $(if $(CHROMIUM),node_modules/.installed,node_modules/.installed-dev) ;

$(STAMPS)/packages-dev: requirements-dev.txt requirements.txt $(STAMPS)/uv
	$(call say,Installing the Python packages for tests and checks)
	@$(INSTALL) requirements-dev.txt >&2
	@touch $(STAMPS)/packages $@

node_modules/.installed-dev: package-lock.json package.json $(NODE_READY)
	$(call say,Installing the npm packages and a browser for the tests)
	@$(NPM_CI)
	@touch node_modules/.installed $@

.PHONY: setup-dev
setup-dev:
	@$(MAKE) --no-print-directory --silent --jobs=2 packages-dev modules-dev
	@$(MAKE) --no-print-directory --silent setup

# The commands. `exec` makes the program, not a shell around it, the one that a signal reaches.

run: setup
	@exec $(MANAGE) run

test: setup-dev
	@$(BIN)/python -m pytest --numprocesses logical --dist loadfile $(ARGS)

test-nightly: setup-dev
	@CARETREE_SEEDS=200 $(BIN)/python -m pytest tests/ledger/machine $(ARGS)

test-mutations: setup-dev
	@$(BIN)/python -m tests.mutations $(ARGS)

check: setup-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 --check {} +
	@$(MANAGE) makemigrations --check --dry-run
	@BASE_URL=https://console.example.org $(MANAGE) check --deploy --fail-level WARNING

bench-ledger: setup
	@$(MANAGE) bench_ledger $(ARGS)

bench-reconciliation: setup
	@$(MANAGE) bench_reconciliation $(ARGS)

bench-statements: setup
	@$(MANAGE) bench_statements $(ARGS)

bench-pages: setup
	@$(MANAGE) bench_pages $(ARGS)

shots: setup-dev
	@$(MANAGE) shots $(ARGS)

LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header

lock: setup
	@$(LOCK) requirements-uv.in -o requirements-uv.txt
	@$(LOCK) requirements-node.in -o requirements-node.txt
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-dev.in -o requirements-dev.txt
	@PATH="$(WITH_NODE)$$PATH" npm update --package-lock-only --ignore-scripts
	@$(BIN)/python -c 'import json, pathlib; p = pathlib.Path("package-lock.json"); lock = json.loads(p.read_text()); \
		[entry.pop("funding", None) for entry in lock["packages"].values()]; p.write_text(json.dumps(lock, indent=2) + "\n")'

clean:
	@$(PYTHON) -m network.services --assert-idle
	@rm -rf .venv node_modules static/dist static/fonts var .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
