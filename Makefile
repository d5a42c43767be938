# `make` lists what there is. A machine needs Python >= 3.11 with venv, Rust >= 1.90 and a C compiler; everything else goes to .venv
# and rust/target.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
CARGO  := cargo
RUST   := --manifest-path rust/Cargo.toml --locked
# Development builds can be asked for their stub; the same features everywhere, or much would be built twice.
STUBS  := guard-python/stubs

export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# What maturin tells pyo3; told to cargo too, so that pyo3 is built once for the extension, clippy and the tests.
PYO3 = PYO3_BUILD_EXTENSION_MODULE=1 PYO3_CONFIG_FILE="$$(ls $(CURDIR)/rust/target/maturin/pyo3-config-*.txt | head -n 1)"
PIP  = $(PY) -m pip install --quiet --constraint requirements/constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo lab test check fuzz explore bench docs format lock clean develop release chromium check-rust check-python check-fresh test-rust test-python

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: release  ## judge real flights in the first notebook, without a screen
	@$(PY) notebooks/run_demo.py

# JupyterLab refuses root, who is the only user of many containers, unless it is told.
lab: release  ## JupyterLab on notebooks/
	$(PY) -m jupyterlab notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

test: test-rust test-python  ## the tests, and all that they need

check: check-rust check-python check-fresh  ## format, lint, types, licences, architecture, generated files

# SECONDS is the shell's own word.
FUZZ ?= 60
fuzz:  ## look for texts that break the language and bytes that break reading, for FUZZ=60 seconds each
	$(CARGO) run $(RUST) --package guard-engine --example fuzz_expressions -- $(FUZZ)
	$(CARGO) run $(RUST) --package guard-decode --example fuzz_decoders -- $(FUZZ)
	$(CARGO) run $(RUST) --package guard-ingest --example fuzz_sources -- $(FUZZ)
	$(CARGO) run $(RUST) --package guard-gate --example fuzz_gate -- $(FUZZ)

CASES ?= 2000
explore: develop  ## random contracts and rules against the oracle, CASES=2000 of each, new ones each time
	GUARD_NB_PROPERTY_CASES=$(CASES) $(PY) -m pytest -q tests/test_properties.py tests/test_expression_properties.py

bench: release $(VENV)/.bench  ## speed against peers, into docs/benchmarks.md
	$(PY) benchmarks/run.py

docs: develop  ## write the generated files again: stub, codes, Python reference
	$(PY) scripts/generate_stub.py
	$(PY) scripts/generate_docs.py

format: $(VENV)/.test  ## cargo fmt and ruff format
	$(CARGO) fmt --manifest-path rust/Cargo.toml --all
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix-only --quiet .

lock: $(VENV)/.made  ## newest versions of everything into requirements/constraints.txt and rust/Cargo.lock
	$(PY) scripts/lock.py
	$(CARGO) update --manifest-path rust/Cargo.toml

clean:  ## remove what was built
	rm -rf $(VENV) rust/target out dist build guard_nb/*.so .mypy_cache .ruff_cache .pytest_cache .hypothesis

check-rust: develop
	$(CARGO) fmt --manifest-path rust/Cargo.toml --all --check
	$(PYO3) $(CARGO) clippy $(RUST) --workspace --features $(STUBS) --all-targets -- -D warnings
	$(PY) scripts/licences.py

check-python: develop
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m mypy.stubtest guard_nb._native --ignore-disjoint-bases

check-fresh: develop
	$(PY) scripts/generate_stub.py --check
	$(PY) scripts/generate_docs.py --check
	$(PY) -m pytest -q tests/architecture

# The extension first: it leaves the configuration that PYO3 names.
test-rust: develop
	$(PYO3) $(CARGO) test $(RUST) --workspace --features $(STUBS)

test-python: develop chromium
	$(PY) -m pytest

develop: $(VENV)/.test
	$(VENV)/bin/maturin develop --quiet --locked --features stubs

release: $(VENV)/.demo
	@test -e guard_nb/_native.abi3.so || echo "compiling guard_nb: minutes the first time, seconds from then on"
	@$(VENV)/bin/maturin develop --quiet --locked --release

chromium:
	scripts/install_chromium.sh

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "guard_nb needs Python 3.11 or newer, and $(PYTHON) is older: make PYTHON=…")'
	@for tool in $(CARGO) cc; do command -v $$tool >/dev/null || { echo "guard_nb is compiled, and there is no $$tool: see README.md, \"Try it\"" >&2; exit 1; }; done
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml requirements/constraints.txt
	@echo "installing polars, JupyterLab and the data of the demo into $(VENV)"
	@$(PIP) $$($(PYTHON) scripts/requirements.py notebook demo | tr '\n' ' ')
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml requirements/constraints.txt
	$(PIP) $$($(PYTHON) scripts/requirements.py notebook demo test check | tr '\n' ' ')
	touch $@

$(VENV)/.bench: $(VENV)/.made pyproject.toml requirements/constraints.txt
	$(PIP) $$($(PYTHON) scripts/requirements.py bench | tr '\n' ' ')
	touch $@
