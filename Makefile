# Two commands matter: `make demo` shows the main job, `make test` runs the checks. Both set up what they need.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

# What the tests run beside the product: real mail servers, a scanner, and the tool that rates the service unit.
SERVERS := dovecot postfix clamd systemd-analyze openssl chromium
PACKAGES := dovecot-core dovecot-imapd dovecot-lmtpd postfix clamav-daemon systemd openssl ca-certificates chromium

# Tests run on every core; JOBS=0 runs them one after the other in one process.
JOBS ?= logical
PYTEST := $(BIN)/pytest --numprocesses $(JOBS)

.PHONY: demo example check test prove coverage lint fmt types layers bench bench-scope bench-sections bench-fresh bench-alike train soak fuzz servers clean

demo: $(READY)
	$(BIN)/triaged demo

# Writes the digest of a made-up month in docs/ again. A test fails while the files there are not what the code writes.
example: $(READY)
	$(BIN)/python tests/support/month.py

check: $(READY) lint types layers
	$(PYTEST) -m "not slow and not prove"

test: $(READY) servers lint types layers
	$(PYTEST) -m "not prove"

# The walks through every case of a kind: each kill, each failing call of the disk, each long story; and the coverage.
prove: $(READY) servers coverage
	$(PYTEST) -m prove

# Of the tests that `make check` runs; it costs them two thirds more time, so they are not always run so. Less than before fails.
coverage: $(READY)
	$(PYTEST) -m "not slow and not prove" --cov --cov-report=term:skip-covered

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

fmt: $(READY)
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

bench: $(READY) servers
	$(BIN)/python bench/store.py
	$(BIN)/python bench/growth.py
	$(BIN)/python bench/poll.py
	$(BIN)/python bench/flow.py
	$(BIN)/python bench/duplicates.py
	$(BIN)/python bench/alike.py
	$(BIN)/python bench/digest.py
	$(BIN)/python bench/slow_mail.py
	$(BIN)/python bench/reading.py
	$(BIN)/python bench/words.py

# How well scopes are told apart, on labelled texts: DATA=FILE.jsonl, else $TRIAGED_DATA/scope-dev.jsonl.
DATA ?=

bench-scope: $(READY)
	$(BIN)/python bench/scope.py $(DATA)

# How well sections are found and asked for, on texts held out by whole sources, programmes and kinds.
bench-sections: $(READY)
	$(BIN)/python bench/sections.py

# How the mails of bench/fresh.jsonl are read, from which nothing was learned.
bench-fresh: $(READY)
	$(BIN)/python bench/fresh.py

# How often a flaw told twice is found again, and another one kept apart; then what a lookup costs.
bench-alike: $(READY)
	$(BIN)/python bench/alike.py

# The second reader's tables, learned anew from $TRIAGED_DATA: the same texts give the same bytes.
train: $(READY)
	$(BIN)/python bench/train.py

# Random kill -9 trials; prints its seed, and SEED=... takes one again.
TRIALS ?= 1000
SEED ?=

soak: $(READY) servers
	$(BIN)/python tests/support/soak.py $(TRIALS) $(SEED)

# Mutants of the golden mails through all of `explain`, for so many seconds on every core; SEED=... as above.
TIME ?= 600

fuzz: $(READY)
	$(BIN)/python tests/support/fuzz.py --seconds $(TIME) $(if $(SEED),--seed $(SEED))

# Made again when the dependencies change, and only then.
$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[demo]' --group dev
	touch $@

# As root on Debian the servers are installed (RUNLEVEL=1: but not started); elsewhere the tests that need them say so.
servers:
	@missing=; for program in $(SERVERS); do PATH="$$PATH:/usr/sbin:/sbin" command -v $$program >/dev/null || missing="$$missing $$program"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then echo "not installed:$$missing; the tests that need them are skipped"; exit 0; fi; \
	echo "installing$$missing"; \
	export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1; \
	apt-get update -qq && apt-get install -y -qq --no-install-recommends $(PACKAGES)

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
